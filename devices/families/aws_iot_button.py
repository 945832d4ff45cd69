"""AWS IoT Button and IoT 1-Click buttons, whose service has ended but whose messages live on in bridges.

Sources: AWS IoT developer guide, "AWS IoT Button" and "AWS IoT 1-Click events".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from devices.family import Family, Reports
from devices.shared import reading
from devices.shared.finding import Findings, unreadable
from devices.signal import Signal, SignalType, Suspect

NAME: Final = "aws_iot_button"
T = SignalType
_ROOTS: Final = ("iotbutton/", "iot1click/")
_CLICKS: Final = {"SINGLE": "single", "DOUBLE": "double", "LONG": "long"}
_WORN: Final = frozenset({"low", "battery", "life", "lifetime"})
"""A health event is sent once the button's remaining life falls under a threshold."""
_MILLIVOLTS = 100
"""A button's two cells give 2 to 3 V; a figure above this is in thousandths."""


def matches(topic: str) -> bool:
    """Whether this is ``iotbutton/<serial number>`` or ``iot1click/<project>/<placement>``."""
    return topic.startswith(_ROOTS)


def address(topic: str) -> str | None:
    """The serial number, or ``<project>/<placement>``."""
    return topic.partition("/")[2] or None if matches(topic) else None


def decode(topic: str, payload: bytes, *, retained: bool = False) -> tuple[Signal, ...]:
    """Read one message; see `Family.decode`."""
    device = address(topic)
    if not payload:
        return ()
    try:
        said = reading.json_object(payload)
    except reading.UnreadableError:
        return unreadable(device or topic or None, NAME, retained=retained)
    if reading.repeats_key(payload, "clickType"):
        return unreadable(device or topic or None, NAME, retained=retained)
    findings = Findings()
    event, about = said.get("deviceEvent"), said.get("deviceInfo")
    if isinstance(about, dict):
        findings.battery = reading.percent(about.get("remainingLife"))
    if isinstance(event, dict):
        _one_click(event, findings)
    else:
        _first_generation(said, findings)
    return findings.signals(device or _named(said) or topic or None, NAME, retained=retained)


def _named(said: Mapping[str, Any]) -> str | None:
    """The button by the payload, for topics of one's own."""
    about, place = said.get("deviceInfo"), said.get("placementInfo")
    if serial := reading.text(said.get("serialNumber"), 64):
        return serial
    if isinstance(place, dict) and (name := reading.text(place.get("placementName"), 100)):
        return f"{reading.text(place.get('projectName'), 100)}/{name}"
    return reading.text(about.get("deviceId"), 64) or None if isinstance(about, dict) else None


def _first_generation(said: Mapping[str, Any], findings: Findings) -> None:
    volts = reading.number(said.get("batteryVoltage"))
    if volts is not None and volts > 0:
        findings.measurements["battery_voltage"] = volts / 1000 if volts > _MILLIVOLTS else volts
    _click(said.get("clickType"), findings)


def _one_click(event: Mapping[str, Any], findings: Findings) -> None:
    clicked, health = event.get("buttonClicked"), event.get("deviceHealthMonitor")
    if isinstance(clicked, dict):
        findings.at = reading.instant(clicked.get("reportedTime"))
        findings.ref = reading.text(clicked.get("reportedTime"), 64) or None
        _click(clicked.get("clickType"), findings)
    elif isinstance(health, dict):
        condition = reading.text(health.get("condition"), 100)
        if _WORN & set(reading.words(condition)):
            findings.add(T.BATTERY_LOW, text=condition)
        elif condition and condition.lower() not in ("ok", "healthy", "normal"):
            findings.add(T.FAULT, suspect=Suspect.UNKNOWN_CODE, text=condition)
    else:
        _click(None, findings)


def _click(said: object, findings: Findings) -> None:
    """How it was clicked. A button that does not say how was pressed all the same."""
    word = reading.text(said, 64)
    if word:
        findings.measurements["button"] = word
    gesture = _CLICKS.get(word.upper())
    findings.add(T.PRESS, gesture=gesture or word.lower() or None, suspect=None if gesture else Suspect.UNKNOWN_CODE)


FAMILY: Final = Family(
    name=NAME,
    subscriptions=("iotbutton/+", "iot1click/+/+"),
    matches=matches,
    decode=decode,
    address=address,
    rank=2,
    reports=Reports.WHEN_PRESSED,
)
