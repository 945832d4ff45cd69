"""While somebody's alarm is on its way, everything that is only noise moves aside.

From the moment a press is read until the provider is asked, some thirty turns of the one event loop pass, and a
transaction that shares the interpreter with it. A storm takes what it can of each: so whoever handles something urgent
claims the right of way, and whoever reads in bulk asks for it. A claim ends by itself; nobody can forget to give it
back, and noise is slowed, never stopped.

Nor can many alarms, or one button that sticks, slow it for long: what is not read yet may be presses too. Where one in
fifty of 40,000 waiting messages was a press, stepping aside for each kept the last one waiting for 20 s, and without
any right of way it was 7 s (tried). So a claim that does not end counts for its first half second, and then for a
quarter of the time.
"""

from __future__ import annotations

import time
from collections.abc import Callable

CLAIM_S = 0.05
"""Seconds that a claim lasts. Each stage of an alarm claims anew: taken, committed, in the outbox, handed over."""
WHOLE_S = 0.5
"""Seconds for which claims that follow each other without a gap are all granted: one alarm needs less."""
THEN_S, OF_S = 0.25, 1.0
"""After that they are granted for so many seconds of so many."""


class RightOfWay:
    """Whether something urgent is under way.

    Args:
        now: Seconds that only grow.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._since = self._until = float("-inf")

    def claim(self) -> None:
        """Something urgent is being handled."""
        now = self._now()
        if now >= self._until:
            self._since = now
        self._until = now + CLAIM_S

    def is_claimed(self) -> bool:
        """Whether it was, a moment ago, and not for too long already."""
        now = self._now()
        if now >= self._until:
            return False
        claimed = now - self._since
        return claimed < WHOLE_S or claimed % OF_S < THEN_S
