"""healthdata2mqtt: scales and blood-pressure cuffs of one person, under a topic that is that person's e-mail address.

Source: its ``MQTT Health Data Export`` page and publisher. Everything is retained, and the time has no zone. The e-mail
address is turned into ``user-`` and a digest before anybody sees it; devices.csv may name either.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any, Final

from devices.addresses import NAMES
from devices.family import Family
from devices.shared import reading, vitals
from devices.shared.ble_gateway import mac
from devices.shared.finding import Findings, unreadable
from devices.signal import Signal, SignalType

NAME: Final = "healthdata2mqtt"
_TOPIC = re.compile(r"health/(body_composition|blood_pressure|raw)/([^/]+)")
_DIGEST = re.compile(r"user-[0-9a-f]{12}")
_HEX = re.compile(r"[0-9a-fA-F]{12}|(?:[0-9a-fA-F]{2}[:-]){5}[0-9a-fA-F]{2}")
_FIGURES: Final = (
    "bmi",
    "body_fat_percent",
    "muscle_mass",
    "bone_mass",
    "water_percent",
    "visceral_fat",
    "metabolic_age",
    "bmr",
    "protein_percent",
    "battery_voltage",
)
_FLAGS: Final = ("irregular_heartbeat", "movement_detected")


def matches(topic: str) -> bool:
    """Whether this is one of the three topics of the exporter."""
    return topic.startswith("health/") and _TOPIC.fullmatch(topic) is not None


def address(topic: str) -> str | None:
    """A digest of the person's address, or the scale's MAC."""
    match = _TOPIC.fullmatch(topic)
    return canonical(match[2]) or None if match else None


def canonical(written: str) -> str:
    """``john@example.com`` and ``john_at_example_com`` to one digest; a MAC to capitals and colons."""
    name = written.strip()
    if _HEX.fullmatch(name):
        return mac(name) or ""
    if not name or _DIGEST.fullmatch(name):
        return name
    slug = name.replace("@", "_at_").replace(".", "_").lower()
    return f"user-{hashlib.sha256(slug.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}"


def decode(topic: str, payload: bytes, *, retained: bool = False) -> tuple[Signal, ...]:
    """Read one message; see `Family.decode`."""
    device = address(topic)
    if device is None or not payload:
        return ()
    try:
        said = reading.json_object(payload)
    except reading.UnreadableError:
        return unreadable(device, NAME, retained=retained)
    data = said.get("data")
    findings = Findings(at=reading.instant(said.get("timestamp")))
    if isinstance(data, dict):
        _data(data, findings)
    return findings.signals(device, NAME, retained=retained)


def _data(data: Mapping[str, Any], findings: Findings) -> None:
    findings.battery = reading.percent(data.get("battery_percent"))
    vitals.read(data.items(), findings, worn=True)
    for name in _FIGURES:
        if (figure := reading.number(data.get(name))) is not None:
            findings.measurements[name] = vitals.tidy(figure)
    for name in _FLAGS:
        if (flag := reading.truth(data.get(name))) is not None:
            findings.measurements[name] = flag
    if findings.measurements:
        findings.add(SignalType.MEASUREMENT)


FAMILY: Final = Family(
    name=NAME,
    subscriptions=("health/body_composition/+", "health/blood_pressure/+", "health/raw/+"),
    matches=matches,
    decode=decode,
    addresses=NAMES,
    address=address,
    canonical=canonical,
)
