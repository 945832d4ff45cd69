"""Which residents nobody on duty could reach in time."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from datetime import datetime

import msgspec

from alarmd.directory import lookup
from alarmd.directory.around import router
from alarmd.directory.proving import Unproved, unproved
from alarmd.directory.rotas import DutyAt, Stored
from alarmd.store import Transaction
from config.settings import Settings
from config.wording import said
from escalation.neighbourhood import is_the_same
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


def coverage(
    tx: Transaction, *, settings: Settings, at: datetime, nearest_for: int = 200, duty: DutyAt | None = None
) -> Coverage:
    """Look at every resident.

    Args:
        tx: A transaction that may only read.
        settings: The service's: ``reach_within`` and the speeds.
        at: When, aware.
        nearest_for: For how many of the uncovered the nearest responder is named; that search is a long one.
        duty: Who is on duty; None = by what is stored.
    """
    way = router(settings.service)
    everybody = on_duty_at(tx, settings, at, duty)
    people = [person for person in everybody if person.serves_anybody]
    reach = Reach(tx, everybody, settings)
    residents = lookup.residents(tx)
    bare = [r for r in residents if not reach.holds(r)]
    return Coverage(
        residents=len(residents),
        on_duty=len(everybody),
        uncovered=tuple(_uncovered(r, people if i < nearest_for else (), way) for i, r in enumerate(bare)),
        unproved=tuple(unproved(tx, now=at, zone=settings.zone)),
    )


class Reach:
    """Which homes some people reach in time: whoever serves anybody, and family and key holders their own.

    Args:
        tx: A transaction that reads.
        people: Those on duty.
        settings: The service's: ``reach_within`` and the speeds.
    """

    def __init__(self, tx: Transaction, people: Iterable[Responder], settings: Settings) -> None:
        people = list(people)
        self._way = router(settings.service)
        self._within = settings.service.reach_within
        anybodys = [person for person in people if person.serves_anybody]
        self._nets = [_Net(anybodys, travel, self._way, self._within) for travel in Travel]
        self._own = _own(tx, [person for person in people if not person.serves_anybody])

    def holds(self, resident: Resident) -> bool:
        """Whether one of them reaches this door in time."""
        if resident.lat is None or resident.lon is None:
            return False
        return any(net.holds(resident) for net in self._nets) or self._reached_by_its_own(resident)

    def _reached_by_its_own(self, resident: Resident) -> bool:
        assert resident.lat is not None
        assert resident.lon is not None
        door = Position(resident.lat, resident.lon)
        return any(
            self._way.seconds(Position(one.lat, one.lon), door, one.travel) <= self._within
            for one in self._own.get(resident.id, ())
            if one.lat is not None and one.lon is not None and not is_the_same(one, resident)
        )


def on_duty_at(tx: Transaction, settings: Settings, at: datetime, duty: DutyAt | None = None) -> list[Responder]:
    """The people on duty at that time who can be rung and whose place is known.

    Args:
        tx: A transaction that reads.
        settings: The service's.
        at: When, aware.
        duty: Who is on duty; None = by what is stored.
    """
    stands = duty or Stored(tx, settings)
    return [r for r in ringable(tx) if stands(r.on_call, at).on]


def ringable(tx: Transaction) -> list[Responder]:
    """The people who can be rung and whose place is known, on duty or off; nobody of the desk."""
    return [r for r in lookup.responders(tx) if r.role is not Role.DESK and r.phone and r.lat is not None]


def _own(tx: Transaction, people: Iterable[Responder]) -> dict[str, list[Responder]]:
    """Family and key holders, who go only to the homes that named them: those of each home."""
    known = {person.id: person for person in people}
    own: dict[str, list[Responder]] = {}
    for contact in lookup.contacts(tx) if known else ():
        if contact.responder in known:
            own.setdefault(contact.resident, []).append(known[contact.responder])
    return own


class _Net:
    """The responders of one way of travelling, in cells as wide as they reach."""

    def __init__(self, people: Iterable[Responder], travel: Travel, way: Router, reach: float) -> None:
        self._way = way
        self._travel = travel
        self._reach = reach
        self._metres = way.reach_metres(reach, travel) * _SLACK
        self._height = self._metres / _METRES_PER_DEGREE
        self._cells: dict[tuple[int, int], list[tuple[Position, Responder]]] = {}
        for person in people:
            if person.travel is travel and person.lat is not None and person.lon is not None:
                row = math.floor(person.lat / self._height)
                cell = (row, math.floor(person.lon / self._width(row)))
                self._cells.setdefault(cell, []).append((Position(person.lat, person.lon), person))

    def holds(self, resident: Resident) -> bool:
        """Whether one of them reaches this door in time."""
        if resident.lat is None or resident.lon is None:
            return False
        door = Position(resident.lat, resident.lon)
        near = sorted(
            (metres, place)
            for place, person in self._around(door)
            if (metres := _quick(place, door)) <= self._metres and not is_the_same(person, resident)
        )
        return any(self._way.seconds(place, door, self._travel) <= self._reach for _, place in near)

    def _around(self, door: Position) -> Iterator[tuple[Position, Responder]]:
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
        return Uncovered(resident=resident, why=said("has no position"))
    door = Position(resident.lat, resident.lon)
    quickest = min(
        (
            (_quick(Position(p.lat, p.lon), door) / way.reach_metres(1.0, p.travel), p.id, p)
            for p in people
            if p.lat is not None and p.lon is not None and not is_the_same(p, resident)
        ),
        default=None,
    )
    if quickest is None:
        return Uncovered(resident=resident, why=said("nobody on duty is near enough"))
    return Uncovered(
        resident=resident,
        why=said("nobody on duty is near enough"),
        nearest=quickest[2].name,
        nearest_seconds=quickest[0],
    )
