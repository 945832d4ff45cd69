"""An on-call text to a rota, of whichever kind it is. It may take long: never where a press waits for it."""

from __future__ import annotations

from datetime import datetime, tzinfo

import msgspec

from escalation import calendar_text
from escalation.holidays import Holidays
from escalation.on_call import CALENDAR, Remark, Rota, is_inline

_SHORT = 40  # characters of an inline calendar that name it


def for_later(sentence: str) -> str:
    """Mark a literal that is said by somebody who has a reader."""
    return sentence


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be unfolded.

    Attributes:
        on_call: An OpenStreetMap opening-hours text, or ``ics:`` and a calendar.
        since: The first instant of interest, aware.
        until: The instant after the last one.
        calendar: The text of the calendar it names; None for opening hours.
    """

    on_call: str
    since: datetime
    until: datetime
    calendar: str | None = None


def unfolded(task: Task, *, zone: tzinfo, country: str, holidays: Holidays | None) -> Rota:
    """When somebody with that on-call text is on duty.

    Args:
        task: The text and the time of interest.
        zone: Where the wall clock of the shifts hangs.
        country: ISO 3166 code, for public holidays (``PH``).
        holidays: The country's lists by year, where there are such.
    """
    if task.on_call.startswith(CALENDAR):
        from escalation import shift_calendar  # noqa: PLC0415 - a room that opening hours do not need

        text = task.on_call.removeprefix(CALENDAR) if is_inline(task.on_call) else task.calendar
        if text is None:
            return unreadable(task, Remark(sentence=calendar_text.NOT_A_CALENDAR, refused=True))
        return shift_calendar.unfolded(text, task.since, task.until, zone)
    from escalation import hours  # noqa: PLC0415 - its library is one that calendars do not need

    try:
        return hours.read(task.on_call, country, holidays).unfolded(task.since, task.until, zone)
    except hours.HoursError as error:
        return unreadable(task, error.remark)


def unreadable(task: Task, *remarks: Remark) -> Rota:
    """The rota of somebody of whom nobody knows when they are on duty: always."""
    since, until = int(task.since.timestamp()), int(task.until.timestamp())
    return Rota(since=since, until=until, readable=False, remarks=remarks)


def shown(on_call: str) -> str:
    """An on-call text short enough for a sentence."""
    return on_call if len(on_call) <= _SHORT else f"{on_call[:_SHORT]}…"
