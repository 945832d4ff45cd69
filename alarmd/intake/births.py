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
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from alarmd.intake.delivery import Delivery
from devices.answers import Message
from devices.families import sparkplug_b, sparkplug_bytes
from devices.shared.finding import unreadable
from devices.shared.reading import UnreadableError
from devices.signal import Signal

PREFIX: Final = "spBv1.0/"
BORN_WITHIN = timedelta(seconds=10)
MOST_NAMES = 500_000
MOST_WAITING = 10_000  # in ten seconds; what is above is read without names
_BIRTHS, _DATA, _DEATH = ("NBIRTH", "DBIRTH"), ("NDATA", "DDATA"), "NDEATH"


@dataclass(slots=True, eq=False)
class Waiting:
    """A message that cannot be read before a birth; ``taken`` is what its sender waits for."""

    delivery: Delivery
    edge_node: str
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
        self._names: dict[str, dict[int, tuple[str, object]]] = {}
        self._sessions: dict[str, object] = {}
        self._waiting: list[Waiting] = []
        self._asked: dict[str, datetime] = {}
        self._count = 0

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
            self._born(edge_node, kind, said)
            return Told(delivery, named=tuple(self._named_now(edge_node)))
        if kind in _DATA:
            return self._data(edge_node, said, delivery)
        return Told(None if kind == _DEATH and self._is_late(edge_node, said) else delivery)

    def _data(self, edge_node: str, said: Mapping[str, Any], delivery: Delivery) -> Told:
        renamed, unknown, known = self._with_names(edge_node, said)
        if renamed is not None:
            delivery = replace(delivery, payload=renamed)
        if not unknown:
            return Told(delivery)
        rebirth = self._ask(edge_node, delivery.received_at)
        if len(self._waiting) >= MOST_WAITING:
            return Told(delivery, rebirth)
        waits = Waiting(delivery, edge_node, asyncio.get_running_loop().create_future())
        self._waiting.append(waits)
        return Told(delivery if known else None, rebirth, waits)

    def overdue(self, now: datetime) -> list[Waiting]:
        """Messages for which no birth came in time; each is handed out once."""
        late = [one for one in self._waiting if _is_late(one, now)]
        if late:
            self._waiting = [one for one in self._waiting if not _is_late(one, now)]
        return late

    def set_back(self, now: datetime) -> None:
        """The clock was ahead: nobody was asked later than now."""
        self._asked = {edge_node: min(at, now) for edge_node, at in self._asked.items()}

    def _born(self, edge_node: str, kind: str, said: Mapping[str, Any]) -> None:
        if kind == "NBIRTH":
            self._count -= len(self._names.pop(edge_node, {}))
            self._sessions[edge_node] = _session(said)
        names = self._names.setdefault(edge_node, {})
        before = len(names)
        for metric in _metrics(said):
            alias, name = metric.get("alias"), metric.get("name")
            if isinstance(alias, int) and isinstance(name, str) and name:
                names[alias] = name, metric.get("datatype", metric.get("dataType"))
        self._count += len(names) - before
        if self._count > MOST_NAMES:  # they are asked for again
            self._names, self._count = {}, 0

    def _is_late(self, edge_node: str, said: Mapping[str, Any]) -> bool:
        """A will of a session that is over: the edge node has been born since."""
        born, died = self._sessions.get(edge_node), _session(said)
        return born is not None and died is not None and born != died

    def _with_names(self, edge_node: str, said: Mapping[str, Any]) -> tuple[bytes | None, bool, bool]:
        """The payload with names in it (None: it had them all), whether numbers are left, whether names are there."""
        names = self._names.get(edge_node, {})
        metrics, changed, unknown, known = [], False, False, False
        for metric in _metrics(said):
            if metric.get("name"):
                known = True
            elif isinstance(alias := metric.get("alias"), int) and alias in names:
                name, datatype = names[alias]
                metric = sparkplug_bytes.typed(metric, datatype) | {"name": name}  # noqa: PLW2901 - the same, named
                changed = known = True
            else:
                unknown = True
            metrics.append(metric)
        return (json.dumps({**said, "metrics": metrics}).encode() if changed else None), unknown, known

    def _named_now(self, edge_node: str) -> list[Waiting]:
        """Those that waited for this birth; a gateway's devices are born one after the other."""
        ready: list[Waiting] = []
        for one in [one for one in self._waiting if one.edge_node == edge_node]:
            renamed, unknown, _ = self._with_names(edge_node, sparkplug_b.payload_of(one.delivery.payload))
            if not unknown:
                self._waiting.remove(one)
                one.delivery = replace(one.delivery, payload=renamed or one.delivery.payload)
                ready.append(one)
        return ready

    def _ask(self, edge_node: str, now: datetime) -> Message | None:
        asked = self._asked.get(edge_node)
        if asked is not None and timedelta(0) <= now - asked < BORN_WITHIN:
            return None
        if len(self._asked) >= MOST_NAMES:
            self._asked.clear()
        self._asked[edge_node] = now
        group, _, node = edge_node.partition("/")
        return Message(f"{PREFIX}{group}/NCMD/{node}", sparkplug_bytes.rebirth(int(now.timestamp() * 1000)))


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
