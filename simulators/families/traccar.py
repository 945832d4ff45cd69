"""Trackers behind Traccar: the position with the alarm, the event made of it, and the device's repeat."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from simulators.shared import cellular
from simulators.shared.said import Dialect, Episode, Says, Turn, message, repeated


def _position(turn: Turn, **attributes: object) -> dict[str, Any]:
    lat, lon = turn.place
    return {
        "id": turn.count,
        "attributes": {"batteryLevel": turn.battery, "motion": False, **attributes},
        "deviceId": 385,
        "protocol": "minifinder2",
        "serverTime": turn.offset,
        "deviceTime": turn.offset,
        "fixTime": turn.offset,
        "valid": True,
        "latitude": lat,
        "longitude": lon,
        "speed": 0.4,
    }


def _tracker(turn: Turn) -> dict[str, Any]:
    return {"id": 385, "attributes": {}, "name": turn.device, "uniqueId": turn.device, "status": "online"}


def _traccar(alarm: str) -> Says:
    def says(turn: Turn) -> Episode:
        """The position with the alarm, the event that Traccar makes of it, and the device's repeat."""
        position = _position(turn, alarm=alarm)
        event = {"id": 7001, "attributes": {"alarm": alarm}, "type": "alarm", "eventTime": turn.offset}
        named = {"position": position, "device": _tracker(turn)}
        kept = message("traccar/positions", named)
        told = {"event": {**event, "deviceId": 385, "positionId": turn.count}, **named}
        return (kept, message("traccar/events", told), *repeated(kept, 2.0)[1:])

    return says


def _traccar_at(turn: Turn, **attributes: object) -> Episode:
    named = {"position": _position(turn, **attributes), "device": _tracker(turn)}
    return (message("traccar/positions", named),)


DIALECT = Dialect(
    family="traccar",
    device="350000002108909",
    kind="pendant",
    says=MappingProxyType(
        {
            "sos": _traccar("sos"),
            "fall": _traccar("fallDown"),
            "vital": lambda turn: _traccar_at(turn, heartRate=turn.pulse),
            "location": _traccar_at,
            "heartbeat": _traccar_at,
        }
    ),
    every=600,
    flaws=MappingProxyType({"alarm list": _traccar("lowBattery,sos")}),
    addressed=cellular.imei,
)
