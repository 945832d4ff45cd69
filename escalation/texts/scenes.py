"""What alarmd says on the telephone: when a call is answered, and after each key."""

from __future__ import annotations

from enum import StrEnum

from escalation.incident import Purpose, Standing
from escalation.menu import HANDOFF_PURPOSES
from escalation.people import Candidate, Role
from escalation.texts import handing_over, menus, phrases
from escalation.texts.facts import (
    STAYS_WHERE_THEY_ARE,
    Facts,
    Spoken,
    Texts,
    may_know_access,
    may_know_health,
    standing_for,
    took_it,
)


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
    CONFIRMED_BEFORE = "confirmed_before"  # by another
    REJECTED = "rejected"
    REJECTED_LATE = "rejected_late"  # another has it by now
    NOTED = "noted"  # news of the hand-off was heard
    CALLED_OFF = "called_off"  # the hand-off was taken back meanwhile
    NOT_NEEDED = "not_needed"  # the call is not needed any more
    STOP = "stop"  # wants no more texts
    HELP = "help"  # wants to know what this is
    SAY_HELP = "say_help"  # a resident who texts something else: the desk reads it
    WHICH = "which"  # an answer without a code, from somebody who was asked about several alarms
    WHICH_UNREAD = "which_unread"  # the same, and nobody at the desk can read it
    PASSED_ON = "passed_on"  # no answer: the desk reads it
    PASSED_TO_THEM = "passed_to_them"  # the desk's own words, that nobody else there can read: who goes reads them
    KEPT = "kept"  # the same, and nobody goes
    ON_RECORD = "on_record"  # no answer, and nobody at the desk can read it
    AMBULANCE_ASKED = "ambulance_asked"  # as `AMBULANCE`, and nobody at the desk can read it
    CALL_YOURSELF = "call_yourself"  # the same, and there is nobody here who could order it
    AMBULANCE_COMES = "ambulance_comes"  # words that call for the ambulance, which is on the way already
    AMBULANCE = "ambulance"  # words that call for the ambulance: it is being handed over
    NO_CASE = "no_case"  # nothing is open for this number
    BY_KEY = "by_key"  # too many wrong codes came from this number: only a key counts, in the call that comes now
    BY_DESK = "by_desk"  # the same, and no call comes just now


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
    if (heard := _not_asked_any_more(purpose, facts)) is not None:
        return _closing([*said, _said_back(heard, facts, who, texts)], texts)
    if purpose in HANDOFF_PURPOSES:
        return _handing_over(said, purpose, facts, who, texts)
    if purpose in _OTHER_OPENINGS:
        return _OTHER_OPENINGS[purpose](said, facts, texts)
    said += _what_and_where(purpose, facts, who, texts)
    said += phrases.doubts(facts, texts)
    if purpose is Purpose.ASK:
        said += phrases.there(facts, texts, but=who.id)
    if purpose is Purpose.AFTERCARE:
        said += phrases.coming(facts, texts)
        said.append(texts.gettext("Nobody has closed this alarm yet. Please ask how things are, then close it."))
        return _closing(said, texts)
    if who.role is Role.DESK or purpose is Purpose.DETAILS:
        said += _private(facts, who, texts, standing_for(purpose, standing))
    elif who.has_key and not phrases.is_elsewhere(facts):
        said.append(texts.gettext("You have a key."))
    bye = _bye(purpose, who, standing, texts)
    return _with_menu(said, menus.said(purpose, facts, who, texts, standing), texts, bye=bye)


def _not_asked_any_more(purpose: Purpose, facts: Facts) -> Heard | None:
    """What is said instead of a question whose answer is known."""
    closed = facts.closed and purpose not in {Purpose.HANDOFF_CANCEL, Purpose.VERIFY, Purpose.SAID}
    if closed or purpose is Purpose.CLOSED:
        return Heard.CLOSED
    if purpose is Purpose.TAKEN:
        return Heard.TAKEN
    return Heard.CONFIRMED_BEFORE if purpose is Purpose.HANDOFF and facts.handed_over else None


def _handing_over(said: list[str], purpose: Purpose, facts: Facts, who: Candidate, texts: Texts) -> Spoken:
    first, at_desk = purpose is Purpose.HANDOFF, who.role is Role.DESK
    if first and at_desk:
        said.append(texts.gettext("Please call the ambulance now and pass on what follows."))
    elif purpose is Purpose.HANDOFF_UPDATE and at_desk and facts.passes_on:
        said.append(texts.gettext("Please tell the ambulance what follows."))
    said += handing_over.spoken(facts, texts, first=first)
    if first and not at_desk:
        said += [
            texts.gettext("I repeat, please compare what you wrote down:"),
            *handing_over.read_back(facts, texts),
        ]
    elif purpose is Purpose.HANDOFF_CANCEL and at_desk:
        said.append(texts.gettext("If you have called the ambulance, please tell it so."))
    menu = menus.said(purpose, facts, who, texts, Standing.ASKED)
    return _with_menu(said, menu, texts, bye="" if first else texts.gettext("Goodbye."))


def _bye(purpose: Purpose, who: Candidate, standing: Standing, texts: Texts) -> str:
    """What is said when no key came: who goes is not rung again for that. A safe way is wished to who has one to go."""
    has_it = took_it(standing) and standing is not Standing.OVERDUE
    if not has_it and purpose is not Purpose.DETAILS:
        return ""
    if who.role in STAYS_WHERE_THEY_ARE or standing is Standing.ARRIVED:
        return texts.gettext("Thank you. Goodbye.")
    return texts.gettext("Thank you. Please go carefully. Goodbye.")


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
        bye = _bye(purpose, who, standing, texts) if purpose not in HANDOFF_PURPOSES else ""
        return _with_menu(said, menus.said(purpose, facts, who, texts, standing), texts, bye=bye)
    if heard is Heard.GO and standing is Standing.ARRIVED:
        return _closing([_said_back(Heard.THERE, facts, who, texts)], texts)
    if heard is Heard.GO and who.role not in STAYS_WHERE_THEY_ARE:
        going = standing_for(Purpose.DETAILS, standing)
        place = phrases.spoken_place(facts, texts)
        said = [texts.gettext("Thank you for going."), *place, *_private(facts, who, texts, going)]
        menu = menus.on_the_way(facts, who, texts)
        return _with_menu(said, menu, texts, bye=_bye(Purpose.DETAILS, who, standing, texts))
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
        desk: The desk's number, for who wants to be taken off the list, or whose texts do not count.
    """
    if heard in {Heard.STOP, Heard.HELP}:
        return texts.gettext("alarmd: ") + _about(heard, desk, texts)
    if heard is Heard.GO and who is not None and who.role is not Role.DESK:
        return ""
    if heard is Heard.BY_DESK:
        return texts.gettext("alarmd: ") + _no_text_counts(desk, texts)
    return texts.gettext("alarmd: ") + _said_back(heard, facts, who, texts)


def _said_back(heard: Heard, facts: Facts | None, who: Candidate | None, texts: Texts) -> str:
    code = facts.code if facts is not None else ""
    going = who is None or facts is None or who.id in facts.said_yes
    sentences = {
        Heard.GO: texts.gettext("Thank you. It is yours now; please close it when it is done."),
        Heard.CANNOT: _cannot(facts, who, texts),
        Heard.THERE: texts.gettext("Thank you for being there. Please call if more help is needed."),
        Heard.TAKEN: _taken(facts, who, texts),
        Heard.CLOSED: texts.gettext("This alarm is already closed. Thank you!"),
        Heard.NOT_UNDERSTOOD: _how_to_answer("" if _orders_itself(who) else code, texts, going=going),
        Heard.NO_CODE: texts.gettext("The code is missing. Reply with 1, 2 or 3 and the code in our text message."),
        Heard.WHICH: _joined(texts, _which(texts), texts.gettext("The desk has been told.")),
        Heard.WHICH_UNREAD: _which(texts),
        Heard.BY_DESK: _no_text_counts("", texts),
        Heard.ON_RECORD: texts.gettext("Your words are on record, but nobody is at the desk to read them."),
        Heard.AMBULANCE_ASKED: texts.gettext("Your words are on record, and the ambulance is being asked for."),
        Heard.CALL_YOURSELF: texts.gettext(
            "Nobody here can order the ambulance: please call the emergency number yourself now. "
            "Your words are on record."
        ),
        Heard.AMBULANCE_COMES: _joined(
            texts,
            texts.gettext("The desk has been sent your words."),
            phrases.ambulance(facts, texts) if facts else texts.gettext("The ambulance is on the way."),
        ),
        Heard.PASSED_TO_THEM: _joined(
            texts, texts.gettext("Your words have been sent to those who go there."), _to_confirm(facts, who, texts)
        ),
        Heard.KEPT: _joined(texts, texts.gettext("Your words are on record."), _to_confirm(facts, who, texts)),
        Heard.PASSED_ON: texts.gettext("The desk has been sent your words."),
        Heard.AMBULANCE: texts.gettext("The desk has been sent your words, and the ambulance is being asked for."),
        Heard.NO_CASE: texts.gettext("No alarm is open for you now. In an emergency, call the emergency number."),
        Heard.UNKNOWN_CODE: texts.gettext("No open alarm has this code for you. Please check the code we sent you."),
        Heard.BY_KEY: texts.gettext(
            "Several wrong codes came from your number, so texts do not count any more. "
            "We call you now: please answer with a key."
        ),
        Heard.WELL: _well(facts, texts),
        Heard.HANDED_OVER: texts.gettext("Thank you. The hand-off is confirmed."),
        Heard.CONFIRMED_BEFORE: texts.gettext("The ambulance has been ordered already. Thank you!"),
        Heard.REJECTED: _rejected(facts, who, texts),
        Heard.REJECTED_LATE: texts.gettext("Understood. Somebody else has taken it over already."),
        Heard.NOTED: texts.gettext("Thank you. It is noted that you heard this."),
        Heard.CALLED_OFF: texts.gettext("Thank you. The hand-off is cancelled: no ambulance is needed any more."),
        Heard.NOT_NEEDED: texts.gettext("This call is no longer needed."),
        Heard.STOP: texts.gettext("Noted. In an emergency you are still called."),
        Heard.HELP: texts.gettext(
            "We text and call you when somebody near you needs help. Reply with the number and the code of our text."
        ),
        Heard.SAY_HELP: texts.gettext(
            "The desk has been sent your words. If you need help, press your button, or text us HELP."
        ),
    }
    if heard in _NO_ANSWER and code and who is not None and who.role not in _NOT_ASKED_TO_GO:
        return _joined(texts, sentences[heard], _reply_with(code, texts, going=going))
    return sentences[heard]


def _to_confirm(facts: Facts | None, who: Candidate | None, texts: Texts) -> str:
    """How the hand-off is confirmed, to who was asked for it and wrote something else."""
    if facts is None or who is None or not facts.handing_over or who.id not in facts.asked:
        return ""
    sentence = texts.gettext('When the ambulance has taken it, reply "1 {code}".')
    if who.id in facts.goes_too:
        sentence = texts.gettext('When the ambulance has taken it, reply "ambulance called {code}".')
    return sentence.format(code=facts.code)


def _which(texts: Texts) -> str:
    return texts.gettext(
        "Several alarms are open, so we cannot tell which you mean. Reply with 1, 2 or 3 and the code in the text "
        "message of that alarm."
    )


def _joined(texts: Texts, *sentences: str) -> str:
    return ("" if texts.language.startswith("zh") else " ").join(filter(None, sentences))


def _is_asked(facts: Facts | None, who: Candidate | None) -> bool:
    """Whether somebody else is being asked; of an alarm of which nothing is known here, it is taken for so."""
    return facts is None or any(one != (who and who.id) for one in facts.asked)


def _cannot(facts: Facts | None, who: Candidate | None, texts: Texts) -> str:
    has_it = phrases.has_it(facts, texts, but=who.id if who else "") if facts else ""
    if who is not None and who.role is Role.RESIDENT:
        understood = texts.gettext("We have understood that you need help.")
        return _joined(texts, understood, has_it or texts.gettext("We are asking somebody to come to you."))
    asking = texts.gettext("We are asking others.") if _is_asked(facts, who) else ""
    return _joined(texts, texts.gettext("Understood."), has_it or asking or texts.gettext("Thank you for telling us."))


def _well(facts: Facts | None, texts: Texts) -> str:
    """Who was asked before she said so is still asked, and may come."""
    said = texts.gettext("Good to hear that you are well.")
    if facts is None or facts.closed or not (facts.asked or facts.coming or facts.ambulance):
        return said
    return _joined(texts, said, texts.gettext("Others were asked already, and somebody may come all the same."))


def _rejected(facts: Facts | None, who: Candidate | None, texts: Texts) -> str:
    asking = ""
    if facts is None or facts.handing_over:
        asking = texts.gettext("We are asking elsewhere.")
    elif _is_asked(facts, who):  # nobody else can order the ambulance; neighbours are rung
        asking = texts.gettext("We are asking others.")
    return _joined(texts, texts.gettext("Understood, you cannot take it."), asking)


def _taken(facts: Facts | None, who: Candidate | None, texts: Texts) -> str:
    has_it = phrases.has_it(facts, texts, but=who.id if who else "") if facts else ""
    at_desk = who is not None and who.role is Role.DESK
    stay = texts.gettext("You need not go. Thank you!")
    if at_desk:
        stay = texts.gettext("You need not take it. Thank you!")
    return _joined(texts, has_it or texts.gettext("Somebody else has taken it already."), stay)


_NO_ANSWER = frozenset({Heard.PASSED_ON, Heard.AMBULANCE, Heard.ON_RECORD, Heard.AMBULANCE_ASKED})
_NOT_ASKED_TO_GO = frozenset({Role.RESIDENT, Role.DESK, Role.DISPATCH})


def _orders_itself(who: Candidate | None) -> bool:
    """Whether a 1 of theirs may order an ambulance: at the desk and on the line it is not said that it means "I go"."""
    return who is not None and who.role in {Role.DESK, Role.DISPATCH}


def _how_to_answer(code: str, texts: Texts, *, going: bool) -> str:
    """What to type: the code of the person's own alarm, or none at all."""
    if not code:
        return texts.gettext("Not understood. Reply with 1, 2 or 3 and the code in our text message.")
    if not going:
        return _joined(texts, texts.gettext("Not understood."), _reply_with(code, texts, going=False))
    return texts.gettext(
        'Not understood. Reply "1 {code}" = I go, "2 {code}" = I cannot, "3 {code}" = I am there.'
    ).format(code=code)


def _reply_with(code: str, texts: Texts, *, going: bool) -> str:
    """The keys; "I am there" is offered to who has said that they go."""
    sentence = texts.gettext('Reply "1 {code}" = I go, "2 {code}" = I cannot.')
    if going:
        sentence = texts.gettext('Reply "1 {code}" = I go, "2 {code}" = I cannot, "3 {code}" = I am there.')
    return sentence.format(code=code)


def _about(heard: Heard, desk: str, texts: Texts) -> str:
    said = _said_back(heard, None, None, texts)
    off = (
        texts.gettext("To be taken off the list, ring {phone}.").format(phone=desk)
        if desk
        else texts.gettext("To be taken off the list, tell your care service.")
    )
    return f"{said} {off}" if texts.language.startswith("en") else f"{said}{off}"


def _no_text_counts(desk: str, texts: Texts) -> str:
    if not desk:
        return texts.gettext(
            "Several wrong codes came from your number, so texts do not count any more. Your words are on record."
        )
    return texts.gettext(
        "Several wrong codes came from your number, so texts do not count any more. To answer, ring the desk: {phone}"
    ).format(phone=desk)


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


def _greeting(facts: Facts, texts: Texts) -> list[str]:
    said = [texts.gettext("This is the alarmd care line.")]
    if facts.drill:
        said.append(texts.gettext("This is a drill. Nobody is in danger."))
    return said


def _what_and_where(purpose: Purpose, facts: Facts, who: Candidate, texts: Texts) -> list[str]:
    name, what = phrases.who(facts, texts), phrases.what(facts, texts)
    waits = purpose is Purpose.AGAIN and who.role is not Role.DESK
    if facts.away is None:
        sentence = texts.gettext("{who} {what}. The address is {address}.")
        if purpose is Purpose.RAISED:
            sentence = texts.gettext("{who} has asked for help again. The address is {address}.")
        elif waits:
            sentence = texts.gettext("{who} is still waiting for you. The address is {address}.")
        return [sentence.format(who=name, what=what, address=phrases.where(facts, texts))]
    sentence = texts.gettext("{who} {what}.")
    if purpose is Purpose.RAISED:
        sentence = texts.gettext("{who} has asked for help again.")
    elif waits:
        sentence = texts.gettext("{who} is still waiting for you.")
    return [sentence.format(who=name, what=what), *phrases.spoken_place(facts, texts)]


def _read_out(said: list[str], facts: Facts, texts: Texts) -> Spoken:
    """The words somebody wrote, to a desk whose telephone takes no texts."""
    words = facts.words  # by nobody: a text that was written to be read, and could not be sent
    if facts.by:
        words = texts.gettext("{by} writes about {who}: {words}").format(
            by=facts.by, who=phrases.who(facts, texts), words=facts.words
        )
    if facts.closed:
        sentence = texts.gettext("This alarm was closed already, but somebody has something to say. Please ring back.")
        said.append(sentence)
    return _closing([*said, words, *phrases.spoken_place(facts, texts)], texts)


_OTHER_OPENINGS = {Purpose.VERIFY: _verifying, Purpose.SAID: _read_out}


def _private(facts: Facts, who: Candidate, texts: Texts, standing: Standing) -> list[str]:
    said = phrases.way_in(facts, texts) if may_know_access(who, standing) else []
    if may_know_health(who, facts, standing):
        said += phrases.health(facts, texts)
    return said + phrases.coming(facts, texts, but=who.id)


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
