"""The record: whether the last entries of the event log still are what was written, at the start and every hour.

An alarm server does not refuse to work because somebody changed its log: it says so by every path it has.
"""

from __future__ import annotations

import structlog

from alarmd import journal
from alarmd.clock import Clock
from alarmd.store import Store, StoreError, Transaction
from alarmd.watch.troubles import Troubles
from escalation.texts.watching import Silence

log = structlog.get_logger()

EVERY_S = 3600.0
LAST = 2_000  # some 20 ms; `alarmd verify` reads all
EVENT = "watchdog.record"


class Record:
    """Verifies the end of the event log.

    Args:
        store: Where it is.
        troubles: Who is told.
        clock: Paces it.
    """

    def __init__(self, *, store: Store, troubles: Troubles, clock: Clock) -> None:
        self._store = store
        self._troubles = troubles
        self._clock = clock

    async def run(self) -> None:
        """Verify until cancelled."""
        while True:
            await self.verify()
            await self._clock.sleep(EVERY_S)

    async def verify(self) -> bool:
        """Verify once; returns whether the end of the log is whole."""
        try:
            verdict = await self._store.read(lambda tx: journal.verify(tx, last=LAST))
        except StoreError as error:
            log.warning("the event log was not verified", error=str(error))
            return False
        if verdict.bad_seq is None:
            self._troubles.end(Silence.RECORD, EVENT)
            return True
        self._troubles.begin(Silence.RECORD, EVENT, bad_seq=verdict.bad_seq, why=verdict.why)
        return False


async def note_mended(store: Store, clock: Clock) -> None:
    """What somebody had taken out of the store before it was opened: in the daemon's log, and on record."""
    if store.mended is None:
        return
    made, left = [str(one) for one in store.mended.made], [f"{one}: {why}" for one, why in store.mended.left]
    log.error("somebody changed the store: what was missing was made again", made_again=made, not_made=left)
    data = {"missing": [*made, *left], "made_again": not left}

    def note(tx: Transaction) -> None:
        journal.append(tx, clock.now(), journal.Entry(event=EVENT, data=data))

    await store.write(note)
