"""Happy Bubbles: receivers that tell which room hears a Bluetooth beacon.

Sources: happy-bubbles/presence, ``README.md``; OpenMQTTGateway issue 80. ``major``, ``minor`` and ``tx_power`` are
hexadecimal text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from devices.addresses import MAC_OR_NAME
from devices.family import Family
from devices.shared import bthome, reading
from devices.shared.finding import Findings, unaddressed
from devices.signal import Signal, SignalType

T = SignalType
NAME: Final = "happy_bubbles"
_TOPIC = re.compile(r"(?:[^/]+/)?happy-bubbles/ble/(?P<host>[^/]+)/(?P<kind>[^/]+)/(?P<id>[^/]+)")
_HEX = re.compile(r"[0-9a-fA-F]{1,4}")


def matches(topic: str) -> bool:
    """Whether a receiver tells of a beacon."""
    return _TOPIC.fullmatch(topic) is not None


def address(topic: str) -> str | None:
    """The hardware address where the receiver passes on raw advertisements; a beacon's number is in the payload."""
    match = _TOPIC.fullmatch(topic)
    return bthome.mac(match["id"]) if match and match["kind"] == "raw" else None


def decode(topic: str, payload: bytes, *, retained: bool = False) -> tuple[Signal, ...]:
    """Read one message; see `Family.decode`."""
    if not payload:
        return ()
    match = _TOPIC.fullmatch(topic)
    try:
        said = reading.json_object(payload)
    except reading.UnreadableError:
        return unaddressed(NAME, retained=retained)
    device = _identity(said) or (bthome.mac(match["id"]) if match else None)
    if device is None:
        return unaddressed(NAME, retained=retained)
    findings = Findings()
    zone = reading.text(said.get("hostname"), 64) or (match["host"] if match else "")
    if zone:
        findings.measurements["zone"] = zone
    if (rssi := reading.number(said.get("rssi"))) is not None:
        findings.measurements["rssi"] = rssi
    findings.add(T.LOCATION)
    return findings.signals(device, NAME, retained=retained)


def _identity(said: Mapping[str, Any]) -> str | None:
    """``uuid/major/minor`` of an iBeacon, namespace and instance of an Eddystone, else the hardware address."""
    if uuid := reading.text(said.get("uuid"), 40):
        return "/".join([uuid, *(_decimal(said.get(name)) for name in ("major", "minor"))])
    if namespace := reading.text(said.get("namespace"), 40):
        return f"{namespace}/{reading.text(said.get('instance_id'), 40)}"
    found = reading.text(said.get("mac"), 64)
    return bthome.mac(found) if found else None


def _decimal(value: object) -> str:
    word = reading.text(value, 8)
    return str(int(word, 16)) if isinstance(value, str) and _HEX.fullmatch(word) else word


def gateway(topic: str, payload: bytes) -> str:
    """The receiver that heard it: ``happy-bubbles/ble/<host>``."""
    del payload
    return topic.rsplit("/", 2)[0]


FAMILY: Final = Family(
    name=NAME,
    subscriptions=("happy-bubbles/ble/+/+/+", "+/happy-bubbles/ble/+/+/+"),
    matches=matches,
    decode=decode,
    addresses=MAC_OR_NAME,
    address=address,
    canonical=bthome.mac,
    gateway=gateway,
    rank=3,
)
