"""Stalls: how late the event loop is, and how long the store's writer takes.

A loop that stands still cannot say so: it is noticed when it goes on, and until then by systemd, whose watchdog nobody
feeds, and by the switch outside, which nobody pings. A writer that stands still, or a disk that takes nothing, is
noticed while it does.
"""

from __future__ import annotations

import asyncio

import structlog

from alarmd import journal, times
from alarmd.clock import Clock
from alarmd.store import Store, StoreError, Transaction
from alarmd.watch.figures import WatchFigures
from alarmd.watch.troubles import Troubles
from escalation.texts.watching import Silence

log = structlog.get_logger()

BEAT_S = 0.25
WRITE_EVERY_S = 5.0
LOOP_MOST_S = 1.0  # by so much nothing of alarmd may come late
WRITER_MOST_S = 5.0
EVENT = "watchdog.stalled"


class Stalls:
    """Measures event loop and writer.

    Args:
        store: Whose writer is measured.
        troubles: Who is told while the writer stands still.
        clock: The daemon's, for the record; what is measured is the loop's own steady time.
        figures: What is shown.
        beat: Seconds between two looks at the loop.
        loop_most: Seconds of lateness that count as a stall.
        writer_most: Seconds without an answer of the writer that count as one.
    """

    def __init__(
        self,
        *,
        store: Store,
        troubles: Troubles,
        clock: Clock,
        figures: WatchFigures,
        beat: float = BEAT_S,
        loop_most: float = LOOP_MOST_S,
        writer_most: float = WRITER_MOST_S,
    ) -> None:
        self._store = store
        self._troubles = troubles
        self._clock = clock
        self._figures = figures
        self._beat = beat
        self._loop_most = loop_most
        self._writer_most = writer_most
        self._reports: set[asyncio.Task[None]] = set()
        self._answered_at = troubles.moment()

    async def run(self) -> None:
        """Measure both until cancelled."""
        async with asyncio.TaskGroup() as both:
            both.create_task(self._watch_loop())
            both.create_task(self._watch_writer())

    async def _watch_loop(self) -> None:
        loop = asyncio.get_running_loop()
        worst = lasted = 0.0
        while True:
            before = loop.time()
            await asyncio.sleep(self._beat)
            late = max(0.0, loop.time() - before - self._beat)
            worst, lasted = max(worst, late), lasted + self._beat
            if late > self._loop_most:
                self._stalled("loop", late)
            if lasted >= WRITE_EVERY_S or late > self._loop_most:
                self._figures.loop_lag.set(worst)
                worst = lasted = 0.0

    async def _watch_writer(self) -> None:
        while True:
            await asyncio.sleep(min(WRITE_EVERY_S, self._writer_most))
            await self.measure_writer()

    async def measure_writer(self) -> float:
        """How many seconds the writer takes for next to nothing; told of while that is too many, or it cannot write."""
        loop = asyncio.get_running_loop()
        before, now = loop.time(), times.to_text(self._clock.now())
        answer = self._store.submit(
            lambda tx: tx.run("health_touch", now=now)
        )  # a full disk shows only where one writes
        await asyncio.wait((answer,), timeout=self._writer_most)
        if not answer.done():
            self._troubles.begin(Silence.WRITER, EVENT, since=self._answered_at, part="writer")
            await asyncio.wait((answer,))
        took = loop.time() - before
        self._figures.writer_lag.set(took)
        if took > self._writer_most:
            self._figures.stalled("writer")
        if (error := answer.exception()) is not None:  # a full disk: no press is kept, and nobody can be rung for one
            self._troubles.begin(Silence.WRITER, EVENT, since=self._answered_at, part="writer", problem=str(error))
            return took
        self._answered_at = self._troubles.moment()
        self._troubles.end(Silence.WRITER, EVENT, part="writer", seconds=round(took, 3))
        return took

    def _stalled(self, part: str, seconds: float) -> None:
        self._figures.stalled(part)
        log.error("stood still", part=part, seconds=round(seconds, 3))
        task = asyncio.create_task(self._record(part, seconds))
        self._reports.add(task)
        task.add_done_callback(self._reports.discard)

    async def _record(self, part: str, seconds: float) -> None:
        def work(tx: Transaction) -> None:
            data = {"part": part, "seconds": round(seconds, 3), "owner": "desk"}
            journal.append(tx, self._clock.now(), journal.Entry(event=EVENT, data=data))

        try:
            await self._store.write(work)
        except StoreError as error:
            log.error("not on record", part=part, seconds=round(seconds, 3), error=str(error))  # noqa: TRY400 - its text says it all
