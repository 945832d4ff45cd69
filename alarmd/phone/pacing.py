"""Keeping within a rate by waiting, never by refusing."""

from __future__ import annotations

from datetime import datetime, timedelta

from alarmd.clock import Clock


class Pacer:
    """Lets so many through a second in the long run, in the order in which they asked, and a few at once.

    Args:
        clock: Whose seconds.
        per_second: How many a second, above zero.
        burst: How many may go at once after a quiet time. Twilio itself queues what comes faster than the account's
            rate; one emergency's calls need not wait for a rate that is meant for campaigns.
    """

    def __init__(self, clock: Clock, per_second: float, burst: int = 1) -> None:
        self._clock = clock
        self._interval = timedelta(seconds=1 / per_second)
        self._ahead = self._interval * (burst - 1)  # how far the account may be overdrawn
        self._paid_until: datetime | None = None
        self._waiting = timedelta()  # what those in front will use up
        self._largest = self._interval

    async def turn(self, weight: int = 1) -> None:
        """Wait until it is this one's turn; ``weight`` is what it uses up, for example segments of a text message."""
        now = self._clock.now()
        mine = self._interval * weight
        paid_until = max(now, self._paid_until or now)
        # A clock that was set back must not make an alarm wait for the old time: never longer than those in front need.
        at = min(max(now, paid_until - self._ahead), now + self._waiting + self._largest)
        self._paid_until = min(paid_until, at + self._ahead) + mine
        self._largest = max(self._largest, mine)
        if at <= now:
            return
        self._waiting += mine
        try:
            await self._clock.sleep((at - now).total_seconds())
        finally:
            self._waiting -= mine
