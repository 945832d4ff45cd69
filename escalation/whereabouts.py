"""Where the wearer of a device is: at home, or somewhere else, by the device's own satellite receiver.

A position counts as *away* when it is farther from home than `NEAR_METRES` and its own error. It says where people are
to go only while it is *fresh*; an older one is told with its age, and the home stays the place.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta

import msgspec

from escalation.people import Resident
from escalation.travel import Position, metres

NEAR_METRES = 200.0  # a block of flats, its yard, the shop across the street
FRESH_FOR = timedelta(minutes=10)
WORTH_TELLING = timedelta(hours=24)
MOVED_METRES = 300.0
_NULL_ISLAND = 0.01  # degrees around 0, 0: what a receiver says that has found no satellite
_WORST_ERROR = 5_000.0  # metres; what is less sure says nothing about a street
_OCTANT = 45.0
_POLE = 90.0
OCTANTS = ("north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west")


class Fix(msgspec.Struct, frozen=True, kw_only=True):
    """A position of a device: WGS-84 degrees, the radius of its error in metres, and when it was received.

    ``age_s`` is how old it was when help was asked for.
    """

    lat: float
    lon: float
    at: datetime
    accuracy_m: float | None = None
    age_s: float = 0.0

    @property
    def fresh(self) -> bool:
        """Whether people may be sent there."""
        return self.age_s <= FRESH_FOR.total_seconds()


class Away(msgspec.Struct, frozen=True, kw_only=True):
    """Not at home. ``metres`` and ``octant`` (0 north, 1 north-east … 7) from home; None where no home is known."""

    lat: float
    lon: float
    metres: float | None = None
    octant: int | None = None
    age_s: float = 0.0
    fresh: bool = True

    @property
    def direction(self) -> str:
        """The octant in words; empty without a home."""
        return "" if self.octant is None else OCTANTS[self.octant]


def fix(lat: float | None, lon: float | None, accuracy_m: float | None, *, at: datetime, now: datetime) -> Fix | None:
    """A position as a device said it; None where it says nothing that could be true.

    Args:
        lat: Degrees.
        lon: Degrees.
        accuracy_m: The radius of its error.
        at: When it was received.
        now: When help is asked for.
    """
    if lat is None or lon is None or not (abs(lat) <= _POLE and abs(lon) <= 2 * _POLE):
        return None
    if abs(lat) < _NULL_ISLAND and abs(lon) < _NULL_ISLAND:
        return None
    error = accuracy_m if accuracy_m is not None and math.isfinite(accuracy_m) and accuracy_m >= 0 else None
    age = max(0.0, (now - at).total_seconds())
    if (error is not None and error > _WORST_ERROR) or age > WORTH_TELLING.total_seconds():
        return None
    return Fix(lat=lat, lon=lon, at=at, accuracy_m=error, age_s=age)


def away(resident: Resident | None, found: Fix | None) -> Away | None:
    """Where somebody is who is not at home; None where they are, or nobody knows better."""
    if found is None:
        return None
    told = {"lat": found.lat, "lon": found.lon, "age_s": found.age_s, "fresh": found.fresh}
    if resident is None or resident.lat is None or resident.lon is None:
        return msgspec.convert(told, Away)
    home, there = Position(resident.lat, resident.lon), Position(found.lat, found.lon)
    distance = metres(home, there)
    if distance <= NEAR_METRES + (found.accuracy_m or 0.0):
        return None
    return msgspec.convert({**told, "metres": distance, "octant": _octant(home, there)}, Away)


def place(resident: Resident | None, found: Fix | None) -> Resident | None:
    """The resident with the position where people are to go: where the device is, if known now; else home."""
    there = away(resident, found)
    if resident is None or there is None or not there.fresh:
        return resident
    return msgspec.structs.replace(resident, lat=there.lat, lon=there.lon)


def has_moved(before: Fix, now: Fix) -> bool:
    """Whether it is worth telling that a device is somewhere else by now."""
    distance = metres(Position(before.lat, before.lon), Position(now.lat, now.lon))
    return distance > MOVED_METRES + (now.accuracy_m or 0.0)


def _octant(start: Position, end: Position) -> int:
    north = end.lat - start.lat
    east = (end.lon - start.lon + 180) % 360 - 180
    bearing = math.degrees(math.atan2(east * math.cos(math.radians((start.lat + end.lat) / 2)), north))
    return round(bearing / _OCTANT) % 8
