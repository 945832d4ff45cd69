"""ESPHome: retained states, of a call cord and of a radar."""

from __future__ import annotations

from types import MappingProxyType

from simulators.shared.said import Dialect, Episode, Turn, message


def _esphome(turn: Turn) -> Episode:
    """States are retained: the pull, then its release."""
    state = f"{turn.device}/binary_sensor/call_cord/state"
    return (message(state, "ON", retain=True), message(state, "OFF", retain=True, after=1.5))


def _hanging(turn: Turn) -> Episode:
    """A cord that stays pulled: the stored ON comes with every new subscription."""
    return (message(f"{turn.device}/binary_sensor/call_cord/state", "ON", retain=True),)


def _radar_fall(turn: Turn) -> Episode:
    state = f"{turn.device}/binary_sensor/fall_detected/state"
    return (message(state, "ON", retain=True), message(state, "OFF", retain=True, after=2.0))


DIALECT = Dialect(
    family="esphome",
    device="bedroom12",
    kind="cord",
    says=MappingProxyType(
        {
            "sos": _esphome,
            "press": _esphome,
            "fall": _radar_fall,
            "vital": lambda turn: (message(f"{turn.device}/sensor/heart_rate/state", str(turn.pulse), retain=True),),
            "heartbeat": lambda turn: (message(f"{turn.device}/sensor/uptime/state", str(turn.unix % 99_991)),),
        }
    ),
    every=60,
    hello=lambda turn: (message(f"{turn.device}/status", "online", retain=True),),
    will=lambda device: message(f"{device}/status", "offline", retain=True),
    flaws=MappingProxyType({"stays pulled": _hanging}),
)
