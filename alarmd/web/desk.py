"""What operators see and do, whether by command, by page or by another system.

Reading goes straight to the store. Everything that changes an incident goes through the engine, like a press or a key
on a phone.
"""

from __future__ import annotations

from datetime import tzinfo
from http import HTTPStatus
from typing import Protocol, TypeVar

from alarmd.clock import Clock
from alarmd.directory import lookup
from alarmd.engine import NOT_ALLOWED, NotAllowedError, UnknownIncidentError
from alarmd.reserved import OWN_SHOWN, is_no_person
from alarmd.store import Store, Transaction
from alarmd.web import models, reading
from alarmd.web.errors import ApiError
from alarmd.web.words import person_name, standing_word
from config.settings import Settings
from config.wording import said, said_again
from escalation.incident import (
    Answer,
    Answered,
    Closed,
    Event,
    HandedOver,
    Incident,
    Noted,
    Participant,
    Standing,
    Status,
)
from escalation.people import Role
from escalation.texts.facts import AMBULANCE

T = TypeVar("T")
_ByHand = Answered | HandedOver | Noted | Closed
_GOING = {Standing.ACCEPTED, Standing.COMING}
_LINE = {"ambulance", "line"}


class Engine(Protocol):
    """The only writer of incidents, as far as the desk needs it."""

    @property
    def clock(self) -> Clock:
        """What time it is."""
        ...

    @property
    def zone(self) -> tzinfo:
        """The service's own time."""
        ...

    async def apply(self, incident_id: str, event: Event, *, login: str = "", then: Event | None = None) -> Incident:
        """Decide and commit, ``then`` in the same commit; returns the incident as stored.

        Raises:
            UnknownIncidentError: There is none with that reference.
            NotAllowedError: It cannot be done; its text says why.
        """
        ...


class Desk(Protocol):
    """The operator's hands.

    An incident may be named by a unique beginning or end of its reference; every refusal is an `ApiError`.
    """

    async def incidents(self, *, include_closed: bool, resident: str | None, limit: int) -> list[models.IncidentView]:
        """Open incidents, and the closed ones on demand."""
        ...

    async def show(self, incident_id: str, *, numbers: bool) -> models.IncidentDetail:
        """All that is known of one incident; telephones of those who can be rung only with ``numbers``."""
        ...

    async def resident(self, resident_id: str, *, numbers: bool) -> models.ResidentView:
        """A resident with contacts and devices; telephones of those who can be rung only with ``numbers``."""
        ...

    async def accept(self, incident_id: str, *, by: str, login: str, person: str | None) -> models.IncidentDetail:
        """Somebody goes: the named responder, or else the operator has taken it."""
        ...

    async def coming(self, incident_id: str, *, by: str, login: str, person: str | None) -> models.IncidentDetail:
        """Somebody is on the way; who had not accepted has by that."""
        ...

    async def arrived(self, incident_id: str, *, by: str, login: str, person: str | None) -> models.IncidentDetail:
        """Somebody is at the door."""
        ...

    async def note(self, incident_id: str, *, by: str, login: str, text: str) -> models.IncidentDetail:
        """Put something on record; also possible after the close."""
        ...

    async def close(
        self, incident_id: str, *, by: str, login: str, reason: str, cancel_ambulance: bool
    ) -> models.IncidentDetail:
        """The end, which needs a person and a reason."""
        ...

    async def handed_over(
        self, incident_id: str, *, by: str, login: str, accepted: bool, reason: str
    ) -> models.IncidentDetail:
        """The ambulance took the case, or refused it."""
        ...


class StoreDesk:
    """The desk on the daemon's store and engine."""

    def __init__(self, store: Store, engine: Engine, settings: Settings) -> None:
        self._store = store
        self._engine = engine
        self._settings = settings

    async def incidents(self, *, include_closed: bool, resident: str | None, limit: int) -> list[models.IncidentView]:
        """Open incidents, and the closed ones on demand."""
        now = self._engine.clock.now()
        return await self._store.read(
            lambda tx: reading.incidents(tx, include_closed=include_closed, resident=resident, limit=limit, now=now)
        )

    async def show(self, incident_id: str, *, numbers: bool) -> models.IncidentDetail:
        """All that is known of one incident; telephones of those who can be rung only with ``numbers``."""
        now = self._engine.clock.now()

        def read(tx: Transaction) -> models.IncidentDetail | None:
            found = named(tx, incident_id)
            return reading.detail(tx, found.id, now=now, settings=self._settings, numbers=numbers)

        found = await self._store.read(read)
        assert found is not None
        return found

    async def resident(self, resident_id: str, *, numbers: bool) -> models.ResidentView:
        """A resident with contacts and devices; telephones of those who can be rung only with ``numbers``."""
        now, zone = self._engine.clock.now(), self._engine.zone

        def read(tx: Transaction) -> models.ResidentView | None:
            if lookup.resident(tx, resident_id) is None:  # none, or retired
                return None
            return reading.resident(tx, resident_id, now=now, zone=zone, numbers=numbers)

        found = await self._store.read(read)
        if found is None:
            raise ApiError(
                HTTPStatus.NOT_FOUND,
                "unknown_resident",
                said("There is no resident {resident!r}.", resident=resident_id),
            )
        return found

    async def accept(self, incident_id: str, *, by: str, login: str, person: str | None) -> models.IncidentDetail:
        """Somebody goes: the named responder, or else the operator has taken it."""
        incident, who = await self._find(incident_id, person)
        who = who or _operator(by)
        standing = _standing(incident, who)
        if standing in {*_GOING, Standing.ARRIVED}:
            raise _conflict(
                incident,
                said(
                    "{name} has taken {incident} already ({standing}).",
                    name=_name(incident, who),
                    incident=incident.id,
                    standing=standing_word(standing),
                ),
            )
        return await self._apply(incident, Answered(person=who, answer=Answer.GO, via="desk", by=by), login)

    async def coming(self, incident_id: str, *, by: str, login: str, person: str | None) -> models.IncidentDetail:
        """Somebody is on the way; who had not accepted has by that."""
        incident, who = await self._find(incident_id, person)
        who = who or _the_one(incident, _GOING)
        _must_travel(incident, who)
        event = Answered(person=who, answer=Answer.GO, via="desk", by=by)
        taken = _standing(incident, who) in {*_GOING, Standing.ARRIVED}
        return await self._apply(incident, event, login, then=None if taken else event)

    async def arrived(self, incident_id: str, *, by: str, login: str, person: str | None) -> models.IncidentDetail:
        """Somebody is at the door."""
        incident, who = await self._find(incident_id, person)
        who = who or _the_one(incident, {*_GOING, Standing.OVERDUE})
        _must_travel(incident, who)
        return await self._apply(incident, Answered(person=who, answer=Answer.THERE, via="desk", by=by), login)

    async def note(self, incident_id: str, *, by: str, login: str, text: str) -> models.IncidentDetail:
        """Put something on record; also possible after the close."""
        incident = await self._store.read(lambda tx: named(tx, incident_id))
        return await self._apply(incident, Noted(by=by, text=text), login)

    async def close(
        self, incident_id: str, *, by: str, login: str, reason: str, cancel_ambulance: bool
    ) -> models.IncidentDetail:
        """The end, which needs a person and a reason."""
        incident, _ = await self._find(incident_id, None)
        return await self._apply(incident, Closed(by=by, reason=reason, cancel_ambulance=cancel_ambulance), login)

    async def handed_over(
        self, incident_id: str, *, by: str, login: str, accepted: bool, reason: str
    ) -> models.IncidentDetail:
        """The ambulance took the case, or refused it."""
        incident, _ = await self._find(incident_id, None)
        return await self._apply(incident, HandedOver(by=by, via="desk", accepted=accepted, reason=reason), login)

    async def _apply(
        self, incident: Incident, event: _ByHand, login: str, *, then: _ByHand | None = None
    ) -> models.IncidentDetail:
        if is_no_person(event.by):
            raise ApiError(
                HTTPStatus.UNPROCESSABLE_ENTITY,
                "reserved_name",
                said(
                    "{text!r} is a name alarmd gives itself ({names}): say who you are.", text=event.by, names=OWN_SHOWN
                ),
            )
        try:
            await self._engine.apply(incident.id, event, login=login, then=then)
        except UnknownIncidentError:
            raise _unknown(incident.id) from None
        except NotAllowedError as error:
            raise _conflict(incident, said_again(str(error), NOT_ALLOWED)) from None
        return await self.show(incident.id, numbers=True)

    async def _find(self, incident_id: str, person: str | None) -> tuple[Incident, str | None]:
        """The open incident, and the id of whoever is meant."""

        def read(tx: Transaction) -> tuple[Incident, str | None]:
            incident = named(tx, incident_id)
            if incident.status is Status.CLOSED:
                raise _conflict(
                    incident,
                    said(
                        "{incident} was closed by {by}: {reason}.",
                        incident=incident.id,
                        by=incident.closed_by,
                        reason=incident.close_reason,
                    ),
                )
            return incident, _person(tx, incident, person) if person else None

        return await self._store.read(read)


def named(tx: Transaction, part: str) -> Incident:
    """The incident with that reference, or with the only one that begins or ends so."""
    found = reading.like(tx, part)
    if not found:
        raise _unknown(part)
    if len(found) > 1:
        message = said("{part!r} could be {found}: write more of it.", part=part, found=said(", ").join(found))
        raise ApiError(HTTPStatus.CONFLICT, "ambiguous", message)
    incident = reading.incident(tx, found[0])
    assert incident is not None
    return incident


def _person(tx: Transaction, incident: Incident, who: str) -> str:
    asked = [p.who.id for p in incident.participants if p.who.id == who] or [
        p.who.id for p in incident.participants if p.who.name == who
    ]
    found = asked or [one for one, _ in reading.responder(tx, who)]
    if len(found) == 1:
        return found[0]
    if found:
        raise _conflict(
            incident, said("{who!r} could be {found}: give the id.", who=who, found=said(", ").join(found)), "ambiguous"
        )
    if who in _LINE:
        raise _conflict(
            incident, said("The ambulance has not taken {incident}; use the hand-off first.", incident=incident.id)
        )
    known = said(", ").join(f"{p.who.id} ({person_name(p.who)})" for p in incident.participants) or said("nobody yet")
    message = said("There is no responder {who!r}. Asked so far: {known}.", who=who, known=known)
    raise ApiError(HTTPStatus.NOT_FOUND, "unknown_person", message).of(incident.resident, incident.id)


def _the_one(incident: Incident, standings: set[Standing]) -> str:
    found = [p for p in incident.participants if p.standing in standings and p.who.role is not Role.DESK]
    if len(found) == 1:
        return found[0].who.id
    if not found:
        raise _conflict(
            incident, said("Nobody has accepted {incident}: say who, with --for.", incident=incident.id), "who"
        )
    names = said(", ").join(f"{p.who.id} ({person_name(p.who)})" for p in found)
    raise _conflict(
        incident,
        said("More than one accepted {incident}: say which one: {names}.", incident=incident.id, names=names),
        "who",
    )


def _must_travel(incident: Incident, who: str) -> None:
    """Who sits at the desk, or on the ambulance's line, is neither on the way nor at the door."""
    participant = _participant(incident, who)
    if participant is None or who == AMBULANCE or participant.who.role not in {Role.DESK, Role.DISPATCH}:
        return
    raise _conflict(
        incident,
        said("{name} is at the desk and does not go there: say who does, with --for.", name=participant.who.name),
        "who",
    )


def _operator(by: str) -> str:
    return f"operator:{by}"


def _participant(incident: Incident, who: str) -> Participant | None:
    return next((p for p in incident.participants if p.who.id == who), None)


def _standing(incident: Incident, who: str) -> Standing | None:
    participant = _participant(incident, who)
    return participant.standing if participant else None


def _name(incident: Incident, who: str) -> str:
    participant = _participant(incident, who)
    return person_name(participant.who) if participant else who.removeprefix("operator:")


def _unknown(incident_id: str) -> ApiError:
    return ApiError(
        HTTPStatus.NOT_FOUND, "unknown_incident", said("There is no incident {incident!r}.", incident=incident_id)
    )


def _conflict(incident: Incident, message: str, code: str = "not_possible") -> ApiError:
    return ApiError(HTTPStatus.CONFLICT, code, message).of(incident.resident, incident.id)
