"""What people tell alarmd by telephone without being asked: a resident's cry for help, STOP and HELP.

A cry for help is never lost: it opens an incident, or raises the open one, whatever became of the call or text it
answers. Everything else is on record, and answered with what can be done.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial

import msgspec

from alarmd import journal, times
from alarmd.circle import RESIDENT_PREFIX
from alarmd.directory import lookup
from alarmd.engine import Engine, Opening, decode_state, is_readable
from alarmd.joining import Writer
from alarmd.messages import Messages
from alarmd.privacy import masked
from alarmd.store import Transaction
from config.numbers import is_fixed_line
from config.settings import Settings
from devices.signal import SignalType
from escalation import menu, wording
from escalation.homes import either, of_one_telephone
from escalation.incident import Incident, Pressed, Purpose, Said
from escalation.menu import Word
from escalation.people import Candidate, Resident, Role
from escalation.wording import Facts, Heard

VOICE, SMS = "voice", "sms"
WORDS = 500  # characters of a text that are passed on


class Callers:
    """Takes what nobody was asked for.

    Args:
        engine: Opens incidents.
        messages: Has the words.
        settings: The desk's number, the languages.
    """

    def __init__(self, *, engine: Engine, messages: Messages, settings: Settings) -> None:
        self._engine = engine
        self._messages = messages
        self._settings = settings

    def help(
        self,
        tx: Transaction,
        resident: str,
        via: str,
        now: datetime,
        *,
        said: str,
        ref: str,
        by: str = "",
        also: Sequence[str] = (),
        bare: bool = False,
    ) -> Incident:
        """A resident asks for help, or somebody does for them: the same as a press, and kept like one.

        Args:
            tx: The transaction.
            resident: Who, by id.
            via: `VOICE` or `SMS`; stands where else the device does.
            now: The present.
            said: The key or the words, for the log.
            ref: The provider's name for the call or text.
            by: Who asks for them, by id; empty where they do themselves.
            also: Who else has that telephone and may have asked, by id.
            bare: For the desk only, without plan and directory (see `Engine.press`).
        """
        known = lookup.resident(tx, resident)
        words = masked(said)
        facts = {"device": resident, "family": via, "type": SignalType.SOS.value, "text": said, "ref": ref}
        seq = tx.insert(
            "signal_insert",
            device=f"{via}/{resident}",
            ref=None,
            type=SignalType.SOS.value,
            received_at=times.to_text(now),
            data=msgspec.json.encode(facts).decode(),
        )
        data = {"signal": seq, "type": SignalType.SOS.value, "family": via, "via": via, "text": words}
        journal.append(tx, now, journal.Entry(event="signal.kept", resident=resident, device=via, actor=by, data=data))
        pressed = Pressed(signal=seq, device=via, type=SignalType.SOS.value, text=words, also=tuple(also))
        kind = SignalType.SOS.value if bare else self._kind(tx, resident)
        incident = self._engine.press(
            tx,
            Opening(
                subject=resident,
                resident=resident,
                plan_name=known.plan if known else "",
                device=via,
                kind=kind,
                pressed=pressed,
            ),
            now,
            bare=bare,
        )
        tx.run("signal_link", incident=incident.id, seq=seq)
        return incident

    def _kind(self, tx: Transaction, resident: str) -> str:
        """The open alarm of this person that a cry raises; else an SOS of its own."""
        kinds = {
            decode_state(row).kind for row in tx.all("incidents_open_of_subject", subject=resident) if is_readable(row)
        }
        fell = SignalType.FALL.value in kinds and SignalType.SOS.value not in kinds
        return SignalType.FALL.value if fell else SignalType.SOS.value

    def living(self, tx: Transaction, phone: str) -> list[Resident]:
        """Who lives where that telephone is."""
        found = (lookup.resident(tx, row["id"]) for row in tx.all("residents_of_number", phone=phone))
        return [resident for resident in found if resident is not None]

    def cry(
        self, tx: Transaction, living: Sequence[Resident], body: str, sid: str, now: datetime, *, bare: bool
    ) -> str:
        """A resident's text asks for help: a press. Where two have that telephone nobody knows whose cry it is.

        One number is one home, one incident and one hand-off, in the names of both; homes that are known to be apart
        are one each. Words that call for the ambulance hand over at once.
        """
        opened: list[Incident] = []
        for home in _homes(living):
            for whose, also in self._of_whom(tx, home):
                also_ids = [one.id for one in also]
                incident = self.help(tx, whose.id, SMS, now, said=body, ref=sid, also=also_ids, bare=bare)
                opened.append(incident)
                if menu.calls_for_ambulance(body) and not bare:
                    self._say_in(tx, incident, either([whose, *also]), body, now, ambulance=True)
        if bare:
            return self.said(Heard.CANNOT, living[0])
        facts = self._messages.facts(tx, self._stored(tx, opened[0].id), Purpose.VERIFY, now)
        return self.said(Heard.CANNOT, living[0], facts)

    def _of_whom(self, tx: Transaction, home: Sequence[Resident]) -> list[tuple[Resident, list[Resident]]]:
        """In whose name it is one, and who else it may be: of those who have an open alarm already.

        Else of whom most is known, by whose position and circle people are found.
        """
        called = [one for one in home if self.open_at(tx, one.id) is not None]
        called = called or [max(home, key=lambda one: (one.lat is not None, one.circle != ""))]
        others = [one for one in home if one not in called]
        return [(one, others if one is called[0] else []) for one in called]

    def read_at_desk(self, tx: Transaction, living: Sequence[Resident], phone: str, body: str, now: datetime) -> None:
        """What else a resident texts is read once at the desk, in their open incident if there is one. It ends none."""
        for home in _homes(living):
            known = [(open_, one) for one in home if (open_ := self.open_at(tx, one.id)) is not None]
            if known:
                open_, _ = known[0]
                self._say_in(tx, open_, either(home), body, now, ambulance=menu.calls_for_ambulance(body))
                continue
            either_ = either(home)
            words = masked(body[:WORDS], length=None)
            data = {"why": "no_code", "via": SMS, "text": words}
            entry = journal.Entry(event="message.unread", resident=either_.id, actor=_at_home(either_), data=data)
            journal.append(tx, now, entry)
            self.read_out(tx, either_.name, phone, either_.address, body, now)

    def read_out(self, tx: Transaction, by: str, phone: str, address: str, body: str, now: datetime) -> None:
        """Have the desk's people on duty read a text that belongs to no incident; nobody there is a gap."""
        of = Writer(phone, partial(wording.texting_fast, by, phone))
        self._engine.tell_desk(tx, partial(wording.said_at_home, by, phone, address, body[:WORDS]), now, of=of)

    def _say_in(
        self, tx: Transaction, incident: Incident, resident: Resident, body: str, now: datetime, *, ambulance: bool
    ) -> None:
        row = tx.one("incident_get", id=incident.id)
        assert row is not None
        said = Said(
            person=_at_home(resident),
            name=resident.name,
            words=masked(body[:WORDS], length=None),
            via=SMS,
            why="resident",
            ambulance=ambulance,
        )
        self._engine.happen(tx, row, said, now)

    def open_at(self, tx: Transaction, resident: str) -> Incident | None:
        """The open incident of a home that is about a person, the oldest first."""
        rows = tx.all("incidents_open_of_subject", subject=resident)
        found = [decode_state(row) for row in rows if is_readable(row)]
        return next((incident for incident in found if not incident.plan.remind), None)

    def _stored(self, tx: Transaction, incident: str) -> Incident:
        row = tx.one("incident_get", id=incident)
        assert row is not None
        return decode_state(row)

    def said(self, heard: Heard, resident: Resident, facts: Facts | None = None) -> str:
        """What a resident is answered; with the ``facts`` of their alarm, who is on the way."""
        who = Candidate(
            id=_at_home(resident),
            name=resident.name,
            role=Role.RESIDENT,
            language=resident.language,
            channels=(),
        )
        return wording.reply(heard, self._messages.texts_for(who), facts=facts, who=who)

    def answered(self, tx: Transaction, word: Word, sender: str, sid: str, now: datetime) -> str:
        """STOP and HELP: on record, and what can be done."""
        open_ = tx.one("outbox_open_for", destination=sender)
        known = tx.one("responders_of_number", phone=sender)
        person = known["id"] if known else open_["person"] if open_ else ""
        event = "message.stopped" if word is Word.STOP else "message.unread"
        entry = journal.Entry(
            event=event,
            incident=open_["incident"] if open_ else None,
            actor=person,
            data={"sid": sid, "why": word.value},
        )
        journal.append(tx, now, entry)
        responder = lookup.responder(tx, person) if person else None
        who = responder and Candidate(
            id=responder.id, name=responder.name, role=responder.role, language=responder.language, channels=()
        )
        texts = self._messages.texts_for(who) if who else self._messages.service_texts()
        desk = self._settings.service.desk_phones
        heard = Heard.STOP if word is Word.STOP else Heard.HELP
        return wording.reply(heard, texts, desk=desk[0] if desk else "")


def _at_home(resident: Resident) -> str:
    return f"{RESIDENT_PREFIX}{resident.id}"


def _homes(living: Sequence[Resident]) -> list[list[Resident]]:
    """Those who have one telephone, by home."""
    return of_one_telephone(living, fixed_line=is_fixed_line(living[0].phone)) if living else []
