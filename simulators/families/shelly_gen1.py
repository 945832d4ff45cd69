"""Shelly's first generation: a button that wakes up to tell a press."""

from __future__ import annotations

from types import MappingProxyType

from simulators.shared.said import Dialect, Episode, Turn, message, repeated


def _gen1(turn: Turn) -> Episode:
    """The button wakes up, says the press, its whole state, and its battery; then it sleeps."""
    pressed = {"event": "S", "event_cnt": turn.count}
    state = {
        "inputs": [{"input": 0, **pressed}],
        "is_valid": True,
        "bat": {"value": turn.battery, "voltage": 3.9},
        "charger": False,
        "act_reasons": ["button"],
        "connect_retries": 0,
        "sensor_error": 0,
    }
    root = f"shellies/{turn.device}"
    return (
        message(f"{root}/online", "true", retain=True),
        message(f"{root}/input_event/0", pressed),
        message(f"{root}/info", state),
        message(f"{root}/sensor/battery", str(turn.battery)),
        message(f"{root}/input_event/0", pressed, after=1.0),
    )


def _gen1_period(turn: Turn) -> Episode:
    """On mains power the last press is told again with every update period."""
    pressed = message(f"shellies/{turn.device}/input_event/0", {"event": "S", "event_cnt": turn.count})
    return repeated(pressed, 30.0, 60.0)


def _gen1_alive(turn: Turn) -> Episode:
    return (message(f"shellies/{turn.device}/sensor/battery", str(turn.battery)),)


DIALECT = Dialect(
    family="shelly_gen1",
    device="shellybutton1-A4CF12F45301",
    kind="button",
    says=MappingProxyType({"sos": _gen1, "press": _gen1, "heartbeat": _gen1_alive}),
    every=12 * 3600,
    hello=lambda turn: (message(f"shellies/{turn.device}/online", "true", retain=True),),
    will=lambda device: message(f"shellies/{device}/online", "false", retain=True),
    flaws=MappingProxyType({"update period": _gen1_period}),
    addressed=lambda _prefix, number: f"shellybutton1-A4CF12{number:06X}",
)
