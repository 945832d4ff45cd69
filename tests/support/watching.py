"""The watchdogs beside a core whose clock the story moves, and what they told."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from prometheus_client import CollectorRegistry

from alarmd import languages
from alarmd.ids import Ids
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


@asynccontextmanager
async def watching(folder: Path) -> AsyncIterator[Watching]:
    """A core that is watched."""
    async with Core(folder) as core:
        yield Watching(core)
