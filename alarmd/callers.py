"""What people tell alarmd by telephone without being asked: a resident's cry for help, STOP and HELP.

A cry for help is never lost: it opens an incident, or raises the open one, whatever became of the call or text it
answers. Everything else is on record, and answered with what can be done.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from alarmd import journal, times
from alarmd.circle import RESIDENT_PREFIX
from alarmd.directory import lookup
from alarmd.engine import Engine, Opening
from alarmd.messages import Messages
from alarmd.privacy import masked
from alarmd.store import Transaction
from config.settings import Settings
from devices.signal import SignalType
from escalation import menu, wording
from escalation.incident import Incident, Pressed
from escalation.menu import Word
from escalation.people import Candidate, Resident, Role
from escalation.wording import Heard

VOICE, SMS = "voice", "sms"


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
        self, tx: Transaction, resident: str, via: str, now: datetime, *, said: str, ref: str, bare: bool = False
    ) -> Incident:
        """A resident asks for help: the same as a press, and kept like one.

        Args:
            tx: The transaction.
            resident: Who, by id.
            via: `VOICE` or `SMS`; stands where else the device does.
            now: The present.
            said: The key or the words, for the log.
            ref: The provider's name for the call or text.
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
        journal.append(tx, now, journal.Entry(event="signal.kept", resident=resident, device=via, data=data))
        pressed = Pressed(signal=seq, device=via, type=SignalType.SOS.value, text=words)
        incident = self._engine.press(
            tx,
            Opening(
                subject=resident,
                resident=resident,
                plan_name=known.plan if known else "",
                device=via,
                kind=SignalType.SOS.value,
                pressed=pressed,
            ),
            now,
            bare=bare,
        )
        tx.run("signal_link", incident=incident.id, seq=seq)
        return incident

    def text(
        self, tx: Transaction, sender: str, body: str, sid: str, now: datetime, *, bare: bool = False
    ) -> str | None:
        """A text that is no reply: what is answered; None where it says nothing that is known here."""
        if menu.cries_for_help(body) and (living := self._living(tx, sender)):
            return self._cry(tx, living, body, sid, now, bare=bare)
        word = menu.word(body)
        return None if word is None else self._answered(tx, word, sender, sid, now)

    def not_taken(self, tx: Transaction, sender: str) -> str | None:
        """What somebody is answered who lives in a home of ours and texted something else; None for others."""
        living = self._living(tx, sender)
        return self._said(Heard.SAY_HELP, living[0]) if living else None

    def _living(self, tx: Transaction, phone: str) -> list[Resident]:
        found = (lookup.resident(tx, row["id"]) for row in tx.all("residents_of_number", phone=phone))
        return [resident for resident in found if resident is not None]

    def _cry(
        self, tx: Transaction, living: Sequence[Resident], body: str, sid: str, now: datetime, *, bare: bool
    ) -> str:
        """Where two share a telephone nobody knows whose cry it is: an incident for each."""
        for resident in living:
            self.help(tx, resident.id, SMS, now, said=body, ref=sid, bare=bare)
        return self._said(Heard.CANNOT, living[0])

    def _said(self, heard: Heard, resident: Resident) -> str:
        who = Candidate(
            id=f"{RESIDENT_PREFIX}{resident.id}",
            name=resident.name,
            role=Role.RESIDENT,
            language=resident.language,
            channels=(),
        )
        return wording.reply(heard, self._messages.texts_for(who), who=who)

    def _answered(self, tx: Transaction, word: Word, sender: str, sid: str, now: datetime) -> str:
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
