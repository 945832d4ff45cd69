"""What LoRaWAN devices say, whichever network server brings it."""

from __future__ import annotations

from typing import Any

from simulators.shared.said import Turn


def fields(signal: str, turn: Turn) -> dict[str, Any]:
    """What codecs make of the bytes: a WS101 button, an LGT-92 tracker, a health watch."""
    lat, lon = turn.place
    codecs: dict[str, dict[str, Any]] = {
        "sos": {"sos": True, "battery": turn.battery},
        "press": {"battery": turn.battery, "button_event": {"status": "short press", "msgid": turn.count % 99_991}},
        "fall": {"fall": True, "battery": turn.battery},
        "vital": {"heart_rate": turn.pulse, "spo2": 97, "battery": turn.battery},
        "location": {"latitude": lat, "longitude": lon, "battery": turn.battery},
        "heartbeat": {"battery": turn.battery},
    }
    return codecs[signal]


SIGNALS = ("sos", "press", "fall", "vital", "location", "heartbeat")
