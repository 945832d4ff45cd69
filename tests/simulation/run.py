"""One run: a town, a machine, an evening of trouble, and then a while of peace in which everything must come right."""

from __future__ import annotations

import asyncio
import json
import random
import shutil
import sys
import tempfile
from collections.abc import Coroutine, Iterator, MutableMapping
from contextlib import contextmanager
from contextvars import Context
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from alarmd.engine import EngineError
from alarmd.store import StoreError, sqlite
from escalation.incident import Answer, Answered, Closed, Event, Noted
from tests.simulation import town
from tests.simulation.devices import ASKS_AGAIN, GIVES_UP, Broker, Door, Press
from tests.simulation.disk import Disk
from tests.simulation.machine import Machine
from tests.simulation.people import Person, Record
from tests.simulation.phones import Phones
from tests.simulation.story import Story
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
        settings = town.settings(dice.choice(list(town.KINDS)))
        self.machine = Machine(loop=self.loop, disk=self.disk, settings=settings, dice=self._fork())
        self.story = self.machine.story
        record = self.record = Record(self.loop.time, self.story.tell)
        people = {number: Person(id_, number, self._fork(), record) for number, id_ in town.NUMBERS.items()}
        self.phones = Phones(self.machine, self._fork(), people)
        self.watch = Watch(self.machine, self.phones)
        self.door = Door(self.machine, self._fork())
        self.broker = Broker(self.machine, self._fork())
        self.machine.to_device = self.door.hears
        self.trouble_until = 60.0 * (dice.uniform(4.0, 11.0) if dice.random() < SHORT else dice.uniform(11.0, 40.0))
        self.presses: list[Press] = []
        self.closed: set[str] = set()
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
        for moment in sorted(self.dice.uniform(1.0, self.trouble_until) for _ in range(self.dice.randint(1, 5))):
            self.spawn(self._pressing(moment, self.dice.choice(list(town.HOMES))))
        self.spawn(self._noise())
        self.spawn(self._operator(random.Random(self.dice.random())))  # noqa: S311 - as above
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

    async def _noise(self) -> None:
        """Signs of life, low batteries, tests, stored copies, rubbish."""
        while self.loop.time() < self.trouble_until:
            await asyncio.sleep(self.dice.uniform(5.0, 90.0))
            kind = self.dice.choice(["heartbeat", "battery_low", "test", "retained", "rubbish", "cancel"])
            topic = f"alarmd/v1/{self.dice.choice(['pendant-1', 'watch-2', 'pendant-3'])}/signal"
            if kind == "rubbish":
                self.broker.publish("zigbee2mqtt/kitchen_plug", "\x00{", None)
            elif kind == "retained":
                self.broker.publish("zigbee2mqtt/bed_button", '{"action":"","battery":80}', None, retain=True)
            else:
                ref = f"n{self.dice.randrange(10**6)}"
                self.door.send(topic, json.dumps({"ref": ref, "type": kind}), None)

    async def _pressing(self, moment: float, device: str) -> None:
        """Somebody presses, once or several times."""
        await asyncio.sleep(moment)
        for _ in range(self.dice.choice([1, 1, 1, 2, 4])):
            family, _, address = device.partition("/")
            ref = f"r{len(self.presses)}" if family == "alarmd" else None
            press = Press(self.loop.time(), device, ref)
            self.presses.append(press)
            self.story.tell(device, "PRESSED")
            self.spawn(self._button(press, address) if ref else self._zigbee(press, address))
            await asyncio.sleep(self.dice.choice([2.0, 15.0, 60.0, self.dice.uniform(1.0, 600.0)]))
            if self.loop.time() > self.trouble_until:
                return

    async def _button(self, press: Press, address: str) -> None:
        """A device of alarmd's own family: repeats until it hears that it was kept."""
        until_acknowledged = self.dice.random() < 0.3
        message = json.dumps({"ref": press.ref, "type": "sos"} if self.dice.random() < 0.8 else {"ref": press.ref})
        while self.loop.time() - press.at < GIVES_UP:
            acknowledged = await self.door.send(f"alarmd/v1/{address}/signal", message, press)
            if acknowledged and until_acknowledged:
                return
            await asyncio.sleep(self.dice.uniform(*ASKS_AGAIN))
            if press.ref in self.door.hearing.get(address, ()):
                return

    async def _zigbee(self, press: Press, address: str) -> None:
        """A button behind a gateway: twin topics, and what the radio repeats."""
        for _ in range(self.dice.choice([1, 1, 2, 4])):
            twins = [
                (f"zigbee2mqtt/{address}", '{"action":"emergency","battery":87}'),
                (f"zigbee2mqtt/{address}/action", "emergency"),
            ]
            self.dice.shuffle(twins)
            for topic, payload in twins[: self.dice.randint(1, 2)]:
                retain = self.dice.random() < 0.2 and not topic.endswith("action")
                self.broker.publish(topic, payload, press, retain=retain)
            await asyncio.sleep(self.dice.uniform(0.1, 1.0))

    # ------------------------------------------------------------ the desk's page

    async def _operator(self, dice: random.Random) -> None:
        """A person at the desk's page: takes, notes, tells of arrivals, closes; or is not there at all."""
        diligence = dice.choice([0.0, 0.2, 0.6])
        while True:
            await asyncio.sleep(dice.uniform(20.0, 120.0))
            rows = self.disk.query("SELECT id, status FROM incident WHERE status <> 'closed' ORDER BY rowid")
            if not rows or dice.random() > diligence:
                continue
            row = dice.choice(rows)
            what = (
                "close" if row["status"] == "arrived" and dice.random() < 0.8 else dice.choice(["note", "go", "there"])
            )
            if dice.random() < 0.05:
                what = "close"
            self._operate(row["id"], what, dice)

    def _operate(self, incident: str, what: str, dice: random.Random) -> None:
        alarmd, process = self.machine.running, self.machine.process
        if alarmd is None or process is None:
            return
        event: Event
        if what == "close":
            event = Closed(by="Zhang", reason="she is well", cancel_ambulance=dice.random() < 0.3)
            self.closed.add(incident)
        elif what == "note":
            event = Noted(by="Zhang", text="rang her")
        else:
            person, digit = dice.choice(["li", "zhao", "desk:0"]), "1" if what == "go" else "3"
            self.record.says(person, incident, digit, "desk")
            answer = Answer.GO if digit == "1" else Answer.THERE
            event = Answered(person=person, answer=answer, via="desk", by="Zhang")
        self.story.tell("operator", f"{what} {incident}")
        task = self.loop.create_task(_apply(alarmd.engine, incident, event), context=process.context.copy())
        task.add_done_callback(lambda done: done.exception(), context=Context())


async def _apply(engine: Any, incident: str, event: Event) -> None:
    try:
        await engine.apply(incident, event)
    except (EngineError, StoreError):
        return  # the page says so; the operator tries again or not


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
            Verdict(world.machine, world.phones, world.watch, world.presses, world.record.said, world.closed).judge()
        finally:
            world.loop.end()
            world.disk.close()
    return Result(seed=seed, story=world.story, seconds=seconds, steps=world.loop.steps)
