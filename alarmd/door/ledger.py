"""What the door holds in memory for its clients, in bytes as they are held, by user and in all.

Counted are payloads with their topics and properties, filters, wills, sessions and packets that have come in part, each
with what Python adds to it. Beyond a user's share that user gets nothing more; where all is taken, who holds most gives
way to who holds less.
"""

from __future__ import annotations

from collections import Counter

from alarmd.door.limits import Limits

LEVEL = 400
"""Bytes that one level of a topic costs in a tree: a node with two tables, and its entry above."""
MESSAGE = 350
"""Bytes of a message beside its text: its object, those of its strings, and its place in a queue."""
SESSION = 3_000
"""Bytes of a session that holds nothing."""
TAKEN = 400
"""Bytes of a QoS 2 message remembered until its PUBREL."""


class Ledger:
    """Bytes by user.

    Args:
        limits: How many one user may hold, and all.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._of: Counter[str] = Counter()
        self.total = 0

    def of(self, user: str) -> int:
        """What that user holds."""
        return self._of[user]

    def add(self, user: str, size: int) -> None:
        """The user holds so much more, or less."""
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

    def heaviest(self) -> str | None:
        """Who holds most."""
        return max(self._of, key=self._of.__getitem__, default=None)


def topic_size(topic: str) -> int:
    """What a topic or a filter costs in a tree."""
    return len(topic) + LEVEL * (topic.count("/") + 1)
