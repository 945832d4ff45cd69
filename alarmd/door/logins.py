"""Whose password is checked next: the lines in which logins wait, so that who guesses waits and nobody else does.

A slow hash takes a tenth of a second of a thread, and anybody may ask for one. So logins wait in lines. Who was let in
from that source before comes first, then names that have failed from there never, then the rest; within a line the
sources take turns. A name that fails from a source again and again waits longer each time; ten seconds forgive a
failure, so that guesses at every name of a town, one now and then, make nobody wait. A device that was not seen since
the start therefore waits for other honest logins only, however many guesses arrive, also from its own source.

Where its own source guesses at its own name, nothing tells the two apart before the hash. There few may wait, and one
more is told to come again: a device has its chance with each try, and none stands behind a minute of guesses.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import IntEnum
from typing import TypeVar

import msgspec

LOGIN_PATIENCE = 60.0
"""Seconds a login may wait for its password to be checked, behind others after an outage."""
AT_ONCE_OF_A_PAIR = 4
"""Different passwords of one name that may wait for one source; the same one is checked once for all who gave it."""
FREE_TRIES = 2
"""Wrong passwords of one name from one source before the next has to wait."""
LONGEST_PAUSE = 10.0
"""Seconds that a name must wait at most after a wrong password from its source: six guesses a minute. As many seconds
forgive one of them."""
MOST_BEHIND_A_GUESSER = 4
"""Logins of one source that wait in a line of those who guess; one more is not looked at."""
OFTEN = 3
"""Wrong passwords of one name from one source after which it waits behind those that failed less often."""
MANY = 10
"""Wrong passwords of a source after which its other names wait behind those of other sources."""
FORGOTTEN_AFTER = 600.0
"""Seconds after its last failure in which a source or a name has a clean slate again."""
REMEMBERED = 8_192
"""Sources and names remembered of each kind; the oldest is forgotten first, so that no flood fills the memory."""

_K = TypeVar("_K")
Pair = tuple[str, str]
"""A source (see `alarmd.peers.source`) and a user name."""


class TooManyError(Exception):
    """So many passwords wait for that source already, of that name or of all, that this one is not looked at."""


class _Rank(IntEnum):
    """The lines, the first served first."""

    KNOWN = 0
    CLEAN = 1
    CLEAN_OF_A_GUESSER = 2
    FAILED = 3
    FAILED_OFTEN = 4


_OF_GUESSERS = frozenset({_Rank.CLEAN_OF_A_GUESSER, _Rank.FAILED, _Rank.FAILED_OFTEN})


class _Failures(msgspec.Struct):
    count: int = 0
    last: float = 0.0


class Logins:
    """The lines of one door.

    Args:
        at_once: How many passwords are checked at a time.
    """

    def __init__(self, at_once: int = 1) -> None:
        self._free = at_once
        self._lines: dict[_Rank, OrderedDict[str, deque[_Waiting]]] = {rank: OrderedDict() for rank in _Rank}
        self._waited: dict[_Rank, float] = {}
        self._busy: dict[Pair, _Busy] = {}
        self._good: OrderedDict[Pair, None] = OrderedDict()
        self._pairs: OrderedDict[Pair, _Failures] = OrderedDict()
        self._sources: OrderedDict[str, _Failures] = OrderedDict()

    def waits(self) -> tuple[int, float]:
        """How many logins that nothing speaks against wait, and for how many seconds the longest."""
        honest = [one for rank in (_Rank.KNOWN, _Rank.CLEAN) for line in self._lines[rank].values() for one in line]
        now = asyncio.get_running_loop().time()
        return len(honest), max((now - one.since for one in honest), default=0.0)

    @asynccontextmanager
    async def turn(self, pair: Pair, *, hashes: bool = True) -> AsyncIterator[None]:
        """Wait until that name's password may be checked for that source; the next may when this is left.

        Args:
            pair: The source and the name.
            hashes: What needs no hash to be refused waits about as long, and takes nobody's turn.

        Raises:
            TooManyError: Too many of the same pair wait, or of a source that guesses.
        """
        busy = self._busy.setdefault(pair, _Busy())
        if busy.count >= AT_ONCE_OF_A_PAIR:
            raise TooManyError
        busy.count += 1
        try:
            await self._until_called(pair, busy, hashes=hashes)
            busy.begins()
            try:
                yield
            finally:
                busy.ends()
                if hashes:
                    self._pass_on()
        finally:
            busy.count -= 1
            if not busy.count:
                del self._busy[pair]

    async def _until_called(self, pair: Pair, busy: _Busy, *, hashes: bool) -> None:
        """Wait for the pair's pause, and in its line; nobody stands behind one of its pair that only waits."""
        called = False
        while not called:
            while not self._is_ready(pair, busy):
                if busy.is_checked:
                    await busy.over.wait()
                else:
                    await asyncio.sleep(self._pause(pair))
            if hashes:
                await self._stand(pair)
            else:
                await asyncio.sleep(self._waited.get(self._rank(pair), 0.0))
            called = self._is_ready(pair, busy)
            if hashes and not called:
                self._pass_on()

    def _is_ready(self, pair: Pair, busy: _Busy) -> bool:
        return not busy.is_checked and self._pause(pair) <= 0

    def _pass_on(self) -> None:
        self._free += 1
        self._call_next()

    def right(self, pair: Pair) -> None:
        """That name's password was right."""
        self._pairs.pop(pair, None)
        self._good[pair] = None
        if len(self._good) > REMEMBERED:
            self._good.popitem(last=False)

    def wrong(self, pair: Pair) -> None:
        """It was wrong, or there is no such name."""
        now = asyncio.get_running_loop().time()
        self._good.pop(pair, None)
        _count(self._pairs, pair, now, already=self._failed(pair))
        known = _known(self._sources, pair[0])
        _count(self._sources, pair[0], now, already=known.count if known else 0)

    def _failed(self, pair: Pair) -> int:
        """How often that name has failed from there, less what time has forgiven."""
        failed = _known(self._pairs, pair)
        if failed is None:
            return 0
        return max(0, failed.count - int((asyncio.get_running_loop().time() - failed.last) / LONGEST_PAUSE))

    def _pause(self, pair: Pair) -> float:
        failed = _known(self._pairs, pair)
        if failed is None or failed.count < FREE_TRIES:
            return 0.0
        pause = min(LONGEST_PAUSE, 2.0 ** min(failed.count - FREE_TRIES, 10))
        return failed.last + pause - asyncio.get_running_loop().time()

    def _rank(self, pair: Pair) -> _Rank:
        if pair in self._good:
            return _Rank.KNOWN
        if failed := self._failed(pair):
            return _Rank.FAILED if failed <= OFTEN else _Rank.FAILED_OFTEN
        source = _known(self._sources, pair[0])
        return _Rank.CLEAN_OF_A_GUESSER if source is not None and source.count >= MANY else _Rank.CLEAN

    async def _stand(self, pair: Pair) -> None:
        loop = asyncio.get_running_loop()
        rank = self._rank(pair)
        line = self._lines[rank]
        one = _Waiting(loop.create_future(), loop.time())
        mine = line.setdefault(pair[0], deque())
        if rank in _OF_GUESSERS and len(mine) >= MOST_BEHIND_A_GUESSER:
            raise TooManyError
        mine.append(one)
        self._call_next()
        try:
            await one.called
            self._waited[rank] = loop.time() - one.since
        except asyncio.CancelledError:
            if one.called.done() and not one.called.cancelled():  # called just now, and gone
                self._pass_on()
            else:
                waiting = line.get(pair[0])
                if waiting is not None and one in waiting:
                    waiting.remove(one)
                    if not waiting:
                        del line[pair[0]]
            raise

    def _call_next(self) -> None:
        while self._free and (one := self._next()) is not None:
            if not one.called.done():
                self._free -= 1
                one.called.set_result(None)

    def _next(self) -> _Waiting | None:
        for line in self._lines.values():
            if line:
                source, mine = line.popitem(last=False)
                one = mine.popleft()
                if mine:
                    line[source] = mine  # behind the other sources
                return one
        return None


class _Busy:
    """The logins of one pair: one is checked at a time, each after its pause."""

    __slots__ = ("count", "is_checked", "over")

    def __init__(self) -> None:
        self.count = 0
        self.is_checked = False
        self.over = asyncio.Event()

    def begins(self) -> None:
        """One of them is checked."""
        self.is_checked = True
        self.over.clear()

    def ends(self) -> None:
        """It is known whether it was right."""
        self.is_checked = False
        self.over.set()


class _Waiting:
    """One login in its line."""

    __slots__ = ("called", "since")

    def __init__(self, called: asyncio.Future[None], since: float) -> None:
        self.called = called
        self.since = since


def _known(failures: OrderedDict[_K, _Failures], key: _K) -> _Failures | None:
    found = failures.get(key)
    if found is not None and asyncio.get_running_loop().time() - found.last > FORGOTTEN_AFTER:
        del failures[key]
        return None
    return found


def _count(failures: OrderedDict[_K, _Failures], key: _K, now: float, *, already: int) -> None:
    failures.pop(key, None)
    failures[key] = _Failures(already + 1, now)
    if len(failures) > REMEMBERED:
        failures.popitem(last=False)
