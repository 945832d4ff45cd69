"""Who is alive: last-seen in memory, written in batches, never on the way of an alarm."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import datetime
from functools import partial

import structlog

from alarmd import times
from alarmd.clock import Clock
from alarmd.store import Store, StoreError, Transaction

log = structlog.get_logger()

FLUSH_EVERY_S = 5.0
ROWS_AT_ONCE = 500  # some milliseconds: a press does not wait behind the last-seen of a whole town (promise 5)


class Supervision:
    """Notes signs of life.

    Args:
        store: Where they are written.
        clock: Paces the batches.
    """

    def __init__(self, *, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._fresh: dict[str, tuple[datetime, float | None]] = {}

    def seen(self, family: str, address: str, at: datetime, battery: float | None) -> None:
        """A fresh message came from that device."""
        key = f"{family}/{address}"
        known = self._fresh.get(key)
        self._fresh[key] = (at, battery if battery is not None or known is None else known[1])

    async def run(self) -> None:
        """Write what was noted, every few seconds, until cancelled; then once more."""
        try:
            while True:
                await self._clock.sleep(FLUSH_EVERY_S)
                await self.flush()
        finally:
            with contextlib.suppress(StoreError):
                await asyncio.shield(self.flush())

    async def flush(self) -> None:
        """Write what was noted since the last time."""
        if not self._fresh:
            return
        fresh, self._fresh = self._fresh, {}
        devices = list(fresh)
        for start in range(0, len(devices), ROWS_AT_ONCE):
            some = [(device, *fresh[device]) for device in devices[start : start + ROWS_AT_ONCE]]
            try:
                await asyncio.shield(self._store.submit(partial(_touch, some=some), behind=True))
            except StoreError as error:
                self._fresh = {device: fresh[device] for device in devices[start:]} | self._fresh
                log.error("signs of life not written", error=str(error))  # noqa: TRY400 - its text says it all
                return


def _touch(tx: Transaction, *, some: list[tuple[str, datetime, float | None]]) -> None:
    rows = [{"device": device, "last_seen": times.to_text(at), "battery": battery} for device, at, battery in some]
    tx.many("device_life_touch", rows)
