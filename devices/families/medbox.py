"""MedBox: a wristband with a thermometer, and a medicine box that weighs its compartments.

Source: the project's ``MQTT TOPIC LIST``. Numbers are text. A loose wristband measures the room: what no body's skin
shows is kept and marked ``implausible``, for cold people exist, too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from devices.family import Family
from devices.shared import reading, vitals
from devices.shared.finding import Findings, unreadable
from devices.signal import Signal, SignalType

NAME: Final = "medbox"
_TOPIC = re.compile(r"/?(?:bracelet/update/(temp)|smartbox/update/(weight|history|not-taken/history))/([^/]+)")
_WORN: Final = (34, 43)
"""°C between which the reading of a worn wristband lies."""
_BOX = re.compile(r"box ?(\d{1,2})", re.IGNORECASE)


def matches(topic: str) -> bool:
    """Whether band or box speaks here (``reminder-<id>`` is said to the box)."""
    return topic.startswith(("/bracelet/", "/smartbox/")) and _TOPIC.fullmatch(topic) is not None


def address(topic: str) -> str | None:
    """The unique code of the band or box."""
    match = _TOPIC.fullmatch(topic)
    return match[3] if match else None


def decode(topic: str, payload: bytes, *, retained: bool = False) -> tuple[Signal, ...]:
    """Read one message; see `Family.decode`."""
    match = _TOPIC.fullmatch(topic)
    if match is None or not payload:
        return ()
    device, word = match[3], match[1] or match[2]
    try:
        said = reading.json_object(payload)
    except reading.UnreadableError:
        return unreadable(device, NAME, retained=retained)
    findings = Findings()
    if word == "temp":
        _warmth(said.get("temp"), findings)
    elif word == "weight":
        _weights(said, findings)
    else:
        box = _BOX.fullmatch(reading.text(said.get("box"), 16))
        findings.measurements["taken"] = word == "history"
        if box:
            findings.measurements["box"] = int(box[1])
    if findings.measurements:
        findings.add(SignalType.MEASUREMENT)
    return findings.signals(device, NAME, retained=retained)


def _warmth(value: object, findings: Findings) -> None:
    figure = vitals.sane("body_temperature", value)
    if figure is not None:
        findings.measurements["body_temperature"] = figure
        if not _WORN[0] <= figure <= _WORN[1]:
            findings.measurements["implausible"] = True


def _weights(said: Mapping[str, Any], findings: Findings) -> None:
    for name, value in list(said.items())[:16]:
        box, figure = _BOX.fullmatch(name), reading.number(value)
        if box and figure is not None:
            findings.measurements[f"box_{int(box[1])}"] = figure


FAMILY: Final = Family(
    name=NAME,
    subscriptions=(
        "/bracelet/update/temp/+",
        "/smartbox/update/weight/+",
        "/smartbox/update/history/+",
        "/smartbox/update/not-taken/history/+",
    ),
    matches=matches,
    decode=decode,
    address=address,
)
