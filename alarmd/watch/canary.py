"""The canary: every few minutes alarmd presses a button of its own, and waits for the answer as a pendant would.

The press goes the way of every press (broker or door, intake, a commit) and its answer the way of every message (a row
of the outbox, claimed and handed over), up to a sink: nobody is rung, no device is told, and the event log stays silent
as long as the canary sings. When an answer is overdue, something on that way stands still that no other watchdog saw.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from uuid import uuid4

import msgspec
import structlog

from alarmd import times
from alarmd.clock import Clock
from alarmd.engine import Engine
from alarmd.intake.delivery import Delivery, Taker
from alarmd.messages import DEVICE_LANE, reply_payload, reply_topic
from alarmd.outbox import Publisher
from alarmd.store import Store, StoreError, Transaction
from alarmd.waking import Alarm
from alarmd.watch.figures import WatchFigures
from alarmd.watch.names import CANARY_PURPOSE, signal_topic
from alarmd.watch.troubles import Troubles
from escalation.texts.watching import Silence

log = structlog.get_logger()

EVENT = "watchdog.canary"
DUE_S = 60.0
_NEVER_FIRST_S = 2.0  # after the start everything has to connect

Press = Callable[[str, bytes], Awaitable[bool]]
"""Brings a payload to a topic as a device would; False where it was not taken."""


class _Said(msgspec.Struct):
    ref: str = ""
    type: str = ""


class Canary:
    """Presses, and waits for the answer.

    Args:
        device: The address it presses under.
        press: Each way in by name; every press goes by all of them.
        store: Where its answer is queued.
        engine: Woken then.
        troubles: Who is told.
        clock: Paces it.
        figures: What is shown.
        every: Seconds between two presses.
        due: Seconds until an answer is overdue.
    """

    def __init__(
        self,
        *,
        device: str,
        press: dict[str, Press],
        store: Store,
        engine: Engine,
        troubles: Troubles,
        clock: Clock,
        figures: WatchFigures,
        every: float,
        due: float = DUE_S,
    ) -> None:
        self._device = device
        self._press = press
        self._store = store
        self._engine = engine
        self._troubles = troubles
        self._clock = clock
        self._figures = figures
        self._every = every
        self._due = min(due, every)
        self._back_at = troubles.moment()
        self._alarm = Alarm(clock)
        self._waited_for: dict[str, str] = {}  # ref → way in
        self._tasks: set[asyncio.Task[None]] = set()

    # ------------------------------------------------------------ the way in

    def ear(self, taker: Taker) -> Taker:
        """The intake, with an ear for the canary's presses once they are committed."""
        return _Ear(taker, self)

    def sink(self, publisher: Publisher) -> Publisher:
        """Whoever publishes to devices, with a sink for the canary's answers."""
        return _Sink(publisher, self)

    def kept(self, payload: bytes) -> None:
        """A press of the canary was committed: its answer takes the way of every message."""
        with contextlib.suppress(msgspec.MsgspecError):  # somebody else's message on this topic
            said = msgspec.json.decode(payload, type=_Said)
            if said.type == "test" and said.ref in self._waited_for:
                task = asyncio.create_task(self._queue(said.ref))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    def answered(self, payload: bytes) -> None:
        """An answer came out at the other end."""
        said = msgspec.json.decode(payload, type=_Said)
        self._waited_for.pop(said.ref, None)
        self._alarm.wake()

    @property
    def topic(self) -> str:
        """Where it presses."""
        return signal_topic(self._device)

    @property
    def reply_topic(self) -> str:
        """Where it is answered."""
        return reply_topic(self._device)

    # ------------------------------------------------------------ pressing

    async def run(self) -> None:
        """Press until cancelled."""
        await self._clock.sleep(min(_NEVER_FIRST_S, self._every))
        while True:
            began = self._clock.now()
            await self.sing()
            spent = max(0.0, (self._clock.now() - began).total_seconds())  # the clock may have been set back
            await self._clock.sleep(max(self._every - spent, 1.0))

    async def sing(self) -> bool:
        """Press once by every way in; returns whether all answers came in time."""
        began = self._clock.now()
        self._waited_for = {uuid4().hex: way for way in self._press}
        presses = [asyncio.create_task(self._bring(way, ref)) for ref, way in self._waited_for.items()]
        try:
            while self._waited_for and (left := self._due - (self._clock.now() - began).total_seconds()) > 0:
                if left > self._due:  # the clock was set back: no answer is waited for until the old time
                    began, left = self._clock.now(), self._due
                await self._alarm.until(None, at_most=left)
        finally:
            for press in presses:
                press.cancel()
            ended = await asyncio.gather(*presses, return_exceptions=True)
        late, self._waited_for = sorted(self._waited_for.values()), {}
        self._judge(late, began)
        for defect in ended:
            if isinstance(defect, Exception):
                raise defect
        return not late

    def _judge(self, late: list[str], began: datetime) -> None:
        now = self._clock.now()
        if late:
            self._troubles.begin(Silence.CANARY, EVENT, since=self._back_at, by=late, overdue_seconds=self._due)
            return
        self._back_at = self._troubles.moment()
        took = max(0.0, (now - began).total_seconds())
        self._figures.round_trip.set(took)
        self._figures.came_back.set(now.timestamp())
        self._troubles.end(Silence.CANARY, EVENT, took_seconds=round(took, 3))

    async def _bring(self, way: str, ref: str) -> None:
        """Press until it is taken: a connection may just be coming back."""
        payload = json.dumps({"type": "test", "ref": ref}).encode()
        pause = 1.0
        while not await self._press[way](self.topic, payload):
            await self._clock.sleep(pause)
            pause *= 2

    async def _queue(self, ref: str) -> None:
        try:
            await self._store.write(partial(self._answer, ref=ref))
        except StoreError as error:
            log.warning("the canary's answer is not queued", error=str(error))
            return
        self._engine.committed()

    def _answer(self, tx: Transaction, *, ref: str) -> None:
        """What was answered earlier goes: a test every few minutes must not fill the disk."""
        tx.run("canary_clear", purpose=CANARY_PURPOSE, person=self._device)
        tx.run(
            "outbox_insert",
            attempt=f"canary-{ref}",
            incident=None,
            person=self._device,
            channel="device",
            purpose=CANARY_PURPOSE,
            lane=DEVICE_LANE,
            destination=self.reply_topic,
            body=reply_payload(ref, "kept", "", None).decode(),
            language="",
            now=times.to_text(self._engine.clock.now()),
        )


class _Ear:
    """Hands everything on, and listens for the commit of the canary's own."""

    def __init__(self, taker: Taker, canary: Canary) -> None:
        self._taker = taker
        self._canary = canary
        self._topic = canary.topic

    def take(self, delivery: Delivery) -> asyncio.Future[None]:
        future = self._taker.take(delivery)
        if delivery.topic == self._topic:
            future.add_done_callback(partial(self._committed, delivery.payload))
        return future

    def _committed(self, payload: bytes, future: asyncio.Future[None]) -> None:
        if not future.cancelled() and future.exception() is None:
            self._canary.kept(payload)


class _Sink:
    """Hands everything on but the canary's answers."""

    def __init__(self, publisher: Publisher, canary: Canary) -> None:
        self._publisher = publisher
        self._canary = canary

    async def publish(self, topic: str, payload: bytes) -> bool:
        if topic == self._canary.reply_topic:
            self._canary.answered(payload)
            return True
        return await self._publisher.publish(topic, payload)
