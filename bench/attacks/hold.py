"""Attacks that hold the loop or the memory with few packets: filters that find nothing, large CONNECTs and wills."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator
from typing import Final

from alarmd.door.packets import V5, V311, Connect, Request, Will
from alarmd.door.wire import Properties
from bench.attacks.door import Peer, login, meanwhile, swallow, write_on
from bench.attacks.shape import Attack, Target, attack
from tests.support.mqtt import connect_bytes, publish_bytes, subscribe_bytes

_MUCH: Final = b"." * 60_000


@attack("filters that find nothing", number=5)
async def searching(target: Target) -> AsyncIterator[None]:
    """A hundred filters with a ``+``, again and again, where ten thousand messages are retained that none matches."""
    reader, writer = await login(target, "retaining", "gateway")
    for number in range(target.part_of(10_000)):
        writer.write(publish_bytes(V5, f"zigbee2mqtt/d{number}/s", b"1", retain=True))
        await writer.drain()
    many = subscribe_bytes(V5, 1, [Request(f"zigbee2mqtt/+/x{number}", 0) for number in range(100)], Properties())
    async with meanwhile(swallow(reader), write_on(target, "searching", [many], pause=0.1, user="gateway")):
        await asyncio.sleep(2)
        yield


@attack("filters of many levels", number=5)
async def deep(target: Target) -> AsyncIterator[None]:
    """Packets of 256 filters as deep as they may be, and deeper; all are let go of with each connection."""
    packets = [
        subscribe_bytes(
            V5,
            1,
            [Request(f"zigbee2mqtt/{number}{'/' * depth}{which}", 0, retain_handling=2) for number in range(256)],
            Properties(),
        )
        for which, depth in itertools.product(range(4), (29, 125))
    ]

    async def on_and_off() -> None:
        while True:
            with contextlib.suppress(OSError):
                reader, writer = await login(target, "deep", "gateway")
                for packet in packets:
                    writer.write(packet)
                await writer.drain()
                await reader.read(1 << 16)
                writer.transport.abort()
            await asyncio.sleep(0.05)

    async with meanwhile(on_and_off()):
        await asyncio.sleep(2)
        yield


async def _introduce(target: Target, connect: Connect) -> Peer | None:
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", target.door)
    except OSError:
        return None
    writer.write(connect_bytes(connect))
    return reader, writer


@attack("large CONNECTs of nobody", number=6)
async def introducing(target: Target) -> AsyncIterator[None]:
    """Two thousand logins of made-up names that wait, each with a will of 60 kB, every other with such a password."""

    async def introduce(number: int) -> None:
        will = Will(topic="t", payload=_MUCH, qos=1, retain=False)
        for turn in itertools.count():
            connect = Connect(
                version=V311,
                client_id=f"c{number}",
                clean=True,
                keep_alive=60,
                user=f"nobody {number}",
                password=b"%d %d" % (number, turn) + (_MUCH if turn % 2 else b""),
                will=will,
            )
            with contextlib.suppress(OSError):
                peer = await _introduce(target, connect)
                if peer is not None:
                    await peer[0].read(64)
                    peer[1].transport.abort()
            await asyncio.sleep(0.1)

    async with meanwhile(*(introduce(number) for number in range(target.part_of(2_000)))):
        await asyncio.sleep(3)
        yield


@attack("wills of one button", number=6)
async def wills(target: Target) -> AsyncIterator[None]:
    """As many sessions as a user may have, each with a will of 60 kB that is not due yet."""
    topic = "alarmd/v1/d0/signal"
    will = Will(topic=topic, payload=_MUCH, qos=1, retain=False, properties=Properties(will_delay=3600))
    peers: list[Peer] = []
    for number in range(target.part_of(2_000)):
        connect = Connect(
            version=V5,
            client_id=f"will {number}",
            clean=True,
            keep_alive=0,
            user="d0",
            password=target.users["d0"].encode(),
            will=will,
            properties=Properties(session_expiry=3600),
        )
        peer = await _introduce(target, connect)
        if peer is not None:
            await peer[0].read(64)
            peers.append(peer)
    for _, writer in peers[::2]:
        writer.transport.abort()
    yield
    for _, writer in peers:
        writer.transport.abort()


ATTACKS: Final[tuple[Attack, ...]] = (searching, deep, introducing, wills)
