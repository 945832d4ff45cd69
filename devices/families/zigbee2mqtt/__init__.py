"""Zigbee2MQTT: buttons, pendants, keypads, detectors and fall radars behind a Zigbee gateway.

Sources: zigbee2mqtt.io, "MQTT topics and messages" and "Device availability"; the ``exposes`` of
zigbee-herdsman-converters. What each field means stands in `devices.families.zigbee2mqtt.fields`.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

from devices.families.zigbee2mqtt import fields
from devices.family import CLOSED, Family, Message, Reports
from devices.shared import reading
from devices.shared.finding import Findings, unreadable
from devices.signal import Signal, SignalType

NAME: Final = "zigbee2mqtt"
# The base topic is configurable, and people keep to `zigbee2mqtt`, `zigbee2mqtt_floor2`, `zigbee`, `home/zigbee2mqtt`.
_BASE = re.compile(r"/?(?:(?:zigbee|z2m)[^/]*|(?:[^/]+/){1,2}zigbee2mqtt[^/]*)(?=/)", re.IGNORECASE)
_NOT_A_BASE = ("homeassistant/", "tele/", "stat/", "cmnd/", "$")
_ACTION_TEXT = re.compile(r"[\w .:+*/-]{1,64}", re.ASCII)
_COMMANDS = frozenset({"set", "get"})
_DECISIVE = ("action", "sos", "emergency", "panic")
_MOST_FIELDS = 1000
"""No device exposes a fifth of them: such a message is not read, and would hold up others."""
_FILLERS = ("", "null", "none", '""')


def _split(topic: str) -> tuple[str, str]:
    """The base topic and what follows it; an unknown base is the first level."""
    if match := _BASE.match(topic):
        return topic[: match.end()], topic[match.end() + 1 :]
    base, _, rest = topic.partition("/")
    return base, rest


def matches(topic: str) -> bool:
    """Whether the topic lies under a base that looks like Zigbee2MQTT's."""
    return not topic.startswith(_NOT_A_BASE) and _BASE.match(topic) is not None


def address(topic: str) -> str | None:
    """The friendly name, which may contain ``/``; None for bridge topics and for commands to devices."""
    if topic.startswith(_NOT_A_BASE):
        return None
    return _device(_split(topic)[1])


def _device(rest: str) -> str | None:
    if not rest or rest == "bridge" or rest.startswith("bridge/"):
        return None
    head, _, tail = rest.rpartition("/")
    if head and tail in ("action", "availability"):
        return head
    if head and (tail in _COMMANDS or head.rpartition("/")[2] in _COMMANDS):
        return None
    return rest


def decode(topic: str, payload: bytes, *, retained: bool = False) -> tuple[Signal, ...]:
    """Read one message; see `Family.decode`."""
    if topic.startswith(_NOT_A_BASE):
        return ()
    base, rest = _split(topic)
    if rest.startswith("bridge/"):
        return _bridge(base, rest, payload, retained=retained)
    device = _device(rest)
    if device is None or not payload:  # an empty payload is how MQTT deletes a stored copy
        return ()
    if rest.endswith("/action") and device != rest:
        return _action_topic(device, payload, retained=retained)
    if rest.endswith("/availability") and device != rest:
        return _availability(device, payload, retained=retained)
    return _state(device, payload, retained=retained)


def _state(device: str, payload: bytes, *, retained: bool) -> tuple[Signal, ...]:
    try:
        value = reading.json_value(payload)
    except reading.UnreadableError:
        value = payload[:64].decode("utf-8", "replace")
    if not isinstance(value, dict):
        return _attribute(device, value, retained=retained)
    if len(value) > _MOST_FIELDS or any(reading.repeats_key(payload, decisive) for decisive in _DECISIVE):
        return unreadable(device, NAME, retained=retained)
    return fields.read(value, device).signals(device, NAME, retained=retained)


def _attribute(device: str, value: object, *, retained: bool) -> tuple[Signal, ...]:
    """``output: attribute`` publishes ``<name>/<attribute>`` with a bare value."""
    head, _, attribute = device.rpartition("/")
    if not head or not fields.known(attribute) or isinstance(value, list):
        return unreadable(device, NAME, retained=retained)
    return fields.read({attribute: value}, head).signals(head, NAME, retained=retained)


def _action_topic(device: str, payload: bytes, *, retained: bool) -> tuple[Signal, ...]:
    """The plain-text twin of the JSON ``action``; the same press comes on both topics."""
    word = payload[:65].decode("utf-8", "replace").strip("\x00 \t\r\n").strip('"')
    if word.lower() in _FILLERS:
        return ()
    if not _ACTION_TEXT.fullmatch(word):
        return unreadable(device, NAME, retained=retained)
    findings = Findings(quiet=True)
    fields.read_action(word, findings, device=device)
    return findings.signals(device, NAME, retained=retained)


def _state_word(payload: bytes) -> str:
    """``{"state":"online"}``, or before version 2 plain ``online``."""
    try:
        value = reading.json_value(payload)
    except reading.UnreadableError:
        value = payload[:40].decode("utf-8", "replace")
    state = value.get("state") if isinstance(value, dict) else value
    return reading.text(state, 40).lower()


def _availability(device: str, payload: bytes, *, retained: bool) -> tuple[Signal, ...]:
    """Zigbee2MQTT's own guess, for a battery device 25 h late and replayed from its store: no supervision."""
    kinds = {"online": SignalType.HEARTBEAT, "offline": SignalType.OFFLINE}
    kind = kinds.get(_state_word(payload), SignalType.FAULT)
    note = "" if kind is not SignalType.FAULT else "availability could not be read"
    return (Signal(device=device, family=NAME, type=kind, text=note, retained=retained),)


def _bridge(base: str, rest: str, payload: bytes, *, retained: bool) -> tuple[Signal, ...]:
    """The gateway: its own state, and the coming and going of devices; everything else there is housekeeping."""
    if rest == "bridge/state":
        kinds = {"online": SignalType.ONLINE, "offline": SignalType.OFFLINE}
        kind = kinds.get(_state_word(payload))
        return () if kind is None else (Signal(device=f"{base}/bridge", family=NAME, type=kind, retained=retained),)
    if rest not in ("bridge/event", "bridge/log"):
        return ()
    try:
        said = reading.json_object(payload)
    except reading.UnreadableError:
        return ()
    about = said.get("data") or said.get("meta")  # `meta` on the `bridge/log` of version 1
    return _event(said, about if isinstance(about, dict) else {}, retained=retained)


def _event(said: dict[str, Any], about: dict[str, Any], *, retained: bool) -> tuple[Signal, ...]:
    name = about.get("friendly_name") or about.get("ieee_address") or about.get("ieeeAddr")
    device = reading.text(name, 200) or None
    event = reading.text(said.get("type"), 64)
    if event in ("device_leave", "device_removed", "device_force_removed"):
        kind, note = SignalType.FAULT, "left the Zigbee network"
    elif event == "device_interview" and about.get("status") == "failed":
        kind, note = SignalType.FAULT, "could not be set up by the Zigbee gateway"
    elif event in ("device_announce", "device_announced"):
        kind, note = SignalType.HEARTBEAT, ""
    else:
        return ()
    return (Signal(device=device, family=NAME, type=kind, text=note, retained=retained),)


def gateway(topic: str, payload: bytes) -> str:
    """The bridge that a device's topic lies under."""
    del payload
    return f"{_split(topic)[0]}/bridge"


def canonical(written: str) -> str:
    """Friendly names as written; IEEE addresses in lower case."""
    name = written.strip()
    return name.lower() if re.fullmatch(r"0[xX][0-9a-fA-F]{16}", name) else name


def answer(address: str, status: str) -> Message:
    """A siren with a lamp: the light flashes, the siren stays still."""
    on = status != CLOSED
    warning = {
        "mode": "emergency" if on else "stop",
        "level": "low",
        "strobe": on,
        "strobe_duty_cycle": 5,
        "duration": 30 if on else 0,
    }
    return Message(f"zigbee2mqtt/{address}/set", json.dumps({"warning": warning}).encode())


FAMILY: Final = Family(
    name=NAME,
    bases=("zigbee2mqtt",),
    subscriptions=("zigbee2mqtt/#", "zigbee/#", "z2m/#", "+/zigbee2mqtt/#", "+/+/zigbee2mqtt/#"),
    replies=(
        "zigbee2mqtt/+/set",
        "zigbee2mqtt/+/+/set",
        "zigbee2mqtt/+/+/+/set",
    ),
    matches=matches,
    decode=decode,
    address=address,
    canonical=canonical,
    gateway=gateway,
    rank=3,
    reports=Reports.ON_BATTERY,
    pad_opens_when_occupied=True,  # OWON SPM915, its one bed pad
    answer=answer,
)
