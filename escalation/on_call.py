"""Who is on duty at a given instant, from an opening-hours text or a calendar.

One rule for both (FIELD.md, On-call time): a shift starts at the first occurrence of its wall time and ends at the
last; a wall time that does not exist means the instant after the clocks went forward. Two people too many on duty for
an hour in autumn are safe, nobody is not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec
from opening_hours import (  # type: ignore[attr-defined] # its stubs forget the exceptions
    OpeningHours,
    ParserError,
    State,
    UnknownCountryError,
)

if TYPE_CHECKING:
    import icalendar

CALENDAR = "ics:"
_WINDOW = timedelta(hours=3)  # no zone ever moved its clocks by more; beyond it wall order is time order
_SECOND = timedelta(seconds=1)


class Duty(msgspec.Struct, frozen=True, kw_only=True):
    """Whether somebody is on duty. What cannot be read is on duty: a wrong calendar must not silence a person."""

    on: bool
    readable: bool = True


def on_duty(
    on_call: str, at: datetime, *, zone: tzinfo, country: str = "", calendars: Mapping[str, str] | None = None
) -> Duty:
    """Whether an on-call text covers an instant.

    Args:
        on_call: An OpenStreetMap opening-hours text, ``ics:`` and a calendar, or empty = always.
        at: The instant, aware.
        zone: Where the wall clock of the shifts hangs.
        country: ISO 3166 code, for public holidays (``PH``).
        calendars: The text of each calendar by its ``on_call``; ``ics:BEGIN:VCALENDAR…`` carries its own.
    """
    if not on_call.strip():
        return Duty(on=True)
    at = at.astimezone(UTC)  # two datetimes of one zone are compared by their wall clocks: wrong in autumn
    if on_call.startswith(CALENDAR):
        return _by_calendar(on_call, at, zone, calendars or {})
    return _by_hours(on_call, at, zone, country)


def problem(on_call: str, country: str = "", calendar: str | None = None) -> str:
    """What is wrong with an on-call text, as half a sentence; empty if it can be read.

    Args:
        on_call: As in `on_duty`.
        country: As in `on_duty`.
        calendar: The text of the calendar it names, or None if that could not be loaded.
    """
    if not on_call.strip():
        return ""
    if on_call.startswith(CALENDAR):
        text = on_call.removeprefix(CALENDAR) if _is_inline(on_call) else calendar
        if text is None:
            return f"the calendar {on_call.removeprefix(CALENDAR)!r} cannot be read"
        return "" if _calendar(text) else "the calendar is not iCalendar (RFC 5545)"
    try:
        _hours(on_call, country)
    except ParserError as error:
        return _pointing_at(on_call, str(error))
    return ""


def instant(wall: datetime, zone: tzinfo, *, last: bool) -> datetime:
    """The instant of a wall-clock time.

    Args:
        wall: Naive.
        zone: The zone of the wall clock.
        last: Where the wall time comes twice: its last occurrence (a shift's end), else the first (its start).

    Returns:
        An aware UTC datetime; for a wall time that does not exist, the instant after the gap.
    """
    first, second = wall.replace(tzinfo=zone, fold=0), wall.replace(tzinfo=zone, fold=1)
    before, after = first.utcoffset(), second.utcoffset()
    assert before is not None  # a time zone always knows its offset
    assert after is not None
    if before >= after:  # ordinary, or twice
        return (second if last else first).astimezone(UTC)
    # a gap: the offset before it was the smaller; close in on the moment at which it changes
    low, high = wall - after, wall - before
    while high - low > _SECOND:
        middle = low + (high - low) // 2
        low, high = (middle, high) if _offset(middle, zone) == before else (low, middle)
    return high.replace(microsecond=0, tzinfo=UTC)


def _offset(utc: datetime, zone: tzinfo) -> timedelta | None:
    return zone.utcoffset(zone.fromutc(utc.replace(tzinfo=zone)))


def _by_hours(on_call: str, at: datetime, zone: tzinfo, country: str) -> Duty:
    try:
        hours = _hours(on_call, country)
    except ParserError:
        return Duty(on=True, readable=False)
    wall = at.astimezone(zone).replace(tzinfo=None)
    shifts = (
        (start, end)
        for start, end, state, _ in hours.intervals(wall - _WINDOW, wall + _WINDOW)
        if state != State.CLOSED
    )
    return Duty(on=_covers(shifts, at, zone))


def _covers(shifts: Iterable[tuple[datetime, datetime]], at: datetime, zone: tzinfo) -> bool:
    return any(instant(start, zone, last=False) <= at < instant(end, zone, last=True) for start, end in shifts)


@lru_cache(maxsize=4096)
def _hours(on_call: str, country: str) -> OpeningHours:
    if not country:
        return OpeningHours(on_call)
    try:
        return OpeningHours(on_call, country=country)
    except UnknownCountryError:
        return OpeningHours(on_call)


def _by_calendar(on_call: str, at: datetime, zone: tzinfo, calendars: Mapping[str, str]) -> Duty:
    import recurring_ical_events  # noqa: PLC0415 - with icalendar 40 ms that no start without calendars waits for

    text = on_call.removeprefix(CALENDAR) if _is_inline(on_call) else calendars.get(on_call)
    calendar = _calendar(text) if text is not None else None
    if calendar is None:
        return Duty(on=True, readable=False)
    try:
        events = recurring_ical_events.of(calendar).between(at - timedelta(days=1), at + timedelta(days=1))
    except (ValueError, TypeError, KeyError, AttributeError):  # rules that parse but mean nothing
        return Duty(on=True, readable=False)
    return Duty(on=any(_event_covers(event, at, zone) for event in events))


def _event_covers(event: icalendar.Event, at: datetime, zone: tzinfo) -> bool:
    if str(event.get("STATUS", "")).upper() == "CANCELLED":
        return False
    start, start_zone = _wall(event.start, zone)
    end, end_zone = _wall(event.end, zone)
    return instant(start, start_zone, last=False) <= at < instant(end, end_zone, last=True)


def _wall(moment: date | datetime, zone: tzinfo) -> tuple[datetime, tzinfo]:
    if not isinstance(moment, datetime):
        return datetime.combine(moment, time.min), zone
    return moment.replace(tzinfo=None), moment.tzinfo or zone


def _is_inline(on_call: str) -> bool:
    return on_call.removeprefix(CALENDAR).lstrip().upper().startswith("BEGIN:VCALENDAR")


@lru_cache(maxsize=1024)
def _calendar(text: str) -> icalendar.Calendar | None:
    import icalendar  # noqa: PLC0415 - as above

    try:
        # a CSV cell may carry \n for a line's end
        return icalendar.Calendar.from_ical(text.replace("\\n", "\r\n") if "\n" not in text else text)
    except (ValueError, IndexError, KeyError):
        return None


def _pointing_at(on_call: str, error: str) -> str:
    """The library's drawing as half a sentence: what it stumbled over."""
    column = error.partition("--> 1:")[2].partition("\n")[0]
    rest = on_call[int(column) - 1 :] if column.isdecimal() else on_call
    return f'opening hours not understood at "{rest}"; write for example Mo-Fr 08:00-18:00'
