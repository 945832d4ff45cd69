"""What the door does when there is too much of something."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from alarmd.door import welcome
from alarmd.door.limits import Limits
from alarmd.door.packets import V5, V311
from alarmd.door.wire import Properties
from tests.support.door import OpenDoor, until
from tests.support.mqtt import Acked, Connack, Farewell, Heard, Keeper, RawClient, publish_bytes


async def test_it_slows_a_client_down_and_loses_nothing(
    open_door: OpenDoor, keeper: Keeper, time_passes: Callable[[float], None]
) -> None:
    door = await open_door(limits=Limits(rate=1.0, burst=20))
    async with (
        await RawClient.connect(door.port, keep_alive=0) as runaway,
        await RawClient.connect(door.port, "other", keep_alive=0) as other,
    ):
        runaway.send(b"".join(publish_bytes(V311, "a", b"x", qos=1, packet_id=number) for number in range(1, 101)))
        assert [(await runaway.expect(Acked)).packet_id for _ in range(100)] == list(range(1, 101))
        runaway.publish("a", b"late")
        time_passes(75)
        await other.hears_nothing()
        assert len(keeper.taken) == 100
        time_passes(10)
        await keeper.has(101)
    assert door.stats.paused == 1


async def test_a_slow_client_is_never_held_back(
    open_door: OpenDoor, keeper: Keeper, time_passes: Callable[[float], None]
) -> None:
    door = await open_door(limits=Limits(rate=1.0, burst=2))
    async with await RawClient.connect(door.port, keep_alive=0) as button:
        for number in range(1, 6):
            button.publish("a", b"x")
            assert (await button.expect(Acked)).packet_id == number
            time_passes(1)
    assert door.stats.paused == 0


async def test_it_counts_connections(open_door: OpenDoor) -> None:
    door = await open_door(limits=Limits(connections=2))
    async with await RawClient.connect(door.port, "a"), await RawClient.connect(door.port, "b"):
        async with await RawClient.dial(door.port) as third:
            await third.is_hung_up_on()
        assert door.stats.refused == 1
    async with await RawClient.connect(door.port, "c") as again:
        assert again.connack.code == 0


async def test_it_counts_connections_from_one_address(open_door: OpenDoor, monkeypatch: pytest.MonkeyPatch) -> None:
    door = await open_door(limits=Limits(connections_per_address=1))
    async with await RawClient.connect(door.port, "a"), await RawClient.connect(door.port, "b") as second:
        assert second.connack.code == 0, "this machine is not counted"
        monkeypatch.setattr(welcome, "is_loopback", lambda _: False)
        async with await RawClient.dial(door.port) as third:
            await third.is_hung_up_on()
    assert door.stats.refused == 1


async def test_it_refuses_strangers_where_there_are_no_users(
    open_door: OpenDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    door = await open_door()
    monkeypatch.setattr(welcome, "is_loopback", lambda _: False)
    async with await RawClient.connect(door.port) as stranger:
        assert stranger.connack == Connack(present=False, code=5)
        await stranger.is_hung_up_on()
    async with await RawClient.connect(door.port, version=V5) as stranger:
        assert stranger.connack.code == 0x87
        assert "mqtt.users_file" in (stranger.connack.properties.reason_string or "")


async def test_it_keeps_so_many_messages_for_an_absent_subscriber(open_door: OpenDoor) -> None:
    door = await open_door(limits=Limits(queued=3, window=2))
    async with await RawClient.connect(door.port, clean=False) as desk:
        await desk.subscribe("a")
        await desk.leave()
    for number in range(5):
        door.publish("a", b"%d" % number)
    await until(lambda: door.stats.dropped == 2)
    async with await RawClient.connect(door.port, clean=False) as desk:
        assert [(await desk.hear()).payload for _ in range(3)] == [b"0", b"1", b"2"]
        await desk.hears_nothing()


async def test_it_keeps_so_many_bytes_for_an_absent_subscriber(open_door: OpenDoor) -> None:
    door = await open_door(limits=Limits(queued_bytes=500))
    async with await RawClient.connect(door.port, clean=False) as desk:
        await desk.subscribe("a")
        await desk.leave()
    for _ in range(3):
        door.publish("a", b"123456")
    await until(lambda: door.stats.dropped == 2)


async def test_it_sends_no_qos_0_to_a_subscriber_that_does_not_read(open_door: OpenDoor) -> None:
    door = await open_door(limits=Limits(write_buffer=10_000))
    async with await RawClient.connect(door.port, "desk") as desk, await RawClient.connect(door.port, "b") as other:
        await desk.subscribe("a")
        desk.writer.transport.pause_reading()  # type: ignore[attr-defined] # a stream's transport reads too
        async with asyncio.timeout(10):
            while not door.stats.dropped:
                door.publish("a", b"." * 100_000, qos=0)
                await other.hears_nothing()
        desk.writer.transport.resume_reading()  # type: ignore[attr-defined] # a stream's transport reads too
        assert (await desk.expect(Heard)).payload == b"." * 100_000


async def test_a_large_message_costs_nobody_the_press_right_behind_it(open_door: OpenDoor) -> None:
    """Zigbee2MQTT describes all its devices in one message, and somebody presses in the same moment."""
    door = await open_door(limits=Limits(write_buffer=10_000))
    async with await RawClient.connect(door.port) as client:
        await client.subscribe("#", qos=0)
        door.publish("zigbee2mqtt/bridge/devices", b"." * 20_000, qos=0)
        door.publish("zigbee2mqtt/bed_button", b"emergency", qos=0)
        assert [(await client.hear()).topic for _ in range(2)] == [
            "zigbee2mqtt/bridge/devices",
            "zigbee2mqtt/bed_button",
        ]
    assert door.stats.dropped == 0


async def test_it_holds_so_many_sessions(open_door: OpenDoor) -> None:
    door = await open_door(limits=Limits(sessions=2))
    for name in ("oldest", "older", "new"):
        async with await RawClient.connect(door.port, name, clean=False) as client:
            await client.subscribe("a")
            await client.leave()
    assert (door.stats.sessions, door.stats.subscriptions) == (2, 2)
    async with await RawClient.connect(door.port, "older", clean=False) as older:
        assert older.connack.present
    async with await RawClient.connect(door.port, "oldest", clean=False) as oldest:
        assert not oldest.connack.present


async def test_it_holds_so_many_subscriptions(open_door: OpenDoor) -> None:
    door = await open_door(limits=Limits(subscriptions=2))
    async with await RawClient.connect(door.port, version=V5) as client:
        assert await client.subscribe("a", "b", "c", "a") == (2, 2, 0x97, 2)


async def test_it_refuses_filters_that_are_none(open_door: OpenDoor) -> None:
    door = await open_door()
    async with await RawClient.connect(door.port, version=V5) as client:
        assert await client.subscribe("a/#/b", "a+", "/" * 200, "ok") == (0x8F, 0x8F, 0x8F, 2)


async def test_it_retains_so_many_messages(open_door: OpenDoor) -> None:
    door = await open_door(limits=Limits(retained=2))
    for topic, payload in (("a", b"1"), ("b", b"2"), ("c", b"3"), ("a", b"4")):
        door.publish(topic, payload, retain=True)
    assert door.stats.retained == 2
    door.publish("b", b"", retain=True)
    door.publish("d", b"5", retain=True)
    async with await RawClient.connect(door.port) as desk:
        await desk.subscribe("#")
        assert {(await desk.hear()).payload for _ in range(2)} == {b"4", b"5"}
        await desk.hears_nothing()


async def test_it_retains_so_many_bytes(open_door: OpenDoor) -> None:
    door = await open_door(limits=Limits(retained_bytes=1_515))
    door.publish("a", b"12345678", retain=True)
    door.publish("b", b"12345678", retain=True)
    assert door.stats.retained == 1
    door.publish("a", b"1", retain=True)
    door.publish("b", b"12345678", retain=True)
    assert door.stats.retained == 2


async def test_it_has_room_for_all_retained_messages_that_answer_a_subscription(open_door: OpenDoor) -> None:
    door = await open_door(limits=Limits(queued=3, window=2))
    for number in range(20):
        door.publish(f"a/{number}", b"x", retain=True)
    async with await RawClient.connect(door.port) as desk:
        await desk.subscribe("a/+")
        assert len({(await desk.hear()).topic for _ in range(20)}) == 20


async def test_it_forgets_what_has_become_too_large_for_a_client(open_door: OpenDoor) -> None:
    door = await open_door()
    lasting = Properties(session_expiry=60)
    async with await RawClient.connect(door.port, version=V5, clean=False, properties=lasting) as desk:
        await desk.subscribe("a")
        door.publish("a", b"." * 100)
        door.publish("a", b"small")
        assert (await desk.expect(Heard)).payload == b"." * 100
    small = Properties(session_expiry=60, maximum_packet_size=20)
    async with await RawClient.connect(door.port, version=V5, clean=False, properties=small) as desk:
        assert (await desk.hear()).payload == b"small"
        await desk.hears_nothing()
        await door.stop()
        farewell = await desk.expect(Farewell)
        assert (farewell.code, farewell.properties.reason_string) == (0x8B, None)


async def test_it_closes_although_a_peer_does_not_read(
    open_door: OpenDoor, time_passes: Callable[[float], None]
) -> None:
    door = await open_door(limits=Limits(queued_bytes=40_000_000))
    async with await RawClient.connect(door.port) as desk:
        await desk.subscribe("a")
        desk.writer.transport.pause_reading()  # type: ignore[attr-defined] # a stream's transport reads too
        door.publish("a", b"." * 30_000_000)
        stopping = asyncio.create_task(door.stop())
        await until(lambda: door.stats.sessions == 0)
        assert door.stats.connections == 1
        time_passes(2)
        await stopping
    assert door.stats.connections == 0


async def test_it_cuts_a_peer_that_does_not_let_it_close(
    open_door: OpenDoor, time_passes: Callable[[float], None]
) -> None:
    door = await open_door(limits=Limits(write_buffer=10_000, queued_bytes=40_000_000))
    async with await RawClient.connect(door.port, "desk", version=V5, properties=Properties()) as desk:
        await desk.subscribe("a")
        desk.writer.transport.pause_reading()  # type: ignore[attr-defined] # a stream's transport reads too
        door.publish("a", b"." * 30_000_000)
        async with await RawClient.connect(door.port, "desk", version=V5):
            assert door.stats.connections == 2, "the old one still has bytes to send"
        async with await RawClient.connect(door.port, "other") as other:
            time_passes(7)
            await other.hears_nothing()
            await other.hears_nothing()
            assert door.stats.connections == 1


async def test_it_publishes_only_to_topic_names(open_door: OpenDoor) -> None:
    door = await open_door()
    with pytest.raises(ValueError, match="'a/#' is not a topic name"):
        door.publish("a/#", b"x")
