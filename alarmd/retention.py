"""What was sent to whom, word for word, is taken out of the store some time after its incident was closed.

The row stays: that somebody was texted or called, when and what came of it. Only its words go, never while the incident
is open, and never of what is still to be sent. A few rows at a time, behind everything else that is to be written.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from functools import partial

import structlog

from alarmd import journal, times
from alarmd.clock import Clock
from alarmd.event_names import Event
from alarmd.store import Store, StoreError, Transaction
from alarmd.waking import Alarm

BATCH = 200  # rows looked at in one transaction: a few milliseconds, between which presses are kept
PAUSE_S = 0.5  # between two of them
EVERY = timedelta(hours=1)
log = structlog.get_logger()


class Retention:
    """Empties old texts, for as long as the daemon runs; a stop or a crash between two batches loses nothing.

    Args:
        store: Where they are.
        clock: Says what is old.
        keep: How long after its incident's close a text keeps its words.
        pause: Seconds between two batches.
    """

    def __init__(self, *, store: Store, clock: Clock, keep: timedelta, pause: float = PAUSE_S) -> None:
        self._store = store
        self._clock = clock
        self._keep = keep
        self._pause = pause
        self._alarm = Alarm(clock)

    async def run(self) -> None:
        """Look every hour, until cancelled."""
        while True:
            try:
                if erased := await self.erase():
                    log.info("old texts were emptied", texts=erased)
            except StoreError as error:  # a full disk, a store that is held: in an hour again
                log.error("old texts could not be emptied", error=str(error))  # noqa: TRY400 - its text says it all
            await self._alarm.until(self._clock.now() + EVERY, at_most=EVERY.total_seconds())

    async def erase(self) -> int:
        """Empty all that is old now; returns how many texts and calls it were."""
        before = self._clock.now() - self._keep
        place: _Place | None = _BEGINNING
        erased = 0
        while place is not None:
            batch = partial(self._batch, place=place, before=before)
            number, place = await self._store.submit(batch, behind=True)
            erased += number
            if place is not None:
                await asyncio.sleep(self._pause)
        return erased

    def _batch(self, tx: Transaction, place: _Place, before: datetime) -> tuple[int, _Place | None]:
        """The next few rows in the order in which they last changed; where to go on, None at the end."""
        old = times.to_text(before)
        changed_at, rowid = place
        rows = tx.all("bodies_old", changed_at=changed_at, rowid=rowid, before=old, limit=BATCH)
        fit = [{"rowid": row["rowid"]} for row in rows if row["over"]]
        if fit:
            tx.many("body_empty", fit)
            data = {"texts": len(fit), "before": old}
            journal.append(tx, self._clock.now(), journal.Entry(event=Event.MESSAGE_ERASED, data=data))
        end = len(rows) < BATCH
        return len(fit), None if end else (rows[-1]["changed_at"], rows[-1]["rowid"])


_Place = tuple[str, int]
_BEGINNING: _Place = ("", 0)
