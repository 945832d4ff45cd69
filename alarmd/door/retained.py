"""The retained messages: the last word under a topic, for whoever subscribes later. In memory, bounded."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec
import structlog

from alarmd.door import topics
from alarmd.door.ledger import topic_size
from alarmd.door.limits import Limits
from alarmd.door.sessions import Message, size_of

log = structlog.get_logger()


class _Kept(msgspec.Struct, frozen=True):
    """A retained message, and whose it is."""

    message: Message
    user: str
    size: int


class Retained:
    """Retained messages by topic.

    Args:
        limits: How many and how large.
        charge: Told of what a user holds more or less, in bytes.
        room: Asked whether a user may hold so many bytes more.
    """

    def __init__(self, limits: Limits, *, charge: Callable[[str, int], None], room: Callable[[str, int], bool]) -> None:
        self._limits = limits
        self._charge = charge
        self._room = room
        self._names: topics.Names[_Kept] = topics.Names()
        self._bytes = 0
        self._full = False

    def __len__(self) -> int:
        return len(self._names)

    def keep(self, message: Message, user: str = "") -> None:
        """Make this the last word under its topic; an empty payload takes the last word back."""
        if not message.payload:
            self._forget(message.topic)
            return
        known = self._names.get(message.topic)
        size = size_of(message) + topic_size(message.topic)
        if self._has_room(message, user, known, size):
            if known is not None:
                self._weigh(known.user, -known.size)
            self._names.put(message.topic, _Kept(message, user, size))
            self._weigh(user, size)

    def select(self, pattern: str, now: float) -> Iterator[Message]:
        """What a new subscription to `pattern` gets at `now` (loop time)."""
        return (kept.message for kept in list(self._names.select(pattern)) if kept.message.expires > now)

    def is_last_word(self, message: Message) -> bool:
        """Whether nothing newer was said under its topic."""
        known = self._names.get(message.topic)
        return known is not None and known.message is message

    def expire(self, now: float) -> None:
        """Forget what is past its expiry at `now` (loop time)."""
        for topic in [topic for topic, kept in self._names.items() if kept.message.expires <= now]:
            self._forget(topic)

    def forget_of(self, user: str) -> bool:
        """Forget what that user had retained longest; False where it holds nothing."""
        oldest = next((topic for topic, kept in self._names.items() if kept.user == user), None)
        if oldest is not None:
            self._forget(oldest)
        return oldest is not None

    def _forget(self, topic: str) -> None:
        known = self._names.get(topic)
        if known is not None:
            self._weigh(known.user, -known.size)
            self._names.drop(topic)
            self._full = False

    def _weigh(self, user: str, size: int) -> None:
        self._bytes += size
        self._charge(user, size)

    def _has_room(self, message: Message, user: str, known: _Kept | None, size: int) -> bool:
        grows = size - (known.size if known is not None else 0)
        room = (
            (known is not None or len(self._names) < self._limits.retained)
            and self._bytes + grows <= self._limits.retained_bytes
            and message.topic.count("/") < topics.MAX_LEVELS
            and self._room(user, grows)
        )
        if not room and not self._full:
            log.warning("door.retained_full", topic=message.topic, user=user, held=len(self._names), bytes=self._bytes)
        self._full = not room
        return room
