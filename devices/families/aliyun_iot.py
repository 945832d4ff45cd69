"""Aliyun IoT ("Alink JSON"): properties and events of devices as the platform's topics and its forwarding carry them.

Sources: Aliyun IoT, "device properties, events and services" (89301), "data format" of server-side subscription,
"batch" and "history" reports. Device names are told by the topic; ids and values come as text or number, with or
without ``{"value", "time"}`` round them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from devices.addresses import NAMES
from devices.family import Family, Message
from devices.shared import cloud_receipts, reading, thing_model
from devices.shared.finding import unreadable
from devices.shared.thing_model import Item
from devices.signal import Signal, SignalType

NAME: Final = "aliyun_iot"
_TOPIC = re.compile(r"(?:/sys)?/([^/]+)/([^/]+)/thing/(?:event/(.+)|model/up_raw)")
_CUSTOM = re.compile(r"/([^/]+)/([^/]+)/user/update(?:/error)?")
_STATUS = re.compile(r"/as/mqtt/status/[^/]+/([^/]+)")
_BATCHES: Final = frozenset({"property/batch/post", "property/pack/post", "property/history/post"})


def matches(topic: str) -> bool:
    """Whether a device of the platform speaks, or the platform of it; replies and services are said to the device."""
    return topic.startswith("/") and any(one.fullmatch(topic) is not None for one in (_TOPIC, _STATUS, _CUSTOM))


def address(topic: str) -> str | None:
    """The device's name, without the product's key."""
    match = _TOPIC.fullmatch(topic) or _CUSTOM.fullmatch(topic)
    if match:
        return match[2]
    status = _STATUS.fullmatch(topic)
    return status[1] if status else None


def decode(topic: str, payload: bytes, *, retained: bool = False) -> tuple[Signal, ...]:
    """Read one message; see `Family.decode`."""
    device = address(topic)
    if device is None or not payload or topic.endswith("_reply"):
        return ()
    match = _TOPIC.fullmatch(topic)
    try:
        said = reading.json_object(payload)
    except reading.UnreadableError:
        return unreadable(device, NAME, retained=retained)
    if match is None:
        read = _status if _CUSTOM.fullmatch(topic) is None else _own
        return read(device, said, retained=retained)
    path = match[3]
    if path is None:  # up_raw: the maker's own bytes, and no script of his
        return unreadable(device, NAME, retained=retained)
    if path in _BATCHES or path.endswith("/history/post"):
        return _batch(device, said, retained=retained)
    return _one(device, path, said, retained=retained)


def _status(device: str, said: dict[str, Any], *, retained: bool) -> tuple[Signal, ...]:
    """``time`` is Beijing's without saying so; ``utcTime`` is what it says."""
    offline = reading.text(said.get("status"), 16).lower() in ("offline", "unactive", "disable")
    kind = SignalType.OFFLINE if offline else SignalType.HEARTBEAT
    at = reading.instant(said.get("utcTime"))
    return (Signal(device=device, family=NAME, type=kind, at=at, retained=retained),)


def _own(device: str, said: dict[str, Any], *, retained: bool) -> tuple[Signal, ...]:
    """The maker's own format, on the topic that every product has for it."""
    return thing_model.signals(device, NAME, thing_model.properties(said), ref=None, at=None, retained=retained)


def _one(device: str, path: str, said: dict[str, Any], *, retained: bool) -> tuple[Signal, ...]:
    identifier = path.removesuffix("/post")
    params = said.get("params", said.get("items"))
    at = reading.instant(said.get("gmtCreate"))
    items: list[Item]
    if identifier == "property":
        if not isinstance(params, dict):
            return unreadable(device, NAME, retained=retained)
        items = list(thing_model.properties(params, at))
    else:
        told = said if params is None else params  # forwarded by the platform, or by the device itself
        value: object = told
        if isinstance(told, dict):
            value, at = told.get("value", told), reading.instant(told.get("time")) or at
        items = [Item(identifier, value, at, event=True, level=reading.text(said.get("type"), 16).lower())]
    times = [one.at for one in items if one.at is not None]
    ref = thing_model.key(said.get("id"), max(times).timestamp() if times else None)
    return thing_model.signals(device, NAME, items, ref=ref, at=at, retained=retained)


def _batch(device: str, said: dict[str, Any], *, retained: bool) -> tuple[Signal, ...]:
    """Several readings, events and devices in one; a gateway names its children by ``identity``."""
    params = said.get("params")
    blocks = params if isinstance(params, list) else [params]
    found: dict[str, list[Item]] = {}
    for block in blocks[: thing_model.MAX_DEVICES]:
        if not isinstance(block, dict):
            continue
        for child in (block, *_children(block)):
            name = _identity(child) or device
            found.setdefault(name, []).extend(_items(child))
    if not found:
        return unreadable(device, NAME, retained=retained)
    return thing_model.gather(
        [
            thing_model.signals(name, NAME, items, ref=None, at=None, retained=retained)
            for name, items in found.items()
            if items or name == device
        ]
    )


def _children(block: dict[str, Any]) -> list[dict[str, Any]]:
    children = block.get("subDevices")
    some = children[: thing_model.MAX_DEVICES] if isinstance(children, list) else []
    return [child for child in some if isinstance(child, dict)]


def _identity(block: dict[str, Any]) -> str | None:
    identity = block.get("identity")
    return reading.text(identity.get("deviceName"), 128) or None if isinstance(identity, dict) else None


def _items(block: dict[str, Any]) -> Iterable[Item]:
    for read, name in ((thing_model.properties, "properties"), (thing_model.events, "events")):
        fields = block.get(name)
        for one in fields[-thing_model.MAX_ITEMS :] if isinstance(fields, list) else (fields,):
            yield from read(one)


def gateway(topic: str, payload: bytes) -> str:
    """The gateway that names its children in a pack; a device that speaks for itself has none."""
    told = topic.endswith("/pack/post") and b'"deviceName"' in payload
    return (address(topic) or "") if told else ""


_REPORTED = re.compile(r"/sys/[^/]+/[^/]+/thing/event/.+/post")


def receipt(topic: str, payload: bytes, _at: datetime) -> Message | None:
    """``…/post_reply``, unless ``sys.ack`` is 0. Source: Aliyun IoT 89301."""
    said = cloud_receipts.report(_REPORTED, topic, payload)
    number = cloud_receipts.number(said.get("id"))
    if number is None or cloud_receipts.is_wanted(said) is False:
        return None
    usual = topic[topic.index("/thing/") + 1 :].replace("/", ".")
    method = reading.text(said.get("method"), cloud_receipts.LONGEST_ID) or usual
    told = {"code": 200, "data": {}, "id": number, "message": "success", "method": method, "version": "1.0"}
    return cloud_receipts.told(f"{topic}_reply", told)


FAMILY: Final = Family(
    name=NAME,
    subscriptions=(
        "/sys/+/+/thing/event/#",
        "/+/+/thing/event/#",
        "/sys/+/+/thing/model/up_raw",
        "/+/+/user/update",
        "/as/mqtt/status/+/+",
    ),
    replies=(
        "/sys/+/+/thing/event/+/post_reply",
        "/sys/+/+/thing/event/+/+/post_reply",
    ),
    matches=matches,
    decode=decode,
    addresses=NAMES,
    address=address,
    gateway=gateway,
    receipt=receipt,
)
