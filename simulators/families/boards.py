"""Boards of one's own and house automation: Tasmota, ESPHome, Homie, Home Assistant."""

from __future__ import annotations

import re
from types import MappingProxyType

from simulators.families.said import Dialect, Episode, Turn, message, repeated

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


TASMOTA = Dialect(
    family="tasmota",
    device="bath12",
    kind="cord",
    says=MappingProxyType({"sos": _tasmota, "press": _tasmota, "heartbeat": _tasmota_alive}),
    every=300,
    hello=lambda turn: (message(f"tele/{turn.device}/LWT", "Online", retain=True),),
    will=lambda device: message(f"tele/{device}/LWT", "Offline", retain=True),
    flaws=MappingProxyType({"cord": _cord}),
)


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


ESPHOME = Dialect(
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


def _homie(turn: Turn) -> Episode:
    """A momentary property is not retained, and falls back by itself."""
    pressed = f"homie/{turn.device}/button/pressed"
    return (message(pressed, "true"), message(pressed, "false", after=0.5))


def _homie_hello(turn: Turn) -> Episode:
    return tuple(message(f"homie/{turn.device}/$state", state, retain=True) for state in ("init", "ready"))


HOMIE = Dialect(
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


def _statestream(device: str) -> str:
    domain, _, entity = device.partition(".")
    return f"homeassistant/{domain}/{entity}"


def _home_assistant(turn: Turn) -> Episode:
    """Everything is retained, attributes on topics beside the state."""
    root = _statestream(turn.device)
    return (
        message(f"{root}/state", "on", retain=True),
        message(f"{root}/last_changed", f'"{turn.offset}"', retain=True),
        message(f"{root}/friendly_name", '"SOS button by the bed"', retain=True),
        message(f"{root}/state", "off", retain=True, after=1.0),
    )


HOME_ASSISTANT = Dialect(
    family="home_assistant",
    device="binary_sensor.bed12_call",
    kind="cord",
    says=MappingProxyType(
        {
            "sos": _home_assistant,
            "press": _home_assistant,
        }
    ),
    addressed=lambda prefix, number: f"binary_sensor.{prefix}_{number:06}_call",
)
