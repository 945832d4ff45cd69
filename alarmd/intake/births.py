"""Sparkplug B: what only a birth certificate says, kept for the messages that follow it.

After its birth an edge node may call its metrics by numbers alone, and a certificate of death counts only for the birth
with the same ``bdSeq`` (Sparkplug 3.0, "Birth and death"). Decoders remember nothing, so it is remembered here. A
message whose numbers nobody has named waits, unacknowledged, while the edge node is asked to be born again; after a
restart of alarmd that is a second. If no birth comes it is what nobody can read: a call for help from whatever people
call by.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter, OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any, Final

from alarmd.intake.certificates import Certificates, name_of, plain
from alarmd.intake.delivery import Delivery
from alarmd.intake.strangers import sender
from devices.families import sparkplug_b
from devices.families.sparkplug_b import wire
from devices.family import Message
from devices.shared.finding import unreadable
from devices.shared.reading import UnreadableError
from devices.signal import Signal

PREFIX: Final = "spBv1.0/"
BORN_WITHIN = timedelta(seconds=10)
MOST_WAITING = 10_000  # in ten seconds; what is above is read without names
MOST_WAITING_OF_ONE = 2_500  # of a user of the door: nobody takes the others' room
MOST_ASKED = 10_000  # edge nodes; who was asked longest ago is forgotten first
_LONGEST_KEY = 200
_BIRTHS, _DATA, _DEATH = ("NBIRTH", "DBIRTH"), ("NDATA", "DDATA"), "NDEATH"


@dataclass(slots=True, eq=False)
class Waiting:
    """A message that cannot be read before a birth.

    Attributes:
        delivery: The message.
        edge_node: Whose birth names it, as it is remembered.
        missing: The numbers that nobody has named; None among them stands for a metric without name and number.
        taken: What its sender waits for.
    """

    delivery: Delivery
    edge_node: str
    missing: frozenset[object]
    taken: asyncio.Future[None]


@dataclass(frozen=True, slots=True)
class Told:
    """What becomes of a message.

    Attributes:
        delivery: To be read now, with names in place of numbers; None where it says nothing.
        rebirth: To be published, or None.
        waits: Where the message itself waits to be named.
        named: Messages that waited for this birth, named now.
    """

    delivery: Delivery | None
    rebirth: Message | None = None
    waits: Waiting | None = None
    named: tuple[Waiting, ...] = ()


class Births:
    """What the edge nodes said at their births; nothing is known of the time before alarmd's own start."""

    def __init__(self) -> None:
        self._certificates = Certificates()
        self._waiting: list[Waiting] = []
        self._waits: Counter[str] = Counter()
        self._asked: OrderedDict[str, datetime] = OrderedDict()

    def hear(self, delivery: Delivery) -> Told:
        """Take note of a message, and say how it is to be read."""
        edge_node, kind = sparkplug_b.edge_node(delivery.topic)
        if not edge_node or delivery.retained:
            return Told(delivery)
        try:
            said = sparkplug_b.payload_of(delivery.payload)
        except UnreadableError:
            return Told(delivery)
        if kind in _BIRTHS:
            self._born(_key(edge_node), kind, said, sender(delivery))
            return Told(delivery, named=tuple(self._named_now(_key(edge_node))))
        if kind in _DATA:
            return self._data(edge_node, said, delivery)
        return Told(None if kind == _DEATH and self._is_late(_key(edge_node), said) else delivery)

    def _data(self, edge_node: str, said: Mapping[str, Any], delivery: Delivery) -> Told:
        renamed, missing, known = self._with_names(_key(edge_node), said)
        if renamed is not None:
            delivery = replace(delivery, payload=renamed)
        if not missing:
            return Told(delivery)
        rebirth = self._ask(edge_node, delivery.received_at)
        who = sender(delivery)
        if len(self._waiting) >= MOST_WAITING or (delivery.user and self._waits[who] >= MOST_WAITING_OF_ONE):
            return Told(delivery, rebirth)
        waits = Waiting(delivery, _key(edge_node), missing, asyncio.get_running_loop().create_future())
        self._waiting.append(waits)
        self._waits[who] += 1
        return Told(delivery if known else None, rebirth, waits)

    def overdue(self, now: datetime) -> list[Waiting]:
        """Messages for which no birth came in time; each is handed out once."""
        return self._let_go([one for one in self._waiting if _is_late(one, now)])

    def _let_go(self, gone: list[Waiting]) -> list[Waiting]:
        """Those wait no more."""
        if gone:
            ids = {id(one) for one in gone}
            self._waiting = [one for one in self._waiting if id(one) not in ids]
            self._waits.subtract(sender(one.delivery) for one in gone)
            self._waits += Counter()  # without those of whom nothing waits
        return gone

    def set_back(self, now: datetime) -> None:
        """The clock was ahead: nobody was asked later than now."""
        self._asked = OrderedDict((edge_node, min(at, now)) for edge_node, at in self._asked.items())

    def _born(self, node: str, kind: str, said: Mapping[str, Any], who: str) -> None:
        metrics = _metrics(said)
        if kind == "NBIRTH":
            self._certificates.born(node, who, _session(said))
        self._certificates.learn(node, who, dict(filter(None, map(name_of, metrics))))

    def _is_late(self, node: str, said: Mapping[str, Any]) -> bool:
        """A will of a session that is over: the edge node has been born since."""
        born, died = self._certificates.session(node), plain(_session(said))
        return born is not None and died is not None and born != died

    def _with_names(self, node: str, said: Mapping[str, Any]) -> tuple[bytes | None, frozenset[object], bool]:
        """The payload with names in it (None: it had them all), the numbers that are left, whether names are there.

        Of no more metrics than its family reads: the others mean nothing, with names or without.
        """
        names = self._certificates.names(node)
        metrics, changed, known = [], False, False
        missing: set[object] = set()
        for metric in _metrics(said)[: sparkplug_b.MOST_METRICS]:
            alias = metric.get("alias")
            if metric.get("name"):
                known = True
            elif isinstance(alias, int) and alias in names:
                name, datatype = names[alias]
                metric = wire.typed(metric, datatype) | {"name": name}  # noqa: PLW2901 - the same, named
                changed = known = True
            else:
                missing.add(alias if isinstance(alias, int) else None)
            metrics.append(metric)
        renamed = json.dumps({**said, "metrics": metrics}).encode() if changed else None
        return renamed, frozenset(missing), known

    def _named_now(self, node: str) -> list[Waiting]:
        """Those that waited for this birth; a gateway's devices are born one after the other."""
        names = self._certificates.names(node).keys()
        ready = self._let_go([one for one in self._waiting if one.edge_node == node and one.missing <= names])
        for one in ready:
            renamed, _, _ = self._with_names(node, sparkplug_b.payload_of(one.delivery.payload))
            one.delivery = replace(one.delivery, payload=renamed or one.delivery.payload)
        return ready

    def _ask(self, edge_node: str, now: datetime) -> Message | None:
        node = _key(edge_node)
        asked = self._asked.get(node)
        if asked is not None and timedelta(0) <= now - asked < BORN_WITHIN:
            return None
        self._asked[node] = now
        self._asked.move_to_end(node)
        if len(self._asked) > MOST_ASKED:
            self._asked.popitem(last=False)
        group, _, node = edge_node.partition("/")
        return Message(f"{PREFIX}{group}/NCMD/{node}", wire.rebirth(int(now.timestamp() * 1000)))


def _key(edge_node: str) -> str:
    """What an edge node is remembered by: its name, of one with a very long name a fingerprint."""
    return edge_node if len(edge_node) <= _LONGEST_KEY else blake2b(edge_node.encode()).hexdigest()


def _is_late(one: Waiting, now: datetime) -> bool:
    """Waited for long enough; or received by a clock that was ahead, by which it would wait for hours."""
    return not timedelta(0) <= now - one.delivery.received_at < BORN_WITHIN


def unread(delivery: Delivery) -> tuple[Signal, ...]:
    """What a message is whose numbers nobody ever named."""
    return unreadable(sparkplug_b.address(delivery.topic), sparkplug_b.NAME, retained=delivery.retained)


def _metrics(said: Mapping[str, Any]) -> list[dict[str, Any]]:
    metrics = said.get("metrics")
    return [one for one in metrics if isinstance(one, dict)] if isinstance(metrics, list) else []


def _session(said: Mapping[str, Any]) -> object:
    return next((one.get("value") for one in _metrics(said) if one.get("name") == "bdSeq"), None)
