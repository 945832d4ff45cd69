"""Absence of what always comes: a broker or door that brings nothing at all for longer than it ever did.

How long silence may last is set (`expect_traffic_within`), or learned: twice the longest silence of the last seven
days, ten minutes at least, once a whole day is known, so that a quiet night is none. What was learned outlives a
restart, and the time alarmd was off counts for nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec
import structlog

from alarmd.clock import Clock
from alarmd.store import Store, StoreError, Transaction
from alarmd.watch.figures import WatchFigures
from alarmd.watch.troubles import Troubles
from escalation.texts.watching import Silence

log = structlog.get_logger()

LOOK_EVERY_S = 15.0
SHORT_S = 1.0
LEAPT = timedelta(minutes=5)  # between two looks; a machine that slept is no silence either
KEEP_EVERY = timedelta(minutes=10)
LEAST = timedelta(minutes=10)
TIMES_THE_LONGEST = 2
KNOWN_AFTER = timedelta(days=1)
DAYS_KEPT = 7
EVENT_SILENT, EVENT_BACK = "traffic.silent", "traffic.back"
SILENCES = {"broker": Silence.TRAFFIC_BROKER, "door": Silence.TRAFFIC_DOOR}


class Habit(msgspec.Struct):
    """What is known of one way in.

    Attributes:
        since: When it was first heard.
        longest: The longest silence of each day (ISO date), seconds.
    """

    since: datetime
    longest: dict[str, float] = msgspec.field(default_factory=dict)

    def silence(self, seconds: float, now: datetime) -> None:
        """It was silent for so long, until now."""
        day = now.date().isoformat()
        self.longest[day] = max(self.longest.get(day, 0.0), seconds)
        for old in sorted(self.longest)[:-DAYS_KEPT]:
            del self.longest[old]

    def set_back(self, now: datetime) -> None:
        """The clock was ahead: nothing was learned later than now."""
        self.since = min(self.since, now)
        today = now.date().isoformat()
        self.longest = {day: seconds for day, seconds in self.longest.items() if day <= today}

    def bound(self, now: datetime) -> timedelta | None:
        """The silence that is too long; None while too little is known."""
        if now - self.since < KNOWN_AFTER or not self.longest:
            return None
        return max(LEAST, timedelta(seconds=max(self.longest.values())) * TIMES_THE_LONGEST)


class Traffic:
    """Watches the ways in.

    Args:
        store: Keeps what was learned.
        troubles: Who is told.
        clock: The daemon's.
        figures: What is shown.
        within: What the operator expects; None = what was learned.
        paths: The ways that are open: ``broker``, ``door``.
    """

    def __init__(
        self,
        *,
        store: Store,
        troubles: Troubles,
        clock: Clock,
        figures: WatchFigures,
        within: timedelta | None,
        paths: tuple[str, ...],
    ) -> None:
        self._store = store
        self._troubles = troubles
        self._clock = clock
        self._figures = figures
        self._within = within
        self._paths = paths
        now = clock.now()
        self._heard_at = dict.fromkeys(paths, now)
        self._habits: dict[str, Habit] = {}
        self._kept_at = self._looked_at = now

    def heard(self, path: str, at: datetime) -> None:
        """A message came that is not alarmd's own."""
        before = self._heard_at.get(path)
        if before is None:
            return
        silent = (at - before).total_seconds()
        if 0.0 <= silent < SHORT_S and path in self._habits:  # in a storm this is nearly all that is done
            return
        habit = self._habits.setdefault(path, Habit(since=at))
        leapt = abs(at - self._looked_at) > LEAPT  # whoever looks was held up, or the clock leapt: no silence was heard
        if silent >= SHORT_S and not leapt and not self._troubles.is_silent(SILENCES[path]):
            habit.silence(silent, at)
        self._heard_at[path] = at
        self._figures.heard(path, at.timestamp())
        self._troubles.end(SILENCES[path], EVENT_BACK, path=path)

    def bound(self, path: str) -> timedelta | None:
        """How long that way may be silent now; None while nobody knows."""
        if self._within is not None and (path in self._habits or not self._habits):
            return self._within  # of two ways that are open, one may never be used
        habit = self._habits.get(path)
        return habit.bound(self._clock.now()) if habit else None

    async def run(self) -> None:
        """Look until cancelled."""
        await self.recall()
        while True:
            await self._clock.sleep(LOOK_EVERY_S)
            self.look()
            if self._clock.now() - self._kept_at >= KEEP_EVERY:
                await self.keep()

    def look(self) -> None:
        """Whether one of the ways is silent for too long."""
        now = self._clock.now()
        leapt = not timedelta(0) <= now - self._looked_at <= LEAPT
        self._looked_at = now
        if leapt:  # the time between was none in which anything was missed
            self._heard_at = dict.fromkeys(self._paths, now)
            self.set_back(now)
            return
        for path in self._paths:
            silent, bound = now - self._heard_at[path], self.bound(path)
            if silent < timedelta(0):  # the clock was set back
                self._heard_at[path] = now
            elif bound is not None and silent > bound:
                facts: dict[str, Any] = {
                    "silent_seconds": silent.total_seconds(),
                    "expected_within": bound.total_seconds(),
                }
                self._troubles.begin(SILENCES[path], EVENT_SILENT, path=path, **facts)

    def set_back(self, now: datetime) -> None:
        """The clock was ahead: nothing was heard, kept or learned later than now."""
        self._heard_at = {path: min(at, now) for path, at in self._heard_at.items()}
        self._kept_at, self._looked_at = min(self._kept_at, now), min(self._looked_at, now)
        for habit in self._habits.values():
            habit.set_back(now)

    async def keep(self) -> None:
        """Write down what was learned."""
        self._kept_at = self._clock.now()
        text = msgspec.json.encode(self._habits).decode()
        try:
            await self._store.write(lambda tx: tx.run("note_set", name="traffic", value=text))
        except StoreError as error:
            log.warning("what was learned of the traffic is not kept", error=str(error))

    async def recall(self) -> None:
        """Take up what the last run learned."""

        def work(tx: Transaction) -> str | None:
            row = tx.one("note_get", name="traffic")
            return str(row["value"]) if row else None

        try:
            kept = await self._store.read(work)
            self._habits = msgspec.json.decode(kept, type=dict[str, Habit]) | self._habits if kept else self._habits
            self.set_back(self._clock.now())
        except (StoreError, msgspec.MsgspecError) as error:
            log.warning("what was learned of the traffic cannot be read", error=str(error))
