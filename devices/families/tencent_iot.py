"""Tencent IoT Explorer: ``$thing/up/property/<product>/<device>`` and ``$thing/up/event/…``.

Sources: cloud.tencent.com 1081/34916 (thing-model protocol), 1081/126543. The report's fields are ``params`` in the
documentation and ``values`` in the field, its time is documented in milliseconds and shown in seconds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from devices.addresses import NAMES
from devices.family import Family, Message
from devices.shared import cloud_receipts, reading, thing_model
from devices.shared.finding import unreadable
from devices.shared.thing_model import Item
from devices.signal import Signal, SignalType

NAME: Final = "tencent_iot"
_TOPIC = re.compile(r"\$(?:thing/up/(property|event|action|service|raw)|(gateway)/operation)/([^/]+)/([^/]+)")
_CHILDREN: Final = {"online": SignalType.ONLINE, "offline": SignalType.OFFLINE}


def matches(topic: str) -> bool:
    """Whether a device speaks to the platform; ``$thing/down/…`` is the way back."""
    return topic.startswith("$") and _TOPIC.fullmatch(topic) is not None


def address(topic: str) -> str | None:
    """The device's name, without the product's id."""
    match = _TOPIC.fullmatch(topic)
    return match[4] if match else None


def decode(topic: str, payload: bytes, *, retained: bool = False) -> tuple[Signal, ...]:
    """Read one message; see `Family.decode`."""
    match = _TOPIC.fullmatch(topic)
    if match is None or not payload:
        return ()
    kind, device = match[1] or match[2], match[4]
    try:
        said = reading.json_object(payload)
    except reading.UnreadableError:
        return unreadable(device, NAME, retained=retained)
    if kind == "raw":
        return unreadable(device, NAME, retained=retained)
    if kind == "gateway":
        return _children(said, retained=retained)
    at = reading.instant(said.get("timestamp"))
    if kind == "property":
        items = _properties(said)
    elif kind == "event":
        items = _events(said)
    else:
        items = []
    ref = thing_model.key(said.get("clientToken"), said.get("timestamp"))
    return thing_model.signals(device, NAME, items, ref=ref, at=at, retained=retained)


def _properties(said: dict[str, Any]) -> list[Item]:
    """``report``; ``report_info`` (with the IMEI in it), ``get_status`` and ``clear_control`` only show life."""
    if reading.text(said.get("method"), 32).lower() not in ("report", ""):
        return []
    fields = said.get("params", said.get("values"))
    return list(thing_model.properties(fields, reading.instant(said.get("timestamp"))))


def _events(said: dict[str, Any]) -> list[Item]:
    """``event_post``, or ``events_post`` with several."""
    listed = said.get("events")
    return [
        Item(
            reading.text(one.get("eventId"), 64),
            one.get("params"),
            reading.instant(one.get("timestamp")),
            event=True,
            level=reading.text(one.get("type"), 16).lower(),
        )
        for one in (listed if isinstance(listed, list) else [said])[: thing_model.MAX_ITEMS]
        if isinstance(one, dict)
    ]


def _children(said: dict[str, Any], *, retained: bool) -> tuple[Signal, ...]:
    """A gateway tells which of its children came or went."""
    kind = _CHILDREN.get(reading.text(said.get("type"), 16))
    inner = said.get("payload")
    listed = inner.get("devices") if isinstance(inner, dict) else None
    if kind is None or not isinstance(listed, list):
        return ()
    names = [
        reading.text(one.get("device_name"), 128) for one in listed[: thing_model.MAX_DEVICES] if isinstance(one, dict)
    ]
    return tuple(Signal(device=name, family=NAME, type=kind, retained=retained) for name in names if name)


_REPORTED = re.compile(r"\$thing/up/(?:property|event)/[^/]+/[^/]+")
_ANSWERS: Final[Mapping[str, str]] = {
    "report": "report_reply",
    "report_info": "report_info_reply",
    "event_post": "event_reply",
    "events_post": "events_reply",
}


def receipt(topic: str, payload: bytes, _at: datetime) -> Message | None:
    """Under ``$thing/down/``, with the client's token. Source: Tencent 1081/34916."""
    said = cloud_receipts.report(_REPORTED, topic, payload)
    token = cloud_receipts.number(said.get("clientToken"))
    method = _ANSWERS.get(reading.text(said.get("method"), 32))
    if token is None or method is None:
        return None
    where = topic.removeprefix("$thing/up/")
    told: dict[str, object] = {"method": method, "clientToken": token, "code": 0, "status": "success"}
    if where.startswith("event/"):
        told["data"] = {}
    return cloud_receipts.told(f"$thing/down/{where}", told)


FAMILY: Final = Family(
    name=NAME,
    subscriptions=(
        "$thing/up/property/+/+",
        "$thing/up/event/+/+",
        "$thing/up/action/+/+",
        "$thing/up/service/+/+",
        "$thing/up/raw/+/+",
        "$gateway/operation/+/+",
    ),
    replies=(
        "$thing/down/property/+/+",
        "$thing/down/event/+/+",
    ),
    matches=matches,
    decode=decode,
    addresses=NAMES,
    address=address,
    receipt=receipt,
)
