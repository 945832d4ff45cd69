"""How much one device may have kept by itself, and how long the rest waits for its like."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from alarmd.intake import budget
from alarmd.intake.budget import (
    AT_ONCE,
    FEW,
    FULL,
    FULL_BYTES,
    HELD_LONGEST_S,
    HELD_S,
    OF_ALL_AT_ONCE,
    PAUSE_S,
    Budget,
    Held,
    Spender,
)
from alarmd.intake.delivery import Delivery

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
ONE = Spender(("alarmd", "p"), ("sos",))


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def kind(n: int) -> Spender:
    return Spender(ONE.who, (f"kind {n}",))


def allowed(some: Budget, spender: Spender, seconds: float, tries: int = 1_000) -> int:
    return sum(some.allows(spender, after(seconds)) for _ in range(tries))


def delivery(n: int = 0, of_bytes: int = 0) -> Delivery:
    return Delivery(topic="t", payload=b"%d" % n + bytes(of_bytes), qos=1, retained=False, received_at=NOW, via="door")


def test_each_kind_has_a_budget_and_all_kinds_together_have_one() -> None:
    some = Budget(lambda _: None)
    assert allowed(some, ONE, 0) == AT_ONCE
    found = [allowed(some, kind(n), 0) for n in range(20)]
    assert sum(found) <= OF_ALL_AT_ONCE - AT_ONCE + len(found)
    assert min(found) == 1  # the first of a kind is never held


def test_the_first_after_a_pause_is_kept_by_itself_whatever_else_is_said() -> None:
    some = Budget(lambda _: None)
    allowed(some, ONE, 0)
    for n in range(20):
        allowed(some, kind(n), 0)
    assert allowed(some, kind(3), PAUSE_S / 2, 1) + allowed(some, kind(3), PAUSE_S / 2 + 0.1, 1) <= 2
    for step in range(200):
        allowed(some, kind(100 + step), step / 10)
    assert some.allows(kind(5), after(PAUSE_S + 20))


def test_entries_a_second_are_bounded_however_many_kinds_there_are() -> None:
    some = Budget(lambda _: None)
    kinds = [kind(n) for n in range(23)]
    found = sum(some.allows(one, after(step / 10)) for step in range(600) for one in kinds)
    assert found <= OF_ALL_AT_ONCE + 60 * (budget.OF_ALL_PER_SECOND + len(kinds) / PAUSE_S + 1)


def test_a_clock_that_is_set_back_keeps_nobody_waiting() -> None:
    some = Budget(lambda _: None)
    allowed(some, ONE, 3600)
    some.set_back(after(0))
    assert some.allows(ONE, after(20))


class Clock:
    """When what is held is released, on a loop whose time is given."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now, self.due = 1000.0, [0.0]
        loop = asyncio.get_running_loop()
        monkeypatch.setattr(loop, "time", lambda: self.now)
        monkeypatch.setattr(loop, "call_at", self._call_at)

    def _call_at(self, when: float, call: Callable[..., None], *args: object) -> asyncio.TimerHandle:
        self.due.append(when)
        return asyncio.TimerHandle(when, call, args, asyncio.get_running_loop())

    def wait(self) -> float:
        """From now on, for what was held last."""
        return round(self.due[-1] - self.now, 3)


async def test_what_is_held_waits_longer_the_longer_a_flood_goes_on_and_not_where_few_come(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    released: list[list[Held]] = []
    some, clock, waits = Budget(released.append), Clock(monkeypatch), []
    for many in (20, 20, 20, 20, 20, 1, 1, 20):
        for n in range(many):
            some.hold(ONE, delivery(n), (), "")
        assert not some.allows(ONE, after(1000))  # none overtakes what is held of its kind
        waits.append(clock.wait())
        clock.now = clock.due[-1]
        some._release(ONE.who)
    assert waits == [HELD_S, 0.4, 0.8, 1.6, 1.6, 1.6, HELD_S, HELD_S]
    assert [len(one) for one in released] == [20, 20, 20, 20, 20, 1, 1, 20]
    assert some.allows(ONE, after(1000))


@pytest.mark.parametrize(("many", "of_bytes", "devices"), [(FULL, 10, 1), (FULL, 10, 3), (8, FULL_BYTES // 8, 2)])
async def test_where_much_of_one_sender_is_held_it_does_not_fill_the_connection_that_others_share(
    monkeypatch: pytest.MonkeyPatch, many: int, of_bytes: int, devices: int
) -> None:
    some, clock = Budget(lambda _: None), Clock(monkeypatch)
    spenders = [Spender(("alarmd", n), ("sos",)) for n in range(devices)]
    for _ in range(4):
        for one in spenders:
            for n in range(FEW + 1):
                some.hold(one, delivery(n), (), "", "ward")
        clock.now += HELD_LONGEST_S
        for one in spenders:
            some._release(one.who)
    clock.due = [0.0]
    start = clock.now
    for n in range(many - 1):
        some.hold(spenders[n % devices], delivery(0, of_bytes), (), "", "ward")
    some.hold(Spender("elsewhere", ("sos",)), delivery(), (), "", "another")
    assert len(clock.due) == 1 + devices + 1
    assert [round(due - start, 3) for due in clock.due[1:]] == [HELD_LONGEST_S] * devices + [HELD_S]
    some.hold(spenders[0], delivery(0, of_bytes), (), "", "ward")
    assert [round(due - start, 3) for due in clock.due[devices + 2 :]] == [HELD_S] * devices
    for one in spenders:
        some._release(one.who)
    assert some.signals == 1
