"""Vital signs outside their limits: at once where one reading is enough, else once they stayed outside long enough.

What is outside and is not measured again counts as staying outside: a band that falls silent after one bad reading is
no reason to wait for a second.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from msgspec.structs import replace

from alarmd.intake.delivery import Delivery
from devices.setting import Limit, broken
from devices.signal import Signal, SignalType

AGAIN = timedelta(minutes=30)  # still outside: said again, for the incident may have been closed meanwhile
OUTSIDE_MOST = 20_000


@dataclass(slots=True)
class _Outside:
    due: datetime
    signal: Signal
    delivery: Delivery
    text: str


class Vitals:
    """What is outside now, by device and measurement; in memory, for a restart measures anew."""

    def __init__(self) -> None:
        self._outside: dict[tuple[str, str, str], _Outside] = {}

    def heard(self, signal: Signal, limits: Mapping[str, Limit], delivery: Delivery) -> list[Signal]:
        """A device measured something; returns alarms where that was enough."""
        at = delivery.received_at
        alarms = []
        for name, (value, limit, outside) in broken(signal, limits).items():
            key = (signal.family, str(signal.device), name)
            if not outside:
                self._outside.pop(key, None)
                continue
            known = self._outside.get(key)
            if known is None and len(self._outside) >= OUTSIDE_MOST:
                continue
            due = known.due if known is not None else at + timedelta(seconds=limit.seconds)
            one = self._outside[key] = _Outside(due, signal, delivery, _told(name, value, limit))
            if due <= at:
                alarms.append(_alarm(one, at))
        return alarms

    def due(self, now: datetime) -> list[tuple[Signal, Delivery]]:
        """Alarms for those that stayed outside, each at most once in `AGAIN`; and the message that said so."""
        return [(_alarm(one, now), one.delivery) for one in self._outside.values() if one.due <= now]


def _alarm(one: _Outside, now: datetime) -> Signal:
    one.due = now + AGAIN
    return replace(one.signal, type=SignalType.VITAL, ref=None, text=one.text)


def _told(name: str, value: float, limit: Limit) -> str:
    low = "" if limit.low is None else f"{limit.low:g}"
    high = "" if limit.high is None else f"{limit.high:g}"
    return f"{name} {value:g} ({low}-{high})"
