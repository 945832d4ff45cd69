"""What was read from a broker: quiet topics at once, a flood behind them, each topic in its order."""

from __future__ import annotations

import asyncio

import pytest

from alarmd.intake.arrivals import AT_ONCE, COUNTS_AS_ONE, Arrivals
from alarmd.right_of_way import RightOfWay

Taken = list[tuple[str, int]]
FLOOD = 5_000


def arrivals(taken: Taken, way: RightOfWay | None = None) -> Arrivals[tuple[str, int]]:
    return Arrivals(taken.append, asyncio.get_running_loop(), way or RightOfWay())


async def all_of(taken: Taken, count: int) -> None:
    async with asyncio.timeout(20):
        while len(taken) < count:  # noqa: ASYNC110 - it has no event; the loop only turns
            await asyncio.sleep(0)


async def test_a_quiet_topic_passes_a_flood_that_was_read_before_it() -> None:
    taken: Taken = []
    some = arrivals(taken)
    for n in range(FLOOD):
        some.put("flood", 40, ("flood", n))
    before = len(taken)
    some.put("quiet", 40, ("quiet", 1))
    assert taken[-1] == ("quiet", 1)
    assert before <= AT_ONCE + 1
    await all_of(taken, FLOOD + 1)
    assert [n for topic, n in taken if topic == "flood"] == list(range(FLOOD))


async def test_those_that_say_much_take_turns() -> None:
    taken: Taken = []
    some = arrivals(taken)
    for n in range(FLOOD):
        some.put("flood", 40, ("flood", n))
    for n in range(100):
        some.put("much", 40, ("much", n))
    await all_of(taken, FLOOD + 100)
    last = taken.index(("much", 99))
    assert last <= 2 * AT_ONCE + 2 * 100 + 10
    assert [n for topic, n in taken if topic == "much"] == list(range(100))


async def test_what_is_long_counts_for_many() -> None:
    taken: Taken = []
    some = arrivals(taken)
    for n in range(10):
        some.put("long", int(AT_ONCE) * COUNTS_AS_ONE, ("long", n))
    assert len(taken) == 1
    await all_of(taken, 10)


async def test_an_edge_node_keeps_the_order_of_its_birth_and_what_follows() -> None:
    taken: Taken = []
    some = arrivals(taken)
    for n in range(200):
        some.put(f"spBv1.0/care/{('NDATA', 'NBIRTH', 'DDATA')[n % 3]}/gw1/{n}", 40, ("gw1", n))
    some.put("spBv1.0/care/NDATA/gw2", 40, ("gw2", 0))
    assert taken[-1] == ("gw2", 0)
    await all_of(taken, 201)
    assert [n for node, n in taken if node == "gw1"] == list(range(200))


@pytest.mark.parametrize("topic", ["spBv1.0/", "spBv1.0/a", "spBv1.0/a/b", "", "/", "a/b"])
async def test_any_topic_will_do(topic: str) -> None:
    taken: Taken = []
    some = arrivals(taken)
    for n in range(100):
        some.put(topic, 0, (topic, n))
    await all_of(taken, 100)
    assert [n for _, n in taken] == list(range(100))


async def test_the_flood_steps_aside_for_what_is_urgent_and_yet_goes_on() -> None:
    taken: Taken = []
    way = RightOfWay()
    some = arrivals(taken, way)
    for n in range(200):
        some.put("flood", 40, ("flood", n))
    await asyncio.sleep(0)
    before = len(taken)
    way.claim()
    for _ in range(5):
        await asyncio.sleep(0)
        way.claim()
    assert len(taken) <= before + 16
    await all_of(taken, 200)


async def test_many_topics_under_one_first_level_have_one_turn_among_the_others() -> None:
    taken: Taken = []
    some = arrivals(taken)
    for n in range(FLOOD):
        some.put(f"zigbee2mqtt/x{n % 200}", 40_000, ("flood", n))
    for n in range(100):
        some.put("/gw/ward/status", 40_000, ("ward", n))
    some.put("/gw/ward/status", 40, ("press", 1))
    await all_of(taken, FLOOD + 101)
    assert taken.index(("press", 1)) <= FLOOD // 2
    assert [n for who, n in taken if who == "ward"] == list(range(100))
