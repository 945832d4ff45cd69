"""How much one token, or one address without a token, may take: whoever reads in bulk waits, and no press waits for it.

Costs are counted in rows: one that is read and written out takes some fifty microseconds of a loop that presses share.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus

from alarmd.token_bucket import Bucket
from alarmd.web.errors import ApiError
from config.wording import said

ROWS_A_SECOND, ROWS_AT_ONCE = 2_000.0, 10_000.0
A_REQUEST = 20.0  # rows' worth, whatever it reads
ACTS_A_SECOND, ACTS_AT_ONCE = 10.0, 60.0  # a desk of ten people in the worst night does less
STREAMS, STREAMS_IN_ALL = 8, 32  # readers of the log at once
IN_LINE = 16  # requests of one token that wait for their turn
PATIENCE_S = 2.0  # how long a request waits for its token's budget before it is refused
REMEMBERED = 4096


class _Account:
    """What one token has."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.rows = Bucket(ROWS_A_SECOND, ROWS_AT_ONCE, now)
        self.acts = Bucket(ACTS_A_SECOND, ACTS_AT_ONCE, now)
        self.turn = asyncio.Lock()
        self.in_line = 0
        self.streams = 0


class Budgets:
    """One budget for each token; there are only as many as the settings name.

    Args:
        now: Seconds that only grow.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._accounts: dict[str, _Account] = {}
        self._streams = 0

    @asynccontextmanager
    async def reading(self, name: str) -> AsyncIterator[Callable[[float], None]]:
        """A turn to read: one at a time for each token, so that nobody's queue is everybody's.

        Yields:
            What is told how many rows it was.

        Raises:
            ApiError: 429, where the token has used up its share.
        """
        account = self._account(name)
        if account.in_line >= IN_LINE:
            raise _too_much(1.0)
        account.in_line += 1
        try:
            async with account.turn:
                await _solvent(account.rows)
                account.rows.spend(A_REQUEST)
                yield account.rows.spend
        finally:
            account.in_line -= 1

    def act(self, name: str) -> None:
        """Count one change that a token asks for.

        Raises:
            ApiError: 429, where they come faster than people can.
        """
        acts = self._account(name).acts
        if wait := acts.wait():
            raise _too_much(wait)
        acts.spend(1.0)

    def stream(self, name: str) -> Stream:
        """A reader of the log, for as long as it reads.

        Raises:
            ApiError: 429, where the token, or all together, have too many.
        """
        account = self._account(name)
        if account.streams >= STREAMS or self._streams >= STREAMS_IN_ALL:
            raise _too_much(PATIENCE_S)
        account.streams += 1
        self._streams += 1

        def end() -> None:
            account.streams -= 1
            self._streams -= 1

        account.rows.spend(A_REQUEST)
        return Stream(account.rows, end)

    def _account(self, name: str) -> _Account:
        if name not in self._accounts:
            self._accounts[name] = _Account(self._now)
        return self._accounts[name]


class Stream:
    """One reader of the log.

    Args:
        rows: Its token's budget.
        end: Called once, when it reads no more.
    """

    def __init__(self, rows: Bucket, end: Callable[[], None]) -> None:
        self._rows = rows
        self._end: Callable[[], None] | None = end

    async def read(self, rows: int) -> None:
        """Count what was read; returns when more may be."""
        self._rows.spend(rows)
        if wait := self._rows.wait():
            await asyncio.sleep(wait)

    def close(self) -> None:
        """Make room for another one; twice does nothing."""
        if self._end is not None:
            self._end()
            self._end = None


async def _solvent(rows: Bucket) -> None:
    wait = rows.wait()
    if wait > PATIENCE_S:
        raise _too_much(wait)
    if wait:
        await asyncio.sleep(wait)


def _too_much(wait: float) -> ApiError:
    seconds = max(1, round(wait))
    return ApiError(
        HTTPStatus.TOO_MANY_REQUESTS,
        "too_much",
        said("This token asks for more than its share; try again in {seconds} s.", seconds=seconds),
        {"Retry-After": str(seconds)},
    )


class Addresses:
    """One bucket for each address that asks without a token; the one that asked longest ago is forgotten first.

    Args:
        a_second: Answers a second.
        most: Answers at once.
        now: Seconds that only grow.
    """

    def __init__(self, a_second: float, most: float, now: Callable[[], float] = time.monotonic) -> None:
        self._a_second = a_second
        self._most = most
        self._now = now
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def answered(self, address: str) -> float:
        """Count an answer; returns for how many seconds it ought to be kept back."""
        bucket = self._buckets.get(address) or Bucket(self._a_second, self._most, self._now)
        self._buckets[address] = bucket
        self._buckets.move_to_end(address)
        if len(self._buckets) > REMEMBERED:
            self._buckets.popitem(last=False)
        bucket.spend(1.0)
        return bucket.wait()
