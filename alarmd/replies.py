"""Texts that come in: an answer to an alarm, a cry for help, or words that somebody has to read.

In this order:

1. A resident who cries for help has pressed (`alarmd.callers`).
2. A clear answer with the code of an alarm, or without one from somebody who has exactly one open, is that answer.
3. STOP and HELP.
4. What is said of an alarm that is closed reaches the desk, and what is an alarm is one.
5. Everything else of somebody in an open case, and of every resident, reaches the desk at once, with name and words; a
   call for the ambulance hands over. Nothing is dropped: what is left is on record, and answered with what to type.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from alarmd import desk_texts, guessing, journal, one_home, times
from alarmd.callers import SMS, WORDS, Callers
from alarmd.cases import QUESTIONS, Case, concerns_the_hand_off, does_not_come, is_about, is_taken_back
from alarmd.circle import RESIDENT_PREFIX, EnginePeople, phone_of
from alarmd.directory import lookup
from alarmd.directory.telephones import holders
from alarmd.engine import Engine, decode_state
from alarmd.messages import Messages
from alarmd.privacy import masked
from alarmd.store import Row, Transaction
from config.settings import Settings
from escalation import calls, menu, wording
from escalation.draft import ACTIVE
from escalation.incident import (
    Answer,
    Answered,
    HandedOver,
    Incident,
    Purpose,
    Said,
    Send,
    Standing,
    Status,
)
from escalation.menu import Reading
from escalation.people import Candidate, Channel, Resident, Role
from escalation.telephones import meant
from escalation.wanted import still_wanted
from escalation.wording import Heard

ASKED_LATELY = timedelta(days=2)
CLOSED_LATELY = timedelta(hours=6)  # so long somebody may speak of it as if it went on, without its code
_OUT = frozenset({Standing.DECLINED, Standing.UNREACHABLE})
_GOING = frozenset({Standing.ACCEPTED, Standing.COMING, Standing.ARRIVED, Standing.OVERDUE, Standing.FOLLOWS})
_HANDOFFS = frozenset({Purpose.HANDOFF, Purpose.HANDOFF_UPDATE, Purpose.HANDOFF_CANCEL})
_TO_GO = frozenset({Purpose.ASK, Purpose.AGAIN, Purpose.DETAILS})
_STILL_TO_GO = _GOING | {Standing.ASKED}
_ORDERS_ITSELF = frozenset({Role.DESK, Role.DISPATCH})


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
        if (unasked := self._from_desk(tx, sender, cases, reading, body, now)) is not None:
            return unasked
        case, reading = self._meant(tx, sender, cases, reading, now)
        case = case and self._at_that_door(tx, self._of_this_answer(tx, case, reading, now), reading)
        cry = menu.cries_for_help(body)
        if cry and living and not is_about(case, cases, reading, body):
            said = self._callers.cry(tx, living, body, sid, now, bare=bare)
            if case is not None and self._event(case, reading) is not None:
                self._answer(tx, sender, case, reading, body, now)
            return said
        if case is not None and case.incident.status is Status.CLOSED:
            return self._after_the_close(tx, case, reading, body, sid, now, cry=cry, bare=bare)
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
        late = self._closed_lately(tx, sender, now) if reading.code is None and not reading.courtesy else None
        if late is not None:
            return self._after_the_close(tx, late, reading, body, sid, now, cry=cry, bare=bare)
        return self._of_nobody(tx, sender, reading, body, sid, now, cry=cry)

    def _desk_reads(self, tx: Transaction, living: Sequence[Resident], sender: str, body: str, now: datetime) -> None:
        self._callers.read_at_desk(tx, living, sender, body, now)

    def _from_desk(
        self, tx: Transaction, sender: str, cases: Sequence[Case], reading: Reading, body: str, now: datetime
    ) -> str | None:
        """What the desk says of an alarm that it was never asked about; None where it is about none."""
        sitting = [one for one in self._engine.at_desk(tx, now) if phone_of(tx, self._settings, one.id) == sender]
        about = desk_texts.of_unasked(tx, reading, [case.incident for case in cases]) if sitting else None
        if about is None:
            return None
        who = sitting[0]
        said = Said(person=who.id, name=who.name, words=masked(body[:WORDS], length=None), via=SMS, why="free_words")
        after = self._happen(tx, about.id, said, now)
        heard = desk_texts.read_by(after, who, self._people(tx, now).desk(after).chosen)
        return wording.reply(heard, self._messages.texts_for(who), who=who)

    # ------------------------------------------------------------ which case

    def _cases(self, tx: Transaction, sender: str, now: datetime) -> list[Case]:
        since = times.to_text(now - ASKED_LATELY)
        rows = tx.all("cases_of_number", destination=sender, since=since)
        if not rows and (people := self._people_of(tx, sender)):  # the number was changed while it is open
            rows = tx.all("cases_of_people", people=people, since=since)
        found = (self._case_of(tx, sender, row, now) for row in rows)
        return [case for case in found if case is not None and not case.who.id.startswith(RESIDENT_PREFIX)]

    def _case_of(self, tx: Transaction, sender: str, stored: Row, now: datetime) -> Case | None:
        told = tx.all("outbox_of_case", incident=stored["id"], destination=sender)
        # a number that was changed since has lost its power: what comes from there is a stranger's
        told = told or tx.all("outbox_of_people", incident=stored["id"], people=self._people_of(tx, sender) or "[]")
        rows = [row for row in told if phone_of(tx, self._settings, row["person"]) == sender]
        if not rows:
            return None
        incident = decode_state(stored)
        # of the people who share a telephone the one who goes is meant (promise 10); else who was written to last
        goes = {p.who.id for p in incident.participants if p.standing in ACTIVE}
        asked = [one for one in rows if one["purpose"] != Purpose.CLOSED] or rows  # "it is over" asks for no answer
        row = next((one for one in asked if one["person"] in goes), asked[0])
        return self._case_by(tx, incident, row, tuple(rows), now)

    def _people_of(self, tx: Transaction, sender: str) -> str:
        """By id, whose number it is now, as JSON; empty where it is nobody's."""
        people = holders(tx, self._settings, sender)
        return json.dumps(people) if people else ""

    def _case_by(self, tx: Transaction, incident: Incident, row: Row, rows: tuple[Row, ...], now: datetime) -> Case:
        person = row["person"]
        if Purpose(row["purpose"]) not in _HANDOFFS:
            person = meant(incident, person)
        return Case(incident, row, self._who(tx, incident, person, now), rows)

    def _of_this_answer(self, tx: Transaction, case: Case, reading: Reading, now: datetime) -> Case:
        """Where one telephone was asked two things, to go and to order the ambulance, the one that is answered.

        Only what says that it is done confirms the hand-off: a mere "1" may have meant "I go", and who did not order an
        ambulance cannot confirm one. The hand-off rings on, and there a key is plain. That she goes is the desk's words
        no answer to, but her own.
        """
        goes = {
            p.who.id
            for p in case.incident.participants
            if p.who.role not in _ORDERS_ITSELF and p.standing in _STILL_TO_GO
        }
        hand_off = [one for one in case.rows if Purpose(one["purpose"]) in _HANDOFFS]
        helpers = [one for one in case.rows if one["person"] in goes and Purpose(one["purpose"]) in _TO_GO]
        row = None
        if hand_off and helpers:
            row = hand_off[0] if reading.done else helpers[0]
        elif helpers and case.purpose is Purpose.DESK and reading.answer is Answer.GO and not reading.by_key:
            row = None if reading.agrees else helpers[0]
        return case if row is None or row is case.row else self._case_by(tx, case.incident, row, case.rows, now)

    def _at_that_door(self, tx: Transaction, case: Case, reading: Reading) -> Case:
        """Who is at a home is there for each of its alarms: a couple's two are one door."""
        if reading.answer is not Answer.THERE:
            return case
        return msgspec.structs.replace(case, beside=tuple(one_home.others_they_go_to(tx, case.incident, case.who)))

    def _case(self, tx: Transaction, sender: str, code: str, now: datetime) -> Case | None:
        row = tx.one("outbox_by_reply", destination=sender, code=code)
        stored = tx.one("incident_get", id=row["incident"]) if row is not None else None
        return None if row is None or stored is None else self._case_of(tx, sender, stored, now)

    def _meant(
        self, tx: Transaction, sender: str, cases: Sequence[Case], reading: Reading, now: datetime
    ) -> tuple[Case | None, Reading]:
        """The case a text is about: that of its code; without one, the only one that is open for this person."""
        if reading.code is None:
            going = [case for case in cases if case.standing in _GOING] if reading.answer is Answer.THERE else []
            if going and not reading.several and one_home.are_one(tx, [case.incident for case in going]):
                return going[0], reading
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

    def _people(self, tx: Transaction, now: datetime) -> EnginePeople:
        return EnginePeople(tx, settings=self._settings, now=now)

    def _who(self, tx: Transaction, incident: Incident, person: str, now: datetime) -> Candidate:
        asked = next((p.who for p in incident.participants if p.who.id == person), None)
        known = asked or self._people(tx, now).person(incident, person)
        return known or Candidate(id=person, name=person, role=Role.DESK, language="", channels=())

    # ------------------------------------------------------------ answers

    def _event(self, case: Case, reading: Reading) -> tuple[Answered | HandedOver, Heard] | None:
        """What an answer means there; None where it is none, or not a clear one.

        To a hand-off a key confirms or refuses, or the words that it is done: "OK" says only that somebody will try.
        "There" confirms nothing, on the telephone neither: it is somebody at the door. A mere "OK" without a code is an
        answer to a question, and to nothing else.
        """
        taken_back = is_taken_back(case, reading)
        no = taken_back or does_not_come(case, reading)
        person, answer = case.who.id, Answer.CANNOT if no else reading.answer
        of_it = taken_back or case.purpose in _HANDOFFS or concerns_the_hand_off(case, answer)
        if answer is not Answer.THERE and of_it:
            if not reading.by_key and not reading.done and answer is not Answer.CANNOT:
                return None
            if reading.done and reading.code is None and not reading.ordered:
                return None
            accepted = answer is not Answer.CANNOT
            event = HandedOver(by=person, via=SMS, accepted=accepted, reason="" if accepted else "reply 2")
            return event, Heard.HANDED_OVER if accepted else Heard.REJECTED
        if answer is Answer.THERE and not self._offers_there(case, reading):
            return None
        if answer is None or (reading.agrees and reading.code is None and case.purpose not in QUESTIONS):
            return None
        return Answered(person=person, answer=answer, via=SMS), Heard(answer.value)

    def _offers_there(self, case: Case, reading: Reading) -> bool:
        """Whether "I am there" answers it: never at the desk or on the line, and as a mere key only from who goes."""
        if case.who.role in _ORDERS_ITSELF:
            return False
        return bool(case.beside) or case.standing in _GOING or not reading.by_key or reading.more

    def _became(self, case: Case, heard: Heard, incident: Incident) -> Heard:
        """How an answer to a hand-off was taken, as the incident stands after it."""
        if heard not in {Heard.HANDED_OVER, Heard.REJECTED}:
            return heard
        return calls.hand_off_heard(incident, case.who.id, accepted=heard is Heard.HANDED_OVER)

    def _answer(self, tx: Transaction, sender: str, case: Case, reading: Reading, body: str, now: datetime) -> str:
        if guessing.is_barred(tx, sender, case.incident):
            return self._by_key(tx, sender, case, reading, body, now)
        meant = self._event(case, reading)
        assert meant is not None
        event, heard = meant
        incident = self._happen(tx, case.incident.id, event, now)
        for other in case.beside:
            if not guessing.is_barred(tx, sender, other.incident):
                self._happen(tx, other.incident.id, Answered(person=other.person, answer=Answer.THERE, via=SMS), now)
        ambulance = self._calls(case, body)
        if (reading.more and not reading.done) or ambulance:  # "已打120" is the answer itself
            incident = self._happen(tx, incident.id, self._words(case, body, "with_answer", ambulance=ambulance), now)
        heard = self._became(case, heard, incident)
        return self._said_back(tx, heard, Case(incident, case.row, case.who), now)

    def _by_key(self, tx: Transaction, sender: str, case: Case, reading: Reading, body: str, now: datetime) -> str:
        """Who texts under this number has guessed at codes: the desk reads it, and the number's owner is rung.

        Also who is asked by text only: nobody who forges a number may silence its owner.
        """
        words = self._words(case, body, "wrong_codes", ambulance=self._calls(case, body))
        incident = case.incident
        if guessing.answers(tx, sender, incident) or reading.more or words.ambulance:
            incident = self._happen(tx, incident.id, words, now)
        else:
            data = {"why": words.why, "via": SMS, "text": words.words}
            entry = journal.Entry(
                event="message.unread",
                incident=incident.id,
                resident=incident.resident,
                actor=case.who.id,
                data=data,
            )
            journal.append(tx, now, entry)
        purpose = guessing.rung_for(case.purpose, case.who.role)
        if still_wanted(incident, purpose, case.who.id) and guessing.may_ring(tx, sender, incident, now):
            self._messages.queue(tx, incident, Send(to=case.who, channel=Channel.VOICE, purpose=purpose), now)
            return wording.reply(Heard.BY_KEY, self._messages.texts_for(case.who), who=case.who)
        return self._no_call_comes(sender, case)

    def _no_call_comes(self, sender: str, case: Case) -> str:
        """Nobody is told of a call that nobody places: the desk's telephone is what is left."""
        desk = next((phone for phone in self._settings.service.desk_phones if phone != sender), "")
        return wording.reply(Heard.BY_DESK, self._messages.texts_for(case.who), who=case.who, desk=desk)

    def _said_back(self, tx: Transaction, heard: Heard, case: Case, now: datetime) -> str:
        facts = self._messages.facts(tx, case.incident, case.purpose, now)
        return wording.reply(heard, self._messages.texts_for(case.who), facts=facts, who=case.who)

    # ------------------------------------------------------------ after the close

    def _closed_lately(self, tx: Transaction, sender: str, now: datetime) -> Case | None:
        """The alarm that somebody still speaks of who names none: the one that was closed last."""
        stored = tx.one(
            "closed_case_of_number",
            destination=sender,
            since=times.to_text(now - ASKED_LATELY),
            closed_since=times.to_text(now - CLOSED_LATELY),
        )
        case = self._case_of(tx, sender, stored, now) if stored is not None else None
        return None if case is None or case.who.id.startswith(RESIDENT_PREFIX) else case

    def _after_the_close(
        self,
        tx: Transaction,
        case: Case,
        reading: Reading,
        body: str,
        sid: str,
        now: datetime,
        *,
        cry: bool,
        bare: bool,
    ) -> str:
        """It is closed, but somebody who was there says more: an alarm again, if it is one, and read by a person.

        What calls for the ambulance is an alarm like a press; so is a cry that nobody at the desk would read.
        """
        resident, ambulance = case.incident.resident, self._calls(case, body)
        open_ = self._callers.open_at(tx, resident) if resident is not None else None
        alarm = ambulance or (cry and not self._engine.at_desk(tx, now))
        if open_ is None and alarm and resident is not None and not case.incident.plan.remind:
            said = {"said": body, "ref": sid, "by": case.who.id}
            open_ = self._callers.help(tx, resident, SMS, now, bare=bare, **said)
        if open_ is not None:
            words = self._words(case, body, "closed", ambulance=ambulance)
            self._happen(tx, case.incident.id, msgspec.structs.replace(words, why="taken_up"), now)
            self._happen(tx, open_.id, words, now)
            return self._read_back(tx, Heard.AMBULANCE if ambulance else Heard.PASSED_ON, case, now)
        if reading.answer is None or reading.more:
            self._happen(tx, case.incident.id, self._words(case, body, "closed", ambulance=ambulance), now)
            return self._read_back(tx, Heard.PASSED_ON, case, now)
        event = self._event(case, reading)
        self._happen(
            tx, case.incident.id, event[0] if event else self._words(case, body, "closed", ambulance=False), now
        )
        return self._said_back(tx, Heard.CLOSED, case, now)

    def _read_back(self, tx: Transaction, heard: Heard, case: Case, now: datetime) -> str:
        """What is true: nobody is told that the desk has it where there is none."""
        if heard is Heard.PASSED_ON:
            heard = desk_texts.read_by(case.incident, case.who, self._engine.at_desk(tx, now))
        if heard is Heard.ON_RECORD:
            return self._said_back(tx, Heard.CLOSED, case, now)
        return wording.reply(heard, self._messages.texts_for(case.who), who=case.who)

    # ------------------------------------------------------------ words

    def _pass_on(
        self,
        tx: Transaction,
        sender: str,
        case: Case | None,
        cases: Sequence[Case],
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
            return self._no_call_comes(sender, about)
        after = self._happen(tx, about.incident.id, self._words(about, body, why, ambulance=ambulance), now)
        passed_on = desk_texts.read_by(after, about.who, self._people(tx, now).desk(after).chosen)
        read = passed_on is Heard.PASSED_ON
        if ambulance or about.standing is Standing.ARRIVED:  # who stands at the door has nothing more to answer
            heard = calls.ambulance_heard(after, read=read) if ambulance else passed_on
            return wording.reply(heard, self._messages.texts_for(about.who), who=about.who)
        if several and (reading.answer is not None or reading.several):
            heard = Heard.WHICH if read else Heard.WHICH_UNREAD
            return wording.reply(heard, self._messages.texts_for(about.who), who=about.who)
        if why == "unknown_code":
            return wording.reply(Heard.UNKNOWN_CODE, self._messages.texts_for(about.who), who=about.who)
        at_desk = passed_on in {Heard.PASSED_TO_THEM, Heard.KEPT}
        if reading.code is not None and case is not None and not at_desk:
            return self._said_back(tx, Heard.NOT_UNDERSTOOD, case, now)
        return self._said_back(tx, passed_on, about, now)

    def _words(self, case: Case, body: str, why: str, *, ambulance: bool) -> Said:
        return Said(
            person=case.who.id,
            name=case.who.name,
            words=masked(body[:WORDS], length=None),
            via=SMS,
            why=why,
            ambulance=ambulance,
        )

    def _calls(self, case: Case, body: str) -> bool:
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
