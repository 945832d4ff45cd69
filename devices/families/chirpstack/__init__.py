"""ChirpStack v4: LoRaWAN buttons, trackers and sensors, by the network server's MQTT integration.

Source: chirpstack-docs, ``integrations/events.md`` and ``mqtt.md``. The events are protobuf messages, as such
(`devices.families.chirpstack.wire`) or written as JSON: a field that is false, 0 or empty is left out. What a device's
own fields mean stands in `devices.shared.lorawan`.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from devices.addresses import DEV_EUI
from devices.families.chirpstack import wire
from devices.family import Family, Reports
from devices.shared import lorawan, lorawan_bytes, overheard, reading
from devices.shared.finding import Findings, unreadable
from devices.signal import Signal, SignalType

NAME: Final = "chirpstack"
_GATEWAY = re.compile(rb'"gatewayId"\s*:\s*"([\w-]{1,64})"')
_TOPIC = re.compile(r"(?:[^/]*/){0,3}?application/[^/]+/device/([^/]+)/event/([^/]+)")
_EUI = re.compile(r"[0-9a-fA-F]{16}")
_FIRST_FIELDS: Final = (b"\x0a", b"\x12", b"\x1a")
_JSON: Final = (b"{", b"[", b'"')


def matches(topic: str) -> bool:
    """Whether this is a device event (commands to devices go under ``…/command/``)."""
    return _TOPIC.fullmatch(topic) is not None


def address(topic: str) -> str | None:
    """The devEUI, in lower case."""
    match = _TOPIC.fullmatch(topic)
    return canonical(match[1]) if match else None


def canonical(written: str) -> str:
    """A devEUI as sixteen lower-case digits, however the sticker writes it (``24:E1:24…``, ``24-e1-24…``)."""
    name = written.strip()
    digits = re.sub(r"[\s:.-]", "", name[:64])
    return digits.lower() if _EUI.fullmatch(digits) else name


def gateway(topic: str, payload: bytes) -> str:
    """The radio gateway that heard it, where it was one alone: heard by several, none of them is missed."""
    del topic
    if _is_json(payload):
        heard_by = {one.decode("ascii").lower() for one in _GATEWAY.findall(payload)}
    else:
        heard_by = wire.gateways(payload)
    return heard_by.pop() if len(heard_by) == 1 else ""


def decode(topic: str, payload: bytes, *, retained: bool = False) -> tuple[Signal, ...]:
    """Read one event; see `Family.decode`."""
    match = _TOPIC.fullmatch(topic)
    if match is None or not payload:
        return ()
    device, event = canonical(match[1]), match[2]
    reader = _EVENTS.get(event)
    if reader is None:
        return ()
    try:
        said = reading.json_object(payload) if _is_json(payload) else wire.read(event, payload)
    except reading.UnreadableError:
        return _garbled(device, event, retained=retained)
    findings = Findings(
        at=reading.instant(said.get("time")), ref=reading.text(said.get("deduplicationId"), 200) or None
    )
    reader(said, findings)
    return overheard.searched(findings.signals(device, NAME, retained=retained), findings.codec)


def _is_json(payload: bytes) -> bool:
    """Protobuf begins with the key of one of an event's first fields, of which one is a line feed."""
    return payload[:1] not in _FIRST_FIELDS or payload.lstrip()[:1] in _JSON


def _garbled(device: str, event: str, *, retained: bool) -> tuple[Signal, ...]:
    """Only an uplink can carry a press; the rest is the network server talking about the device."""
    if event == "up":
        return unreadable(device, NAME, retained=retained)
    note = f"event {event} could not be read"
    return (Signal(device=device, family=NAME, type=SignalType.FAULT, text=note, retained=retained),)


def _up(said: Mapping[str, Any], findings: Findings) -> None:
    fields = said.get("object")
    if fields is None:
        fields = said.get("objectJSON")  # ChirpStack 3
    if isinstance(fields, str) and fields.strip():
        fields = _unpack(fields)
    if isinstance(fields, dict) and fields:
        lorawan.read(fields, findings, port=int(reading.number(said.get("fPort")) or 0))
    elif fields in (None, "", {}):
        _undecoded(said, findings)
    else:
        findings.found = list(lorawan.NOT_FIELDS)


def _unpack(packed: str) -> object:
    try:
        return reading.json_value(packed.encode("utf-8", "replace"))
    except reading.UnreadableError:
        return packed


def _undecoded(said: Mapping[str, Any], findings: Findings) -> None:
    """No codec is configured: read the bytes of models that name themselves, else say that somebody should."""
    about = said.get("deviceInfo")
    names = (
        (about.get("deviceProfileName"), about.get("deviceName"))
        if isinstance(about, dict)
        else (said.get("deviceName"),)
    )
    port = reading.number(said.get("fPort")) or 0
    fields = lorawan_bytes.read(" ".join(reading.text(name, 100) for name in names), int(port), _data(said.get("data")))
    if fields:
        lorawan.read(fields, findings)
    else:
        findings.text = f"no codec: an uplink on port {port} was not decoded"
        findings.measurements["undecoded"] = True


def _data(value: object) -> bytes:
    try:
        return base64.b64decode(reading.text(value, 1000), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _status(said: Mapping[str, Any], findings: Findings) -> None:
    """``batteryLevel`` left out is 0 %, unless the device has mains power or does not know."""
    if not said.get("externalPowerSource") and not said.get("batteryLevelUnavailable"):
        findings.battery = reading.percent(said.get("batteryLevel", 0))
    if (margin := reading.number(said.get("margin"))) is not None:
        findings.measurements["margin"] = margin


def _ack(said: Mapping[str, Any], findings: Findings) -> None:
    """``acknowledged`` left out is false: the device has not heard what was sent to it."""
    findings.quiet = True
    if not reading.truth(said.get("acknowledged")):
        findings.add(SignalType.FAULT, text="the device did not acknowledge a downlink")


def _log(said: Mapping[str, Any], findings: Findings) -> None:
    """``level`` left out is INFO. What ChirpStack warns of (wrong key, codec error) can leave a button deaf or dumb."""
    findings.quiet = True
    context = said.get("context")
    if findings.ref is None and isinstance(context, dict):
        findings.ref = reading.text(context.get("deduplication_id"), 200) or None
    if reading.text(said.get("level"), 16).upper() in ("WARNING", "ERROR", "1", "2"):
        code, description = reading.text(said.get("code"), 64), reading.text(said.get("description"), 300)
        findings.add(SignalType.FAULT, text=": ".join(part for part in (code, description) if part))


def _location(said: Mapping[str, Any], findings: Findings) -> None:
    where = said.get("location")
    findings.quiet = True
    if isinstance(where, dict):
        findings.position = reading.position(where.get("latitude", 0), where.get("longitude", 0))
        accuracy = reading.number(where.get("accuracy"))
        findings.accuracy_m = float(accuracy) if accuracy is not None and accuracy > 0 else None
    if findings.position:
        findings.add(SignalType.LOCATION)


def _join(said: Mapping[str, Any], findings: Findings) -> None:  # noqa: ARG001 - that it came is all it says
    findings.text = "joined the network"


_EVENTS: Final[Mapping[str, Callable[[Mapping[str, Any], Findings], None]]] = {
    "up": _up,
    "join": _join,
    "status": _status,
    "ack": _ack,
    "log": _log,
    "location": _location,
}
"""``txack`` and ``integration`` tell of gateways and clouds, not of the device."""


def downlink(address: str, raw: bytes) -> bytes:
    """Bytes for a device, as the network server takes them."""
    data = base64.b64encode(raw).decode("ascii")
    return json.dumps({"devEui": address, "confirmed": False, "fPort": lorawan.ANSWER_PORT, "data": data}).encode()


FAMILY: Final = Family(
    name=NAME,
    subscriptions=("application/+/device/+/event/+",),
    replies=("application/+/device/+/command/down",),
    matches=matches,
    decode=decode,
    addresses=DEV_EUI,
    gateway=gateway,
    address=address,
    canonical=canonical,
    overhears=None,
    reports=Reports.ON_BATTERY,
    downlink=downlink,
)
