"""Nothing comes at all, although it used to: told once, and once when it comes again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from alarmd.watch.traffic import Traffic
from escalation.texts.watching import Silence
from tests.support.watching import Watching

MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0


def traffic(watched: Watching, within: float | None = None) -> Traffic:
    return Traffic(
        store=watched.core.store,
        troubles=watched.troubles,
        clock=watched.core.clock,
        figures=watched.figures,
        within=None if within is None else timedelta(seconds=within),
        paths=("broker", "door"),
    )


def comes(watched: Watching, made: Traffic, path: str = "broker", *, every: float, for_: float) -> None:
    """A message at even distances; whoever looks, looks every quarter of a minute."""
    for _ in range(int(for_ / every)):
        made.heard(path, watched.core.clock.now())
        passes(watched, made, every)


def passes(watched: Watching, made: Traffic, seconds: float) -> None:
    for _ in range(max(1, int(seconds / 60))):
        watched.core.clock.pass_(min(seconds, 60))
        made.look()


async def test_a_broker_that_brings_nothing_for_longer_than_is_expected_is_told_once(watched: Watching) -> None:
    made = traffic(watched, within=10 * MINUTE)
    comes(watched, made, every=MINUTE, for_=HOUR)
    made.heard("door", watched.core.clock.now())
    assert watched.told == []
    for _ in range(9):
        made.heard("door", watched.core.clock.now())
        passes(watched, made, 5 * MINUTE)
    assert [notice.silence for notice in watched.told] == [Silence.TRAFFIC_BROKER]
    made.heard("broker", watched.core.clock.now())
    assert [notice.began for notice in watched.told] == [True, False]
    (silent,), (back,) = await watched.log("traffic.silent"), await watched.log("traffic.back")
    assert (silent["path"], silent["expected_within"], silent["owner"]) == ("broker", 600.0, "desk")
    assert back["after_seconds"] == 35 * MINUTE
    assert len(await watched.texts()) == 2
    assert watched.figure("alarmd_silent", what="traffic.broker") == 0


async def test_what_is_too_long_is_learned_from_a_whole_day_with_its_night(watched: Watching) -> None:
    made = traffic(watched)
    comes(watched, made, every=MINUTE, for_=18 * HOUR)
    assert made.bound("broker") is None
    passes(watched, made, HOUR)  # at night nobody stirs
    comes(watched, made, every=MINUTE, for_=6 * HOUR)
    bound = made.bound("broker")
    assert bound is not None
    assert timedelta(hours=2) <= bound <= timedelta(hours=2, minutes=3)
    passes(watched, made, HOUR)
    assert watched.told == []
    passes(watched, made, 2 * HOUR)
    assert [notice.silence for notice in watched.told] == [Silence.TRAFFIC_BROKER]


async def test_a_way_that_never_brought_anything_is_expected_to_bring_nothing(watched: Watching) -> None:
    made = traffic(watched)
    passes(watched, made, 3 * DAY)
    assert watched.told == []


async def test_what_was_learned_outlives_a_restart_and_the_time_off_is_no_silence(watched: Watching) -> None:
    made = traffic(watched)
    comes(watched, made, every=MINUTE, for_=25 * HOUR)
    await made.keep()
    watched.core.clock.pass_(5 * HOUR)
    again = traffic(watched)
    await again.recall()
    assert again.bound("broker") == timedelta(minutes=10)
    again.look()
    assert watched.told == []
    passes(watched, again, 11 * MINUTE)
    assert len(watched.told) == 1


async def test_an_outage_is_not_learned_as_a_habit(watched: Watching) -> None:
    made = traffic(watched)
    comes(watched, made, every=MINUTE, for_=25 * HOUR)
    passes(watched, made, 5 * HOUR)
    made.heard("broker", watched.core.clock.now())
    assert made.bound("broker") == timedelta(minutes=10)


async def test_a_clock_set_back_is_no_silence_and_hides_none(watched: Watching) -> None:
    made = traffic(watched, within=10 * MINUTE)
    made.heard("broker", watched.core.clock.now())
    watched.core.clock.pass_(-HOUR)
    made.look()
    assert watched.told == []
    passes(watched, made, 11 * MINUTE)
    assert [notice.silence for notice in watched.told] == [Silence.TRAFFIC_BROKER]


async def test_with_an_expectation_nothing_at_all_since_the_start_is_too_little(watched: Watching) -> None:
    passes(watched, traffic(watched, within=10 * MINUTE), 11 * MINUTE)
    assert {notice.silence for notice in watched.told} == {Silence.TRAFFIC_BROKER, Silence.TRAFFIC_DOOR}


async def test_what_cannot_be_read_of_the_last_run_is_learned_anew(watched: Watching) -> None:
    await watched.core.run_sql("INSERT INTO note_to_self VALUES ('traffic', '[]')")
    made = traffic(watched)
    await made.recall()
    assert made.bound("broker") is None


@pytest.mark.parametrize("path", ["broker", "door"])
async def test_when_something_last_came_is_a_figure(watched: Watching, path: str) -> None:
    made = traffic(watched)
    made.heard(path, watched.core.clock.now())
    assert watched.figure("alarmd_heard_timestamp_seconds", path=path) == watched.core.clock.now().timestamp()
