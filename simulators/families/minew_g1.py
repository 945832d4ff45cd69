"""Minew G1 gateways: each reports once a second, with the beacons that pass by."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from simulators.shared.said import Dialect, Episode, Turn, mac, message


def _report(turn: Turn, **fields: object) -> tuple[dict[str, Any], ...]:
    seen = {"timestamp": turn.iso, "type": "Unknown", "mac": turn.device, "bleName": "", "rssi": -79, **fields}
    passing = {"timestamp": turn.iso, "type": "iBeacon", "mac": "C0FFEE000001", "rssi": -93}
    return (seen, passing)


def _minew(turn: Turn, *times: float, **fields: object) -> Episode:
    """Each gateway reports once a second, with the beacons that pass by."""
    return tuple(
        message(
            f"/gw/{gateway}/status",
            [
                {"timestamp": turn.iso, "type": "Gateway", "mac": gateway.upper(), "gatewayFree": 98},
                *_report(turn, **fields),
            ],
            after=after,
        )
        for after in times
        for gateway in ("ac233fc001ea", "ac233fc001eb")
    )


DIALECT = Dialect(
    family="minew_g1",
    device="AC233FA03208",
    kind="pendant",
    says=MappingProxyType(
        {
            "sos": lambda turn: _minew(turn, 0.0, 1.0, 2.0, sos=True, battery=turn.battery),
            "press": lambda turn: _minew(turn, 0.0, 1.0, 2.0, button="single", battery=turn.battery),
            "fall": lambda turn: _minew(turn, 0.0, 1.0, fall=True, battery=turn.battery),
            "heartbeat": lambda turn: _minew(turn, 0.0, rawData="0201060303E1FF0D16E1FFA10264000832A03F23AC"),
        }
    ),
    every=10,
    addressed=mac,
    others=lambda _device: ("AC233FC001EA", "AC233FC001EB", "C0FFEE000001"),
)
