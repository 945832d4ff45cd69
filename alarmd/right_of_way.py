"""While somebody's alarm is on its way, everything that is only noise moves aside.

From the moment a press is read until the provider is asked, some thirty turns of the one event loop pass, and a
transaction that shares the interpreter with it. A storm takes what it can of each: so whoever handles something urgent
claims the right of way, and whoever reads in bulk asks for it. A claim ends by itself; nobody can forget to give it
back, and noise is slowed, never stopped.
"""

from __future__ import annotations

import time
from collections.abc import Callable

CLAIM_S = 0.05
"""Seconds that a claim lasts. Each stage of an alarm claims anew: taken, committed, claimed by the outbox, handed over."""


class RightOfWay:
    """Whether something urgent is under way.

    Args:
        now: Seconds that only grow.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._until = float("-inf")

    def claim(self) -> None:
        """Something urgent is being handled."""
        self._until = self._now() + CLAIM_S

    def is_claimed(self) -> bool:
        """Whether it was, a moment ago."""
        return self._now() < self._until
