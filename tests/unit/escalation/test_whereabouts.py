"""Where a device is: at home, somewhere else, or nowhere that could be true."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from escalation import whereabouts
from escalation.people import Resident
from escalation.whereabouts import Fix

NOW = datetime(2026, 11, 21, 19, 12, tzinfo=UTC)
WANG = Resident(id="wang", name="王秀英", lat=31.24462, lon=121.40871)


def fix(lat: float | None, lon: float | None, accuracy: float | None = 10, *, ago_s: float = 0) -> Fix | None:
    return whereabouts.fix(lat, lon, accuracy, at=NOW - timedelta(seconds=ago_s), now=NOW)


@pytest.mark.parametrize(
    ("lat", "lon", "accuracy"),
    [
        (0.0, 0.0, 5.0),
        (0.001, -0.001, None),
        (None, 121.4, None),
        (91.0, 121.4, None),
        (31.2, 181.0, None),
        (float("nan"), 121.4, None),
        (float("inf"), 121.4, None),
        (31.2, 121.4, 20_000.0),
    ],
)
def test_it_takes_nothing_that_cannot_be_true(lat: float | None, lon: float | None, accuracy: float | None) -> None:
    assert fix(lat, lon, accuracy) is None


def test_it_takes_no_position_of_yesterday() -> None:
    assert fix(31.3, 121.4, ago_s=90_000) is None


@pytest.mark.parametrize(
    ("north", "east", "direction"),
    [
        (1, 0, "north"),
        (1, 1, "north-east"),
        (0, 1, "east"),
        (-1, 1, "south-east"),
        (-1, 0, "south"),
        (-1, -1, "south-west"),
        (0, -1, "west"),
        (1, -1, "north-west"),
    ],
)
def test_it_says_which_way(north: int, east: int, direction: str) -> None:
    there = whereabouts.away(WANG, fix(31.24462 + north * 0.03, 121.40871 + east * 0.035))
    assert there is not None
    assert there.direction == direction


def test_it_says_which_way_across_the_date_line() -> None:
    home = Resident(id="f", name="F", lat=-16.8, lon=179.99)
    there = whereabouts.away(home, fix(-16.8, -179.99))
    assert there is not None
    assert there.direction == "east"
    assert there.metres == pytest.approx(2130, rel=0.02)


def test_people_are_sent_where_the_device_is_but_not_by_an_old_or_unsure_position() -> None:
    moved = whereabouts.place(WANG, fix(31.27, 121.44))
    assert moved is not None
    assert (moved.lat, moved.lon) == (31.27, 121.44)
    for at_home in (fix(31.27, 121.44, ago_s=601), fix(31.2455, 121.40871), fix(31.26, 121.40871, 3000), None):
        assert whereabouts.place(WANG, at_home) == WANG


def test_a_home_without_a_position_is_where_the_device_is() -> None:
    nowhere = msgspec.structs.replace(WANG, lat=None, lon=None)
    there = whereabouts.away(nowhere, fix(31.27, 121.44))
    assert there is not None
    assert (there.metres, there.direction) == (None, "")
    placed = whereabouts.place(nowhere, fix(31.27, 121.44))
    assert placed is not None
    assert placed.lat == 31.27


@given(st.floats(), st.floats(), st.none() | st.floats())
def test_it_never_fails(lat: float, lon: float, accuracy: float | None) -> None:
    found = fix(lat, lon, accuracy)
    there = whereabouts.away(WANG, found)
    assert there is None or found is not None
