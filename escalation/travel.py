"""How long the way to the door takes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple, Protocol

import msgspec

from escalation.people import Travel

DEFAULT_DETOUR = 1.3
DEFAULT_KMH: Mapping[Travel, float] = MappingProxyType({Travel.WALK: 4.5, Travel.BICYCLE: 14.0, Travel.CAR: 30.0})
_MPS_OF_KMH = 1 / 3.6
_TOWN_DEGREES = 1.0
_NO_TOWN_BEYOND = 80.0  # degrees of latitude


class Position(NamedTuple):
    """WGS-84 degrees."""

    lat: float
    lon: float


class Router(Protocol):
    """Works out ways. A road router takes this place where one is at hand."""

    def seconds(self, start: Position, end: Position, travel: Travel) -> float:
        """How long somebody needs from start to end."""
        ...

    def reach_metres(self, seconds: float, travel: Travel) -> float:
        """How far apart two places can be at most that are so long a way from each other, in a straight line."""
        ...


class StraightLine(msgspec.Struct, frozen=True, kw_only=True):
    """Straight line × detour ÷ speed.

    Attributes:
        detour: How much longer streets are than the straight line.
        kmh: Speed of each way of travelling.
    """

    detour: float = DEFAULT_DETOUR
    kmh: Mapping[Travel, float] = DEFAULT_KMH

    def seconds(self, start: Position, end: Position, travel: Travel) -> float:
        """How long somebody needs from start to end."""
        return travel_seconds(start, end, travel, kmh=self.kmh, detour=self.detour)

    def reach_metres(self, seconds: float, travel: Travel) -> float:
        """How far apart two places can be at most that are so long a way from each other, in a straight line."""
        return seconds * self.kmh[travel] * _MPS_OF_KMH / self.detour


def travel_seconds(
    start: Position,
    end: Position,
    travel: Travel,
    *,
    kmh: Mapping[Travel, float] = DEFAULT_KMH,
    detour: float = DEFAULT_DETOUR,
) -> float:
    """Seconds from start to end: geodesic distance × detour ÷ speed."""
    return metres(start, end) * detour / (kmh[travel] * _MPS_OF_KMH)


def metres(start: Position, end: Position) -> float:
    """The geodesic distance on WGS-84; within a town to a thousandth of itself.

    Each press asks for the way of everybody around, and the geodesic of geographiclib takes some 90 µs: there the
    plane of 47 CFR 73.208(c) does, with the ellipsoid's degree lengths at the middle latitude.
    """
    up, aside = end.lat - start.lat, end.lon - start.lon
    if abs(up) < _TOWN_DEGREES and abs(aside) < _TOWN_DEGREES and abs(start.lat) < _NO_TOWN_BEYOND:
        middle = math.radians((start.lat + end.lat) / 2)
        north = 111_132.09 - 566.05 * math.cos(2 * middle) + 1.20 * math.cos(4 * middle)
        east = 111_415.13 * math.cos(middle) - 94.55 * math.cos(3 * middle) + 0.12 * math.cos(5 * middle)
        return math.hypot(up * north, aside * east)
    from geographiclib.geodesic import Geodesic  # noqa: PLC0415 - no command that only lists needs the ellipsoid

    return float(Geodesic.WGS84.Inverse(start.lat, start.lon, end.lat, end.lon, Geodesic.DISTANCE)["s12"])
