"""Who looked at whose record: entries of the event log, each read once at least, and never one for each look.

The first look of a token at a resident is written within seconds; how often it looked again stands in one entry at the
end of a quarter of an hour. Who looks at a whole town at once fills a few entries with names, not the log.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

import structlog

from alarmd import journal, times
from alarmd.clock import Clock
from alarmd.event_names import Event
from alarmd.store import Store, StoreError, Transaction
from alarmd.web.tokens import with_user

SOON_S = 2.0  # until a first look is written
WINDOW = timedelta(minutes=15)
SINGLY = 20  # of one token at one time; more stand together
TOGETHER = 500  # residents in one entry
USERS = 8  # who ran commands, in one entry
MOST = 20_000  # looks that are remembered as written; a town's worth
log = structlog.get_logger()


class _Look:
    """One token at one record."""

    def __init__(self, now: datetime) -> None:
        self.times = 0
        self.first = self.last = self.since = now
        self.written = False
        self.users: tuple[str, ...] = ()

    def again(self, now: datetime, user: str) -> None:
        """Count one more."""
        self.first = now if not self.times else self.first
        self.times += 1
        self.last = now
        if user:
            self.users = _with(self.users, (user,))


_Key = tuple[str, str, str, str]
"""Token, what was looked at, whose it is, and for what is no resident's which incident. Never who ran the command: its
own word must not undo the grouping."""


class Reads:
    """Gathers looks, and writes them.

    Args:
        store: Where the log is.
        clock: Says when.
        soon: Seconds until a first look is written.
    """

    def __init__(self, store: Store, clock: Clock, *, soon: float = SOON_S) -> None:
        self._store = store
        self._clock = clock
        self._soon = soon
        self._looks: dict[_Key, _Look] = {}
        self._writing = asyncio.Lock()
        self._stop = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def note(self, token: str, what: str, resident: str | None, *, incident: str = "", user: str = "") -> None:
        """Somebody looked.

        Args:
            token: Who, by token, as the log names it.
            what: ``resident``, ``incident``, ``incidents`` or ``log``.
            resident: Whose record; None = nobody's in particular.
            incident: Which one, where it is no resident's: who was asked stands in it.
            user: Who ran the command that looked, where one did.
        """
        now = self._clock.now()
        key = token, what, resident or "", "" if resident else incident
        if key not in self._looks and len(self._looks) >= MOST and not self._writing.locked():
            self._looks = {one: look for one, look in self._looks.items() if look.times}
        self._looks.setdefault(key, _Look(now)).again(now, user)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name="reads")

    async def close(self) -> None:
        """Write what is left."""
        self._stop.set()
        if self._task is not None:
            await self._task
        await self._write(everything=True)

    async def _run(self) -> None:
        while self._looks and not self._stop.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), self._soon)
            await self._write()

    async def _write(self, *, everything: bool = False) -> None:
        async with self._writing:
            now = self._clock.now()
            over = {key for key, look in self._looks.items() if not timedelta(0) <= now - look.since < WINDOW}
            due = sorted(
                key
                for key, look in self._looks.items()
                if look.times and (everything or not look.written or key in over)
            )
            counted = {key: self._looks[key].times for key in due}
            if due and not await self._stored(now, list(self._entries(due))):
                return
            for key, number in counted.items():
                look = self._looks[key]
                look.times -= number  # more may have come meanwhile
                look.written, look.since = True, now
                if not look.times:
                    look.users = ()
            for key in over.difference(due):
                del self._looks[key]

    async def _stored(self, now: datetime, entries: Sequence[journal.Entry]) -> bool:
        try:
            await self._store.submit(lambda tx: _append(tx, now, entries), behind=True)
        except StoreError as error:  # a full disk: they are written when there is room
            log.error("who read what could not be written", error=str(error))  # noqa: TRY400 - its text says it all
            return False
        return True

    def _entries(self, keys: Sequence[_Key]) -> Iterator[journal.Entry]:
        for (token, what), of_one in groupby(keys, key=lambda key: key[:2]):
            whose = list(of_one)
            if len(whose) <= SINGLY:
                for key in whose:
                    yield self._entry(token, what, [key], resident=key[2] or None)
                continue
            for i in range(0, len(whose), TOGETHER):
                yield self._entry(token, what, whose[i : i + TOGETHER], resident=None)

    def _entry(self, token: str, what: str, keys: Sequence[_Key], *, resident: str | None) -> journal.Entry:
        looks = [self._looks[key] for key in keys]
        users: tuple[str, ...] = ()
        for look in looks:
            users = _with(users, look.users)
        data: dict[str, Any] = {
            journal.LOGIN: with_user(token, users[0] if len(users) == 1 else ""),
            "what": what,
            "times": sum(look.times for look in looks),
            "from": times.to_text(min(look.first for look in looks)),
            "to": times.to_text(max(look.last for look in looks)),
        }
        if len(users) > 1:
            data["users"] = list(users)
        residents = [key[2] for key in keys if key[2]]
        incidents = [key[3] for key in keys if key[3]]
        if residents and len(keys) > 1:
            data["residents"] = residents
        if incidents:
            data["incidents"] = incidents
        return journal.Entry(event=Event.RECORD_READ, resident=resident, data=data)


def _with(users: tuple[str, ...], more: tuple[str, ...]) -> tuple[str, ...]:
    """Users together, each once; those beyond `USERS` as one sign."""
    known = tuple(dict.fromkeys((*users, *more)))
    return known if len(known) <= USERS else (*known[:USERS], "…")


def _append(tx: Transaction, now: datetime, entries: Sequence[journal.Entry]) -> None:
    for entry in entries:
        journal.append(tx, now, entry)
