"""What a client may send, as values, and the reader that makes them out of a stream of bytes.

The reader is incremental (any split of the stream gives the same packets), strict (what the standard calls malformed
is refused with the reason it names) and never fails otherwise, whatever bytes it is fed.
Source: OASIS MQTT 3.1.1 and 5.0, chapter 3.
"""

from __future__ import annotations

from collections.abc import Sized

import msgspec

from alarmd.door import topics, wire
from alarmd.door.ledger import LOGIN, text_size
from alarmd.door.reasons import ProtocolError, Reason, broken, malformed
from alarmd.door.wire import Cursor, Kind, Properties

MAX_FILTERS = 256
"""Filters one SUBSCRIBE or UNSUBSCRIBE may have."""
V311 = 4
V5 = 5


class Will(msgspec.Struct, frozen=True, kw_only=True):
    """The message a client leaves to be published when it is lost."""

    topic: str
    payload: bytes
    qos: int
    retain: bool
    properties: Properties = wire.NONE


class Connect(msgspec.Struct, frozen=True, kw_only=True):
    """A client introduces itself.

    Attributes:
        version: 4 for MQTT 3.1.1, 5 for MQTT 5.
        clean: Clean session (3.1.1) or clean start (5).
        keep_alive: Seconds; 0 for none.
    """

    version: int
    client_id: str
    clean: bool
    keep_alive: int
    user: str | None = None
    password: bytes | None = msgspec.field(default=None)
    will: Will | None = None
    properties: Properties = wire.NONE

    @property
    def size(self) -> int:
        """What it costs while it waits for its password to be checked, in bytes."""
        texts = sum(text_size(text) for text in (self.client_id, self.user) if text)
        size = LOGIN + texts + len(self.password or b"") + self.properties.size
        if self.will is not None:
            size += len(self.will.payload) + text_size(self.will.topic) + self.will.properties.size
        return size

    def __repr__(self) -> str:
        return f"Connect(version={self.version}, client_id={self.client_id!r}, user={self.user!r})"


class Publish(msgspec.Struct, frozen=True, gc=False):
    """A message. `packet_id` is 0 at QoS 0; `topic` is empty only where an alias stands for it."""

    topic: str
    payload: bytes
    qos: int
    retain: bool
    dup: bool
    packet_id: int
    properties: Properties


class Ack(msgspec.Struct, frozen=True):
    """PUBACK, PUBREC, PUBREL or PUBCOMP."""

    kind: Kind
    packet_id: int
    reason: int = 0
    properties: Properties = wire.NONE


class Request(msgspec.Struct, frozen=True):
    """One topic filter of a SUBSCRIBE with its options."""

    pattern: str
    qos: int
    no_local: bool = False
    retain_as_published: bool = False
    retain_handling: int = 0


class Subscribe(msgspec.Struct, frozen=True):
    """What a client wants to hear."""

    packet_id: int
    requests: tuple[Request, ...]
    properties: Properties = wire.NONE


class Unsubscribe(msgspec.Struct, frozen=True):
    """What a client no longer wants to hear."""

    packet_id: int
    patterns: tuple[str, ...]
    properties: Properties = wire.NONE


class Ping(msgspec.Struct, frozen=True):
    """A sign of life."""


class Disconnect(msgspec.Struct, frozen=True):
    """A farewell; `reason` 4 asks for the will all the same."""

    reason: int = 0
    properties: Properties = wire.NONE


class Auth(msgspec.Struct, frozen=True):
    """A step of enhanced authentication, which the door does not speak."""

    reason: int = 0
    properties: Properties = wire.NONE


Packet = Connect | Publish | Ack | Subscribe | Unsubscribe | Ping | Disconnect | Auth

_FLAGS = {Kind.PUBREL: 2, Kind.SUBSCRIBE: 2, Kind.UNSUBSCRIBE: 2}
_ACKS = frozenset({Kind.PUBACK, Kind.PUBREC, Kind.PUBREL, Kind.PUBCOMP})
_FROM_CLIENT = _ACKS | {
    Kind.CONNECT,
    Kind.PUBLISH,
    Kind.SUBSCRIBE,
    Kind.UNSUBSCRIBE,
    Kind.PINGREQ,
    Kind.DISCONNECT,
    Kind.AUTH,
}


BEGUN = 64 * 1024
"""Bytes that are kept of a PUBLISH which is too long: who sent it and may have called for help is in them."""


class Reader:
    """Makes packets out of bytes.

    Args:
        max_packet: Bytes a packet may have, its header included; larger ones are refused before they are read.
        max_connect: The same for a CONNECT, which anyone can send.
    """

    __slots__ = ("_begun", "_data", "_long", "_max", "_max_later", "_need", "_parts", "_pos", "version")

    def __init__(self, max_packet: int, max_connect: int = 128 * 1024) -> None:
        self.version = 0
        """0 until a CONNECT was read, then its version."""
        self._begun, self._long = b"", 0  # _long: where in what is held the body of too long a PUBLISH begins
        self._max = min(max_packet, max_connect)
        self._max_later = max_packet
        self._data = b""
        self._pos = 0
        self._parts = bytearray()
        self._need = 0

    def feed(self, data: bytes) -> None:
        """Take more of the stream."""
        if self._parts:
            self._parts += data
            if len(self._parts) < self._need:
                return
            data = bytes(self._parts)
            self._parts = bytearray()
        elif self._pos < len(self._data):
            data = self._data[self._pos :] + data
        self._data = data
        self._pos = 0

    @property
    def begun(self) -> bytes:
        """The first byte and the begin of what follows the length, as far as it came, of a PUBLISH that is too long."""
        held = self._parts or self._data
        return bytes(held[:1] + held[self._long : self._long + BEGUN]) if self._long else self._begun

    @property
    def held(self) -> int:
        """Bytes held of what came; all of it is let go of once the last packet in it was read."""
        return len(self._data) + len(self._parts)

    def forget(self) -> None:
        """Let go of what came: nothing more is read."""
        self._begun, self._long = self.begun, 0
        self._data, self._pos, self._parts = b"", 0, bytearray()

    def next(self) -> Packet | None:
        """The next whole packet, None when there is none yet.

        Raises:
            ProtocolError: The stream is no valid MQTT; it must be closed, nothing more can be read.
        """
        data = self._data
        start = self._pos
        have = len(data) - start
        if have < 2:  # noqa: PLR2004 - the shortest header
            if have:
                self._check_kind(data[start])
                self._keep(start, 2)
            return None
        size = data[start + 1]
        body = start + 2
        if size >= 0x80:  # noqa: PLR2004 - the continuation bit
            if have > 2 and 0 < data[body] < 0x80:  # noqa: PLR2004 - two bytes, as nearly every message has
                size = (size & 0x7F) | data[body] << 7
                body += 1
            else:
                size, body = self._long_size(data, start)
                if not body:
                    return None
        end = body + size
        if end - start > self._max:
            self._refuse_too_long(data, start, body, end)
            return None
        first = data[start]
        if end > len(data):
            self._check_kind(first)
            self._keep(start, end - start)
            return None
        self._pos = end
        if end == len(data):
            self._data, self._pos = b"", 0  # nothing is held for who says nothing more
        if first >> 4 == Kind.PUBLISH and self.version:
            return self._publish(first, data, body, end)
        return self._other(self._check_kind(first), Cursor(data, body, end))

    def _refuse_too_long(self, data: bytes, start: int, body: int, end: int) -> None:
        """Refuse it; of a PUBLISH what is taken of it is waited for first, so far as there is that much."""
        if self.version and data[start] >> 4 == Kind.PUBLISH:
            need = min(end, body + BEGUN) - start
            self._long = body - start
            if len(data) - start < need:
                self._keep(start, need)
                return
            self._begun, self._long = data[start : start + 1] + data[body : body + BEGUN], 0
        raise ProtocolError(Reason.PACKET_TOO_LARGE, f"a packet of {end - start} bytes; {self._max} are allowed")

    def _keep(self, start: int, need: int) -> None:
        """Hold the beginning of a packet until `need` bytes of it are there, without joining at every feed."""
        self._parts = bytearray(self._data[start:])
        self._need = need
        self._data = b""
        self._pos = 0

    def _long_size(self, data: bytes, start: int) -> tuple[int, int]:
        cursor = Cursor(data, start + 1, min(len(data), start + 5))
        available = cursor.left
        if available < 4 and all(byte >= 0x80 for byte in data[start + 1 :]):  # noqa: PLR2004 - continuation bits only
            self._check_kind(data[start])
            self._keep(start, len(data) - start + 1)
            return 0, 0
        size = cursor.varint()
        return size, start + 1 + available - cursor.left

    def _check_kind(self, first: int) -> Kind:
        kind = Kind(first >> 4)
        if not self.version and kind is not Kind.CONNECT:
            raise broken("the first packet is not CONNECT")
        if kind not in _FROM_CLIENT or (kind is Kind.AUTH and self.version != V5):
            raise malformed(f"a client never sends packet type {first >> 4}")
        if kind is not Kind.PUBLISH and first & 0x0F != _FLAGS.get(kind, 0):
            raise malformed(f"{kind.name} with wrong flags")
        return kind

    def _publish(self, first: int, data: bytes, pos: int, end: int) -> Publish:
        qos = (first >> 1) & 3
        if qos == 3 or (not qos and first & 8):  # noqa: PLR2004 - there is no QoS 3
            raise malformed("PUBLISH with wrong flags")
        after = pos + 2 + ((data[pos] << 8 | data[pos + 1]) if pos + 2 <= end else MISSING)
        if after + (2 if qos else 0) > end:
            raise malformed("PUBLISH ends before its payload")
        topic = wire.decode_text(data[pos + 2 : after])
        _check_length(topic)
        packet_id = 0
        if qos:
            packet_id = data[after] << 8 | data[after + 1]
            after += 2
            if not packet_id:
                raise broken("packet identifier 0")
        properties = wire.NONE
        if self.version == V5:
            cursor = Cursor(data, after, end)
            properties = wire.read_properties(cursor, Kind.PUBLISH)
            after = end - cursor.left
        _check_topic(topic, properties)
        return Publish(topic, data[after:end], qos, bool(first & 1), bool(first & 8), packet_id, properties)

    def _other(self, kind: Kind, cursor: Cursor) -> Packet:
        packet: Packet
        match kind:
            case Kind.CONNECT:
                packet = _connect(cursor)
                self.version = packet.version
                self._max = self._max_later
                self._data, self._pos = self._data[self._pos :], 0  # it may wait for long: nothing of it is held twice
            case Kind.SUBSCRIBE:
                packet = _subscribe(cursor, self.version)
            case Kind.UNSUBSCRIBE:
                packet = _unsubscribe(cursor, self.version)
            case Kind.PINGREQ:
                packet = Ping()
            case Kind.DISCONNECT:
                packet = Disconnect(*self._farewell(cursor, kind))
            case Kind.AUTH:
                packet = Auth(*self._farewell(cursor, kind))
            case _:
                packet_id = _packet_id(cursor)
                packet = Ack(kind, packet_id, *self._farewell(cursor, kind))
        cursor.finish()
        return packet

    def _farewell(self, cursor: Cursor, kind: Kind) -> tuple[int, Properties]:
        """The reason code and properties that version 5 may leave off."""
        if self.version != V5 or not cursor.left:
            return 0, wire.NONE
        reason = cursor.u8()
        return reason, wire.read_properties(cursor, kind) if cursor.left else wire.NONE


MISSING = 1 << 17
"""More than any topic has: makes a PUBLISH that ends inside its topic's length too short."""


def _check_topic(topic: str, properties: Properties) -> None:
    if topic:
        if "+" in topic or "#" in topic:
            raise ProtocolError(Reason.TOPIC_NAME_INVALID, "a topic name with a wildcard")
    elif properties.topic_alias is None:
        raise broken("a PUBLISH with neither topic nor alias")
    if properties is not wire.NONE:
        if properties.subscription_ids:
            raise broken("a client's PUBLISH has no subscription identifier")
        if properties.response_topic is not None and not topics.is_name(properties.response_topic):
            raise broken("a response topic with a wildcard")


def _check_length(topic: str) -> None:
    if len(topic.encode()) > topics.MAX_BYTES:
        raise ProtocolError(Reason.TOPIC_NAME_INVALID, f"a topic of more than {topics.MAX_BYTES} bytes")


def _packet_id(cursor: Cursor) -> int:
    packet_id = cursor.u16()
    if not packet_id:
        raise broken("packet identifier 0")
    return packet_id


def _version(cursor: Cursor) -> int:
    name = cursor.binary()
    level = cursor.u8()
    if name == b"MQIsdp" and level == 3:  # noqa: PLR2004 - MQTT 3.1
        raise ProtocolError(Reason.UNSUPPORTED_PROTOCOL_VERSION, "MQTT 3.1; use 3.1.1 or 5")
    if name != b"MQTT":
        raise broken("the protocol is not MQTT")
    if level not in (V311, V5):
        raise ProtocolError(Reason.UNSUPPORTED_PROTOCOL_VERSION, f"MQTT protocol level {level}; use 3.1.1 or 5")
    return level


def _connect(cursor: Cursor) -> Connect:
    version = _version(cursor)
    flags = cursor.u8()
    if flags & 1:
        raise malformed("CONNECT with wrong flags")
    if version == V311 and flags & 0x40 and not flags & 0x80:
        raise malformed("a password without a user name")
    keep_alive = cursor.u16()
    properties = wire.read_properties(cursor, Kind.CONNECT) if version == V5 else wire.NONE
    client_id = cursor.text()
    will = _will(cursor, version, flags)
    user = cursor.text() if flags & 0x80 else None
    password = cursor.binary() if flags & 0x40 else None
    return Connect(
        version=version,
        client_id=client_id,
        clean=bool(flags & 2),
        keep_alive=keep_alive,
        user=user,
        password=password,
        will=will,
        properties=properties,
    )


def _will(cursor: Cursor, version: int, flags: int) -> Will | None:
    qos = flags >> 3 & 3
    if not flags & 4:
        if flags & 0x38:
            raise malformed("the options of a will without a will")
        return None
    if qos == 3:  # noqa: PLR2004 - there is no QoS 3
        raise malformed("a will of QoS 3")
    properties = wire.read_properties(cursor, Kind.WILL) if version == V5 else wire.NONE
    topic = cursor.text()
    if not topics.is_name(topic):
        raise ProtocolError(Reason.TOPIC_NAME_INVALID, "a will to a topic filter")
    _check_length(topic)
    if properties.response_topic is not None and not topics.is_name(properties.response_topic):
        raise broken("a response topic with a wildcard")
    return Will(topic=topic, payload=cursor.binary(), qos=qos, retain=bool(flags & 0x20), properties=properties)


def _subscribe(cursor: Cursor, version: int) -> Subscribe:
    packet_id = _packet_id(cursor)
    properties = wire.read_properties(cursor, Kind.SUBSCRIBE) if version == V5 else wire.NONE
    requests: list[Request] = []
    while cursor.left:
        _check_count(requests)
        pattern = cursor.text()
        options = cursor.u8()
        qos, handling = options & 3, options >> 4 & 3
        if qos == 3 or handling == 3 or options & (0xC0 if version == V5 else 0xFC):  # noqa: PLR2004 - reserved
            raise malformed("a subscription with wrong options")
        if options & 4 and pattern.startswith("$share/"):
            raise broken("no-local on a shared subscription")
        requests.append(Request(pattern, qos, bool(options & 4), bool(options & 8), handling))
    if not requests:
        raise broken("a SUBSCRIBE for nothing")
    return Subscribe(packet_id, tuple(requests), properties)


def _check_count(filters: Sized) -> None:
    if len(filters) >= MAX_FILTERS:
        raise ProtocolError(Reason.QUOTA_EXCEEDED, f"more than {MAX_FILTERS} filters in one packet")


def _unsubscribe(cursor: Cursor, version: int) -> Unsubscribe:
    packet_id = _packet_id(cursor)
    properties = wire.read_properties(cursor, Kind.UNSUBSCRIBE) if version == V5 else wire.NONE
    patterns: list[str] = []
    while cursor.left:
        _check_count(patterns)
        patterns.append(cursor.text())
    if not patterns:
        raise broken("an UNSUBSCRIBE from nothing")
    return Unsubscribe(packet_id, tuple(patterns), properties)
