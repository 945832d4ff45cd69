"""Detectors say what they see for as long as they see it: a radar each second while somebody lies there.

That is one alarm that lasts, and not a new one every few seconds, each with a text to whoever is on the way. A press is
another matter: who presses again and again wants to be heard again, so nothing here holds for presses.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from devices.signal import SignalType

SEEN = frozenset({SignalType.FALL, SignalType.SMOKE, SignalType.HEAT, SignalType.GAS, SignalType.CO, SignalType.WATER})
"""What is seen and not pressed."""
PAUSE = timedelta(minutes=1)
"""Between two words of the same; after a longer one it happened anew."""
AGAIN = timedelta(minutes=10)
"""After so long it is told once more, however steadily it is said."""
MOST_DEVICES = 100_000


class Holding:
    """Remembers when each device last said what it sees. After a start of alarmd all is said anew, once."""

    def __init__(self) -> None:
        self._said: dict[tuple[str, SignalType], datetime] = {}

    def reach(self, device: str, meant: SignalType, now: datetime, at_least: timedelta) -> timedelta:
        """How far back the same word of the device is the same alarm."""
        if meant not in SEEN:
            return at_least
        before = self._said.get((device, meant))
        steady = before is not None and timedelta(0) <= now - before <= PAUSE
        return AGAIN if steady else at_least

    def set_back(self, now: datetime) -> None:
        """The clock was ahead: nothing was said later than now."""
        self._said = {key: min(at, now) for key, at in self._said.items()}

    def said(self, device: str, meant: SignalType, now: datetime) -> None:
        """It was said now, and that is kept."""
        if meant not in SEEN:
            return
        if len(self._said) >= MOST_DEVICES:
            self._said.clear()
        self._said[device, meant] = now
