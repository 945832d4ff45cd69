"""Who is on duty, also in the nights when the clocks are changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escalation.on_call import Duty, instant
from tests.support.duty import on_duty, rota

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
ZONES = st.sampled_from(
    [BERLIN, SHANGHAI, ZoneInfo("America/New_York"), ZoneInfo("Australia/Lord_Howe"), ZoneInfo("Asia/Kathmandu")]
)
WALLS = st.datetimes(datetime(2025, 1, 1), datetime(2028, 1, 1))  # noqa: DTZ001 - a wall clock has no zone
SHIFT = """BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//test//EN\r
BEGIN:VEVENT\r
UID:night\r
DTSTART;TZID=Europe/Berlin:20261001T200000\r
DTEND;TZID=Europe/Berlin:20261002T023000\r
RRULE:FREQ=DAILY\r
EXDATE;TZID=Europe/Berlin:20261103T200000\r
END:VEVENT\r
END:VCALENDAR\r
"""


def berlin(text: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN, fold=fold).astimezone(UTC)


def shanghai(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def test_it_takes_no_text_as_always() -> None:
    assert on_duty("", shanghai("2026-11-21T03:00"), zone=SHANGHAI) == Duty(on=True)


@pytest.mark.parametrize(
    ("text", "at", "on"),
    [
        ("Mo-Fr 08:00-18:00", "2026-11-20T08:00", True),
        ("Mo-Fr 08:00-18:00", "2026-11-20T18:00", False),
        ("Mo-Fr 08:00-18:00", "2026-11-21T12:00", False),
        ("22:00-06:00", "2026-11-21T05:59", True),
        ("Mo-Su 08:00-18:00; PH off", "2026-10-01T12:00", False),  # 国庆节
        ("Mo-Su 08:00-18:00; PH off", "2026-10-12T12:00", True),
        ("Mo-Fr unknown", "2026-11-20T12:00", True),  # nobody knows: towards help
    ],
)
def test_it_reads_opening_hours_by_the_services_wall_clock(text: str, at: str, on: bool) -> None:  # noqa: FBT001 - a table
    assert on_duty(text, shanghai(at), zone=SHANGHAI, country="CN").on is on


def test_it_reads_the_same_instant_whatever_zone_it_is_told_in() -> None:
    at = shanghai("2026-11-20T08:00")
    assert on_duty("Mo-Fr 08:00-18:00", at.astimezone(UTC), zone=SHANGHAI).on


def test_it_keeps_a_person_on_duty_whose_text_or_calendar_cannot_be_read() -> None:
    at = shanghai("2026-11-21T03:00")
    assert on_duty("whenever I can", at, zone=SHANGHAI) == Duty(on=True, readable=False)
    assert on_duty("ics:nurse.ics", at, zone=SHANGHAI) == Duty(on=True, readable=False)
    assert on_duty("ics:a", at, zone=SHANGHAI, calendars={"ics:a": "hello"}) == Duty(on=True, readable=False)


def test_it_says_what_is_wrong_with_an_on_call_text() -> None:
    at = shanghai("2026-11-21T03:00")

    def refused(text: str, **calendars: str) -> str:
        remarks = rota(text, at, calendars={"ics:a": calendars["a"]} if calendars else None).remarks
        return " ".join(one.sentence.format(**one.facts) for one in remarks if one.refused)

    assert refused("Mo-Fr 08:00-18:00; PH off") == ""
    assert '"n-Fri 10-6"' in refused("Mon-Fri 10-6")
    assert "not iCalendar" in refused("ics:nurse.ics")
    assert "not iCalendar" in refused("ics:a", a="hello")
    assert refused("ics:a", a=SHIFT) == ""


def test_it_ends_a_shift_at_the_last_occurrence_of_its_wall_time() -> None:
    night = {"ics:night": SHIFT}
    for text in ("ics:night", "20:00-02:30"):
        assert on_duty(
            text, berlin("2026-10-25T02:45"), zone=BERLIN, calendars=night
        ).on  # the first 02:45: the shift ends an hour later
        assert on_duty(text, berlin("2026-10-25T02:29", fold=1), zone=BERLIN, calendars=night).on
        assert not on_duty(text, berlin("2026-10-25T02:30", fold=1), zone=BERLIN, calendars=night).on


def test_it_starts_a_shift_at_the_first_occurrence_of_its_wall_time() -> None:
    assert not on_duty("02:15-05:00", berlin("2026-10-25T02:14"), zone=BERLIN).on
    assert on_duty("02:15-05:00", berlin("2026-10-25T02:15"), zone=BERLIN).on
    assert on_duty("02:15-05:00", berlin("2026-10-25T02:05", fold=1), zone=BERLIN).on


def test_it_takes_a_time_that_does_not_exist_as_the_instant_after() -> None:
    three = datetime(2026, 3, 29, 1, tzinfo=UTC)
    for last in (True, False):
        assert instant(datetime(2026, 3, 29, 2, 30), BERLIN, last=last) == three  # noqa: DTZ001
    assert on_duty("02:30-05:00", three, zone=BERLIN).on
    assert not on_duty("02:30-05:00", three - timedelta(seconds=1), zone=BERLIN).on


def test_it_leaves_out_shifts_the_calendar_strikes() -> None:
    calendars = {"ics:night": SHIFT}
    assert on_duty("ics:night", berlin("2026-11-02T21:00"), zone=BERLIN, calendars=calendars).on
    assert not on_duty("ics:night", berlin("2026-11-03T21:00"), zone=BERLIN, calendars=calendars).on
    cancelled = SHIFT.replace("UID:night", "UID:night\r\nSTATUS:CANCELLED")
    assert not on_duty("ics:x", berlin("2026-11-02T21:00"), zone=BERLIN, calendars={"ics:x": cancelled}).on


def test_it_reads_a_calendar_written_into_the_cell_itself() -> None:
    inline = "ics:" + SHIFT.replace("\r\n", "\\n")
    assert on_duty(inline, berlin("2026-11-02T21:00"), zone=SHANGHAI) == Duty(on=True)
    assert not on_duty(inline, berlin("2026-11-02T19:00"), zone=SHANGHAI).on


@given(wall=WALLS, zone=ZONES)
def test_it_never_lets_a_shift_start_after_it_ends(wall: datetime, zone: ZoneInfo) -> None:
    first, last = instant(wall, zone, last=False), instant(wall, zone, last=True)
    assert first <= last <= first + timedelta(hours=1)
    shown = first.astimezone(zone).replace(tzinfo=None)
    assert shown >= wall.replace(microsecond=0)  # the wall time itself, or the first that exists after it


@given(wall=WALLS, minutes=st.integers(0, 24 * 60), zone=ZONES)
def test_it_leaves_no_gap_between_two_shifts_that_touch(wall: datetime, minutes: int, zone: ZoneInfo) -> None:
    hand_over = f"{minutes // 60 % 24:02}:{minutes % 60:02}"
    at = wall.replace(tzinfo=UTC)
    early = on_duty(f"00:00-{hand_over}", at, zone=zone) if minutes % (24 * 60) else Duty(on=False)
    late = on_duty(f"{hand_over}-24:00", at, zone=zone)
    assert early.on or late.on
