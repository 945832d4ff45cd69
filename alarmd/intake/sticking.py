"""Flags that stay up: after one press a tracker says "sos" in every uplink until somebody resets it.

Taken for presses they would ring a whole street once a minute for hours. Taken for one press for ever they would hide
the next one, whose flag fell and rose again in a message that was lost. What tells them apart is rhythm: a device
repeats its state at its own even pace, and a hand does not. So the same flag at the same distance as before is no
news. The first time it comes again, out of step, after it fell, after anything else that the device said or after a
start of alarmd it is a press, and after a close unless it had been even for a while: when unsure, it is one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from msgspec.structs import replace

from devices.signal import Signal, SignalType

FLAGS = frozenset({"sos", "sosflag", "alarm_status", "overheard"})
"""Measurements that say how it is and not what happened."""
STILL, EVENLY = "still_s", "still_times"
"""For how many seconds the flag has been up, and how often in step: measurements of signals that are no press."""
SAME_MESSAGE_S = 2.0  # twin topics, several gateways
JITTER_S, JITTER = 2.0, 0.05  # a device's timer and its way through the air; or this part of the distance
MOST_DEVICES = 100_000
_PRESSED = frozenset({SignalType.SOS, SignalType.ASSIST, SignalType.PRESS})


@dataclass(slots=True)
class _Up:
    since: datetime
    last: datetime
    paces: tuple[float, ...] = ()
    evenly: int = 0


class Sticking:
    """Knows which device's flag is up, and at what pace it says so."""

    def __init__(self) -> None:
        self._up: dict[tuple[str, str | None], _Up] = {}

    def heard(self, signals: tuple[Signal, ...], at: datetime) -> tuple[Signal, ...]:
        """The signals of one message, those marked with `STILL` that only say that a flag is still up."""
        return tuple(self._one(signal, at) for signal in signals)

    def set_back(self, now: datetime) -> None:
        """The clock was ahead: a pace that was taken by two clocks is none, and what comes next is a press."""
        self._up = {key: up for key, up in self._up.items() if up.last <= now}

    def _one(self, signal: Signal, at: datetime) -> Signal:
        key = (signal.family, signal.device)
        if signal.retained or signal.device is None:
            return signal
        if not any(signal.measurements.get(name) is True for name in FLAGS):
            self._up.pop(key, None)
            return signal
        if signal.type not in _PRESSED:
            return signal
        up = self._up.get(key)
        if up is None or at < up.last:
            if len(self._up) >= MOST_DEVICES:
                self._up.clear()
            self._up[key] = _Up(at, at)
            return signal
        self._again(up, (at - up.last).total_seconds(), at)
        if not up.evenly:
            return signal
        still = {STILL: round((at - up.since).total_seconds(), 3), EVENLY: up.evenly}
        return replace(signal, measurements=signal.measurements | still)

    def _again(self, up: _Up, pace: float, at: datetime) -> None:
        if pace < SAME_MESSAGE_S:
            return  # it is what the first of them was
        in_step = any(abs(pace - known) <= max(JITTER_S, JITTER * known) for known in up.paces)
        up.evenly = up.evenly + 1 if in_step else 0
        up.paces = (*up.paces[-1:], pace)
        up.last = at


class Still(NamedTuple):
    """For how many seconds a flag has been up, and how often in a row it was said in step."""

    seconds: float
    times: int


def still_up(signal: Signal) -> Still | None:
    """How long a flag has been up; None for a press."""
    seconds, times = (signal.measurements.get(name) for name in (STILL, EVENLY))
    return Still(seconds, times) if isinstance(seconds, float) and isinstance(times, int) else None
