"""A token bucket: so much a second, so much at once."""

from __future__ import annotations

from collections.abc import Callable


class Bucket:
    """What may be spent: so much a second, and no more than so much at once; may go into debt.

    Args:
        a_second: How fast it fills.
        most: How much it holds.
        now: Seconds that only grow.
    """

    def __init__(self, a_second: float, most: float, now: Callable[[], float]) -> None:
        self._a_second = a_second
        self._most = most
        self._now = now
        self._level = most
        self._at = now()

    def spend(self, amount: float) -> None:
        """Take so much, whether it is there or not."""
        self._fill()
        self._level -= amount

    def wait(self) -> float:
        """Seconds until it is out of debt; 0 = it is not in debt."""
        self._fill()
        return max(0.0, -self._level / self._a_second)

    def _fill(self) -> None:
        now = self._now()
        self._level = min(self._most, self._level + (now - self._at) * self._a_second)
        self._at = now
