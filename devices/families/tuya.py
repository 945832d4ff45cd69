"""TuyaLink: devices by Tuya's open MQTT protocol, ``tylink/<device>/thing/…``.

Sources: developer.tuya.com, "Properties, Actions, and Events", "MQTT topics", and the standard status set of emergency
buttons. Times have 10 digits or 13. ``sos_state`` (a mode) and ``sos`` (a report) are two things that both call;
``temper_alarm`` is how Tuya writes tamper.
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

NAME: Final = "tuya"
_TOPIC = re.compile(r"tylink/([^/]+)/(.+)")
_PROPERTIES, _EVENT, _BATCH = "thing/property/report", "thing/event/trigger", "thing/data/batch_report"
_LIFE: Final = frozenset(
    {
        "thing/property/set_response",
        "thing/action/execute_response",
        "thing/model/get",
        "ext/time/request",
        "ota/firmware/report",
        "ota/progress/report",
    }
)
_CHILDREN: Final = {"device/sub/login": SignalType.ONLINE, "device/sub/logout": SignalType.OFFLINE}


def matches(topic: str) -> bool:
    """Whether this is a device's topic, in either direction."""
    return topic.startswith("tylink/") and _TOPIC.fullmatch(topic) is not None


def address(topic: str) -> str | None:
    """The device's id."""
    match = _TOPIC.fullmatch(topic)
    return match[1] if match else None


def decode(topic: str, payload: bytes, *, retained: bool = False) -> tuple[Signal, ...]:
    """Read one message; see `Family.decode`. What the cloud says to the device means nothing."""
    match = _TOPIC.fullmatch(topic)
    if match is None or not payload:
        return ()
    device, path = match[1], match[2]
    if path in _LIFE:
        return (Signal(device=device, family=NAME, type=SignalType.HEARTBEAT, retained=retained),)
    if path not in (_PROPERTIES, _EVENT, _BATCH) and path not in _CHILDREN:
        return ()
    try:
        said = reading.json_object(payload)
    except reading.UnreadableError:
        return unreadable(device, NAME, retained=retained)
    if path in _CHILDREN:
        return _children(said.get("data"), _CHILDREN[path], retained=retained)
    return _report(device, path, said, retained=retained)


def _report(device: str, path: str, said: dict[str, Any], *, retained: bool) -> tuple[Signal, ...]:
    data = said.get("data")
    if not isinstance(data, dict):
        return unreadable(device, NAME, retained=retained)
    if path == _BATCH:
        return _batch(device, data, retained=retained)
    at = reading.instant(said.get("time"))
    items = [_event(data)] if path == _EVENT else list(thing_model.properties(data, at))
    ref = thing_model.key(said.get("msgId"), said.get("time"))
    return thing_model.signals(device, NAME, items, ref=ref, at=at, retained=retained)


def _event(data: dict[str, Any]) -> Item:
    code = reading.text(data.get("eventCode", data.get("event_code")), 64)
    when = reading.instant(data.get("eventTime", data.get("event_time")))
    return Item(code, data.get("outputParams", data.get("output_params")), when, event=True)


def _children(data: object, kind: SignalType, *, retained: bool) -> tuple[Signal, ...]:
    """A gateway tells which of its children came or went."""
    listed = data if isinstance(data, list) else data.get("deviceIds", []) if isinstance(data, dict) else []
    names = [
        reading.text(one.get("deviceId") if isinstance(one, dict) else one, 128)
        for one in (listed if isinstance(listed, list) else [])[: thing_model.MAX_DEVICES]
    ]
    return tuple(Signal(device=name, family=NAME, type=kind, retained=retained) for name in names if name)


def _batch(device: str, data: dict[str, Any], *, retained: bool) -> tuple[Signal, ...]:
    found = {device: list(_items(data))}
    children = data.get("subDevices")
    for name, block in list(children.items())[: thing_model.MAX_DEVICES] if isinstance(children, dict) else ():
        if isinstance(block, dict):
            found[reading.text(name, 128) or device] = list(_items(block))
    return thing_model.gather(
        [thing_model.signals(name, NAME, items, ref=None, at=None, retained=retained) for name, items in found.items()]
    )


def _items(block: dict[str, Any]) -> Iterable[Item]:
    yield from thing_model.properties(block.get("properties"))
    reported = block.get("events")
    for name, told in list(reported.items())[: thing_model.MAX_ITEMS] if isinstance(reported, dict) else ():
        for one in told[-thing_model.MAX_ITEMS :] if isinstance(told, list) else (told,):
            if isinstance(one, dict):
                when = reading.instant(one.get("eventTime", one.get("time")))
                yield Item(name, one.get("outputParams", one.get("value")), when, event=True)


_REPORTED = re.compile(r"tylink/[^/]+/thing/(?:property/report|event/trigger|data/batch_report)")


def receipt(topic: str, payload: bytes, at: datetime) -> Message | None:
    """``…_response``, only where ``sys.ack`` is 1. Source: TuyaLink, "Properties, Actions, and Events"."""
    said = cloud_receipts.report(_REPORTED, topic, payload)
    number = cloud_receipts.number(said.get("msgId"))
    if number is None or not cloud_receipts.is_wanted(said):
        return None
    told = {"msgId": number, "time": int(at.timestamp() * 1000), "code": 0}
    return cloud_receipts.told(f"{topic}_response", told)


FAMILY: Final = Family(
    name=NAME,
    subscriptions=("tylink/+/thing/#", "tylink/+/device/sub/+"),
    replies=(
        "tylink/+/thing/property/report_response",
        "tylink/+/thing/event/trigger_response",
        "tylink/+/thing/data/batch_report_response",
    ),
    matches=matches,
    decode=decode,
    addresses=NAMES,
    address=address,
    receipt=receipt,
)
