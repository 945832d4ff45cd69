"""Deadlines fire: rows are the timers, a sleeping coroutine is only an optimisation (promise 2).

Whatever came due while alarmd was away fires at once after the start, and is logged as late.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from functools import partial

import structlog

from alarmd import journal, times
from alarmd.clock import Clock
from alarmd.engine import Engine, decode_state
from alarmd.store import StoreError, Transaction
from alarmd.waking import Alarm
from escalation.incident import Deadline, Due, Incident

log = structlog.get_logger()

LATE = timedelta(seconds=5)
AT_ONCE_FIRST, AT_ONCE = 2, 64  # incidents a round: with thousands overdue the first message leaves after the first two
LOOK_AGAIN_S = 5.0  # even if nobody woke us
TRY_AGAIN_S = 1.0  # what is overdue and cannot be fired (a full disk) would else be tried thousands of times a second


class Timers:
    """Fires what is due.

    Args:
        engine: Decides what a deadline means.
        clock: Says what is due.

    Attributes:
        looked: Set once what was due at the start has been looked at, and the first of it decided on.
    """

    def __init__(self, *, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._alarm = Alarm(clock)
        engine.on_commit(self._alarm.wake)
        self._failed = 0
        self._at_once = AT_ONCE_FIRST
        self.looked = asyncio.Event()
        self.fired = 0
        self.worst_lateness = timedelta(0)

    async def run(self) -> None:
        """Fire what is due, sleep until the next, until cancelled."""
        while True:
            try:
                fired = await self.fire()
                next_due = None if fired else await self._engine.store.read(_next_due, urgent=True)
            except StoreError as error:
                log.error("timers cannot reach the store", error=str(error))  # noqa: TRY400 - its text says it all
                fired, next_due = 0, None
            self.looked.set()
            if not fired and self._failed:
                await self._clock.sleep(TRY_AGAIN_S)
            elif not fired:
                await self._alarm.until(next_due, at_most=LOOK_AGAIN_S)

    async def fire(self) -> int:
        """Fire one batch; returns how many deadlines fired.

        Each incident is a transaction of its own: one that fails bars no other.
        """
        now = times.to_text(self._clock.now())
        limit = self._at_once + self._failed  # those that failed are the oldest, and must not bar the way of the others
        rows = await self._engine.store.read(lambda tx: tx.all("incidents_due", now=now, limit=limit), urgent=True)
        due = [row["id"] for row in rows]
        results = await self._fire_each(due)
        defects = [one for one, result in results.items() if isinstance(result, Exception) and not _outside(result)]
        for incident in defects:
            log.error("deadline not fired, asking only the desk", incident=incident, error=repr(results[incident]))
        results |= await self._fire_each(defects, bare=True)
        fired = self._failed = 0
        for incident, result in results.items():
            if isinstance(result, BaseException):
                self._failed += 1
                log.error("deadline not fired, trying again", incident=incident, error=repr(result))
            else:
                fired += result
        self._at_once = AT_ONCE if self._failed else min(2 * limit, AT_ONCE) if len(due) == limit else AT_ONCE_FIRST
        if fired:
            self.fired += fired
            self._engine.committed()
        return fired

    async def _fire_each(self, incidents: list[str], *, bare: bool = False) -> dict[str, int | BaseException]:
        fire = (partial(self._fire_one, incident=incident, bare=bare) for incident in incidents)
        futures = [self._engine.store.submit(work) for work in fire]
        return dict(zip(incidents, await asyncio.gather(*futures, return_exceptions=True), strict=True))

    def _fire_one(self, tx: Transaction, *, incident: str, bare: bool) -> int:
        now = self._clock.now()
        row = tx.one("incident_get", id=incident)
        assert row is not None
        due = sorted((d for d in decode_state(row).deadlines if d.due_at <= now), key=lambda d: d.due_at)
        for deadline in due:
            row = tx.one("incident_get", id=incident)
            assert row is not None
            self._note_lateness(tx, decode_state(row), deadline, now)
            event = Due(kind=deadline.kind, due_at=deadline.due_at, person=deadline.person)
            self._engine.happen(tx, row, event, now, bare=bare)
        return len(due)

    def _note_lateness(self, tx: Transaction, incident: Incident, deadline: Deadline, now: datetime) -> None:
        late = now - deadline.due_at
        self.worst_lateness = max(self.worst_lateness, late)
        if late <= LATE:
            return
        data = {
            "kind": deadline.kind.value,
            "due_at": times.to_text(deadline.due_at),
            "late_seconds": late.total_seconds(),
        }
        entry = journal.Entry(event="watchdog.late", incident=incident.id, resident=incident.resident, data=data)
        journal.append(tx, now, entry)


def _outside(error: Exception) -> bool:
    """The disk or another program is at fault: trying another way would meet it again."""
    return isinstance(error, StoreError)


def _next_due(tx: Transaction) -> datetime | None:
    row = tx.one("incident_next_due")
    return times.from_text(row["due_at"]) if row and row["due_at"] else None
