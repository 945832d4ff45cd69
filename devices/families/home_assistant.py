"""Home Assistant: its entities by ``mqtt_statestream``, MQTT event entities, and events that an automation publishes.

Sources: home-assistant.io, ``mqtt_statestream`` and ``event.mqtt``; zigpy's IAS ACE commands for ZHA. What a state
means is told by the entity's name, see `devices.shared.plain_words`: statestream sends no device class with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from devices.addresses import NAMES
from devices.family import Family
from devices.shared import plain_words, reading
from devices.shared.finding import Findings, unreadable
from devices.signal import Signal, SignalType, Suspect

NAME: Final = "home_assistant"
T = SignalType
_STATE = re.compile(r"(?:[^/]+/)?homeassistant/([a-z_]+)/([^/]+)/([^/]+)")
_EVENT_ENTITY = re.compile(r"(home/[^/]+)/(state|available)")
_HUB: Final = {"homeassistant/status": "homeassistant", "homeassistant/event": "homeassistant"}
_IEEE = re.compile(r"(?:[0-9a-f]{2}:){7}[0-9a-f]{2}")
_GONE: Final = frozenset({"unavailable"})
_UNSAID: Final = frozenset({"unknown", "none", "null", ""})
_NAMED: Final = frozenset({"binary_sensor", "input_boolean", "sensor", "input_text", "input_select", "select"})
"""Domains that tell what goes on; a ``switch`` or a ``light`` is something that is done."""
_STAMPED: Final = frozenset({"event", "input_button", "button"})
"""Domains whose state is the time of the last press."""
_ZHA: Final = {"emergency": T.SOS, "panic": T.SOS, "fire": T.SMOKE}
_ZHA_SILENT: Final = frozenset(
    {"arm", "disarm", "bypass", "get_zone_id_map", "get_zone_info", "get_panel_status", "get_bypassed_zone_list"}
    | {"get_zone_status", "attribute_updated", "checkin"}
)
_IAS_ACE = 1281


def matches(topic: str) -> bool:
    """Whether this is a state, an event entity as the documentation names it, or Home Assistant's own status."""
    return topic in _HUB or _STATE.fullmatch(topic) is not None or _EVENT_ENTITY.fullmatch(topic) is not None


def address(topic: str) -> str | None:
    """The entity ID (``binary_sensor.bed12_call``); of an event entity its topic without the last level."""
    if match := _STATE.fullmatch(topic):
        return None if match[3] == "config" else f"{match[1]}.{match[2]}"
    if match := _EVENT_ENTITY.fullmatch(topic):
        return match[1]
    return _HUB.get(topic)


def canonical(written: str) -> str:
    """As written; a Zigbee address in lower case."""
    name = written.strip()
    return name.lower() if _IEEE.fullmatch(name.lower()) else name


def decode(topic: str, payload: bytes, *, retained: bool = False) -> tuple[Signal, ...]:
    """Read one message; see `Family.decode`."""
    if not payload:
        return ()
    if match := _STATE.fullmatch(topic):  # all but the state are attributes, timestamps, discovery
        return _state(match[1], match[2], payload, retained=retained) if match[3] == "state" else ()
    device = address(topic) or topic.rpartition("/")[0] or topic or None
    word = _word(payload)
    if topic.rpartition("/")[2] in ("available", "availability", "status"):
        return _available(device, word, retained=retained)
    try:
        said = reading.json_object(payload)
    except reading.UnreadableError:
        return _plain(device, topic, word, retained=retained)
    return _event(device, {} if reading.repeats_key(payload, "event_type") else said, retained=retained)


def _word(payload: bytes) -> str | None:
    """A bare state, or one in JSON's quotes; None for what is no text."""
    try:
        word = payload[:300].decode().strip("\x00 \t\r\n").strip('"')
    except UnicodeDecodeError:
        return None
    return word if word.isprintable() and len(payload) <= len(word.encode()) + 16 else None


def _state(domain: str, entity: str, payload: bytes, *, retained: bool) -> tuple[Signal, ...]:
    device = f"{domain}.{entity}"
    word = _word(payload)
    if word is None:
        life = domain in _NAMED or domain in _STAMPED
        return unreadable(device, NAME, retained=retained) if life else ()
    findings = Findings()
    name = word.lower()
    if name in _GONE:
        findings.add(T.OFFLINE, text="unavailable")
    elif name in _UNSAID:
        findings.quiet = True
    elif reader := _DOMAINS.get(domain):
        reader(entity, word, findings)
    else:
        findings.quiet = True
    return findings.signals(device, NAME, retained=retained)


def _stamped(entity: str, word: str, findings: Findings) -> None:
    """The state is the moment of the press, and comes again whenever Home Assistant starts: it is the key, too."""
    findings.at = reading.instant(word)
    findings.ref = word if findings.at else None
    findings.add(T.SOS if plain_words.sense_of(entity) is T.SOS else T.PRESS)


def _panel(entity: str, word: str, findings: Findings) -> None:  # noqa: ARG001 - the shape of _DOMAINS
    findings.quiet = True
    if word.lower() == "triggered":
        findings.add(T.INTRUDER)


def _tracker(entity: str, word: str, findings: Findings) -> None:  # noqa: ARG001 - the shape of _DOMAINS
    findings.measurements["presence"] = word.lower() == "home"
    findings.add(T.PRESENCE)


def _cover(entity: str, word: str, findings: Findings) -> None:  # noqa: ARG001 - the shape of _DOMAINS
    findings.measurements["open"] = word.lower() in ("open", "opening")
    findings.add(T.DOOR)


_DOMAINS: Final[Mapping[str, Callable[[str, str, Findings], None]]] = {
    **dict.fromkeys(_NAMED, plain_words.read),
    **dict.fromkeys(_STAMPED, _stamped),
    **dict.fromkeys(("device_tracker", "person"), _tracker),
    "alarm_control_panel": _panel,
    "cover": _cover,
}


def _available(device: str | None, word: str | None, *, retained: bool) -> tuple[Signal, ...]:
    hub = device in _HUB.values()
    kinds = {"online": T.ONLINE if hub else T.HEARTBEAT, "offline": T.OFFLINE}
    kind = kinds.get((word or "").lower(), T.FAULT)
    note = "" if kind is not T.FAULT else "availability could not be read"
    return (Signal(device=device, family=NAME, type=kind, text=note, retained=retained),)


def _plain(device: str | None, topic: str, word: str | None, *, retained: bool) -> tuple[Signal, ...]:
    """No JSON on an event entity's topic: a state in plain words, read by the name of the topic."""
    if word is None or word[:1] in ("{", "["):
        return unreadable(device, NAME, retained=retained)
    findings = Findings()
    if word.lower() in _UNSAID:
        findings.quiet = True
    elif plain_words.sense_of(topic) is None and reading.truth(word) is None and reading.number(word) is None:
        return unreadable(device, NAME, retained=retained)
    else:
        plain_words.read(topic.rpartition("/")[0].rpartition("/")[2], word, findings)
    return findings.signals(device, NAME, retained=retained)


def _event(device: str | None, said: Mapping[str, Any], *, retained: bool) -> tuple[Signal, ...]:
    word = reading.text(said.get("event_type"), 64)
    about = said.get("data") or said.get("event_data")
    findings = Findings()
    if word == "zha_event" and isinstance(about, dict):
        device = canonical(reading.text(about.get("device_ieee"), 64)) or device
        _zha(about, findings)
    elif isinstance(about, dict) and device in _HUB.values():
        findings.quiet = True  # an event of Home Assistant's own
    elif word:
        _pressed(word, findings)
        _details(said, findings)
    elif "event_type" in said:
        findings.quiet = True
    else:
        return unreadable(device, NAME, retained=retained)
    return findings.signals(device, NAME, retained=retained)


def _pressed(word: str, findings: Findings) -> None:
    """An event type; it is whatever its owner called it, and a doorbell's, a remote's or a sensor's."""
    if _named_key(word, findings):
        return
    kind = plain_words.sense_of(word)
    if kind in (T.MOTION, T.SOS, T.FALL, T.SMOKE, T.WATER, T.GAS, T.CO):
        findings.add(kind)
    else:
        plain_words.press(word, findings)


def _named_key(word: str, findings: Findings) -> bool:
    """The lower, the middle key of a remote, whose name in a state would say that nobody presses."""
    if word.strip().lower() not in _KEYS:
        return False
    findings.measurements["button"] = word
    findings.add(T.PRESS, gesture=word)
    return True


_KEYS: Final = frozenset({"off", "close", "closed", "no", "0", "up", "down"})


def _details(said: Mapping[str, Any], findings: Findings) -> None:
    if (seconds := reading.number(said.get("duration"))) is not None:
        findings.measurements["duration"] = seconds
    findings.battery = reading.percent(said.get("battery"))


def _zha(about: Mapping[str, Any], findings: Findings) -> None:
    """A Zigbee command through ZHA; a keypad's ``args`` hold the PIN and stay where they are."""
    command = reading.text(about.get("command"), 64).lower()
    if kind := _ZHA.get(command):
        findings.add(kind)
    elif command in _ZHA_SILENT:
        findings.quiet = True
    elif about.get("cluster_id") == _IAS_ACE or not command:
        findings.add(T.FAULT, suspect=Suspect.UNKNOWN_CODE, text=f"command {command}")
    elif not _named_key(command, findings):
        plain_words.press(command.replace("_", " "), findings)


FAMILY: Final = Family(
    name=NAME,
    subscriptions=(
        "homeassistant/+/+/state",
        "+/homeassistant/+/+/state",
        "homeassistant/status",
        "homeassistant/event",
        "home/+/state",
        "home/+/available",
    ),
    matches=matches,
    decode=decode,
    addresses=NAMES,
    address=address,
    canonical=canonical,
    rank=6,
)
