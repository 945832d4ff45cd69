"""What a pressed key or a texted reply means. Nothing but a person's own key or words are ever an answer (promise 3).

The words themselves stand in `escalation.words`, one file a language. A text is read in this order:

1. It is written plainly (`plain`): invisible signs out, keycaps and circled digits as digits, no case, no quotations,
   no signature of a telephone.
2. The code is taken out, then what is no key though it has a number in it (``5分钟``, ``10:30``).
3. The digits that are left are keys, the words are looked up. Exactly one answer, and nothing that speaks against it,
   is an answer; everything else is for a person to read.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from enum import StrEnum

import msgspec

from escalation.incident import Answer, Purpose
from escalation.words import ALL
from escalation.words.chinese import NUMERALS, SIMPLER


class Key(StrEnum):
    """The meaning of one key, in the menu of one purpose."""

    GO = "go"
    CANNOT = "cannot"
    THERE = "there"
    WELL = "well"  # the resident needs nothing
    CONFIRM = "confirm"  # the hand-off is taken
    REJECT = "reject"  # the hand-off is refused
    HEARD = "heard"  # news of the hand-off, or its end, was heard
    AGAIN = "again"
    NONE = "none"  # no key came in time
    NOT_UNDERSTOOD = "not_understood"


HANDOFF_PURPOSES = frozenset({Purpose.HANDOFF, Purpose.HANDOFF_UPDATE, Purpose.HANDOFF_CANCEL})
_RESPONDER = {"1": Key.GO, "2": Key.CANNOT, "3": Key.THERE, "*": Key.AGAIN}
_HANDOFF = {"1": Key.CONFIRM, "2": Key.REJECT, "*": Key.AGAIN}
_NEWS = {"1": Key.HEARD, "*": Key.AGAIN}
_VERIFY = {"1": Key.WELL, "2": Key.CANNOT, "*": Key.AGAIN}
_MENUS = {
    Purpose.HANDOFF: _HANDOFF,
    Purpose.HANDOFF_UPDATE: _NEWS,
    Purpose.HANDOFF_CANCEL: _NEWS,
    Purpose.VERIFY: _VERIFY,
}
_ANSWERS = {Key.GO: Answer.GO, Key.CANNOT: Answer.CANNOT, Key.THERE: Answer.THERE, Key.WELL: Answer.WELL}
_MOST_KEYS = 16


def meaning(purpose: Purpose, digits: str) -> Key:
    """What the keys pressed mean in the menu of that purpose; ``""`` = none came.

    A key that was pressed twice, or with the # that other menus want, is that key: ``11``, ``1#``, ``*1``.
    """
    pressed = unicodedata.normalize("NFKC", digits[:_MOST_KEYS]).strip()
    if not pressed:
        return Key.NONE
    keys = set(pressed) - {"#", "*", " "} or set(pressed) - {"#", " "}
    menu = _MENUS.get(purpose, _RESPONDER)
    return menu.get(keys.pop(), Key.NOT_UNDERSTOOD) if len(keys) == 1 else Key.NOT_UNDERSTOOD


def answer(key: Key) -> Answer | None:
    """The answer a responder's key gives; None where it gives none (again, none, not understood, hand-off keys)."""
    return _ANSWERS.get(key)


class Word(StrEnum):
    """What somebody texts who answers nothing."""

    STOP = "stop"  # wants no more texts
    HELP = "help"  # wants to know what this is


_STOPS = ("stop", "stopall", "stop all", "unsubscribe", "cancel", "end", "quit", "停止", "退订", "停", "td")
_HELPS = ("help", "info", "帮助", "怎么用")
_WORDS_ALONE = {**dict.fromkeys(_STOPS, Word.STOP), **dict.fromkeys(_HELPS, Word.HELP)}


def word(body: str) -> Word | None:
    """STOP or HELP, in whatever language, where the text says nothing else."""
    return _WORDS_ALONE.get(_only_words(plain(body)))


# ---------------------------------------------------------------- plain writing

LONGEST = 1600  # characters of one text message, however many segments; what is longer was sent by no telephone
_KEYCAP = re.compile("([0-9])\ufe0f?\u20e3")
_INVISIBLE = frozenset({"Cf", "Cs", "Me", "Mn", "Co", "Cn"})
_SIGNATURE = re.compile("|".join(pattern for words in ALL for pattern in words.signatures))
_QUOTED = re.compile(r"^[ \t]*[>》|].*$", re.MULTILINE)
_IN_BRACKETS = re.compile(r"【([^【】]{0,40})】")
_OF_AN_ANSWER = re.compile(r"[0-9\s]{1,12}")


def plain(body: str) -> str:
    """A text as it would stand in print: small simple letters and plain digits, without what nobody typed."""
    text = "".join(_plainly(c) for c in _KEYCAP.sub(r" \1 ", body[:LONGEST]))
    text = unicodedata.normalize("NFKC", text).casefold().translate(SIMPLER).replace("’", "'").replace("`", "'")
    text = _QUOTED.sub("", "".join(c for c in text[:LONGEST] if unicodedata.category(c) not in _INVISIBLE))
    text = _IN_BRACKETS.sub(_bracketed, text)
    found = _SIGNATURE.search(text)
    if found is None:
        return text.strip()
    before = text[: found.start()]
    return (before if before.strip() else text[found.end() :].partition("\n")[2]).strip()


def _plainly(c: str) -> str:
    """① and ㈠ as a digit by itself, the digits of every script as ours; ends of lines stay."""
    if c.isascii():
        return c if c.isprintable() or c == "\n" else " "
    kind = unicodedata.category(c)
    value = unicodedata.numeric(c, -1.0)
    if kind == "Nd":
        return str(int(value))
    if kind == "No" and value in range(10):
        return f" {int(value)} "
    return "\n" if kind in {"Zl", "Zp"} else " " if kind == "Cc" else c


def _bracketed(found: re.Match[str]) -> str:
    """【1】 and 【我去】 are an answer, 【中国移动】 and the name of a telephone are whose text it is."""
    inner = found[1].strip()
    return f" {inner} " if _OF_AN_ANSWER.fullmatch(inner) or inner in _SAID else " "


def _only_words(text: str) -> str:
    return " ".join("".join(c if unicodedata.category(c)[0] in "LN" else " " for c in text).split())


# ---------------------------------------------------------------- cries


def _any(patterns: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.MULTILINE)


_CRY = _any(pattern for words in ALL for pattern in words.cries)
_AMBULANCE = _any(pattern for words in ALL for pattern in words.ambulance)
_DENIED = _any(pattern for words in ALL for pattern in words.denied)
_MENTIONED = _any(pattern for words in ALL for pattern in words.mentioned)
_THIRD = _any(pattern for words in ALL for pattern in words.third)
_ONESELF = _any(pattern for words in ALL for pattern in words.oneself)


def cries_for_help(body: str) -> bool:
    """Whether a text from a resident's own telephone asks for help: too many are taken for it rather than too few."""
    text = _DENIED.sub(" . ", plain(body))
    return _CRY.search(text) is not None or _AMBULANCE.search(text) is not None


def calls_for_ambulance(body: str) -> bool:
    """Whether somebody in an open case says that the ambulance is needed, or what only it can help."""
    return _AMBULANCE.search(_DENIED.sub(" . ", _MENTIONED.sub(" . ", plain(body)))) is not None


def speaks_of_another(body: str) -> bool:
    """Whether it is about somebody else than the sender: ``她摔倒了``."""
    return _THIRD.search(plain(body)) is not None


def speaks_of_oneself(body: str) -> bool:
    """Whether the sender's own body is meant, whoever else is spoken of: ``我摔倒了``."""
    return _ONESELF.search(_DENIED.sub(" . ", plain(body))) is not None


# ---------------------------------------------------------------- replies


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """A text message, read. It is an answer only when both are there."""

    answer: Answer | None = None
    code: str | None = None


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """A reply with all that can be told of it.

    Attributes:
        answer: What it says, if it says one thing clearly.
        code: The code in it: one of those known, else the only number that could be one.
        by_key: The answer is a digit, as the menu has it.
        agrees: It is no more than a yes: an answer to a question, and to nothing else.
        done: It says that what was asked is done.
        more: There are words beside the answer that somebody should read.
        several: It names more than one code.
        ordered: Besides `done`, it names the ambulance: that can be meant of nothing else.
        off: It says that the ambulance does not come, as who has it would.
        fails: It says that who was on the way does not come, and nothing else.
        courtesy: It is no more than thanks, or an "OK".
    """

    answer: Answer | None = None
    code: str | None = None
    by_key: bool = False
    agrees: bool = False
    done: bool = False
    more: bool = False
    several: bool = False
    ordered: bool = False
    off: bool = False
    fails: bool = False
    courtesy: bool = False


class _Said(StrEnum):
    GO = "go"
    AGREE = "agree"
    CANNOT = "cannot"
    THERE = "there"
    DONE = "done"
    POLITE = "polite"
    DOUBT = "doubt"


# A code has four to eight digits: one digit alone can never be one.
_NUMBERS = re.compile(r"\d+", re.ASCII)
_CODE = re.compile(r"\d{4,8}", re.ASCII)
_BETWEEN = r"[\s.,·_/-]{0,3}"  # 37 83, 37-83
_MOST_CODES = 50
_DIGIT_ANSWERS = {"1": Answer.GO, "2": Answer.CANNOT, "3": Answer.THERE}
_WRITTEN_OUT = re.compile(f"[{''.join(NUMERALS)}]{{4,9}}")
_ONES = {one: digit for words in ALL for one, digit in words.ones.items()}
_ONE = re.compile(rf"(?<!\w)(?:{'|'.join(_ONES)})(?!\w)")
_TELEPHONE = _any(pattern for words in ALL for pattern in words.telephones)
_ORDERED = _any(pattern for words in ALL for pattern in words.ordered)
_CALLED_OFF = _any(pattern for words in ALL for pattern in words.called_off)
_FAILS = _any(pattern for words in ALL for pattern in words.fails)
_NAMES_IT = re.compile(r"ambulance|救护车")
_SPACES = re.compile(r"[ \t]+")
_OF_ME = re.compile(r"\b(?:i|we|my|me)\b|我")
_IS_WITH_HER = re.compile(r"陪|守着|照顾|在[她他](?:家|这|那|身|旁)|\b(?:with|beside|at|in) (?:her|him|his)\b")
_ASKS = re.compile(r"[?吗么]|是不是|有没有|\b(?:if|whether|unless)\b|如果|要是|万一")
_ANY_DONE = ALL[0].done[0]
_TIMES = _any(pattern for words in ALL for pattern in words.times)
_LONG_TIMES = _any(pattern for words in ALL for pattern in words.long_times)
_BY_THE_CLOCK = re.compile(r"[:分秒刻点钟会片]|min|sec|[ap]m\b|clock")  # not a floor, nor a room
_TAKEN_BACK = _any(pattern for words in ALL for pattern in words.taken_back)
_AGAINST = _any(pattern for words in ALL for pattern in words.against)
_NOT_THERE = _any(pattern for words in ALL for pattern in words.not_there)
_COMES = re.compile(r"^(?:能|可以?|会|就)?(?:到|来|赶到|赶来|过来|过去|到那|到她家|到他家)$")

_SAID: dict[str, _Said] = {
    word: said
    for said, field in (
        (_Said.POLITE, "polite"),
        (_Said.DOUBT, "doubt"),
        (_Said.DONE, "done"),
        (_Said.AGREE, "agree"),
        (_Said.GO, "go"),
        (_Said.THERE, "there"),
        (_Said.CANNOT, "cannot"),
    )
    for words in ALL
    for word in getattr(words, field)
}
_COURTESY = {_Said.POLITE, _Said.AGREE}
_TURNED = {_Said.GO: "(?![不没])", _Said.AGREE: "(?![不没])"}  # 我现在去不了 is no 我现在去
# Longest first, so that "can't go" is not read as "go" and 不去 not as 去; English words whole, and behind one
# look-behind for all of them: the matcher then passes by what none of them begins with.
_LONGEST_FIRST = sorted(_SAID, key=len, reverse=True)
_WORD = re.compile(
    "|".join(re.escape(word) + _TURNED.get(_SAID[word], "") for word in _LONGEST_FIRST if not word.isascii())
    + rf"|(?<![a-z'])(?:{'|'.join(re.escape(word) for word in _LONGEST_FIRST if word.isascii())})(?![a-z'])"
)
_ANSWER_OF = {
    _Said.GO: Answer.GO,
    _Said.AGREE: Answer.GO,
    _Said.CANNOT: Answer.CANNOT,
    _Said.THERE: Answer.THERE,
}


def parse_reply(body: str, known: Iterable[str] = ()) -> Reply:
    """Read a reply such as ``1 4821``, ``4821 1``, ``１，４８２１``, ``我去 4821`` or ``yes 4821``.

    Returns:
        Both fields for an answer; only ``code`` where the code is plain but the answer is not; neither otherwise. An
        answer without a code is reported as such (``answer`` set, ``code`` None).
    """
    reading = read(body, known)
    return Reply(answer=reading.answer, code=reading.code)


def read(body: str, known: Iterable[str] = ()) -> Reading:
    """Read a reply; see `Reading`.

    A key beside its own code stands, whatever friendly words are with it, as long as none of them speaks against it.
    Without a key every word has to be understood: a doubtful message is better read by a person than taken for
    somebody's promise to go.

    Args:
        body: As it came; of a longer one than any telephone sends only the beginning.
        known: The codes of the open incidents this sender was asked about: they may be split, or run together with the
            key.
    """
    text = _WRITTEN_OUT.sub(lambda found: "".join(NUMERALS[c] for c in found[0]), plain(body))
    codes, text = _take_codes(_TELEPHONE.sub(" ", text), list(known)[:_MOST_CODES])
    if len(codes) > 1:
        return Reading(several=True, more=True)
    code = codes[0] if codes else None
    whole = text
    text, ordered = _ORDERED.subn(f" {_ANY_DONE} ", text)
    text, too_long = _LONG_TIMES.subn(" ", text)
    in_time = any(_BY_THE_CLOCK.search(found[0]) for found in _TIMES.finditer(text))
    text = _TIMES.sub(" ", text)
    text = _ONE.sub(lambda found: f" {_ONES[found[0]]} ", text)
    keys = _NUMBERS.findall(text)
    said, left_over = _words(_NUMBERS.sub(" ", text), in_time=in_time)
    if set(keys) == {"3"}:
        said -= {_Said.AGREE}  # "3 ok"
    answers = {_DIGIT_ANSWERS.get(key) for key in keys} | {_ANSWER_OF[one] for one in said if one in _ANSWER_OF}
    asks = "?" in text and not (keys and code)
    doubtful = asks or _Said.DOUBT in said or bool(too_long) or None in answers or len(answers) > 1
    doubtful = doubtful or _is_spoken_against(whole, left_over, answers, in_time=in_time)
    found = None if doubtful or (left_over and not (keys and code)) else next(iter(answers), None)
    done = _Said.DONE in said and not (doubtful or left_over or keys)
    return Reading(
        answer=found,
        code=code,
        by_key=found is not None and bool(keys),
        agrees=found is Answer.GO and not keys and said & set(_ANSWER_OF) == {_Said.AGREE},
        done=done,
        ordered=done and (bool(ordered) or _NAMES_IT.search(whole) is not None),
        off=_CALLED_OFF.search(whole) is not None and _ASKS.search(whole) is None,
        fails=not set(keys) - {"2"} and _fails(whole),
        more=bool(left_over or ordered) or doubtful or found is None,
        courtesy=bool(said) and said <= _COURTESY and not (left_over or doubtful or keys),
    )


def _fails(text: str) -> bool:
    """Whether somebody plainly says of themselves that they do not come: no question, no yes, nobody else's no."""
    text = _SPACES.sub(" ", text)
    if _FAILS.search(text) is None or any(one.search(text) for one in (_ASKS, _NAMES_IT, _IS_WITH_HER)):
        return False
    if _THIRD.search(text) and _OF_ME.search(text) is None:
        return False  # 她不舒服,来不了
    said, _ = _words(_FAILS.sub(" . ", text), in_time=False)
    return not said & {_Said.GO, _Said.THERE}


def _is_spoken_against(text: str, left_over: str, answers: set[Answer | None], *, in_time: bool) -> bool:
    """Whether something beside an answer makes it doubtful, a key with its code as well.

    A no is never a yes, and a doubtful yes is asked for again: it costs a moment, and the desk reads it.
    """
    if "?" in text or _TAKEN_BACK.search(text):
        return True
    if Answer.GO in answers and _AGAINST.search(_AMBULANCE.sub(" ", left_over)):
        return True  # "she is not breathing" takes nothing back
    return Answer.THERE in answers and (in_time or _NOT_THERE.search(left_over) is not None)


def unjoined(reply: Reply) -> Reply | None:
    """``14821`` as ``1 4821``, for a code that no open incident has; None where it cannot be meant so."""
    code = reply.code
    if reply.answer is not None or code is None or not _CODE.fullmatch(code[1:]):
        return None
    meant = _DIGIT_ANSWERS.get(code[0])
    return None if meant is None else Reply(answer=meant, code=code[1:])


def _take_codes(text: str, known: list[str]) -> tuple[list[str], str]:
    """The codes in a text, and the text without them."""
    numbers = set(_NUMBERS.findall(text))
    meant = [code for code in known if code in numbers] or [
        code for code in known if re.search(rf"(?<!\d){_BETWEEN.join(code)}(?!\d)", text)
    ]
    if meant:
        for code in meant:
            text = re.sub(rf"(?<!\d){_BETWEEN.join(code)}(?!\d)", " ; ", text)
        return meant, text
    for code in known:  # 14821, 48211
        split = re.sub(rf"(?<!\d)(?:([123]){code}|{code}([123]))(?!\d)", r" \1\2 ", text)
        if split != text:
            return [code], split
    others = list(dict.fromkeys(number for number in _NUMBERS.findall(text) if _CODE.fullmatch(number)))
    return others, _NUMBERS.sub(lambda found: " ; " if _CODE.fullmatch(found[0]) else found[0], text)


def _words(text: str, *, in_time: bool) -> tuple[set[_Said], str]:
    """What is said in words, and what is left over that was not understood; empty where nothing is.

    With a time that is short, "to be there" is a promise: ``5分钟到``, ``there in 5 min``.
    """
    said = {_SAID[found] for found in _WORD.findall(text)}
    left = _WORD.sub(" ", text)
    bare = "".join(c for c in left if unicodedata.category(c)[0] in "LN")
    if in_time:
        if _COMES.match(bare):
            said, bare = said | {_Said.GO}, ""
        if _Said.THERE in said:
            said = (said - {_Said.THERE}) | {_Said.GO}
    return said, left if bare else ""
