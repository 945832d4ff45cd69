"""Many devices at once: steady heartbeats, and the storm after an outage."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

import aiomqtt

from alarmd.clock import Clock
from simulators import dialects
from simulators.broker import Broker
from simulators.buttons import Pressed, press

MOST_MESSAGES = 1_000_000
MOST_CONNECTIONS = 500  # of one process; each stands for many devices behind a gateway


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """What a run did: messages acknowledged, seconds on the wall, and the press in the middle of it."""

    messages: int
    seconds: float
    press: Pressed | None = None

    @property
    def rate(self) -> float:
        """Messages a second."""
        return self.messages / self.seconds if self.seconds else 0.0


def _check(messages: int, connections: int) -> None:
    if not 1 <= messages <= MOST_MESSAGES:
        raise ValueError(f"{messages} messages: 1 to {MOST_MESSAGES} are possible")
    if not 1 <= connections <= MOST_CONNECTIONS:
        raise ValueError(f"{connections} connections: 1 to {MOST_CONNECTIONS} are possible")


async def fleet(
    broker: Broker,
    *,
    clock: Clock,
    devices: int,
    rounds: int = 1,
    every: float | None = 60.0,
    prefix: str = "sim",
    family: str = "alarmd",
) -> Traffic:
    """Let so many devices send a sign of life each, evenly spread, so many times.

    Args:
        broker: Where they publish.
        clock: The devices' own time.
        devices: How many.
        rounds: How many signs of life of each.
        every: Seconds between two of one device; None = the family's own interval.
        prefix: Of their addresses.
        family: Their dialect.

    Raises:
        ValueError: More messages than one run may send, or the family has no sign of life.
    """
    _check(devices * rounds, 1)
    spoken = dialects.dialect(family)
    pause = spoken.every if every is None else every
    start, sent = time.monotonic(), 0
    async with broker.connect(f"{prefix}-fleet") as client:
        for _ in range(rounds):
            for number in range(devices):
                sent += await _heartbeat(client, spoken.addressed(prefix, number), clock, family)
                await clock.sleep(pause / devices)
    return Traffic(messages=sent, seconds=time.monotonic() - start)


async def storm(
    broker: Broker,
    *,
    clock: Clock,
    devices: int,
    connections: int = 50,
    prefix: str = "sim",
    button: tuple[str, str] | None = None,
    family: str = "alarmd",
) -> Traffic:
    """Let all devices come back in the same moment; somebody may press in the midst of it.

    Args:
        broker: Where they come back to.
        clock: The devices' own time.
        devices: How many.
        connections: Over how many connections.
        prefix: Of their addresses.
        button: Family and address of the button that is pressed meanwhile.
        family: The dialect of those who come back.

    Raises:
        ValueError: More than one run may do.
    """
    _check(devices, connections)
    start = time.monotonic()
    async with AsyncExitStack() as stack:
        clients = [
            await stack.enter_async_context(broker.connect(f"{prefix}-storm-{number}"))
            for number in range(min(connections, devices))
        ]
        names = [dialects.dialect(family).addressed(prefix, number) for number in range(devices)]
        work = [_come_back(client, names[which :: len(clients)], clock, family) for which, client in enumerate(clients)]
        pressed = press(broker, family=button[0], device=button[1], patience=30.0) if button else None
        results = await asyncio.gather(*work, *([pressed] if pressed else []))
    found = results[-1] if pressed else None
    sent = sum(result for result in results if isinstance(result, int))
    return Traffic(messages=sent, seconds=time.monotonic() - start, press=found if isinstance(found, Pressed) else None)


async def _come_back(client: aiomqtt.Client, names: Sequence[str], clock: Clock, family: str) -> int:
    return sum([await _heartbeat(client, name, clock, family) for name in names])


async def _heartbeat(client: aiomqtt.Client, device: str, clock: Clock, family: str) -> int:
    """One sign of life, as often as it goes over the air; how many messages that were."""
    episode = dialects.says(family, device, "heartbeat", at=clock.now())
    for said in episode:
        await client.publish(said.topic, said.payload, qos=1, retain=said.retain)
    return len(episode)
