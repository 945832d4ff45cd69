"""What is beyond a budget (`alarmd.intake.budget`): kept behind everything else, one small part at a time.

Each message has its entry, and is acknowledged once it is on disk; only the last of a part raises the incident.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

import structlog

from alarmd.clock import Clock
from alarmd.intake import futures
from alarmd.intake.attempts import Attempts, Stage
from alarmd.intake.budget import Held
from alarmd.intake.delivery import NotKeptError
from alarmd.intake.keeping import Keeper, Kept
from alarmd.intake.quarantine import quarantine
from alarmd.store import Store, StoreError, Transaction

log = structlog.get_logger()


class Excess:
    """Keeps it.

    Args:
        store: Where.
        keeper: Keeps each message.
        clock: Read once for each part.
        attempts: Where it is written down what is being worked on.
        alone: Keeps one message by itself, where a defect of ours bars keeping the part.
        after: Told what was kept of a part, and of which messages that is.
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
    ) -> None:
        self._store = store
        self._keeper = keeper
        self._clock = clock
        self._attempts = attempts
        self._alone = alone
        self._after = after
        self._parts: deque[list[Held]] = deque()

    def keep(self, held: list[Held]) -> None:
        """Messages beyond a budget wait for those before them: no press waits for more than one such part."""
        self._parts.append(held)
        if len(self._parts) == 1:
            self._keep_together(held)

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

        def then(_: asyncio.Future[list[Kept]]) -> None:
            self._parts.popleft()
            if self._parts:
                self._keep_together(self._parts[0])

        kept = self._store.submit(work, behind=True)
        kept.add_done_callback(done)
        kept.add_done_callback(then)  # a callback of its own: the next part has its turn also when this one failed

    def _answer(self, one: Held, error: BaseException | None) -> None:
        if error is None:
            futures.resolve(one.taken, None)
        elif isinstance(error, StoreError):
            futures.resolve(one.taken, NotKeptError(str(error)))
        else:
            futures.follow(self._alone(one), one.taken)
