"""rtl_433: fobs, pendants, detectors and sensors on 315, 345, 433 and 868 MHz, heard by a software radio.

Sources: rtl_433, ``docs/OPERATION.md``, ``docs/DATA_FORMAT.md``, the MQTT output and the field names of the decoders of
version 25.12. What a model's fields mean stands in `devices.families.rtl_433.fields`.

The radio repeats each transmission two to eight times and numbers none of them, so a signal has no key of its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from devices.addresses import NAMES
from devices.families.rtl_433 import fields
from devices.families.rtl_433.words import SUBTYPES
from devices.family import Family, Overhears, Reports
from devices.shared import reading
from devices.shared.finding import Findings, unaddressed
from devices.signal import Signal, SignalType

NAME: Final = "rtl_433"
_TOPIC = re.compile(r"(?:[^/]+/){0,2}?rtl_433(?:/[^/]+){0,2}?/(events|states|availability|devices/.+)")
_SINGLE = re.compile(r"devices/(?:(?P<lead>.+)/)?(?P<id>[^/]+)/(?P<field>[^/]+)")
_DEVICE_ID = ("id", "device", "sid", "senderid", "esn", "encrypted_id", "unit", "channel", "code")
_LONGEST_ID = 40
_MOST = 16
"""Transmissions in one message; rtl_433 itself sends one, bridges bundle them."""


def matches(topic: str) -> bool:
    """Whether rtl_433 publishes here: ``rtl_433/<host>/events`` and its siblings, also under a prefix of one's own."""
    return "rtl_433" in topic and _TOPIC.fullmatch(topic) is not None


def address(topic: str) -> str | None:
    """The receiver, ``rtl_433/<host>``, of its availability; the device's own address stands in the payload."""
    match = _TOPIC.fullmatch(topic)
    return topic.rpartition("/")[0] if match and match[1] == "availability" else None


def decode(topic: str, payload: bytes, *, retained: bool = False) -> tuple[Signal, ...]:
    """Read one message; see `Family.decode`."""
    if not payload:
        return ()
    if topic.endswith("/availability"):
        return _availability(topic, payload, retained=retained)
    match = _TOPIC.fullmatch(topic)
    if match and match[1].startswith("devices/"):
        return _single(match[1], payload, retained=retained)
    try:
        said = reading.json_value(payload)
    except reading.UnreadableError:
        return unaddressed(NAME, retained=retained)
    several = said if isinstance(said, list) and said else [said]
    if len(several) > _MOST or not all(isinstance(one, dict) for one in several):
        return unaddressed(NAME, retained=retained)
    return tuple(signal for one in several for signal in read(one, NAME, retained=retained))


def read(said: Mapping[str, Any], family: str, *, retained: bool) -> tuple[Signal, ...]:
    """One decoded transmission, as rtl_433 and the gateways that build it in write it."""
    device = device_of(said)
    if device is None:
        return () if "model" not in said else unaddressed(family, retained=retained)
    return fields.read(said).signals(device, family, retained=retained)


def device_of(said: Mapping[str, Any]) -> str | None:
    """``<model>/<id>``: the id alone is drawn by lot at each battery change, or shared by other makes."""
    model = reading.text(said.get("model"), _LONGEST_ID)
    if not model or not isinstance(said["model"], str):
        return None
    for name in _DEVICE_ID:
        if found := reading.text(said.get(name), _LONGEST_ID):
            return f"{model}/{found}"
    return model


def _single(rest: str, payload: bytes, *, retained: bool) -> tuple[Signal, ...]:
    """One field of one device: only what says something by itself, for whoever publishes nothing but these topics."""
    match = _SINGLE.fullmatch(rest)
    if match is None or not match["lead"] or not fields.tells(match["lead"].partition("/")[0], match["field"]):
        return ()
    lead = match["lead"].split("/")
    known = next((part for part in lead if part in SUBTYPES), "")
    said = {"model": lead[0], "id": match["id"], match["field"]: payload[:200].decode("utf-8", "replace")}
    if known:
        said["subtype"] = known
    findings = fields.read(said, whole=False)
    findings.quiet = True
    return findings.signals(f"{lead[0]}/{match['id']}", NAME, retained=retained)


def _availability(topic: str, payload: bytes, *, retained: bool) -> tuple[Signal, ...]:
    kinds = {"online": SignalType.ONLINE, "offline": SignalType.OFFLINE}
    word = payload[:40].decode("utf-8", "replace").strip('\x00 \t\r\n"').lower()
    findings = Findings(text="" if word in kinds else "availability could not be read")
    findings.add(kinds.get(word, SignalType.FAULT))
    return findings.signals(topic.rpartition("/")[0] or topic, NAME, retained=retained)


def gateway(topic: str, payload: bytes) -> str:
    """The receiver, ``rtl_433/<host>``, as its availability names it."""
    del payload
    match = _TOPIC.fullmatch(topic)
    return topic[: match.start(1) - 1] if match else ""


FAMILY: Final = Family(
    name=NAME,
    subscriptions=("rtl_433/#", "+/rtl_433/#", "+/+/rtl_433/#"),
    matches=matches,
    decode=decode,
    addresses=NAMES,
    address=address,
    gateway=gateway,
    rank=2,
    overhears=Overhears(flags=False),
    reports=Reports.WHEN_PRESSED,
)
