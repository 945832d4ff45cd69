"""What an attack is, what it aims at, and how it is run: in a process of its own, as an attacker would."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Final

import msgspec

CHEAP: Final = "cheap"
"""A user whose hash has 101 rounds, as mosquitto's tool writes it."""
READY: Final = "the attack runs"
PATIENCE_S: Final = 240.0  # until all is piled up that is to be piled up, on a machine that does much else


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """What an attacker knows and holds.

    Attributes:
        door: Port of the MQTT door on this machine.
        web: Address of the web server, ``http://127.0.0.1:…``.
        folder: The site's, for whoever attacks with a token of its own.
        tls: Whether the door speaks TLS.
        broker: Port of a broker that alarmd reads from; 0 where it reads from none.
        users: Passwords that were stolen, by user: ``d0`` is a button, ``gateway`` may write to ``zigbee2mqtt/#``.
        effort: 1 in the bench; a part of it in the tests, where what counts is that it holds at all.
    """

    door: int
    web: str
    folder: str
    tls: bool = False
    broker: int = 0
    users: dict[str, str] = {}
    effort: float = 1.0

    def part_of(self, count: int) -> int:
        """So many, as far as the effort goes; at least one."""
        return max(1, round(count * self.effort))


Run = Callable[[Target], AbstractAsyncContextManager[None]]


@dataclass(frozen=True, kw_only=True)
class Attack:
    """One attack.

    Attributes:
        name: As the table shows it, and as it is asked for.
        number: Of what it was found as (docs/performance.md lists them so).
        run: While it is entered, the attack runs. It is entered once whatever is to be piled up is piled up.
        tls: It aims at a door with TLS.
        broker: It aims at a site that reads from a broker, too.
        descriptors: How many the daemon may have; 0 for the system's own limit.
        more: Further lines of ``alarmd.toml``.
    """

    name: str
    number: int
    run: Run
    tls: bool = False
    broker: bool = False
    descriptors: int = 0
    more: str = ""


def attack(
    name: str, *, number: int, tls: bool = False, broker: bool = False, descriptors: int = 0, more: str = ""
) -> Callable[[Callable[[Target], AsyncIterator[None]]], Attack]:
    """Make an attack of a function that prepares, yields once while it attacks, and cleans up.

    Args:
        name: In the field's words, short.
        number: What it was found as.
        tls: Whether the door is to speak TLS.
        broker: Whether there is a broker.
        descriptors: How many the daemon may have.
        more: Further settings.
    """

    def made(function: Callable[[Target], AsyncIterator[None]]) -> Attack:
        run = asynccontextmanager(function)
        return Attack(name=name, number=number, run=run, tls=tls, broker=broker, descriptors=descriptors, more=more)

    return made


@asynccontextmanager
async def under(which: Attack, target: Target) -> AsyncIterator[None]:
    """While this is entered, the attack runs, in a process of its own: the attacker's work is not the client's."""
    words = (sys.executable, "-m", "bench.attacks", which.name, msgspec.json.encode(target).decode())
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*words, stdin=pipe, stdout=pipe)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        async with asyncio.timeout(PATIENCE_S):
            said = (await process.stdout.readline()).decode().strip()
        if said != READY:
            raise RuntimeError(f"{which.name}: the attacker gave up before it began")
        yield
        if process.returncode is not None:
            raise RuntimeError(f"{which.name}: the attacker gave up with {process.returncode}")
    finally:
        process.stdin.close()  # it ends with its parent's end of this pipe, too
        try:
            async with asyncio.timeout(5):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
