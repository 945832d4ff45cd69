"""What is said in the log of requests that nobody signed: once in a while for each who sends them, and briefly."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

import structlog

EVERY_S = 10.0  # for each address
REMEMBERED = 1024  # addresses; the one that was told of longest ago is forgotten first
_LONGEST = 200  # of an address that was asked for: who asks decides how long it is
_log = structlog.get_logger("alarmd.phone.webhooks")


class Refusals:
    """Counts refusals, and tells of them.

    Args:
        now: Seconds that only grow.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._told: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def note(self, client: str, path: str, size: int, **facts: str) -> None:
        """A request was refused.

        Args:
            client: Who sent it.
            path: What was asked for.
            size: Of its body, in bytes.
            **facts: What else there is to say.
        """
        now = self._now()
        at, untold = self._told.get(client, (float("-inf"), 0))
        if now - at < EVERY_S:
            self._told[client] = at, untold + 1
            return
        self._told[client] = now, 0
        self._told.move_to_end(client)
        if len(self._told) > REMEMBERED:
            self._told.popitem(last=False)
        since = {"since_the_last": untold} if untold else {}
        _log.warning("webhook.refused", path=path[:_LONGEST], client=client, bytes=size, **facts, **since)
