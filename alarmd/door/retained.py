"""The retained messages: the last word under a topic, for whoever subscribes later. In memory, bounded."""

from __future__ import annotations

from collections.abc import Iterator

import structlog

from alarmd.door import topics
from alarmd.door.limits import Limits
from alarmd.door.sessions import Message

log = structlog.get_logger()


class Retained:
    """Retained messages by topic.

    Args:
        limits: How many and how large.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._names: topics.Names[Message] = topics.Names()
        self._bytes = 0
        self._full = False

    def __len__(self) -> int:
        return len(self._names)

    def keep(self, message: Message) -> None:
        """Make this the last word under its topic; an empty payload takes the last word back."""
        known = self._names.get(message.topic)
        grows = len(message.payload) - (len(known.payload) if known else 0)
        if not message.payload:
            self._forget(message.topic)
        elif self._has_room(message, new=known is None, grows=grows):
            self._bytes += grows
            self._names.put(message.topic, message)

    def select(self, pattern: str, now: float) -> Iterator[Message]:
        """What a new subscription to `pattern` gets at `now` (loop time)."""
        return (message for message in list(self._names.select(pattern)) if message.expires > now)

    def expire(self, now: float) -> None:
        """Forget what is past its expiry at `now` (loop time)."""
        for topic in [topic for topic, message in self._names.items() if message.expires <= now]:
            self._forget(topic)

    def _forget(self, topic: str) -> None:
        known = self._names.get(topic)
        if known is not None:
            self._bytes -= len(known.payload)
            self._names.drop(topic)
            self._full = False

    def _has_room(self, message: Message, *, new: bool, grows: int) -> bool:
        room = (
            (not new or len(self._names) < self._limits.retained)
            and self._bytes + grows <= self._limits.retained_bytes
            and message.topic.count("/") < topics.MAX_LEVELS
        )
        if not room and not self._full:
            log.warning("door.retained_full", topic=message.topic, held=len(self._names), bytes=self._bytes)
        self._full = not room
        return room
