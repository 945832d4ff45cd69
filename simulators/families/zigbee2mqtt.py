"""Zigbee2MQTT: JSON state with its twin on ``/action``, retained availability, a bridge with a last will."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from simulators.shared.said import Dialect, Episode, Said, Says, Turn, message, repeated

BASE = "zigbee2mqtt"


def _state(turn: Turn, fields: Mapping[str, object], *, after: float = 0.0) -> Said:
    body = {**fields, "battery": turn.battery, "linkquality": 132}
    return message(f"{BASE}/{turn.device}", body, after=after)


def _sos(turn: Turn) -> Episode:
    """The press, its twin for Home Assistant, and the empty action that follows."""
    return (
        _state(turn, {"action": "emergency"}),
        message(f"{BASE}/{turn.device}/action", "emergency"),
        _state(turn, {"action": ""}, after=0.2),
    )


def _press(turn: Turn) -> Episode:
    """A plain button, which only says how often it was pressed."""
    return (
        _state(turn, {"action": "single"}),
        message(f"{BASE}/{turn.device}/action", "single"),
        _state(turn, {"action": ""}, after=0.2),
    )


def _fall(turn: Turn) -> Episode:
    return (_state(turn, {"fall_status": "fall_alarm"}), _state(turn, {"fall_status": "normal"}, after=2.0))


def _vital(turn: Turn) -> Episode:
    return (_state(turn, {"breathing_rate": 16, "heart_rate": turn.pulse}),)


def _hello(turn: Turn) -> Episode:
    return (
        message(f"{BASE}/bridge/state", {"state": "online"}, retain=True),
        message(f"{BASE}/{turn.device}/availability", {"state": "online"}, retain=True),
    )


def _will(_device: str) -> Said:
    return message(f"{BASE}/bridge/state", {"state": "offline"}, retain=True)


def _latched(turn: Turn) -> Episode:
    """A frient button says ``sos: true`` every five seconds until it is let go."""
    return (*repeated(_state(turn, {"sos": True}), 5.0, 10.0), _state(turn, {"sos": False}, after=12.0))


def _cached(turn: Turn) -> Episode:
    """The action stays in the bridge's cache and rides on the next battery report."""
    return (_state(turn, {"action": "emergency"}), _state(turn, {"action": "emergency"}, after=60.0))


def _empty_battery(turn: Turn) -> Episode:
    """An emergency that nobody pressed, at a battery that cannot have sent it."""
    return (message(f"{BASE}/{turn.device}", {"action": "emergency", "battery": 0, "linkquality": 156}),)


_SAYS: Mapping[str, Says] = MappingProxyType(
    {
        "sos": _sos,
        "press": _press,
        "fall": _fall,
        "vital": _vital,
        "heartbeat": lambda turn: (_state(turn, {}),),
    }
)


DIALECT = Dialect(
    family="zigbee2mqtt",
    device="bed_button",
    kind="button",
    says=_SAYS,
    every=4 * 3600,
    hello=_hello,
    will=_will,
    flaws=MappingProxyType({"latched": _latched, "cached action": _cached, "empty battery": _empty_battery}),
)
