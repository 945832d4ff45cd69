"""alarmd, started as its user starts it: what its own door commits, how long a press takes to the provider."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from pathlib import Path
from time import perf_counter

from bench import site
from bench.figures import Figure, percentile
from bench.provider import Provider
from bench.publishing import Client, Load, signal
from tests.support.running import Running

RATES = "own door"
PRESSES = "a press"
MEMORY = "memory"
BEATS = (100, 1_000)  # heartbeats a second beside which somebody presses
STORM = 100_000  # messages that wait at fifty gateways when somebody presses
GATEWAYS = 50
BETWEEN = 0.15  # seconds between two presses; more than the right of way of one lasts
PATIENCE = 60.0  # seconds; whoever has to wait longer for help is not helped


async def measure(folder: Path, *, quick: bool) -> AsyncIterator[Figure]:
    """Presses first, idle, beside heartbeats and in a storm; then rates, which keep the outbox busy for long."""
    presses = 40 if quick else 200
    async with Provider() as provider, Running(folder, more=provider.settings()) as alarmd:
        site.fill(alarmd, 4 * presses + 500)
        await alarmd.start()
        yield Figure(group=MEMORY, name="after the start", value=rss(alarmd), unit="MB")
        homes = iter(range(1, 4 * presses + 1))
        backgrounds: list[tuple[str, int, Callable[[], Awaitable[None]]]] = [
            ("idle", presses, _silence),
            *((f"beside {n:,} heartbeats/s", presses, partial(_heartbeats, alarmd.port, n)) for n in BEATS),
            ("in a storm", presses // 2, lambda: _storm(alarmd.port)),
        ]
        for name, count, background in backgrounds:
            behind = asyncio.ensure_future(background())
            took = [await _press(alarmd, provider, next(homes)) for _ in range(count)]
            behind.cancel()
            await asyncio.gather(behind, return_exceptions=True)
            for figure in _latencies(name, took):
                yield figure
        yield await _in_the_storm(alarmd, provider, next(homes), STORM // 10 if quick else STORM)
        async for figure in _rates(alarmd, quick=quick):
            yield figure
        yield Figure(group=MEMORY, name="after all of this", value=rss(alarmd), unit="MB", against="after the start")


async def _rates(alarmd: Running, *, quick: bool) -> AsyncIterator[Figure]:
    much = 1 if quick else 4
    kept = "one row and one log entry each"
    raised = "each raises the same incident"
    noted = "not kept: last-seen is written in batches"
    loads = [
        ("kept, one connection", Load(clients=1, each=1000 * much, kind="test"), kept),
        ("kept, 200 connections", Load(clients=200, each=20 * much, kind="test", first=10_000), kept),
        ("presses of one button", Load(clients=1, each=100 * much, kind="sos", first=20_000), raised),
        ("heartbeats, 200 connections", Load(clients=200, each=100 * much, kind="heartbeat", first=30_000), noted),
    ]
    for name, load, note in loads:
        against = "SQLite rows, 64 per commit" if note == kept else "kept, one connection"
        yield Figure(group=RATES, name=name, value=await load.rate(alarmd.port), unit="/s", against=against, note=note)
    yield Figure(
        group=RATES,
        name="presses of many homes",
        value=await _many_homes(alarmd, 100 * much),
        unit="/s",
        against="kept, one connection",
        note="each opens an incident, finds its people and queues their messages",
    )


async def _many_homes(alarmd: Running, count: int) -> float:
    """Presses of homes that the latencies do not use."""
    client = await Client.connect(alarmd.port, "many homes")
    first = site_homes(alarmd) - 500
    packets = [signal(f"d{first + n}", 50_000 + n, "sos") for n in range(count)]
    before = perf_counter()
    await client.publish(packets)
    took = perf_counter() - before
    client.close()
    return count / took


def site_homes(alarmd: Running) -> int:
    """How many homes the site has."""
    return int(alarmd.rows("SELECT count(*) AS n FROM resident")[0]["n"])


async def _press(alarmd: Running, provider: Provider, home: int) -> tuple[float, float]:
    """One press of one home: seconds until its PUBACK, and until the provider was first asked for a neighbour."""
    client = await Client.connect(alarmd.port, f"home {home}")
    before = perf_counter()
    client.send(signal(f"d{home}", 1, "sos"))
    await client.acked(1)
    acked = perf_counter() - before
    asked = await asyncio.wait_for(_first(provider, home), PATIENCE) - before
    client.close()
    await asyncio.sleep(BETWEEN)
    return acked, asked


async def _first(provider: Provider, home: int) -> float:
    return min([await provider.until_asked(site.phone(home, n)) for n in range(site.NEIGHBOURS)])


def _latencies(background: str, took: list[tuple[float, float]]) -> list[Figure]:
    figures = []
    for what, values in (("PUBACK", [acked for acked, _ in took]), ("request at the provider", [a for _, a in took])):
        for share in (0.5, 0.99):
            name = f"{background}: press → {what}, p{share * 100:.0f}"
            against = f"sync, p{share * 100:.0f}" if what == "PUBACK" else ""
            if background != "idle":
                against = f"idle: press → {what}, p{share * 100:.0f}"
            value = percentile(values, share) * 1000
            figures.append(Figure(group=PRESSES, name=name, value=value, unit="ms", against=against))
    return figures


async def _silence() -> None:
    await asyncio.Event().wait()


async def _in_the_storm(alarmd: Running, provider: Provider, home: int, count: int) -> Figure:
    """All messages are on their way when somebody presses."""
    clients = [await Client.connect(alarmd.port, f"gateway {i}") for i in range(GATEWAYS)]
    packets = [signal(f"d{n % 400}", n, "heartbeat") for n in range(count // GATEWAYS)]
    storm = asyncio.ensure_future(asyncio.gather(*(client.publish(packets) for client in clients)))
    begun = perf_counter()
    _, asked = await _press(alarmd, provider, home)
    others = sum(client.count for client in clients)
    await storm
    for client in clients:
        client.close()
    return Figure(
        group=PRESSES,
        name=f"one press, {count:,} messages on their way: press → request at the provider",
        value=asked * 1000,
        unit="ms",
        note=f"{others:,} of them were answered before it, the last after {perf_counter() - begun:.1f} s",
    )


async def _heartbeats(port: int, a_second: int) -> None:
    """So many a second, evenly."""
    client = await Client.connect(port, "heartbeats")
    loop = asyncio.get_running_loop()
    begun, number = loop.time(), 0
    while True:
        client.send(signal(f"d{number % 400}", number, "heartbeat"))
        number += 1
        await asyncio.sleep(begun + number / a_second - loop.time())


async def _storm(port: int) -> None:
    """A town that comes back after an outage: 50 gateways send heartbeats, each as fast as it is answered."""
    clients = [await Client.connect(port, f"storm {i}") for i in range(GATEWAYS)]
    packets = [signal(f"d{n % 400}", n, "heartbeat") for n in range(400)]
    while True:
        await asyncio.gather(*(client.publish(packets) for client in clients))


def rss(alarmd: Running) -> float:
    """Resident memory of the daemon, MB."""
    status = Path(f"/proc/{alarmd.pid}/status").read_text(encoding="ascii")
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    assert found is not None
    return int(found[1]) / 1024
