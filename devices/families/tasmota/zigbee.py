"""What Zigbee devices say through Zigbee2Tasmota (``ZbReceived``).

Source: Tasmota's ``Zigbee.md``, the attribute names of Zigbee2Tasmota; issues 11038, 14096. Here ``Contact: 1`` is an
open door, the opposite of Zigbee2MQTT's. A device is known by the name given with ``ZbName``, else by its short
address, which may change when it joins again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from devices.shared import reading, wording
from devices.shared.finding import Findings, unreadable
from devices.signal import Signal, SignalType

T = SignalType
_MAX_DEVICES = 32
_ALARMS: Final[Mapping[str, SignalType]] = {
    "Water": T.WATER,
    "Fire": T.SMOKE,
    "Smoke": T.SMOKE,
    "CO": T.CO,
    "Gas": T.GAS,
    "PersonalAlarm": T.SOS,
    "Panic": T.SOS,
    "Emergency": T.SOS,
    "SOS": T.SOS,
    "GlassBreak": T.INTRUDER,
    "Tamper": T.TAMPER,
}
_BOTH_WAYS: Final[Mapping[str, SignalType]] = {
    "Occupancy": T.MOTION,
    "Motion": T.MOTION,
    "Movement": T.MOTION,
    "Presence": T.PRESENCE,
}
_FIGURES: Final[Mapping[str, str]] = {
    "Temperature": "temperature",
    "Humidity": "humidity",
    "Pressure": "pressure",
    "Illuminance": "illuminance",
    "CO2": "co2",
    "ActivePower": "power",
}
_ACE: Final = ("0501!02", "0501!03", "0501!04")
"""Emergency, fire and panic, as alarm buttons and keypads send them."""
_ARMING: Final = ("0501!00", "0501!01", "0501!05", "0501!06", "0501!07")
_CLICKS: Final = (
    "Click",
    "click",
    "Action",
    "action",
    "ArrowClick",
    "DimmerStep",
    "DimmerMove",
    "DimmerUp",
    "DimmerDown",
)
_GESTURES: Final[Mapping[str, str]] = {
    "double": "double",
    "triple": "triple",
    "quadruple": "many",
    "hold": "long",
    "long": "long",
    "single": "single",
}


def read(bridge: str, heard: Mapping[str, Any], family: str, *, retained: bool) -> tuple[Signal, ...]:
    """Each device's part of one ``ZbReceived``."""
    signals: list[Signal] = []
    if "Device" in heard and not isinstance(heard["Device"], dict):  # SetOption119 leaves the address to the topic
        heard = {reading.text(heard["Device"], 100): heard}
    for key, said in list(heard.items())[:_MAX_DEVICES]:
        if isinstance(said, dict):
            name = reading.text(said.get("Name") or key or said.get("Device"), 100)
            findings = _device(said, name)
            signals.extend(findings.signals(name or bridge, family, retained=retained))
        else:
            signals.extend(unreadable(reading.text(key, 100) or bridge, family, retained=retained))
    return tuple(signals)


def _device(said: Mapping[str, Any], name: str) -> Findings:
    findings = Findings(battery=reading.percent(said.get("BatteryPercentage")))
    if (volts := reading.number(said.get("BatteryVoltage"))) is not None:
        findings.measurements["battery_voltage"] = volts
    if (quality := reading.number(said.get("LinkQuality"))) is not None:
        findings.measurements["linkquality"] = quality
    for field, called in _FIGURES.items():
        if (figure := reading.number(said.get(field))) is not None:
            findings.measurements[called] = figure
            findings.add(T.MEASUREMENT)
    typed = _typed(said, findings)
    _zone(said, name, findings, typed=typed)
    _buttons(said, findings)
    return findings


def _typed(said: Mapping[str, Any], findings: Findings) -> SignalType | None:
    """Fields whose name says of what they tell, where the bridge learnt the zone's type; returns that."""
    found: SignalType | None = None
    for field, kind in _ALARMS.items():
        if (yes := reading.truth(said.get(field))) is not None:
            findings.measurements[field.lower()] = yes
            found = kind if kind is not T.TAMPER else found
            if yes:
                findings.add(kind)
    for field, kind in _BOTH_WAYS.items():
        if (yes := reading.truth(said.get(field))) is not None:
            findings.measurements[str(kind)] = yes
            findings.add(kind)
            found = kind
    if (is_open := reading.truth(said.get("Contact"))) is not None:
        findings.measurements["open"] = is_open
        findings.add(T.DOOR)
        found = T.DOOR
    return found


def _zone(said: Mapping[str, Any], name: str, findings: Findings, *, typed: SignalType | None) -> None:
    """The alarm zone's bits: 0 and 1 alarm, 2 case, 3 battery, 6 trouble, 7 mains, 8 test, 9 battery defect.

    Where no field says of what, the device's name or model may; failing that it is taken for the leak sensors that are
    known to send it so (issue 14096), which brings somebody, whatever it is.
    """
    changed = reading.number(said.get("ZoneStatusChange"))
    status = changed if changed is not None else reading.number(said.get("ZoneStatus"))
    if status is None:
        return
    bits = int(status)
    for bit, kind in _ZONE_BITS:
        if bits & bit:
            findings.add(kind)
            findings.measurements[str(kind)] = True
    if typed in (T.DOOR, T.MOTION, T.PRESENCE):
        return
    if bits & 0b11:
        zone = reading.number(said.get("ZoneType"))
        if typed is None and zone is not None and (told := _ZONE_TYPES.get(int(zone))) is not None:
            findings.add(told)
        elif typed is None:
            called = f"{reading.text(said.get('ModelId'), 64)} {name}"
            named = wording.kind_of(called)
            known = named if named in _FROM_NAMES else None
            findings.add(known or T.WATER, text="" if known else "zone alarm without a type")
    elif changed is not None and not any(one.type in _ZONE_KINDS for one in findings.found):
        findings.add(T.CANCEL)


_ZONE_BITS: Final = (
    (1 << 2, T.TAMPER),
    (1 << 3, T.BATTERY_LOW),
    (1 << 6, T.FAULT),
    (1 << 7, T.MAINS_LOST),
    (1 << 8, T.TEST),
    (1 << 9, T.FAULT),
)
_ZONE_TYPES: Final[Mapping[int, SignalType]] = {
    0x000D: T.MOTION,
    0x0015: T.DOOR,
    0x0028: T.SMOKE,
    0x002A: T.WATER,
    0x002B: T.CO,
    0x002C: T.SOS,
    0x002D: T.MOTION,
    0x010F: T.SOS,
    0x0115: T.SOS,
    0x021D: T.SOS,
    0x0226: T.INTRUDER,
}
"""By the ZCL: of remote controls, key fobs and keypads the zone's alarm is their panic key."""
_ZONE_KINDS: Final = frozenset(kind for _, kind in _ZONE_BITS)
_FROM_NAMES: Final = frozenset(
    {T.SOS, T.PRESS, T.SMOKE, T.CO, T.GAS, T.WATER, T.HEAT, T.FALL, T.DOOR, T.MOTION, T.PRESENCE}
)


def _buttons(said: Mapping[str, Any], findings: Findings) -> None:
    if any(field in said for field in _ACE):
        findings.add(T.SOS)
        return
    if any(field in said for field in _ARMING):
        findings.quiet = True
        return
    word = next((f"{field} {reading.text(said[field], 32)}" for field in _CLICKS if field in said), "")
    power = said.get("Power")
    if not word and (tuya := reading.number(said.get("0006!FD"))) is not None:  # Tuya's scene switches
        word = _TUYA.get(int(tuya), f"code {int(tuya)}")
    if not word and power is None:
        word = next((field for field in said if _COMMAND.fullmatch(field)), "")
    if not word and isinstance(power, int) and not isinstance(power, bool) and _commanded(said):
        word = f"Power {power}"
    if not word or "DimmerStop" in said:
        return
    parts = set(reading.words(word))
    gesture = next((meant for found, meant in _GESTURES.items() if found in parts), "single")
    if parts & {"release", "released"}:
        findings.quiet = True
        return
    endpoint = reading.text(said.get("Endpoint"), 4)
    findings.measurements["button"] = f"{word} on {endpoint}" if endpoint else word
    findings.add(T.PRESS, gesture=gesture)


_TUYA: Final[Mapping[int, str]] = {0: "single", 1: "double", 2: "hold"}
_COMMAND: Final = re.compile(r"000[568]![0-9A-F]{2}")
"""A command to a scene, a switch or a lamp that the bridge has no name for: somebody pressed a key."""


def _commanded(said: Mapping[str, Any]) -> bool:
    """Whether a remote sent a command (``0006!02``); a lamp reports its own ``Power`` as an attribute."""
    return any("!" in field for field in said)
