"""Who can be asked now: the directory, as `escalation.decide` sees it from inside a transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial

from alarmd.directory import around, lookup, telephones
from alarmd.directory.telephones import CIRCLE_PREFIX, DESK_PREFIX, LINE, RESIDENT_PREFIX, phone_of
from alarmd.store import Transaction
from config.settings import Settings
from escalation import whereabouts
from escalation.incident import Incident, People, Standing
from escalation.neighbourhood import desk_name, line_name
from escalation.people import Candidate, Channel, Choice, Contact, Resident, Responder, Role
from escalation.plan import Step, Who
from escalation.responders import DIRECTORY_NOT_ASKED, Numbers
from escalation.travel import Position

__all__ = ["CIRCLE_PREFIX", "DESK_PREFIX", "LINE", "RESIDENT_PREFIX", "EnginePeople", "OnlyDesk", "phone_of"]

_DESK_STEP = Step(contact=Who.DESK)
_NO = {Standing.DECLINED, Standing.UNREACHABLE}
_AT_DESK = {Role.DESK, Role.DISPATCH}


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

    def anybody(self, incident: Incident) -> Choice:
        """Everyone around and whom the plan means; then those off duty, then those with an alarm of their own."""
        return around.last_resort(self._tx, incident.plan, self._resident(incident), **self._known(incident))

    def gone(self, incident: Incident) -> tuple[str, ...]:
        """Who was to be reached by telephone, and has none any more."""
        return _gone(self._tx, self._settings, incident)

    def person(self, incident: Incident, who: str) -> Candidate | None:
        """A responder by id, with their way to this door."""
        responder = lookup.responder(self._tx, who)
        if responder is None:
            return None
        resident = self._resident(incident)
        contacts = around.contacts_of(self._tx, resident.id, incident.also) if resident else ()
        contact = next((c for c in contacts if c.responder == who), None)
        return self._candidate(responder, resident, contact)

    def _choose(self, incident: Incident, step: Step) -> Choice:
        return around.choose_for(self._tx, step, self._resident(incident), **self._known(incident))

    def _known(self, incident: Incident) -> around.Known:
        asked = frozenset(p.who.id for p in incident.participants if p.standing not in _NO)
        declined = frozenset(p.who.id for p in incident.participants if p.standing in _NO)
        return around.Known(
            settings=self._settings,
            now=self._now,
            asked=asked,
            declined=declined,
            busy=partial(self._busy, incident),
            numbers=self._numbers(incident),
            also=incident.also,
        )

    def is_engaged(self, incident: Incident, who: str) -> bool:
        """Whether somebody, or who else has their telephone, goes to another home's emergency."""
        return bool(self._busy(incident, {who: phone_of(self._tx, self._settings, who)}))

    def _numbers(self, incident: Incident) -> Numbers:
        """The telephones of those who are asked, go or said no; the desk's no is to another question."""
        asked: dict[str, str] = {}
        declined: dict[str, str] = {}
        for participant in incident.participants:
            who = participant.who
            if who.role is Role.RESIDENT or not (phone := phone_of(self._tx, self._settings, who.id)):
                continue
            if participant.standing not in _NO:
                asked[phone] = who.name
            elif who.role not in _AT_DESK:
                declined[phone] = who.name
        return Numbers(asked=asked, declined=declined)

    def _busy(self, incident: Incident, people: Mapping[str, str]) -> frozenset[str]:
        """Who of these people, each with a number, is engaged in another home's emergency."""
        homes = lookup.of_one_home(self._tx, incident.resident) if incident.resident else []
        homes = [incident.subject, *homes]
        return telephones.engaged(self._tx, people, incident=incident.id, homes=homes, now=self._now)

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
            telephone=telephones.telephone(self._tx, self._settings, responder.phone),
        )

    def _resident(self, incident: Incident) -> Resident | None:
        """Whose home it is; with the place where the device is, if they are not at home: ways are judged from there."""
        resident = lookup.resident(self._tx, incident.resident) if incident.resident else None
        return whereabouts.place(resident, incident.fix)


def _gone(tx: Transaction, settings: Settings, incident: Incident) -> tuple[str, ...]:
    reached = (p.who for p in incident.participants if p.who.channels)
    return tuple(who.id for who in reached if not phone_of(tx, settings, who.id))


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
            return Choice(
                chosen=(self._machine(LINE, line_name(self._settings.service.language), Role.DISPATCH),),
                gap=DIRECTORY_NOT_ASKED,
            )
        return self.desk(incident)

    def desk(self, incident: Incident) -> Choice:
        """The desk's phones."""
        del incident
        first = {phone: n for n, phone in reversed(list(enumerate(self._settings.service.desk_phones)))}
        phones = sorted(first.values())  # one number is one slot
        language = self._settings.service.language
        chosen = (self._machine(f"{DESK_PREFIX}{n}", desk_name(n, language), Role.DESK) for n in phones)
        return Choice(chosen=tuple(chosen), gap=DIRECTORY_NOT_ASKED)

    def anybody(self, incident: Incident) -> Choice:
        """Nobody is known."""
        del incident
        return Choice(gap=DIRECTORY_NOT_ASKED)

    def gone(self, incident: Incident) -> tuple[str, ...]:
        """The line, where the settings have none any more."""
        has_line = self._settings.ambulance.mode == "line"
        return () if has_line else tuple(p.who.id for p in incident.participants if p.who.id == LINE)

    def person(self, incident: Incident, who: str) -> Candidate | None:
        """Nobody is known."""
        del incident, who
        return None

    def _machine(self, id_: str, name: str, role: Role) -> Candidate:
        language = self._settings.service.language
        return Candidate(id=id_, name=name, role=role, language=language, channels=tuple(Channel))
