"""The event log over HTTP: JSON lines or server-sent events, from any entry on, to the end or for ever."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import datetime

import msgspec
from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event

from alarmd import journal
from alarmd.store import Store, Transaction

PAGE = 500  # entries read at a time, so that a long log neither fills the memory nor keeps the reader busy
LOOK_EVERY_S = 0.25
KEEP_ALIVE_EVERY_S = 15.0  # proxies close what is silent for a minute


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


class LogStream:
    """Reads the log in pages.

    Args:
        store: Where it is.
        closing: Set when the daemon stops: whoever follows is let go.
        look_every: Seconds between two looks for new entries.
        keep_alive_every: Seconds of silence after which something is said.
    """

    def __init__(
        self,
        store: Store,
        closing: asyncio.Event,
        *,
        look_every: float = LOOK_EVERY_S,
        keep_alive_every: float = KEEP_ALIVE_EVERY_S,
    ) -> None:
        self._store = store
        self._closing = closing
        self._look_every = look_every
        self._keep_alive_every = keep_alive_every

    async def lines(self, wanted: Wanted) -> AsyncIterator[bytes]:
        """One JSON object a line; an empty line is silence."""
        async for entry in self._entries(wanted):
            yield (entry.as_json() + "\n").encode() if entry else b"\n"

    async def events(self, wanted: Wanted) -> AsyncIterator[bytes]:
        """Server-sent events whose id is the ``seq``: a browser that lost the connection asks from there."""
        async for entry in self._entries(wanted):
            yield format_sse_event(data_str=entry.as_json(), id=str(entry.seq)) if entry else KEEPALIVE_COMMENT

    async def _entries(self, wanted: Wanted) -> AsyncIterator[journal.LogEntry | None]:
        after, left = wanted.after, wanted.limit
        while left is None or left > 0:
            page, last = await self._page(wanted, after, PAGE if left is None else min(left, PAGE))
            for entry in page:
                yield entry
                after = entry.seq
            left = None if left is None else left - len(page)
            if page:
                continue
            if not wanted.follow:
                return
            after = max(after, last)  # nothing wanted up to there: it need not be looked through again
            if not await self._something_after(last):
                if self._closing.is_set():
                    return
                yield None

    async def _page(self, wanted: Wanted, after: int, limit: int) -> tuple[list[journal.LogEntry], int]:
        def read(tx: Transaction) -> tuple[list[journal.LogEntry], int]:
            found = journal.read(
                tx, after=after, incident=wanted.incident, resident=wanted.resident, since=wanted.since, limit=limit
            )
            return list(found), _last(tx)

        return await self._store.read(read)

    async def _something_after(self, last: int) -> bool:
        """Wait for the log to grow; False when it is time to say something, or to end."""
        loop = asyncio.get_running_loop()
        until = loop.time() + self._keep_alive_every
        while loop.time() < until:
            if await self._store.read(_last) > last:
                return True
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), self._look_every)
                return False
        return False


def _last(tx: Transaction) -> int:
    row = tx.one("journal_last")
    return row["seq"] if row else 0
