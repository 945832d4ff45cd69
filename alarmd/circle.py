"""Who can be asked now: the directory, as `escalation.decide` sees it from inside a transaction."""

from __future__ import annotations

import json
from datetime import datetime
from functools import partial

from alarmd.directory import around, lookup
from alarmd.store import Transaction
from config.settings import Settings
from escalation import whereabouts
from escalation.incident import Incident, People, Standing
from escalation.people import Candidate, Channel, Choice, Contact, Resident, Responder, Role
from escalation.plan import Step, Who
from escalation.responders import DIRECTORY_NOT_ASKED
from escalation.travel import Position

LINE = "line"
DESK_PREFIX = "desk:"
CIRCLE_PREFIX = "circle:"
RESIDENT_PREFIX = "resident:"
_DESK_STEP = Step(contact=Who.DESK)
_NO = {Standing.DECLINED, Standing.UNREACHABLE}


class EnginePeople(People):
    """The directory at one moment, for one decision.

    Args:
        tx: The transaction the decision is made in.
        settings: Desk phones, ambulance, limits.
        now: The decision's time: who is on duty.
    """

    def __init__(self, tx: Transaction, *, settings: Settings, now: datetime) -> None:
        self._tx = tx
        self._settings = settings
        self._now = now

    def choose(self, incident: Incident, step: int) -> Choice:
        """Who is contacted in that step, and why not the others."""
        return self._choose(incident, incident.plan.steps[step])

    def desk(self, incident: Incident) -> Choice:
        """The desk's phones and its people on duty."""
        return self._choose(incident, _DESK_STEP)

    def person(self, incident: Incident, who: str) -> Candidate | None:
        """A responder by id, with their way to this door."""
        responder = lookup.responder(self._tx, who)
        if responder is None:
            return None
        resident = self._resident(incident)
        contacts = lookup.contacts_of(self._tx, resident.id) if resident else []
        contact = next((c for c in contacts if c.responder == who), None)
        return self._candidate(responder, resident, contact)

    def _choose(self, incident: Incident, step: Step) -> Choice:
        asked = frozenset(p.who.id for p in incident.participants if p.standing not in _NO)
        declined = frozenset(p.who.id for p in incident.participants if p.standing in _NO)
        return around.choose_for(
            self._tx,
            step,
            self._resident(incident),
            settings=self._settings,
            now=self._now,
            asked=asked,
            declined=declined,
            busy=partial(self._busy, incident),
        )

    def _busy(self, incident: Incident, people: list[str]) -> frozenset[str]:
        """Who of these people is engaged in another home's emergency."""
        rows = self._tx.each(
            "engagement_elsewhere", people=json.dumps(people), incident=incident.id, home=incident.subject
        )
        return frozenset(row["person"] for row in rows)

    def _candidate(self, responder: Responder, resident: Resident | None, contact: Contact | None) -> Candidate:
        way = None
        if resident and resident.lat is not None and resident.lon is not None:
            door = Position(resident.lat, resident.lon)
            if responder.lat is not None and responder.lon is not None:
                start = Position(responder.lat, responder.lon)
                way = around.router(self._settings.service).seconds(start, door, responder.travel)
        return Candidate(
            id=responder.id,
            name=responder.name,
            role=responder.role,
            language=responder.language,
            channels=tuple(Channel) if responder.phone else (),
            travel_seconds=way,
            rank=contact.rank if contact else None,
            relationship=contact.relationship if contact else "",
            has_key=contact.has_key if contact else False,
        )

    def _resident(self, incident: Incident) -> Resident | None:
        """Whose home it is; with the place where the device is, if they are not at home: ways are judged from there."""
        resident = lookup.resident(self._tx, incident.resident) if incident.resident else None
        return whereabouts.place(resident, incident.fix)


class OnlyDesk(People):
    """The desk's phones and the line, and no directory: who is left when a defect of ours bars the usual people.

    Args:
        settings: Desk phones, ambulance.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def choose(self, incident: Incident, step: int) -> Choice:
        """The line for its own step, for every other one the desk."""
        if incident.plan.steps[step].contact is Who.AMBULANCE and self._settings.ambulance.mode == "line":
            return Choice(chosen=(self._machine(LINE, "ambulance line", Role.DISPATCH),), gap=DIRECTORY_NOT_ASKED)
        return self.desk(incident)

    def desk(self, incident: Incident) -> Choice:
        """The desk's phones."""
        del incident
        phones = range(len(self._settings.service.desk_phones))
        chosen = (self._machine(f"{DESK_PREFIX}{n}", f"desk phone {n + 1}", Role.DESK) for n in phones)
        return Choice(chosen=tuple(chosen), gap=DIRECTORY_NOT_ASKED)

    def person(self, incident: Incident, who: str) -> Candidate | None:
        """Nobody is known."""
        del incident, who
        return None

    def _machine(self, id_: str, name: str, role: Role) -> Candidate:
        language = self._settings.service.language
        return Candidate(id=id_, name=name, role=role, language=language, channels=tuple(Channel))


def phone_of(tx: Transaction, settings: Settings, who: str) -> str:
    """The number behind a candidate's id, E.164; empty where there is none (any more)."""
    if who == LINE:
        return str(settings.ambulance.phone or "")
    if who.startswith(DESK_PREFIX):
        index = int(who.removeprefix(DESK_PREFIX))
        phones = settings.service.desk_phones
        return phones[index] if index < len(phones) else ""
    if who.startswith(RESIDENT_PREFIX):
        resident = lookup.resident(tx, who.removeprefix(RESIDENT_PREFIX))
        return resident.phone if resident else ""
    if who.startswith(CIRCLE_PREFIX):
        circle = lookup.circle(tx, who.removeprefix(CIRCLE_PREFIX))
        return circle.phone if circle else ""
    responder = lookup.responder(tx, who)
    return responder.phone if responder else ""
