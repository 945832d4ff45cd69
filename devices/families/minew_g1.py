"""Minew G1 and its kin: Bluetooth gateways that report every beacon they heard, in one array.

Sources: public captures of the gateway's JSON; the FFE1 service data of Minew's sensor beacons. One message is many
devices: each speaks for itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from devices.addresses import MAC
from devices.family import Family
from devices.shared import plain_words, reading
from devices.shared.finding import Findings, unreadable
from devices.signal import Signal, SignalType, Suspect

NAME: Final = "minew_g1"
T = SignalType
_TOPIC = re.compile(r"/?gw/([^/]+)/status")
_MAC = re.compile(r"[0-9a-fA-F]{12}")
_FRAME = re.compile(r"16e1ffa1([0-9a-f]{2})([0-9a-f]{2})((?:[0-9a-f]{2}){0,24})")
_TEMPERATURE, _TEMPERATURE_ONLY, _TURNING = 0x01, 0x13, 0x15
_FLAGS: Final = {
    0x11: (1, "motion", T.MOTION),
    0x18: (4, "motion", T.MOTION),
    0x20: (0, "tamper", T.TAMPER),
    0x21: (0, "water_leak", T.WATER),
}
"""Frame to the byte whose lowest bit tells: infrared, vibration (after its time), tamper, water."""
_MAX_ENTRIES = 1000
_MAX_FIELDS = 32
_MAX_DEVICES = 500
"""More than one gateway can hear in its seconds; the rest of a crowd is not worth delaying a press for."""
_GATEWAY = "gateway"
_NAMED: Final = frozenset(
    {
        "button",
        "buttonevent",
        "press",
        "key",
        "sos",
        "alarm",
        "panic",
        "fall",
        "tamper",
        "motion",
        "pir",
        "door",
        "leak",
    }
)
"""Fields that software on the gateway adds for beacons it knows."""


def matches(topic: str) -> bool:
    """Whether this is ``/gw/<mac>/status``, as the gateway comes from the factory."""
    return _TOPIC.fullmatch(topic) is not None


def address(topic: str) -> str | None:
    """The gateway's MAC; the beacons are in the payload."""
    match = _TOPIC.fullmatch(topic)
    return canonical(match[1]) if match else None


def canonical(written: str) -> str:
    """A MAC as twelve capital digits, however the sticker writes it."""
    name = written.strip()
    digits = re.sub(r"[\s:.-]", "", name[:64])
    return digits.upper() if _MAC.fullmatch(digits) else name


def decode(topic: str, payload: bytes, *, retained: bool = False) -> tuple[Signal, ...]:
    """Read one report; see `Family.decode`."""
    if not payload:
        return ()
    gateway = address(topic)
    try:
        said = reading.json_value(payload)
    except reading.UnreadableError:
        return unreadable(gateway or topic or None, NAME, retained=retained)
    entries = [one for one in (said if isinstance(said, list) else [said])[:_MAX_ENTRIES] if isinstance(one, dict)]
    if not entries and said != []:
        return unreadable(gateway or topic or None, NAME, retained=retained)
    found: dict[str, Findings] = {}
    for entry in entries:
        if device := canonical(reading.text(entry.get("mac"), 32)):
            findings = found.setdefault(device, Findings())
            _read(entry, findings)
            if gateway and device != gateway:
                findings.measurements["gateway"] = gateway
    if entries and not found:
        return unreadable(gateway or topic or None, NAME, retained=retained)
    return tuple(
        signal for device, findings in _first(found) for signal in findings.signals(device, NAME, retained=retained)
    )


def _first(found: Mapping[str, Findings]) -> list[tuple[str, Findings]]:
    """The gateway hears every telephone in the street: who has something to say comes before who was only heard."""
    ranked = sorted(found.items(), key=lambda one: all(what.type is T.LOCATION for what in one[1].found))
    kept = {device for device, _ in ranked[:_MAX_DEVICES]}
    return [(device, findings) for device, findings in found.items() if device in kept]


def _read(entry: Mapping[str, Any], findings: Findings) -> None:
    findings.at = reading.instant(entry.get("timestamp")) or findings.at
    if reading.text(entry.get("type"), 32).lower() == _GATEWAY:
        findings.add(T.ONLINE)
        return
    if (rssi := reading.number(entry.get("rssi"))) is not None:
        findings.measurements["rssi"] = rssi
    if battery := reading.percent(entry.get("battery")):  # an iBeacon's 0 is "not told"
        findings.battery = battery
    for name in ("temperature", "humidity"):
        if (figure := reading.number(entry.get(name))) is not None:
            findings.measurements[name] = figure
            findings.add(T.MEASUREMENT)
    _advertised(reading.text(entry.get("rawData"), 200).lower(), findings)
    for name in sorted(_NAMED & {key.lower() for key in list(entry)[:_MAX_FIELDS]}):
        _named(name, next(value for key, value in entry.items() if key.lower() == name), findings)
    findings.quiet = False
    if not findings.found:
        findings.add(T.LOCATION)


def _named(name: str, value: object, findings: Findings) -> None:
    if name in ("key", "buttonevent"):
        plain_words.press(value, findings)
    elif name == "alarm":
        if reading.truth(value) is not False:
            findings.add(T.FAULT, suspect=Suspect.UNKNOWN_CODE, text="alarm is on")
    else:
        plain_words.read(name, value, findings)


def _advertised(raw: str, findings: Findings) -> None:
    """Service data FFE1, frame A1: kind, battery, and what that kind of sensor saw; figures in 256ths."""
    if not (match := _FRAME.search(raw)):
        return
    kind, battery, rest = int(match[1], 16), int(match[2], 16), bytes.fromhex(match[3])
    if kind == _TURNING:  # has no battery there
        return
    findings.battery = reading.percent(battery)
    if kind in (_TEMPERATURE, _TEMPERATURE_ONLY) and len(rest) >= 4:  # noqa: PLR2004 - two figures of two bytes
        findings.measurements["temperature"] = round(int.from_bytes(rest[:2], signed=True) / 256, 2)
        if kind == _TEMPERATURE:
            findings.measurements["humidity"] = round(int.from_bytes(rest[2:4]) / 256, 2)
        findings.add(T.MEASUREMENT)
    elif kind in _FLAGS:
        _flag(*_FLAGS[kind], rest, findings)


def _flag(place: int, name: str, told: SignalType, rest: bytes, findings: Findings) -> None:
    if len(rest) > place:
        on = bool(rest[place] & 1)
        findings.measurements[name] = on
        if on or told is T.MOTION:
            findings.add(told)


def gateway(topic: str, payload: bytes) -> str:
    """The gateway whose report it is."""
    del payload
    return address(topic) or ""


FAMILY: Final = Family(
    name=NAME,
    subscriptions=("/gw/+/status",),
    matches=matches,
    decode=decode,
    addresses=replace(MAC, alternatives=(re.compile(r"/gw/.+"),)),
    address=address,
    canonical=canonical,
    gateway=gateway,
)
