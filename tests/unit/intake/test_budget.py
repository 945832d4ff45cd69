"""How much one device may have kept by itself, and how long the rest waits for its like."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from alarmd.intake import budget
from alarmd.intake.budget import AT_ONCE, HELD_S, OF_ALL_AT_ONCE, PAUSE_S, Budget, Held, Spender
from alarmd.intake.delivery import Delivery

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
ONE = Spender(("alarmd", "p"), ("sos",))


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def kind(n: int) -> Spender:
    return Spender(ONE.who, (f"kind {n}",))


def allowed(some: Budget, spender: Spender, seconds: float, tries: int = 1_000) -> int:
    return sum(some.allows(spender, after(seconds)) for _ in range(tries))


def delivery(n: int = 0) -> Delivery:
    return Delivery(topic="t", payload=b"%d" % n, qos=1, retained=False, received_at=NOW, via="door")


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


async def test_what_is_held_waits_longer_the_longer_a_flood_goes_on_and_not_where_few_come(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    released: list[list[Held]] = []
    some = Budget(released.append)
    waits: list[float] = []
    loop = asyncio.get_running_loop()
    monkeypatch.setattr(loop, "call_later", lambda seconds, _call, *_: waits.append(seconds))
    for many in (20, 20, 20, 20, 20, 1, 1, 20):
        for n in range(many):
            some.hold(ONE, delivery(n), (), "")
        assert not some.allows(ONE, after(1000))  # none overtakes what is held of its kind
        some._release(ONE.who)
    assert waits == [HELD_S, 0.4, 0.8, 1.6, 1.6, 1.6, HELD_S, HELD_S]
    assert [len(one) for one in released] == [20, 20, 20, 20, 20, 1, 1, 20]
    assert some.allows(ONE, after(1000))
