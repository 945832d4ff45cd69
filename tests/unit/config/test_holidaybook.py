"""The lists of days off and make-up workdays: those shipped, and those an operator adds."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from config.faults import SettingsError
from config.holidaybook import holidays

# From the notices of the State Council's General Office of 2023-10-25, 2024-11-12 and 2025-11-04.
DAYS_OFF = {2024: 28, 2025: 28, 2026: 33}
WORKDAYS = {
    2024: {"02-04", "02-18", "04-07", "04-28", "05-11", "09-14", "09-29", "10-12"},
    2025: {"01-26", "02-08", "04-27", "09-28", "10-11"},
    2026: {"01-04", "02-14", "02-28", "05-09", "09-20", "10-10"},
}


@pytest.mark.parametrize("year", sorted(DAYS_OFF))
def test_it_ships_chinas_lists_as_they_were_published(year: int) -> None:
    lists = holidays("CN")
    assert lists is not None
    assert year in lists.announced
    assert len([day for day in lists.off if day.year == year]) == DAYS_OFF[year]
    assert {f"{day:%m-%d}" for day in lists.workdays if day.year == year} == WORKDAYS[year]
    assert all(day.weekday() >= 5 for day in lists.workdays)
    assert all(lists.as_weekday(day) for day in lists.workdays)


@pytest.mark.parametrize("year", range(2027, 2036))
def test_it_knows_of_later_years_the_thirteen_days_of_the_law_and_invents_none(year: int) -> None:
    lists = holidays("CN")
    assert lists is not None
    assert year not in lists.announced
    assert not [day for day in lists.workdays if day.year == year]
    off = [day for day in lists.off if day.year == year]
    assert len(off) == (12 if year in {2028, 2031} else 13)  # where mid-autumn is one of the national days


def test_it_takes_a_year_an_operator_adds_in_place_of_the_shipped_one(tmp_path: Path) -> None:
    (tmp_path / "holidays").mkdir()
    (tmp_path / "holidays" / "CN.toml").write_text(
        '[2027]\noff = [["元旦", 2027-01-01, 2027-01-03]]\nworkdays = [2027-01-09]\n', encoding="utf-8"
    )
    lists = holidays("CN", tmp_path / "alarmd.toml")
    assert lists is not None
    assert 2027 in lists.announced
    assert lists.is_off(date(2027, 1, 3))
    assert not lists.is_off(date(2027, 10, 1))
    assert lists.is_off(date(2026, 10, 1))
    assert lists.as_weekday(date(2027, 1, 9)) == date(2027, 1, 8)


def test_it_has_no_lists_where_the_library_knows_the_rules() -> None:
    assert holidays("DE") is holidays("") is holidays("../CN") is None


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("[2027\n", "at line 1"),
        ("x = 1\n", "one table for each year"),
        ("[2027]\nof = []\n", "2027.of"),
        ("[2027]\noff = 1\n", "write a list"),
        ('[2027]\noff = [["a", 2027-01-01]]\n', "first day, last day"),
        ('[2027]\noff = [["a", 2026-01-01, 2027-01-01]]\n', "not a day of 2027"),
        ('[2027]\noff = [["a", 2027-01-05, 2027-01-01]]\n', "is no holiday"),
        ('[2027]\noff = [["a", 2027-01-01, 2027-12-31]]\n', "is no holiday"),
        ('[2027]\noff = [["a", 2027-01-02, 2027-01-02]]\nworkdays = [2027-01-02]\n', "both off and a workday"),
    ],
)
def test_it_says_what_is_wrong_with_a_list(tmp_path: Path, text: str, word: str) -> None:
    (tmp_path / "holidays").mkdir()
    (tmp_path / "holidays" / "CN.toml").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=r"CN\.toml") as error:
        holidays("CN", tmp_path / "alarmd.toml")
    assert word in str(error.value)
