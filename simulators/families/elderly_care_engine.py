"""Plain numbers under ``sensors/``."""

from __future__ import annotations

from types import MappingProxyType

from simulators.shared.said import Dialect, Episode, Turn, message, repeated


def _pressed(turn: Turn) -> Episode:
    topic = f"sensors/{turn.device}/pressed"
    return (*repeated(message(topic, "1.0"), 0.5), message(topic, "0.0", after=1.0))


DIALECT = Dialect(
    family="elderly_care_engine",
    device="emergency_button_001",
    kind="button",
    says=MappingProxyType(
        {
            "sos": _pressed,
            "press": _pressed,
            "vital": lambda turn: (message(f"sensors/{turn.device}/bpm", str(float(turn.pulse))),),
            "heartbeat": lambda turn: (message(f"sensors/{turn.device}/battery", str(float(turn.battery))),),
        }
    ),
    every=60,
    addressed=lambda prefix, number: f"{prefix}_emergency_{number:06}",
)
