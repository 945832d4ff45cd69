"""What the door holds in memory for its clients, in bytes as they are held, by user and in all.

Counted are payloads with their topics and properties, filters, wills, sessions, QoS 2 messages remembered, messages
taken and not passed on, packets that have come in part, logins that wait, and what was written and not read, each with
what Python adds to it. Beyond a user's share that user gets nothing more; where all is taken, who holds most gives way
to who holds less. What strangers hold is counted apart, so that they take nothing from those who are known, nor the
other way round.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from alarmd.door.limits import Limits

STRANGERS = "\0"
"""Under which is counted what those sent who have not shown a password; no user is called so."""
ALWAYS_HELD = 4 * 1024
"""Bytes of one connection that are never too many."""
LEVEL = 400
"""Bytes that one level of a filter with a ``+`` costs in the tree: a node with two tables, and its entry above."""
FILTER = 600
"""Bytes of a filter beside its text: its terms, its places in three tables, and a table of those who hold it."""
MESSAGE = 350
"""Bytes of a message beside its text: its object, those of its strings, and its place in a queue."""
RETAINED = 400
"""Bytes of a retained message beside what the message costs: its places in three tables and a list."""
SESSION = 3_000
"""Bytes of a session that holds nothing."""
TAKEN = 400
"""Bytes of a QoS 2 message remembered until its PUBREL."""
LOGIN = 2_000
"""Bytes of a login that waits for its password to be checked, beside what the CONNECT said."""
TOPIC = 200
"""Bytes of a topic that a connection remembers, beside its text."""


class Ledger:
    """Bytes by user.

    Args:
        limits: How many one user may hold, and all.
        give_way: Asked to let go of something of that user's; False where nothing is left that could go.
    """

    def __init__(self, limits: Limits, give_way: Callable[[str], bool] = lambda _: False) -> None:
        self._limits = limits
        self._give_way = give_way
        self._of: Counter[str] = Counter()
        self.total = 0
        """What all users hold; strangers are none."""

    def of(self, user: str) -> int:
        """What that user holds."""
        return self._of[user]

    def add(self, user: str, size: int) -> None:
        """The user holds so much more, or less."""
        if user != STRANGERS:
            self.total += size
        self._of[user] += size
        if self._of[user] <= 0:
            del self._of[user]

    def within_share(self, user: str, size: int) -> bool:
        """Whether the user may hold so much more."""
        return self._of[user] + size <= self._limits.memory_per_user

    def fits(self, size: int) -> bool:
        """Whether there is so much room in all."""
        return self.total + size <= self._limits.memory

    def has_room(self, user: str, size: int) -> bool:
        """Whether a user may hold so many bytes more; who holds most of all gives way to it.

        What gives way is about as large as what it makes room for, so this takes no longer than what it is asked for.
        """
        if size <= 0:
            return True
        if not self.within_share(user, size):
            return False
        heaviest: str | None = None
        while not self.fits(size):
            if heaviest is None or self._of[heaviest] <= self._of[user] + size:
                heaviest = self._heaviest()
            if heaviest is None or self._of[heaviest] <= self._of[user] + size or not self._give_way(heaviest):
                return False
        return True

    def _heaviest(self) -> str | None:
        return max((user for user in self._of if user != STRANGERS), key=self._of.__getitem__, default=None)


def text_size(text: str) -> int:
    """What a text costs beside its object, at most: four bytes a character as soon as one of them is not ASCII."""
    return len(text) if text.isascii() else 4 * len(text)


def filter_size(pattern: str) -> int:
    """What a filter costs; with a ``+`` its levels once more in the tree."""
    size = text_size(pattern) + FILTER
    return size + text_size(pattern) + LEVEL * (pattern.count("/") + 1) if "+" in pattern else size
