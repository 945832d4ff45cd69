"""mosquitto's own rate, and alarmd's behind it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from time import perf_counter

from bench import site
from bench.figures import Figure
from bench.publishing import Client, signal
from tests.support.mosquitto import Mosquitto
from tests.support.mqtt import Keeper
from tests.support.running import Running
from tests.support.subscribed import subscribed

GROUP = "behind mosquitto"
BROKER = "mosquitto to a subscriber that keeps nothing"
SETTINGS = ("allow_anonymous true", "set_tcp_nodelay true", "max_inflight_messages 512")
PUBLISHERS = 4


async def measure(folder: Path, *, quick: bool) -> AsyncIterator[Figure]:
    """What mosquitto kept for a reader that was away: read by a subscription that keeps nothing, then by alarmd."""
    count = 4_000 if quick else 20_000
    async with Mosquitto(folder, quiet=True, more=SETTINGS) as broker:
        yield Figure(
            group=GROUP,
            name=BROKER,
            value=count / await _to_nobody(broker, count),
            unit="/s",
            note="QoS 1, paho with manual acknowledgement, as alarmd reads",
        )
        yield Figure(
            group=GROUP,
            name="mosquitto to alarmd, kept",
            value=count / await _to_alarmd(broker, folder, count),
            unit="/s",
            against=BROKER,
            note="until the last is committed; each device is told *kept*",
        )


async def _publish(broker: Mosquitto, count: int) -> None:
    """Publish from several clients at once."""
    clients = [await Client.connect(broker.port, f"publisher {i}") for i in range(PUBLISHERS)]
    packets = [[signal("d0", n, "test") for n in range(i, count, PUBLISHERS)] for i in range(PUBLISHERS)]
    await asyncio.gather(*(client.publish(some) for client, some in zip(clients, packets, strict=True)))
    for client in clients:
        client.close()


async def _to_nobody(broker: Mosquitto, count: int) -> float:
    """Seconds from the first message to the last."""
    keeper = Keeper()
    async with subscribed(broker.port, keeper):
        pass
    await _publish(broker, count)
    async with subscribed(broker.port, keeper, wait=False):
        await keeper.has(1)
        before = perf_counter()
        while len(keeper.taken) < count:  # noqa: ASYNC110 - the loop only turns
            await asyncio.sleep(0.001)
        return perf_counter() - before


async def _to_alarmd(broker: Mosquitto, folder: Path, count: int) -> float:
    """Seconds from alarmd's connection to its last commit."""
    async with Running(folder, mqtt=f'url = "{broker.url}"') as alarmd:
        site.fill(alarmd, 1)
        await alarmd.start()
        await alarmd.until_said("broker connected")
        await alarmd.stop()
        await _publish(broker, count)
        mark = len(alarmd.said)
        await alarmd.start()
        await alarmd.until_said("broker connected", since=mark)
        before = perf_counter()
        while alarmd.rows("SELECT count(*) AS n FROM signal")[0]["n"] < count:  # noqa: ASYNC110 - another process commits
            await asyncio.sleep(0.02)
        return perf_counter() - before
