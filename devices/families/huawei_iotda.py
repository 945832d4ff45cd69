"""Huawei Cloud IoTDA: ``$oc/devices/<device>/sys/…``, with services, properties and events.

Sources: support.huaweicloud.com, api-iothub: "Device Reporting Properties" (3010), "Gateway Reporting Child Device
Properties", "Gateway Updating Child Device Status" (3022), "Device Reporting a Message". Times are
``yyyyMMdd'T'HHmmss'Z'`` or ISO 8601.
"""

from __future__ import annotations

import re
from typing import Any, Final

from devices.addresses import NAMES
from devices.family import Family
from devices.shared import reading, thing_model, thing_model_words
from devices.shared.finding import unreadable
from devices.shared.thing_model import Item
from devices.signal import Signal, SignalType

NAME: Final = "huawei_iotda"
_TOPIC = re.compile(r"\$oc/devices/([^/]+)/sys/(.+)")
_PROPERTIES, _EVENTS, _MESSAGE = "properties/report", "events/up", "messages/up"
_CHILDREN: Final = "gateway/sub_devices/properties/report"
_STATUS: Final = {"ONLINE": SignalType.ONLINE, "OFFLINE": SignalType.OFFLINE}
_LIFE: Final = ("properties/get/response/", "properties/set/response/", "commands/response/", "shadow/get/request_id=")


def matches(topic: str) -> bool:
    """Whether this is a device's topic on the platform, in either direction."""
    return topic.startswith("$oc/") and _TOPIC.fullmatch(topic) is not None


def address(topic: str) -> str | None:
    """The device's id; a gateway's messages name its children in the payload."""
    match = _TOPIC.fullmatch(topic)
    return match[1] if match else None


def decode(topic: str, payload: bytes, *, retained: bool = False) -> tuple[Signal, ...]:
    """Read one message; see `Family.decode`."""
    match = _TOPIC.fullmatch(topic)
    if match is None or not payload:
        return ()
    device, path = match[1], match[2]
    if path not in (_PROPERTIES, _EVENTS, _MESSAGE, _CHILDREN):
        return _answer(device, path, retained=retained)
    try:
        said = reading.json_object(payload)
    except reading.UnreadableError:
        return unreadable(device, NAME, retained=retained)
    if path == _CHILDREN:
        return _children(device, said, retained=retained)
    return _report(reading.text(said.get("object_device_id"), 256) or device, path, said, retained=retained)


def _answer(device: str, path: str, *, retained: bool) -> tuple[Signal, ...]:
    """What a device answers shows that it lives; the platform's questions mean nothing."""
    if not path.startswith(_LIFE) or "request_id=" not in path:
        return ()
    return (Signal(device=device, family=NAME, type=SignalType.HEARTBEAT, retained=retained),)


def _report(device: str, path: str, said: dict[str, Any], *, retained: bool) -> tuple[Signal, ...]:
    if path == _MESSAGE:
        return _message(device, said, retained=retained)
    services = said.get("services")
    if not isinstance(services, list):
        return unreadable(device, NAME, retained=retained)
    if path == _EVENTS:
        return _events(device, services, retained=retained)
    return thing_model.signals(device, NAME, _properties(services), ref=None, at=None, retained=retained)


def _properties(services: list[Any]) -> list[Item]:
    return [
        item
        for service in services[: thing_model.MAX_ITEMS]
        if isinstance(service, dict)
        for item in thing_model.properties(service.get("properties"), reading.instant(service.get("event_time")))
    ]


def _events(device: str, services: list[Any], *, retained: bool) -> tuple[Signal, ...]:
    """The product's own events; ``$…`` services are the platform's: child status, time, upgrades, logs."""
    items: list[Item] = []
    found: list[tuple[Signal, ...]] = []
    for service in services[: thing_model.MAX_ITEMS]:
        if not isinstance(service, dict):
            continue
        name = reading.text(service.get("service_id"), 64)
        if name == "$sub_device_manager":
            found.append(_statuses(service.get("paras"), retained=retained))
        elif not name.startswith("$"):
            kind = _said(reading.text(service.get("event_type"), 64), name)
            when = reading.instant(service.get("event_time"))
            items.append(Item(kind, service.get("paras"), when, event=True))
    own = thing_model.signals(device, NAME, items, ref=None, at=None, retained=retained)
    return thing_model.gather([own, *found])


def _said(event: str, service: str) -> str:
    """The event's name; a bare ``alarm`` of a service called ``SOS`` is told by the service."""
    if thing_model_words.event(event) is None and thing_model_words.event(service) is not None:
        return service
    return event


def _statuses(paras: object, *, retained: bool) -> tuple[Signal, ...]:
    listed = paras.get("device_statuses") if isinstance(paras, dict) else None
    said = (
        [one for one in listed[: thing_model.MAX_DEVICES] if isinstance(one, dict)] if isinstance(listed, list) else []
    )
    return tuple(
        Signal(device=name, family=NAME, type=kind, retained=retained)
        for one in said
        if (name := reading.text(one.get("device_id"), 256))
        and (kind := _STATUS.get(reading.text(one.get("status"), 16).upper())) is not None
    )


def _children(gateway: str, said: dict[str, Any], *, retained: bool) -> tuple[Signal, ...]:
    listed = said.get("devices")
    if not isinstance(listed, list):
        return unreadable(gateway, NAME, retained=retained)
    found = []
    for one in listed[: thing_model.MAX_DEVICES]:
        if isinstance(one, dict) and (name := reading.text(one.get("device_id"), 256)):
            services = one.get("services")
            items = _properties(services if isinstance(services, list) else [])
            found.append(thing_model.signals(name, NAME, items, ref=None, at=None, retained=retained))
    return thing_model.gather(found)


def _message(device: str, said: dict[str, Any], *, retained: bool) -> tuple[Signal, ...]:
    """The maker's own format: read as properties where it is an object, else as a word that may be an alarm."""
    content = said.get("content", said)
    if isinstance(content, str):
        try:
            content = reading.json_value(content.encode("utf-8", "replace"))
        except reading.UnreadableError:
            content = {"alarm": content} if content.strip() else {}
    if not isinstance(content, dict):
        return unreadable(device, NAME, retained=retained)
    items = list(thing_model.properties(content))
    return thing_model.signals(device, NAME, items, ref=None, at=None, retained=retained)


def gateway(topic: str, payload: bytes) -> str:
    """The gateway that reports its children; a device that speaks for itself has none."""
    del payload
    return (address(topic) or "") if topic.endswith(_CHILDREN) else ""


FAMILY: Final = Family(
    name=NAME,
    subscriptions=(
        f"$oc/devices/+/sys/{_PROPERTIES}",
        f"$oc/devices/+/sys/{_EVENTS}",
        f"$oc/devices/+/sys/{_MESSAGE}",
        f"$oc/devices/+/sys/{_CHILDREN}",
        "$oc/devices/+/sys/commands/response/#",
    ),
    matches=matches,
    decode=decode,
    addresses=NAMES,
    address=address,
    gateway=gateway,
)
