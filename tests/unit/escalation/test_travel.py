"""How long the way takes."""

from __future__ import annotations

import pytest
from geographiclib.geodesic import Geodesic

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


@pytest.mark.parametrize("lat", [-54.8, 0.0, 31.23, 39.95, 69.6, 78.2])
@pytest.mark.parametrize(("up", "aside"), [(0.003, 0.004), (0.05, -0.08), (-0.4, 0.7)])
def test_within_a_town_it_is_right_to_a_thousandth(lat: float, up: float, aside: float) -> None:
    start, end = Position(lat, 116.41), Position(lat + up, 116.41 + aside)
    exact = Geodesic.WGS84.Inverse(*start, *end, Geodesic.DISTANCE)["s12"]
    assert metres(start, end) == pytest.approx(exact, rel=1e-3)


def test_far_away_it_is_the_geodesic() -> None:
    assert metres(Position(39.95, 116.41), Position(31.23, 121.47)) == pytest.approx(1_066_000, rel=5e-3)
    assert metres(Position(-16.5, 179.99), Position(-16.5, -179.99)) == pytest.approx(2135, rel=5e-3)
