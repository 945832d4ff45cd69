"""Gateways that pass on Bluetooth blood-pressure cuffs, oximeters, thermometers, scales and meters as JSON.

One firmware, two boxes: AVA4 (`devices.families.ava4_gateway`) wraps readings in a ``device_list``, Qube-Vital
(`devices.families.qube_vital`) does not. Source: TELY01-DEV/stardust-my-firstcare-com, ``ava4_mqtt_examples.md``,
``Qube-Vital_MQTT_PAYLOAD.md``, ``MQTT_DATA_PROCESSING_HANDBOOK.md``. Citizen ids, names, birth dates, IMEI and ICCID in
these messages are read by nobody here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from devices.shared import reading, vitals
from devices.shared.finding import Findings, unaddressed
from devices.signal import Signal, SignalType, Suspect

_MAC = re.compile(r"[0-9A-F]{12}")
_MAX_READINGS = 32
_NOT_BODIES = frozenset({"object", "surface", "room", "ambient"})
_CALLS: Final = (
    (frozenset({"sos", "panic", "emergency"}), SignalType.SOS),
    (frozenset({"fall", "falldown"}), SignalType.FALL),
)


def mac(written: object) -> str | None:
    """A MAC as ``DC:DA:0C:5A:80:64``, however it is written; other text as it stands, None for none."""
    return _mac(reading.text(written, 100))


@lru_cache(maxsize=4096)  # the same boxes and cuffs over and over; bounded against made-up ones
def _mac(name: str) -> str | None:
    digits = re.sub(r"[\s:.-]", "", name).upper()
    if _MAC.fullmatch(digits):
        return ":".join(digits[at : at + 2] for at in range(0, 12, 2))
    return name or None


def canonical(written: str) -> str:
    """See `mac`."""
    return mac(written) or ""


def box_of(payload: bytes) -> str:
    """The box that sent a message; empty where it does not say."""
    try:
        said = reading.json_object(payload)
    except reading.UnreadableError:
        return ""
    return _box(said) or ""


def _box(said: Mapping[str, Any]) -> str | None:
    data = said.get("data")
    about: Mapping[str, Any] = data if isinstance(data, dict) else {}
    return mac(said.get("mac") or said.get("deviceCode") or about.get("mac"))


def decode(family: str, payload: bytes, *, retained: bool) -> tuple[Signal, ...]:
    """Read one message of either box; the device is the cuff or meter, or the box itself."""
    if not payload:
        return ()
    try:
        said = reading.json_object(payload)
    except reading.UnreadableError:
        return unaddressed(family, retained=retained)
    data = said.get("data")
    about: Mapping[str, Any] = data if isinstance(data, dict) else {}
    box = _box(said)
    kind = reading.text(said.get("type"), 64)
    if kind == "reportAttribute":
        return _reports(family, said, about, box, retained=retained)
    findings = Findings(at=reading.instant(said.get("time")))
    if kind == "HB_Msg":
        offline = "offline" in reading.words(reading.text(about.get("msg"), 64))
        findings.add(SignalType.OFFLINE if offline else SignalType.ONLINE)
    elif kind == "reportMsg":
        findings.text = "started"  # sent once, after power came on
    else:
        _unknown(kind, findings)
    return findings.signals(box, family, retained=retained)


def _reports(
    family: str, said: Mapping[str, Any], about: Mapping[str, Any], box: str | None, *, retained: bool
) -> tuple[Signal, ...]:
    value = about.get("value")
    fields: Mapping[str, Any] = value if isinstance(value, dict) else {}
    listed = fields.get("device_list")
    found: list[Signal] = []
    for entry in (listed if isinstance(listed, list) else [fields])[:_MAX_READINGS]:
        if isinstance(entry, dict):
            device = mac(entry.get("ble_addr") or about.get("ble_mac")) or box
            findings = _reading(reading.text(about.get("attribute"), 64), entry)
            findings.at = reading.instant(entry.get("scan_time")) or reading.instant(said.get("time"))
            if box and device != box:
                findings.measurements["gateway"] = box
            found.extend(findings.signals(device, family, retained=retained))
    if not found:
        findings = Findings(at=reading.instant(said.get("time")))
        findings.add(SignalType.FAULT, suspect=Suspect.UNPARSEABLE, text="a report without readings")
        found.extend(findings.signals(mac(about.get("ble_mac")) or box, family, retained=retained))
    return tuple(found[:_MAX_READINGS])


def _reading(attribute: str, entry: Mapping[str, Any]) -> Findings:
    findings = Findings(battery=reading.percent(entry.get("battery")))
    known = vitals.read(entry.items(), findings, worn=True, unit=reading.text(entry.get("unit"), 8))
    mode = reading.text(entry.get("mode"), 16)
    for field, warmth in entry.items():
        if field.lower() == "temp":  # "temp" of one box is "Temp" of the other
            name = "temperature" if mode.lower() in _NOT_BODIES else "body_temperature"
            if (figure := vitals.sane(name, warmth)) is not None:
                findings.measurements[name] = figure
                known += 1
    for name in ("mode", "marker"):  # where the thermometer looked; before or after the meal
        if word := reading.text(entry.get(name), 32):
            findings.measurements[name] = word
    if known:
        findings.add(SignalType.MEASUREMENT)
    if known == 0 and not any(vitals.name_of(field, worn=True) or field.lower() == "temp" for field in entry):
        _unknown(attribute, findings)
    return findings


def _unknown(word: str, findings: Findings) -> None:
    """Neither box is documented to have a call button; should one get it, its word counts."""
    parts = frozenset(reading.words(word))
    for needed, kind in _CALLS:
        if parts & needed:
            findings.add(kind)
            return
    findings.add(SignalType.FAULT, suspect=Suspect.UNKNOWN_CODE, text=f"says {word or 'nothing'}, which is not known")
