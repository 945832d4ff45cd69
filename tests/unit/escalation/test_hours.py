"""Opening-hours texts: a shift goes to its end, China's days off and make-up workdays, and what people write."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from tests.support.duty import SHANGHAI, on_duty, rota


def shanghai(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def said(text: str, at: str = "2026-11-30T12:00", country: str = "CN") -> str:
    remarks = rota(text, shanghai(at), country=country).remarks
    return " | ".join(one.sentence.format(**one.facts) for one in remarks)


@pytest.mark.parametrize(
    ("text", "at", "on"),
    [
        ("Mo-Su 20:00-08:00; PH off", "2027-01-01T02:00", True),  # began on the 31st
        ("Mo-Su 20:00-08:00; PH off", "2027-01-01T08:00", False),
        ("Mo-Su 20:00-08:00; PH off", "2027-01-01T21:00", False),
        ("Mo-Su 20:00-08:00; PH off", "2027-01-02T02:00", False),
        ("Mo-Su 20:00-08:00; Dec 25 off", "2026-12-25T02:00", True),
        ("Mo-Su 20:00-08:00; Dec 25 off", "2026-12-25T20:00", False),
        ("Mo-Su 20:00-08:00; week 53 off", "2026-12-28T02:00", True),
        ("Mo-Th 20:00-08:00; Fr-Su 18:00-10:00", "2026-12-04T02:00", True),
        ("Mo-Th 20:00-08:00; Fr-Su 18:00-10:00", "2026-12-04T09:00", False),
        ("Mo-Th 20:00-08:00; Fr-Su 18:00-10:00", "2026-12-07T09:30", True),
        ("Nov 20:00-08:00; Dec 22:00-06:00", "2026-12-01T07:00", True),  # November's last night
        ("20:00-32:00; Sa off", "2026-12-05T07:00", True),
        ("20:00-08:00; Sa unknown", "2026-12-05T12:00", True),
        ("24/7; Sa off", "2026-12-05T00:00", False),  # no shift: the whole of Friday ends with it
        ("24/7; Sa off", "2026-12-06T00:00", True),
        ("Mo-Fr 08:00-18:00; 12:00-13:00 off", "2026-12-04T12:30", False),
        ("Mo-Fr 08:00-18:00; 12:00-13:00 off", "2026-12-04T13:00", True),
        ("Mo-Fr 08:00-12:00, We 14:00-18:00", "2026-12-02T15:00", True),
        ("Mo-Fr 08:00-12:00, We 14:00-18:00", "2026-12-02T09:00", True),
        ("Mo-Fr 08:00-12:00; We 14:00-18:00", "2026-12-02T09:00", False),
        ('Mo-Fr 08:00-12:00 || "by appointment"', "2026-12-02T20:00", True),
        ('"by appointment"', "2026-12-02T20:00", True),
        ('Mo-Fr 08:00-18:00 "only; in emergencies"', "2026-12-02T12:00", True),
        ("PH off", "2026-12-02T20:00", True),  # says only when not
        ("PH off", "2027-01-01T12:00", False),
        ("off", "2026-12-02T20:00", False),
        ("18:00+", "2026-12-03T05:59", True),
        ("sunset-sunrise", "2026-12-02T16:00", True),
        ("sunrise-sunset", "2026-12-02T12:00", True),
        ("SH off", "2026-12-02T12:00", True),
        ("SH 08:00-18:00", "2026-12-02T12:00", True),  # nobody knows: towards help
    ],
)
def test_it_lets_a_shift_that_began_go_to_its_end(text: str, at: str, on: bool) -> None:  # noqa: FBT001 - a table
    assert on_duty(text, shanghai(at)).on is on


def test_it_says_where_openstreetmap_would_end_the_shift_at_midnight() -> None:
    assert "goes to its end" in said("Mo-Su 20:00-08:00; PH off")
    assert "goes to its end" in said("Mo-Th 20:00-08:00; Fr-Su 18:00-10:00")
    assert said("Mo-Su 20:00-08:00") == said("Mo-Fr 08:00-18:00; PH off") == ""


def test_it_says_what_it_had_to_guess() -> None:
    assert "12 hours" in said("18:00+")
    assert "taken widely" in said("sunset-sunrise")
    assert "does not know" in said("Mo-Fr 08:00-18:00; SH off")
    assert "does not know" in said("Mo-Fr 08:00-18:00; PH off", country="")
    assert "only when off duty" in said("PH off")
    assert "never on duty" in said("off")


@pytest.mark.parametrize(
    ("day", "on"),
    [
        *((day, False) for day in ("2024-02-10", "2024-02-16", "2024-04-04", "2024-09-16", "2024-10-07")),
        *((day, False) for day in ("2025-01-28", "2025-02-04", "2025-05-05", "2025-06-02", "2025-10-08")),
        *((day, False) for day in ("2026-01-02", "2026-02-16", "2026-02-23", "2026-04-06", "2026-05-05", "2026-06-19")),
        *((day, False) for day in ("2026-09-25", "2026-10-07", "2027-02-05", "2027-04-05", "2027-06-09", "2027-09-15")),
        *((day, True) for day in ("2024-02-18", "2024-05-11", "2024-10-12", "2025-01-26", "2025-09-28")),
        *((day, True) for day in ("2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10")),
        *((day, True) for day in ("2026-10-08", "2026-02-24", "2025-02-05", "2027-02-09")),
        *((day, False) for day in ("2026-10-11", "2026-01-10", "2025-01-25")),  # ordinary weekends
    ],
)
def test_it_knows_chinas_days_off_and_make_up_workdays(day: str, on: bool) -> None:  # noqa: FBT001 - a table
    assert on_duty("Mo-Fr 08:00-18:00; PH off", shanghai(f"{day}T12:00")).on is on


def test_it_keeps_the_weekends_own_hours_on_a_make_up_workday_too() -> None:
    assert on_duty("Mo-Fr 08:00-18:00; Sa-Su 20:00-23:00", shanghai("2026-10-10T12:00")).on
    assert on_duty("Mo-Fr 08:00-18:00; Sa-Su 20:00-23:00", shanghai("2026-10-10T21:00")).on
    assert on_duty("Mo-Fr,PH 08:00-18:00", shanghai("2026-10-01T12:00")).on
    assert on_duty("PH -1 day 08:00-18:00", shanghai("2026-09-30T12:00")).on


@pytest.mark.parametrize(
    ("hours", "at", "on"),
    [
        ("Mo-Sa 08:00-18:00; Oct 10 off", "2026-10-10T12:00", False),  # off by its date, whatever it stands for
        ("Mo-Fr 08:00-18:00; 2026 Oct 9-11 off", "2026-10-10T12:00", False),
        ("Mo-Fr 08:00-18:00; Oct 10 08:00-12:00", "2026-10-10T10:00", True),
        ("Mo-Fr 08:00-18:00; Oct 10 08:00-12:00", "2026-10-10T15:00", False),
        ("Mo-Fr 08:00-18:00; Oct 10 12:00-13:00 off", "2026-10-10T12:30", False),
        ("Mo-Fr 08:00-18:00; Oct 9 off", "2026-10-10T12:00", True),  # the Friday that it stands for is off, not it
        ("Jul-Dec Mo-Fr 08:00-18:00", "2026-10-10T12:00", True),
        ("Mo-Fr 08:00-18:00; Sa,Su off", "2026-10-10T12:00", True),
        ("Mo-Fr 08:00-18:00; Oct Sa off", "2026-10-10T12:00", True),
    ],
)
def test_who_is_off_on_a_date_is_off_on_a_make_up_workday_too(hours: str, at: str, on: bool) -> None:  # noqa: FBT001
    assert on_duty(hours, shanghai(at)).on is on


def test_it_leaves_other_countries_holidays_to_the_library() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    christmas = datetime(2026, 12, 25, 12, tzinfo=berlin)
    assert not on_duty("Mo-Fr 08:00-18:00; PH off", christmas, zone=berlin, country="DE").on
    night = datetime(2026, 12, 25, 2, tzinfo=berlin)
    assert on_duty("Mo-Su 20:00-08:00; PH off", night, zone=berlin, country="DE").on


@pytest.mark.parametrize(
    ("written", "understood"),
    [
        ("周一至周五 8:00-18:00", "Mo-Fr 08:00-18:00"),
        ("星期一到星期五，8点到18点", "Mo-Fr 08:00-18:00"),
        ("周一—周日 20：00～次日8：00；节假日休息", "Mo-Su 20:00-08:00; PH closed"),
        ("工作日 上午8点半至下午5点半", "Mo-Fr 08:30-17:30"),
        ("每天 晚上8点至次日早上8点", "Mo-Su 20:00-08:00"),
        ("周六、周日全天", "Sa,Su"),
        ("周一、三、五 8:00-18:00", "Mo,We,Fr 08:00-18:00"),
        ("星期一至五 8:00-18:00", "Mo-Fr 08:00-18:00"),
        ("Mon-Fri 8-18", "Mo-Fr 08:00-18:00"),
        ("Monday to Friday 8am-6pm", "Mo-Fr 08:00-18:00"),
        ("Weekdays 8.30-17.00; weekends 10am - 4pm", "Mo-Fr 08:30-17:00; Sa,Su 10:00-16:00"),
        ("Mo-Fr: 08:00-18:00", "Mo-Fr 08:00-18:00"),
        ("Mo–Fr 08:00–18:00;", "Mo-Fr 08:00-18:00"),
        ("Mo-Fr 08:00-12:00,We 14:00-18:00", "Mo-Fr 08:00-12:00, We 14:00-18:00"),
    ],
)
def test_it_reads_what_people_write_and_says_what_it_understood(written: str, understood: str) -> None:
    assert f"read as {understood}" in said(written)


@pytest.mark.parametrize("text", ["Mon-Fri 10-6", "Mon-Fri 8-6pm", "周一至周五 夜间", "whenever", "7", "x" * 3000, '"'])
def test_it_refuses_what_could_mean_two_things_or_nothing(text: str) -> None:
    found = rota(text, shanghai("2026-11-30T12:00"))
    assert not found.readable
    assert [one.refused for one in found.remarks] == [True]
