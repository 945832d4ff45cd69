"""Which message is being worked on, written down before anything reads it: so that what kills alarmd is known by it.

A message that a decoder chokes on is never acknowledged, so its sender sends it again, and alarmd would die of it again
and again while nobody's press is heard. Before a message is decoded, and before it is kept, its fingerprint is put into
a small file that is mapped into memory: that costs some microseconds and no system call, and what is written there
outlives the process. What still stands there at the next start was being worked on when the process ended. The second
time that is no chance: the message is recognised before anything decodes it (`alarmd.intake.aside`).

Poison that changes a little each time (a counter in it) is known by its topic, and one that changes topics by the user
who sends it: where alarmd died of the first message of that topic or user in several runs within an hour, and none was
ever finished in between. A user who is only busy when the plug is pulled has finished thousands. It holds for an hour.
"""

from __future__ import annotations

import mmap
import os
import struct
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from enum import IntEnum
from hashlib import blake2b
from pathlib import Path
from typing import Final, NamedTuple

import structlog

from alarmd.intake.delivery import Delivery
from alarmd.leaps import NO_EARLIER
from alarmd.privacy import masked

log = structlog.get_logger()

STALLED_S: Final = 5.0
"""Seconds of a processor's time for one message, during which nobody else is heard, that count as a death."""
_REMEMBERED: Final = 10_000  # topics and users of which something was finished; beyond them none counts as the first
_FIRST_OF_TOPIC, _FIRST_OF_USER, _NEITHER = 1, 2, 0
HOLDS_S: Final = 3600.0
_MAGIC: Final = b"alarmd-attempts1"
_SLOT: Final = struct.Struct("<BB16sH512sH128s")
_SUSPECT: Final = struct.Struct("<B16sId")
_SLOTS_AT: Final = len(_MAGIC)
_SUSPECTS: Final = 64
_SUSPECTS_AT: Final = 2048
_SIZE: Final = 4096
_HASHED: Final = 64 * 1024  # of a payload: what a longer one ends with tells it from no other


class Stage(IntEnum):
    """What is done with a message: on the event loop, and in the writer's thread."""

    DECODING = 0
    KEEPING = 1


class Known(IntEnum):
    """By what a message is recognised."""

    MESSAGE = 1
    TOPIC = 2
    USER = 3


STRIKES: Final = {Known.MESSAGE: 2, Known.TOPIC: 3, Known.USER: 4}
"""How many deaths each takes."""


class _Suspect(NamedTuple):
    by: Known
    strikes: int
    at: float


class Attempts:
    """The file of attempts of one store.

    Args:
        path: Where it is; None keeps it in memory only. One that cannot be used is said in the log and done without.
        now: The present, for how long a topic stays suspected.
    """

    def __init__(self, path: Path | None = None, now: datetime | None = None) -> None:
        self._map = _opened(path)
        self._suspects: dict[bytes, _Suspect] = {}
        self._started_at = now.timestamp() if now is not None else 0.0
        self._began = [0.0, 0.0]
        self._at: list[Delivery | None] = [None, None]
        self._topics: tuple[set[str], set[str]] = (set(), set())
        self._users: tuple[set[str], set[str]] = (set(), set())
        self._load()

    def of(self, stage: Stage, delivery: Delivery) -> _Work:
        """Work on one message, in ``with``; one at a time at each stage."""
        return _Work(self, stage, delivery)

    def recognised(self, delivery: Delivery) -> Known | None:
        """By what a message is known that killed or stalled alarmd before; None for all others."""
        if not self._suspects:
            return None
        now = delivery.received_at.timestamp()
        for by, key in _keys(_of_message(delivery), delivery.topic.encode(), delivery.user.encode()):
            suspect = self._suspects.get(key)
            if suspect is None or suspect.strikes < STRIKES[by]:
                continue
            if by is Known.MESSAGE or abs(now - suspect.at) < HOLDS_S:
                return by
        return None

    def set_back(self, now: datetime) -> None:
        """The clock was ahead: what is suspected for an hour is suspected from now on."""
        self._bound(now.timestamp())

    def _bound(self, moment: float) -> None:
        ahead = {key: one._replace(at=moment) for key, one in self._suspects.items() if one.at > moment}
        if ahead:
            self._suspects |= ahead
            self._write()

    def _begin(self, stage: Stage, delivery: Delivery) -> None:
        topic, user = delivery.topic.encode()[:512], delivery.user.encode()[:128]
        at, first = _SLOTS_AT + stage * _SLOT.size, self._first(stage, delivery)
        _SLOT.pack_into(self._map, at, 0, first, _of_message(delivery), len(topic), topic, len(user), user)
        self._map[at] = 1
        self._at[stage] = delivery
        self._began[stage] = time.thread_time()

    def _end(self, stage: Stage) -> None:
        took = time.thread_time() - self._began[stage]
        delivery, self._at[stage] = self._at[stage], None
        if delivery is not None:
            if took >= STALLED_S:
                self._strike(stage, delivery.received_at.timestamp(), f"it took {took:.1f} s")
            elif len(topics := self._topics[stage]) < _REMEMBERED:
                topics.add(delivery.topic)
                self._users[stage].add(delivery.user)
        self._map[_SLOTS_AT + stage * _SLOT.size] = 0

    def _first(self, stage: Stage, delivery: Delivery) -> int:
        """Whether nothing of its topic, or of its user, was finished in this run."""
        topics = self._topics[stage]
        if len(topics) >= _REMEMBERED:
            return _NEITHER
        of_topic = _NEITHER if delivery.topic in topics else _FIRST_OF_TOPIC
        return of_topic | (_NEITHER if delivery.user in self._users[stage] else _FIRST_OF_USER)

    # ------------------------------------------------------------ what is left of the last run

    def _load(self) -> None:
        for n in range(_SUSPECTS):
            by, key, strikes, at = _SUSPECT.unpack_from(self._map, _SUSPECTS_AT + n * _SUSPECT.size)
            if by in STRIKES and strikes:
                self._suspects[key] = _Suspect(Known(by), strikes, at)
        if self._started_at >= NO_EARLIER.timestamp():
            self._bound(self._started_at)
        for stage in Stage:
            at = _SLOTS_AT + stage * _SLOT.size
            if self._map[at] == 1:
                self._strike(stage, self._started_at, "alarmd ended while it was worked on")
                self._map[at] = 0

    def _strike(self, stage: Stage, moment: float, why: str) -> None:
        """A message killed or stalled alarmd once more."""
        _, first, digest, length, topic, size, user = _SLOT.unpack_from(self._map, _SLOTS_AT + stage * _SLOT.size)
        strikes = {}
        for by, key in _keys(digest, topic[:length], user[:size]):
            known = self._suspects.pop(key, None)
            if (by is Known.TOPIC and not first & _FIRST_OF_TOPIC) or (by is Known.USER and not first & _FIRST_OF_USER):
                continue  # others of it were finished: it is not what kills
            again = known is not None and (by is Known.MESSAGE or abs(moment - known.at) < HOLDS_S)
            strikes[by.name.lower()] = count = known.strikes + 1 if known is not None and again else 1
            self._suspects[key] = _Suspect(by, count, moment)
        self._suspects = dict(list(self._suspects.items())[-_SUSPECTS:])
        self._write()
        log.error(
            "a message stopped alarmd",
            topic=masked(topic[:length].decode("utf-8", "replace")),
            stage=stage.name.lower(),
            why=why,
            strikes=strikes,
        )

    def _write(self) -> None:
        rows = [_SUSPECT.pack(one.by, key, one.strikes, one.at) for key, one in self._suspects.items()]
        whole = b"".join(rows).ljust(_SUSPECTS * _SUSPECT.size, b"\0")
        self._map[_SUSPECTS_AT : _SUSPECTS_AT + len(whole)] = whole


class _Work:
    """One message under work: a class, for a generator costs as much as all the rest."""

    __slots__ = ("_attempts", "_delivery", "_stage")

    def __init__(self, attempts: Attempts, stage: Stage, delivery: Delivery) -> None:
        self._attempts, self._stage, self._delivery = attempts, stage, delivery

    def __enter__(self) -> None:
        self._attempts._begin(self._stage, self._delivery)  # noqa: SLF001 - the two are one

    def __exit__(self, *_: object) -> None:
        self._attempts._end(self._stage)  # noqa: SLF001 - as above


def beside(store: Path) -> Path:
    """Where the attempts of a store are."""
    return store.with_name(f"{store.name}.attempts")


def _opened(path: Path | None) -> mmap.mmap:
    made = None
    if path is not None:
        try:
            made = _mapped(path)
        except (OSError, ValueError) as error:
            log.error("attempts are not written down", file=str(path), error=str(error))  # noqa: TRY400 - it says it all
    made = made or mmap.mmap(-1, _SIZE)
    if made[:_SLOTS_AT] != _MAGIC:
        made[:] = _MAGIC.ljust(_SIZE, b"\0")
    return made


def _mapped(path: Path) -> mmap.mmap:
    number = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        if os.fstat(number).st_size != _SIZE:
            os.ftruncate(number, 0)
            with suppress(OSError):  # where the disk is full a page that is not there yet would end the process
                os.posix_fallocate(number, 0, _SIZE)
        if os.fstat(number).st_size != _SIZE:
            raise OSError(f"{path} cannot be made {_SIZE} bytes long")
        return mmap.mmap(number, _SIZE)
    finally:
        os.close(number)


def _of_message(delivery: Delivery) -> bytes:
    payload = delivery.payload
    start = b"%d %d %b" % (len(delivery.topic), len(payload), delivery.topic.encode())
    return blake2b(start + (payload if len(payload) <= _HASHED else payload[:_HASHED]), digest_size=16).digest()


def _keys(digest: bytes, topic: bytes, user: bytes) -> Iterator[tuple[Known, bytes]]:
    yield Known.MESSAGE, digest
    yield Known.TOPIC, blake2b(b"topic " + topic[:512], digest_size=16).digest()
    if user:
        yield Known.USER, blake2b(b"user " + user[:128], digest_size=16).digest()
