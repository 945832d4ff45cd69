"""Vital signs outside their limits: at once where one reading is enough, else once they stayed outside long enough.

What is outside and is not measured again counts as staying outside: a band that falls silent after one bad reading is
no reason to wait for a second. What waits is of the resident who wore the device then, by the limits that hold now:
when the band is handed on, or its limits are set anew, nobody is called for somebody else's heart.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
from msgspec.structs import replace

from alarmd.intake.delivery import Delivery
from alarmd.store import Transaction
from devices.setting import Limit, Setting, broken, of_kind
from devices.signal import Signal, SignalType

AGAIN = timedelta(minutes=30)  # still outside: said again, for the incident may have been closed meanwhile
OUTSIDE_MOST = 20_000
NOBODY = ""


@dataclass(slots=True, eq=False)
class _Outside:
    since: datetime
    due: datetime
    signal: Signal
    delivery: Delivery
    limit: Limit
    text: str
    wearer: str | None = None  # the resident's id; None: nobody has said yet
    is_told: bool = False
    on_its_way: bool = False  # handed out by `due`, and not known yet whether it is kept


@dataclass(frozen=True, slots=True)
class Waited:
    """An alarm for what stayed outside, the message that said so, and who wore the device; None: nobody knows."""

    alarm: Signal
    delivery: Delivery
    wearer: str | None


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
            one = known or _Outside(at, at + timedelta(seconds=limit.seconds), signal, delivery, limit, "")
            self._outside[key] = one
            one.signal, one.delivery, one.text = signal, delivery, _told(name, value, limit)
            one.on_its_way = False
            _set_limit(one, limit)
            if one.due <= at:
                alarms.append(_alarm(one))
        return alarms

    def due(self, now: datetime) -> list[Waited]:
        """Alarms for those that stayed outside; each is due until `told`."""
        due = [one for one in self._outside.values() if one.due <= now and not one.on_its_way]
        for one in due:
            one.on_its_way = True
        return [Waited(_alarm(one), one.delivery, one.wearer) for one in due]

    def told(self, signal: Signal, now: datetime) -> None:
        """An alarm is kept: it is not due again for `AGAIN`."""
        if (one := self._of(signal)) is not None:
            one.due, one.on_its_way, one.is_told = now + AGAIN, False, True

    def not_told(self, signal: Signal) -> None:
        """An alarm could not be kept: it comes again, with the next look or message."""
        if (one := self._of(signal)) is not None:
            one.on_its_way = False

    def forget(self, alarm: Signal) -> None:
        """It is nobody's any more."""
        self._outside.pop((alarm.family, str(alarm.device), _measured(alarm)), None)

    # ------------------------------------------------------------ whose, and by which limits

    def of_nobody_yet(self, signal: Signal) -> bool:
        """Whether something of that device is outside, and nobody has said yet whose it is."""
        return any(one.wearer is None for one in self._all_of(signal))

    def all(self) -> list[Signal]:
        """The last readings of what is outside, one for each device."""
        return list({(one.signal.family, one.signal.device): one.signal for one in self._outside.values()}.values())

    def is_of(self, signal: Signal, wearer: str, asked_at: datetime) -> None:
        """That device was worn by that resident when this was asked; what another wore is forgotten."""
        for one in list(self._all_of(signal)):
            if one.wearer is None:
                one.wearer = wearer
            elif one.wearer != wearer and one.since <= asked_at:
                self.forget(_alarm(one))

    def set_limits(self, limits: Callable[[Signal], Mapping[str, Limit]]) -> None:
        """Limits were set anew: what is inside them now is forgotten, the rest waits for as long as they say."""
        for key, one in list(self._outside.items()):
            found = broken(one.signal, limits(one.signal)).get(key[2])
            if found is None or not found[2]:
                del self._outside[key]
            else:
                _set_limit(one, found[1])
                one.text = _told(key[2], found[0], found[1])

    def set_back(self, by: timedelta) -> None:
        """The clock went back by so much: what waits, waits no longer for that."""
        for one in self._outside.values():
            one.since -= by
            one.due -= by
            one.delivery = dataclasses.replace(one.delivery, received_at=one.delivery.received_at - by)

    def _all_of(self, signal: Signal) -> Iterator[_Outside]:
        for name in signal.measurements:
            if (one := self._outside.get((signal.family, str(signal.device), name))) is not None:
                yield one

    def _of(self, alarm: Signal) -> _Outside | None:
        return self._outside.get((alarm.family, str(alarm.device), _measured(alarm)))


def whose(tx: Transaction, signal: Signal) -> str:
    """The resident who has that device now."""
    row = tx.one("device_for_signal", family=signal.family, address=signal.device)
    return str(row["resident"]) if row else NOBODY


def still_holds(tx: Transaction, waited: Waited) -> bool:
    """Whether that is still an alarm of the same person, by the store and at this moment."""
    alarm = waited.alarm
    row = tx.one("device_for_signal", family=alarm.family, address=alarm.device)
    if row is None or (waited.wearer is not None and waited.wearer != row["resident"]):
        return False
    setting = msgspec.json.decode(row["setting"], type=Setting) if row["setting"] else Setting()
    found = broken(alarm, of_kind(setting, row["kind"]).limits).get(_measured(alarm))
    return found is not None and found[2]


def _set_limit(one: _Outside, limit: Limit) -> None:
    if limit != one.limit and not one.is_told:
        one.due = one.since + timedelta(seconds=limit.seconds)
    one.limit = limit


def _measured(alarm: Signal) -> str:
    return alarm.text.partition(" ")[0]


def _alarm(one: _Outside) -> Signal:
    return replace(one.signal, type=SignalType.VITAL, ref=None, text=one.text)


def _told(name: str, value: float, limit: Limit) -> str:
    low = "" if limit.low is None else f"{limit.low:g}"
    high = "" if limit.high is None else f"{limit.high:g}"
    return f"{name} {value:g} ({low}-{high})"
