"""Work in steps: so much in a turn as its time allows, users in turn, and what fails takes nothing else with it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from alarmd.door.chores import Chores
from alarmd.right_of_way import RightOfWay


@pytest.fixture(autouse=True)
def tiny_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("alarmd.door.turns.BUDGET", 0.0)


def work(done: list[str], name: str, steps: int) -> Iterator[None]:
    for _ in range(steps):
        done.append(name)
        yield


async def played(chores: Chores) -> None:
    while chores:  # noqa: ASYNC110 - they have no event; the loop only turns
        await asyncio.sleep(0)


def chores(*, in_order: bool) -> Chores:
    return Chores(asyncio.get_running_loop(), RightOfWay(), in_order=in_order)


@pytest.mark.parametrize(
    ("in_order", "story"), [(True, ["a", "x", "a", "x", "b", "b"]), (False, ["a", "x", "b", "x", "a", "b"])]
)
async def test_users_have_their_turns_and_one_users_work_its_order_where_it_has_one(
    story: list[str], *, in_order: bool
) -> None:
    found: list[str] = []
    some = chores(in_order=in_order)
    for user, name in (("one", "a"), ("one", "b"), ("other", "x")):
        some.later(user, work(found, name, 2))
    assert some.waiting("one") == 2
    await played(some)
    assert found == story
    assert not some.waiting("one")


async def test_it_takes_one_step_in_a_turn_where_each_takes_long() -> None:
    found: list[str] = []
    some = chores(in_order=True)
    some.do("one", work(found, "a", 5))
    turns = 0
    while some:
        await asyncio.sleep(0)
        turns += 1
    assert len(found) == 5
    assert turns >= 4


async def test_what_fails_is_over_and_the_rest_goes_on() -> None:
    found: list[str] = []
    said: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: said.append(context["exception"]))
    some = chores(in_order=True)

    def failing() -> Iterator[None]:
        yield
        raise ValueError("a fault of ours")

    for user in ("one", "other"):
        some.later(user, failing())
        some.later(user, work(found, user, 2))
    await played(some)
    assert sorted(found) == ["one", "one", "other", "other"]
    assert len(said) == 2


async def test_it_may_bring_up_more_of_its_own() -> None:
    found: list[str] = []
    some = chores(in_order=True)

    def first() -> Iterator[None]:
        some.later("one", work(found, "more", 1))
        found.append("first")
        yield

    some.later("one", first())
    await played(some)
    assert found == ["first", "more"]


async def test_it_steps_aside_for_what_is_urgent_and_yet_goes_on() -> None:
    loop, way = asyncio.get_running_loop(), RightOfWay()
    some = Chores(loop, way)
    found: list[float] = []

    def slow() -> Iterator[None]:
        for _ in range(3):
            found.append(loop.time())
            way.claim()
            yield

    some.later("one", slow())
    await played(some)
    assert found[2] - found[1] >= 0.0005
