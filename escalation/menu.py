"""What a pressed key or a texted reply means. Nothing but a person's own key or code is ever an answer (promise 3)."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum

import msgspec

from escalation.incident import Answer, Purpose


class Key(StrEnum):
    """The meaning of one key, in the menu of one purpose."""

    GO = "go"
    CANNOT = "cannot"
    THERE = "there"
    WELL = "well"  # the resident needs nothing
    CONFIRM = "confirm"  # the hand-off is taken
    REJECT = "reject"  # the hand-off is refused
    AGAIN = "again"
    NONE = "none"  # no key came in time
    NOT_UNDERSTOOD = "not_understood"


HANDOFF_PURPOSES = frozenset({Purpose.HANDOFF, Purpose.HANDOFF_UPDATE, Purpose.HANDOFF_CANCEL})
_RESPONDER = {"1": Key.GO, "2": Key.CANNOT, "3": Key.THERE, "*": Key.AGAIN}
_HANDOFF = {"1": Key.CONFIRM, "2": Key.REJECT, "*": Key.AGAIN}
_VERIFY = {"1": Key.WELL, "2": Key.CANNOT, "*": Key.AGAIN}
_ANSWERS = {Key.GO: Answer.GO, Key.CANNOT: Answer.CANNOT, Key.THERE: Answer.THERE, Key.WELL: Answer.WELL}


def meaning(purpose: Purpose, digits: str) -> Key:
    """What the keys pressed mean in the menu of that purpose; ``""`` = none came."""
    pressed = digits.strip()
    if not pressed:
        return Key.NONE
    menu = _HANDOFF if purpose in HANDOFF_PURPOSES else _VERIFY if purpose is Purpose.VERIFY else _RESPONDER
    return menu.get(pressed, Key.NOT_UNDERSTOOD)


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
_CRY = re.compile(
    r"\b(help|sos|emergency|ambulance|mayday|911|999|112)\b|救命|救我|救救|求救|求助|帮帮我|帮我|来人|快来|摔倒|摔了|(?<!\d)120(?!\d)",
    re.ASCII,
)


def word(body: str) -> Word | None:
    """STOP or HELP, in whatever language, where the text says nothing else."""
    return _WORDS_ALONE.get(_PUNCTUATION.sub(" ", unicodedata.normalize("NFKC", body).casefold()).strip())


def cries_for_help(body: str) -> bool:
    """Whether a text from a resident's own telephone asks for help: too many are taken for it rather than too few."""
    return _CRY.search(unicodedata.normalize("NFKC", body).casefold()) is not None


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """A text message, read. It is an answer only when both are there."""

    answer: Answer | None = None
    code: str | None = None


# A code has four to eight digits: one digit alone can never be one.
_NUMBERS = re.compile(r"\d+")
_CODE = re.compile(r"\d{4,8}")
_DIGIT_ANSWERS = {"1": Answer.GO, "2": Answer.CANNOT, "3": Answer.THERE}
_PUNCTUATION = re.compile(r"[\s,.;:!?、。=\"“”‘「」()<>【】\-–—_/]+")
_WORDS: dict[str, Answer | None] = {
    **dict.fromkeys(
        ("去不了", "去不成", "来不了", "来不成", "不能去", "不去", "不行", "没空", "不方便", "不在家"), Answer.CANNOT
    ),
    **dict.fromkeys(("cannot", "cant", "can't", "no", "unable", "not going", "not coming", "don't go"), Answer.CANNOT),
    **dict.fromkeys(("can't go", "cannot go", "can't come", "cannot come", "no go"), Answer.CANNOT),
    **dict.fromkeys(
        ("我到了", "已到", "已经到了", "到了", "到达", "arrived", "here", "there", "i'm there"), Answer.THERE
    ),
    **dict.fromkeys(
        ("马上去", "这就去", "马上到", "马上来", "快到了", "在路上", "去", "来了", "能去", "可以"), Answer.GO
    ),
    **dict.fromkeys(("好的", "好", "行", "我来", "go", "going", "yes", "ok", "okay", "coming", "can go"), Answer.GO),
    # Said along with an answer, and none by itself.
    **dict.fromkeys(
        ("我", "您好", "你好", "谢谢", "回复", "回", "i", "i'm", "i'll", "am", "will", "please", "reply", "code"), None
    ),
}
# Longest first, so that "can't go" is not read as "go" and 不去 not as 去; English words whole.
_WORD = re.compile(
    "|".join(
        rf"\b{re.escape(word)}\b" if word.isascii() else re.escape(word)
        for word in sorted(_WORDS, key=len, reverse=True)
    ),
    re.ASCII,
)


def parse_reply(body: str) -> Reply:
    """Read a reply such as ``1 4821``, ``4821 1``, ``１，４８２１``, ``我去 4821`` or ``yes 4821``.

    Strict on purpose: exactly one code and exactly one answer, nothing left over. A doubtful message is better asked
    again than taken for somebody's promise to go.

    Returns:
        Both fields for an answer; only ``code`` where the code is plain but the answer is not; neither otherwise. An
        answer without a code is reported as such (``answer`` set, ``code`` None) so that the code can be asked for.
    """
    text = unicodedata.normalize("NFKC", body).casefold().replace("’", "'")
    numbers = _NUMBERS.findall(text)
    codes = {n for n in numbers if _CODE.fullmatch(n)}
    code = codes.pop() if len(codes) == 1 else None
    if codes:
        return Reply()
    return Reply(answer=_read_answer(_NUMBERS.sub(" ", text), [n for n in numbers if n != code]), code=code)


def unjoined(reply: Reply) -> Reply | None:
    """``14821`` as ``1 4821``, for a code that no open incident has; None where it cannot be meant so."""
    code = reply.code
    if reply.answer is not None or code is None or not _CODE.fullmatch(code[1:]):
        return None
    meant = _DIGIT_ANSWERS.get(code[0])
    return None if meant is None else Reply(answer=meant, code=code[1:])


def _read_answer(words: str, digits: list[str]) -> Answer | None:
    found = {_DIGIT_ANSWERS.get(d) for d in digits} | _read_words(words)
    if len(found) != 1:
        return None
    return found.pop()


def _read_words(words: str) -> set[Answer | None]:
    """The answers said in words; None among them where something is left over that was not understood."""
    found = {_WORDS[word] for word in _WORD.findall(words)} - {None}
    left_over = _PUNCTUATION.sub("", _WORD.sub("", words))
    return {*found, None} if left_over else set(found)
