"""One run: a town, a machine, an evening of trouble, and then a while of peace in which everything must come right."""

from __future__ import annotations

import asyncio
import random
import shutil
import sys
import tempfile
from collections.abc import Coroutine, Iterator, MutableMapping
from contextlib import contextmanager
from contextvars import Context
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import structlog

from alarmd.store import sqlite
from tests.simulation import town
from tests.simulation.console import Console
from tests.simulation.devices import Broker, Door
from tests.simulation.disk import Disk
from tests.simulation.eyes import Eyes
from tests.simulation.machine import Machine
from tests.simulation.people import Person, Record
from tests.simulation.phones import Phones
from tests.simulation.presses import Presses
from tests.simulation.provider import providers
from tests.simulation.rules import RULES
from tests.simulation.story import Story
from tests.simulation.town import Town
from tests.simulation.verdict import Verdict
from tests.simulation.virtual import StuckError, VirtualLoop
from tests.simulation.watch import LOOKS_EVERY, Watch
from tests.simulation.weather import Weather

PEACE = 9 * 60.0  # seconds; longer than anybody may be left in silence
SHORT = 0.7  # of the evenings
MEMORY_DISK = Path("/dev/shm")


@dataclass(frozen=True)
class Result:
    """What came of one seed."""

    seed: int
    story: Story
    seconds: float  # of the world
    steps: int

    @property
    def failed(self) -> bool:
        return bool(self.story.violations)


class World:
    """Everything of one run.

    Args:
        seed: Decides all.
        folder: Where the disk's files are.
        template: The database as it is before the first start.
    """

    def __init__(self, seed: int, folder: Path, template: Path) -> None:
        dice = self.dice = random.Random(seed)  # noqa: S311 - repeatable on purpose
        self.loop = VirtualLoop()  # type: ignore[abstract]  # sockets, signals and the like are not there on purpose
        self.disk = Disk(folder, template, self._fork())
        self.town = Town(dice.choice(list(town.KINDS)), members=dice.random() < 0.5, checks_in=dice.random() < 0.3)
        self.town.settle(self.disk.path)
        self.machine = Machine(loop=self.loop, disk=self.disk, settings=self.town.settings, dice=self._fork())
        self.story = self.machine.story
        self.story.tell("town", str(self.town))
        record = self.record = Record(self.loop.time, self.story.tell)
        people = {number: Person(ids, number, self._fork(), record) for number, ids in self.town.numbers().items()}
        self.phones = Phones(self.machine, self._fork(), people)
        self.machine.providers = partial(providers, self.phones)
        self.console = Console(self.machine, record, self._fork())
        self.door = Door(self.machine, self._fork())
        self.broker = Broker(self.machine, self._fork())
        self.machine.to_device = self.door.hears
        self.trouble_until = 60.0 * (dice.uniform(4.0, 11.0) if dice.random() < SHORT else dice.uniform(11.0, 40.0))
        self.presses = Presses(
            machine=self.machine,
            door=self.door,
            broker=self.broker,
            phones=self.phones,
            dice=self._fork(),
            until=self.trouble_until,
        )
        eyes = Eyes(self.machine, self.phones, self.town, record, self.presses.all, self.console.closed)
        self.watch = Watch(eyes, [rule(eyes) for rule in RULES])
        for person in people.values():
            self.story.tell(person.id, f"mood: {person.mood}")
        Weather(
            machine=self.machine,
            phones=self.phones,
            door=self.door,
            broker=self.broker,
            watch=self.watch,
            dice=self._fork(),
            until=self.trouble_until,
        )

    def _fork(self) -> random.Random:
        return random.Random(self.dice.random())  # noqa: S311 - as above

    # ------------------------------------------------------------ what goes on

    def play(self) -> float:
        """Let it all happen; returns the world's seconds."""
        self.machine.boot()
        self.presses.begin()
        self.spawn(self.console.run())
        self.spawn(self._looking())
        end = self.trouble_until + PEACE
        try:
            self.loop.run_until(end)
        except StuckError as error:
            self.story.wrong("alarmd does not spin", str(error))
        for problem in self.loop.problems:
            self.story.wrong("no exception goes unheard", problem)
        return end

    def spawn(self, story: Coroutine[Any, Any, None]) -> None:
        """Let something go on in the world, whatever becomes of the machine."""
        self.loop.create_task(story, context=Context())

    async def _looking(self) -> None:
        while True:
            await asyncio.sleep(LOOKS_EVERY)
            self.watch.look()


# ---------------------------------------------------------------- from a seed to a result


@contextmanager
def _apart(story: Story) -> Iterator[None]:
    """alarmd's log for its operator goes into the story, and nothing depends on how fast this machine is."""

    def told(_: object, level: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        if level in {"error", "exception", "critical"}:
            story.tell("alarmd", f"{level}: {event.pop('event')} {dict(event)} {sys.exc_info()[1] or ''!r}")
        raise structlog.DropEvent

    before, limit = structlog.get_config(), sqlite.GROUP_SECONDS
    structlog.configure(processors=[told])
    sqlite.GROUP_SECONDS = float("inf")
    try:
        yield
    finally:
        structlog.configure(**before)
        sqlite.GROUP_SECONDS = limit


@contextmanager
def template() -> Iterator[Path]:
    """The town's database, made once for many runs."""
    with _folder() as folder:
        path = folder / "town.db"
        town.build(path)
        yield path


@contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="alarmd-sim-", dir=MEMORY_DISK if MEMORY_DISK.is_dir() else None))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def run(seed: int, town_database: Path) -> Result:
    """Play one seed and judge it."""
    with _folder() as folder:
        world = World(seed, folder, town_database)
        try:
            with _apart(world.story):
                seconds = world.play()
            Verdict(world.watch).judge()
        finally:
            world.loop.end()
            world.disk.close()
    return Result(seed=seed, story=world.story, seconds=seconds, steps=world.loop.steps)
