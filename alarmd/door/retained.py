"""The retained messages: the last word under a topic, for whoever subscribes later. In memory, bounded."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator

import msgspec
import structlog

from alarmd.door import topics
from alarmd.door.ledger import RETAINED, Ledger, text_size
from alarmd.door.limits import Limits
from alarmd.door.sessions import NEVER, Message, size_of

log = structlog.get_logger()

IN_VAIN = 8
"""Topics looked at without a word in between."""


class _Kept(msgspec.Struct, frozen=True):
    """A retained message, whose it is, and the how manieth it was."""

    message: Message
    user: str
    size: int
    number: int


class Retained:
    """Retained messages by topic, in the order of their topics, so that a search can stop and go on where it was.

    Args:
        limits: How many and how large.
        ledger: Told of what a user holds, and asked whether it may hold more.
    """

    def __init__(self, limits: Limits, ledger: Ledger) -> None:
        self._limits = limits
        self._ledger = ledger
        self._kept: dict[str, _Kept] = {}
        self._topics: list[str] = []
        self._changes = 0  # of the list
        self._of: dict[str, dict[str, None]] = {}  # the topics of each user, those retained longest first
        self._bytes = 0
        self._full = False
        self._ends = 0  # how many have an expiry
        self.number = 0
        """How many were retained so far; see `search`."""

    def __len__(self) -> int:
        return len(self._kept)

    def keep(self, message: Message, user: str = "") -> None:
        """Make this the last word under its topic; an empty payload takes the last word back."""
        topic = message.topic
        if not message.payload:
            self._forget(topic)
            return
        size = size_of(message) + RETAINED + text_size(topic)
        if not self._has_room(message, user, size):
            return
        self.number += 1
        known = self._kept.get(topic)  # asked only now: it may have gone to make the room
        if known is None:
            insort(self._topics, topic)
            self._changes += 1
        else:
            self._disown(known)
        self._kept[topic] = _Kept(message, user, size, self.number)
        self._of.setdefault(user, {})[topic] = None
        self._ends += message.expires != NEVER
        self._weigh(user, size)

    def search(self, pattern: str, upto: int, now: float) -> Iterator[Message | None]:
        """What a subscription to `pattern` gets at `now` (loop time), one by one; None for some looked at in vain.

        Messages may come and go meanwhile. Those after number `upto` are left out: who subscribed then has had them.
        """
        prefix, wanted = topics.prefix(pattern), pattern.split("/")
        exact = pattern if prefix is None else prefix[:-1] if pattern == f"{prefix}#" and prefix else None
        if exact is not None:  # a/# is also for a
            yield self._last_word(exact, upto, now)
        if prefix is not None:
            for number, topic in enumerate(self._from(prefix), start=1):
                found = self._last_word(topic, upto, now) if topics.matches_levels(wanted, topic) else None
                if found is not None or not number % IN_VAIN:
                    yield found

    def _last_word(self, topic: str, upto: int, now: float) -> Message | None:
        kept = self._kept.get(topic)
        return kept.message if kept is not None and kept.number <= upto and kept.message.expires > now else None

    def _from(self, prefix: str) -> Iterator[str]:
        """The topics that begin so; of those that come and go meanwhile some, of the others each once."""
        at, changes = bisect_left(self._topics, prefix), self._changes
        while at < len(self._topics) and (topic := self._topics[at]).startswith(prefix):
            yield topic
            at += 1
            if changes != self._changes:
                at, changes = bisect_right(self._topics, topic), self._changes

    def expire(self, now: float) -> Iterator[None]:
        """Forget what is past its expiry at `now` (loop time), in steps."""
        for topic in self._from("") if self._ends else ():
            if self._kept[topic].message.expires <= now:
                self._forget(topic)
            yield

    def forget_of(self, user: str) -> bool:
        """Forget what that user had retained longest; False where it holds nothing."""
        mine = self._of.get(user)
        if not mine:
            return False
        self._forget(next(iter(mine)))
        return True

    def _forget(self, topic: str) -> None:
        known = self._kept.pop(topic, None)
        if known is not None:
            self._disown(known)
            del self._topics[bisect_left(self._topics, topic)]
            self._changes += 1
            self._full = False

    def _disown(self, known: _Kept) -> None:
        self._weigh(known.user, -known.size)
        self._ends -= known.message.expires != NEVER
        mine = self._of[known.user]
        del mine[known.message.topic]
        if not mine:
            del self._of[known.user]

    def _weigh(self, user: str, size: int) -> None:
        self._bytes += size
        self._ledger.add(user, size)

    def _has_room(self, message: Message, user: str, size: int) -> bool:
        known = self._kept.get(message.topic)
        grows = size - (known.size if known is not None else 0)
        room = (
            (known is not None or len(self._kept) < self._limits.retained)
            and self._bytes + grows <= self._limits.retained_bytes
            and message.topic.count("/") < topics.MAX_LEVELS
            and self._ledger.has_room(user, grows)
        )
        if not room and not self._full:
            log.warning("door.retained_full", topic=message.topic, user=user, held=len(self._kept), bytes=self._bytes)
        self._full = not room
        return room
