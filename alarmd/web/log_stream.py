"""The event log over HTTP: JSON lines or server-sent events, from any entry on, to the end or for ever.

A page is read and written out in the reader's thread, short enough that a press beside it is not slowed; and whoever
reads waits while an alarm is on its way. All who follow share one look at whether there is anything new.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from datetime import datetime

import msgspec
from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event

from alarmd import journal
from alarmd.right_of_way import RightOfWay
from alarmd.store import Store, StoreError, Transaction
from alarmd.web.budgets import Stream

PAGE = 100  # entries read at a time, so that a long log neither fills the memory nor keeps the reader busy
STRETCH = 5_000  # of the log that is looked through at a time, where little of it fits
PASSED_OVER = 50  # entries that are passed over cost as much as one that is read
LOOK_EVERY_S = 0.25
KEEP_ALIVE_EVERY_S = 15.0  # proxies close what is silent for a minute
STEP_ASIDE_S = 0.02
_AT_MOST_ASIDE = 25  # times: noise is slowed, never stopped


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which entries.

    Attributes:
        after: Only those with a larger ``seq``.
        incident: Only those of this incident.
        resident: Only those of this resident.
        since: Only those not older.
        limit: At most so many; None = all.
        follow: Go on with what is written later.
    """

    after: int = 0
    incident: str | None = None
    resident: str | None = None
    since: datetime | None = None
    limit: int | None = None
    follow: bool = False


class _Page(msgspec.Struct, frozen=True):
    """What was found, and up to where was looked; ``last``: the log's last entry then."""

    text: bytes
    entries: int
    upto: int
    last: int


_Form = Callable[[int, str], bytes]


class LogStream:
    """Reads the log in pages.

    Args:
        store: Where it is.
        closing: Set when the daemon stops: whoever follows is let go.
        way: Asked before each page.
        look_every: Seconds between two looks for new entries.
        keep_alive_every: Seconds of silence after which something is said.
    """

    def __init__(
        self,
        store: Store,
        closing: asyncio.Event,
        *,
        way: RightOfWay | None = None,
        look_every: float = LOOK_EVERY_S,
        keep_alive_every: float = KEEP_ALIVE_EVERY_S,
    ) -> None:
        self._store = store
        self._closing = closing
        self._way = way or RightOfWay()
        self._news = _News(store, closing, look_every)
        self._keep_alive_every = keep_alive_every

    async def lines(self, wanted: Wanted, stream: Stream) -> AsyncIterator[bytes]:
        """One JSON object a line; an empty line is silence."""
        async for page in self._pages(wanted, stream, _as_line):
            yield page or b"\n"

    async def events(self, wanted: Wanted, stream: Stream) -> AsyncIterator[bytes]:
        """Server-sent events whose id is the ``seq``: a browser that lost the connection asks from there."""
        async for page in self._pages(wanted, stream, _as_event):
            yield page or KEEPALIVE_COMMENT

    async def _pages(self, wanted: Wanted, stream: Stream, form: _Form) -> AsyncIterator[bytes]:
        """Pages of entries; an empty one is silence."""
        after, left = wanted.after, wanted.limit
        with contextlib.closing(stream):
            while left is None or left > 0:
                await self._step_aside()
                page = await self._page(wanted, after, PAGE if left is None else min(left, PAGE), form)
                looked_through = page.upto - after
                after = page.upto  # nothing wanted up to there: it need not be looked through again
                left = None if left is None else left - page.entries
                if page.text:
                    yield page.text
                await stream.read(page.entries + looked_through // PASSED_OVER)
                if page.upto < page.last:
                    continue
                if not wanted.follow:
                    return
                if not await self._news.after(page.last, within=self._keep_alive_every):
                    if self._closing.is_set():
                        return
                    yield b""

    async def _step_aside(self) -> None:
        for _ in range(_AT_MOST_ASIDE):
            if not self._way.is_claimed():
                return
            await asyncio.sleep(STEP_ASIDE_S)

    async def _page(self, wanted: Wanted, after: int, limit: int, form: _Form) -> _Page:
        def read(tx: Transaction) -> _Page:
            last = _last(tx)
            upto = min(after + STRETCH, max(last, after))
            found = journal.lines(
                tx,
                after=after,
                upto=upto,
                incident=wanted.incident,
                resident=wanted.resident,
                since=wanted.since,
                limit=limit,
            )
            if len(found) >= limit:
                upto = found[-1][0]
            return _Page(b"".join(form(seq, line) for seq, line in found), len(found), upto, last)

        return await self._store.read(read)


class _News:
    """One look at the log for all who wait for it to grow."""

    def __init__(self, store: Store, closing: asyncio.Event, look_every: float) -> None:
        self._store = store
        self._closing = closing
        self._look_every = look_every
        self._last = 0
        self._waiting = 0
        self._grew = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def after(self, last: int, *, within: float) -> bool:
        """Wait for an entry after that one; False when it is time to say something, or to end."""
        loop = asyncio.get_running_loop()
        until = loop.time() + within
        self._waiting += 1
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._look(), name="log-news")
        try:
            while self._last <= last and not self._closing.is_set():
                left = until - loop.time()
                if left <= 0:
                    return False
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._grew.wait(), left)
            return self._last > last
        finally:
            self._waiting -= 1

    async def _look(self) -> None:
        """Until nobody waits any more."""
        while self._waiting and not self._closing.is_set():
            try:
                last = await self._store.read(_last)
            except StoreError:  # who waits looks again, and hears it then
                break
            if last != self._last:  # also a smaller one, of a log that was put in its place
                self._last = last
                self._wake()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), self._look_every)
        self._wake()

    def _wake(self) -> None:
        self._grew.set()
        self._grew = asyncio.Event()


def _as_line(_: int, line: str) -> bytes:
    return f"{line}\n".encode()


def _as_event(seq: int, line: str) -> bytes:
    return format_sse_event(data_str=line, id=str(seq))


def _last(tx: Transaction) -> int:
    row = tx.one("journal_last")
    return row["seq"] if row else 0
