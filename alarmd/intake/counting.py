"""Devices that count their presses: one whose count stands still was not pressed again.

Shelly's first generation on mains power says its last press again every half minute, with the count it had then. Told
by seconds alone, each would be a press: it would raise an open incident for ever, and open the next one after a close.
The count begins at 0 with each start of the device, so an equal count is a repeat only if it did not start in between.
A count of 1 proves nothing: battery models begin at 1 with each waking.
"""

from __future__ import annotations

from datetime import datetime

from devices.signal import Signal

COUNT, INPUT = "event_cnt", "input"
PROVES_NOTHING = 1
MOST_DEVICES = 100_000


def count_of(signal: Signal) -> int | None:
    """How many presses the device has counted; None where it does not count, or has hardly begun."""
    count = signal.measurements.get(COUNT)
    return count if isinstance(count, int) and not isinstance(count, bool) and count > PROVES_NOTHING else None


class Counters:
    """Notices when a device has started anew. Nothing is known of the time before alarmd's own start."""

    def __init__(self) -> None:
        self._last: dict[str, float] = {}
        self._restarted: dict[str, datetime] = {}

    def saw(self, signal: Signal, at: datetime) -> None:
        """Note the count in a message, press or not."""
        count = signal.measurements.get(COUNT)
        if signal.retained or not isinstance(count, int | float):
            return
        key = _key(signal)
        if count < self._last.get(key, count):
            self._restarted[key] = at
        if len(self._last) >= MOST_DEVICES:
            self._last.clear()
        if len(self._restarted) >= MOST_DEVICES:
            self._restarted.clear()
        self._last[key] = count

    def set_back(self, now: datetime) -> None:
        """The clock was ahead: nothing started anew later than now."""
        self._restarted = {key: min(at, now) for key, at in self._restarted.items()}

    def restarted(self, signal: Signal) -> datetime | None:
        """When its count fell; None if it never did."""
        return self._restarted.get(_key(signal))


def _key(signal: Signal) -> str:
    return f"{signal.family}/{signal.device}/{signal.measurements.get(INPUT)}"
