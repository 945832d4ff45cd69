"""From whose budget each signal of a message is paid, and in which slices they are kept.

A gateway's report may hold five hundred devices. Each signal is judged by its own device, never by the first of the
message: so the press of a registered tag is kept at once, though the report is full of others. What is kept at once
is cut into short transactions, between which other users' presses are committed, and the message is acknowledged
after the last.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Callable, Hashable
from datetime import datetime
from typing import NamedTuple

import msgspec

from alarmd.intake import futures, strangers
from alarmd.intake.budget import Budget, Spender
from alarmd.intake.delivery import Delivery
from alarmd.intake.excess import Excess
from alarmd.intake.rounds import Rounds
from alarmd.supervision import Supervision
from devices.signal import Signal

SLICE = 8
"""Signals of one message in one transaction, which a press may have to wait for."""
MOST_WAITING = 4_000
"""Signals that wait, each by itself; beyond them what else a long message says waits packed, and unacknowledged."""


class Judged(NamedTuple):
    """What becomes of the signals of one message: kept at once, in slices, or beyond the budgets of their spenders."""

    at_once: list[tuple[Signal, ...]]
    beyond: list[Signal]


class Spending:
    """Judges each signal.

    Args:
        budget: Who has spent how much.
        supervision: Who is registered, as far as is known.
        is_only_life: Whether a signal is only a sign of life.
    """

    def __init__(self, budget: Budget, supervision: Supervision, is_only_life: Callable[[Signal], bool]) -> None:
        self._budget = budget
        self._supervision = supervision
        self._is_only_life = is_only_life

    def judged(self, delivery: Delivery, signals: tuple[Signal, ...], now: datetime) -> Judged:
        """Registered devices first; without what is only life of devices that say nothing else."""
        if len(signals) > 1:
            signals = self._of_interest(signals)
        payer = strangers.payer(delivery)
        at_once: list[Signal] = []
        beyond: list[Signal] = []
        for signal in signals:
            spender = self.spender(delivery, signal)
            (at_once if self._budget.allows(spender, now, payer) else beyond).append(signal)
        return Judged([tuple(at_once[n : n + SLICE]) for n in range(0, len(at_once), SLICE)], beyond)

    def spender(self, delivery: Delivery, signal: Signal) -> Spender:
        """Whose budget it is paid from: its device's, or its sender's where nobody registered it."""
        who: Hashable = (signal.family, signal.device) if self.is_registered(signal) else strangers.sender(delivery)
        return Spender(who, (signal.type,))

    def is_registered(self, signal: Signal) -> bool:
        """Whether its device is, as far as is known."""
        return signal.device is not None and self._supervision.has(signal.family, signal.device)

    def _of_interest(self, signals: tuple[Signal, ...]) -> tuple[Signal, ...]:
        saying = {_device(signal) for signal in signals if not self._is_only_life(signal)}
        some = [signal for signal in signals if _device(signal) in saying] if saying else list(signals)
        return tuple(sorted(some, key=lambda signal: not self.is_registered(signal)))


def _device(signal: Signal) -> Hashable:
    return signal.family, signal.device


class _Packed(NamedTuple):
    """Signals of a long message that wait to be held."""

    delivery: Delivery
    signals: bytes
    taken: asyncio.Future[None]


class Waiting:
    """What is beyond the budgets: held one by one while few wait, packed beyond; never dropped, never acknowledged.

    Args:
        budget: Holds signals until their like have come.
        excess: Keeps them then.
        spending: Says whose each is.
    """

    def __init__(self, budget: Budget, excess: Excess, spending: Spending) -> None:
        self._budget = budget
        self._excess = excess
        self._spending = spending
        self._packed: Rounds[_Packed] = Rounds()
        excess.on_part = self._unpack

    def hold(self, delivery: Delivery, signals: list[Signal]) -> list[asyncio.Future[None]]:
        """Let them wait; each future is done once its signal is kept."""
        if len(signals) <= SLICE or not self._is_full():
            return [self._hold(delivery, signal) for signal in signals]
        known = [signal for signal in signals if self._spending.is_registered(signal)]
        others = [signal for signal in signals if not self._spending.is_registered(signal)]
        taken = [self._hold(delivery, signal) for signal in known]
        if others:
            packed = _Packed(delivery, zlib.compress(msgspec.msgpack.encode(others), 1), futures.pending())
            self._packed.put(strangers.payer(delivery), delivery.topic, packed)
            taken.append(packed.taken)
        return taken

    def _hold(self, delivery: Delivery, signal: Signal) -> asyncio.Future[None]:
        spender = self._spending.spender(delivery, signal)
        return self._budget.hold(spender, delivery, (signal,), "", strangers.payer(delivery))

    def _is_full(self) -> bool:
        return len(self._packed) > 0 or self._budget.signals + self._excess.signals >= MOST_WAITING

    def _unpack(self) -> None:
        """Some were kept: there may be room."""
        while self._packed and self._budget.signals + self._excess.signals < MOST_WAITING // 2:
            one = self._packed.next()
            signals = msgspec.msgpack.decode(zlib.decompress(one.signals), type=list[Signal])
            futures.follow(futures.all_of([self._hold(one.delivery, signal) for signal in signals]), one.taken)
