"""What is beyond a budget (`alarmd.intake.budget`): kept behind everything else, one small part at a time.

What is alike has one entry, which raises its incident once, and each message is acknowledged once that is on disk. An
alarm on its way needs the writer several times, and would wait for a part each time: so none begins while somebody has
the right of way, for a tenth of a second.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import msgspec
import structlog

from alarmd.clock import Clock
from alarmd.intake import futures, likes
from alarmd.intake.attempts import Attempts, Stage
from alarmd.intake.budget import Held
from alarmd.intake.delivery import NotKeptError
from alarmd.intake.keeping import Keeper, Kept
from alarmd.intake.quarantine import quarantine
from alarmd.right_of_way import RightOfWay
from alarmd.store import Store, StoreError, Transaction

log = structlog.get_logger()

TOGETHER = 16
"""Entries in one transaction, which a press may have to wait for."""
LOOKED_UP = 32
"""References of what is alike that are looked up, and told to their device as kept; the newest."""
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
        self._waiting: deque[list[Held]] = deque()
        self._at_work = False

    def keep(self, held: list[Held]) -> None:
        """Messages of one spender beyond its budget wait for those before them."""
        self._waiting.extend(likes.grouped(held))
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
            self._keep_together([self._waiting.popleft() for _ in range(min(TOGETHER, len(self._waiting)))])

    def _keep_together(self, groups: list[list[Held]]) -> None:
        """Keep messages in one transaction; where a defect of ours bars that, each by itself."""

        def work(tx: Transaction) -> list[Kept]:
            now = self._clock.now()
            return [kept for group in groups for kept in self._keep_one(tx, group, now)]

        def done(committed: asyncio.Future[list[Kept]]) -> None:
            error = committed.exception()
            held = [one for group in groups for one in group]
            self._answer(held, error)
            if error is None:
                self._after(committed.result(), held)
            else:
                log.error("not kept together", messages=len(held), error=repr(error))

        kept = self._store.submit(work, behind=True)
        kept.add_done_callback(done)
        # A callback of its own: the next part has its turn also when this one failed.
        kept.add_done_callback(lambda _: self._next())

    def _keep_one(self, tx: Transaction, group: list[Held], now: datetime) -> list[Kept]:
        """Keep the newest of what is alike that is no repetition, for all of it; what each is to be told."""
        first = likes.newest(group, LOOKED_UP)
        one = next((one for one in first if self._keeper.is_new(tx, one.signals)), group[-1])
        delivery = likes.for_all(one, group)
        with self._attempts.of(Stage.KEEPING, delivery):
            if one.reason:
                quarantine(tx, delivery, one.reason, now)
            kept = self._keeper.keep(tx, delivery, one.signals, now)
        refs = {ref for other in first if (ref := likes.ref_of(other)) is not None} - {likes.ref_of(one)}
        also = [replace(it, signal=msgspec.structs.replace(it.signal, ref=ref)) for it in kept[:1] for ref in refs]
        return kept + also

    def _answer(self, held: list[Held], error: BaseException | None) -> None:
        if error is None or isinstance(error, StoreError):
            said = None if error is None else NotKeptError(str(error))
            futures.resolve_in_steps([one.taken for one in held], said)
            return
        for one in held:
            futures.follow(self._alone(one), one.taken)
