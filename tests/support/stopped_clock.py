"""A clock that only moves when the story says so."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

START = datetime(2026, 11, 21, 11, 30, tzinfo=UTC)


class StoppedClock:
    """Stands at a moment; waiting takes no time but moves it."""

    def __init__(self, now: datetime = START) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    async def sleep(self, seconds: float) -> None:
        self.pass_(seconds)

    def pass_(self, seconds: float) -> None:
        """Let that many seconds go by."""
        self._now += timedelta(seconds=seconds)


class StandingClock(StoppedClock):
    """Waiting takes for ever: who goes on was woken."""

    async def sleep(self, seconds: float) -> None:
        await asyncio.Event().wait()
