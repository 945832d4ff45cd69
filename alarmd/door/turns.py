"""Shares the loop out among connections: a storm is read in slices, so that a press comes through.

Without it fifty gateways that come back after an outage fill every turn of the loop with thousands of messages, and
whatever needs a dozen turns (a commit, a request to the phone provider) waits for more than a minute (tried; bench).
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable
from typing import Protocol

from alarmd.door.shares import Shares
from alarmd.right_of_way import RightOfWay

SLICE, SHORT_SLICE = 16, 4
"""Packets of one connection before the others have their turn; the short one while something urgent has the way."""
BUDGET = 0.0005
"""Seconds of one turn of the loop; the rest of the daemon gets the next. A press needs some thirty turns until the
phone provider hears of it: each millisecond here is thirty there."""
ASIDE = 0.001
"""Seconds between two short slices while something urgent has the way: the loop is free, and the interpreter too."""


class Allowance:
    """The time that one kind of work may take in the turn of the loop that goes on, however many ask for it.

    All that is ready is handled in one turn: a thousand sockets that speak in the same moment, each with little to do,
    would else be one long turn.

    Args:
        loop: Whose turns are counted.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._until = 0.0
        self._running = False

    @property
    def until(self) -> float:
        """When it is spent, in the loop's time; the first question of a turn begins it."""
        if not self._running:
            self._running = True
            self._until = self._loop.time() + BUDGET
            self._loop.call_soon(self._renew)
        return self._until

    def is_spent(self) -> bool:
        """Whether what else there is to do waits for the next turn."""
        return self._loop.time() > self.until

    def _renew(self) -> None:
        self._running = False


class Waiting(Protocol):
    """A connection in the line."""

    @property
    def owner(self) -> Hashable:
        """Whose it is: those of one owner have one place in the line."""
        ...

    def take_turn(self) -> None:
        """Handle one slice; it may stand in line again."""
        ...


class Line:
    """Who waits: owners by turns, those of one owner in the order in which they came."""

    def __init__(self) -> None:
        self._of: OrderedDict[Hashable, deque[Waiting]] = OrderedDict()

    def __bool__(self) -> bool:
        """Whether anybody waits."""
        return bool(self._of)

    def append(self, one: Waiting) -> None:
        """One more."""
        self._of.setdefault(one.owner, deque()).append(one)

    def popleft(self) -> Waiting:
        """Whose turn it is."""
        owner, waiting = self._of.popitem(last=False)
        one = waiting.popleft()
        if waiting:
            self._of[owner] = waiting
        return one


class Turns:
    """The lines in which connections wait that have more to say than a slice.

    Whoever comes new, with its first slice, is served before those who had theirs and have still more to say: a press
    and its CONNECT are one slice each, and need not wait for one of every gateway. Every other turn serves the
    second line first, so that a town of buttons that come back cannot keep a gateway out either. In both lines users
    take turns, however many connections each has.

    Args:
        loop: Whose turns are shared.
        way: Whether something urgent is to be let through.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, way: RightOfWay) -> None:
        self._loop = loop
        self._way = way
        self.shares = Shares(loop)
        """What each user may take of all turns together."""
        self._new = Line()
        self._again = Line()
        self._soon: deque[Callable[[], None]] = deque()
        self._soon_due = False
        self._due = False
        self._patient = False  # nobody of the second line was served in the last turn
        self._at_once = Allowance(loop)

    def is_crowded(self) -> bool:
        """Whether somebody waits, or enough was read in this turn of the loop: then who comes new waits too."""
        return self._somebody_waits() or self._at_once.is_spent()

    def _somebody_waits(self) -> bool:
        return bool(self._new or self._again)

    def wait(self, connection: Waiting, *, again: bool = False) -> None:
        """Stand in line; ``again``: after a slice that was not enough."""
        (self._again if again else self._new).append(connection)
        if not self._due:
            self._due = True
            self._loop.call_soon(self._serve)

    def soon(self, work: Callable[[], None]) -> None:
        """Do that in one of the next turns, with what else is to be done then: as much in a turn as its time allows."""
        self._soon.append(work)
        self._do_soon()

    def _do_soon(self) -> None:
        if self._soon and not self._soon_due:
            self._soon_due = True
            self._loop.call_soon(self._do_some)

    def _do_some(self) -> None:
        self._soon_due = False
        until = self._loop.time() + BUDGET
        try:
            for _ in range(len(self._soon)):
                self._soon.popleft()()
                if self._loop.time() >= until:
                    break
        finally:
            self._do_soon()

    def slice(self) -> int:
        """How many packets may be handled now, one connection's at a time."""
        return SHORT_SLICE if self._way.is_claimed() else SLICE

    def until(self) -> float:
        """Until when they may be, in the loop's time: a packet may cost what a hundred others do."""
        return self._loop.time() + BUDGET

    def _serve(self) -> None:
        until = self._loop.time() + (0 if self._way.is_claimed() else BUDGET)
        patient, self._patient = self._patient, True
        while self._somebody_waits():
            line = self._again if not self._new or (patient and self._again) else self._new
            if line is self._again:
                patient = self._patient = False
            line.popleft().take_turn()
            if self._loop.time() >= until:
                break
        self._due = self._somebody_waits()
        if self._due and self._way.is_claimed():
            self._loop.call_later(ASIDE, self._serve)
        elif self._due:
            self._loop.call_soon(self._serve)
