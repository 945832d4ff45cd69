"""A LifeSOS base: the pendant's own topic, and what the base makes of it."""

from __future__ import annotations

from types import MappingProxyType

from simulators.shared.said import Dialect, Episode, Turn, message, repeated

BASE = "home/alarm"


def _lifesos(turn: Turn) -> Episode:
    """The pendant's own topic, then what its base makes of it: the event as JSON, its plain twin, and a repeat."""
    event = {
        "event_qualifier": "Event",
        "event_category": "Alarm",
        "event_code": "Medical",
        "device_category": {"code": "m", "description": "Medical"},
        "zone": "04-03",
        "user_id": None,
    }
    return (
        message(f"{turn.device}/event_code", "Trigger"),
        message(f"{BASE}/event", event),
        message(f"{BASE}/event_code", "Medical"),
        message(f"{BASE}/event", {**event, "event_qualifier": "Repeat"}, after=4.0),
    )


def _lifesos_press(turn: Turn) -> Episode:
    return repeated(message(f"{turn.device}/event_code", "Button"), 0.5)


DIALECT = Dialect(
    family="lifesos",
    device="home/room12/pendant",
    kind="pendant",
    says=MappingProxyType(
        {
            "sos": _lifesos,
            "press": _lifesos_press,
            "heartbeat": lambda turn: (message(f"{turn.device}/event_code", "Heartbeat"),),
        }
    ),
    every=3600,
    hello=lambda _turn: (message(f"{BASE}/is_connected", "True", retain=True),),
    will=lambda _device: message(f"{BASE}/is_connected", "False", retain=True),
    addressed=lambda prefix, number: f"home/{prefix}{number:06}/pendant",
    others=lambda _device: (BASE,),
)
