"""What is beyond a budget (`alarmd.intake.budget`): kept behind everything else, one small part at a time.

Each message has its entry, and is acknowledged once it is on disk; only the last of a part raises the incident. An
alarm on its way needs the writer several times, and would wait for a part each time: so none begins while somebody has
the right of way, for a tenth of a second.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

import structlog

from alarmd.clock import Clock
from alarmd.intake import futures
from alarmd.intake.attempts import Attempts, Stage
from alarmd.intake.budget import TOGETHER, Held
from alarmd.intake.delivery import NotKeptError
from alarmd.intake.keeping import Keeper, Kept
from alarmd.intake.quarantine import quarantine
from alarmd.right_of_way import RightOfWay
from alarmd.store import Store, StoreError, Transaction

log = structlog.get_logger()

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
        self._waiting.append(held)
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
            held = self._waiting[0]
            part = held[:TOGETHER]
            del held[: len(part)]
            if not held:
                self._waiting.popleft()
            self._keep_together(part)

    def _keep_together(self, held: list[Held]) -> None:
        """Keep messages in one transaction; where a defect of ours bars that, each by itself."""

        def work(tx: Transaction) -> list[Kept]:
            now, kept = self._clock.now(), []
            for one in held:
                with self._attempts.of(Stage.KEEPING, one.delivery):
                    if one.reason:
                        quarantine(tx, one.delivery, one.reason, now)
                    weight = len(held) if one is held[-1] else 0
                    kept += self._keeper.keep(tx, one.delivery, one.signals, now, weight=weight)
            return kept

        def done(committed: asyncio.Future[list[Kept]]) -> None:
            error = committed.exception()
            for one in held:
                self._answer(one, error)
            if error is None:
                self._after(committed.result(), held)
            else:
                log.error("not kept together", messages=len(held), error=repr(error))

        kept = self._store.submit(work, behind=True)
        kept.add_done_callback(done)
        # A callback of its own: the next part has its turn also when this one failed.
        kept.add_done_callback(lambda _: self._next())

    def _answer(self, one: Held, error: BaseException | None) -> None:
        if error is None:
            futures.resolve(one.taken, None)
        elif isinstance(error, StoreError):
            futures.resolve(one.taken, NotKeptError(str(error)))
        else:
            futures.follow(self._alone(one), one.taken)
