"""What strangers make the log say: shortened, and after a few lines of one peer counted: ``more like this: 812``.

Every peer that may connect decides what is in such a line and how many there are. A log that fills the disk, or that
takes the loop's time to write, stops alarmd as surely as a defect. So of each event and peer the first lines of a
minute are written, and the others counted; the count is written with the first line that follows the minute.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any, Final

import structlog
from structlog.typing import EventDict

from alarmd.privacy import masked

LINES: Final = 10
WINDOW_S: Final = 60.0
PEERS: Final = 1_000
"""Of so many an account is kept; all others of an event share one."""
LONGEST: Final = 100
"""Characters of one value of such a line."""
MORE: Final = "more like this"
_OURS: Final = ("door.", "webhook.", "a request failed", "many wrong tokens")
_PEER: Final = ("address", "user", "client", "attempt")
_WHOLE: Final = frozenset({"event", "exc_info"})


class Grouping:
    """A processor of structlog that drops what was said often enough.

    Args:
        now: Seconds that only grow.
        tell: Writes how many lines were left out; by default a line of the log.
    """

    def __init__(
        self, now: Callable[[], float] = time.monotonic, tell: Callable[[Mapping[str, Any]], None] | None = None
    ) -> None:
        self._now = now
        self._tell = tell or _say
        self._since = now()
        self._counts: dict[tuple[str, str], int] = {}

    def __call__(self, _: Any, __: str, entry: EventDict) -> EventDict:
        """Shorten the line, or drop it."""
        event = str(entry.get("event", ""))
        if not event.startswith(_OURS):
            return entry
        if not self._is_written(event, next((str(entry[name])[:64] for name in _PEER if entry.get(name)), "")):
            raise structlog.DropEvent
        return shortened(entry)

    def of_library(self, record: logging.LogRecord) -> bool:
        """A filter for what libraries say: most of it is about what strangers sent them."""
        if hasattr(record, "_logger"):  # ours: `__call__` has seen it
            return True
        return self._is_written(f"{record.name}: {record.msg}"[:60], "")

    def _is_written(self, event: str, peer: str) -> bool:
        self._turn_over()
        key = event, peer
        if key not in self._counts and len(self._counts) >= PEERS:
            key = event, "others"
        count = self._counts[key] = self._counts.get(key, 0) + 1
        return count <= LINES

    def _turn_over(self) -> None:
        if self._now() - self._since < WINDOW_S:
            return
        self._since = self._now()
        counts, self._counts = self._counts, {}
        for (event, peer), count in counts.items():
            if count > LINES:
                self._tell({"of": event, "peer": peer, "count": count - LINES})


def shortened(entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A line whose values somebody else wrote, each cut to `LONGEST` characters."""
    for name, value in entry.items():
        if name not in _WHOLE and isinstance(value, str) and len(value) > LONGEST:
            entry[name] = f"{masked(value, length=LONGEST)}… ({len(value)} characters)"  # half a number is none to mask
    return entry


def _say(left_out: Mapping[str, Any]) -> None:
    structlog.get_logger().warning(MORE, **left_out)
