"""Carelink wearables: falls and wandering, each first detected and then confirmed or denied, and where they happened.

Source: jms-calado/MQTT-Specs 3.1.0. The last will is plain text, retained, on the topic that else carries JSON; the
battery is in mAh of a capacity that nobody states, so it is no percentage.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from devices.family import Family
from devices.shared import reading, vitals
from devices.shared.finding import Findings, unreadable
from devices.signal import Signal, SignalType, Suspect

NAME: Final = "carelink"
_TOPIC = re.compile(r"([^/$][^/]*)/(?:(status)|(fall|wandering)/(detected|confirmation))")
_LAST_WILL = b"LW"
_KINDS: Final = {"fall": SignalType.FALL, "wandering": SignalType.WANDER}


def matches(topic: str) -> bool:
    """Whether the topic has a wearable's shape; ``<name>/status`` has that of many others, see `recognises`."""
    return _TOPIC.fullmatch(topic) is not None and not topic.startswith("homeassistant/")


def recognises(topic: str, payload: bytes) -> bool:
    """A status is the last will or names the battery's capacity."""
    return not topic.endswith("/status") or payload.startswith(_LAST_WILL) or b'"batteryLevel"' in payload


def address(topic: str) -> str | None:
    """The first level."""
    match = _TOPIC.fullmatch(topic)
    return match[1] if match else None


def decode(topic: str, payload: bytes, *, retained: bool = False) -> tuple[Signal, ...]:
    """Read one message; see `Family.decode`."""
    match = _TOPIC.fullmatch(topic)
    if match is None or not payload:
        return ()
    device = match[1]
    if match[2] and payload.startswith(_LAST_WILL):
        text = reading.text(payload[:200].decode("utf-8", "replace"), 100)
        return (Signal(device=device, family=NAME, type=SignalType.OFFLINE, text=text, retained=retained),)
    try:
        said = reading.json_object(payload)
    except reading.UnreadableError:
        return unreadable(device, NAME, retained=retained)
    if match[4] == "confirmation" and reading.repeats_key(payload, "status"):
        return unreadable(device, NAME, retained=retained)
    findings = _common(said)
    if match[2]:
        if findings.position:
            findings.add(SignalType.LOCATION)
    elif match[4] == "detected":
        findings.add(_KINDS[match[3]], text="detected")
    else:
        _confirmation(_KINDS[match[3]], match[3], said.get("status"), findings)
    return findings.signals(device, NAME, retained=retained)


def _confirmation(kind: SignalType, word: str, status: object, findings: Findings) -> None:
    """Yes, no ("I am fine"), or an answer that nobody can read, which is no "no"."""
    confirmed = reading.truth(status)
    if confirmed is None:
        findings.add(kind, suspect=Suspect.UNKNOWN_CODE, text="confirmed or denied: it cannot be read which")
    elif confirmed:
        findings.add(kind, text="confirmed")
    else:
        findings.add(SignalType.CANCEL, text=f"{word} denied by the wearer")


def _common(said: Mapping[str, Any]) -> Findings:
    findings = Findings(at=reading.instant(said.get("timestamp")), position=_place(said.get("location")))
    if (capacity := reading.number(said.get("batteryLevel"))) is not None:
        findings.measurements["battery_mah"] = capacity
    if (accompanied := reading.truth(said.get("accompanied"))) is not None:
        findings.measurements["accompanied"] = accompanied
    sensor = said.get("sensor")
    if isinstance(sensor, dict):
        vitals.read(sensor.items(), findings, worn=True)
        if (warmth := reading.number(sensor.get("temperature"))) is not None:
            findings.measurements["temperature"] = warmth
    return findings


def _place(location: object) -> tuple[float, float] | None:
    """One place, or the last of a GeoJSON ``MultiPoint``, whose order is longitude, latitude."""
    if not isinstance(location, dict):
        return None
    if found := reading.position(location.get("lat"), location.get("lon")):
        return found
    points = location.get("coordinates")
    last = points[-1] if isinstance(points, list) and points else None
    return reading.position(last[1], last[0]) if isinstance(last, list) and len(last) > 1 else None


FAMILY: Final = Family(
    name=NAME,
    subscriptions=(
        "+/status",
        "+/fall/detected",
        "+/fall/confirmation",
        "+/wandering/detected",
        "+/wandering/confirmation",
    ),
    matches=matches,
    decode=decode,
    address=address,
    recognises=recognises,
    rank=7,
)
