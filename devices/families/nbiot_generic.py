"""Cellular terminals (NB-IoT, 4G) with formats of their own: Vega NB-1x, mujiyun's and awish's boxes.

Sources: Vega NB-14 and NB-11 manuals, section 5; mujiyun's and awish.vip's MQTT documents. The device is known by its
IMEI or number in the payload or topic; phone numbers of SIM cards (ICCID, IMSI) are not read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from devices.addresses import IMEI
from devices.family import Family
from devices.shared import reading, thing_model, thing_model_told, thing_model_words, vitals
from devices.shared.finding import Findings, unaddressed, unreadable
from devices.signal import Signal, SignalType, Suspect

NAME: Final = "nbiot_generic"
_SERVER, _INFO, _VEGA = "/server/app", "/iotinfo/", "vega/"
_ADDRESSED = re.compile(r"(?:/iotinfo|vega)/([^/]+)")
_INPUTS: Final = (("s_alarm1", "alarm1"), ("s_alarm2", "alarm2"))
_BROKEN: Final = {
    "s_raw": "the wire of channel A is broken",
    "s_rbw": "the wire of channel B is broken",
    "s_rai": "the insulation of channel A is wet",
    "s_rbi": "the insulation of channel B is wet",
}
_CALM_REASONS: Final = frozenset({"", "time", "start", "on", "power", "config", "settings", "schedule", "timer"})


def matches(topic: str) -> bool:
    """Whether this is a topic of one of the three."""
    return topic == _SERVER or (topic.startswith((_INFO, _VEGA)) and _ADDRESSED.fullmatch(topic) is not None)


def address(topic: str) -> str | None:
    """The IMEI in the topic; None on awish's shared topic."""
    match = _ADDRESSED.fullmatch(topic)
    return match[1] if match else None


def decode(topic: str, payload: bytes, *, retained: bool = False) -> tuple[Signal, ...]:
    """Read one message, by its shape; see `Family.decode`."""
    if not payload:
        return ()
    device = address(topic)
    try:
        said = reading.json_object(payload)
    except reading.UnreadableError:
        return unaddressed(NAME, retained=retained) if device is None else unreadable(device, NAME, retained=retained)
    if isinstance(said.get("Message"), dict) or isinstance(said.get("Telemetry"), dict):
        return _vega(device, said, retained=retained)
    if "d" in said:
        return _packed(device, said["d"], retained=retained)
    return _method(device, said, retained=retained)


def _vega(device: str | None, said: Mapping[str, Any], *, retained: bool) -> tuple[Signal, ...]:
    """A packet of the past, sent when the network came back, is judged by its own time."""
    message, telemetry = (_object(said.get(name)) for name in ("Message", "Telemetry"))
    sent, taken = reading.instant(message.get("UTC")), reading.instant(telemetry.get("UTC"))
    at = taken or sent
    findings = Findings(at=at, battery=reading.percent(telemetry.get("bat")))
    if at is not None:
        findings.ref = thing_model.key(message.get("num"), at.timestamp())
    if (warmth := reading.number(telemetry.get("temp"))) is not None:
        findings.measurements["temperature"] = warmth  # of the processor
    if taken is None or sent is None or reading.recent(taken, sent):
        _inputs(telemetry, findings)
    return findings.signals(reading.text(message.get("IMEI"), 64) or device, NAME, retained=retained)


def _inputs(telemetry: Mapping[str, Any], findings: Findings) -> None:
    """An input is whatever was wired to it: a cord, a button, a detector's relay."""
    reason = vitals.key(reading.text(telemetry.get("reason"), 64))
    for field, name in _INPUTS:
        if reading.truth(telemetry.get(field)) or name in reason:
            findings.measurements["button"] = name
            findings.add(SignalType.PRESS, gesture="single")
    if reading.truth(telemetry.get("s_magnet")) or "magnet" in reason:
        findings.add(SignalType.TAMPER, text="a magnet is near")
    for field, text in _BROKEN.items():
        if reading.truth(telemetry.get(field)):
            findings.add(SignalType.FAULT, text=text)
    if not findings.found and reason not in _CALM_REASONS:
        findings.add(SignalType.FAULT, suspect=Suspect.UNKNOWN_CODE, text=f"reason {reason}")


def _packed(device: str | None, packed: object, *, retained: bool) -> tuple[Signal, ...]:
    """mujiyun: JSON in a JSON string."""
    fields = packed
    if isinstance(packed, str):
        try:
            fields = reading.json_value(packed.encode("utf-8", "replace"))
        except reading.UnreadableError:
            fields = None
    if not isinstance(fields, dict):
        return unaddressed(NAME, retained=retained) if device is None else unreadable(device, NAME, retained=retained)
    name = device or reading.text(fields.get("imei"), 64) or None
    if name is None:
        return unaddressed(NAME, retained=retained)
    items = [one for one in thing_model.properties(fields) if _telling(one)]
    return thing_model.signals(name, NAME, items, ref=None, at=None, retained=retained)


def _telling(one: thing_model.Item) -> bool:
    """Whether a field says more than who speaks: an alarm, a vital sign, the battery, a place, or more fields."""
    squeezed = vitals.key(one.name)
    return (
        isinstance(one.value, dict)
        or vitals.name_of(one.name, worn=True) is not None
        or thing_model_words.meaning(one.name) is not None
        or any(word in squeezed for word in ("alarm", "batt", "rssi", "csq", "lat", "lon", "lng", "electric"))
    )


def _method(device: str | None, said: Mapping[str, Any], *, retained: bool) -> tuple[Signal, ...]:
    """awish: ``method`` says what it is; all numbers are text."""
    name = reading.text(said.get("client_id") or said.get("machine_id") or said.get("imei"), 64) or device
    if name is None:
        return unaddressed(NAME, retained=retained)
    findings = Findings(at=reading.instant(said.get("timestamp")))
    for field, measured in (("network_rssi", "rssi"), ("uptime_minutes_today", "uptime_minutes")):
        if (figure := reading.number(said.get(field))) is not None:
            findings.measurements[measured] = figure
    method = reading.text(said.get("method"), 64)
    kind = thing_model_words.event(method.rpartition(".")[2])
    if kind is SignalType.HEARTBEAT:
        kind = thing_model_told.raised(said) or kind
    elif kind is None or kind is SignalType.FAULT:
        kind = thing_model_told.told(said) or kind
    if kind is None:
        findings.add(SignalType.FAULT, suspect=Suspect.UNKNOWN_CODE, text=f"method {method or 'none'}")
    elif kind is not SignalType.HEARTBEAT:
        findings.add(kind)
    return findings.signals(name, NAME, retained=retained)


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


FAMILY: Final = Family(
    name=NAME,
    subscriptions=(_SERVER, f"{_INFO}+", f"{_VEGA}+"),
    matches=matches,
    decode=decode,
    addresses=IMEI,
    address=address,
)
