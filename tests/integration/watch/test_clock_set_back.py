"""The clock is set back: no watchdog sleeps until the old time, none learns a silence from a leap."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from alarmd.watch.hearing import FORCE_MOST, REFUSED_FOR, UNREAD_MOST, Hearing
from alarmd.watch.traffic import Traffic
from escalation.texts.watching import Silence
from tests.support.stopped_clock import StoppedClock
from tests.support.watching import Cage, Watching

HOUR = 3600.0


class Deaf(SimpleNamespace):
    """A subscription that says what the story says."""

    def __init__(self, now: datetime) -> None:
        super().__init__(subscribed=True, problem="", probe_refused="", received=0, heard_at=now, held=0, reconnects=0)

    def probe(self, _: bytes) -> bool:
        return True

    def reconnect(self, _: str) -> None:
        self.reconnects += 1


def hearing(watched: Watching) -> tuple[Hearing, Deaf, StoppedClock]:
    clock = StoppedClock(watched.core.clock.now())
    deaf = Deaf(clock.now())
    subscription: Any = deaf
    return (
        Hearing(subscription=subscription, troubles=watched.troubles, clock=clock, figures=watched.figures),
        deaf,
        clock,
    )


async def test_a_refused_probe_is_tried_again_and_not_only_when_the_old_time_comes(watched: Watching) -> None:
    ear, deaf, clock = hearing(watched)
    deaf.probe_refused = "Not authorized"
    await ear.listen()
    assert clock.now() + REFUSED_FOR > clock.now()
    clock.pass_(-2 * HOUR)
    deaf.probe_refused = ""
    await ear.listen()
    assert watched.troubles.is_silent(Silence.HEARING), "nothing came back, and it is noticed"


async def test_a_broker_that_is_away_is_told_in_time(watched: Watching) -> None:
    ear, deaf, clock = hearing(watched)
    deaf.subscribed = False
    await ear.listen()
    clock.pass_(-2 * HOUR)
    await ear.listen()
    clock.pass_(UNREAD_MOST.total_seconds())
    await ear.listen()
    assert watched.troubles.is_silent(Silence.BROKER)


async def test_it_connects_anew_and_does_not_wait_for_the_old_time(watched: Watching) -> None:
    ear, deaf, clock = hearing(watched)
    await ear.listen()
    clock.pass_(-2 * HOUR - FORCE_MOST.total_seconds())
    await ear.listen()
    assert deaf.reconnects == 2


class Leaping(StoppedClock):
    """A clock that is set back while somebody waits by it."""

    def __init__(self, now: datetime, *, after: float, by: float) -> None:
        super().__init__(now)
        self._after, self._by, self.slept = after, by, 0.0

    async def sleep(self, seconds: float) -> None:
        self.slept += seconds
        self.pass_(seconds)
        if self.slept >= self._after:
            self.pass_(-self._by)
            self._by = 0.0


async def test_the_canary_waits_for_no_answer_until_the_old_time(watched: Watching) -> None:
    cage = Cage(watched)
    cage.sends = False
    clock = Leaping(watched.core.clock.now(), after=1.0, by=2 * HOUR)
    cage.canary._clock = clock
    cage.canary._alarm._clock = clock
    assert not await cage.sings()
    assert clock.slept < 60
    assert watched.troubles.is_silent(Silence.CANARY)


async def test_what_is_silent_is_so_since_no_time_to_come(watched: Watching) -> None:
    watched.troubles.begin(Silence.BROKER, "watchdog.canary")
    watched.core.clock.pass_(-2 * HOUR)
    now = watched.core.clock.now()
    watched.troubles.set_back(now)
    assert [(notice.since, notice.at) for notice in watched.troubles.now()] == [(now, now)]
    watched.core.clock.pass_(60)
    watched.troubles.end(Silence.BROKER, "watchdog.canary")
    (_, over) = await watched.log("watchdog.canary")
    assert over["after_seconds"] == 60
    (closed,) = await watched.log("exposure.closed")
    assert str(closed["from"]) < str(closed["to"])


def traffic(watched: Watching) -> Traffic:
    return Traffic(
        store=watched.core.store,
        troubles=watched.troubles,
        clock=watched.core.clock,
        figures=watched.figures,
        within=None,
        paths=("broker",),
    )


def lives(watched: Watching, made: Traffic, hours: float) -> None:
    for _ in range(int(hours * 60)):
        made.heard("broker", watched.core.clock.now())
        watched.core.clock.pass_(60)
        made.look()


@pytest.mark.parametrize("leap", [5 * 24 * HOUR, 3 * HOUR])
async def test_a_leap_forward_is_learned_as_no_silence(watched: Watching, leap: float) -> None:
    """Ten days without a word would have been in order."""
    made = traffic(watched)
    lives(watched, made, 25)
    watched.core.clock.pass_(leap)
    made.heard("broker", watched.core.clock.now())
    lives(watched, made, 1)
    assert made.bound("broker") == timedelta(minutes=10)
    assert watched.told == []


async def test_what_was_learned_by_a_clock_that_was_ahead_is_forgotten(watched: Watching) -> None:
    made = traffic(watched)
    watched.core.clock.pass_(30 * 24 * HOUR)
    lives(watched, made, 1)
    await made.keep()
    watched.core.clock.pass_(-30 * 24 * HOUR)
    again = traffic(watched)
    await again.recall()
    habit = again._habits["broker"]
    assert habit.since <= watched.core.clock.now()
    assert all(day <= watched.core.clock.now().date().isoformat() for day in habit.longest)
    lives(watched, again, 25)
    assert again.bound("broker") == timedelta(minutes=10), "and it learns: a whole day is known"
