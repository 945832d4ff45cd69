"""A press among gateways that say more than can be handled at once (promise 5)."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from itertools import pairwise

import pytest

from alarmd.door.packets import V311
from alarmd.door.server import Door
from alarmd.door.turns import ASIDE, SHORT_SLICE, SLICE, Turns
from alarmd.right_of_way import RightOfWay
from tests.support.mqtt import Acked, Keeper, RawClient, publish_bytes

MUCH = 400


async def test_a_press_is_taken_before_a_gateway_has_said_everything(door: Door, keeper: Keeper) -> None:
    async with await RawClient.connect(door.port, "gateway") as gateway, await RawClient.connect(door.port) as button:
        gateway.send(b"".join(publish_bytes(V311, "noise", b"x", qos=1, packet_id=n) for n in range(1, MUCH + 1)))
        button.publish("press", b"sos")
        await button.expect(Acked)
        before = [delivery.topic for delivery in keeper.taken].index("press")
        assert before <= 3 * SLICE
        for number in range(1, MUCH + 1):
            assert (await gateway.expect(Acked)).packet_id == number
    assert len(keeper.taken) == MUCH + 1


async def test_the_rest_of_the_daemon_has_its_turns_in_between(
    door: Door, keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alarmd.door.turns.BUDGET", 0.0)  # as if each slice took as long as a turn may
    async with AsyncExitStack() as stack:
        for name in ("east gate", "west gate", "north gate"):
            gateway = await stack.enter_async_context(await RawClient.connect(door.port, name))
            gateway.send(b"".join(publish_bytes(V311, "noise", b"x", qos=1, packet_id=n) for n in range(1, MUCH + 1)))
        turns = 0
        while len(keeper.taken) < 3 * MUCH:
            await asyncio.sleep(0)
            turns += 1
    assert turns >= 3 * MUCH / SLICE / 2  # without slices: a handful


async def test_whoever_waits_is_served_in_order_and_who_had_a_slice_after_those_who_had_none() -> None:
    served: list[str] = []
    turns = Turns(asyncio.get_running_loop(), RightOfWay())

    class Talker:
        def __init__(self, name: str, slices: int) -> None:
            self.name, self.slices = name, slices
            self.owner = name

        def take_turn(self) -> None:
            served.append(self.name)
            self.slices -= 1
            if self.slices:
                turns.wait(self, again=True)

    for talker in (Talker("a", 3), Talker("b", 1), Talker("c", 2)):
        turns.wait(talker)
    assert turns.is_crowded()
    while turns.is_crowded():  # noqa: ASYNC110 - the line has no event; the loop only turns
        await asyncio.sleep(0)
    assert served == ["a", "b", "c", "a", "c", "a"]


async def test_neither_line_keeps_the_other_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Buttons that come back without end, a gateway that has very much to say: each turn serves both."""
    monkeypatch.setattr("alarmd.door.turns.BUDGET", 0.0)
    served: list[str] = []
    turns = Turns(asyncio.get_running_loop(), RightOfWay())

    class Talker:
        def __init__(self, name: str, *, again: bool) -> None:
            self.name, self.again = name, again
            self.owner = name

        def take_turn(self) -> None:
            served.append(self.name)
            if len(served) < MUCH:
                turns.wait(self, again=self.again)

    turns.wait(Talker("buttons", again=False))
    turns.wait(Talker("gateway", again=True), again=True)
    while turns.is_crowded():  # noqa: ASYNC110 - the line has no event; the loop only turns
        await asyncio.sleep(0)
    assert served.count("gateway") >= MUCH // 3
    assert served.count("buttons") >= MUCH // 3


async def test_noise_steps_aside_while_something_urgent_has_the_way_and_yet_goes_on() -> None:
    served: list[float] = []
    loop, way = asyncio.get_running_loop(), RightOfWay()
    turns = Turns(loop, way)

    class Gateway:
        owner = "gateway"

        def take_turn(self) -> None:
            served.append(loop.time())
            if len(served) < MUCH:
                turns.wait(self, again=True)

    assert turns.slice() == SLICE
    way.claim()
    assert turns.slice() == SHORT_SLICE
    turns.wait(Gateway())
    while len(served) < 3:
        way.claim()
        await asyncio.sleep(0)
    pauses = [after - before for before, after in pairwise(served[:3])]
    assert min(pauses) >= ASIDE / 2  # the loop was free in between
    while turns.is_crowded():  # noqa: ASYNC110 - the line has no event; the loop only turns
        await asyncio.sleep(0)
    assert len(served) == MUCH
