"""Who has not said that all is well by the time agreed: once a day for each device that has such a time.

Whether they have stands in the store, so that a restart neither forgets a check-in nor asks for a second one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta, tzinfo

from alarmd import times
from alarmd.intake.delivery import Delivery
from alarmd.store import Transaction
from devices.setting import Setting
from devices.signal import Signal, SignalType

LOOK_EVERY = timedelta(seconds=20)
ASKED_WITHIN = timedelta(hours=2)  # who comes back from a long outage in the evening wakes nobody for the morning
VIA = "check_in"


class CheckIns:
    """Looks at the clock, and says whom to ask about.

    Args:
        zone: The service's own time.
    """

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone
        self._looked_at: datetime | None = None
        self._asked: dict[tuple[str, str], date] = {}

    def due(
        self, now: datetime, settings: Iterable[tuple[tuple[str, str], Setting]]
    ) -> Iterator[tuple[str, str, datetime]]:
        """Devices whose time is over and that were not asked about yet: family, address, and the time that is over.

        A time shortly before midnight is asked about after it, too. Call it only once the settings are known: the first
        look tells what was missed while alarmd was away from what was set after its time.
        """
        if self._looked_at is not None and timedelta(0) <= now - self._looked_at < LOOK_EVERY:
            return
        first, self._looked_at = self._looked_at is None, now
        local = now.astimezone(self._zone)
        for key, setting in settings:
            by = setting.check_in_by
            if by is None:
                continue
            moment = self._last(by, local)
            if key not in self._asked and not first:
                self._asked[key] = moment.date()  # it was set after its time: from the next one on
            if local - moment < ASKED_WITHIN and self._asked.get(key, date.min) < moment.date():
                self._asked[key] = moment.date()
                yield *key, moment
            else:
                self._asked.setdefault(key, date.min)

    def _last(self, by: time, local: datetime) -> datetime:
        """When that time of day was last over: today, or yesterday."""
        today = datetime.combine(local.date(), by, self._zone)
        return today if today <= local else datetime.combine(local.date() - timedelta(days=1), by, self._zone)

    def set_back(self, now: datetime) -> None:
        """The clock was ahead: who was asked about for a day that is yet to come is asked about for this one."""
        today = now.astimezone(self._zone).date()
        self._asked = {key: day if day < today else date.min for key, day in self._asked.items()}
        self._looked_at = None if self._looked_at is None else min(self._looked_at, now)

    def forget(self, family: str, address: str) -> None:
        """It could not be asked about; look again."""
        self._asked[family, address] = date.min

    def missing(self, tx: Transaction, family: str, address: str, by: datetime, now: datetime) -> Signal | None:
        """The alarm, unless something was heard of that person that day, or the alarm was raised already."""
        midnight = datetime.combine(by.date(), time(), self._zone)
        span = {"since": times.to_text(midnight), "by": times.to_text(by), "now": times.to_text(now)}
        if tx.one("signal_of_today", device=f"{family}/{address}", **span) is not None:
            return None
        return Signal(device=address, family=family, type=SignalType.NO_CHECK_IN, text=f"no check-in by {by:%H:%M}")


def delivery(family: str, address: str, now: datetime) -> Delivery:
    """As what the missing of a message is kept."""
    return Delivery(topic=f"{family}/{address}", payload=b"", qos=0, retained=False, received_at=now, via=VIA)
