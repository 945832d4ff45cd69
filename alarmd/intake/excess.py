"""What is beyond a budget (`alarmd.intake.budget`): kept behind everything else, one small part at a time.

What is alike has one entry, which raises its incident once, and each message is acknowledged once that is on disk. No
registered or retired device's word is folded into another's: of what is unlike the store is asked for each device, and
has an entry for each that it knows and each meaning. Senders take turns, and each one's devices. An
alarm on its way needs the writer several times, and would wait for a part each time: so none begins while somebody has
the right of way, for a tenth of a second.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable
from dataclasses import replace
from datetime import datetime

import structlog
from msgspec import structs

from alarmd.clock import Clock
from alarmd.intake import futures, likes
from alarmd.intake.attempts import Attempts, Stage
from alarmd.intake.budget import Held
from alarmd.intake.delivery import NotKeptError
from alarmd.intake.keeping import Keeper, Kept
from alarmd.intake.likes import Group
from alarmd.intake.quarantine import quarantine
from alarmd.intake.rounds import Rounds
from alarmd.right_of_way import RightOfWay
from alarmd.store import Store, StoreError, Transaction
from devices.signal import Signal

log = structlog.get_logger()

TOGETHER = 8
"""Entries in one transaction, which a press may have to wait for."""
LOOKED_UP = 32
"""References of what is alike that are looked up, and told to their device as kept; the newest."""
MOST_TEXT, MOST_FIGURES, LONGEST_NAME = 100, 16, 32
"""Characters of words, measurements and characters of their names that are kept of what is beyond a budget."""
ASIDE_S, LOOKS = 0.01, 10
"""Seconds until it is looked again whether the way is free, and how often: then the next part is kept all the same."""


class Excess:
    """Keeps it.

    Args:
        store: Where.
        keeper: Keeps each message.
        clock: Read once for each part.
        attempts: Where it is written down what is being worked on.
        alone: Keeps one message by itself, where a defect of ours bars keeping the part.
        after: Told what was kept of a part, and of which messages that is.
        way: Who has the right of way.
    """

    def __init__(
        self,
        *,
        store: Store,
        keeper: Keeper,
        clock: Clock,
        attempts: Attempts,
        alone: Callable[[Held], asyncio.Future[None]],
        after: Callable[[list[Kept], list[Held]], None],
        way: RightOfWay,
    ) -> None:
        self._store = store
        self._keeper = keeper
        self._clock = clock
        self._attempts = attempts
        self._alone = alone
        self._after = after
        self._way = way
        self._waiting: Rounds[Group] = Rounds()
        self.signals = 0
        """That wait to be kept, or are being kept."""
        self.on_part: Callable[[], None] = lambda: None
        """Called when a part was kept, or could not be."""
        self._at_work = False

    def keep(self, held: list[Held]) -> None:
        """Messages of one spender beyond its budget wait for those before them."""
        self.signals += len(held)
        for group in likes.grouped(held):
            self._waiting.put(group.held[0].sender, likes.device_of(group.held[0]), group)
        if not self._at_work:
            self._at_work = True
            self._next()

    def _next(self, looks: int = LOOKS) -> None:
        """Keep the next part, when nobody has the right of way."""
        if not self._waiting:
            self._at_work = False
        elif looks and self._way.is_claimed():
            asyncio.get_running_loop().call_later(ASIDE_S, self._next, looks - 1)
        else:
            self._keep_together(self._next_part())

    def _next_part(self) -> list[Group]:
        """Some entries; nobody knows before how many those are in which several devices speak."""
        part = [self._waiting.next()]
        while part[-1].is_alike and len(part) < TOGETHER and self._waiting:
            part.append(self._waiting.next())
        return part

    def _keep_together(self, groups: list[Group]) -> None:
        """Keep messages in one transaction; where a defect of ours bars that, each by itself."""

        def work(tx: Transaction) -> list[Kept]:
            now = self._clock.now()
            entries = [entry for group in groups for entry in self._entries(tx, group, now)]
            return [kept for entry in entries for kept in self._keep_one(tx, entry, now)]

        def done(committed: asyncio.Future[list[Kept]]) -> None:
            error = committed.exception()
            held = [one for group in groups for one in group.held]
            self.signals -= len(held)
            self._answer(held, error)
            if error is None:
                self._after(committed.result(), held)
            else:
                log.error("not kept together", messages=len(held), error=repr(error))

        kept = self._store.submit(work, behind=True)
        kept.add_done_callback(done)
        # A callback of its own: the next part has its turn also when this one failed.
        kept.add_done_callback(lambda _: self._next())
        kept.add_done_callback(lambda _: self.on_part())

    def _entries(self, tx: Transaction, group: Group, now: datetime) -> list[list[Held]]:
        """What shares an entry: what counts as the same device's, and means the same."""
        if group.is_alike:
            return [group.held]
        same: dict[Hashable, list[Held]] = {}
        for one in group.held:
            counts_as = self._keeper.counts_as(tx, one.signals[0], now) if one.signals else None
            same.setdefault(counts_as, []).append(one)
        return list(same.values())

    def _keep_one(self, tx: Transaction, group: list[Held], now: datetime) -> list[Kept]:
        """Keep the newest of what is alike that is no repetition, for all of it; what each is to be told."""
        first = likes.newest(group, LOOKED_UP)
        one = next((one for one in first if self._keeper.is_new(tx, one.signals)), group[-1])
        delivery = likes.for_all(one, group)
        with self._attempts.of(Stage.KEEPING, delivery):
            if one.reason:
                quarantine(tx, delivery, one.reason, now)
            kept = self._keeper.keep(tx, delivery, tuple(map(_without_bulk, one.signals)), now)
        others = [other.signals[0] for other in first if other is not one and other.signals]
        return kept + [replace(it, signal=said) for it in kept[:1] for said in others if _is_told(said, one)]

    def _answer(self, held: list[Held], error: BaseException | None) -> None:
        if error is None or isinstance(error, StoreError):
            said = None if error is None else NotKeptError(str(error))
            futures.resolve_in_steps([one.taken for one in held], said)
            return
        for one in held:
            futures.follow(self._alone(one), one.taken)


def _without_bulk(said: Signal) -> Signal:
    """What somebody needs who reads it: what is said beyond a budget does not fill the disk with words."""
    if len(said.text) <= MOST_TEXT and not said.measurements:
        return said
    figures = [(name, value) for name, value in said.measurements.items() if not isinstance(value, str)]
    measured = {name: value for name, value in figures[:MOST_FIGURES] if len(name) <= LONGEST_NAME}
    return structs.replace(said, text=said.text[:MOST_TEXT], measurements=measured)


def _is_told(said: Signal, one: Held) -> bool:
    """Whether its device waits for a word beside that for the one which stands for it."""
    return said.ref is not None and (said.device, said.ref) != (one.signals[0].device, one.signals[0].ref)
