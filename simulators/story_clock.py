"""A clock that begins at the hour a story begins, and runs as fast as one wants to watch."""

from __future__ import annotations

from datetime import datetime, timedelta

from alarmd.clock import SystemClock


class StoryClock:
    """The machine's clock, moved to another hour.

    Args:
        speed: Seconds that pass here for one on the wall.
        begins: What time it is at the beginning; None = the present.
    """

    def __init__(self, *, speed: float = 1.0, begins: datetime | None = None) -> None:
        self.speed = speed
        self._clock = SystemClock(speed)
        self._moved = begins - self._clock.now() if begins else timedelta()

    def now(self) -> datetime:
        """The present, as an aware UTC datetime."""
        return self._clock.now() + self._moved

    async def sleep(self, seconds: float) -> None:
        """Wait that many seconds of this clock's time."""
        await self._clock.sleep(seconds)
