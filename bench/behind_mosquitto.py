"""mosquitto's own rate, and alarmd's behind it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from time import perf_counter

from paho.mqtt.client import Client as Paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from alarmd.intake.broker import RECEIVE_MAXIMUM
from bench import site
from bench.figures import Figure
from bench.publishing import Client, signal
from tests.support.mosquitto import Mosquitto
from tests.support.mqtt import Keeper
from tests.support.running import Running
from tests.support.subscribed import FILTERS, subscribed

GROUP = "behind mosquitto"
BROKER = "mosquitto to a subscriber that keeps nothing"
READER = "mosquitto to alarmd's reader, keeping nothing"
SETTINGS = ("allow_anonymous true", "set_tcp_nodelay true", "max_inflight_messages 512")
PUBLISHERS = 4


async def measure(folder: Path, *, quick: bool) -> AsyncIterator[Figure]:
    """What mosquitto kept for who was away: read by paho as anybody uses it, by alarmd's reader, by alarmd."""
    count = 4_000 if quick else 20_000
    async with Mosquitto(folder, quiet=True, more=SETTINGS) as broker:
        yield Figure(
            group=GROUP,
            name=BROKER,
            value=count / await _to_paho(broker, count),
            unit="/s",
            note="QoS 1, persistent session, paho-mqtt in its own thread, acknowledged on arrival",
        )
        yield Figure(
            group=GROUP,
            name=READER,
            value=count / await _to_nobody(broker, count),
            unit="/s",
            against=BROKER,
            note="acknowledged by hand, over a socket that reads ahead",
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


async def _to_paho(broker: Mosquitto, count: int) -> float:
    """Seconds from the first message to the last."""
    await asyncio.to_thread(_listen, broker.port, 0)
    await _publish(broker, count)
    return await asyncio.to_thread(_listen, broker.port, count)


def _listen(port: int, count: int) -> float:
    """Subscribe, and take so many messages; the seconds from the first to the last."""
    times: list[float] = []
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # not annotated there
    properties.SessionExpiryInterval = 600
    properties.ReceiveMaximum = RECEIVE_MAXIMUM

    def came(client: Paho, _data: object, _message: object) -> None:
        times.append(perf_counter())
        if len(times) == count:
            client.disconnect()

    def settled(client: Paho, *_: object) -> None:
        if not count:
            client.disconnect()

    client = Paho(CallbackAPIVersion.VERSION2, client_id="plain", protocol=MQTTProtocolVersion.MQTTv5)
    client.on_connect = lambda client, *_: client.subscribe(FILTERS[0], qos=1)
    client.on_message, client.on_subscribe = came, settled
    client.connect("127.0.0.1", port, clean_start=False, properties=properties)
    client.loop_forever()
    if count:  # the next ones need not be kept for it, too
        client.on_connect = lambda client, *_: client.disconnect()
        client.connect("127.0.0.1", port, clean_start=True)
        client.loop_forever()
    return times[-1] - times[0] if times else 0.0


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
