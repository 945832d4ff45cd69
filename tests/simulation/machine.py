"""The machine alarmd runs on: it is started, dies, is started again; and its clock is wrong now and then."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Coroutine
from contextvars import Context
from datetime import UTC, datetime, timedelta
from typing import Any

from alarmd import languages
from alarmd.auditor import Auditor
from alarmd.engine import Engine
from alarmd.hanging_up import HangUps
from alarmd.ids import Ids
from alarmd.intake.intake import Intake
from alarmd.intake.keeping import Kept
from alarmd.intake.reader import Reader
from alarmd.messages import Messages, reply_payload, reply_topic
from alarmd.outbox import Outbox
from alarmd.phone import webhooks
from alarmd.phone.provider import PhoneProvider
from alarmd.phone.signing import Signer
from alarmd.store import Store, StoreError
from alarmd.supervision import Supervision
from alarmd.switchboard import Switchboard
from alarmd.timers import Timers
from config.settings import Settings
from tests.simulation.disk import Disk
from tests.simulation.story import Story
from tests.simulation.town import PUBLIC_URL, TOKEN, plan_book
from tests.simulation.virtual import Process, VirtualLoop

START = datetime(2026, 11, 21, 11, 30, tzinfo=UTC)


class Clock:
    """alarmd's clock: the world's time, as wrong as somebody set it."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop
        self._wrong_by = timedelta(0)

    def now(self) -> datetime:
        return START + timedelta(seconds=self._loop.time()) + self._wrong_by

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, seconds))

    @property
    def wrong_by(self) -> float:
        """Seconds."""
        return self._wrong_by.total_seconds()

    def leap(self, seconds: float) -> None:
        """It is set on, or back."""
        self._wrong_by += timedelta(seconds=seconds)


class Alarmd:
    """One run of alarmd's core, put together as `alarmd.daemon` does, without sockets."""

    def __init__(self, machine: Machine, process: Process) -> None:
        self._machine = machine
        self._process = process
        self.ready = False
        self.tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """From the inside out."""
        machine, clock, settings = self._machine, self._machine.clock, self._machine.settings
        disk = machine.disk
        self.store = Store(disk.path, disk.writer(self._process), disk.reader(self._process))
        ids = Ids(random.Random(machine.dice.random()))  # noqa: S311 - the same references in every run of a seed
        self.messages = Messages(settings=settings, texts=languages.texts, ids=ids)
        self.engine = Engine(
            store=self.store, settings=settings, plans=plan_book(), clock=clock, ids=ids, messages_=self.messages
        )
        providers = machine.providers()
        self.outbox = Outbox(store=self.store, engine=self.engine, clock=clock, providers=providers, publisher=self)
        hang_ups = HangUps(engine=self.engine, clock=clock, providers=providers)
        timers = Timers(engine=self.engine, clock=clock)
        auditor = Auditor(engine=self.engine, clock=clock)
        await auditor.note_absence()
        for loop in (self.outbox.run(), timers.run(), auditor.run(), hang_ups.run()):
            self._run(loop)
        switchboard = Switchboard(
            engine=self.engine, outbox=self.outbox, messages=self.messages, settings=settings, clock=clock
        )
        self.webhooks = webhooks._Webhooks(switchboard, PUBLIC_URL, lambda: [Signer("AC1", TOKEN)])
        self.hang_ups = hang_ups
        supervision = self.supervision = Supervision(store=self.store, clock=clock, engine=self.engine)
        await supervision.load()
        self.intake = Intake(
            store=self.store,
            engine=self.engine,
            supervision=supervision,
            clock=clock,
            reader=Reader(),
            kept=self._reply_kept,
        )
        await self.intake.recall()
        self._run(supervision.run())
        self.ready = True

    def _run(self, loop: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(loop)
        task.add_done_callback(self._ended)
        self.tasks.append(task)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """As in the daemon: half alive is worse than started anew."""
        if task.cancelled():
            return
        error = task.exception()
        if not isinstance(error, StoreError):
            self._machine.story.wrong("a part of alarmd broke", repr(error))
        self._machine.story.tell("alarmd", f"stops: {error!r}")
        self._process.kill()

    async def stop(self) -> None:
        """SIGTERM: from the outside in."""
        self.ready = False
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await self.outbox.drain(5.0)
        await self.store.close()

    async def publish(self, topic: str, payload: bytes) -> bool:
        """To a device, through the own door."""
        return self._machine.to_device(topic, payload)

    def _reply_kept(self, kept: list[Kept]) -> None:
        for one in kept:
            if one.signal.family == "alarmd" and one.signal.device:
                payload = reply_payload(one.signal.ref, "kept", one.incident, one.report_every)
                self._machine.to_device(reply_topic(one.signal.device), payload)


class Machine:
    """Starts alarmd again whenever it is down, as systemd does.

    Args:
        loop: Runs everything.
        disk: Survives.
        settings: The operator's.
        dice: Decides how long a start takes.
    """

    def __init__(self, *, loop: VirtualLoop, disk: Disk, settings: Settings, dice: random.Random) -> None:
        self.loop = loop
        self.disk = disk
        self.settings = settings
        self.dice = dice
        self.clock = Clock(loop)
        self.story = Story(loop.time, self.clock.now)
        self.alarmd: Alarmd | None = None
        self.process: Process | None = None
        self.down_for = 1.0  # seconds until it is started again
        self.calm_since = 0.0  # since when nothing outside hinders it
        self.providers: Callable[[], list[PhoneProvider]] = list
        self.to_device: Callable[[str, bytes], bool] = lambda _topic, _payload: True
        self.on_down: list[Callable[[], None]] = []
        self.on_up: list[Callable[[], None]] = []
        self.on_message: list[Callable[[], None]] = []
        self.up_at = 0.0
        self.leaped_at = -1e9
        self.dies_in: int | None = None  # steps after the next start

    def boot(self) -> None:
        """Start alarmd."""
        if self.process is not None:
            return
        process = self.process = self.loop.process("alarmd")
        process.dies_in, self.dies_in = self.dies_in, None
        process.on_death = self._died
        alarmd = self.alarmd = Alarmd(self, process)
        self.story.tell("machine", "alarmd is started")
        self.story.count("starts")
        starting = self.loop.create_task(alarmd.start(), context=process.context.copy())
        starting.add_done_callback(self._started, context=process.context.copy())

    def _started(self, starting: asyncio.Task[None]) -> None:
        error = starting.exception()
        if error is None:
            self.disturbed()
            self.story.tell("machine", "alarmd is ready")
            self.up_at = self.loop.time()
            for listener in self.on_up:
                listener()
            return
        if not isinstance(error, StoreError):
            self.story.wrong("alarmd does not start", repr(error))
        self.story.tell("machine", f"alarmd does not start: {error}")
        assert self.process is not None
        self.process.kill()

    def crash(self, why: str) -> None:
        """The power fails now."""
        if self.process is not None:
            self.story.tell("machine", f"CRASH: {why}")
            self.process.kill()

    def _died(self) -> None:
        self.story.tell("machine", f"alarmd is dead; again in {self.down_for:.1f} s")
        self.story.count("deaths")
        if self.disk.died:
            self.story.count(f"deaths {self.disk.died}")
        self.process = None
        self.alarmd = None
        self.disk.crash()
        self.disturbed()
        for listener in self.on_down:
            listener()
        self.loop.call_later(self.down_for, self.boot, context=Context())

    def terminate(self) -> None:
        """SIGTERM: it may finish what it has begun."""
        if self.alarmd is None or not self.alarmd.ready or self.process is None:
            return
        self.story.tell("machine", "alarmd is told to stop")
        process = self.process
        stopping = self.loop.create_task(self.alarmd.stop(), context=process.context.copy())
        stopping.add_done_callback(lambda _: process.kill(), context=process.context.copy())

    @property
    def running(self) -> Alarmd | None:
        """alarmd, where it is up and ready."""
        return self.alarmd if self.alarmd is not None and self.alarmd.ready else None

    def disturbed(self) -> None:
        """Something hindered alarmd up to now."""
        self.calm_since = self.loop.time()

    @property
    def able_for(self) -> float:
        """For how many seconds it has been able to do its work."""
        hindered = (
            self.running is None
            or self.disk.full
            or self.disk.broken
            or self.disk.slow > 0
            or (self.process is not None and self.process.held_until > self.loop.time())
        )
        return 0.0 if hindered else self.loop.time() - self.calm_since
