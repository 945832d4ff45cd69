"""Texts that come in: an answer to an alarm, a cry for help, or words that somebody has to read.

In this order:

1. A resident who cries for help has pressed (`alarmd.callers`).
2. A clear answer with the code of an alarm, or without one from somebody who has exactly one open, is that answer.
3. STOP and HELP.
4. Everything else of somebody in an open case, and of every resident, reaches the desk at once, with name and words; a
   call for the ambulance hands over. Nothing is dropped: what is left is on record, and answered with what to type.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from alarmd import guessing, journal, times
from alarmd.callers import SMS, WORDS, Callers
from alarmd.circle import RESIDENT_PREFIX, EnginePeople
from alarmd.directory import lookup
from alarmd.engine import Engine, decode_state
from alarmd.messages import Messages, standing_of, still_wanted
from alarmd.privacy import masked
from alarmd.store import Row, Transaction
from config.settings import Settings
from escalation import menu, wording
from escalation.draft import ACTIVE
from escalation.incident import Answer, Answered, HandedOver, Incident, Purpose, Said, Send, Standing, Status
from escalation.menu import Reading
from escalation.people import Candidate, Channel, Resident, Role
from escalation.wording import Heard

ASKED_LATELY = timedelta(days=2)
_OUT = frozenset({Standing.DECLINED, Standing.UNREACHABLE})
_GOING = frozenset({Standing.ACCEPTED, Standing.COMING, Standing.ARRIVED, Standing.OVERDUE, Standing.FOLLOWS})
_QUESTIONS = frozenset({Purpose.ASK, Purpose.DESK, Purpose.AGAIN, Purpose.RAISED})
_HANDOFFS = frozenset({Purpose.HANDOFF, Purpose.HANDOFF_UPDATE})
_ORDERS_ITSELF = frozenset({Role.DESK, Role.DISPATCH})


class _Case(msgspec.Struct, frozen=True):
    """An open incident of which somebody was told, and the message that they answer."""

    incident: Incident
    row: Row
    who: Candidate

    @property
    def purpose(self) -> Purpose:
        return Purpose(self.row["purpose"])

    @property
    def standing(self) -> Standing:
        return standing_of(self.incident, self.who.id)


def _is_about(case: _Case | None, cases: Sequence[_Case], reading: Reading, body: str) -> bool:
    """Whether a helper's cry is for the home of an open case, and not for their own, if they are a resident too.

    A code says which alarm is meant. Without one it is words for somebody else, from whoever was asked, has answered or
    not; what people say of their own body stays a cry of their own.
    """
    if case is not None and reading.code is not None and case.incident.status is not Status.CLOSED:
        return True
    return bool(cases) and menu.speaks_of_another(body) and not menu.speaks_of_oneself(body)


class Replies:
    """Takes texts.

    Args:
        engine: Decides what an answer means.
        messages: Has the words.
        settings: The operator's.
        callers: Takes what nobody was asked for.
    """

    def __init__(self, *, engine: Engine, messages: Messages, settings: Settings, callers: Callers) -> None:
        self._engine = engine
        self._messages = messages
        self._settings = settings
        self._callers = callers

    def take(self, tx: Transaction, sender: str, body: str, sid: str, now: datetime, *, bare: bool = False) -> str:  # noqa: PLR0911 - one way for each kind of text
        """Take one text; returns what is answered."""
        cases = self._cases(tx, sender, now)
        living = self._callers.living(tx, sender)
        engaged = [case for case in cases if case.standing in _GOING]
        reading = menu.read(body, [case.incident.code for case in cases])
        case, reading = self._meant(tx, sender, cases, reading, now)
        cry = menu.cries_for_help(body)
        if cry and living and not _is_about(case, cases, reading, body):
            said = self._callers.cry(tx, living, body, sid, now, bare=bare)
            if case is not None and self._event(case, reading) is not None:
                self._answer(tx, sender, case, reading, body, now)
            return said
        if case is not None and case.incident.status is Status.CLOSED:
            if reading.more:  # nobody else would read it: what is said of an alarm that is over may be the next one
                words = self._words(case, body, "closed", ambulance=self._calls(case, body))
                self._happen(tx, case.incident.id, words, now)
                self._callers.read_out(tx, case.who.name, sender, "", body, now)
            return self._said_back(tx, Heard.CLOSED if reading.answer else Heard.NOT_UNDERSTOOD, case, now)
        if case is not None and self._event(case, reading) is not None:
            return self._answer(tx, sender, case, reading, body, now)
        word = menu.word(body)
        if word is not None and not engaged:  # who is on the way and texts "cancel" is read, and asked
            self._desk_reads(tx, living, sender, body, now)
            return self._callers.answered(tx, word, sender, sid, now)
        if cases:
            return self._pass_on(tx, sender, case, cases, reading, body, now)
        if living:
            self._desk_reads(tx, living, sender, body, now)
            return self._callers.said(Heard.SAY_HELP, living[0])
        return self._of_nobody(tx, sender, reading, body, sid, now, cry=cry)

    def _desk_reads(self, tx: Transaction, living: Sequence[Resident], sender: str, body: str, now: datetime) -> None:
        for resident in living:
            self._callers.read_at_desk(tx, resident, sender, body, now)

    # ------------------------------------------------------------ which case

    def _cases(self, tx: Transaction, sender: str, now: datetime) -> list[_Case]:
        since = times.to_text(now - ASKED_LATELY)
        rows = tx.all("cases_of_number", destination=sender, since=since)
        found = (self._case_of(tx, sender, row, now) for row in rows)
        return [case for case in found if case is not None and not case.who.id.startswith(RESIDENT_PREFIX)]

    def _case_of(self, tx: Transaction, sender: str, stored: Row, now: datetime) -> _Case | None:
        rows = tx.all("outbox_of_case", incident=stored["id"], destination=sender)
        if not rows:
            return None
        incident = decode_state(stored)
        # of the people who share a telephone the one who goes is meant (promise 10); else who was written to last
        goes = {p.who.id for p in incident.participants if p.standing in ACTIVE}
        row = next((one for one in rows if one["person"] in goes), rows[0])
        return _Case(incident, row, self._who(tx, incident, row["person"], now))

    def _case(self, tx: Transaction, sender: str, code: str, now: datetime) -> _Case | None:
        row = tx.one("outbox_by_reply", destination=sender, code=code)
        stored = tx.one("incident_get", id=row["incident"]) if row is not None else None
        if row is None or stored is None:
            return None
        incident = decode_state(stored)
        return _Case(incident, row, self._who(tx, incident, row["person"], now))

    def _meant(
        self, tx: Transaction, sender: str, cases: Sequence[_Case], reading: Reading, now: datetime
    ) -> tuple[_Case | None, Reading]:
        """The case a text is about: that of its code; without one, the only one that is open for this person."""
        if reading.code is None:
            asked = [case for case in cases if case.standing not in _OUT] or list(cases)
            return (asked[0] if len(asked) == 1 and not reading.several else None), reading
        named = next((case for case in cases if case.incident.code == reading.code), None)
        if named is not None:
            return named, reading
        if (older := self._case(tx, sender, reading.code, now)) is not None:
            return older, reading
        joined = menu.unjoined(menu.Reply(answer=reading.answer, code=reading.code))
        if joined is not None and joined.code and (older := self._case(tx, sender, joined.code, now)) is not None:
            return older, Reading(answer=joined.answer, code=joined.code, by_key=True)
        guessing.count(tx, sender, [one.incident for one in cases], now)
        return None, reading

    def _who(self, tx: Transaction, incident: Incident, person: str, now: datetime) -> Candidate:
        asked = next((p.who for p in incident.participants if p.who.id == person), None)
        known = asked or EnginePeople(tx, settings=self._settings, now=now).person(incident, person)
        return known or Candidate(id=person, name=person, role=Role.DESK, language="", channels=())

    # ------------------------------------------------------------ answers

    def _event(self, case: _Case, reading: Reading) -> tuple[Answered | HandedOver, Heard] | None:
        """What an answer means there; None where it is none, or not a clear one.

        To a hand-off a key confirms or refuses, or the words that it is done: "OK" says only that somebody will try.
        "There" confirms nothing, on the telephone neither: it is somebody at the door. A mere "OK" without a code is an
        answer to a question, and to nothing else.
        """
        person, answer = case.who.id, reading.answer
        if case.purpose in _HANDOFFS and answer is not Answer.THERE:
            if not reading.by_key and not reading.done and answer is not Answer.CANNOT:
                return None
            accepted = answer is not Answer.CANNOT
            if reading.done and reading.code is None:
                return None
            event = HandedOver(by=person, via=SMS, accepted=accepted, reason="" if accepted else "reply 2")
            return event, Heard.HANDED_OVER if accepted else Heard.REJECTED
        if answer is None or (reading.agrees and reading.code is None and case.purpose not in _QUESTIONS):
            return None
        return Answered(person=person, answer=answer, via=SMS), Heard(answer.value)

    def _answer(self, tx: Transaction, sender: str, case: _Case, reading: Reading, body: str, now: datetime) -> str:
        if guessing.is_barred(tx, sender, case.incident):
            return self._by_key(tx, case, body, now)
        meant = self._event(case, reading)
        assert meant is not None
        event, heard = meant
        incident = self._happen(tx, case.incident.id, event, now)
        ambulance = self._calls(case, body)
        if reading.more or ambulance:
            incident = self._happen(tx, incident.id, self._words(case, body, "with_answer", ambulance=ambulance), now)
        return self._said_back(tx, heard, _Case(incident, case.row, case.who), now)

    def _by_key(self, tx: Transaction, case: _Case, body: str, now: datetime) -> str:
        """Whoever texts under this number has guessed at codes: the desk reads it, and the number's owner is rung."""
        words = self._words(case, body, "wrong_codes", ambulance=self._calls(case, body))
        incident = self._happen(tx, case.incident.id, words, now)
        if Channel.VOICE in case.who.channels and still_wanted(incident, case.purpose, case.who.id):
            self._messages.queue(tx, incident, Send(to=case.who, channel=Channel.VOICE, purpose=case.purpose), now)
        return wording.reply(Heard.BY_KEY, self._messages.texts_for(case.who), who=case.who)

    def _said_back(self, tx: Transaction, heard: Heard, case: _Case, now: datetime) -> str:
        facts = self._messages.facts(tx, case.incident, case.purpose, now)
        return wording.reply(heard, self._messages.texts_for(case.who), facts=facts, who=case.who)

    # ------------------------------------------------------------ words

    def _pass_on(
        self,
        tx: Transaction,
        sender: str,
        case: _Case | None,
        cases: Sequence[_Case],
        reading: Reading,
        body: str,
        now: datetime,
    ) -> str:
        """No answer, or one that could be to several alarms: the desk reads it, and the sender hears what to type."""
        several = case is None and reading.code is None and len(cases) > 1
        why = "several" if several else "unknown_code" if case is None else "free_words"
        about = case or next((one for one in cases if one.standing in _GOING), cases[0])
        ambulance = self._calls(about, body)
        codes = guessing.codes(tx, sender, about.incident)
        if why == "unknown_code" and not (guessing.is_told(codes) or reading.more or ambulance):
            return wording.reply(Heard.BY_KEY, self._messages.texts_for(about.who), who=about.who)
        self._happen(tx, about.incident.id, self._words(about, body, why, ambulance=ambulance), now)
        if ambulance or about.standing is Standing.ARRIVED:  # who stands at the door has nothing more to answer
            heard = Heard.AMBULANCE if ambulance else Heard.PASSED_ON
            return wording.reply(heard, self._messages.texts_for(about.who), who=about.who)
        if several and (reading.answer is not None or reading.several):
            return wording.reply(Heard.WHICH, self._messages.texts_for(about.who), who=about.who)
        if why == "unknown_code":
            return wording.reply(Heard.UNKNOWN_CODE, self._messages.texts_for(about.who), who=about.who)
        if reading.code is not None and case is not None:
            return self._said_back(tx, Heard.NOT_UNDERSTOOD, case, now)
        return self._said_back(tx, Heard.PASSED_ON, about, now)

    def _words(self, case: _Case, body: str, why: str, *, ambulance: bool) -> Said:
        return Said(
            person=case.who.id,
            name=case.who.name,
            words=masked(body[:WORDS], length=None),
            via=SMS,
            why=why,
            ambulance=ambulance,
        )

    def _calls(self, case: _Case, body: str) -> bool:
        return case.who.role not in _ORDERS_ITSELF and menu.calls_for_ambulance(body)

    def _of_nobody(
        self, tx: Transaction, sender: str, reading: Reading, body: str, sid: str, now: datetime, *, cry: bool
    ) -> str:
        """From somebody without an open case and without a home of ours: on record; a responder's cry is read."""
        known = tx.one("responders_of_number", phone=sender)
        person = known["id"] if known else ""
        data = {"sid": sid, "why": "unknown_code" if reading.code else "no_code"}
        if person:
            data["text"] = masked(body[:WORDS])
        journal.append(tx, now, journal.Entry(event="message.unread", actor=person, data=data))
        responder = lookup.responder(tx, person) if person else None
        if responder is not None and (cry or menu.calls_for_ambulance(body)):
            self._callers.read_out(tx, responder.name, sender, "", body, now)
            return wording.reply(Heard.PASSED_ON, self._messages.service_texts())
        if responder is None:
            heard = Heard.UNKNOWN_CODE if reading.code else Heard.NO_CODE
        else:
            heard = Heard.UNKNOWN_CODE if reading.code else Heard.NO_CASE
        return wording.reply(heard, self._messages.service_texts())

    def _happen(self, tx: Transaction, incident: str, event: Answered | HandedOver | Said, now: datetime) -> Incident:
        row = tx.one("incident_get", id=incident)
        assert row is not None
        return self._engine.happen(tx, row, event, now)
