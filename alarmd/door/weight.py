"""What one connection holds beside its session: counted from its first byte, to strangers until its password is known.

Strangers are all who have not shown a password. Together they may hold so much; where it is more, the oldest of those
that hold much goes, of the source that has most of them. Those that hold little stay: an honest CONNECT has a hundred
bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from alarmd.door.ledger import ALWAYS_HELD, STRANGERS, Ledger
from alarmd.door.limits import Limits
from alarmd.entrance import Crowd


class Stranger(Protocol):
    """A connection that has not shown a password."""

    def give_way(self) -> None:
        """Go, and let go of everything at once."""
        ...


class Strangers:
    """Those of them that hold much.

    Args:
        ledger: Where all is counted.
        limits: How much they may hold together.
    """

    def __init__(self, ledger: Ledger, limits: Limits) -> None:
        self._ledger = ledger
        self._most = limits.strangers_bytes
        self._large: Crowd[Stranger] = Crowd()

    def has_room(self, size: int) -> bool:
        """Whether they may hold so much more; the first to go make room."""
        while self._ledger.of(STRANGERS) + size > self._most:
            first = self._large.first_to_go()
            if first is None:
                return False
            first.give_way()
        return True

    def note(self, source: str, one: Stranger, *, large: bool) -> None:
        """That one holds much now, or little."""
        self._large.drop(source, one)
        if large:
            self._large.add(source, one)


class Weight:
    """One connection's.

    Args:
        ledger: Where it is counted.
        strangers: Among whom it is until it is known.
        source: Where it comes from.
        give_way: Called when it must go.
    """

    __slots__ = ("_give_way", "_large", "_ledger", "_source", "_strangers", "held", "user")

    def __init__(self, ledger: Ledger, strangers: Strangers, source: str, give_way: Callable[[], None]) -> None:
        self._ledger = ledger
        self._strangers = strangers
        self._source = source
        self._give_way = give_way
        self.user = STRANGERS
        """Whose it is."""
        self.held = 0
        """Bytes."""
        self._large = False

    def give_way(self) -> None:
        """It must go, so that others have room."""
        self._give_way()

    def set(self, held: int) -> bool:
        """It holds so many bytes now; False where there is no room for what came, and it must go."""
        grows = held - self.held
        if not grows:
            return True
        room = grows < 0 or held <= ALWAYS_HELD or self._has_room(grows)
        if room:
            self._ledger.add(self.user, held - self.held)  # it may itself have made room meanwhile
            self.held = held
            self._note(large=held > ALWAYS_HELD and self.user == STRANGERS)
        return room

    def _has_room(self, size: int) -> bool:
        if self.user == STRANGERS:
            return self._strangers.has_room(size)
        return self._ledger.has_room(self.user, size)

    def _note(self, *, large: bool) -> None:
        if large is not self._large:
            self._large = large
            self._strangers.note(self._source, self, large=large)

    def known(self, user: str) -> None:
        """It has shown that user's password: what it holds is that user's now."""
        self._note(large=False)
        self._ledger.add(self.user, -self.held)
        self._ledger.add(user, self.held)
        self.user = user
