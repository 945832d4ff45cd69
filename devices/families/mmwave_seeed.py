"""Seeed MR60FDA2 fall radar with the sketch that publishes its state, on a topic that each maker chooses.

Source: gilangpamungkas/fall-detection, ``fall_detection_v2.ino``. ``status`` is 0 somebody there, 1 nobody, 2 a fall,
sent again on every turn of the sketch's loop.
"""

from __future__ import annotations

import re
from typing import Final

from devices.family import Family
from devices.shared import reading
from devices.shared.finding import Findings, unreadable
from devices.signal import Signal, SignalType, Suspect

NAME: Final = "mmwave_seeed"
_TOPIC = re.compile(r"student/[^/]+/luminaire/[^/]+")
_SOMEBODY, _NOBODY, _FALL = 0, 1, 2
_FALL_NAMES: Final = frozenset({"people", "fall", "detected", "alarm"})
"""``PEOPLE_FALL``: the library's own name of the state, should a sketch publish that."""


def matches(topic: str) -> bool:
    """Whether this is the topic of the sketch as published; other topics need the family's name."""
    return topic.startswith("student/") and _TOPIC.fullmatch(topic) is not None


def address(topic: str) -> str | None:
    """The whole topic: nothing else names the radar."""
    return topic or None


def decode(topic: str, payload: bytes, *, retained: bool = False) -> tuple[Signal, ...]:
    """Read one message; see `Family.decode`."""
    device = address(topic)
    if not payload or device is None:
        return ()
    try:
        said = reading.json_object(payload)
    except reading.UnreadableError:
        return unreadable(device, NAME, retained=retained)
    findings = Findings()
    if (lux := reading.number(said.get("lux"))) is not None:
        findings.measurements["illuminance"] = lux
    status = reading.number(said.get("status"))
    named = frozenset(reading.words(reading.text(said.get("status"), 32)))
    if status == _FALL or {"fall"} <= named <= _FALL_NAMES:
        findings.add(SignalType.FALL)
    elif status in (_SOMEBODY, _NOBODY):
        findings.measurements["presence"] = status == _SOMEBODY
        findings.add(SignalType.PRESENCE)
    else:
        word = reading.text(said.get("status"), 32) or "none"
        findings.add(SignalType.FAULT, suspect=Suspect.UNKNOWN_CODE, text=f"status {word} is not known")
    return findings.signals(device, NAME, retained=retained)


FAMILY: Final = Family(
    name=NAME,
    subscriptions=("student/+/luminaire/+",),
    matches=matches,
    decode=decode,
    address=address,
    rank=6,
)
