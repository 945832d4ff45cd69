"""Attacks that bury others: text that takes long to look at, made-up addresses of one password, one button alone."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
from collections.abc import AsyncIterator, Iterator
from typing import Final
from urllib.parse import urlsplit

from alarmd.door.packets import V311, Connect
from bench.attacks.door import meanwhile
from bench.attacks.shape import Attack, Target, attack
from bench.publishing import Client
from tests.support.mqtt import connect_bytes, publish_bytes

_WINDOW: Final = 256  # unanswered messages of one client
_PATIENCE_S: Final = 30.0


async def _say(port: int, data: bytes) -> None:
    """Whatever the answer is."""
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(_PATIENCE_S):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                writer.write(data)
                await reader.read(64)
            finally:
                writer.transport.abort()


async def _over_and_over(port: int, data: bytes, a_second: float) -> None:
    while True:
        await _say(port, data)
        await asyncio.sleep(1 / a_second)


async def _publish(target: Target, user: str, messages: Iterator[tuple[str, bytes]], a_second: float) -> None:
    """So many messages a second of one user, as far as they are acknowledged."""
    client = await Client.connect(target.door, f"{user} again", user=user, password=target.users[user])
    loop = asyncio.get_running_loop()
    begun = loop.time()
    for number in itertools.count(1):
        topic, payload = next(messages)
        client.send(publish_bytes(V311, topic, payload, qos=1, packet_id=number % 65_535 + 1))
        if number % 16 == 0:
            await client.acked(max(0, number - _WINDOW))
            await asyncio.sleep(max(0.0, begun + number / a_second - loop.time()))


@attack("a client id of 60 kB", number=1)
async def long_name(target: Target) -> AsyncIterator[None]:
    """Five CONNECTs a second, without a user, whose client id is all that a pattern looks for."""
    name = "a_at_b_" * 8_600
    data = connect_bytes(Connect(version=V311, client_id=name, clean=True, keep_alive=60))
    async with meanwhile(_over_and_over(target.door, data, 5)):
        yield


@attack("8 kB of _at_ in a webhook's address", number=1)
async def long_path(target: Target) -> AsyncIterator[None]:
    """Twenty unsigned requests a second."""
    web = urlsplit(target.web)
    path = "/phone/twilio/voice/" + "_at_" * 2_000
    data = f"POST {path} HTTP/1.1\r\nHost: {web.netloc}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()
    assert web.port is not None
    async with meanwhile(_over_and_over(web.port, data, 20)):
        yield


def _made_up() -> Iterator[tuple[str, bytes]]:
    kinds = (b'{"action":"emergency"}', b'{"smoke":true}', b'{"water_leak":true}', b'{"fall":true}')
    for number in itertools.count():
        yield f"zigbee2mqtt/made-up-{number}", kinds[number % len(kinds)]


@attack("one gateway thinks up addresses", number=3)
async def made_up(target: Target) -> AsyncIterator[None]:
    """Three hundred calls for help a second, each of another device that nobody registered."""
    async with meanwhile(_publish(target, "gateway", _made_up(), 300)):
        await asyncio.sleep(5 * target.effort)
        yield


def _noise() -> Iterator[tuple[str, bytes]]:
    for number in itertools.count():
        yield f"zigbee2mqtt/made-up-{number}", b"\xff" * 500


@attack("one gateway sends what nobody can read", number=3)
async def unreadable(target: Target) -> AsyncIterator[None]:
    """Three hundred messages a second to be kept raw."""
    async with meanwhile(_publish(target, "gateway", _noise(), 300)):
        yield


def _own() -> Iterator[tuple[str, bytes]]:
    for number in itertools.count():
        yield "alarmd/v1/d0/signal", json.dumps({"ref": f"r{number}", "type": "sos"}).encode()


@attack("a thousand own presses a second", number=8)
async def own_presses(target: Target) -> AsyncIterator[None]:
    """One button, each press with another reference."""
    async with meanwhile(_publish(target, "d0", _own(), 1_000)):
        yield


ATTACKS: Final[tuple[Attack, ...]] = (long_name, long_path, made_up, unreadable, own_presses)
