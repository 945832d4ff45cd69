"""The Things Stack v3: LoRaWAN buttons, trackers and sensors, by its MQTT server.

Sources: lorawan-stack-docs, "MQTT Server" and "Data Formats". A field that is false, 0 or empty is left out. What a
device's own fields mean stands in `devices.shared.lorawan`.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from devices.addresses import THINGS_ID
from devices.family import Family, Reports
from devices.shared import lorawan, lorawan_bytes, overheard, reading
from devices.shared.finding import Findings, unreadable
from devices.signal import Signal, SignalType

NAME: Final = "thethingsstack"
_GATEWAY = re.compile(rb'"gateway_id"\s*:\s*"([\w-]{1,64})"')
_TOPIC = re.compile(r"(?:[^/]*/){0,3}?v3/[^/]+/devices/([^/]+)/([^/]+(?:/[^/]+){0,2})")
_EUI = re.compile(r"[0-9a-fA-F]{16}")
_UPLINKS = frozenset({"up", "up/normalized"})
_TO_THE_HOUR = len("2026-11-21T08")


def matches(topic: str) -> bool:
    """Whether this is a device's topic; commands to it (``down/push``) are ours, and mean nothing."""
    return _TOPIC.fullmatch(topic) is not None


def address(topic: str) -> str | None:
    """The device ID of the topic."""
    match = _TOPIC.fullmatch(topic)
    return canonical(match[1]) if match else None


def canonical(written: str) -> str:
    """A device ID in lower case; a devEUI as the console turns it into an ID, ``eui-`` and sixteen digits."""
    name = written.strip().lower()
    digits = re.sub(r"[\s:.-]", "", name[:64].removeprefix("eui-"))
    return f"eui-{digits}" if _EUI.fullmatch(digits) else name


def gateway(topic: str, payload: bytes) -> str:
    """The radio gateway that heard it, where it was one alone: heard by several, none of them is missed."""
    del topic
    heard_by = set(_GATEWAY.findall(payload))
    return heard_by.pop().decode("ascii").lower() if len(heard_by) == 1 else ""


def decode(topic: str, payload: bytes, *, retained: bool = False) -> tuple[Signal, ...]:
    """Read one message; see `Family.decode`."""
    match = _TOPIC.fullmatch(topic)
    device, event = (canonical(match[1]), match[2]) if match else (None, None)
    if not payload or (event is not None and event not in _EVENTS):
        return ()
    try:
        said = reading.json_object(payload)
    except reading.UnreadableError:
        return _garbled(device, event, retained=retained)
    if reading.truth(said.get("simulated")):
        return ()  # typed in at a console: nobody is in need
    reader = _EVENTS.get(event or _event(said))
    if reader is None:
        return ()
    findings = Findings(at=reading.instant(said.get("received_at")))
    reader(said, findings)
    return overheard.searched(findings.signals(device or _device(said), NAME, retained=retained), findings.codec)


def _garbled(device: str | None, event: str | None, *, retained: bool) -> tuple[Signal, ...]:
    """Only an uplink can carry a press; the rest is the network server talking about the device."""
    if event is None or event in _UPLINKS:
        return unreadable(device, NAME, retained=retained)
    return (Signal(device=device, family=NAME, type=SignalType.FAULT, text=f"{event} unreadable", retained=retained),)


def _event(said: Mapping[str, Any]) -> str:
    """On a topic that does not tell: by the one field that each kind of message has."""
    return next((event for key, event in _BY_FIELD.items() if key in said), "")


def _device(said: Mapping[str, Any]) -> str | None:
    ids = said.get("end_device_ids")
    return canonical(reading.text(ids.get("device_id"), 200)) or None if isinstance(ids, dict) else None


def _part(said: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = said.get(name)
    return found if isinstance(found, dict) else {}


def _up(said: Mapping[str, Any], findings: Findings) -> None:
    uplink = _part(said, "uplink_message")
    _heading(uplink, findings)
    fields = uplink.get("decoded_payload")
    if isinstance(fields, dict) and fields:
        lorawan.read(fields, findings, port=int(reading.number(uplink.get("f_port")) or 0))
    elif fields in (None, "", {}):
        _undecoded(said, uplink, findings)
    else:
        findings.found = list(lorawan.NOT_FIELDS)
    status = _part(uplink, "last_battery_percentage")
    if findings.battery is None:
        findings.battery = reading.percent(status.get("value"))


def _heading(uplink: Mapping[str, Any], findings: Findings) -> None:
    """Time of receipt, and the key: session and frame counter.

    A device activated by personalisation may count anew from 0 in the same session: with the hour of receipt in the
    key, a press after a change of batteries is not taken for a repeat of an old one.
    """
    findings.at = reading.instant(uplink.get("received_at")) or findings.at
    if session := reading.text(uplink.get("session_key_id"), 64):
        count = reading.number(uplink.get("f_cnt", 0))
        hour = findings.at.isoformat()[:_TO_THE_HOUR] if findings.at else ""
        findings.ref = f"{session}:{count}@{hour}"


def _undecoded(said: Mapping[str, Any], uplink: Mapping[str, Any], findings: Findings) -> None:
    """No payload formatter: read the bytes of models that name themselves, else say that somebody should."""
    version = _part(uplink, "version_ids")
    names = (version.get("brand_id"), version.get("model_id"), _part(said, "end_device_ids").get("device_id"))
    port = int(reading.number(uplink.get("f_port")) or 0)
    data = _data(uplink.get("frm_payload"))
    if fields := lorawan_bytes.read(" ".join(reading.text(name, 100) for name in names), port, data):
        lorawan.read(fields, findings)
    elif data:
        findings.text = f"no payload formatter: an uplink on port {port} was not decoded"
        findings.measurements["undecoded"] = True


def _data(value: object) -> bytes:
    try:
        return base64.b64decode(reading.text(value, 1000), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _normalized(said: Mapping[str, Any], findings: Findings) -> None:
    """The same uplink once more, in the stack's own names; its battery is in volts."""
    uplink = _part(said, "uplink_normalized")
    _heading(uplink, findings)
    payload = _part(uplink, "normalized_payload")
    air, action, place = _part(payload, "air"), _part(payload, "action"), _part(payload, "position")
    fields = {
        "temperature": air.get("temperature"),
        "humidity": air.get("relativeHumidity"),
        "co2": air.get("co2"),
        "motion_status": _part(action, "motion").get("detected"),
        "door_status": action.get("contactState"),
        "water_leak": _part(payload, "water").get("leak"),
        "latitude": place.get("latitude"),
        "longitude": place.get("longitude"),
        "battery_voltage": payload.get("battery"),
    }
    lorawan.read({name: value for name, value in fields.items() if value is not None}, findings)


def _join(said: Mapping[str, Any], findings: Findings) -> None:
    joined = _part(said, "join_accept")
    findings.at = reading.instant(joined.get("received_at")) or findings.at
    findings.text = "joined the network"


def _nack(said: Mapping[str, Any], findings: Findings) -> None:  # noqa: ARG001 - that it came is all it says
    findings.add(SignalType.FAULT, text="the device did not acknowledge a downlink")


def _failed(said: Mapping[str, Any], findings: Findings) -> None:
    error = _part(_part(said, "downlink_failed"), "error")
    name = reading.text(error.get("name"), 100) or reading.text(error.get("message_format"), 200)
    findings.add(SignalType.FAULT, text=f"a downlink failed: {name}".rstrip(": "))


def _location(said: Mapping[str, Any], findings: Findings) -> None:
    where = _part(_part(said, "location_solved"), "location")
    findings.quiet = True
    findings.position = reading.position(where.get("latitude", 0), where.get("longitude", 0))
    accuracy = reading.number(where.get("accuracy"))
    findings.accuracy_m = float(accuracy) if accuracy is not None and accuracy > 0 else None
    if findings.position:
        findings.add(SignalType.LOCATION)


def _nothing(said: Mapping[str, Any], findings: Findings) -> None:  # noqa: ARG001 - the network server's own business
    findings.quiet = True


_EVENTS: Final[Mapping[str, Callable[[Mapping[str, Any], Findings], None]]] = {
    "up": _up,
    "up/normalized": _normalized,
    "join": _join,
    "down/nack": _nack,
    "down/failed": _failed,
    "down/ack": _nothing,
    "down/sent": _nothing,
    "down/queued": _nothing,
    "down/queue/invalidated": _nothing,
    "location/solved": _location,
    "service/data": _nothing,
}
_BY_FIELD: Final = {
    "uplink_message": "up",
    "uplink_normalized": "up/normalized",
    "join_accept": "join",
    "downlink_nack": "down/nack",
    "downlink_failed": "down/failed",
    "location_solved": "location/solved",
}


def downlink(_address: str, raw: bytes) -> bytes:
    """Bytes for a device, as the network server takes them."""
    data = base64.b64encode(raw).decode("ascii")
    told = {"f_port": lorawan.ANSWER_PORT, "frm_payload": data, "priority": "HIGH"}
    return json.dumps({"downlinks": [told]}).encode()


FAMILY: Final = Family(
    name=NAME,
    subscriptions=(
        "v3/+/devices/+/up",
        "v3/+/devices/+/join",
        "v3/+/devices/+/down/+",
        "v3/+/devices/+/location/solved",
    ),
    replies=(
        "v3/+/devices/+/down/push",
        "v3/+/devices/+/down/replace",
    ),
    matches=matches,
    decode=decode,
    addresses=THINGS_ID,
    gateway=gateway,
    address=address,
    canonical=canonical,
    rank=1,
    overhears=None,
    reports=Reports.ON_BATTERY,
    downlink=downlink,
)
