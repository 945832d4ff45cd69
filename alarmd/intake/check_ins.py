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
    ) -> Iterator[tuple[str, str, time]]:
        """Devices whose time is over today and that were not asked about yet: family, address, time."""
        if self._looked_at is not None and timedelta(0) <= now - self._looked_at < LOOK_EVERY:
            return
        first, self._looked_at = self._looked_at is None, now
        local = now.astimezone(self._zone)
        for key, setting in settings:
            by = setting.check_in_by
            if by is None:
                continue
            moment = datetime.combine(local.date(), by, self._zone)
            if key not in self._asked and not first and local > moment:
                self._asked[key] = local.date()  # it was set after its time: from tomorrow on
            if timedelta(0) <= local - moment < ASKED_WITHIN and self._asked.get(key) != local.date():
                self._asked[key] = local.date()
                yield *key, by
            else:
                self._asked.setdefault(key, date.min)

    def forget(self, family: str, address: str) -> None:
        """It could not be asked about; look again."""
        self._asked[family, address] = date.min

    def missing(self, tx: Transaction, family: str, address: str, by: time, now: datetime) -> Signal | None:
        """The alarm, unless something was heard of that person today, or the alarm was raised already."""
        midnight = datetime.combine(now.astimezone(self._zone).date(), time(), self._zone)
        if tx.one("signal_of_today", device=f"{family}/{address}", since=times.to_text(midnight)) is not None:
            return None
        return Signal(device=address, family=family, type=SignalType.NO_CHECK_IN, text=f"no check-in by {by:%H:%M}")


def delivery(family: str, address: str, now: datetime) -> Delivery:
    """As what the missing of a message is kept."""
    return Delivery(topic=f"{family}/{address}", payload=b"", qos=0, retained=False, received_at=now, via=VIA)
