"""Topic names and topic filters: what is valid, what matches, and the trees that find matches fast.

Source: OASIS MQTT 5.0, section 4.7. A filter that begins with a wildcard never matches a name that begins with ``$``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Generic, TypeVar

MAX_LEVELS = 128
"""Levels a filter may have. Real ones have under ten; a filter of 65,535 slashes is an attack on the tree."""

MAX_BYTES = 1_024
"""Bytes a topic or a filter may have. Real ones have under two hundred."""

_K = TypeVar("_K")
_V = TypeVar("_V")


def is_name(topic: str) -> bool:
    """Whether one may publish to `topic`."""
    return bool(topic) and "+" not in topic and "#" not in topic and "\0" not in topic


def is_filter(pattern: str) -> bool:
    """Whether one may subscribe to `pattern`."""
    if not pattern or "\0" in pattern or pattern.count("/") >= MAX_LEVELS or len(pattern.encode()) > MAX_BYTES:
        return False
    levels = pattern.split("/")
    if any(len(level) > 1 and ("+" in level or "#" in level) for level in levels):
        return False
    return "#" not in levels[:-1]


def matches(pattern: str, topic: str) -> bool:
    """Whether a subscription to `pattern` gets what is published to `topic`. Both must be valid."""
    return matches_levels(pattern.split("/"), topic)


def matches_levels(wanted: Sequence[str], topic: str) -> bool:
    """As `matches`, of a filter already split at its slashes."""
    if topic[:1] == "$" and wanted[0] in ("+", "#"):
        return False
    levels = topic.split("/")
    for at, level in enumerate(wanted):
        if level == "#":
            return True
        if at == len(levels) or level not in ("+", levels[at]):
            return False
    return len(wanted) == len(levels)


def prefix(pattern: str) -> str | None:
    """With what every topic begins that `pattern` matches, but ``a`` for ``a/#``; None where it has no wildcard."""
    at = min((found for found in (pattern.find("+"), pattern.find("#")) if found >= 0), default=None)
    return None if at is None else pattern[:at]


def covers(allowed: str, wanted: str) -> bool:
    """Whether every topic that the filter `wanted` matches is matched by the filter `allowed` too."""
    if wanted[:1] == "$" and allowed[:1] in ("+", "#"):
        return False
    have = allowed.split("/")
    want = wanted.split("/")
    for at, level in enumerate(have):
        if level == "#":
            return True
        if at == len(want) or want[at] == "#" or level not in ("+", want[at]):
            return False
    return len(have) == len(want)


class _Node(Generic[_K, _V]):
    __slots__ = ("children", "entries")

    def __init__(self) -> None:
        self.children: dict[str, _Node[_K, _V]] = {}
        self.entries: dict[_K, _V] = {}


class Index(Generic[_K, _V]):
    """Filters, each with the values of those who hold them; finds what matches a topic without looking at the rest.

    Only filters with a ``+`` need a tree. A node for every level of all the others would be much memory, and many
    objects for the garbage collector to look through, in which time nobody is answered.
    """

    def __init__(self) -> None:
        self._exact: dict[str, dict[_K, _V]] = {}
        self._below: dict[str, dict[_K, _V]] = {}  # a/# under a; # itself under #, which no topic is
        self._root: _Node[_K, _V] = _Node()
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def _table(self, pattern: str) -> tuple[dict[str, dict[_K, _V]], str]:
        """Where a filter without ``+`` stands, and under what."""
        if not pattern.endswith("#"):
            return self._exact, pattern
        return self._below, pattern[:-2] if pattern != "#" else pattern

    def put(self, pattern: str, key: _K, value: _V) -> None:
        """Let `key` hold `pattern`, instead of what it held there."""
        if "+" not in pattern:
            table, name = self._table(pattern)
            entries = table.setdefault(name, {})
        else:
            node = self._root
            for level in pattern.split("/"):
                below = node.children.get(level)
                if below is None:
                    below = node.children[level] = _Node()
                node = below
            entries = node.entries
        self._size += key not in entries
        entries[key] = value

    def drop(self, pattern: str, key: _K) -> None:
        """Let `key` no longer hold `pattern`."""
        if "+" in pattern:
            self._drop_from_tree(pattern, key)
            return
        table, name = self._table(pattern)
        entries = table.get(name, {})
        if key in entries:
            del entries[key]
            self._size -= 1
            if not entries:
                del table[name]

    def _drop_from_tree(self, pattern: str, key: _K) -> None:
        path = [("", self._root)]
        for level in pattern.split("/"):
            child = path[-1][1].children.get(level)
            if child is None:
                return
            path.append((level, child))
        if path[-1][1].entries.pop(key, None) is None:
            return
        self._size -= 1
        for (_, parent), (level, node) in zip(path[-2::-1], path[:0:-1], strict=True):
            if node.entries or node.children:
                return
            del parent.children[level]

    def match(self, topic: str) -> Iterator[tuple[_K, _V]]:
        """Who holds a filter that `topic` matches; once for every such filter."""
        for entries in self.nodes(topic):
            yield from entries.items()

    def nodes(self, topic: str) -> Iterator[dict[_K, _V]]:
        """The holders of each filter that `topic` matches; empty ones are steps of the search.

        Filters may come and go between two steps.
        """
        if (entries := self._exact.get(topic)) is not None:
            yield entries
        if self._below:
            yield from self._nodes_below(topic)
        if self._root.children:
            yield from self._nodes_of_tree(topic)

    def _nodes_below(self, topic: str) -> Iterator[dict[_K, _V]]:
        if topic[:1] != "$":
            yield self._below.get("#", {})
        at = topic.find("/")
        for _ in range(MAX_LEVELS):  # no filter has more
            yield self._below.get(topic if at < 0 else topic[:at], {})
            if at < 0:
                return
            at = topic.find("/", at + 1)

    def _nodes_of_tree(self, topic: str) -> Iterator[dict[_K, _V]]:
        front = [self._root]
        top = True
        for level in topic.split("/"):
            following = []
            for node in front:
                children = node.children
                if not top or level[:1] != "$":
                    if (rest := children.get("#")) is not None:
                        yield rest.entries
                    if (any_one := children.get("+")) is not None:
                        following.append(any_one)
                if (exact := children.get(level)) is not None:
                    following.append(exact)
                yield {}
            front, top = following, False
        for node in front:
            yield node.entries
            if (rest := node.children.get("#")) is not None:
                yield rest.entries
