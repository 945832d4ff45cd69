"""What alarmd says on the telephone: when a call is answered, and after each key."""

from __future__ import annotations

from enum import StrEnum

from escalation.incident import Purpose, Standing
from escalation.menu import HANDOFF_PURPOSES
from escalation.people import Candidate, Role
from escalation.texts import handing_over, phrases
from escalation.texts.facts import Facts, Spoken, Texts, may_know_access, may_know_health, standing_for


class Heard(StrEnum):
    """How the daemon took what a person answered, by key or by text message."""

    GO = "go"  # accepted: details follow
    CANNOT = "cannot"
    THERE = "there"
    TAKEN = "taken"  # somebody else is on the way, this person need not go
    CLOSED = "closed"  # the incident is over
    NOT_UNDERSTOOD = "not_understood"
    NO_CODE = "no_code"  # a text message without a code
    UNKNOWN_CODE = "unknown_code"  # a code of no open incident, or not asked of this person
    WELL = "well"  # the resident needs nothing
    HANDED_OVER = "handed_over"
    REJECTED = "rejected"
    STOP = "stop"  # wants no more texts
    HELP = "help"  # wants to know what this is
    SAY_HELP = "say_help"  # a resident who texts something else: the desk reads it
    WHICH = "which"  # an answer without a code, from somebody who was asked about several alarms
    PASSED_ON = "passed_on"  # no answer: the desk reads it
    AMBULANCE = "ambulance"  # words that call for the ambulance: it is being handed over
    NO_CASE = "no_case"  # nothing is open for this number
    BY_KEY = "by_key"  # too many wrong codes came from this number: only a key pressed in our call counts


_TO_THE_RESIDENT = {
    Heard.WELL: phrases.mark("Good to hear that you are well."),
    Heard.CANNOT: phrases.mark("We have understood that you need help. We are asking somebody to come to you."),
}


def opening(
    purpose: Purpose, facts: Facts, who: Candidate, texts: Texts, *, standing: Standing = Standing.ASKED
) -> Spoken:
    """What is said when the call is answered, and again after ``*``.

    Args:
        purpose: Why it was placed.
        facts: What is known; the hearer is told only what they need.
        who: Whom it is for.
        texts: Their language.
        standing: How they stand to the incident now.
    """
    said = _greeting(facts, texts)
    if facts.closed and purpose not in {Purpose.HANDOFF_CANCEL, Purpose.VERIFY}:
        return _closing([*said, _said_back(Heard.CLOSED, facts, who, texts)], texts)
    if purpose in HANDOFF_PURPOSES:
        if purpose is Purpose.HANDOFF and who.role is Role.DESK:
            said.append(texts.gettext("Please call the ambulance now and pass on what follows."))
        said += handing_over.spoken(facts, texts)
        if purpose is Purpose.HANDOFF and who.role is not Role.DESK:
            said += [
                texts.gettext("I repeat, please compare what you wrote down:"),
                *handing_over.read_back(facts, texts),
            ]
        return _with_menu(said, _handoff_menu(purpose, who, texts), texts)
    if purpose in {Purpose.TAKEN, Purpose.CLOSED}:
        heard = Heard.CLOSED if purpose is Purpose.CLOSED else Heard.TAKEN
        return _closing([*said, _said_back(heard, facts, who, texts)], texts)
    if purpose in _OTHER_OPENINGS:
        return _OTHER_OPENINGS[purpose](said, facts, texts)
    said += _what_and_where(purpose, facts, texts)
    said += phrases.doubts(facts, texts)
    if purpose is Purpose.AFTERCARE:
        said += phrases.coming(facts, texts)
        said.append(texts.gettext("Nobody has closed this alarm yet. Please ask how things are, then close it."))
        return _closing(said, texts)
    if who.role is Role.DESK or purpose is Purpose.DETAILS:
        said += _private(facts, who, texts, standing_for(purpose, standing))
    elif who.has_key and not phrases.is_elsewhere(facts):
        said.append(texts.gettext("You have a key."))
    return _with_menu(said, _responder_menu(purpose, facts, who, texts), texts)


def answer(
    heard: Heard,
    purpose: Purpose,
    facts: Facts,
    who: Candidate,
    texts: Texts,
    *,
    standing: Standing = Standing.ASKED,
) -> Spoken:
    """What is said after a key.

    Args:
        heard: How the key was taken.
        purpose: Why the call was placed.
        facts: What is known now, after the answer.
        who: Who pressed.
        texts: Their language.
        standing: How they stand to the incident now, after the answer.
    """
    if heard is Heard.NOT_UNDERSTOOD and purpose is Purpose.VERIFY:
        return _verifying([texts.gettext("This key means nothing here.")], facts, texts)
    if heard is Heard.NOT_UNDERSTOOD:
        said = [texts.gettext("This key means nothing here.")]
        return _with_menu(said, _menu(purpose, facts, who, texts), texts)
    if heard is Heard.GO and who.role is not Role.DESK:
        going = standing_for(Purpose.DETAILS, standing)
        place = phrases.spoken_place(facts, texts)
        said = [texts.gettext("Thank you for going."), *place, *_private(facts, who, texts, going)]
        return _with_menu(said, _on_the_way_menu(facts, texts), texts, bye=texts.gettext("Thank you, and good-bye."))
    return _closing([_said_back(heard, facts, who, texts)], texts)


def unknown_call(texts: Texts) -> Spoken:
    """What is said when nobody knows any more why the call was placed."""
    return _closing([texts.gettext("This call is no longer needed.")], texts)


def test_call(texts: Texts) -> Spoken:
    """What an installer hears who asked for a call."""
    said = texts.gettext("This is a test call. Nobody is in danger, and there is nothing to do.")
    return _closing([texts.gettext("This is the alarmd care line."), said], texts)


def reply(
    heard: Heard, texts: Texts, *, facts: Facts | None = None, who: Candidate | None = None, desk: str = ""
) -> str:
    """What is answered by SMS to a text message that came in; empty = nothing (the `Purpose.DETAILS` message follows).

    Args:
        heard: How the message was taken.
        texts: The sender's language.
        facts: The incident's, where the code named one.
        who: The sender, where known.
        desk: The desk's number, for who wants to be taken off the list.
    """
    if heard in {Heard.STOP, Heard.HELP}:
        return texts.gettext("alarmd: ") + _about(heard, desk, texts)
    if heard is Heard.GO and who is not None and who.role is not Role.DESK:
        return ""
    return texts.gettext("alarmd: ") + _said_back(heard, facts, who, texts)


def _said_back(heard: Heard, facts: Facts | None, who: Candidate | None, texts: Texts) -> str:
    code = facts.code if facts is not None else ""
    sentences = {
        Heard.GO: texts.gettext("Thank you. It is yours now; please close it when it is done."),
        Heard.CANNOT: texts.gettext("Understood. We are asking others."),
        Heard.THERE: texts.gettext("Thank you for being there. Please call if more help is needed."),
        Heard.TAKEN: texts.gettext("Somebody else is already on the way. You need not go. Thank you!"),
        Heard.CLOSED: texts.gettext("This alarm is already closed. Thank you!"),
        Heard.NOT_UNDERSTOOD: _how_to_answer(code, texts),
        Heard.NO_CODE: texts.gettext("The code is missing. Reply with 1, 2 or 3 and the code in our text message."),
        Heard.WHICH: texts.gettext(
            "Several alarms are open, so we cannot tell which you mean. Reply with 1, 2 or 3 and the code in the text "
            "message of that alarm. The desk has been told."
        ),
        Heard.PASSED_ON: texts.gettext("The desk has been sent your words."),
        Heard.AMBULANCE: texts.gettext("The desk has been sent your words, and the ambulance is being asked for."),
        Heard.NO_CASE: texts.gettext("No alarm is open for you now. In an emergency, call the emergency number."),
        Heard.UNKNOWN_CODE: texts.gettext("No open alarm has this code for you. Please check the code we sent you."),
        Heard.BY_KEY: texts.gettext(
            "Several wrong codes came from your number, so texts do not count any more. "
            "We call you now: please answer with a key. The desk has read your text."
        ),
        Heard.WELL: texts.gettext("Good to hear that you are well."),
        Heard.HANDED_OVER: texts.gettext("Thank you. The hand-off is confirmed."),
        Heard.REJECTED: texts.gettext("Understood, you cannot take it. We are asking elsewhere."),
        Heard.STOP: texts.gettext("Noted. In an emergency you are still called."),
        Heard.HELP: texts.gettext(
            "We text and call you when somebody near you needs help. Reply with the number and the code of our text."
        ),
        Heard.SAY_HELP: texts.gettext(
            "The desk has been sent your words. If you need help, press your button, or text us HELP."
        ),
    }
    name = _someone(facts, who)
    if heard in {Heard.PASSED_ON, Heard.AMBULANCE} and code and who is not None and who.role not in _NOT_ASKED_TO_GO:
        return sentences[heard] + ("" if texts.language.startswith("zh") else " ") + _reply_with(code, texts)
    if who is not None and who.role is Role.RESIDENT and heard in _TO_THE_RESIDENT:
        return texts.gettext(_TO_THE_RESIDENT[heard])
    if heard is Heard.TAKEN and not name and facts is not None and any(one.desk for one in facts.coming):
        return texts.gettext("The desk has taken it. You need not go. Thank you!")
    if heard is Heard.TAKEN and name:
        return texts.gettext("{name} is already on the way. You need not go. Thank you!").format(name=name)
    return sentences[heard].format(code=code)


_NOT_ASKED_TO_GO = frozenset({Role.RESIDENT, Role.DESK, Role.DISPATCH})


def _how_to_answer(code: str, texts: Texts) -> str:
    """What to type: the code of the person's own alarm, or none at all."""
    if not code:
        return texts.gettext("Not understood. Reply with 1, 2 or 3 and the code in our text message.")
    return texts.gettext(
        'Not understood. Reply "1 {code}" = I go, "2 {code}" = I cannot, "3 {code}" = I am there.'
    ).format(code=code)


def _reply_with(code: str, texts: Texts) -> str:
    return texts.gettext('Reply "1 {code}" = I go, "2 {code}" = I cannot, "3 {code}" = I am there.').format(code=code)


def _about(heard: Heard, desk: str, texts: Texts) -> str:
    said = _said_back(heard, None, None, texts)
    off = (
        texts.gettext("To be taken off the list, ring {phone}.").format(phone=desk)
        if desk
        else texts.gettext("To be taken off the list, tell your care service.")
    )
    return f"{said} {off}" if texts.language.startswith("en") else f"{said}{off}"


def _verifying(said: list[str], facts: Facts, texts: Texts) -> Spoken:
    """Asked of the resident, with the safe answer as the one that needs no key; nothing about them is said."""
    del facts
    question = texts.gettext("A device in your home has noticed something unusual. Are you well?")
    keys = texts.gettext("If all is well, press 1. If you need help, press 2. To hear this again, press star.")
    return Spoken(
        language=texts.language,
        say=(*said, question, keys),
        menu=True,
        again=texts.gettext("No key was pressed."),
        bye=texts.gettext("We did not hear a key, so we are asking somebody to look after you. Goodbye."),
    )


def _someone(facts: Facts | None, who: Candidate | None) -> str:
    if facts is None:
        return ""
    others = (one for one in facts.coming if not one.desk and (who is None or one.id != who.id))
    return next((one.name for one in others), "")


def _greeting(facts: Facts, texts: Texts) -> list[str]:
    said = [texts.gettext("This is the alarmd care line.")]
    if facts.drill:
        said.append(texts.gettext("This is a drill. Nobody is in danger."))
    return said


def _what_and_where(purpose: Purpose, facts: Facts, texts: Texts) -> list[str]:
    who, what = phrases.who(facts, texts), phrases.what(facts, texts)
    waits = purpose is Purpose.AGAIN
    if facts.away is None:
        sentence = texts.gettext("{who} {what}. The address is {address}.")
        if waits:
            sentence = texts.gettext("{who} is still waiting for you. The address is {address}.")
        return [sentence.format(who=who, what=what, address=phrases.where(facts, texts))]
    sentence = texts.gettext("{who} is still waiting for you.") if waits else texts.gettext("{who} {what}.")
    return [sentence.format(who=who, what=what), *phrases.spoken_place(facts, texts)]


def _read_out(said: list[str], facts: Facts, texts: Texts) -> Spoken:
    """The words somebody wrote, to a desk whose telephone takes no texts."""
    words = texts.gettext("{by} writes about {who}: {words}").format(
        by=facts.by, who=phrases.who(facts, texts), words=facts.words
    )
    return _closing([*said, words, *phrases.spoken_place(facts, texts)], texts)


_OTHER_OPENINGS = {Purpose.VERIFY: _verifying, Purpose.SAID: _read_out}


def _private(facts: Facts, who: Candidate, texts: Texts, standing: Standing) -> list[str]:
    said = phrases.way_in(facts, texts) if may_know_access(who, standing) else []
    if may_know_health(who, facts, standing):
        said += phrases.health(facts, texts)
    return said + phrases.coming(facts, texts, but=who.id)


def _menu(purpose: Purpose, facts: Facts, who: Candidate, texts: Texts) -> list[str]:
    if purpose in HANDOFF_PURPOSES:
        return _handoff_menu(purpose, who, texts)
    return _responder_menu(purpose, facts, who, texts)


def _responder_menu(purpose: Purpose, facts: Facts, who: Candidate, texts: Texts) -> list[str]:
    if who.role is Role.DESK:
        return [texts.gettext("To take this alarm, press 1. If you cannot, press 2. To hear this again, press star.")]
    if purpose is Purpose.DETAILS:
        return _on_the_way_menu(facts, texts)
    if purpose is Purpose.AGAIN:
        return [
            texts.gettext(
                "If you are there, press 3. If you are still on the way, press 1. If you cannot come, press 2. "
                "To hear this again, press star."
            )
        ]
    return [texts.gettext("If you can go now, press 1. If you cannot, press 2. To hear this again, press star.")]


def _on_the_way_menu(facts: Facts, texts: Texts) -> list[str]:
    return [
        texts.gettext("When you are there, reply to our text message with 3 and the code {code}.").format(
            code=phrases.spelled(facts.code)
        ),
        texts.gettext(
            "If you are there already, press 3. If you cannot go after all, press 2. To hear this again, press star."
        ),
    ]


def _handoff_menu(purpose: Purpose, who: Candidate, texts: Texts) -> list[str]:
    if purpose is Purpose.HANDOFF and who.role is Role.DESK:
        return [
            texts.gettext(
                "When the ambulance has taken it, press 1, or reply to our text message with 1 and the code. "
                "If you cannot, press 2. To hear this again, press star."
            )
        ]
    if purpose is Purpose.HANDOFF:
        return [
            texts.gettext(
                "If it is right and you take over, press 1. If you cannot, press 2. To hear this again, press star."
            )
        ]
    return [texts.gettext("To confirm that you heard this, press 1. To hear this again, press star.")]


def _with_menu(said: list[str], menu: list[str], texts: Texts, *, bye: str = "") -> Spoken:
    return Spoken(
        language=texts.language,
        say=(*said, *menu),
        menu=True,
        again=texts.gettext("No key was pressed."),
        bye=bye or texts.gettext("We did not hear a key. We will call again or ask somebody else. Goodbye."),
    )


def _closing(said: list[str], texts: Texts) -> Spoken:
    return Spoken(language=texts.language, say=(*said, texts.gettext("Goodbye.")))
