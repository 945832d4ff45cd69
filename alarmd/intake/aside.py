"""A message that killed or stalled alarmd is set aside: nothing decodes it, and its device is taken for calling.

What it says nobody can read, so what it means is what any unreadable message of a device means: help (promise 4).
Whose it is, its topic and payload are searched for: the address of each device of its family, as a word of its own.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from functools import partial

import structlog

from alarmd.intake.attempts import Known
from alarmd.intake.delivery import Delivery, NotKeptError
from alarmd.intake.reader import Reader
from alarmd.privacy import masked
from alarmd.store import Store, StoreError, Transaction
from devices.signal import Signal, SignalType, Suspect

log = structlog.get_logger()

REASON = "stopped_alarmd"
_WORD = re.compile(r"[0-9A-Za-z_.:-]{1,64}")
_READ = 16 * 1024  # bytes of the payload
_LEVELS = 12
_LEAST = 4  # characters of an address that is looked for in a payload, where every word is tried


class Aside:
    """Sets messages aside.

    Args:
        store: Where the devices are.
        reader: Whose topic it is.
        keep: Keeps a message raw, and the signals that it is taken for.
    """

    def __init__(
        self,
        *,
        store: Store,
        reader: Reader,
        keep: Callable[[Delivery, tuple[Signal, ...]], asyncio.Future[None]],
    ) -> None:
        self._store = store
        self._reader = reader
        self._keep = keep
        self._tasks: set[asyncio.Task[None]] = set()

    def put(self, delivery: Delivery, why: Known) -> asyncio.Future[None]:
        """Set one aside; done, as for any message, once it is on disk."""
        task = asyncio.create_task(self._put(delivery, why))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _put(self, delivery: Delivery, why: Known) -> None:
        family = self._reader.family(delivery.topic, delivery.families)
        found: list[str] = []
        if family is not None:
            try:
                found = await self._store.read(partial(devices, family=family, delivery=delivery))
            except StoreError as error:
                raise NotKeptError(str(error)) from error
        log.error("a message is set aside unread", topic=masked(delivery.topic), by=why.name.lower(), devices=found)
        await self._keep(delivery, signals(family, found, delivery, why) if family is not None else ())


def devices(tx: Transaction, family: str, delivery: Delivery) -> list[str]:
    """The registered addresses of that family which a message names, without decoding it. For a reader of the store."""
    topic = set(_topic_words(delivery.topic))
    said = delivery.payload[:_READ].decode("utf-8", "replace")
    payload = {_plain(found[0]) for found in _WORD.finditer(said)}
    by_topic, by_payload = [], []
    for row in tx.each("devices_of_family", family=family):
        address = _plain(row["address"])
        if address in topic:
            by_topic.append(row["address"])
        elif len(address) >= _LEAST and address in payload:
            by_payload.append(row["address"])
    return (by_topic or by_payload)[:16]


def signals(family: str, addresses: list[str], delivery: Delivery, why: Known) -> tuple[Signal, ...]:
    """A call for help of each; the same for as long as its incident is open, however often it is sent again."""
    return tuple(
        Signal(
            device=address,
            family=family,
            type=SignalType.SOS,
            ref=f"{REASON}:{why.name.lower()}",
            text="a message of this device stopped alarmd and was set aside unread",
            retained=delivery.retained,
            suspect=Suspect.UNPARSEABLE,
        )
        for address in addresses
    )


def _topic_words(topic: str) -> Iterator[str]:
    """Each level of a topic, and neighbouring ones together: some addresses have slashes in them."""
    levels = topic[:1024].split("/")[:_LEVELS]
    for start in range(len(levels)):
        for end in range(start + 1, len(levels) + 1):
            yield _plain("/".join(levels[start:end]))


def _plain(word: str) -> str:
    return word.replace(":", "").replace("-", "").lower()
