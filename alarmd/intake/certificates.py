"""What Sparkplug B edge nodes said at their births, held in memory within bounds: by sender, and in all.

Who may publish under ``spBv1.0/`` can think up edge nodes, and names as long as a message. So they are counted in bytes
as they are held. Beyond a sender's share its own edge nodes are forgotten, first the one unheard for longest; beyond
what there is for all, those of the sender who holds most. What is forgotten is asked for again.
"""

from __future__ import annotations

import sys
from collections import Counter, OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from devices.shared import reading

MOST: Final = 64 * 2**20
"""Bytes for all: some 200,000 names."""
MOST_OF_ONE: Final = 32 * 2**20
"""Bytes of one sender. A broker does not say who published: all behind it are one sender."""
LONGEST_NAME: Final = 120
"""Characters of a metric's name that its family reads."""
_A_NODE, _A_NAME = 600, 200  # bytes beside their texts: tables, tuples, numbers
_LARGEST_ALIAS = 2**64

Name = tuple[str, int | None]
"""A metric's name, and its data type where the birth said one."""


@dataclass(slots=True)
class _Node:
    sender: str
    session: int | str | None = None
    names: dict[int, Name] = field(default_factory=dict)
    size: int = 0


class Certificates:
    """Names by edge node and number, and each edge node's session.

    Args:
        most: Bytes for all.
        most_of_one: Bytes of one sender.
    """

    def __init__(self, most: int = MOST, most_of_one: int = MOST_OF_ONE) -> None:
        self._most = most
        self._most_of_one = most_of_one
        self._nodes: dict[str, _Node] = {}
        self._of: dict[str, OrderedDict[str, None]] = {}  # each sender's, that heard longest ago first
        self._held: Counter[str] = Counter()
        self.total = 0

    def __len__(self) -> int:
        return len(self._nodes)

    def names(self, node: str) -> Mapping[int, Name]:
        """What an edge node calls its metrics; empty where that is not known."""
        found = self._nodes.get(node)
        if found is None:
            return {}
        self._of[found.sender].move_to_end(node)
        return found.names

    def session(self, node: str) -> int | str | None:
        """The ``bdSeq`` of its last birth."""
        found = self._nodes.get(node)
        return found.session if found is not None else None

    def born(self, node: str, sender: str, session: object) -> None:
        """An edge node begins a session: nothing that was said before it counts."""
        self._forget(node)
        self._put(node, sender)
        self._nodes[node].session = plain(session)

    def learn(self, node: str, sender: str, said: Mapping[int, Name]) -> None:
        """An edge node, or a device behind it, says what its metrics are called."""
        if node not in self._nodes:
            self._put(node, sender)
        found = self._nodes[node]
        for alias, name in said.items():
            before = found.names.get(alias)
            self._add(node, _size(name) - (_size(before) if before is not None else 0))
            found.names[alias] = name
        self._make_room(found.sender)

    def _put(self, node: str, sender: str) -> None:
        self._nodes[node] = _Node(sender)
        self._of.setdefault(sender, OrderedDict())[node] = None
        self._add(node, _A_NODE + sys.getsizeof(node))

    def _add(self, node: str, size: int) -> None:
        found = self._nodes[node]
        found.size += size
        self._held[found.sender] += size
        self.total += size

    def _forget(self, node: str) -> None:
        found = self._nodes.pop(node, None)
        if found is None:
            return
        self.total -= found.size
        self._held[found.sender] -= found.size
        theirs = self._of[found.sender]
        del theirs[node]
        if not theirs:
            del self._of[found.sender], self._held[found.sender]

    def _make_room(self, sender: str) -> None:
        while self._held[sender] > self._most_of_one:
            self._forget(next(iter(self._of[sender])))
        while self.total > self._most:
            self._forget(next(iter(self._of[max(self._held, key=self._held.__getitem__)])))


def name_of(metric: Mapping[str, object]) -> tuple[int, Name] | None:
    """The number and the name that a metric of a birth gives itself; None where it gives none."""
    alias, name = metric.get("alias"), metric.get("name")
    if isinstance(alias, bool) or not isinstance(alias, int) or not 0 <= alias < _LARGEST_ALIAS:
        return None
    short = reading.text(name, LONGEST_NAME) if isinstance(name, str) else ""
    datatype = metric.get("datatype", metric.get("dataType"))
    return (
        (alias, (short, datatype if isinstance(datatype, int) and abs(datatype) < _LARGEST_ALIAS else None))
        if short
        else None
    )


def plain(session: object) -> int | str | None:
    """A ``bdSeq`` as it is compared: a number, or a short word where it is none."""
    if session is None or (isinstance(session, int) and abs(session) < _LARGEST_ALIAS):
        return session
    return reading.text(session, LONGEST_NAME) or None


def _size(name: Name) -> int:
    return _A_NAME + sys.getsizeof(name[0])
