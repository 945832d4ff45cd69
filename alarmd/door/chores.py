"""Work whose length clients decide, done in steps: so much in one turn of the loop as its time allows, users in turn.

A message with ten thousand subscribers, the retained messages that answer a subscription, the filters of a session that
is over: each is an iterator that yields now and then, and bears that the world changes between two steps.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Iterator

from alarmd.door.turns import ASIDE, Allowance
from alarmd.right_of_way import RightOfWay

STEP = 32
"""Things looked at before the time is."""


class Chores:
    """The work that waits, by the user whose it is.

    Args:
        loop: In whose turns it is done.
        way: It steps aside for what is urgent.
        in_order: Whether one user's is done strictly one after the other; else all of it goes on by turns.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, way: RightOfWay, *, in_order: bool = False) -> None:
        self._loop = loop
        self._way = way
        self._in_order = in_order
        self._waiting: OrderedDict[str, deque[Iterator[None]]] = OrderedDict()
        self._due = False
        self._allowance = Allowance(loop)

    def __bool__(self) -> bool:
        """Whether anything waits."""
        return bool(self._waiting)

    def waiting(self, user: str) -> int:
        """How much of that user's is not done."""
        return len(self._waiting.get(user, ()))

    def do(self, user: str, work: Iterator[None]) -> None:
        """Do that at once, as far as this turn's time allows, and the rest in the next turns."""
        if not self.done_at_once(user, work):
            self.later(user, work)

    def done_at_once(self, user: str, work: Iterator[None]) -> bool:
        """Do of it what this turn's time allows, where nothing of that user's waits; whether that was all."""
        return user not in self._waiting and not self._allowance.is_spent() and self._goes_on(work)

    def later(self, user: str, work: Iterator[None]) -> None:
        """Do that in the next turns."""
        self._waiting.setdefault(user, deque()).append(work)
        self._soon()

    def _soon(self) -> None:
        if self._waiting and not self._due:
            self._due = True
            if self._way.is_claimed():
                self._loop.call_later(ASIDE, self._go_on)
            else:
                self._loop.call_soon(self._go_on)

    def _go_on(self) -> None:
        self._due = False
        until = self._allowance.until
        try:
            while self._waiting:
                self._go_on_with_one()
                if self._loop.time() >= until:
                    break
        finally:
            self._soon()

    def _go_on_with_one(self) -> None:
        user, waiting = self._waiting.popitem(last=False)
        work = waiting.popleft()
        done = True
        try:
            done = self._goes_on(work)
        finally:  # what fails is over; what waits behind it is not
            if not done and self._in_order:
                waiting.appendleft(work)
            elif not done:
                waiting.append(work)
            if more := self._waiting.pop(user, None):  # what it brought up itself
                waiting.extend(more)
            if waiting:
                self._waiting[user] = waiting

    def _goes_on(self, work: Iterator[None]) -> bool:
        """Go on with it for a step at least, until the time of this turn is over; whether it is done."""
        until, time = self._allowance.until, self._loop.time
        return all(time() < until for _ in work)
