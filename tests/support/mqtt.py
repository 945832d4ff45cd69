"""An MQTT client that does exactly what a test tells it to, byte by byte, and a taker that commits when told to."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Sequence
from typing import Self, TypeVar

import msgspec

from alarmd.door import wire
from alarmd.door.packets import V5, V311, Connect, Request, Will
from alarmd.door.wire import Cursor, Kind, Properties
from alarmd.intake.delivery import Delivery, NotKeptError

PATIENCE = 10.0
"""Seconds after which a test that waits in vain fails."""


class Connack(msgspec.Struct, frozen=True):
    present: bool
    code: int
    properties: Properties = wire.NONE


class Heard(msgspec.Struct, frozen=True):
    """A message from the server."""

    topic: str
    payload: bytes
    qos: int
    retain: bool
    dup: bool
    packet_id: int
    properties: Properties = wire.NONE


class Acked(msgspec.Struct, frozen=True):
    """PUBACK, PUBREC, PUBREL or PUBCOMP from the server."""

    kind: Kind
    packet_id: int
    code: int = 0


class Suback(msgspec.Struct, frozen=True):
    """SUBACK or UNSUBACK from the server."""

    kind: Kind
    packet_id: int
    codes: tuple[int, ...]


class Pong(msgspec.Struct, frozen=True):
    pass


class Farewell(msgspec.Struct, frozen=True):
    code: int
    properties: Properties = wire.NONE


Answer = Connack | Heard | Acked | Suback | Pong | Farewell
_A = TypeVar("_A", Connack, Heard, Acked, Suback, Pong, Farewell)


def packet(kind: Kind, body: bytes, flags: int = 0) -> bytes:
    return bytes((kind << 4 | flags,)) + wire.varint(len(body)) + body


def connect_bytes(connect: Connect, *, name: str = "MQTT", level: int | None = None) -> bytes:
    """A CONNECT as a client writes it."""
    will = connect.will
    flags = connect.clean << 1 | (connect.user is not None) << 7 | (connect.password is not None) << 6
    tail = wire.text(connect.client_id)
    if will is not None:
        flags |= 4 | will.qos << 3 | will.retain << 5
        tail += wire.write_properties(will.properties) if connect.version == V5 else b""
        tail += wire.text(will.topic) + wire.binary(will.payload)
    tail += b"" if connect.user is None else wire.text(connect.user)
    tail += b"" if connect.password is None else wire.binary(connect.password)
    head = wire.text(name) + bytes((connect.version if level is None else level, flags))
    head += connect.keep_alive.to_bytes(2, "big")
    return packet(
        Kind.CONNECT, head + (wire.write_properties(connect.properties) if connect.version == V5 else b"") + tail
    )


def subscribe_bytes(version: int, packet_id: int, requests: Sequence[Request], properties: Properties) -> bytes:
    """A SUBSCRIBE as a client writes it."""
    body = packet_id.to_bytes(2, "big") + (wire.write_properties(properties) if version == V5 else b"")
    for one in requests:
        options = one.qos | one.no_local << 2 | one.retain_as_published << 3 | one.retain_handling << 4
        body += wire.text(one.pattern) + bytes((options,))
    return packet(Kind.SUBSCRIBE, body, 2)


def unsubscribe_bytes(version: int, packet_id: int, patterns: Sequence[str]) -> bytes:
    """An UNSUBSCRIBE as a client writes it."""
    body = packet_id.to_bytes(2, "big") + (b"\0" if version == V5 else b"")
    return packet(Kind.UNSUBSCRIBE, body + b"".join(map(wire.text, patterns)), 2)


def publish_bytes(
    version: int,
    topic: str,
    payload: bytes,
    *,
    qos: int = 0,
    packet_id: int = 0,
    retain: bool = False,
    dup: bool = False,
    properties: Properties = wire.NONE,
) -> bytes:
    """A PUBLISH as a client writes it."""
    body = wire.text(topic) + (packet_id.to_bytes(2, "big") if qos else b"")
    body += wire.write_properties(properties) if version == V5 else b""
    return packet(Kind.PUBLISH, body + payload, dup << 3 | qos << 1 | retain)


def read_answer(version: int, first: int, body: bytes) -> Answer:
    """What a server's packet says."""
    kind = Kind(first >> 4)
    cursor = Cursor(body)
    v5 = version == V5
    answer: Answer
    match kind:
        case Kind.CONNACK:
            present, code = cursor.u8(), cursor.u8()
            answer = Connack(bool(present), code, wire.read_properties(cursor, kind) if cursor.left else wire.NONE)
        case Kind.PUBLISH:
            qos = first >> 1 & 3
            topic = cursor.text()
            packet_id = cursor.u16() if qos else 0
            properties = wire.read_properties(cursor, kind) if v5 else wire.NONE
            answer = Heard(topic, cursor.rest(), qos, bool(first & 1), bool(first & 8), packet_id, properties)
        case Kind.SUBACK | Kind.UNSUBACK:
            packet_id = cursor.u16()
            if v5:
                wire.read_properties(cursor, kind)
            answer = Suback(kind, packet_id, tuple(cursor.rest()))
        case Kind.PINGRESP:
            answer = Pong()
        case Kind.DISCONNECT:
            answer = Farewell(cursor.u8(), wire.read_properties(cursor, kind) if cursor.left else wire.NONE)
        case _:
            answer = Acked(kind, cursor.u16(), cursor.u8() if cursor.left else 0)
    cursor.finish()
    return answer


class RawClient:
    """One connection. Acknowledges nothing by itself."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, version: int) -> None:
        self.reader = reader
        self.writer = writer
        self.version = version
        self.connack = Connack(present=False, code=0)
        self._last_id = 0
        self._early: list[Heard] = []

    @classmethod
    async def dial(cls, port: int, *, version: int = V311, tls: ssl.SSLContext | None = None) -> Self:
        """A TCP connection on which nothing was said yet."""
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", port, ssl=tls, server_hostname="localhost" if tls else None
        )
        return cls(reader, writer, version)

    @classmethod
    async def connect(
        cls,
        port: int,
        client_id: str = "bed_button",
        *,
        version: int = V311,
        clean: bool = True,
        keep_alive: int = 60,
        user: str | None = None,
        password: bytes | None = None,
        will: Will | None = None,
        properties: Properties = wire.NONE,
        tls: ssl.SSLContext | None = None,
    ) -> Self:
        """A connection whose CONNECT was answered; see `connack` for how."""
        client = await cls.dial(port, version=version, tls=tls)
        connect = Connect(
            version=version,
            client_id=client_id,
            clean=clean,
            keep_alive=keep_alive,
            user=user,
            password=password,
            will=will,
            properties=properties,
        )
        client.send(connect_bytes(connect))
        client.connack = await client.expect(Connack)
        return client

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.cut()

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    def publish(
        self,
        topic: str,
        payload: bytes,
        *,
        qos: int = 1,
        packet_id: int | None = None,
        retain: bool = False,
        dup: bool = False,
        properties: Properties = wire.NONE,
    ) -> int:
        """Send a PUBLISH; the packet id it has."""
        if qos and packet_id is None:
            packet_id = self._last_id = self._last_id + 1
        self.send(
            publish_bytes(
                self.version,
                topic,
                payload,
                qos=qos,
                packet_id=packet_id or 0,
                retain=retain,
                dup=dup,
                properties=properties,
            )
        )
        return packet_id or 0

    async def subscribe(
        self, *wanted: str | Request, qos: int = 2, properties: Properties = wire.NONE
    ) -> tuple[int, ...]:
        """Subscribe and wait for the codes."""
        requests = [Request(one, qos) if isinstance(one, str) else one for one in wanted]
        self.send(subscribe_bytes(self.version, 999, requests, properties))
        return (await self.expect(Suback)).codes

    async def unsubscribe(self, *patterns: str) -> tuple[int, ...]:
        """Unsubscribe and wait for the codes."""
        self.send(unsubscribe_bytes(self.version, 998, patterns))
        return (await self.expect(Suback)).codes

    def ack(self, kind: Kind, packet_id: int, reason: int = 0) -> None:
        tail = bytes((reason,)) if reason else b""
        self.send(packet(kind, packet_id.to_bytes(2, "big") + tail, 2 if kind is Kind.PUBREL else 0))

    async def hear(self) -> Heard:
        """The next packet, which must be a message; confirmed as its QoS asks."""
        heard = await self.expect(Heard)
        if heard.qos == 1:
            self.ack(Kind.PUBACK, heard.packet_id)
        elif heard.qos == 2:
            self.ack(Kind.PUBREC, heard.packet_id)
            early = []
            while isinstance(answer := await self.next(), Heard):
                early.append(answer)
            self._early = early
            assert answer == Acked(Kind.PUBREL, heard.packet_id)
            self.ack(Kind.PUBCOMP, heard.packet_id)
        return heard

    async def next(self) -> Answer:
        """The next packet."""
        if self._early:
            return self._early.pop(0)
        async with asyncio.timeout(PATIENCE):
            first = (await self.reader.readexactly(1))[0]
            size = shift = 0
            while True:
                byte = (await self.reader.readexactly(1))[0]
                size |= (byte & 0x7F) << shift
                shift += 7
                if byte < 0x80:
                    break
            return read_answer(self.version, first, await self.reader.readexactly(size))

    async def expect(self, kind: type[_A]) -> _A:
        """The next packet, which must be of that kind."""
        answer = await self.next()
        assert isinstance(answer, kind), f"expected {kind.__name__}, got {answer}"
        return answer

    async def hears_nothing(self) -> None:
        """Nothing was waiting: the very next thing that comes is the answer to a ping sent now."""
        self.send(b"\xc0\0")
        await self.expect(Pong)

    async def is_hung_up_on(self) -> None:
        """The server ends the connection without another word."""
        async with asyncio.timeout(PATIENCE):
            try:
                rest = await self.reader.read()
            except ConnectionResetError:
                rest = b""
        assert rest == b"", f"got {rest!r} before the end"

    async def leave(self, reason: int = 0, properties: Properties = wire.NONE) -> None:
        """Say farewell properly."""
        body = bytes((reason,)) + wire.write_properties(properties) if self.version == V5 else b""
        self.send(packet(Kind.DISCONNECT, body))
        await self.is_hung_up_on()
        await self.cut()

    async def cut(self) -> None:
        """Pull the plug."""
        self.writer.transport.abort()
        await asyncio.sleep(0)


class Keeper:
    """The intake's double: keeps at once, or, with `holding`, when the test says so."""

    def __init__(self, *, holding: bool = False) -> None:
        self.holding = holding
        self.taken: list[Delivery] = []
        self._open: list[tuple[bytes, asyncio.Future[None]]] = []
        self._grew = asyncio.Event()

    def take(self, delivery: Delivery) -> asyncio.Future[None]:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.taken.append(delivery)
        self._grew.set()
        if self.holding:
            self._open.append((delivery.payload, future))
        else:
            future.set_result(None)
        return future

    async def has(self, count: int) -> list[Delivery]:
        """Wait until that many messages were taken."""
        async with asyncio.timeout(PATIENCE):
            while len(self.taken) < count:
                self._grew.clear()
                await self._grew.wait()
        return self.taken

    @property
    def waiting(self) -> int:
        """How many wait to be committed."""
        return len(self._open)

    def keep(self, at: int = 0) -> bytes:
        """Commit one of those that wait, the oldest or the one at that place in the queue; its payload."""
        payload, future = self._open.pop(at)
        future.set_result(None)
        return payload

    def keep_all(self) -> None:
        """Commit all that wait."""
        while self._open:
            self.keep()

    def lose(self, at: int = 0, why: str = "the disk is full") -> None:
        """Fail to commit one."""
        self._open.pop(at)[1].set_exception(NotKeptError(why))

    def fail(self, fault: Exception) -> None:
        """Break while committing the oldest."""
        self._open.pop(0)[1].set_exception(fault)

    def give_up(self) -> None:
        """Stop while committing the oldest."""
        self._open.pop(0)[1].cancel()

    @property
    def payloads(self) -> list[bytes]:
        return [delivery.payload for delivery in self.taken]
