"""Sleep until a time of the injected clock, or until somebody wakes us, whichever comes first."""

from __future__ import annotations

import asyncio
from datetime import datetime

from alarmd.clock import Clock


class Alarm:
    """One sleeper that can be woken; a wake while awake is not lost."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """End the present sleep, or the next one at once."""
        self._woken.set()

    async def until(self, moment: datetime | None, *, at_most: float) -> None:
        """Sleep until ``moment``, a wake, or ``at_most`` seconds of the clock."""
        seconds = at_most if moment is None else min(at_most, (moment - self._clock.now()).total_seconds())
        if seconds > 0 and not self._woken.is_set():
            sleeping = asyncio.ensure_future(self._clock.sleep(seconds))
            waking = asyncio.ensure_future(self._woken.wait())
            try:
                await asyncio.wait((sleeping, waking), return_when=asyncio.FIRST_COMPLETED)
            finally:
                sleeping.cancel()
                waking.cancel()
        self._woken.clear()
