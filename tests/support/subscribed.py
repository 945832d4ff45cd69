"""alarmd's subscription to a broker, running, with pauses too short to wait for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from alarmd.clock import SystemClock
from alarmd.intake.broker import Subscription
from alarmd.intake.delivery import Taker
from config.sections import Broker
from tests.support.door import until

FILTERS = ("alarmd/v1/+/signal", "zigbee2mqtt/#")


class Hurried(SystemClock):
    """Pauses between two attempts are not what is tested here."""

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(min(seconds, 0.01))


@asynccontextmanager
async def subscribed(
    port: int,
    taker: Taker,
    *,
    username: str | None = None,
    password: str | None = None,
    wait: bool = True,
) -> AsyncIterator[Subscription]:
    """A subscription that runs while entered; leaving is the daemon's clean stop.

    Args:
        port: The broker's, on loopback.
        taker: Who keeps what comes.
        username: For a broker that asks.
        password: For a broker that asks.
        wait: Whether to wait until the broker is read.
    """
    subscription = Subscription(
        broker=Broker("127.0.0.1", port, tls=False, username=username),
        password=password,
        client_id="alarmd",
        filters=FILTERS,
        taker=taker,
        clock=Hurried(),
    )
    running = asyncio.create_task(subscription.run())
    try:
        if wait:
            await until(lambda: subscription.subscribed)
        yield subscription
    finally:
        running.cancel()
        result = (await asyncio.gather(running, return_exceptions=True))[0]
    assert isinstance(result, asyncio.CancelledError), f"the subscription broke: {result!r}"
