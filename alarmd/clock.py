"""Time is injected: the daemon reads the machine's clock here and nowhere else."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Where `now` comes from. Read it once per decision."""

    def now(self) -> datetime:
        """The present, as an aware UTC datetime."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait that many seconds of this clock's time."""
        ...


class SystemClock:
    """The machine's clock.

    Args:
        speed: How many seconds pass here for one on the wall; the demo's ``--speed``. 1 in service.
    """

    def __init__(self, speed: float = 1.0) -> None:
        self._speed = speed
        self._start = time.time()

    def now(self) -> datetime:
        """The present, as an aware UTC datetime."""
        wall = time.time()
        if self._speed != 1.0:
            wall = self._start + (wall - self._start) * self._speed
        return datetime.fromtimestamp(wall, UTC)

    async def sleep(self, seconds: float) -> None:
        """Wait that many seconds of this clock's time."""
        import asyncio  # noqa: PLC0415 - commands read this clock too, and none of them waits by it

        await asyncio.sleep(max(0.0, seconds) / self._speed)
