"""Wall radars built on TI's mmWave chips: presence, falls, and the call that the radar makes by itself.

Source: the MQTT page of a TI mmWave fall sensor. One fall is several messages (confirmed, calling, exit, finished) with
the same ``timestamp``, which is the key of the fall.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from devices.family import Family
from devices.shared import reading
from devices.shared.finding import Findings, unaddressed, unreadable
from devices.signal import Signal, SignalType, Suspect

NAME: Final = "mmwave_ti"
_TOPIC = re.compile(r"/?devices/([^/]+)/(events|state|response)")
_SHARED = "common"
_PRESENCE, _FALL, _RESPONSE = 0, 1, 2
_FALLING = frozenset({"fall confirmed", "calling", "fall detected", "fall"})
_OVER = frozenset({"fall exit", "finished"})
_HARDWARE_ISSUE = 3
_TROUBLE = frozenset({"error", "fault", "failed", "failure", "off", "stopped"})


def matches(topic: str) -> bool:
    """Whether a radar speaks here; its commands and settings come under ``…/commands`` and ``…/config``."""
    return topic.startswith("/devices/") and _TOPIC.fullmatch(topic) is not None


def address(topic: str) -> str | None:
    """The ``<id>`` of ``/devices/<id>/…``; None on the topic that all radars answer to."""
    match = _TOPIC.fullmatch(topic)
    return None if match is None or match[1] == _SHARED else match[1]


def decode(topic: str, payload: bytes, *, retained: bool = False) -> tuple[Signal, ...]:
    """Read one message; see `Family.decode`."""
    match = _TOPIC.fullmatch(topic)
    if match is None or not payload:
        return ()
    device = address(topic)
    try:
        said = reading.json_object(payload)
    except reading.UnreadableError:
        return unaddressed(NAME, retained=retained) if device is None else unreadable(device, NAME, retained=retained)
    inner = said.get("payload")
    about: Mapping[str, Any] = inner if isinstance(inner, dict) else {}
    if match[2] == "response" or device is None:
        device = device or reading.text(about.get("device_id"), 100) or None
        return Findings(at=reading.instant(said.get("time"))).signals(device, NAME, retained=retained)
    findings = Findings()
    (_state if match[2] == "state" else _event)(said, about, findings)
    return findings.signals(device, NAME, retained=retained)


def _event(said: Mapping[str, Any], about: Mapping[str, Any], findings: Findings) -> None:
    kind = reading.number(said.get("type"))
    findings.at = reading.instant(about.get("timestamp"))
    if kind == _PRESENCE:
        there = reading.truth(about.get("presenceDetected"))
        if there is None:
            findings.add(SignalType.FAULT, suspect=Suspect.UNKNOWN_CODE, text="presence without yes or no")
        else:
            findings.measurements["presence"] = there
            findings.add(SignalType.PRESENCE)
    elif kind == _FALL or "fall" in reading.words(reading.text(about.get("status"), 64)):
        _fall(about, findings)
    elif kind == _RESPONSE:
        if reading.number(about.get("code")) == _HARDWARE_ISSUE:
            findings.add(SignalType.FAULT, text="the radar reports a hardware issue")
    else:
        word = reading.text(said.get("type"), 32) or "none"
        findings.add(SignalType.FAULT, suspect=Suspect.UNKNOWN_CODE, text=f"event type {word} is not known")


def _fall(about: Mapping[str, Any], findings: Findings) -> None:
    """The same fall keeps its key; what ends it has one of its own, or it would pass for a repeat."""
    status = " ".join(reading.words(reading.text(about.get("status"), 64)))
    key = reading.text(about.get("timestamp"), 32) if findings.at else ""
    findings.text = status
    if status in _OVER:
        findings.ref = f"{key} {status}" if key else None
        findings.at = (
            reading.instant(about.get("endTimestamp"))
            or reading.instant(about.get("statusUpdateTimestamp"))
            or findings.at
        )
        findings.add(SignalType.CANCEL)
    else:
        findings.ref = key or None
        findings.add(SignalType.FALL, suspect=None if status in _FALLING else Suspect.UNKNOWN_CODE)


def _state(said: Mapping[str, Any], about: Mapping[str, Any], findings: Findings) -> None:  # noqa: ARG001 - one shape
    """Every two minutes."""
    word = reading.text(said.get("status"), 64)
    if word:
        findings.measurements["status"] = word
    wifi = said.get("wifi")
    for name, value in (
        ("uptime", said.get("uptime")),
        ("rssi", wifi.get("rssi") if isinstance(wifi, dict) else None),
    ):
        if (figure := reading.number(value)) is not None:
            findings.measurements[name] = figure
    if {"offline", "disconnected"} & set(reading.words(word)):
        findings.add(SignalType.OFFLINE)
    elif _TROUBLE & set(reading.words(word)):
        findings.add(SignalType.FAULT, text=f"the radar is {word}")


FAMILY: Final = Family(
    name=NAME,
    subscriptions=("/devices/+/events", "/devices/+/state", "/devices/common/response"),
    matches=matches,
    decode=decode,
    address=address,
)
