"""Waiting keeps within the provider's rate; nobody is refused and nobody waits for a clock that jumped."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from alarmd.phone.pacing import Pacer
from tests.support.stopped_clock import START, StoppedClock


class QueueClock(StoppedClock):
    """Stands still and notes how long each one would wait."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)


async def test_it_lets_the_first_through_at_once_and_the_others_one_a_second() -> None:
    clock = StoppedClock()
    pacer = Pacer(clock, 1.0)
    passed = []
    for _ in range(3):
        await pacer.turn()
        passed.append((clock.now() - START).total_seconds())
    assert passed == [0, 1, 2]


async def test_it_counts_every_segment_of_a_long_text() -> None:
    clock = StoppedClock()
    pacer = Pacer(clock, 2.0)
    await pacer.turn(5)
    await pacer.turn()
    assert (clock.now() - START).total_seconds() == 2.5


async def test_it_makes_nobody_wait_when_it_was_quiet() -> None:
    clock = QueueClock()
    pacer = Pacer(clock, 1.0)
    await pacer.turn()
    clock.pass_(10)
    await pacer.turn()
    assert clock.waits == []


async def test_it_does_not_hold_a_call_back_when_the_clock_is_set_back() -> None:
    clock = QueueClock()
    pacer = Pacer(clock, 1.0)
    await pacer.turn()
    clock.pass_(-3600)
    await pacer.turn()
    assert clock.waits == [1.0]


async def test_it_lets_one_emergency_ring_three_people_at_once() -> None:
    clock = StoppedClock()
    pacer = Pacer(clock, 1.0, burst=3)
    passed = []
    for _ in range(5):
        await pacer.turn()
        passed.append((clock.now() - START).total_seconds())
    assert passed == [0, 0, 0, 1, 2]


async def test_it_allows_no_second_burst_before_the_first_is_paid_for() -> None:
    clock = StoppedClock()
    pacer = Pacer(clock, 1.0, burst=3)
    for _ in range(3):
        await pacer.turn()
    clock.pass_(1)
    await pacer.turn()
    await pacer.turn()
    assert (clock.now() - START).total_seconds() == 2


@given(st.lists(st.integers(min_value=1, max_value=6), min_size=1, max_size=20), st.floats(min_value=0.1, max_value=50))
async def test_it_never_goes_faster_than_the_rate(weights: list[int], rate: float) -> None:
    clock = StoppedClock()
    pacer = Pacer(clock, rate)
    for weight in weights:
        await pacer.turn(weight)
    took = (clock.now() - START).total_seconds()
    assert took >= sum(weights[:-1]) / rate * 0.999 - 1e-4
