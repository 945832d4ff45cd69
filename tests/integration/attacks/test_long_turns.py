"""Work whose length a client decides is done in steps: others are answered in between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest

from alarmd.clock import SystemClock
from alarmd.door.limits import Limits
from alarmd.door.packets import V5, Request, Will
from alarmd.door.server import Door
from alarmd.door.wire import Properties
from tests.support.door import until
from tests.support.mqtt import (
    Heard,
    Keeper,
    RawClient,
    Suback,
    publish_bytes,
    subscribe_bytes,
    unsubscribe_bytes,
)

MANY = 200


@pytest.fixture
async def keeper() -> Keeper:
    return Keeper()


@pytest.fixture
async def open_door(keeper: Keeper) -> AsyncIterator[Callable[[Limits], Awaitable[Door]]]:
    async with AsyncExitStack() as stack:

        async def opening(limits: Limits) -> Door:
            door = Door(taker=keeper, clock=SystemClock(), host="127.0.0.1", port=0, limits=limits)
            await door.start()
            stack.push_async_callback(door.stop)
            return door

        yield opening


@pytest.fixture
async def door(open_door: Callable[[Limits], Awaitable[Door]]) -> Door:
    return await open_door(Limits())


@pytest.fixture
def tiny_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if each step took as long as a turn may."""
    monkeypatch.setattr("alarmd.door.turns.BUDGET", 0.0)


async def answers(client: RawClient, over: Callable[[], bool]) -> int:
    """How often that client is answered until it is over."""
    count = 0
    async with asyncio.timeout(60):
        while not over():
            await client.hears_nothing()
            count += 1
    return count


async def crowd(door: Door, stack: AsyncExitStack, **how: Will) -> list[RawClient]:
    return [
        await stack.enter_async_context(await RawClient.connect(door.port, f"{number}", **how))  # type: ignore[arg-type] # as connect takes them
        for number in range(MANY)
    ]


async def test_filters_that_find_nothing_are_looked_for_in_steps(door: Door) -> None:
    for number in range(3_000):
        door.publish(f"zigbee2mqtt/d{number}/s", b"1", retain=True)
    async with await RawClient.connect(door.port, "gateway") as gateway, await RawClient.connect(door.port) as button:
        last = [f"zigbee2mqtt/+/x{number}" for number in range(100)] + ["zigbee2mqtt/d1/s"]
        gateway.send(subscribe_bytes(4, 1, [Request(one, 0) for one in last], Properties()))
        await gateway.expect(Suback)
        found = asyncio.create_task(gateway.expect(Heard))
        assert await answers(button, found.done) >= 20
        assert (await found).topic == "zigbee2mqtt/d1/s"


async def test_who_has_much_looked_for_is_read_more_slowly(open_door: Callable[[Limits], Awaitable[Door]]) -> None:
    door = await open_door(Limits(rate=1.0, burst=600))
    for number in range(1_000):
        door.publish(f"zigbee2mqtt/d{number}/s", b"1", retain=True)
    async with await RawClient.connect(door.port, "gateway", keep_alive=0) as gateway:
        await gateway.subscribe(*(f"zigbee2mqtt/+/x{number}" for number in range(100)))
        await until(lambda: door._hub is not None and not door._hub.chores, within=30)
        assert not door.stats.paused
        await gateway.hears_nothing()
        await until(lambda: door.stats.paused == 1)


@pytest.mark.usefixtures("tiny_turns")
async def test_a_packet_of_many_filters_is_handled_in_steps(door: Door) -> None:
    filters = [f"zigbee2mqtt/{number}{'/x' * 28}" for number in range(256)]
    async with await RawClient.connect(door.port, "gateway") as gateway, await RawClient.connect(door.port) as button:
        gateway.send(subscribe_bytes(4, 1, [Request(one, 0) for one in filters], Properties()))
        taken = asyncio.create_task(gateway.expect(Suback))
        assert await answers(button, taken.done) >= 5
        assert (await taken).codes == (0,) * 256
        assert door.stats.subscriptions == 256
        gateway.send(unsubscribe_bytes(4, 2, filters))
        gone = asyncio.create_task(gateway.expect(Suback))
        assert await answers(button, gone.done) >= 5
        assert door.stats.subscriptions == 0


@pytest.mark.usefixtures("tiny_turns")
async def test_the_filters_of_who_leaves_are_let_go_of_in_steps(door: Door) -> None:
    async with await RawClient.connect(door.port) as button:
        async with await RawClient.connect(door.port, "gateway") as gateway:
            for part in range(3):
                await gateway.subscribe(*(f"zigbee2mqtt/+/{part}/{number}" for number in range(40)))
                await gateway.subscribe(*(f"zigbee2mqtt/{part}/{number}" for number in range(250)))
        await until(lambda: door.stats.sessions == 1)
        assert await answers(button, lambda: door.stats.subscriptions == 0) >= 5


async def test_a_filter_has_so_many_levels(door: Door) -> None:
    levels = Limits().levels
    async with await RawClient.connect(door.port, version=V5) as client:
        ok, deep = "a" + "/a" * (levels - 1), "a" + "/a" * levels
        assert await client.subscribe(ok, deep, f"+/{deep}", f"{deep}/#") == (2, 0x97, 0x97, 0x97)


@pytest.mark.usefixtures("tiny_turns")
async def test_many_who_speak_in_the_same_moment_are_read_in_many_turns(door: Door, keeper: Keeper) -> None:
    async with AsyncExitStack() as stack:
        speakers = await crowd(door, stack)
        for one in speakers:
            one.send(publish_bytes(4, "noise", b"x"))
        turns = 0
        while len(keeper.taken) < MANY:
            await asyncio.sleep(0)
            turns += 1
        assert turns >= MANY // 4


@pytest.mark.usefixtures("tiny_turns")
async def test_many_who_leave_in_the_same_moment_are_parted_with_in_many_turns(door: Door, keeper: Keeper) -> None:
    async with AsyncExitStack() as stack:
        will = Will(topic="gone", payload=b"x", qos=1, retain=False)
        for one in await crowd(door, stack, will=will):
            one.writer.transport.abort()
        turns = 0
        while len(keeper.taken) < MANY:
            await asyncio.sleep(0)
            turns += 1
        assert turns >= MANY // 4
    await until(lambda: door.stats.connections == 0)


@pytest.mark.usefixtures("tiny_turns")
async def test_many_who_were_silent_too_long_are_hung_up_on_in_many_turns(
    door: Door, time_passes: Callable[[float], None]
) -> None:
    async with AsyncExitStack() as stack:
        await crowd(door, stack)
        await until(lambda: door.stats.connections == MANY)
        time_passes(100)
        turns = 0
        door.sweep(asyncio.get_running_loop().time())
        while door.stats.timed_out < MANY:
            await asyncio.sleep(0)
            turns += 1
        assert turns >= MANY // 4


@pytest.mark.usefixtures("tiny_turns")
async def test_a_message_is_passed_on_to_many_in_steps(door: Door) -> None:
    async with AsyncExitStack() as stack:
        for one in await crowd(door, stack):
            await one.subscribe("news", qos=0)
        door.publish("news", b"x", qos=0)
        turns = 0
        while door.stats.sent < MANY:
            await asyncio.sleep(0)
            turns += 1
        assert turns >= MANY // 20
