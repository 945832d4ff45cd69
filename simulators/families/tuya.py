"""TuyaLink: the standard emergency button, a state that is set, told again, and falls back."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from simulators.shared.said import Dialect, Episode, Says, Turn, message, repeated


def _tuya_report(turn: Turn, fields: Mapping[str, Any], *, after: float = 0.0) -> Any:
    data = {name: {"value": value, "time": turn.unix} for name, value in fields.items()}
    body = {"msgId": turn.token, "time": turn.ms, "data": data}
    return message(f"tylink/{turn.device}/thing/property/report", body, after=after)


def _tuya_sos(turn: Turn) -> Episode:
    """The standard emergency button: a state that is set, told again, and falls back."""
    pressed = _tuya_report(turn, {"sos_state": True, "battery_percentage": turn.battery})
    later = Turn(device=turn.device, at=turn.at, battery=turn.battery)
    return (*repeated(pressed, 1.0), _tuya_report(later, {"sos_state": False}, after=3.0))


def _tuya_event(code: str) -> Says:
    def says(turn: Turn) -> Episode:
        data = {"eventCode": code, "eventTime": turn.ms, "outputParams": {}}
        body = {"msgId": turn.token, "time": turn.ms, "data": data}
        return repeated(message(f"tylink/{turn.device}/thing/event/trigger", body), 2.0)

    return says


DIALECT = Dialect(
    family="tuya",
    device="6c1234",
    kind="button",
    says=MappingProxyType(
        {
            "sos": _tuya_sos,
            "press": _tuya_event("button_press"),
            "fall": _tuya_event("fall"),
            "vital": lambda turn: (_tuya_report(turn, {"heart_rate": turn.pulse}),),
            "heartbeat": lambda turn: (_tuya_report(turn, {"battery_percentage": turn.battery}),),
        }
    ),
    every=4 * 3600,
)
