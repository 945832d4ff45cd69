"""How long the way takes."""

from __future__ import annotations

import pytest

from escalation.people import Travel
from escalation.travel import Position, StraightLine, metres, travel_seconds

PEOPLES_SQUARE = Position(31.2304, 121.4737)
THE_BUND = Position(31.2400, 121.4900)


def test_it_measures_on_the_ellipsoid() -> None:
    assert metres(PEOPLES_SQUARE, THE_BUND) == pytest.approx(1882, abs=5)


@pytest.mark.parametrize(("travel", "kmh"), [(Travel.WALK, 4.5), (Travel.BICYCLE, 14), (Travel.CAR, 30)])
def test_it_takes_the_detour_and_the_speed_of_the_way_they_travel(travel: Travel, kmh: float) -> None:
    expected = metres(PEOPLES_SQUARE, THE_BUND) * 1.3 / (kmh / 3.6)
    assert travel_seconds(PEOPLES_SQUARE, THE_BUND, travel) == pytest.approx(expected)


def test_it_knows_how_far_a_time_reaches() -> None:
    way = StraightLine()
    for travel in Travel:
        seconds = way.seconds(PEOPLES_SQUARE, THE_BUND, travel)
        assert way.reach_metres(seconds, travel) == pytest.approx(metres(PEOPLES_SQUARE, THE_BUND))
