"""How much of the writer's time one device may have: what it sends beyond that is kept together, not one by one.

Each kept message is a transaction. A button that sticks, or a stolen password, could else fill the writer with a
thousand presses a second, and an honest one would wait. So each device has a budget, and so has each sender for all
that nobody registered. What is beyond it waits a fifth of a second for its like, and is then kept as one: the last of
them like any message, the others as its repetitions, with their number on record. None is acknowledged before that.
The first messages, and the first of each kind, are never held.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from alarmd import journal
from alarmd.intake.delivery import Delivery
from alarmd.privacy import masked
from alarmd.store import Transaction
from devices.signal import Signal, SignalType

AT_ONCE = 30
"""Messages of one device and kind that are each kept by themselves after a quiet time."""
PER_SECOND = 2.0
"""And so many more a second: no hand, and no device that works, is faster for long."""
HELD_S = 0.2
"""Seconds that what is beyond the budget waits for its like."""
NAMED = 20  # addresses of what is kept together that stand in the log
MANY = 20_000  # spenders that are remembered; who was quiet for the longest is forgotten


@dataclass(slots=True)
class _Purse:
    left: float
    at: datetime


class Joined(NamedTuple):
    """What came with a message and is counted only: how many, and some of the addresses that it came from."""

    messages: int = 0
    addresses: tuple[str, ...] = ()


ALONE = Joined()


@dataclass(slots=True)
class Held:
    """What waits to be kept together: the last message, and what the senders of all of them wait for."""

    delivery: Delivery
    signals: tuple[Signal, ...]
    reason: str
    waiting: list[asyncio.Future[None]] = field(default_factory=list)
    addresses: dict[str, None] = field(default_factory=dict)

    @property
    def joined(self) -> Joined:
        """What is kept as repetitions of the last one."""
        return Joined(len(self.waiting) - 1, tuple(self.addresses))


class Budget:
    """Who has spent how much.

    Args:
        keep: Keeps what was held: the last of them stands for all.
    """

    def __init__(self, keep: Callable[[Held], None]) -> None:
        self._keep = keep
        self._purses: OrderedDict[Hashable, _Purse] = OrderedDict()
        self._held: dict[Hashable, Held] = {}

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

    def hold(
        self, spender: Hashable, delivery: Delivery, signals: tuple[Signal, ...], reason: str
    ) -> asyncio.Future[None]:
        """Let a message wait for its like; the future is done once they are kept."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()
        held = self._held.get(spender)
        if held is None:
            held = self._held[spender] = Held(delivery, signals, reason)
            loop.call_later(HELD_S, self._release, spender)
        held.delivery, held.signals, held.reason = delivery, signals, reason
        held.waiting.append(future)
        for signal in signals:
            if signal.device is not None and len(held.addresses) < NAMED:
                held.addresses[signal.device] = None
        return future

    def _release(self, spender: Hashable) -> None:
        self._keep(self._held.pop(spender))


def count(
    tx: Transaction, delivery: Delivery, kept: Sequence[tuple[str, SignalType]], joined: Joined, now: datetime
) -> None:
    """Put on record how many messages were kept as repetitions of one.

    Args:
        tx: The transaction.
        delivery: The one that stands for them.
        kept: What it was kept as: device and kind.
        joined: The others.
        now: The present.
    """
    data: dict[str, object] = {"joined": joined.messages, "why": "budget", "via": delivery.via}
    data |= {"topic": masked(delivery.topic), "addresses": [masked(one) for one in joined.addresses]}
    data |= {"user": masked(delivery.user)} if delivery.user else {}
    incident = None
    for device, kind in kept[:1]:
        row = tx.one("signal_newest", device=device, type=kind.value, since="")
        if row is not None:
            tx.run("signal_joined", seq=row["seq"], count=joined.messages)
            data["signal"], incident = row["seq"], row["incident"]
    journal.append(tx, now, journal.Entry(event="signal.repeated", incident=incident, data=data))
