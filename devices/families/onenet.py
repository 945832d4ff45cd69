"""China Mobile's OneNET: thing-model reports on ``$sys/<product>/<device>/…``, and the older data points.

Sources: OneNET's "thing model" pages and script examples, "data points" (``dp/post/json``). A subscription to ``#``
does not bring topics that begin with ``$``.
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

NAME: Final = "onenet"
_TOPIC = re.compile(r"\$sys/([^/]+)/([^/]+)/(thing|dp)/(.+)")
_REPORTS: Final = frozenset(
    {"property/post", "event/post", "pack/post", "history/post", "sub/property/post", "sub/event/post", "post/json"}
)


_CHILDREN: Final = {"sub/login": SignalType.ONLINE, "sub/logout": SignalType.OFFLINE}
"""A gateway tells which of its children came or went."""


def matches(topic: str) -> bool:
    """Whether this is a device's topic on the platform."""
    return topic.startswith("$sys/") and _TOPIC.fullmatch(topic) is not None


def address(topic: str) -> str | None:
    """The device's name, without the product's id."""
    match = _TOPIC.fullmatch(topic)
    return match[2] if match else None


def decode(topic: str, payload: bytes, *, retained: bool = False) -> tuple[Signal, ...]:
    """Read one message; see `Family.decode`."""
    match = _TOPIC.fullmatch(topic)
    if match is None or not payload or not (match[4] in _REPORTS or match[4] in _CHILDREN):
        return ()
    device, path = match[2], match[4]
    try:
        said = reading.json_object(payload)
    except reading.UnreadableError:
        return unreadable(device, NAME, retained=retained)
    if path == "post/json":
        return _points(device, said, retained=retained)
    return _report(device, path, said, retained=retained)


def _report(device: str, path: str, said: dict[str, Any], *, retained: bool) -> tuple[Signal, ...]:
    params = said.get("params")
    if kind := _CHILDREN.get(path):
        name = reading.text(params.get("deviceName"), 128) if isinstance(params, dict) else ""
        return (Signal(device=name, family=NAME, type=kind, retained=retained),) if name else ()
    if path in ("property/post", "event/post"):
        if not isinstance(params, dict):
            return unreadable(device, NAME, retained=retained)
        read = thing_model.events if path == "event/post" else thing_model.properties
        return _say(device, list(read(params)), said.get("id"), retained=retained)
    return _pack(device, params, retained=retained)


def _say(device: str, items: list[Item], number: object, *, retained: bool) -> tuple[Signal, ...]:
    times = [one.at for one in items if one.at is not None]
    ref = thing_model.key(number, max(times).timestamp() if times else None)
    return thing_model.signals(device, NAME, items, ref=ref, at=None, retained=retained)


def _points(device: str, said: dict[str, Any], *, retained: bool) -> tuple[Signal, ...]:
    """``{"dp": {"name": [{"v": …, "t": seconds}]}}``."""
    points = said.get("dp")
    if not isinstance(points, dict):
        return unreadable(device, NAME, retained=retained)
    items = [
        Item(name, one.get("v"), reading.instant(one.get("t")))
        for name, values in list(points.items())[: thing_model.MAX_ITEMS]
        for one in (values[-thing_model.MAX_ITEMS :] if isinstance(values, list) else [values])
        if isinstance(one, dict)
    ]
    return _say(device, items, said.get("id"), retained=retained)


def _pack(device: str, params: object, *, retained: bool) -> tuple[Signal, ...]:
    """A gateway's report of its children, or what was kept while the network was away."""
    found: dict[str, list[Item]] = {}
    for block in (params if isinstance(params, list) else [params])[: thing_model.MAX_DEVICES]:
        if isinstance(block, dict):
            found.setdefault(_identity(block) or device, []).extend(_items(block))
    if not found:
        return unreadable(device, NAME, retained=retained)
    return thing_model.gather([_say(name, items, None, retained=retained) for name, items in found.items()])


def _identity(block: dict[str, Any]) -> str | None:
    identity = block.get("identity")
    return reading.text(identity.get("deviceName"), 128) or None if isinstance(identity, dict) else None


def _items(block: dict[str, Any]) -> Iterable[Item]:
    for name, fields in block.items():
        if name in ("properties", "property", "params"):
            yield from thing_model.properties(fields)
        elif name in ("events", "event"):
            yield from thing_model.events(fields)


def gateway(topic: str, payload: bytes) -> str:
    """The gateway that names its children in a pack; a device that speaks for itself has none."""
    told = topic.endswith("/pack/post") and b'"deviceName"' in payload
    return (address(topic) or "") if told else ""


_REPORTED = re.compile(r"\$sys/[^/]+/[^/]+/thing/(?:sub/)?(?:property|event|pack|history)/post")


def receipt(topic: str, payload: bytes, _at: datetime) -> Message | None:
    """``…/reply``. Source: OneNET's thing-model topics."""
    number = cloud_receipts.number(cloud_receipts.report(_REPORTED, topic, payload).get("id"))
    if number is None:
        return None
    return cloud_receipts.told(f"{topic}/reply", {"id": number, "code": 200, "msg": "success"})


FAMILY: Final = Family(
    name=NAME,
    subscriptions=(
        "$sys/+/+/thing/property/post",
        "$sys/+/+/thing/event/post",
        "$sys/+/+/thing/pack/post",
        "$sys/+/+/thing/history/post",
        "$sys/+/+/thing/sub/#",
        "$sys/+/+/dp/post/json",
    ),
    replies=(
        "$sys/+/+/thing/+/post/reply",
        "$sys/+/+/thing/sub/+/post/reply",
    ),
    matches=matches,
    decode=decode,
    addresses=NAMES,
    address=address,
    gateway=gateway,
    receipt=receipt,
)
