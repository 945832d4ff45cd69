"""ChirpStack's events as protobuf (``integration.mqtt``, ``json=false``), read into the JSON that it would else send.

Source: ``integration.proto``, ``gw.proto`` and ``common.proto`` of ChirpStack 4. The official package for Python brings
gRPC with it; these few fields do not need it.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from devices.shared import protobuf
from devices.shared.reading import UnreadableError

_EUI = re.compile(r"[0-9a-fA-F]{16}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DEEPEST = 32
_LEVELS: Final = ("INFO", "WARNING", "ERROR")
_CODES: Final = (
    "UNKNOWN",
    "DOWNLINK_PAYLOAD_SIZE",
    "UPLINK_CODEC",
    "DOWNLINK_CODEC",
    "OTAA",
    "UPLINK_F_CNT_RESET",
    "UPLINK_MIC",
    "UPLINK_F_CNT_RETRANSMISSION",
    "DOWNLINK_GATEWAY",
)
_Wire = int | bytes
_Reads = Callable[[_Wire], object]


def read(event: str, payload: bytes) -> dict[str, Any]:
    """An event as its JSON twin.

    Args:
        event: The last part of its topic (``up``, ``join`` …).
        payload: The bytes.

    Raises:
        UnreadableError: This is no such event: it names no device, as each of them does.
    """
    said = _object(payload, _HEAD_OF_LOG if event == "log" else _HEAD, _EVENTS.get(event, {}))
    about = said.get("deviceInfo")
    if not isinstance(about, dict) or not _EUI.fullmatch(str(about.get("devEui"))):
        raise UnreadableError("an event without a device")
    return said


def gateways(payload: bytes) -> set[str]:
    """The radio gateways that heard an uplink; none for bytes that are no uplink."""
    try:
        return {str(one["gatewayId"]).lower() for one in read("up", payload).get("rxInfo", ()) if one.get("gatewayId")}
    except UnreadableError:
        return set()


def _object(payload: _Wire, *schemas: Mapping[int, tuple[str, _Reads]]) -> dict[str, Any]:
    schema = {number: field for one in schemas for number, field in one.items()}
    said: dict[str, Any] = {}
    for number, value in protobuf.fields(payload) if isinstance(payload, bytes) else ():
        name, reads = schema.get(number, ("", _nothing))
        read_ = reads(value)
        if not name or read_ is None:
            continue
        if name in _MANY:
            said.setdefault(name, []).append(read_)
        elif name in _MAPS and isinstance(read_, dict):
            said.setdefault(name, {}).update(read_)
        else:
            said[name] = read_
    return said


def _nothing(_: _Wire) -> None:
    return None


def _whole(value: _Wire) -> int | None:
    return value if isinstance(value, int) else None


def _signed(value: _Wire) -> int | None:
    return protobuf.signed(value, 32) if isinstance(value, int) else None


def _true(value: _Wire) -> bool:
    return bool(value) if isinstance(value, int) else False


def _word(words: tuple[str, ...]) -> _Reads:
    return lambda value: words[value] if isinstance(value, int) and value < len(words) else "ERROR"


def _base64(value: _Wire) -> str:
    return base64.b64encode(value).decode("ascii") if isinstance(value, bytes) else ""


def _time(value: _Wire) -> str | None:
    told = _object(value, {1: ("seconds", _whole), 2: ("nanos", _whole)})
    try:
        moment = _EPOCH + timedelta(seconds=told.get("seconds", 0), microseconds=told.get("nanos", 0) // 1000)
    except OverflowError:
        return None
    return moment.isoformat()


def _device(value: _Wire) -> dict[str, Any]:
    names = {6: "deviceProfileName", 7: "deviceName", 8: "devEui"}
    return _object(value, {number: (name, protobuf.text) for number, name in names.items()})


def _heard(value: _Wire) -> dict[str, Any]:
    return _object(value, {1: ("gatewayId", protobuf.text)})


def _location(value: _Wire) -> dict[str, Any]:
    names = {1: "latitude", 2: "longitude", 3: "altitude", 5: "accuracy"}
    return _object(value, {number: (name, protobuf.number) for number, name in names.items()})


def _pair(value: _Wire) -> dict[str, str]:
    told = _object(value, {1: ("key", protobuf.text), 2: ("value", protobuf.text)})
    return {told.get("key", ""): told.get("value", "")}


def _struct(value: _Wire, depth: int = 0) -> dict[str, Any]:
    """A ``google.protobuf.Struct``: what the codec made of the device's bytes."""
    if depth > _DEEPEST:
        raise UnreadableError("nested too deeply")
    found: dict[str, Any] = {}
    for number, entry in _inner(value):
        if number == 1:
            parts = dict(_inner(entry))
            found[protobuf.text(parts.get(1, b""))] = _value(parts.get(2, b""), depth)
    return found


def _value(value: _Wire, depth: int) -> Any:
    said: Any = None
    for kind, told in _inner(value):
        match kind:
            case 2:
                said = protobuf.number(told)
            case 3:
                said = protobuf.text(told)
            case 4:
                said = _true(told)
            case 5:
                said = _struct(told, depth + 1)
            case 6:
                said = [_value(one, depth + 1) for number, one in _inner(told) if number == 1 and _not_deep(depth)]
            case _:
                said = None
    return said


def _not_deep(depth: int) -> bool:
    if depth > _DEEPEST:
        raise UnreadableError("nested too deeply")
    return True


def _inner(value: _Wire) -> Iterable[tuple[int, _Wire]]:
    return protobuf.fields(value) if isinstance(value, bytes) else ()


_MANY: Final = frozenset({"rxInfo"})
_MAPS: Final = frozenset({"context"})
_HEAD: Final[Mapping[int, tuple[str, _Reads]]] = {
    1: ("deduplicationId", protobuf.text),
    2: ("time", _time),
    3: ("deviceInfo", _device),
}
_HEAD_OF_LOG: Final[Mapping[int, tuple[str, _Reads]]] = {1: ("time", _time), 2: ("deviceInfo", _device)}
_EVENTS: Final[Mapping[str, Mapping[int, tuple[str, _Reads]]]] = {
    "up": {
        7: ("fCnt", _whole),
        8: ("fPort", _whole),
        10: ("data", _base64),
        11: ("object", _struct),
        12: ("rxInfo", _heard),
    },
    "ack": {5: ("acknowledged", _true)},
    "log": {
        3: ("level", _word(_LEVELS)),
        4: ("code", _word(_CODES)),
        5: ("description", protobuf.text),
        6: ("context", _pair),
    },
    "status": {
        5: ("margin", _signed),
        6: ("externalPowerSource", _true),
        7: ("batteryLevelUnavailable", _true),
        8: ("batteryLevel", protobuf.number),
    },
    "location": {4: ("location", _location)},
}
