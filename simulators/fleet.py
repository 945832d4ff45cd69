"""Many devices at once: steady heartbeats, and the storm after an outage."""

from __future__ import annotations

import asyncio
import time
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
    broker: Broker, *, clock: Clock, devices: int, rounds: int = 1, every: float = 60.0, prefix: str = "sim"
) -> Traffic:
    """Let so many devices send a heartbeat each, evenly spread, so many times.

    Raises:
        ValueError: More messages than one run may send.
    """
    _check(devices * rounds, 1)
    start = time.monotonic()
    async with broker.connect(f"{prefix}-fleet") as client:
        for _ in range(rounds):
            for number in range(devices):
                await _heartbeat(client, f"{prefix}-{number:06}", clock)
                await clock.sleep(every / devices)
    return Traffic(messages=devices * rounds, seconds=time.monotonic() - start)


async def storm(
    broker: Broker,
    *,
    clock: Clock,
    devices: int,
    connections: int = 50,
    prefix: str = "sim",
    button: tuple[str, str] | None = None,
) -> Traffic:
    """Let all devices come back in the same moment; somebody may press in the midst of it.

    Args:
        broker: Where they come back to.
        clock: The devices' own time.
        devices: How many.
        connections: Over how many connections.
        prefix: Of their addresses.
        button: Family and address of the button that is pressed meanwhile.

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
        work = [_come_back(client, clients, which, devices, prefix, clock) for which, client in enumerate(clients)]
        pressed = press(broker, family=button[0], device=button[1], patience=30.0) if button else None
        results = await asyncio.gather(*work, *([pressed] if pressed else []))
    found = results[-1] if pressed else None
    return Traffic(
        messages=devices, seconds=time.monotonic() - start, press=found if isinstance(found, Pressed) else None
    )


async def _come_back(
    client: aiomqtt.Client, clients: list[aiomqtt.Client], which: int, devices: int, prefix: str, clock: Clock
) -> None:
    for number in range(which, devices, len(clients)):
        await _heartbeat(client, f"{prefix}-{number:06}", clock)


async def _heartbeat(client: aiomqtt.Client, device: str, clock: Clock) -> None:
    said = dialects.says("alarmd", device, "heartbeat", at=clock.now())
    await client.publish(said.topic, said.payload, qos=1)
