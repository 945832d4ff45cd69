"""The watchdogs beside a core whose clock the story moves, and what they told."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from prometheus_client import CollectorRegistry

from alarmd import languages
from alarmd.clock import SystemClock
from alarmd.ids import Ids
from alarmd.intake.delivery import Delivery
from alarmd.watch.canary import Canary
from alarmd.watch.figures import WatchFigures
from alarmd.watch.troubles import Notice, Troubles
from tests.support.core import Core


class Watching:
    """A core, its troubles and its figures."""

    def __init__(self, core: Core) -> None:
        self.core = core
        self.registry = CollectorRegistry()
        self.figures = WatchFigures(self.registry)
        self.told: list[Notice] = []
        self.troubles = Troubles(
            store=core.store,
            engine=core.engine,
            clock=core.clock,
            ids=Ids(random.Random(3)),  # noqa: S311 - the same names in every run
            texts=languages.texts("zh-CN"),
            desk_phones=core.settings.service.desk_phones,
            figures=self.figures,
        )
        self.troubles.listen(self.told.append)

    def figure(self, name: str, **labels: str) -> float | None:
        """One figure, as Prometheus would see it."""
        return self.registry.get_sample_value(name, labels)

    async def log(self, event: str) -> list[dict[str, object]]:
        """The data of the entries of one kind, once everything noticed is on record."""
        await self.troubles.write()
        return [entry.data for entry in await self.core.log(event)]

    async def texts(self) -> list[str]:
        """What the desk is told by text."""
        await self.troubles.write()
        return [row["body"] for row in await self.core.outgoing() if row["purpose"] == "watchdog"]


class Cage:
    """A canary at a door of this core; what is on its way can be stopped."""

    def __init__(self, watched: Watching, *, due: float = 10.0) -> None:
        self.core = watched.core
        self.taken = self.sends = True
        self.canary = Canary(
            device="$canary-alarmd",
            press={"door": self.press},
            store=self.core.store,
            engine=self.core.engine,
            troubles=watched.troubles,
            clock=SystemClock(),
            figures=watched.figures,
            every=300,
            due=due,
        )
        self.ear = self.canary.ear(self.core.intake)
        self.core.outbox._publisher = self.canary.sink(self.core.published)

    async def press(self, topic: str, payload: bytes) -> bool:
        if self.taken:
            at = self.core.clock.now()
            await self.ear.take(
                Delivery(topic=topic, payload=payload, qos=1, retained=False, received_at=at, via="door")
            )
        return self.taken

    async def sings(self) -> bool:
        singing = asyncio.create_task(self.canary.sing())
        while self.sends and not singing.done():
            await self.core.send()
        return await singing


@asynccontextmanager
async def watching(folder: Path) -> AsyncIterator[Watching]:
    """A core that is watched."""
    async with Core(folder) as core:
        yield Watching(core)
