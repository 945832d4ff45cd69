"""How much of the writer's time one device may have: what it sends beyond that is kept together, not one by one.

Each kept message is a transaction. A button that sticks, or a stolen password, could else fill the writer with a
thousand presses a second, and an honest one would wait. So each device has a budget, and so has each sender for all
that nobody registered. What is beyond it waits
a fifth of a second for its like, and is kept in one transaction with it: each has its entry, and only the last one
raises its incident, as if all of them were one. None is acknowledged before that.
The first messages, and the first of each kind, are never held.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime

from alarmd.intake.delivery import Delivery
from devices.signal import Signal

AT_ONCE = 30
"""Messages of one device and kind that are each kept by themselves after a quiet time."""
PER_SECOND = 2.0
"""And so many more a second: no hand, and no device that works, is faster for long."""
HELD_S = 0.2
"""Seconds that what is beyond the budget waits for its like."""
TOGETHER = 16  # in one transaction, which a press may have to wait for
MANY = 20_000  # spenders that are remembered; who was quiet for the longest is forgotten


@dataclass(slots=True)
class _Purse:
    left: float
    at: datetime


@dataclass(slots=True)
class Held:
    """A message that waits to be kept together with its like; ``taken`` is what its sender waits for."""

    delivery: Delivery
    signals: tuple[Signal, ...]
    reason: str
    taken: asyncio.Future[None]


class Budget:
    """Who has spent how much.

    Args:
        keep: Keeps what was held, at most `TOGETHER` at a time: the last of those stands for all.
    """

    def __init__(self, keep: Callable[[list[Held]], None]) -> None:
        self._keep = keep
        self._purses: OrderedDict[Hashable, _Purse] = OrderedDict()
        self._held: dict[Hashable, list[Held]] = {}

    def allows(self, spender: Hashable, at: datetime) -> bool:
        """Whether one more message of that spender is kept by itself; then it is paid for."""
        if spender in self._held:
            return False
        purse = self._purses.get(spender)
        if purse is None:
            purse = self._purses[spender] = _Purse(float(AT_ONCE), at)
            if len(self._purses) > MANY:
                self._purses.popitem(last=False)
        self._purses.move_to_end(spender)
        earned = max(0.0, (at - purse.at).total_seconds()) * PER_SECOND
        purse.left, purse.at = min(float(AT_ONCE), purse.left + earned), at
        if purse.left < 1.0:
            return False
        purse.left -= 1.0
        return True

    def set_back(self, now: datetime) -> None:
        """The clock was ahead: what is earned is earned from now on."""
        for purse in self._purses.values():
            purse.at = min(purse.at, now)

    def hold(
        self, spender: Hashable, delivery: Delivery, signals: tuple[Signal, ...], reason: str
    ) -> asyncio.Future[None]:
        """Let a message wait for its like; the future is done once they are kept."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()
        if spender not in self._held:
            self._held[spender] = []
            loop.call_later(HELD_S, self._release, spender)
        self._held[spender].append(Held(delivery, signals, reason, future))
        return future

    def _release(self, spender: Hashable) -> None:
        self._keep(self._held.pop(spender))
