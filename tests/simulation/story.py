"""What happened in one simulated run, line by line, and what was found to be wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import NamedTuple


class Line(NamedTuple):
    """One thing that happened: world time in seconds, alarmd's clock, where, what."""

    at: float
    clock: datetime
    where: str
    what: str

    def __str__(self) -> str:
        minutes, seconds = divmod(self.at, 60)
        return f"{int(minutes):3d}:{seconds:06.3f}  {self.clock:%H:%M:%S}  {self.where:<10} {self.what}"


class Violation(NamedTuple):
    """A promise that was not kept."""

    at: float
    promise: str
    what: str

    def __str__(self) -> str:
        return f"{self.promise}: {self.what} (at {self.at:.1f} s)"


class Story:
    """Lines and violations.

    Args:
        time: The world's time in seconds.
        clock: alarmd's clock.
    """

    def __init__(self, time: Callable[[], float], clock: Callable[[], datetime]) -> None:
        self._time = time
        self._clock = clock
        self.lines: list[Line] = []
        self.violations: list[Violation] = []
        self._seen: set[tuple[str, str]] = set()
        self.counts: dict[str, int] = {}

    def tell(self, where: str, what: str) -> None:
        """Add a line."""
        self.lines.append(Line(self._time(), self._clock(), where, what))

    def count(self, what: str, n: int = 1) -> None:
        """Count something for the summary."""
        self.counts[what] = self.counts.get(what, 0) + n

    def wrong(self, promise: str, what: str, *, about: str = "") -> None:
        """A promise was not kept; the same about the same is told once."""
        key = (promise, about or what)
        if key in self._seen:
            return
        self._seen.add(key)
        self.violations.append(Violation(self._time(), promise, what))
        self.tell("VIOLATION", f"{promise}: {what}")

    def __iter__(self) -> Iterator[Line]:
        return iter(self.lines)
