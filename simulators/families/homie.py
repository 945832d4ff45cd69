"""Homie: properties that fall back by themselves."""

from __future__ import annotations

from types import MappingProxyType

from simulators.shared.said import Dialect, Episode, Turn, message


def _homie(turn: Turn) -> Episode:
    """A momentary property is not retained, and falls back by itself."""
    pressed = f"homie/{turn.device}/button/pressed"
    return (message(pressed, "true"), message(pressed, "false", after=0.5))


def _homie_hello(turn: Turn) -> Episode:
    return tuple(message(f"homie/{turn.device}/$state", state, retain=True) for state in ("init", "ready"))


DIALECT = Dialect(
    family="homie",
    device="bedroom12",
    kind="button",
    says=MappingProxyType(
        {
            "sos": _homie,
            "press": _homie,
            "fall": lambda turn: (message(f"homie/{turn.device}/radar/fall", "true", retain=True),),
            "vital": lambda turn: (message(f"homie/{turn.device}/band/heartrate", str(turn.pulse), retain=True),),
            "heartbeat": lambda turn: (message(f"homie/{turn.device}/$stats/battery", str(turn.battery), retain=True),),
        }
    ),
    every=60,
    hello=_homie_hello,
    will=lambda device: message(f"homie/{device}/$state", "lost", retain=True),
)
