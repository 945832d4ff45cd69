"""How much of the writer's time one device may have: what it sends beyond that is kept together, not one by one.

Each kept message is a transaction. A button that sticks, or a stolen password, could else fill the writer with a
thousand presses a second, and an honest one would wait; and the disk, with an entry for each. So each device has a
budget for each kind of signal and one for all kinds, and so has each sender for all that nobody registered. What is
beyond it waits a fifth of a second for its like, longer the longer that goes on, and has one entry with it
(`alarmd.intake.likes`). None is acknowledged before that is on disk.
A message may bring the signals of five hundred devices: signals are counted, each as its own device's, and their
sender has a budget for all its devices together. The first signals are never held, nor the first of each kind after a
pause, as long as its sender does not bring too many of those.
"""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from alarmd.intake.delivery import Delivery
from devices.signal import Signal

AT_ONCE = 30
"""Signals of one device and kind that are each kept by themselves after a quiet time."""
PER_SECOND = 2.0
"""And so many more a second: no hand, and no device that works, is faster for long."""
OF_ALL_AT_ONCE, OF_ALL_PER_SECOND = 60, 4.0
"""The same for all kinds together."""
OF_SENDER_AT_ONCE, OF_SENDER_PER_SECOND = 100.0, 20.0
"""The same for all devices of one sender together: a user of the door, a topic's first level behind a broker."""
FIRSTS_AT_ONCE, FIRSTS_PER_SECOND = 50.0, 10.0
"""Beyond that, first words of its devices after a pause."""
PAUSE_S = 10.0
"""Seconds without a message of a kind: then its first is kept by itself, though the device says other things too."""
HELD_S, HELD_LONGEST_S = 0.2, 1.6
"""Seconds that what is beyond the budget waits for its like: at first, and after some waits in which many came."""
FEW = 3
"""Who sends no more in such a time waits no longer for it the next time."""
FULL, FULL_BYTES = 128, 768 * 1024
"""Where so much of one sender is held, all of that waits for the first time only: a connection that a ward shares has
room for 512 messages of 1 MiB together, and a press behind those that are held would wait with them."""
MANY = 20_000  # spenders that are remembered; who was quiet for the longest is forgotten


class Spender(NamedTuple):
    """Whose budget a message is paid from, and what it says."""

    who: Hashable
    kinds: Hashable


@dataclass(slots=True)
class _Purse:
    left: float
    at: datetime


@dataclass(slots=True)
class Held:
    """One signal of a message, or one without any, that waits to be kept with its like; ``taken``: once it is kept."""

    delivery: Delivery
    signals: tuple[Signal, ...]
    reason: str
    taken: asyncio.Future[None]
    sender: Hashable = None


class _Load:
    """What is held of one sender: whose it is, how many signals and bytes."""

    __slots__ = ("bytes", "of")

    def __init__(self) -> None:
        self.of: Counter[Hashable] = Counter()
        self.bytes = 0

    @property
    def is_full(self) -> bool:
        return self.of.total() >= FULL or self.bytes >= FULL_BYTES


class _Purses:
    """So many at once, and so many a second."""

    def __init__(self, at_once: float, per_second: float) -> None:
        self._at_once = at_once
        self._per_second = per_second
        self._of: OrderedDict[Hashable, _Purse] = OrderedDict()

    def of(self, spender: Hashable, at: datetime) -> tuple[_Purse, float]:
        """The purse of a spender with what was earned until then, and for how many seconds it was quiet."""
        purse = self._of.get(spender)
        if purse is None:
            purse = self._of[spender] = _Purse(self._at_once, at)
            if len(self._of) > MANY:
                self._of.popitem(last=False)
            return purse, PAUSE_S
        self._of.move_to_end(spender)
        quiet = max(0.0, (at - purse.at).total_seconds())
        purse.left, purse.at = min(self._at_once, purse.left + quiet * self._per_second), at
        return purse, quiet

    def set_back(self, now: datetime) -> None:
        """Nothing was earned later than now."""
        for purse in self._of.values():
            purse.at = min(purse.at, now)


class Budget:
    """Who has spent how much.

    Args:
        keep: Keeps what was held.
    """

    def __init__(self, keep: Callable[[list[Held]], None]) -> None:
        self._keep = keep
        self._of_kind = _Purses(AT_ONCE, PER_SECOND)
        self._of_all = _Purses(OF_ALL_AT_ONCE, OF_ALL_PER_SECOND)
        self._of_sender = _Purses(OF_SENDER_AT_ONCE, OF_SENDER_PER_SECOND)
        self._of_firsts = _Purses(FIRSTS_AT_ONCE, FIRSTS_PER_SECOND)
        self._held: dict[Hashable, list[Held]] = {}
        self._releases: dict[Hashable, asyncio.TimerHandle] = {}
        self._loads: defaultdict[Hashable, _Load] = defaultdict(_Load)
        self._kinds_held: set[Spender] = set()
        self._waits: OrderedDict[Hashable, _Wait] = OrderedDict()
        self.signals = 0
        """That are held."""

    def allows(self, spender: Spender, at: datetime, sender: Hashable = None) -> bool:
        """Whether one more signal of that spender, brought by that sender, is kept by itself; then it is paid for."""
        own, quiet = self._of_kind.of(spender, at)
        all_, silent = self._of_all.of(spender.who, at)
        is_first = quiet >= PAUSE_S
        if spender in self._kinds_held or own.left < 1.0 or (all_.left < 1.0 and not is_first):
            return False
        if sender is not None and not self._pays(sender, at, is_first=silent >= PAUSE_S):
            return False
        own.left -= 1.0
        all_.left = max(0.0, all_.left - 1.0)
        return True

    def _pays(self, sender: Hashable, at: datetime, *, is_first: bool) -> bool:
        for purses in (self._of_sender, self._of_firsts) if is_first else (self._of_sender,):
            purse, _ = purses.of(sender, at)
            if purse.left >= 1.0:
                purse.left -= 1.0
                return True
        return False

    def set_back(self, now: datetime) -> None:
        """The clock was ahead: what is earned is earned from now on."""
        for purses in (self._of_kind, self._of_all, self._of_sender, self._of_firsts):
            purses.set_back(now)

    def hold(
        self,
        spender: Spender,
        delivery: Delivery,
        signals: tuple[Signal, ...],
        reason: str,
        sender: Hashable = None,
    ) -> asyncio.Future[None]:
        """Let a signal wait for its like; the future is done once they are kept."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()
        if spender.who not in self._held:
            self._held[spender.who] = []
            self._release_at(spender.who, loop.time() + self._wait(spender.who, loop.time()))
        self._held[spender.who].append(Held(delivery, signals, reason, future, sender))
        self._kinds_held.add(spender)
        self.signals += 1
        self._load(sender, spender.who, delivery)
        return future

    def _load(self, sender: Hashable, who: Hashable, delivery: Delivery) -> None:
        load = self._loads[sender]
        was_full = load.is_full
        load.of[who] += 1
        load.bytes += len(delivery.payload)
        if load.is_full:
            for held in (who,) if was_full else load.of:
                self._hurry(held)

    def _unload(self, one: Held, who: Hashable) -> None:
        load = self._loads[one.sender]
        load.bytes -= len(one.delivery.payload)
        load.of[who] -= 1
        if not load.of[who]:
            del load.of[who]
        if not load.of:
            del self._loads[one.sender]

    def _release_at(self, who: Hashable, at: float) -> None:
        self._releases[who] = asyncio.get_running_loop().call_at(at, self._release, who)

    def _hurry(self, who: Hashable) -> None:
        """What is held of them waits no longer than at first."""
        seconds, until = self._waits.get(who, _Wait(HELD_S, asyncio.get_running_loop().time()))
        soon = until - seconds + HELD_S
        if soon < self._releases[who].when():
            self._releases[who].cancel()
            self._release_at(who, soon)

    def _wait(self, who: Hashable, now: float) -> float:
        """How long what is held now waits: twice as long as the last time, where many came then, a moment ago."""
        seconds, until = self._waits.pop(who, (HELD_S, now))
        if now - until >= PAUSE_S:
            seconds = HELD_S
        self._waits[who] = _Wait(seconds, now + seconds)
        if len(self._waits) > MANY:
            self._waits.popitem(last=False)
        return seconds

    def _release(self, who: Hashable) -> None:
        self._kinds_held = {spender for spender in self._kinds_held if spender.who != who}
        held = self._held.pop(who)
        del self._releases[who]
        for one in held:
            self._unload(one, who)
        self.signals -= len(held)
        if who in self._waits:
            seconds, until = self._waits[who]
            next_time = min(HELD_LONGEST_S, 2 * seconds) if len(held) > FEW else HELD_S
            self._waits[who] = _Wait(next_time, until)
        self._keep(held)


class _Wait(NamedTuple):
    """How long it waits the next time, and until when it waited the last time."""

    seconds: float
    until: float
