"""Days off and make-up workdays of a country, by year, where no rule says them: China's are decreed each autumn."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import msgspec

_SATURDAY, _SUNDAY = 5, 6
_ONE_DAY = timedelta(days=1)


class Holidays(msgspec.Struct, frozen=True, kw_only=True):
    """The lists of one country.

    Attributes:
        off: Each day off, and the name of its holiday.
        workdays: Saturdays and Sundays that are worked instead.
        announced: The years whose list was published; of other years only the days that the law names are known.
    """

    off: Mapping[date, str] = msgspec.field(default_factory=dict)
    workdays: frozenset[date] = frozenset()
    announced: frozenset[int] = frozenset()

    def is_off(self, day: date) -> bool:
        """Whether ``PH`` means that day."""
        return day in self.off

    def as_weekday(self, day: date) -> date | None:
        """For a make-up workday, the weekday beside it: Friday for a Saturday, Monday for a Sunday."""
        if day not in self.workdays:
            return None
        step = {_SATURDAY: -_ONE_DAY, _SUNDAY: _ONE_DAY}.get(day.weekday())
        beside = day + step if step else None
        while beside is not None and step is not None and (beside.weekday() >= _SATURDAY or self.is_off(beside)):
            beside += step
        return beside
