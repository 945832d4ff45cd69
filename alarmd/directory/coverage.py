"""Which residents nobody on duty could reach in time."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

import msgspec

from alarmd.directory import lookup
from alarmd.directory.around import calendars, router
from alarmd.directory.proving import Unproved, unproved
from alarmd.store import Transaction
from config.settings import Settings
from escalation.on_call import on_duty
from escalation.people import Resident, Responder, Role, Travel
from escalation.travel import Position, Router

_METRES_PER_DEGREE = 111_320.0
_SLACK = 1.02  # how wrong the quick distance may be before the router is asked


class Uncovered(msgspec.Struct, frozen=True, kw_only=True):
    """A resident nobody reaches in time; the nearest on duty, if a position is known at all."""

    resident: Resident
    why: str
    nearest: str = ""
    nearest_seconds: float | None = None


class Coverage(msgspec.Struct, frozen=True, kw_only=True):
    """How many residents there are, how many responders are on duty, and who is not covered.

    ``unproved``: devices for which their homes are not protected, whoever is on duty.
    """

    residents: int
    on_duty: int
    uncovered: tuple[Uncovered, ...]
    unproved: tuple[Unproved, ...] = ()


def coverage(tx: Transaction, *, settings: Settings, at: datetime, nearest_for: int = 200) -> Coverage:
    """Look at every resident.

    Args:
        tx: A transaction that may only read.
        settings: The service's: ``reach_within`` and the speeds.
        at: When, aware.
        nearest_for: For how many of the uncovered the nearest responder is named; that search is a long one.
    """
    way = router(settings.service)
    everybody = _on_duty(tx, settings, at)
    people = [person for person in everybody if person.serves_anybody]
    own = _own(tx, [person for person in everybody if not person.serves_anybody])
    nets = [_Net(people, travel, way, settings.service.reach_within) for travel in Travel]
    residents = lookup.residents(tx)
    bare = [r for r in residents if not any(net.holds(r) for net in nets) and not _reached(r, own, way, settings)]
    return Coverage(
        residents=len(residents),
        on_duty=len(everybody),
        uncovered=tuple(_uncovered(r, people if i < nearest_for else (), way) for i, r in enumerate(bare)),
        unproved=tuple(unproved(tx, now=at, zone=settings.zone)),
    )


def _on_duty(tx: Transaction, settings: Settings, at: datetime) -> list[Responder]:
    fit = [r for r in lookup.responders(tx) if r.role is not Role.DESK and r.phone and r.lat is not None]
    texts = calendars(fit, settings.folder)
    zone, country = settings.zone, settings.service.country
    return [r for r in fit if on_duty(r.on_call, at, zone=zone, country=country, calendars=texts).on]


def _own(tx: Transaction, people: Iterable[Responder]) -> dict[str, list[Responder]]:
    """Family and key holders, who go only to the homes that named them: those of each home."""
    known = {person.id: person for person in people}
    own: dict[str, list[Responder]] = {}
    for contact in lookup.contacts(tx) if known else ():
        if contact.responder in known:
            own.setdefault(contact.resident, []).append(known[contact.responder])
    return own


def _reached(resident: Resident, own: Mapping[str, list[Responder]], way: Router, settings: Settings) -> bool:
    if resident.lat is None or resident.lon is None:
        return False
    door = Position(resident.lat, resident.lon)
    return any(
        way.seconds(Position(one.lat, one.lon), door, one.travel) <= settings.service.reach_within
        for one in own.get(resident.id, ())
        if one.lat is not None and one.lon is not None
    )


class _Net:
    """The responders of one way of travelling, in cells as wide as they reach."""

    def __init__(self, people: Iterable[Responder], travel: Travel, way: Router, reach: float) -> None:
        self._way = way
        self._travel = travel
        self._reach = reach
        self._metres = way.reach_metres(reach, travel) * _SLACK
        self._height = self._metres / _METRES_PER_DEGREE
        self._cells: dict[tuple[int, int], list[Position]] = {}
        for person in people:
            if person.travel is travel and person.lat is not None and person.lon is not None:
                row = math.floor(person.lat / self._height)
                cell = (row, math.floor(person.lon / self._width(row)))
                self._cells.setdefault(cell, []).append(Position(person.lat, person.lon))

    def holds(self, resident: Resident) -> bool:
        """Whether one of them reaches this door in time."""
        if resident.lat is None or resident.lon is None:
            return False
        door = Position(resident.lat, resident.lon)
        near = sorted(
            (metres, place) for place in self._around(door) if (metres := _quick(place, door)) <= self._metres
        )
        return any(self._way.seconds(place, door, self._travel) <= self._reach for _, place in near)

    def _around(self, door: Position) -> Iterator[Position]:
        row = math.floor(door.lat / self._height)
        for r in (row - 1, row, row + 1):
            column = math.floor(door.lon / self._width(r))
            for c in (column - 1, column, column + 1):
                yield from self._cells.get((r, c), ())

    def _width(self, row: int) -> float:
        """Degrees of longitude of a cell: as wide as they reach, where the row is narrowest."""
        farthest = min(max(abs(row), abs(row + 1)) * self._height + self._height, 89.0)
        return self._height / math.cos(math.radians(farthest))


def _quick(a: Position, b: Position) -> float:
    """Metres, to a hundredth: the earth as a plane around here."""
    x = (a.lon - b.lon) * math.cos(math.radians((a.lat + b.lat) / 2))
    return math.hypot(x, a.lat - b.lat) * _METRES_PER_DEGREE


def _uncovered(resident: Resident, people: Iterable[Responder], way: Router) -> Uncovered:
    if resident.lat is None or resident.lon is None:
        return Uncovered(resident=resident, why="has no position")
    door = Position(resident.lat, resident.lon)
    quickest = min(
        (
            (_quick(Position(p.lat, p.lon), door) / way.reach_metres(1.0, p.travel), p.id, p)
            for p in people
            if p.lat is not None and p.lon is not None
        ),
        default=None,
    )
    if quickest is None:
        return Uncovered(resident=resident, why="nobody on duty is near enough")
    return Uncovered(
        resident=resident, why="nobody on duty is near enough", nearest=quickest[2].name, nearest_seconds=quickest[0]
    )
