"""From GCJ-02, the shifted coordinates of Chinese maps and devices, to WGS-84, which ambulances are sent by.

Inside mainland China a point in GCJ-02 lies 100-700 m beside the true one. The shift is a fixed, smooth function of the
place: taking off the shift of the place found so far, three times, leaves less than a metre.
"""

from __future__ import annotations

import math
from typing import Final

_AXIS: Final = 6_378_245.0
"""Metres; of Krasovsky 1940, on which the shift is computed."""
_ECCENTRICITY: Final = 0.00669342162296594323
_WEST, _EAST, _SOUTH, _NORTH = 72.004, 137.8347, 0.8293, 55.8271


def to_wgs84(lat: float, lon: float) -> tuple[float, float]:
    """Degrees to degrees; outside the rectangle round China nothing is shifted."""
    if not (_WEST <= lon <= _EAST and _SOUTH <= lat <= _NORTH):
        return lat, lon
    north, east = lat, lon
    for _ in range(3):
        up, right = _shift(north, east)
        north, east = lat - up, lon - right
    return round(north, 7), round(east, 7)


def _shift(lat: float, lon: float) -> tuple[float, float]:
    """By how many degrees a true point is moved north and east."""
    x, y = lon - 105.0, lat - 35.0
    root = math.sqrt(abs(x))
    common = 20 * math.sin(6 * x * math.pi) + 20 * math.sin(2 * x * math.pi)
    up = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    up += (common + _waves(y, (20, 1), (40, 3), (160, 12), (320, 30))) * 2 / 3
    right = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    right += (common + _waves(x, (20, 1), (40, 3), (150, 12), (300, 30))) * 2 / 3
    slope = 1 - _ECCENTRICITY * math.sin(math.radians(lat)) ** 2
    meridian = _AXIS * (1 - _ECCENTRICITY) / slope**1.5
    parallel = _AXIS / math.sqrt(slope) * math.cos(math.radians(lat))
    return math.degrees(up / meridian), math.degrees(right / parallel)


def _waves(at: float, *waves: tuple[float, float]) -> float:
    """A sum of sines: each wave is its height and the share of pi that it runs."""
    return sum(height * math.sin(at / part * math.pi) for height, part in waves)
