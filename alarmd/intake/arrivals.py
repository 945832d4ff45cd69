"""What was read from a broker and is not taken yet: topics that were quiet at once, those that say much by turns.

Turns go by the first level of the topics, and then by topic: who thinks up a thousand topics has no thousand turns
before one of a gateway that says all under its own.

A broker has one queue for all that is to be read, and what stands in it before a press must be read before it. To read
is quick; to decode and keep is not. So it is read ahead, nothing is acknowledged before it is kept, and what a topic
says beyond its budget waits here, behind all that others say. Messages of one topic keep their order.
"""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

from alarmd.intake.rounds import Rounds
from alarmd.right_of_way import RightOfWay

AT_ONCE, PER_SECOND = 30.0, 10.0
"""Messages of a topic that are taken as they come, after a quiet time and in the long run; 4 kB count as one more."""
COUNTS_AS_ONE = 4096
BUDGET_S = 0.0005
"""Of one turn of the loop; the rest of the daemon gets the next."""
ASIDE_S = 0.001
"""Until the next message is taken, while something urgent has the way."""
MANY = 20_000  # topics that are remembered; who was quiet for the longest is forgotten
_SPARKPLUG = "spBv1.0/"
_M = TypeVar("_M")


class Arrivals(Generic[_M]):
    """Takes what arrives.

    Args:
        take: Takes a message; it neither raises nor takes long.
        loop: In whose turns.
        way: It steps aside for what is urgent.
    """

    def __init__(self, take: Callable[[_M], None], loop: asyncio.AbstractEventLoop, way: RightOfWay) -> None:
        self._take = take
        self._loop = loop
        self._way = way
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._waiting: Rounds[tuple[str, _M]] = Rounds()
        self._of_topic: Counter[str] = Counter()
        self._due = False

    def put(self, topic: str, size: int, message: _M) -> None:
        """Take it now, or when it is its topic's turn."""
        kept_in_order = _in_order(topic)
        allowed = self._is_allowed(kept_in_order, 1 + size / COUNTS_AS_ONE)
        if allowed and kept_in_order not in self._of_topic:
            self._take(message)
        else:
            self._of_topic[kept_in_order] += 1
            self._waiting.put(_root(topic), kept_in_order, (kept_in_order, message))
            self._serve_soon()

    def _is_allowed(self, topic: str, costs: float) -> bool:
        now = self._loop.time()
        left, at = self._left.pop(topic, (AT_ONCE, now))
        left = min(AT_ONCE, left + (now - at) * PER_SECOND)
        allowed = left > 0
        self._left[topic] = max(-AT_ONCE, left - costs), now
        if len(self._left) > MANY:
            self._left.popitem(last=False)
        return allowed

    def _serve_soon(self) -> None:
        if self._waiting and not self._due:
            self._due = True
            if self._way.is_claimed():
                self._loop.call_later(ASIDE_S, self._serve)
            else:
                self._loop.call_soon(self._serve)

    def _serve(self) -> None:
        self._due = False
        until = self._loop.time() + (0 if self._way.is_claimed() else BUDGET_S)
        try:
            while self._waiting:
                topic, message = self._waiting.next()
                self._of_topic[topic] -= 1
                if not self._of_topic[topic]:
                    del self._of_topic[topic]
                self._take(message)
                if self._loop.time() >= until:
                    break
        finally:
            self._serve_soon()


def _in_order(topic: str) -> str:
    """What keeps its order: a topic; of Sparkplug an edge node, for its birth names what follows."""
    if not topic.startswith(_SPARKPLUG):
        return topic
    _, group, _, *rest = (*topic.split("/", 4), "", "")
    return f"{_SPARKPLUG}{group}/{rest[0]}"


def _root(topic: str) -> str:
    """Of a family's topics what they have in common; of our own the device, which may say nothing under another's."""
    levels = topic[:200].strip("/").split("/", 3)
    return "/".join(levels[:3]) if levels[0] == "alarmd" else levels[0]
