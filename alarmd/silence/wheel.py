"""Who is to be looked at when: one slot a second. Each device is looked at once in its reporting time, however many."""

from __future__ import annotations

from array import array
from collections.abc import Iterator


class Wheel:
    """Numbers, by the second in which they are due."""

    def __init__(self) -> None:
        self._slots: dict[int, array[int]] = {}
        self._reached = 0

    def put(self, number: int, due: float) -> None:
        """Have it come up once ``due`` (seconds since 1970) is over."""
        second = max(int(due) + 1, self._reached)
        slot = self._slots.get(second)
        if slot is None:
            slot = self._slots[second] = array("i")
        slot.append(number)

    def due(self, now: float, at_most: int) -> Iterator[int]:
        """Take out those that are due, at most so many of them; those that are put in meanwhile come next time."""
        second = int(now)
        taken: list[int] = []
        for key in sorted(key for key in self._slots if key <= second):
            slot = self._slots[key]
            room = at_most - len(taken)
            taken += slot[:room]
            if len(slot) > room:
                self._slots[key] = slot[room:]
                break
            del self._slots[key]
        self._reached = second
        yield from taken
