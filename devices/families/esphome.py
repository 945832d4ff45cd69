"""ESPHome: wired pull cords and buttons, mmWave radars and sensors on a small board of one's own.

Sources: ESPHome, components ``mqtt``, ``binary_sensor``, ``event``, ``sensor``, ``seeed_mr60fda2``, ``seeed_mr60bha2``.
What a sensor tells of is in the name that its owner gave it; see `devices.shared.wording`.

ESPHome retains the states it publishes: after each new subscription the last one comes again, marked as a stored copy.
It is told as such, so that a press during an outage of alarmd is on record and yet no alarm of a live message.
"""

from __future__ import annotations

import math
import re
from typing import Final

from devices.family import CLOSED, Family, Message
from devices.shared import reading, wording
from devices.shared.finding import Findings, unreadable
from devices.signal import Signal, SignalType, Suspect

T = SignalType
NAME: Final = "esphome"
_READ = ("binary_sensor", "sensor", "text_sensor", "event", "alarm_control_panel")
_ACTORS = (
    "switch",
    "light",
    "fan",
    "cover",
    "climate",
    "number",
    "select",
    "lock",
    "button",
    "text",
    "valve",
    "date",
    "time",
    "datetime",
    "media_player",
    "update",
)
_STATE = re.compile(rf"(?P<node>.+)/(?P<part>{'|'.join(_READ + _ACTORS)})/(?P<name>[^/]+)/state")
_STATUS = re.compile(r"(?P<node>(?:[^/]+/)?[^/]+)/status")
_ANY_STATUS = re.compile(r"(?P<node>.+)/status")
"""What decodes, too, where somebody says that it is ESPHome's."""
_NOT_OURS = re.compile(
    r"(?:homeassistant|hass|ha|home_?assistant|statestream|zigbee2mqtt|z2m|tele|stat|cmnd|shellies|homie|msh|espresense"
    r"|alarmd|rtl_433|owntracks|sensors|application|v3|\$.*|)(?:/.*)?"
)
_HARMLESS: Final = frozenset({"status", "online", "connected", "connection", "wifi", "ethernet", "charging", "update"})
_BOTH_WAYS: Final = frozenset({T.MOTION, T.PRESENCE, T.DOOR})
_PRESSED: Final = frozenset({T.PRESS, T.SOS})
_LONGEST = 256


def matches(topic: str) -> bool:
    """Whether the topic has the shape of ESPHome's, and no first level of somebody who shares that shape."""
    if _NOT_OURS.fullmatch(topic):
        return False
    return (topic.endswith("/state") and _STATE.fullmatch(topic) is not None) or _STATUS.fullmatch(topic) is not None


def recognises(topic: str, payload: bytes) -> bool:
    """A node's status is a bare word; others put objects and sentences on topics of this shape."""
    return not topic.endswith("/status") or payload.strip().lower() in (b"online", b"offline")


def address(topic: str) -> str | None:
    """The node's topic prefix, by default its name; its sensors belong to it."""
    match = _STATE.fullmatch(topic) or _STATUS.fullmatch(topic)
    return match["node"] if match else None


def decode(topic: str, payload: bytes, *, retained: bool = False) -> tuple[Signal, ...]:
    """Read one message; see `Family.decode`."""
    if not payload:
        return ()
    findings = Findings()
    if match := _STATE.fullmatch(topic):
        if match["part"] in _ACTORS:
            return ()
        word = payload[:_LONGEST].decode("utf-8", "replace").strip("\x00 \t\r\n").strip('"')
        if len(payload) > _LONGEST or "\ufffd" in word:
            return unreadable(match["node"], NAME, retained=retained)
        _read(match["part"], match["name"], word, findings)
    elif match := _ANY_STATUS.fullmatch(topic):
        word = payload[:40].decode("utf-8", "replace").strip('\x00 \t\r\n"').lower()
        if word == "offline":
            findings.add(T.OFFLINE)
        elif word != "online":
            findings.add(T.FAULT, text="the status could not be read")
    else:
        return ()
    return findings.signals(match["node"], NAME, retained=retained)


def _read(part: str, name: str, word: str, findings: Findings) -> None:
    if part == "binary_sensor":
        _binary(name, word, findings)
    elif part == "sensor":
        _sensor(name, word, findings)
    elif part == "event":
        _event(name, word, findings)
    elif part == "alarm_control_panel":
        findings.quiet = True
        if word == "triggered":
            findings.add(T.INTRUDER)
    else:
        _text(name, word, findings)


def _binary(name: str, word: str, findings: Findings) -> None:
    """``ON`` and ``OFF`` of a named input; one with a name nobody knows may be what somebody calls by."""
    if word.startswith("{"):
        word = _inside(word)
    state = reading.truth(word)
    kind = wording.kind_of(name)
    if state is None:
        if word.lower() not in ("unavailable", "unknown", "nan"):
            findings.add(T.FAULT, suspect=Suspect.UNKNOWN_CODE, text=f"{name[:64]} says neither ON nor OFF")
        return
    findings.measurements[name[:64]] = state
    if kind is None and _HARMLESS.intersection(wording.plain(name).split("_")):
        return
    if kind in _BOTH_WAYS and kind is not None:
        findings.measurements["open" if kind is T.DOOR else str(kind)] = state
        findings.add(kind)
    elif kind is None or kind in _PRESSED:
        findings.measurements["button"] = name[:64]
        findings.add(
            (kind or T.PRESS) if state else T.CANCEL, gesture="single" if state and kind is not T.SOS else None
        )
    elif state:
        findings.add(kind)


def _inside(word: str) -> str:
    """The state in an object, as ``on_state`` automations of people's own write it."""
    try:
        said = reading.json_object(word.encode("utf-8", "replace"))
    except reading.UnreadableError:
        return word
    return reading.text(said.get("state", said.get("value")), 40) or word


def _sensor(name: str, word: str, findings: Findings) -> None:
    """A number as text; ``nan`` is what a sensor says that has not measured."""
    figure = reading.number(word)
    if figure is None or not math.isfinite(figure):
        return
    called = wording.measurement_of(name)
    plain = wording.plain(name)
    if "battery" in plain and "volt" not in plain:
        findings.battery = reading.percent(figure)
    elif called in _NOT_ZERO and figure == 0:
        findings.measurements["measuring"] = False
    elif plain in _OF_THE_NODE:
        findings.measurements[plain] = figure
    else:
        findings.measurements[called or name[:64]] = figure
        kind = wording.kind_of(name)
        calls = kind in (T.SOS, T.FALL) and figure == 1 and not _SETTINGS.intersection(plain.split("_"))
        findings.add(kind if calls and kind else T.MEASUREMENT)


_SETTINGS: Final = frozenset("count counter sensitivity threshold time delay confidence timeout duration".split())  # noqa: SIM905 - a table of words
_NOT_ZERO: Final = frozenset({"heart_rate", "respiration_rate", "spo2"})
"""A radar that has found nobody says 0: that is no pulse of a dead person."""
_OF_THE_NODE: Final = frozenset({"uptime", "wifi_signal", "uptime_sensor", "free_heap", "loop_time", "heap_free"})


def _event(name: str, word: str, findings: Findings) -> None:
    """``{"event_type":"double_click"}``, or the bare word in older versions."""
    try:
        said = reading.json_value(word.encode("utf-8", "replace"))
    except reading.UnreadableError:
        said = word
    event = reading.text(said.get("event_type") if isinstance(said, dict) else said, 64)
    if isinstance(said, dict) and not event:
        findings.quiet = True  # nothing was pressed yet
        return
    findings.measurements["button"] = event
    gestures = {"double": "double", "triple": "triple", "long": "long", "hold": "long", "held": "long"}
    words = set(reading.words(event))
    if words & {"release", "released"}:
        findings.quiet = True
        return
    gesture = next((said for found, said in gestures.items() if found in words), None)
    told = (wording.kind_of(event), wording.kind_of(name))
    kind = T.SOS if T.SOS in told else next((one for one in told if one in _ALARM_WORDS and one), T.PRESS)
    known = gesture or ("single" if words & {"press", "pressed", "single", "click", "short"} else event)
    findings.add(kind, gesture=known if kind is T.PRESS else None)


_CALM: Final = frozenset({"none", "normal", "no", "off", "false", "ok", "clear", "unknown", "", "not", "idle"})


def _text(name: str, word: str, findings: Findings) -> None:
    """A word of a radar's or a detector's own: read where name or word is that of an alarm."""
    words = set(reading.words(word))
    kind = wording.kind_of(word)
    if words & _CALM or _NAMES.intersection(wording.plain(name).split("_")):
        return
    if kind in _ALARM_WORDS:
        findings.add(kind)
    elif wording.kind_of(name) in _ALARM_WORDS and words & {"alarm", "detected", "triggered", "yes", "on", "true"}:
        findings.add(wording.kind_of(name) or T.SOS)


_NAMES: Final = frozenset("ssid bssid ip mac version hostname name address dns date uptime".split())  # noqa: SIM905 - a table of words
"""Texts about the node itself: a network may be called anything."""
_ALARM_WORDS: Final = frozenset({T.SOS, T.FALL, T.SMOKE, T.CO, T.GAS, T.WATER, T.HEAT, T.INACTIVITY, T.BED_EXIT})


def answer(address: str, status: str) -> Message:
    """A switch that its owner has named ``answer``."""
    return Message(f"{address}/switch/answer/command", b"OFF" if status == CLOSED else b"ON")


FAMILY: Final = Family(
    name=NAME,
    subscriptions=(
        *(f"{node}/{part}/+/state" for node in ("+", "+/+", "+/+/+") for part in (*_READ, "alarm_control_panel")),
        "+/status",
        "+/+/status",
    ),
    replies=("+/switch/answer/command",),
    matches=matches,
    decode=decode,
    address=address,
    recognises=recognises,
    rank=7,
    answer=answer,
)
