"""Where a device says it is: a place in one object, or its two halves in fields of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from devices.shared import gcj02, reading
from devices.shared.finding import Findings

COORDINATES: Final[Mapping[str, str]] = {"latitude": "latitude", "lat": "latitude"} | dict.fromkeys(
    ("longitude", "lon", "lng"), "longitude"
)
"""Names of a half of a place, without case and separators."""
_GCJ: Final = ("2", "gcj02", "gcj-02", "gcj_02")


def read(value: Mapping[str, Any], findings: Findings) -> bool:
    """``{"Latitude": …, "Longitude": …, "CoordinateSystem": 2}``, in any case; 2 is GCJ-02 in Aliyun's GeoLocation."""
    fields = {name.lower(): part for name, part in list(value.items())[:16]}
    where = reading.position(
        fields.get("latitude", fields.get("lat")),
        fields.get("longitude", fields.get("lon", fields.get("lng"))),
    )
    if where is None:
        return False
    shifted = reading.text(fields.get("coordinatesystem"), 16).lower() in _GCJ
    findings.position = gcj02.to_wgs84(*where) if shifted else where
    return True


def read_half(field: str, value: object, findings: Findings) -> bool:
    """Latitude and longitude as two properties: kept until both are there; whether they now are.

    Args:
        field: One of `COORDINATES`.
        value: As sent.
        findings: Where the place goes.
    """
    if (figure := reading.number(value)) is None:
        return False
    findings.measurements[COORDINATES[field]] = figure
    where = reading.position(findings.measurements.get("latitude"), findings.measurements.get("longitude"))
    if where is None:
        return False
    findings.position = where
    del findings.measurements["latitude"], findings.measurements["longitude"]
    return True
