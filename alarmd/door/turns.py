"""Shares the loop out among connections: a storm is read in slices, so that a press comes through.

Without it fifty gateways that come back after an outage fill every turn of the loop with thousands of messages, and
whatever needs a dozen turns (a commit, a request to the phone provider) waits for more than a minute (tried; bench).
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Protocol

SLICE = 16
"""Packets of one connection before the others have their turn."""
BUDGET = 0.005
"""Seconds of one turn of the loop; the rest of the daemon gets the next."""


class Waiting(Protocol):
    """A connection in the line."""

    def take_turn(self) -> None:
        """Handle one slice; it may stand in line again."""
        ...


class Turns:
    """The line in which connections wait that have more to say than a slice.

    Args:
        loop: Whose turns are shared.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._line: deque[Waiting] = deque()
        self._due = False

    def is_crowded(self) -> bool:
        """Whether somebody waits: then whoever comes new waits too, behind them."""
        return bool(self._line)

    def wait(self, connection: Waiting) -> None:
        """Stand in line."""
        self._line.append(connection)
        if not self._due:
            self._due = True
            self._loop.call_soon(self._serve)

    def _serve(self) -> None:
        until = self._loop.time() + BUDGET
        while self._line:
            self._line.popleft().take_turn()
            if self._loop.time() >= until:
                break
        self._due = bool(self._line)
        if self._due:
            self._loop.call_soon(self._serve)
