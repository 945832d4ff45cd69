"""iCalendar (RFC 5545) to shifts: every event that is not cancelled is a shift, and what is broken is told.

Calendars are written by hand and by programs that disagree. Where it is plain what a planner meant (a night shift whose
end stands on the date of its start) that is taken, and said. Where it is not, the person counts as on duty: nobody is
off duty by a mistake. Reading one may take long, or for ever: whoever calls this does it where it can be ended.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import TYPE_CHECKING, Any

import msgspec

from escalation import calendar_text
from escalation.calendar_text import CalendarTextError
from escalation.on_call import Remark, Rota, merged, shift

if TYPE_CHECKING:
    import icalendar

AHEAD = timedelta(days=100)  # so far beyond the window a calendar may have its next shift
_ONE_DAY = timedelta(days=1)
_MARGIN = timedelta(days=3)
_ONE_SECOND = timedelta(seconds=1)
_TOLD = 12  # remarks of one calendar
_ALIKE = 3  # of those that say the same of different events
_TOO_OFTEN = frozenset({"SECONDLY", "MINUTELY"})

Shift = tuple[datetime, datetime]
_Event = Any  # an icalendar.Component: what its properties are is known only by looking, for a calendar may be broken


def for_later(sentence: str) -> str:
    """Mark a literal that is said by somebody who has a reader."""
    return sentence


class _Window(msgspec.Struct, frozen=True):
    since: datetime
    until: datetime
    zone: tzinfo


class _Remarks:
    """What is said of a calendar, and whether it can be relied on."""

    def __init__(self) -> None:
        self.all: list[Remark] = []
        self._doubts = 0
        self._said: Counter[str] = Counter()

    @property
    def readable(self) -> bool:
        """Whether the calendar can be relied on."""
        return not self._doubts

    def note(self, sentence: str, event: _Event | None = None, **facts: str) -> None:
        """Say something, of an event by its name and date."""
        self._said[sentence] += 1
        if self._said[sentence] > _ALIKE:
            return
        named = {"event": _named(event)} if event is not None else {}
        self.all.append(Remark(sentence=sentence, facts=named | facts))

    @property
    def told(self) -> tuple[Remark, ...]:
        """What is said; of many events with one fault the first few, and how many more there are."""
        more = sum(count - _ALIKE for count in self._said.values() if count > _ALIKE)
        last = (Remark(sentence=for_later("and {count} more like these"), facts={"count": str(more)}),) if more else ()
        return (*sorted(self.all, key=lambda one: not one.refused)[:_TOLD], *last)

    def doubt(self, sentence: str, event: _Event | None = None, **facts: str) -> None:
        """Say why nobody knows when this person is on duty."""
        self.note(sentence, event, **facts)
        self._doubts += 1

    def refuse(self, sentence: str, event: _Event | None = None, **facts: str) -> None:
        """Say why such a calendar is not taken at all."""
        self.doubt(sentence, event, **facts)
        if self._said[sentence] <= _ALIKE:
            self.all[-1] = msgspec.structs.replace(self.all[-1], refused=True)


def unfolded(text: str, since: datetime, until: datetime, zone: tzinfo) -> Rota:
    """The shifts of a calendar.

    Args:
        text: Of the calendar.
        since: Aware.
        until: Aware.
        zone: The service's: of events that name no zone, or one nobody knows.
    """
    remarks = _Remarks()
    window = _Window(since, until, zone)
    shifts: list[Shift] = []
    try:
        shifts = _shifts(text, window, remarks)
    except CalendarTextError as error:
        remarks.refuse(error.sentence, **error.facts)
    starts, ends = merged(shifts) if remarks.readable else ((), ())
    return Rota(
        since=int(since.timestamp()),
        until=int(until.timestamp()),
        starts=starts,
        ends=ends,
        readable=remarks.readable,
        remarks=remarks.told,
    )


def _shifts(text: str, window: _Window, remarks: _Remarks) -> list[Shift]:
    slim = calendar_text.slim(text, window.since - _MARGIN, window.until + AHEAD)
    calendar = _parsed(slim.text)
    events = [event for event in calendar.walk("VEVENT") if _mend(event, window.zone, remarks)]
    if not slim.events:
        remarks.doubt(for_later("there is no event in the calendar; counted as on duty"))
    if not remarks.readable:
        return []
    single = [event for event in events if not _is_series(event)]
    series = [event for event in events if _is_series(event)]
    found = [*single, *_recurring(calendar, single, series, window, remarks)]
    shifts = [_span(event, window.zone) for event in found if not _is_cancelled(event)]
    called_off = any(_is_cancelled(event) and _span(event, window.zone)[1] > window.since for event in found)
    return _with_its_end(shifts, window, remarks, goes_on=bool(slim.far_ahead), called_off=called_off)


def _with_its_end(
    found: list[Shift], window: _Window, remarks: _Remarks, *, goes_on: bool, called_off: bool
) -> list[Shift]:
    """A calendar that nobody carried on: after its last shift the person counts as on duty.

    One that holds shifts later on, or in which coming ones were called off, is looked after.
    """
    later = [one for one in found if one[0] >= window.until]
    inside = [one for one in found if one[0] < window.until and one[1] > window.since]
    if later or goes_on or (called_off and not inside):
        if not inside:
            remarks.note(for_later("no shift in the weeks to come"))
        return inside
    if not inside:
        remarks.doubt(for_later("all events of the calendar are over; counted as on duty"))
        return []
    last = max(end for _, end in inside)
    if last < window.until:
        when = last.astimezone(window.zone).strftime("%Y-%m-%d %H:%M")
        remarks.note(for_later("the last shift ends {when}; from then on counted as on duty"), when=when)
    return [*inside, (last, max(last, window.until))]


def _parsed(text: str) -> icalendar.Calendar:
    import icalendar  # noqa: PLC0415 - with recurring_ical_events 40 ms that nobody without calendars waits for

    try:
        calendar = icalendar.Calendar.from_ical(text)
    except (ValueError, IndexError, KeyError, TypeError, AttributeError, OSError):  # a zone "Asia" is a folder
        raise CalendarTextError(calendar_text.NOT_A_CALENDAR) from None
    if not isinstance(calendar, icalendar.Calendar):
        raise CalendarTextError(calendar_text.NOT_A_CALENDAR)
    return calendar


def _is_series(event: _Event) -> bool:
    return any(name in event for name in ("RRULE", "RDATE", "EXRULE", "RECURRENCE-ID"))


def _recurring(
    calendar: icalendar.Calendar,
    single: list[_Event],
    series: list[_Event],
    window: _Window,
    remarks: _Remarks,
) -> list[_Event]:
    """The single events that recurring ones come to, cancelled ones included."""
    if not series:
        return []
    import recurring_ical_events  # noqa: PLC0415 - as above

    gone = {id(event) for event in single}
    calendar.subcomponents = [part for part in calendar.subcomponents if id(part) not in gone]
    try:
        query = recurring_ical_events.of(calendar, keep_recurrence_attributes=True)
        found: list[_Event] = query.between(window.since - _MARGIN, window.until)
        found += _next_of(query, found, series, window)
    except (
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
        OverflowError,
        IndexError,
        OSError,
    ):  # parses, but means nothing
        remarks.doubt(for_later("a recurring event cannot be worked out; counted as on duty"))
        return []
    return found


def _next_of(query: Any, found: list[Any], series: list[Any], window: _Window) -> list[Any]:
    """The first shifts beyond the window: whether the calendar goes on. A series without end that had one does."""
    had = {str(event.get("UID")) for event in found}
    for event in series:
        rule = event.get("RRULE")
        endless = rule is not None and not isinstance(rule, list) and not ({"UNTIL", "COUNT"} & set(rule))
        if endless and str(event.get("UID")) in had and not _is_cancelled(event):
            return [_beyond(window)]
    later: list[Any] = query.between(window.until, window.until + AHEAD)
    return later


def _beyond(window: _Window) -> _Event:
    """An event that begins when the window ends, in place of all those the series still has."""
    import icalendar  # noqa: PLC0415 - as above

    later = icalendar.Event()
    later.add("DTSTART", window.until)
    later.add("DTEND", window.until + _ONE_SECOND)
    return later


def _is_cancelled(event: _Event) -> bool:
    return str(event.get("STATUS", "")).strip().upper() == "CANCELLED"


def _span(event: _Event, zone: tzinfo) -> Shift:
    start, start_zone = _wall(event["DTSTART"].dt, zone)
    end, end_zone = _wall(event["DTEND"].dt, zone)
    if start_zone is end_zone:
        return shift(start, end, start_zone)
    return shift(start, start, start_zone)[0], shift(end, end, end_zone)[1]


def _wall(moment: date | datetime, zone: tzinfo) -> tuple[datetime, tzinfo]:
    if not isinstance(moment, datetime):
        return datetime.combine(moment, time.min), zone
    return moment.replace(tzinfo=None), moment.tzinfo or zone


# ---------------------------------------------------------------- what is broken


def _mend(event: _Event, zone: tzinfo, remarks: _Remarks) -> bool:
    """Give an event a start, an end after it, and a rule that means something; whether it can be used."""
    start = _moment(event, "DTSTART")
    if start is None:
        if not _is_cancelled(event):
            remarks.doubt(for_later("{event}: no start that can be read; counted as on duty all the time"), event)
        return False
    if isinstance(start, datetime) and start.tzinfo is None and "TZID" in event["DTSTART"].params:
        zone_ = str(event["DTSTART"].params["TZID"])
        remarks.note(for_later("{event}: the zone {zone} is not known; the service's is taken"), event, zone=zone_)
    end = _end(event, start, zone, remarks)
    for name in ("DTEND", "DURATION"):
        event.pop(name, None)
    event.add("DTEND", end)
    return _mend_rules(event, start, zone, remarks)


def _moment(event: _Event, name: str) -> date | datetime | None:
    value = event.get(name)
    if isinstance(value, list):  # written twice
        return None
    moment = getattr(value, "dt", None) if value is not None and _is_whole(value) else None
    return moment if isinstance(moment, date) else None


def _is_whole(value: object) -> bool:
    return "Broken" not in type(value).__name__


def _end(event: _Event, start: date | datetime, zone: tzinfo, remarks: _Remarks) -> date | datetime:
    end = _moment(event, "DTEND")
    if end is None:
        return _by_duration(event, start, remarks)
    if isinstance(end, datetime) != isinstance(start, datetime):
        remarks.note(for_later("{event}: one of start and end is a day, the other a time"), event)
        end_wall, end_zone = _wall(end, zone)
        if not isinstance(end, datetime):
            end_wall += _ONE_DAY  # a day as an end: the whole of it
        if not isinstance(start, datetime):
            return max(start + _ONE_DAY, end_wall.date() + _ONE_DAY)
        end = end_wall.replace(tzinfo=start.tzinfo or (end_zone if start.tzinfo else None))
    if not isinstance(start, datetime) or not isinstance(end, datetime):
        if end <= start:
            remarks.note(for_later("{event}: ends before or on the day it begins; counts for that day"), event)
            return start + _ONE_DAY
        return end
    if _instant(start, zone) < _instant(end, zone):
        return end
    return _night(event, start, end, zone, remarks)


def _night(event: _Event, start: datetime, end: datetime, zone: tzinfo, remarks: _Remarks) -> datetime:
    """An end that is not after the start: the next time of day it names."""
    if _instant(start, zone) == _instant(end, zone):
        remarks.note(for_later("{event}: ends when it begins; counts for 24 hours"), event)
        return start + _ONE_DAY
    wall = end.astimezone(start.tzinfo) if end.tzinfo and start.tzinfo else end
    meant = datetime.combine(start.date(), wall.time(), start.tzinfo)
    if meant.replace(tzinfo=None) <= start.replace(tzinfo=None):
        meant += _ONE_DAY
    remarks.note(
        for_later("{event}: ends before it begins; taken to end at {end}"), event, end=f"{meant:%Y-%m-%d %H:%M}"
    )
    return meant


def _by_duration(event: _Event, start: date | datetime, remarks: _Remarks) -> date | datetime:
    value = event.get("DURATION")
    lasts = (
        getattr(value, "dt", None) if value is not None and _is_whole(value) and not isinstance(value, list) else None
    )
    if isinstance(lasts, timedelta) and lasts > timedelta():
        if not isinstance(start, datetime) and lasts % _ONE_DAY:
            return start + (lasts // _ONE_DAY + 1) * _ONE_DAY
        return start + lasts
    if isinstance(lasts, timedelta) and lasts < timedelta():
        remarks.note(for_later("{event}: lasts less than nothing; taken as so long without the minus"), event)
        return start - lasts if isinstance(start, datetime) else start + max(-lasts, _ONE_DAY)
    if isinstance(start, datetime):
        remarks.note(for_later("{event}: no end that can be read; counts for 24 hours"), event)
    return start + _ONE_DAY


def _instant(moment: datetime, zone: tzinfo) -> datetime:
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def _mend_rules(event: _Event, start: date | datetime, zone: tzinfo, remarks: _Remarks) -> bool:
    if "RRULE" not in event:
        return True
    written = event["RRULE"]
    for rule in written if isinstance(written, list) else [written]:
        if not _is_whole(rule) or not rule.get("FREQ") or not isinstance(until := _until(rule), date | None):
            remarks.doubt(for_later("{event}: its recurrence cannot be read; counted as on duty all the time"), event)
            return False
        if str(rule["FREQ"][0]).upper() in _TOO_OFTEN:
            remarks.refuse(for_later("{event}: recurs every second or minute; no shift does"), event)
            return False
        if any(int(each) < 1 for each in rule.get("INTERVAL", [])):
            remarks.refuse(for_later("{event}: INTERVAL=0 recurs without end at one moment"), event)
            return False
        if any(int(count) < 1 for count in rule.get("COUNT", [])):
            remarks.doubt(for_later("{event}: recurs less than once; counted as on duty all the time"), event)
            return False
        if until is not None:
            rule["UNTIL"] = [_last_day(event, until, start, zone, remarks)]
    return True


def _until(rule: Any) -> Any:
    """When a series ends; None where it does not, and something that is no date where it says nonsense."""
    until = rule.get("UNTIL")
    until = (until or [""])[0] if isinstance(until, list) else until
    return getattr(until, "dt", until)


def _last_day(event: _Event, until: date, start: date | datetime, zone: tzinfo, remarks: _Remarks) -> date | datetime:
    """When a series ends: one that ends at the beginning of its last day has lost that day; it is given back."""
    if not isinstance(start, datetime):
        if isinstance(until, datetime):
            local = until.astimezone(zone) if until.tzinfo else until
            return max(local.date(), until.date())
        return until
    start_zone = start.tzinfo or zone
    if isinstance(until, datetime):
        local = until.astimezone(start_zone).replace(tzinfo=None) if until.tzinfo else until
        is_a_day = time.min in {local.time(), until.time()}
        day: date = max(local.date(), until.date())
    else:
        local, is_a_day = datetime.combine(until, time.min), True
        day = local.date()
    if is_a_day and start.time() > (local.time() if local.date() == day else time.min):
        last = datetime.combine(day, time(23, 59, 59))
        remarks.note(for_later("{event}: the series ends on {day}; that day's shift counts"), event, day=str(day))
        return last.replace(tzinfo=start_zone).astimezone(UTC) if start.tzinfo else last
    return until


def _named(event: _Event) -> str:
    """What a planner finds an event by: its title or its id, and its date."""
    summary = event.get("SUMMARY")
    if summary is None or isinstance(summary, list) or not str(summary).strip():
        summary = event.get("UID") or "VEVENT"
    start = _moment(event, "DTSTART")
    title = " ".join(str(summary).split())[:60]
    return (
        f"{title} ({start:%Y-%m-%d %H:%M})" if isinstance(start, datetime) else f"{title} ({start})" if start else title
    )
