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
    on_its_way: bool = False  # handed out by `due`, and not known yet whether it is kept


class Vitals:
    """What is outside now, by device and measurement; in memory, for a restart measures anew."""

    def __init__(self) -> None:
        self._outside: dict[tuple[str, str, str], _Outside] = {}

    def heard(self, signal: Signal, limits: Mapping[str, Limit], delivery: Delivery) -> list[Signal]:
        """A device measured something; returns alarms where that was enough. They are due until `told`."""
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
                alarms.append(_alarm(one))
        return alarms

    def due(self, now: datetime) -> list[tuple[Signal, Delivery]]:
        """Alarms for those that stayed outside, and the message that said so; each is due until `told`."""
        due = [one for one in self._outside.values() if one.due <= now and not one.on_its_way]
        for one in due:
            one.on_its_way = True
        return [(_alarm(one), one.delivery) for one in due]

    def told(self, signal: Signal, now: datetime) -> None:
        """An alarm is kept: it is not due again for `AGAIN`."""
        if (one := self._of(signal)) is not None:
            one.due, one.on_its_way = now + AGAIN, False

    def not_told(self, signal: Signal) -> None:
        """An alarm could not be kept: it comes again, with the next look or message."""
        if (one := self._of(signal)) is not None:
            one.on_its_way = False

    def _of(self, alarm: Signal) -> _Outside | None:
        measured = alarm.text.partition(" ")[0]
        return self._outside.get((alarm.family, str(alarm.device), measured))


def _alarm(one: _Outside) -> Signal:
    return replace(one.signal, type=SignalType.VITAL, ref=None, text=one.text)


def _told(name: str, value: float, limit: Limit) -> str:
    low = "" if limit.low is None else f"{limit.low:g}"
    high = "" if limit.high is None else f"{limit.high:g}"
    return f"{name} {value:g} ({low}-{high})"
