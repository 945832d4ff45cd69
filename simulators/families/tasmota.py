"""Tasmota: a wired button, a cord on a switch, and a bridge that hears codes off the air four times."""

from __future__ import annotations

import re
from types import MappingProxyType

from simulators.shared.said import Dialect, Episode, Turn, message, repeated

_CODE = re.compile(r"[0-9A-F]{6,8}")


def _tasmota(turn: Turn) -> Episode:
    """A code off the air comes four times through the bridge; a wired button says it once."""
    if _CODE.fullmatch(turn.device):
        heard = {"Sync": 11080, "Low": 350, "High": 1080, "Data": turn.device, "RfKey": "None"}
        return repeated(message("tele/rfbridge/RESULT", {"Time": turn.local, "RfReceived": heard}), 0.2, 0.4, 0.6)
    return (
        message(f"stat/{turn.device}/BUTTON1", {"ACTION": "SINGLE"}),
        message(f"stat/{turn.device}/RESULT", {"POWER": "ON"}),
        message(f"stat/{turn.device}/POWER", "ON"),
    )


def _cord(turn: Turn) -> Episode:
    """A cord on a switch: told at the pull, with every report while it hangs, and at its release."""
    return (
        message(f"stat/{turn.device}/SWITCH1", {"ACTION": "ON"}),
        message(f"tele/{turn.device}/SENSOR", {"Time": turn.local, "Switch1": "ON"}, after=1.0),
        message(f"stat/{turn.device}/SWITCH1", {"ACTION": "OFF"}, after=3.0),
    )


def _tasmota_alive(turn: Turn) -> Episode:
    if _CODE.fullmatch(turn.device):
        return (message("tele/rfbridge/STATE", {"Time": turn.local, "UptimeSec": turn.unix % 1_000_000}),)
    return (message(f"tele/{turn.device}/STATE", {"Time": turn.local, "Wifi": {"RSSI": 78}}),)


DIALECT = Dialect(
    family="tasmota",
    device="bath12",
    kind="cord",
    says=MappingProxyType({"sos": _tasmota, "press": _tasmota, "heartbeat": _tasmota_alive}),
    every=300,
    hello=lambda turn: (message(f"tele/{turn.device}/LWT", "Online", retain=True),),
    will=lambda device: message(f"tele/{device}/LWT", "Offline", retain=True),
    flaws=MappingProxyType({"cord": _cord}),
)
