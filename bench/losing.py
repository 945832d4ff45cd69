"""What a crash of mosquitto takes with it: publishes that it had acknowledged, for a reader that was away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from bench.figures import Figure
from bench.publishing import Client, signal
from tests.support.mosquitto import Mosquitto
from tests.support.mqtt import Keeper
from tests.support.subscribed import subscribed

GROUP = "kill -9 of mosquitto"
COUNT = 1_000
SHIPPED = Path(__file__).parent.parent / "config" / "deployments" / "mosquitto" / "mosquitto.conf"
OURS = (
    "listener",
    "allow_anonymous",
    "password_file",
    "acl_file",
    "persistence",
    "log_",
    "connection_messages",
    "#",
    "per_",
)


async def measure(folder: Path) -> AsyncIterator[Figure]:
    """Acknowledged and gone, of a thousand."""
    kinds = {
        "persistence off": (False, ()),
        "persistence true, as Debian ships it": (True, ()),
        "the shipped configuration": (True, shipped()),
    }
    for number, (name, (persistent, more)) in enumerate(kinds.items()):
        below = folder / str(number)
        below.mkdir()
        below.chmod(0o777)
        lost = await _lost(Mosquitto(below, persistent=persistent, quiet=True, more=("allow_anonymous true", *more)))
        note = f"of {COUNT:,}, killed right after the last PUBACK"
        yield Figure(group=GROUP, name=f"acknowledged and lost: {name}", value=lost, unit="", note=note)


def shipped() -> tuple[str, ...]:
    """The lines of the shipped configuration that say what is kept."""
    lines = SHIPPED.read_text(encoding="utf-8").splitlines()
    return tuple(line for line in lines if line.strip() and not line.startswith(OURS))


async def _lost(broker: Mosquitto) -> int:
    keeper = Keeper()
    async with broker:
        async with subscribed(broker.port, keeper):
            pass
        client = await Client.connect(broker.port, "publisher")
        await client.publish([signal("d0", n, "sos") for n in range(COUNT)])
        await broker.kill()
        client.close()
        await broker.start()
        async with subscribed(broker.port, keeper), broker.client("last") as last:
            await last.publish("alarmd/v1/end/signal", b"end", qos=1)
            while not keeper.taken or keeper.taken[-1].payload != b"end":  # noqa: ASYNC110 - the loop only turns
                await asyncio.sleep(0.001)
    return COUNT - (len(keeper.taken) - 1)
