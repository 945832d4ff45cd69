"""Attacks that bury others: text that takes long to look at, made-up addresses, calendars without end, one button."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import sqlite3
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import aiomqtt

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


@attack("one button thinks up addresses", number=3)
async def not_its_own(target: Target) -> AsyncIterator[None]:
    """A stolen button that speaks for whatever it can think of, and comes again each time it is thrown out."""

    async def speak() -> None:
        for number in itertools.count():
            with contextlib.suppress(OSError):
                client = await Client.connect(target.door, f"d0 {number}", user="d0", password=target.users["d0"])
                topic = f"alarmd/v1/btn0/{number}/signal" if number % 2 else f"alarmd/v1/d{number}/signal"
                client.send(publish_bytes(V311, topic, b'{"type":"sos"}', qos=1, packet_id=1))
                await client.acked(1)

    async with meanwhile(*(speak() for _ in range(4))):
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


async def _through_a_broker(target: Target, messages: Iterator[tuple[str, bytes]], a_second: float) -> None:
    async with aiomqtt.Client("127.0.0.1", target.broker) as client:
        for topic, payload in messages:
            await client.publish(topic, payload, qos=1)
            await asyncio.sleep(1 / a_second)


@attack("a topic of 60 kB through a broker", number=1, broker=True)
async def long_topic(target: Target) -> AsyncIterator[None]:
    """Five messages a second whose topic is all that a pattern looks for."""
    messages = itertools.repeat(("zigbee2mqtt/" + "a_at_b_" * 8_000, b'{"action":"emergency"}'))
    async with meanwhile(_through_a_broker(target, messages, 5)):
        await asyncio.sleep(1)
        yield


@attack("addresses are thought up behind a broker", number=3, broker=True)
async def made_up_behind(target: Target) -> AsyncIterator[None]:
    """Three hundred calls for help a second, each of another device that nobody registered."""
    async with meanwhile(_through_a_broker(target, _made_up(), 300)):
        await asyncio.sleep(5 * target.effort)
        yield


_HEAD: Final = "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//x//EN\n"
_SHIFT: Final = "BEGIN:VEVENT\nUID:{uid}\nDTSTART:20200101T000000Z\nDTEND:20200101T010000Z\nRRULE:{rule}\nEND:VEVENT\n"
_CALENDARS: Final = {
    "never": _SHIFT.format(uid=1, rule="FREQ=SECONDLY"),
    "many": "".join(_SHIFT.format(uid=n, rule="FREQ=DAILY") for n in range(200)),
    "minutely": "".join(_SHIFT.format(uid=n, rule="FREQ=MINUTELY;BYSECOND=0,1,2,3,4,5,6,7,8,9") for n in range(20)),
}


def _put_on_calendars(folder: Path, among: int) -> None:
    """The third neighbour of every home is on duty as one of so many calendars says."""
    for number in range(among):
        name, body = list(_CALENDARS.items())[number % len(_CALENDARS)]
        (folder / f"{number}.ics").write_text(f"{_HEAD}X-WR-CALNAME:{name}\n{body}END:VCALENDAR\n", encoding="utf-8")
    with contextlib.closing(sqlite3.connect(folder / "alarmd.db", timeout=30)) as store, store:
        store.execute(
            "UPDATE responder SET on_call = 'ics:' || (abs(random()) % ?) || '.ics' WHERE id LIKE 'p%-2'", (among,)
        )
        store.execute("INSERT OR REPLACE INTO note_to_self (name, value) VALUES ('directory', 'an import')")


@attack("calendars without end", number=4)
async def calendars(target: Target) -> AsyncIterator[None]:
    """Shifts of every second, of ten seconds of each minute, and two hundred a day, written anew again and again."""
    folder = Path(target.folder)
    among = target.part_of(30)

    async def written_anew() -> None:
        while True:
            await asyncio.to_thread(_put_on_calendars, folder, among)
            await asyncio.sleep(20)

    async with meanwhile(written_anew()):
        await asyncio.sleep(3)
        yield


ATTACKS: Final[tuple[Attack, ...]] = (
    long_name,
    long_path,
    long_topic,
    made_up,
    not_its_own,
    made_up_behind,
    unreadable,
    calendars,
    own_presses,
)
