"""The grains of MQTT: integers, strings and the properties of version 5, read strictly and written back.

Source: OASIS MQTT 5.0, sections 1.5 and 2.2.2.
"""

from __future__ import annotations

import sys
from enum import Enum, IntEnum, auto
from typing import NamedTuple

import msgspec

from alarmd.door.reasons import ProtocolError, Reason, broken, malformed

MAX_VARINT = 268_435_455
MAX_STRING = 65_535
MAX_U16 = 65_535
MAX_U32 = 4_294_967_295
MAX_PROPERTIES = 64 * 1024
"""Bytes the properties of one packet may have; a will's or a message's, which are kept and passed on."""
MAX_PAIRS = 64
"""User properties, and subscription identifiers, that one packet may have: each costs time and memory of ours."""


class Kind(IntEnum):
    """The packet types; `WILL` stands for the properties of a last will inside CONNECT."""

    WILL = 0
    CONNECT = 1
    CONNACK = 2
    PUBLISH = 3
    PUBACK = 4
    PUBREC = 5
    PUBREL = 6
    PUBCOMP = 7
    SUBSCRIBE = 8
    SUBACK = 9
    UNSUBSCRIBE = 10
    UNSUBACK = 11
    PINGREQ = 12
    PINGRESP = 13
    DISCONNECT = 14
    AUTH = 15


class Properties(msgspec.Struct, frozen=True, kw_only=True):
    """What a version 5 packet says beside its fixed fields; None or empty where it says nothing.

    Times are seconds, sizes are bytes.
    """

    payload_format: int | None = None
    message_expiry: int | None = None
    content_type: str | None = None
    response_topic: str | None = None
    correlation_data: bytes | None = None
    subscription_ids: tuple[int, ...] = ()
    session_expiry: int | None = None
    assigned_client_id: str | None = None
    server_keep_alive: int | None = None
    auth_method: str | None = None
    auth_data: bytes | None = None
    request_problem_info: int | None = None
    will_delay: int | None = None
    request_response_info: int | None = None
    response_info: str | None = None
    server_reference: str | None = None
    reason_string: str | None = None
    receive_maximum: int | None = None
    topic_alias_maximum: int | None = None
    topic_alias: int | None = None
    maximum_qos: int | None = None
    retain_available: int | None = None
    user: tuple[tuple[str, str], ...] = ()
    maximum_packet_size: int | None = None
    wildcard_available: int | None = None
    subscription_ids_available: int | None = None
    shared_available: int | None = None

    @property
    def size(self) -> int:
        """What they cost in memory, in bytes, beside their object."""
        texts = (self.content_type, self.response_topic, self.auth_method, self.reason_string)
        data = (self.correlation_data, self.auth_data)
        size = sum(sys.getsizeof(one) for one in (*texts, *data) if one)
        return size + sum(sys.getsizeof(a) + sys.getsizeof(b) + 100 for a, b in self.user)


NONE = Properties()


class _Form(Enum):
    FLAG = auto()
    U16 = auto()
    U32 = auto()
    VARINT = auto()
    TEXT = auto()
    BINARY = auto()
    PAIR = auto()


class _Spec(NamedTuple):
    field: str
    form: _Form
    kinds: frozenset[Kind]


_ACKS = (Kind.PUBACK, Kind.PUBREC, Kind.PUBREL, Kind.PUBCOMP, Kind.SUBACK, Kind.UNSUBACK)
_MESSAGE = (Kind.PUBLISH, Kind.WILL)
_LOGIN = (Kind.CONNECT, Kind.CONNACK, Kind.AUTH)
_BOTH_ENDS = (Kind.CONNECT, Kind.CONNACK)


def _spec(field: str, form: _Form, *kinds: Kind) -> _Spec:
    return _Spec(field, form, frozenset(kinds))


_SPECS: dict[int, _Spec] = {
    0x01: _spec("payload_format", _Form.FLAG, *_MESSAGE),
    0x02: _spec("message_expiry", _Form.U32, *_MESSAGE),
    0x03: _spec("content_type", _Form.TEXT, *_MESSAGE),
    0x08: _spec("response_topic", _Form.TEXT, *_MESSAGE),
    0x09: _spec("correlation_data", _Form.BINARY, *_MESSAGE),
    0x0B: _spec("subscription_ids", _Form.VARINT, Kind.PUBLISH, Kind.SUBSCRIBE),
    0x11: _spec("session_expiry", _Form.U32, *_BOTH_ENDS, Kind.DISCONNECT),
    0x12: _spec("assigned_client_id", _Form.TEXT, Kind.CONNACK),
    0x13: _spec("server_keep_alive", _Form.U16, Kind.CONNACK),
    0x15: _spec("auth_method", _Form.TEXT, *_LOGIN),
    0x16: _spec("auth_data", _Form.BINARY, *_LOGIN),
    0x17: _spec("request_problem_info", _Form.FLAG, Kind.CONNECT),
    0x18: _spec("will_delay", _Form.U32, Kind.WILL),
    0x19: _spec("request_response_info", _Form.FLAG, Kind.CONNECT),
    0x1A: _spec("response_info", _Form.TEXT, Kind.CONNACK),
    0x1C: _spec("server_reference", _Form.TEXT, Kind.CONNACK, Kind.DISCONNECT),
    0x1F: _spec("reason_string", _Form.TEXT, Kind.CONNACK, Kind.DISCONNECT, Kind.AUTH, *_ACKS),
    0x21: _spec("receive_maximum", _Form.U16, *_BOTH_ENDS),
    0x22: _spec("topic_alias_maximum", _Form.U16, *_BOTH_ENDS),
    0x23: _spec("topic_alias", _Form.U16, Kind.PUBLISH),
    0x24: _spec("maximum_qos", _Form.FLAG, Kind.CONNACK),
    0x25: _spec("retain_available", _Form.FLAG, Kind.CONNACK),
    0x26: _spec("user", _Form.PAIR, *(k for k in Kind if k not in (Kind.PINGREQ, Kind.PINGRESP))),
    0x27: _spec("maximum_packet_size", _Form.U32, *_BOTH_ENDS),
    0x28: _spec("wildcard_available", _Form.FLAG, Kind.CONNACK),
    0x29: _spec("subscription_ids_available", _Form.FLAG, Kind.CONNACK),
    0x2A: _spec("shared_available", _Form.FLAG, Kind.CONNACK),
}
_INT_BYTES = {_Form.FLAG: 1, _Form.U16: 2, _Form.U32: 4}
_REPEATABLE = frozenset({"user", "subscription_ids"})
_NEVER_ZERO = frozenset({"receive_maximum", "maximum_packet_size", "subscription_ids", "topic_alias"})


class Cursor:
    """Reads one packet's body from front to back and refuses to read past its end."""

    __slots__ = ("_data", "_end", "_pos")

    def __init__(self, data: bytes, pos: int = 0, end: int | None = None) -> None:
        self._data = data
        self._pos = pos
        self._end = len(data) if end is None else end

    @property
    def left(self) -> int:
        """Bytes not read yet."""
        return self._end - self._pos

    def take(self, size: int) -> bytes:
        """The next `size` bytes."""
        start = self._pos
        if size > self._end - start:
            raise malformed("the packet ends in the middle of a field")
        self._pos = start + size
        return self._data[start : self._pos]

    def rest(self) -> bytes:
        """All that is left."""
        return self.take(self.left)

    def u8(self) -> int:
        """One byte."""
        return self.take(1)[0]

    def u16(self) -> int:
        """Two bytes, big end first."""
        return int.from_bytes(self.take(2), "big")

    def u32(self) -> int:
        """Four bytes, big end first."""
        return int.from_bytes(self.take(4), "big")

    def varint(self) -> int:
        """A variable byte integer of at most four bytes, in its shortest form."""
        value = 0
        for shift in (0, 7, 14, 21):
            byte = self.u8()
            value |= (byte & 0x7F) << shift
            if byte < 0x80:  # noqa: PLR2004 - the continuation bit
                if shift and not byte:
                    raise malformed("a length is written longer than needed")
                return value
        raise malformed("a length is longer than four bytes")

    def binary(self) -> bytes:
        """Bytes with their length before them."""
        return self.take(self.u16())

    def text(self) -> str:
        """A UTF-8 string with its length before it."""
        return decode_text(self.binary())

    def finish(self) -> None:
        """Nothing may be left."""
        if self._pos != self._end:
            raise malformed("the packet is longer than its fields")


def decode_text(raw: bytes) -> str:
    """UTF-8 as MQTT allows it: no surrogates, no U+0000."""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        raise malformed("a string is not UTF-8") from None
    if "\0" in text:
        raise malformed("a string contains U+0000")
    return text


def read_properties(cursor: Cursor, kind: Kind) -> Properties:
    """The properties of a version 5 packet of that kind, each checked against where it may stand."""
    size = cursor.varint()
    if not size:
        return NONE
    if size > MAX_PROPERTIES:
        raise ProtocolError(Reason.PACKET_TOO_LARGE, f"properties of {size} bytes; {MAX_PROPERTIES} are allowed")
    inner = Cursor(cursor.take(size))
    found: dict[str, object] = {}
    pairs: list[tuple[str, str]] = []
    ids: list[int] = []
    while inner.left:
        if len(pairs) + len(ids) > MAX_PAIRS:
            raise ProtocolError(Reason.QUOTA_EXCEEDED, f"more than {MAX_PAIRS} user properties")
        spec = _spec_of(inner.varint(), kind)
        if spec.form is _Form.PAIR:
            pairs.append((inner.text(), inner.text()))
        elif spec.form is _Form.VARINT:
            ids.append(_checked_int(spec, inner.varint()))
        elif spec.field in found:
            raise broken(f"the property {spec.field} stands twice")
        else:
            found[spec.field] = _read_value(inner, spec)
    if len(ids) > 1 and kind is Kind.SUBSCRIBE:
        raise broken("a SUBSCRIBE has one subscription identifier at most")
    if "auth_data" in found and "auth_method" not in found:
        raise broken("authentication data without a method")
    return msgspec.convert({**found, "user": tuple(pairs), "subscription_ids": tuple(ids)}, Properties)


def _spec_of(number: int, kind: Kind) -> _Spec:
    spec = _SPECS.get(number)
    if spec is None:
        raise malformed("an unknown property")
    if kind not in spec.kinds:
        raise broken(f"the property {spec.field} has no place in {kind.name}")
    return spec


def _read_value(cursor: Cursor, spec: _Spec) -> int | str | bytes:
    match spec.form:
        case _Form.TEXT:
            return cursor.text()
        case _Form.BINARY:
            return cursor.binary()
        case _Form.U16:
            return _checked_int(spec, cursor.u16())
        case _Form.U32:
            return _checked_int(spec, cursor.u32())
        case _:
            flag = cursor.u8()
            if flag > 1:
                raise broken(f"the property {spec.field} is neither 0 nor 1")
            return flag


def _checked_int(spec: _Spec, value: int) -> int:
    if not value and spec.field in _NEVER_ZERO:
        reason = Reason.TOPIC_ALIAS_INVALID if spec.field == "topic_alias" else Reason.PROTOCOL_ERROR
        raise ProtocolError(reason, f"the property {spec.field} is 0")
    return value


def varint(value: int) -> bytes:
    """`value` as a variable byte integer."""
    if value < 0x80:  # noqa: PLR2004 - one byte holds it
        return value.to_bytes(1, "big")
    out = bytearray()
    while value >= 0x80:  # noqa: PLR2004 - the continuation bit
        out.append((value & 0x7F) | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def binary(data: bytes) -> bytes:
    """`data` with its length before it."""
    return len(data).to_bytes(2, "big") + data


def text(value: str) -> bytes:
    """`value` in UTF-8 with its length before it."""
    return binary(value.encode())


def write_properties(properties: Properties) -> bytes:
    """The properties with their length before them; those at their default are left out."""
    body = property_bytes(properties)
    return varint(len(body)) + body


def property_bytes(properties: Properties) -> bytes:
    """The properties without their length."""
    if properties is NONE:
        return b""
    out = bytearray()
    for number, spec in _SPECS.items():
        value = getattr(properties, spec.field)
        if value is None or value == ():
            continue
        for one in value if spec.field in _REPEATABLE else (value,):
            out.append(number)
            out += _value_bytes(spec.form, one)
    return bytes(out)


def _value_bytes(form: _Form, value: int | str | bytes | tuple[str, str]) -> bytes:
    match value:
        case int():
            return varint(value) if form is _Form.VARINT else value.to_bytes(_INT_BYTES[form], "big")
        case str():
            return text(value)
        case bytes():
            return binary(value)
        case (name, word):
            return text(name) + text(word)
