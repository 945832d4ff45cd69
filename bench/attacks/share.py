"""Attacks that take more than one user's share: many connections, long messages, one device behind a broker."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Final

import aiomqtt

from alarmd.door.packets import V5
from bench.attacks.door import hold, login, meanwhile, swallow
from bench.attacks.shape import Attack, Target, attack
from tests.support.mqtt import publish_bytes

OWN: Final = "alarmd/v1/d0/signal"
_PING: Final = b"\xc0\x00"
_KINDS: Final = (
    "sos",
    "assist",
    "fall",
    "smoke",
    "gas",
    "water",
    "intruder",
    "wander",
    "vital",
    "test",
    "fault",
    "cancel",
)


async def _say_on(target: Target, name: str, user: str, packets: Iterator[bytes], pause: float) -> None:
    """Say one after the other in one connection, and come back whenever the door hangs up."""
    while True:
        with contextlib.suppress(OSError):
            reader, writer = await login(target, name, user)
            swallowing = asyncio.create_task(swallow(reader))
            while not swallowing.done():
                writer.write(next(packets))
                await writer.drain()
                await asyncio.sleep(pause)
            writer.transport.abort()
        await asyncio.sleep(0.05)


@asynccontextmanager
async def _many(target: Target, count: int, name: str, user: str, packets: Iterator[bytes]) -> AsyncIterator[None]:
    """So many connections of one user, as far as the effort goes, each of which says fifty of them a second."""
    talkers = (_say_on(target, f"{name}{n}", user, packets, 0.02) for n in range(target.part_of(count)))
    async with meanwhile(*talkers):
        yield


def _published(topic: str, payloads: Callable[[int], bytes]) -> Iterator[bytes]:
    for number in itertools.count():
        yield publish_bytes(V5, topic, payloads(number), qos=1, packet_id=number % 60_000 + 1)


def _press(number: int) -> bytes:
    return json.dumps({"ref": f"r{number}", "type": "sos"}).encode()


def _any_kind(number: int) -> bytes:
    return json.dumps({"ref": f"r{number}", "type": _KINDS[number % len(_KINDS)]}).encode()


@attack("two hundred connections of one button", number=8)
async def connections(target: Target) -> AsyncIterator[None]:
    """Ten thousand presses a second are offered, each with another reference, none in more than fifty a connection."""
    packets = _published(OWN, _press)
    async with _many(target, 200, "c", "d0", packets):
        await asyncio.sleep(4)
        yield


@attack("a thousand connections that only ping", number=8)
async def pinging(target: Target) -> AsyncIterator[None]:
    """Each fifty times a second: the rate of each is nothing much."""
    async with _many(target, 1_000, "p", "d0", itertools.repeat(_PING)):
        await asyncio.sleep(6)
        yield


@attack("long messages of one button", number=8)
async def long_messages(target: Target) -> AsyncIterator[None]:
    """A quarter of a megabyte each: thousands of measurements, and lists nested as deep as they are read."""
    measurements = {f"k{n}": n for n in range(16_000)}
    wide = json.dumps({"ref": "wide", "type": "vital", "measurements": measurements}).encode()
    deep = b"[" + b",".join([b'{"a":' * 90 + b'"sos"' + b"}" * 90] * 400) + b"]"
    packets = [publish_bytes(V5, OWN, payload, qos=1, packet_id=1) for payload in (wide, deep)]
    async with _many(target, 20, "l", "d0", itertools.cycle(packets)):
        await asyncio.sleep(3)
        yield


@attack("long messages of one gateway", number=8)
async def long_reports(target: Target) -> AsyncIterator[None]:
    """As long as they are decoded, and as long as a packet may be."""
    deep = b"[" + b",".join([b'{"a":' * 90 + b'"sos"' + b"}" * 90] * 400) + b"]"
    packets = [publish_bytes(V5, "zigbee2mqtt/x", payload, qos=1, packet_id=1) for payload in (deep, b"." * 1_900_000)]
    async with _many(target, 10, "g", "gateway", itertools.cycle(packets)):
        await asyncio.sleep(3)
        yield


@attack("every kind of alarm of one button", number=8)
async def any_kind(target: Target) -> AsyncIterator[None]:
    """A thousand a second, each of another kind than the one before."""
    packets = _published(OWN, _any_kind)
    async with _many(target, 20, "k", "d0", packets):
        await asyncio.sleep(4)
        yield


@attack("own presses through a broker", number=8, broker=True)
async def behind_a_broker(target: Target) -> AsyncIterator[None]:
    """Eight publishers, as fast as the broker takes them, of one device: all stand in its one queue."""
    numbers = itertools.count()

    async def press() -> None:
        async with aiomqtt.Client("127.0.0.1", target.broker) as client:
            while True:
                await client.publish(OWN, _press(next(numbers)), qos=1)
                await asyncio.sleep(0.01 / target.effort)

    async with meanwhile(*(press() for _ in range(8))):
        await asyncio.sleep(5)
        yield


@attack("silent sockets where descriptors are few", number=7, descriptors=80)
async def few_descriptors(target: Target) -> AsyncIterator[None]:
    """More of them than there are descriptors, at the door and at the web server."""
    web = int(target.web.rpartition(":")[2])
    begun = b"GET / HTTP/1.1\r\nHost: x\r\nX"
    async with meanwhile(hold(target.door, [b""], 80), hold(web, [begun], 80)):
        await asyncio.sleep(3)
        yield


ATTACKS: Final[tuple[Attack, ...]] = (
    connections,
    pinging,
    long_messages,
    long_reports,
    any_kind,
    behind_a_broker,
    few_descriptors,
)
