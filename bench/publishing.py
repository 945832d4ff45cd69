"""Clients as fast as asyncio allows: packets made beforehand, answers only counted."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Self

from alarmd.door.packets import V311, Connect
from tests.support.mqtt import connect_bytes, publish_bytes

WINDOW = 400  # unanswered messages of one client; below the door's and mosquitto's own bounds
PUBACK_SIZE = 4
CONNACK_SIZE = 4


def signal(device: str, number: int, kind: str) -> bytes:
    """A PUBLISH with QoS 1 of alarmd's own family."""
    payload = b'{"ref":"%d","type":"%s","battery":87}' % (number, kind.encode())
    return publish_bytes(V311, f"alarmd/v1/{device}/signal", payload, qos=1, packet_id=number % 65_000 + 1)


class Client(asyncio.Protocol):
    """One connection that publishes what it is given and counts what is acknowledged."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._bytes = -CONNACK_SIZE
        self._wanted = 0
        self._reached: asyncio.Future[None] | None = None
        self.ended = False

    @classmethod
    async def connect(
        cls, port: int, name: str, *, user: str | None = None, password: str = "", tls: ssl.SSLContext | None = None
    ) -> Self:
        """A client whose CONNECT was accepted."""
        loop = asyncio.get_running_loop()
        named = "localhost" if tls else None
        _, client = await loop.create_connection(cls, "127.0.0.1", port, ssl=tls, server_hostname=named)
        secret = password.encode() if user is not None else None
        client.send(
            connect_bytes(Connect(version=V311, client_id=name, clean=True, keep_alive=600, user=user, password=secret))
        )
        await client.acked(0)
        return client

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The line is there."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Every answer to QoS 1 has the same size; the fourth byte of the first says whether we are let in."""
        if self._bytes == -CONNACK_SIZE and len(data) >= CONNACK_SIZE and data[CONNACK_SIZE - 1]:
            self._hung_up(f"refused with {data[CONNACK_SIZE - 1]}")
            return
        self._bytes += len(data)
        self._check()

    def connection_lost(self, exc: Exception | None) -> None:
        """The server hung up: whoever waits must hear it."""
        self._hung_up(str(exc))

    def _hung_up(self, why: str) -> None:
        self.ended = True
        if self._reached is not None and not self._reached.done():
            self._reached.set_exception(ConnectionError(f"the server hung up: {why}"))

    def send(self, packets: bytes) -> None:
        """Write packets."""
        assert self._transport is not None
        self._transport.write(packets)

    @property
    def count(self) -> int:
        """How many publishes were acknowledged."""
        return max(0, self._bytes) // PUBACK_SIZE

    async def acked(self, count: int) -> None:
        """Wait until so many publishes were acknowledged.

        Raises:
            ConnectionError: The server refused the client, or hung up.
        """
        if self.ended:
            raise ConnectionError("the server hung up")
        self._wanted, self._reached = count, self._loop.create_future()
        self._check()
        await self._reached

    async def publish(self, packets: Sequence[bytes]) -> None:
        """Publish all, never more than `WINDOW` unanswered."""
        base = self.count
        for start in range(0, len(packets), WINDOW // 2):
            self.send(b"".join(packets[start : start + WINDOW // 2]))
            await self.acked(base + start)
        await self.acked(base + len(packets))

    def close(self) -> None:
        """Hang up."""
        assert self._transport is not None
        self._transport.abort()

    def _check(self) -> None:
        if self._reached is not None and not self._reached.done() and self._bytes >= self._wanted * PUBACK_SIZE:
            self._reached.set_result(None)


@dataclass(frozen=True, kw_only=True)
class Load:
    """So many clients with so many messages each."""

    clients: int
    each: int
    kind: str
    first: int = 0
    device: str = "d0"

    async def rate(self, port: int) -> float:
        """Messages a second from the first publish to the last acknowledgement."""
        clients = [await Client.connect(port, f"bench {i}") for i in range(self.clients)]
        packets = [
            [signal(self.device, self.first + c * self.each + n, self.kind) for n in range(self.each)]
            for c in range(self.clients)
        ]
        before = perf_counter()
        await asyncio.gather(*(client.publish(some) for client, some in zip(clients, packets, strict=True)))
        took = perf_counter() - before
        for client in clients:
            client.close()
        return self.clients * self.each / took
