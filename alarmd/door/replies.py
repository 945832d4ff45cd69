"""What the door sends, as bytes."""

from __future__ import annotations

from collections.abc import Iterable

from alarmd.door import wire
from alarmd.door.packets import V5
from alarmd.door.reasons import Reason, connack_311
from alarmd.door.wire import Kind, Properties

PINGRESP = bytes((Kind.PINGRESP << 4, 0))
_FLAGS = {Kind.PUBREL: 2}


def _packet(kind: Kind, body: bytes) -> bytes:
    return bytes((kind << 4 | _FLAGS.get(kind, 0),)) + wire.varint(len(body)) + body


def connack(version: int, reason: Reason, *, present: bool = False, properties: Properties = wire.NONE) -> bytes:
    """The answer to CONNECT; `present` says that a session is taken up again."""
    if version != V5:
        return _packet(Kind.CONNACK, bytes((present, connack_311(reason))))
    return _packet(Kind.CONNACK, bytes((present, reason)) + wire.write_properties(properties))


def ack(kind: Kind, version: int, packet_id: int, reason: Reason = Reason.SUCCESS) -> bytes:
    """PUBACK, PUBREC, PUBREL or PUBCOMP. MQTT 3.1.1 has no room for the reason."""
    if reason and version == V5:
        return bytes((kind << 4 | _FLAGS.get(kind, 0), 3, packet_id >> 8, packet_id & 255, reason))
    return bytes((kind << 4 | _FLAGS.get(kind, 0), 2, packet_id >> 8, packet_id & 255))


def suback(version: int, packet_id: int, codes: Iterable[int]) -> bytes:
    """The answer to SUBSCRIBE: for each filter the QoS granted or why not."""
    if version == V5:
        return _packet(Kind.SUBACK, packet_id.to_bytes(2, "big") + b"\0" + bytes(codes))
    plain = bytes(min(code, Reason.UNSPECIFIED) for code in codes)
    return _packet(Kind.SUBACK, packet_id.to_bytes(2, "big") + plain)


def unsuback(version: int, packet_id: int, codes: Iterable[int]) -> bytes:
    """The answer to UNSUBSCRIBE; only version 5 says for each filter whether there was one."""
    body = packet_id.to_bytes(2, "big")
    return _packet(Kind.UNSUBACK, body + b"\0" + bytes(codes) if version == V5 else body)


def disconnect(reason: Reason, detail: str = "") -> bytes:
    """The door's farewell, which only version 5 has."""
    properties = Properties(reason_string=detail) if detail else wire.NONE
    return _packet(Kind.DISCONNECT, bytes((reason,)) + wire.write_properties(properties))


def publish(
    version: int,
    *,
    topic: str,
    payload: bytes,
    qos: int = 0,
    retain: bool = False,
    dup: bool = False,
    packet_id: int = 0,
    properties: bytes = b"",
) -> bytes:
    """A message to a subscriber; `properties` are encoded ones, without their length."""
    first = Kind.PUBLISH << 4 | dup << 3 | qos << 1 | retain
    middle = packet_id.to_bytes(2, "big") if qos else b""
    if version == V5:
        middle += wire.varint(len(properties)) + properties
    name = wire.text(topic)
    return b"".join(
        (bytes((first,)), wire.varint(len(name) + len(middle) + len(payload)), name, middle, payload),
    )
