"""What operators see and do, whether by command, by page or by another system.

Reading goes straight to the store. Everything that changes an incident goes through the engine, like a press or a key
on a phone.
"""

from __future__ import annotations

from datetime import tzinfo
from http import HTTPStatus
from typing import Protocol, TypeVar

from alarmd.clock import Clock
from alarmd.engine import NotAllowedError, UnknownIncidentError
from alarmd.store import Store, Transaction
from alarmd.web import models, reading
from alarmd.web.errors import ApiError
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

T = TypeVar("T")
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

    async def apply(self, incident_id: str, event: Event, actor: str) -> Incident:
        """Decide and commit; returns the incident as stored.

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

    async def show(self, incident_id: str) -> models.IncidentDetail:
        """All that is known of one incident."""
        ...

    async def resident(self, resident_id: str) -> models.ResidentView:
        """A resident with contacts and devices."""
        ...

    async def accept(self, incident_id: str, *, by: str, person: str | None) -> models.IncidentDetail:
        """Somebody goes: the named responder, or else the operator has taken it."""
        ...

    async def coming(self, incident_id: str, *, by: str, person: str | None) -> models.IncidentDetail:
        """Somebody is on the way; who had not accepted has by that."""
        ...

    async def arrived(self, incident_id: str, *, by: str, person: str | None) -> models.IncidentDetail:
        """Somebody is at the door."""
        ...

    async def note(self, incident_id: str, *, by: str, text: str) -> models.IncidentDetail:
        """Put something on record; also possible after the close."""
        ...

    async def close(self, incident_id: str, *, by: str, reason: str, cancel_ambulance: bool) -> models.IncidentDetail:
        """The end, which needs a person and a reason."""
        ...

    async def handed_over(self, incident_id: str, *, by: str, accepted: bool, reason: str) -> models.IncidentDetail:
        """The ambulance took the case, or refused it."""
        ...


class StoreDesk:
    """The desk on the daemon's store and engine."""

    def __init__(self, store: Store, engine: Engine) -> None:
        self._store = store
        self._engine = engine

    async def incidents(self, *, include_closed: bool, resident: str | None, limit: int) -> list[models.IncidentView]:
        """Open incidents, and the closed ones on demand."""
        return await self._store.read(
            lambda tx: reading.incidents(tx, include_closed=include_closed, resident=resident, limit=limit)
        )

    async def show(self, incident_id: str) -> models.IncidentDetail:
        """All that is known of one incident."""

        def read(tx: Transaction) -> models.IncidentDetail | None:
            return reading.detail(tx, _named(tx, incident_id).id, now=self._engine.clock.now(), zone=self._engine.zone)

        found = await self._store.read(read)
        assert found is not None
        return found

    async def resident(self, resident_id: str) -> models.ResidentView:
        """A resident with contacts and devices."""
        now, zone = self._engine.clock.now(), self._engine.zone
        found = await self._store.read(lambda tx: reading.resident(tx, resident_id, now=now, zone=zone))
        if found is None:
            raise ApiError(HTTPStatus.NOT_FOUND, "unknown_resident", f"There is no resident {resident_id!r}.")
        return found

    async def accept(self, incident_id: str, *, by: str, person: str | None) -> models.IncidentDetail:
        """Somebody goes: the named responder, or else the operator has taken it."""
        incident, who = await self._find(incident_id, person)
        who = who or _operator(by)
        standing = _standing(incident, who)
        if standing in {*_GOING, Standing.ARRIVED}:
            raise _conflict(f"{_name(incident, who)} has taken {incident.id} already ({standing}).")
        return await self._apply(incident, Answered(person=who, answer=Answer.GO, via="desk", by=by), by)

    async def coming(self, incident_id: str, *, by: str, person: str | None) -> models.IncidentDetail:
        """Somebody is on the way; who had not accepted has by that."""
        incident, who = await self._find(incident_id, person)
        who = who or _the_one(incident, _GOING, "on the way")
        event = Answered(person=who, answer=Answer.GO, via="desk", by=by)
        if _standing(incident, who) not in {*_GOING, Standing.ARRIVED}:
            await self._apply(incident, event, by)
        return await self._apply(incident, event, by)

    async def arrived(self, incident_id: str, *, by: str, person: str | None) -> models.IncidentDetail:
        """Somebody is at the door."""
        incident, who = await self._find(incident_id, person)
        who = who or _the_one(incident, {*_GOING, Standing.OVERDUE}, "at the door")
        return await self._apply(incident, Answered(person=who, answer=Answer.THERE, via="desk", by=by), by)

    async def note(self, incident_id: str, *, by: str, text: str) -> models.IncidentDetail:
        """Put something on record; also possible after the close."""
        incident = await self._store.read(lambda tx: _named(tx, incident_id))
        return await self._apply(incident, Noted(by=by, text=text), by)

    async def close(self, incident_id: str, *, by: str, reason: str, cancel_ambulance: bool) -> models.IncidentDetail:
        """The end, which needs a person and a reason."""
        incident, _ = await self._find(incident_id, None)
        return await self._apply(incident, Closed(by=by, reason=reason, cancel_ambulance=cancel_ambulance), by)

    async def handed_over(self, incident_id: str, *, by: str, accepted: bool, reason: str) -> models.IncidentDetail:
        """The ambulance took the case, or refused it."""
        incident, _ = await self._find(incident_id, None)
        return await self._apply(incident, HandedOver(by=by, via="desk", accepted=accepted, reason=reason), by)

    async def _apply(self, incident: Incident, event: Event, by: str) -> models.IncidentDetail:
        try:
            await self._engine.apply(incident.id, event, by)
        except UnknownIncidentError:
            raise _unknown(incident.id) from None
        except NotAllowedError as error:
            raise _conflict(str(error)) from None
        return await self.show(incident.id)

    async def _find(self, incident_id: str, person: str | None) -> tuple[Incident, str | None]:
        """The open incident, and the id of whoever is meant."""

        def read(tx: Transaction) -> tuple[Incident, str | None]:
            incident = _named(tx, incident_id)
            if incident.status is Status.CLOSED:
                raise _conflict(f"{incident.id} was closed by {incident.closed_by}: {incident.close_reason}.")
            return incident, _person(tx, incident, person) if person else None

        return await self._store.read(read)


def _named(tx: Transaction, part: str) -> Incident:
    """The incident with that reference, or with the only one that begins or ends so."""
    found = reading.like(tx, part)
    if not found:
        raise _unknown(part)
    if len(found) > 1:
        raise _conflict(f"{part!r} could be {', '.join(found)}: write more of it.", "ambiguous")
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
        raise _conflict(f"{who!r} could be {', '.join(found)}: give the id.", "ambiguous")
    if who in _LINE:
        raise _conflict(f"The ambulance has not taken {incident.id}; use the hand-off first.")
    known = ", ".join(f"{p.who.id} ({p.who.name})" for p in incident.participants) or "nobody yet"
    raise ApiError(HTTPStatus.NOT_FOUND, "unknown_person", f"There is no responder {who!r}. Asked so far: {known}.")


def _the_one(incident: Incident, standings: set[Standing], doing: str) -> str:
    found = [p for p in incident.participants if p.standing in standings]
    if len(found) == 1:
        return found[0].who.id
    if not found:
        raise _conflict(f"Nobody has accepted {incident.id}: say who is {doing}.", "who")
    names = ", ".join(f"{p.who.id} ({p.who.name})" for p in found)
    raise _conflict(f"More than one accepted {incident.id}: say who is {doing}: {names}.", "who")


def _operator(by: str) -> str:
    return f"operator:{by}"


def _participant(incident: Incident, who: str) -> Participant | None:
    return next((p for p in incident.participants if p.who.id == who), None)


def _standing(incident: Incident, who: str) -> Standing | None:
    participant = _participant(incident, who)
    return participant.standing if participant else None


def _name(incident: Incident, who: str) -> str:
    participant = _participant(incident, who)
    return participant.who.name if participant else who.removeprefix("operator:")


def _unknown(incident_id: str) -> ApiError:
    return ApiError(HTTPStatus.NOT_FOUND, "unknown_incident", f"There is no incident {incident_id!r}.")


def _conflict(message: str, code: str = "not_possible") -> ApiError:
    return ApiError(HTTPStatus.CONFLICT, code, message)
