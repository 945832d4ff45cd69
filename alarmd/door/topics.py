"""Topic names and topic filters: what is valid, what matches, and the trees that find matches fast.

Source: OASIS MQTT 5.0, section 4.7. A filter that begins with a wildcard never matches a name that begins with ``$``.
"""

from __future__ import annotations

from collections.abc import Iterator
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
    if topic[:1] == "$" and pattern[:1] in ("+", "#"):
        return False
    wanted = pattern.split("/")
    levels = topic.split("/")
    for at, level in enumerate(wanted):
        if level == "#":
            return True
        if at == len(levels) or level not in ("+", levels[at]):
            return False
    return len(wanted) == len(levels)


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
    """Filters, each with the values of those who hold them; finds what matches a topic without looking at the rest."""

    def __init__(self) -> None:
        self._root: _Node[_K, _V] = _Node()
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def put(self, pattern: str, key: _K, value: _V) -> None:
        """Let `key` hold `pattern`, instead of what it held there."""
        node = self._root
        for level in pattern.split("/"):
            node = node.children.setdefault(level, _Node())
        self._size += key not in node.entries
        node.entries[key] = value

    def drop(self, pattern: str, key: _K) -> None:
        """Let `key` no longer hold `pattern`."""
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
        if not self._size:
            return
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


class Names(Generic[_V]):
    """Topic names, each with one value; finds those that a filter matches."""

    def __init__(self) -> None:
        self._root: _Node[str, _V] = _Node()
        self._values: dict[str, _V] = {}

    def __len__(self) -> int:
        return len(self._values)

    def get(self, topic: str) -> _V | None:
        """The value under exactly that name."""
        return self._values.get(topic)

    def items(self) -> Iterator[tuple[str, _V]]:
        """All names with their values."""
        return iter(self._values.items())

    def put(self, topic: str, value: _V) -> None:
        """Set the value under a name."""
        if topic not in self._values:
            node = self._root
            for level in topic.split("/"):
                node = node.children.setdefault(level, _Node())
        self._values[topic] = value

    def drop(self, topic: str) -> None:
        """Forget a name."""
        if self._values.pop(topic, None) is None:
            return
        prefix = topic.split("/")
        nodes = [self._root]
        for level in prefix:
            nodes.append(nodes[-1].children[level])
        while prefix and not nodes[-1].children and "/".join(prefix) not in self._values:
            nodes.pop()
            del nodes[-1].children[prefix.pop()]

    def select(self, pattern: str) -> Iterator[_V]:
        """The values of the names that the filter matches."""
        if "+" not in pattern and "#" not in pattern:
            value = self._values.get(pattern)
            if value is not None:
                yield value
            return
        front: list[tuple[str, _Node[str, _V]]] = [("", self._root)]
        levels = pattern.split("/")
        for depth, level in enumerate(levels):
            if level == "#":
                front = [found for start in front for found in _below(start, top=depth == 0)]
                break
            front = [found for start in front for found in _step(start, level, top=depth == 0)]
        for name, _ in front:
            value = self._values.get(name)
            if value is not None:
                yield value


def _step(start: tuple[str, _Node[str, _V]], level: str, *, top: bool) -> Iterator[tuple[str, _Node[str, _V]]]:
    name, node = start
    wanted = node.children.items() if level == "+" else [(level, node.children.get(level))]
    for part, child in wanted:
        if child is not None and not (top and level == "+" and part[:1] == "$"):
            yield part if top else f"{name}/{part}", child


def _below(start: tuple[str, _Node[str, _V]], *, top: bool) -> Iterator[tuple[str, _Node[str, _V]]]:
    waiting = list(_step(start, "+", top=True)) if top else [start]
    while waiting:
        found = waiting.pop()
        yield found
        waiting.extend(_step(found, "+", top=False))
