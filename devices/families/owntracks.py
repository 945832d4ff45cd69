"""OwnTracks: phones and trackers that tell where they are.

Source: the OwnTracks booklet, ``tech/json.md`` and ``features/encrypt.md``; also the Greenwich and Queclink dialects.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from devices.family import Family
from devices.shared import reading
from devices.shared.finding import Findings, unreadable
from devices.signal import Signal, SignalType, Suspect

NAME: Final = "owntracks"
T = SignalType
_ROOT = "owntracks/"
_OTHERS: Final = frozenset({"cmd", "info", "waypoint", "waypoints", "dump", "status", "request", "response"})
_USER_AND_DEVICE = 2
_CSV: Final = re.compile(r"[^,{]{1,20},([0-9a-fA-F]{6,8}),(\w?),(-?\d{1,9}),(-?\d{1,9})(?:,[\d.-]{0,12}){0,8}")
"""Tracker, time, trigger, place in millionths: how Greenwich trackers shorten a location."""
_MILLIONTHS = 1_000_000
_LEFT: Final = frozenset({"leave", "left", "exit", "exited"})
_THERE: Final = frozenset({"enter", "entered", "stay", "inside"})
_TRACKERS_ALARM: Final = {
    "9": T.BATTERY_LOW,
    "e": T.MAINS_LOST,
    "E": T.MAINS_BACK,
    "!": T.MOTION,
    "1": T.ONLINE,
}
"""The trigger ``t`` of Queclink trackers; capitals matter."""


def _levels(topic: str) -> list[str]:
    return topic.removeprefix("/").removeprefix(_ROOT).split("/")


def matches(topic: str) -> bool:
    """Whether this is ``owntracks/<user>/<device>`` or a topic below it."""
    return topic.removeprefix("/").startswith(_ROOT) and len(_levels(topic)) >= _USER_AND_DEVICE


def address(topic: str) -> str | None:
    """``<user>/<device>``; None where the topic is not OwnTracks' own."""
    if not matches(topic):
        return None
    user, device = _levels(topic)[:_USER_AND_DEVICE]
    return f"{user}/{device}" if user and device else None


def decode(topic: str, payload: bytes, *, retained: bool = False) -> tuple[Signal, ...]:
    """Read one message; see `Family.decode`."""
    below = _levels(topic)[_USER_AND_DEVICE:]
    if not payload or (below and below[0] in _OTHERS):
        return ()
    device = address(topic)
    try:
        said = _csv(payload) or reading.json_object(payload)
    except reading.UnreadableError:
        return unreadable(device or topic[:200] or None, NAME, retained=retained)
    device = device or address(reading.text(said.get("topic"), 200)) or topic[:200] or None
    if "_type" not in said:
        return () if below else unreadable(device, NAME, retained=retained)
    findings = Findings(at=reading.instant(said.get("tst")))
    _TYPES.get(reading.text(said["_type"], 32), _unknown)(said, findings)
    return findings.signals(device, NAME, retained=retained)


def _csv(payload: bytes) -> dict[str, Any] | None:
    if payload[:1] == b"{" or not (match := _CSV.fullmatch(payload[:160].decode("utf-8", "replace").strip())):
        return None
    north, east = (int(match[part]) / _MILLIONTHS for part in (3, 4))
    return {"_type": "location", "tst": int(match[1], 16), "t": match[2], "lat": north, "lon": east}


def _place(said: Mapping[str, Any], findings: Findings) -> None:
    findings.position = reading.position(said.get("lat"), said.get("lon"))
    accuracy = reading.number(said.get("acc"))
    findings.accuracy_m = float(accuracy) if findings.position and accuracy and accuracy > 0 else None


def _location(said: Mapping[str, Any], findings: Findings) -> None:
    """Where the phone is. ``t`` "u" is its only button: somebody asked it to tell."""
    _place(said, findings)
    if findings.position:
        findings.add(T.LOCATION)
    findings.battery = reading.percent(said.get("batt"))
    trigger = reading.text(said.get("t"), 4)
    if trigger == "u":
        findings.measurements["button"] = "manual"
        findings.add(T.PRESS, gesture="single")
    elif kind := _TRACKERS_ALARM.get(trigger):
        findings.add(kind)
    for key, name in (("vel", "speed_kmh"), ("ubatt", "battery_voltage"), ("alt", "altitude")):
        if (figure := reading.number(said.get(key))) is not None:
            findings.measurements[name] = figure
    if isinstance(said.get("motion"), bool):
        findings.measurements["motion"] = said["motion"]


def _transition(said: Mapping[str, Any], findings: Findings) -> None:
    """Leaving a region that somebody drew on the map is wandering, if the plan says so."""
    _place(said, findings)
    findings.text = reading.text(said.get("desc"), 100)
    event = reading.text(said.get("event"), 16).lower()
    if event not in _LEFT | _THERE:
        findings.add(T.FAULT, suspect=Suspect.UNKNOWN_CODE, text=f"transition {event or 'without a word'}")
        return
    findings.measurements["inside"] = event in _THERE
    findings.add(T.WANDER if event in _LEFT else T.LOCATION)


def _lwt(said: Mapping[str, Any], findings: Findings) -> None:  # noqa: ARG001 - that it came is all it says
    """The last will. Its ``tst`` is when the app connected, not when it was lost."""
    findings.at = None
    findings.add(T.OFFLINE)


def _steps(said: Mapping[str, Any], findings: Findings) -> None:
    if (steps := reading.number(said.get("steps"))) is not None and steps >= 0:
        findings.measurements["steps"] = steps
        findings.add(T.MEASUREMENT)


def _beacon(said: Mapping[str, Any], findings: Findings) -> None:
    """A beacon heard by the phone: how near it is."""
    for key, name in (("acc", "distance"), ("rssi", "rssi")):
        if (figure := reading.number(said.get(key))) is not None:
            findings.measurements[name] = figure
    findings.add(T.PRESENCE)


def _encrypted(said: Mapping[str, Any], findings: Findings) -> None:  # noqa: ARG001 - nothing of it can be read
    findings.add(T.FAULT, text="encrypted: switch encryption off in the app, and use TLS")


def _unknown(said: Mapping[str, Any], findings: Findings) -> None:
    """A type that a later version of the app, or another program, invented."""
    findings.add(T.FAULT, text=f"type {reading.text(said['_type'], 32) or 'none'} is not known")


def _nothing(said: Mapping[str, Any], findings: Findings) -> None:  # noqa: ARG001 - names, pictures, settings
    findings.quiet = True


_TYPES: Final[Mapping[str, Callable[[Mapping[str, Any], Findings], None]]] = {
    "location": _location,
    "transition": _transition,
    "lwt": _lwt,
    "steps": _steps,
    "beacon": _beacon,
    "encrypted": _encrypted,
    **dict.fromkeys(
        ("card", "cmd", "configuration", "waypoint", "waypoints", "status", "request", "dump", "msg"), _nothing
    ),
}

FAMILY: Final = Family(
    name=NAME,
    subscriptions=("owntracks/+/+", "owntracks/+/+/event", "owntracks/+/+/step", "owntracks/+/+/beacon"),
    matches=matches,
    decode=decode,
    address=address,
    rank=2,
)
