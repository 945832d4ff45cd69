"""A wearable's fall: detected at once, confirmed by the wearer or by her silence."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from simulators.shared.said import Dialect, Episode, Turn, message


def _worn(turn: Turn, **fields: object) -> dict[str, Any]:
    lat, lon = turn.place
    about = {"timestamp": turn.iso, "location": {"lat": lat, "lon": lon, "alt": 20}, "batteryLevel": 310}
    return {**about, "sensor": {"heartrate": turn.pulse, "temperature": 31}, **fields}


def _carelink_fall(turn: Turn) -> Episode:
    """Detected at once, confirmed by the wearer or by her silence."""
    return (
        message(f"{turn.device}/fall/detected", _worn(turn)),
        message(f"{turn.device}/fall/confirmation", _worn(turn, status=True), after=3.0),
    )


def _denied(turn: Turn) -> Episode:
    return (
        message(f"{turn.device}/fall/detected", _worn(turn)),
        message(f"{turn.device}/fall/confirmation", _worn(turn, status=False), after=3.0),
    )


def _carelink_status(turn: Turn) -> Episode:
    return (message(f"{turn.device}/status", _worn(turn), retain=True),)


DIALECT = Dialect(
    family="carelink",
    device="dev12",
    kind="wearable",
    says=MappingProxyType(
        {
            "fall": _carelink_fall,
            "vital": _carelink_status,
            "location": _carelink_status,
            "heartbeat": _carelink_status,
        }
    ),
    every=600,
    will=lambda device: message(f"{device}/status", "LW: Unexpected disconnection", retain=True),
    flaws=MappingProxyType({"denied": _denied}),
)
