"""A message that killed or stalled alarmd is set aside: nothing decodes it, and its device is taken for calling.

What it says nobody can read, so what it means is what any unreadable message of a device means: help (promise 4).
Whose it is, its topic and payload are searched for: the address of each device of its family, as words of their own.
Where no registered device is named the message is an alarm all the same, of a device that nobody registered: the desk
is told (`alarmd.intake.strangers`), for nobody knows that it was nothing.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Coroutine, Iterator
from enum import IntEnum
from functools import partial

import structlog

from alarmd.intake import futures
from alarmd.intake.attempts import Known
from alarmd.intake.delivery import Delivery, NotKeptError
from alarmd.intake.reader import Reader, known_as
from alarmd.intake.rounds import Rounds
from alarmd.intake.strangers import payer
from alarmd.privacy import masked
from alarmd.store import Store, StoreError, Transaction
from devices import addresses, bases
from devices.signal import Signal, SignalType, Suspect

log = structlog.get_logger()

REASON = "stopped_alarmd"
RESTS, RESTS_S = 3.0, 0.5
"""After a search for a sender that says much, so many times as long nothing is searched for one; seconds at most."""
_WORD = re.compile(r"[0-9A-Za-z_.:-]{1,64}")
_TOKEN = re.compile(r"\w+")
_SHORT = (
    re.compile(r'"[A-Za-z_]{0,40}id"\s{0,9}:\s{0,9}"?([^",}\s]{1,3})(?=["\s,}])', re.IGNORECASE),
    re.compile(r'[:\[]\s{0,9}"([^"\\]{1,3})"'),
    re.compile(r'"([^"\\]{1,3})"\s{0,9}:\s{0,9}\{'),
)
"""Names and numbers of up to three characters, where they stand as an id, as a whole value, or above an object."""
_READ = 64 * 1024  # bytes of the payload
_LONGEST_TOPIC = 1024
_LEVELS = 12
_LEAST = 4  # characters of an address that is looked for in a payload, where every word is tried
_LONGEST_NAME = 200
_GATEWAY = "gateway"  # the kind of a device
_MOST = 16
"""Devices that one message may name; a gateway's report names several."""


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
        self._waiting: Rounds[tuple[Delivery, Known, asyncio.Future[None]]] = Rounds()
        self._at_work = False

    def put(self, delivery: Delivery, why: Known, *, waits: bool = False) -> asyncio.Future[None]:
        """Set one aside; done, as for any message, once it is on disk.

        ``waits``: its sender says much. Whose it is takes long to find, so it is one of these at a time, senders and
        topics by turns, and that for a part of the time only; but none is left out, for its words may name a device.
        """
        if not waits:
            return self._start(self._put(delivery, why))
        taken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.put(payer(delivery), delivery.topic, (delivery, why, taken))
        if not self._at_work:
            self._at_work = True
            self._start(self._work())
        return taken

    def _start(self, work: Coroutine[object, object, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._waiting:
                delivery, why, taken = self._waiting.next()
                began = loop.time()
                try:
                    kept = self._keep(delivery, await self._told(delivery, why))
                except Exception as error:  # noqa: BLE001 - those who wait must hear of it, and the next have their turn
                    futures.resolve(taken, error)
                else:
                    futures.follow(kept, taken)
                await asyncio.sleep(min(RESTS_S, RESTS * (loop.time() - began)))
        finally:
            self._at_work = False

    async def _put(self, delivery: Delivery, why: Known) -> None:
        await self._keep(delivery, await self._told(delivery, why))

    async def _told(self, delivery: Delivery, why: Known) -> tuple[Signal, ...]:
        """What it is taken for."""
        family = self._reader.family(delivery.topic, delivery.families)
        found: list[str] = []
        if family is not None:
            try:
                found = await self._store.read(partial(devices, family=family, delivery=delivery))
                found = [one for one in found if _may_be_of(family, one, delivery)]
            except StoreError as error:
                raise NotKeptError(str(error)) from error
        log.error("a message is set aside unread", topic=masked(delivery.topic), by=why.name.lower(), devices=found)
        if family is None:
            return ()
        return signals(family, found, delivery, why) or (of_nobody(family, delivery, why),)


def devices(tx: Transaction, family: str, delivery: Delivery) -> list[str]:
    """The registered addresses of that family which a message names, without decoding it. For a reader of the store.

    Those of the nearest `_Place` only: a device whose topic it is speaks for itself, also where it names others.
    A gateway's topic names the gateway, and the message is that of who stands in it.
    """
    said = _Said(delivery)
    found: dict[_Place, list[str]] = {place: [] for place in _Place}
    for row in tx.each("devices_of_family", family=family):
        base, address = bases.parted(row["address"])
        place = said.place_of(address) if not base or delivery.topic.startswith(f"{base}/") else None
        if place is not None:
            is_gateway = place is _Place.TOPIC and row["kind"] == _GATEWAY
            found[_Place.GATEWAY if is_gateway else place].append(row["address"])
    return _whole(next(filter(None, found.values()), []))[:_MOST]


class _Place(IntEnum):
    """Where an address stands in a message, the nearest first."""

    TOPIC = 0  # as levels, or its words in a row: ``binary_sensor.bed`` in ``homeassistant/binary_sensor/bed/state``
    PAYLOAD = 1  # as words in a row
    PARTS = 2  # here and there, of an address made of several fields (``Model/id``); or as a short number or name
    LOOSE = 3  # the same, but of what is short it is not known that it names anything
    GATEWAY = 4


class _Said:
    """A message as text, to look for addresses in."""

    def __init__(self, delivery: Delivery) -> None:
        topic = delivery.topic[:_LONGEST_TOPIC]
        said = delivery.payload[:_READ].decode("utf-8", "replace")
        self._levels = set(_topic_words(topic))
        self._words = {_plain(found[0]) for found in _WORD.finditer(said)}
        self._short = {found.lower() for pattern in _SHORT for found in pattern.findall(said)}
        self._topic, self._payload = _tokens(topic), _tokens(said)

    def place_of(self, address: str) -> _Place | None:
        """Where that address stands; None where it does not."""
        plain, tokens = _plain(address), _tokens(address)
        if plain in self._levels or (_is_several(tokens) and tokens in self._topic):
            return _Place.TOPIC
        if len(plain) >= _LEAST and (plain in self._words or tokens in self._payload):
            return _Place.PAYLOAD
        parts = address.split("/")
        if all(map(self._names, parts)):
            return _Place.PARTS
        is_known = any(len(part) >= _LEAST for part in parts) and all(map(self._holds, parts))
        return _Place.LOOSE if is_known else None

    def _names(self, part: str) -> bool:
        if len(part) < _LEAST:
            return part.lower() in self._short or _plain(part) in self._levels
        return self._holds(part)

    def _holds(self, part: str) -> bool:
        tokens = _tokens(part)
        return tokens in self._payload or tokens in self._topic


def _whole(named: list[str]) -> list[str]:
    """Without those whose words are a part of another's: ``care/gw1`` beside ``care/gw1/room4``."""
    tokens = [_tokens(address) for address in named]
    return [
        address
        for address, own in zip(named, tokens, strict=True)
        if not any(own != other and own in other for other in tokens)
    ]


def _may_be_of(family: str, address: str, delivery: Delivery) -> bool:
    """Whether the sender may speak for that device (`devices.bases`)."""
    return known_as(family, bases.parted(address)[1], delivery) == address


def of_nobody(family: str, delivery: Delivery, why: Known) -> Signal:
    """A call for help of nobody knows whom, for the desk; it is called by its topic."""
    return Signal(
        device=addresses.visible(delivery.topic[:_LONGEST_NAME]) or "?",
        family=family,
        type=SignalType.SOS,
        ref=f"{REASON}:{why.name.lower()}",
        text="a message stopped alarmd and was set aside unread; whose it is could not be told",
        retained=delivery.retained,
    )


def signals(family: str, named: list[str], delivery: Delivery, why: Known) -> tuple[Signal, ...]:
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
        for address in named
    )


def _is_several(tokens: str) -> bool:
    return tokens.strip().count(" ") > 0


def _tokens(text: str) -> str:
    """The letters and digits of a text, one blank between and around: one text names another if it holds it so."""
    return f" {' '.join(_TOKEN.findall(text.lower()))} "


def _topic_words(topic: str) -> Iterator[str]:
    """Each level of a topic, and neighbouring ones together: some addresses have slashes in them."""
    levels = topic.split("/")[:_LEVELS]
    for start in range(len(levels)):
        for end in range(start + 1, len(levels) + 1):
            yield _plain("/".join(levels[start:end]))


def _plain(word: str) -> str:
    return word.replace(":", "").replace("-", "").lower()
