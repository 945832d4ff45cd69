"""Calendars as people and programs write them: nobody is off duty by a mistake in one, and each mistake is named."""

from __future__ import annotations

from datetime import datetime

import pytest

from escalation.on_call import Rota
from tests.support.duty import SHANGHAI, rota

NIGHT = "DTSTART;TZID=Asia/Shanghai:20261125T200000|DTEND;TZID=Asia/Shanghai:20261126T080000|"
LATER = "DTSTART:20270101T080000|DTEND:20270101T090000|UID:later"


def calendar(*events: str, more: str = "") -> str:
    """A calendar of events whose lines are divided by ``|``."""
    whole = "".join(f"BEGIN:VEVENT|SUMMARY:夜班|{event}|END:VEVENT|" for event in events)
    return f"BEGIN:VCALENDAR|VERSION:2.0|PRODID:-//x//EN|{more}{whole}END:VCALENDAR|".replace("|", "\r\n")


def unfold(*events: str, more: str = "", at: str = "2026-12-01T12:00") -> Rota:
    calendars = {"ics:a": calendar(*events, more=more)}
    return rota("ics:a", datetime.fromisoformat(at).replace(tzinfo=SHANGHAI), calendars=calendars)


def on(found: Rota, at: str) -> bool:
    return found.duty(datetime.fromisoformat(at).replace(tzinfo=SHANGHAI)).on


def said(found: Rota) -> str:
    return " | ".join(one.sentence.format(**one.facts) for one in found.remarks)


@pytest.mark.parametrize(
    ("event", "is_on", "is_off", "word"),
    [
        ("DTSTART:20261201T200000|DTEND:20261201T080000", "2026-12-02T07:59", "2026-12-02T08:00", "2026-12-02 08:00"),
        ("DTSTART:20261201T200000|DTEND:20261130T080000", "2026-12-02T07:59", "2026-12-02T08:00", "before it begins"),
        ("DTSTART:20261201T200000Z|DTEND:20261201T000000Z", "2026-12-02T07:59", "2026-12-02T08:00", "before it begins"),
        ("DTSTART:20261201T200000|DTEND:20261201T200000", "2026-12-02T19:59", "2026-12-02T20:00", "24 hours"),
        ("DTSTART:20261201T200000", "2026-12-02T19:59", "2026-12-02T20:00", "24 hours"),
        ("DTSTART;VALUE=DATE:20261201|DTEND;VALUE=DATE:20261201", "2026-12-01T12:00", "2026-12-02T00:00", "that day"),
        ("DTSTART;VALUE=DATE:20261201|DTEND;VALUE=DATE:20261130", "2026-12-01T12:00", "2026-12-02T00:00", "that day"),
        ("DTSTART:20261201T200000|DURATION:-PT12H", "2026-12-02T07:59", "2026-12-02T08:00", "without the minus"),
        ("DTSTART:20261201T200000|DURATION:PT0S", "2026-12-02T07:59", "2026-12-02T20:00", "24 hours"),
        ("DTSTART;TZID=Mars/One:20261201T200000|DTEND;TZID=Mars/One:20261202T080000", "2026-12-02T07:59",
         "2026-12-02T08:00", "Mars/One"),
        ("DTSTART;VALUE=DATE:20261201|DTEND:20261201T200000", "2026-12-01T19:00", "2026-12-02T00:00", "a time"),
        ("DTSTART:20261201T080000|DTEND;VALUE=DATE:20261201", "2026-12-01T19:00", "2026-12-02T00:00", "a time"),
    ],
)  # fmt: skip
def test_it_takes_what_a_planner_meant_and_says_so(event: str, is_on: str, is_off: str, word: str) -> None:
    found = unfold(event, LATER)
    assert on(found, is_on)
    assert not on(found, is_off)
    assert word in said(found)
    assert "夜班 (2026-12-01" in said(found)


@pytest.mark.parametrize(
    "until",
    ["20261202", "20261202T000000", "20261202T000000Z", "20261201T160000Z"],
)
def test_it_gives_a_series_back_its_last_day(until: str) -> None:
    found = unfold(f"{NIGHT}RRULE:FREQ=DAILY;UNTIL={until}|UID:series", LATER)
    assert on(found, "2026-12-03T07:59")
    assert not on(found, "2026-12-03T21:00")
    assert "2026-12-02" in said(found)


def test_it_leaves_a_series_alone_that_ends_as_written() -> None:
    found = unfold(f"{NIGHT}RRULE:FREQ=DAILY;UNTIL=20261201T120000Z|UID:series", LATER)
    assert on(found, "2026-12-02T07:59")
    assert not on(found, "2026-12-02T21:00")
    assert said(found) == ""


@pytest.mark.parametrize("until", ["200000Z", "200000", "P1D", "now"])
def test_a_series_whose_end_is_no_date_makes_nobody_off_duty(until: str) -> None:
    found = unfold(f"{NIGHT}RRULE:FREQ=DAILY;UNTIL={until}|UID:series", LATER)
    assert on(found, "2026-12-05T12:00")
    assert "counted as on duty" in said(found) or not found.readable


@pytest.mark.parametrize(
    ("events", "more", "word"),
    [
        ((), "", "no event"),
        ((), "BEGIN:VFREEBUSY|FREEBUSY:20261201T120000Z/PT3H|END:VFREEBUSY|", "no event"),
        ((), "BEGIN:VTODO|DTSTART:20261201T200000|END:VTODO|", "no event"),
        (("DTEND:20261201T200000",), "", "no start"),
        (("DTSTART:20261201Tzz|DTEND:20261201T200000",), "", "no start"),
        (("DTSTART:20250101T200000|DTEND:20250102T080000",), "", "over"),
        ((f"{NIGHT}RRULE:FREQ=NEVER",), "", "recurrence"),
        ((f"{NIGHT}RRULE:FREQ=DAILY;COUNT=0",), "", "less than once"),
        ((f"{NIGHT}RRULE:FREQ=WEEKLY;INTERVAL=0;BYDAY=MO,TU",), "", "INTERVAL=0"),
        ((f"{NIGHT}RRULE:FREQ=SECONDLY",), "", "second or minute"),
        ((f"{NIGHT}RRULE:FREQ=MINUTELY;BYHOUR=3",), "", "second or minute"),
    ],
)
def test_it_counts_on_duty_whoever_has_a_calendar_that_says_nothing(
    events: tuple[str, ...], more: str, word: str
) -> None:
    found = unfold(*events, more=more)
    assert not found.readable
    assert on(found, "2026-12-01T12:00")
    assert word in said(found)


def test_it_counts_on_duty_whose_calendar_ran_out_and_says_when() -> None:
    found = unfold("DTSTART:20261201T200000|DTEND:20261202T080000")
    assert not on(found, "2026-12-01T12:00")
    assert on(found, "2026-12-05T12:00")
    assert "the last shift ends 2026-12-02 08:00" in said(found)


def test_it_lets_somebody_off_duty_who_has_shifts_later_on() -> None:
    found = unfold("DTSTART:20271001T200000|DTEND:20271002T080000")
    assert not on(found, "2026-12-01T12:00")
    assert said(found) == "no shift in the weeks to come"


def test_it_leaves_out_what_was_called_off() -> None:
    series = f"{NIGHT}RRULE:FREQ=DAILY|UID:night"
    off = "UID:night|RECURRENCE-ID;TZID=Asia/Shanghai:20261201T200000|STATUS:CANCELLED|DTSTART:20261201T200000"
    struck = f"{series}|EXDATE;TZID=Asia/Shanghai:20261203T200000"
    found = unfold(struck, off)
    assert on(found, "2026-11-30T21:00")
    assert not on(found, "2026-12-01T21:00")
    assert on(found, "2026-12-02T21:00")
    assert not on(found, "2026-12-03T21:00")


def test_it_counts_a_shift_that_is_marked_as_free_time() -> None:  # so do programs mark whole days
    assert on(unfold("DTSTART;VALUE=DATE:20261201|TRANSP:TRANSPARENT"), "2026-12-01T12:00")


def test_it_names_the_first_few_of_many_broken_events() -> None:
    found = unfold(*(f"DTSTART:202612{day:02}T200000|DTEND:202612{day:02}T080000" for day in range(1, 9)))
    assert said(found).count("before it begins") == 3
    assert "and 5 more" in said(found)


def test_it_passes_over_years_of_shifts_that_are_over() -> None:
    old = (
        f"DTSTART:{year}0101T200000|DTEND:{year}0102T080000|UID:{year}-{n}"
        for year in range(2015, 2026)
        for n in range(200)
    )
    found = unfold(*old, "DTSTART:20261201T200000|DTEND:20261202T080000", LATER)
    assert on(found, "2026-12-01T21:00")
    assert not on(found, "2026-12-01T12:00")
