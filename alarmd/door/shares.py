"""What one user may take of the door's time, in all its connections together.

A rate for each connection bounds nothing where one password opens two thousand of them, and a number of packets says
little where one is a ping and the next 250 kB to decode. So what a user's packets take of the processor is counted, a
little for each packet and byte beside it, and the user has a share of every second. Who has spent it is not read until
it has grown again, one connection after the other; nothing is dropped. Others are read meanwhile, as if nobody else
were there.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import Protocol

SHARE = 0.2
"""Of each second of the loop, one user's."""
AT_ONCE = 0.5
"""Seconds of it that a user may spend at once after a quiet time: a gateway that comes back has much to say."""
PACKET = 0.0001
"""Seconds that a packet counts at least: some thousand a second, five thousand at once."""
MOST_DEBT = 0.5
"""Seconds that a user may owe at most. The machine may have stood still while a packet was read: then its user is
slower for two and a half seconds, and not deaf for minutes."""
BYTE = 1e-8
"""And each byte, for it was read and copied: 20 MB a second."""
COMING = 5 * PACKET
"""And each connection, which costs more than what is said in it."""
TURN = 0.0001
"""What it counts to be read again: the kernel is asked to tell of it, and asked not to any more."""
NO_SOONER = 0.001
"""Seconds until it is looked again who may be read."""


class Spender(Protocol):
    """A connection that waits until its user may be read again."""

    def may_go_on(self) -> None:
        """Be read again; it may spend at once what there is."""
        ...


class Share:
    """One user's.

    Args:
        loop: Whose time counts.
    """

    __slots__ = ("_at", "_due", "_left", "_line", "_loop", "holders")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._left = AT_ONCE
        self._at = loop.time()
        self._line: OrderedDict[Spender, None] = OrderedDict()
        self._due: asyncio.TimerHandle | None = None
        self.holders = 0
        """Connections that spend of it."""

    def spend(self, seconds: float) -> None:
        """So much was done for it."""
        now = self._loop.time()
        self._left = max(-MOST_DEBT, min(AT_ONCE, self._left + (now - self._at) * SHARE) - seconds)
        self._at = now

    def is_spent(self) -> bool:
        """Whether it must wait."""
        return self._left < 0

    def wait(self, one: Spender) -> None:
        """Read that connection again when there is something to spend, after those before it."""
        self._line[one] = None
        self._later()

    def forget(self, one: Spender) -> None:
        """That connection is over."""
        self._line.pop(one, None)

    def is_quiet(self) -> bool:
        """Whether nothing would be lost if it began anew."""
        self.spend(0)
        return not self.holders and not self._line and self._left >= AT_ONCE

    def _later(self) -> None:
        if self._line and self._due is None:
            self._due = self._loop.call_later(max(NO_SOONER, -self._left / SHARE), self._go_on)

    def _go_on(self) -> None:
        self._due = None
        self.spend(0)
        for _ in range(len(self._line)):  # each has one turn: who has more to say stands in line again
            if self._left < 0:
                break
            one, _ = self._line.popitem(last=False)
            self.spend(TURN)
            one.may_go_on()
        self._later()


class Shares:
    """Everybody's.

    Args:
        loop: Whose time counts.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._of: dict[str, Share] = {}

    def of(self, user: str) -> Share:
        """That user's."""
        share = self._of.get(user)
        if share is None:
            share = self._of[user] = Share(self._loop)
        return share

    def come(self, user: str) -> Share:
        """That user's, for one more connection of it."""
        share = self.of(user)
        share.holders += 1
        share.spend(COMING)
        return share

    def let_go(self, user: str, one: Spender) -> None:
        """That connection of the user, which has `come`, is over; who has no other and owes nothing is forgotten."""
        share = self.of(user)
        share.holders -= 1
        share.forget(one)
        if share.is_quiet():
            del self._of[user]
