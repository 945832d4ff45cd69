"""Attacks on the MQTT door: guessing, subscribing, filling the memory, and sockets that say nothing."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
from collections.abc import AsyncIterator, Coroutine
from typing import Any, Final

from alarmd.door.packets import V311, Connect
from bench.attacks.shape import Attack, Target, attack
from tests.support.mqtt import connect_bytes


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
    """Fifty wrong logins a second, of names that exist and of others."""
    async with meanwhile(_guess_on(target, 50, 1_000), _guess_on(target, 10, 50, from_address="127.0.0.2")):
        await asyncio.sleep(3)
        yield


ATTACKS: Final[tuple[Attack, ...]] = (trickle, spray)
