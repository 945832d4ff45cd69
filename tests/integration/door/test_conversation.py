"""Coming, staying and going: sessions, takeovers, wills, silence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from alarmd.clock import SystemClock
from alarmd.door.limits import Limits
from alarmd.door.packets import V5, V311, Will
from alarmd.door.server import Door, DoorError
from alarmd.door.stats import ClientEvent, Happening
from alarmd.door.wire import Kind, Properties
from tests.support.door import OpenDoor
from tests.support.mqtt import Acked, Connack, Farewell, Heard, Keeper, Pong, RawClient

both = pytest.mark.parametrize("version", [V311, V5])
WILL = Will(topic="zigbee2mqtt/bridge/state", payload=b'{"state":"offline"}', qos=1, retain=True)


async def test_it_politely_refuses_mqtt_3_1(door: Door) -> None:
    async with await RawClient.dial(door.port) as client:
        client.send(b"\x10\x0f\0\6MQIsdp\3\2\0\x3c\0\1a")
        assert await client.expect(Connack) == Connack(present=False, code=1)
        await client.is_hung_up_on()


@both
async def test_a_second_connection_takes_the_session_over(door: Door, version: int) -> None:
    lasting: dict[str, Any] = {"clean": False, "properties": Properties(session_expiry=60 if version == V5 else None)}
    first = await RawClient.connect(door.port, "gateway", version=version, **lasting)
    await first.subscribe("zigbee2mqtt/#")
    second = await RawClient.connect(door.port, "gateway", version=version, **lasting)
    if version == V5:
        assert (await first.expect(Farewell)).code == 0x8E
    await first.is_hung_up_on()
    assert second.connack.present
    door.publish("zigbee2mqtt/bed_button/set", b"x")
    assert (await second.hear()).payload == b"x"
    assert door.stats.connections == 1
    await first.cut()
    await second.cut()


async def test_a_clean_start_forgets_the_session(door: Door) -> None:
    async with await RawClient.connect(door.port, clean=False) as button:
        await button.subscribe("a")
    async with await RawClient.connect(door.port, clean=True) as button:
        assert not button.connack.present
        door.publish("a", b"x")
        await button.hears_nothing()
    async with await RawClient.connect(door.port, clean=False) as button:
        assert not button.connack.present


@both
async def test_a_farewell_takes_the_will_back(door: Door, keeper: Keeper, version: int) -> None:
    async with await RawClient.connect(door.port, version=version, will=WILL) as gateway:
        await gateway.leave()
    async with await RawClient.connect(door.port) as other:
        await other.hears_nothing()
    assert keeper.taken == []


async def test_a_farewell_may_ask_for_the_will(door: Door, keeper: Keeper) -> None:
    async with await RawClient.connect(door.port, version=V5, will=WILL) as gateway:
        await gateway.leave(reason=4)
    (delivery,) = await keeper.has(1)
    assert (delivery.topic, delivery.payload, delivery.retained) == (WILL.topic, WILL.payload, False)
    assert delivery.sender == "bed_button"


async def test_a_retained_will_is_there_for_later_subscribers(door: Door) -> None:
    async with await RawClient.connect(door.port, "desk") as desk:
        await desk.subscribe("zigbee2mqtt/#")
        gateway = await RawClient.connect(door.port, "gateway", will=WILL)
        await gateway.cut()
        assert (await desk.hear()).retain is False
        await desk.subscribe("zigbee2mqtt/bridge/state")
        heard = await desk.hear()
        assert (heard.payload, heard.retain) == (WILL.payload, True)


async def test_a_will_that_could_not_be_kept_is_not_passed_on(door: Door, keeper: Keeper) -> None:
    async with await RawClient.connect(door.port, "desk") as desk:
        await desk.subscribe("#")
        gateway = await RawClient.connect(door.port, "gateway", will=WILL)
        keeper.holding = True
        await gateway.cut()
        await keeper.has(1)
        keeper.lose()
        await desk.hears_nothing()
    assert door.stats.not_kept == 1


@pytest.mark.parametrize("keep_alive", [10, 0])
async def test_a_client_that_pings_stays(door: Door, time_passes: Callable[[float], None], keep_alive: int) -> None:
    async with await RawClient.connect(door.port, keep_alive=keep_alive) as button:
        for _ in range(5):
            time_passes(14)
            await button.hears_nothing()


async def test_a_client_that_the_door_does_not_read_is_not_called_silent(
    open_door: OpenDoor, keeper: Keeper, time_passes: Callable[[float], None]
) -> None:
    door = await open_door(limits=Limits(in_flight=1))
    keeper.holding = True
    async with (
        await RawClient.connect(door.port, keep_alive=10) as button,
        await RawClient.connect(door.port, "other", keep_alive=0) as other,
    ):
        button.publish("a", b"x")
        await keeper.has(1)
        for _ in range(3):
            time_passes(14)
            await other.hears_nothing()
        keeper.keep()
        assert await button.expect(Acked) == Acked(Kind.PUBACK, 1)
        await button.hears_nothing()


async def test_a_connection_that_says_nothing_is_closed(door: Door, time_passes: Callable[[float], None]) -> None:
    async with (
        await RawClient.dial(door.port) as silent,
        await RawClient.dial(door.port) as slow,
        await RawClient.connect(door.port, "other") as other,
    ):
        slow.send(b"\x10")
        time_passes(9)
        await other.hears_nothing()
        assert door.stats.connections == 3
        time_passes(2)
        await silent.is_hung_up_on()
        await slow.is_hung_up_on()
    assert door.stats.timed_out == 2


async def test_another_protocol_is_hung_up_on(door: Door) -> None:
    async with await RawClient.dial(door.port) as browser:
        browser.send(b"GET / HTTP/1.1\r\nHost: alarmd\r\n\r\n")
        await browser.is_hung_up_on()
    assert door.stats.broken == 1


async def test_what_follows_a_connect_at_once_is_read_after_it(door: Door, keeper: Keeper) -> None:
    async with await RawClient.dial(door.port) as client:
        client.send(b"\x10\x0d\0\4MQTT\4\2\0\0\0\1a" + b"\x32\x06\0\1a\0\7x" + b"\xc0\0" + b"\xe0\0")
        assert await client.expect(Connack) == Connack(present=False, code=0)
        assert {await client.next(), await client.next()} == {Acked(Kind.PUBACK, 7), Pong()}
        await client.is_hung_up_on()
    assert keeper.payloads == [b"x"]


async def test_it_tells_who_comes_and_goes(open_door: OpenDoor) -> None:
    told: list[ClientEvent] = []
    door = await open_door(on_client=told.append)
    async with await RawClient.connect(door.port, "gateway") as gateway:
        await gateway.leave()
    async with await RawClient.connect(door.port, "", clean=False):
        pass
    assert [(event.what, event.client_id) for event in told] == [
        (Happening.CONNECTED, "gateway"),
        (Happening.DISCONNECTED, "gateway"),
        (Happening.REFUSED, ""),
    ]
    assert told[0].address == "127.0.0.1"
    assert "client id" in told[2].reason


async def test_the_door_says_why_it_cannot_open(door: Door, keeper: Keeper) -> None:
    second = Door(taker=keeper, clock=SystemClock(), host="127.0.0.1", port=door.port)
    with pytest.raises(DoorError, match=rf"cannot listen on 127.0.0.1:{door.port}: .*mqtt.listen"):
        await second.start()


async def test_a_door_may_be_closed_twice_and_before_it_opens(keeper: Keeper) -> None:
    door = Door(taker=keeper, clock=SystemClock(), host="127.0.0.1", port=0)
    await door.stop()
    door.publish("a", b"nobody is there")
    await door.start()
    assert door.port
    await door.stop()
    await door.stop()


async def test_a_door_that_closes_publishes_no_wills(door: Door, keeper: Keeper) -> None:
    async with await RawClient.connect(door.port, will=WILL) as gateway:
        await door.stop()
        await gateway.is_hung_up_on()
    assert keeper.taken == []


async def test_a_message_taken_up_again_is_not_sent_beyond_the_window(door: Door) -> None:
    lasting = Properties(session_expiry=60)
    async with await RawClient.connect(door.port, version=V5, clean=False, properties=lasting) as desk:
        await desk.subscribe("a")
        for number in range(4):
            door.publish("a", b"%d" % number)
        assert [(await desk.expect(Heard)).payload for _ in range(4)] == [b"0", b"1", b"2", b"3"]
    narrow = Properties(session_expiry=60, receive_maximum=1)
    async with await RawClient.connect(door.port, version=V5, clean=False, properties=narrow) as desk:
        for number in range(4):
            heard = await desk.expect(Heard)
            assert (heard.payload, heard.dup) == (b"%d" % number, True)
            await desk.hears_nothing()
            desk.ack(Kind.PUBACK, heard.packet_id)
        await desk.hears_nothing()


async def test_a_pubrel_is_repeated_to_a_client_that_comes_back(door: Door) -> None:
    async with await RawClient.connect(door.port, clean=False) as desk:
        await desk.subscribe("a")
        door.publish("a", b"x", qos=2)
        heard = await desk.expect(Heard)
        desk.ack(Kind.PUBREC, heard.packet_id)
        assert await desk.expect(Acked) == Acked(Kind.PUBREL, heard.packet_id)
    async with await RawClient.connect(door.port, clean=False) as desk:
        assert await desk.expect(Acked) == Acked(Kind.PUBREL, heard.packet_id)
        desk.ack(Kind.PUBCOMP, heard.packet_id)
        await desk.hears_nothing()
    async with await RawClient.connect(door.port, clean=False) as desk:
        await desk.hears_nothing()


async def test_it_speaks_no_enhanced_authentication(door: Door) -> None:
    async with await RawClient.connect(door.port, version=V5) as client:
        client.send(b"\xf0\x00")
        assert (await client.expect(Farewell)).code == 0x82


async def test_acknowledgements_of_nothing_change_nothing(door: Door) -> None:
    async with await RawClient.connect(door.port, version=V5) as desk:
        await desk.subscribe("a")
        desk.ack(Kind.PUBACK, 7)
        desk.ack(Kind.PUBCOMP, 7)
        desk.ack(Kind.PUBREC, 7, 0x80)
        desk.ack(Kind.PUBREC, 7)
        assert await desk.expect(Acked) == Acked(Kind.PUBREL, 7, 0x92)
        door.publish("a", b"x", qos=2)
        heard = await desk.expect(Heard)
        desk.ack(Kind.PUBACK, heard.packet_id)
        desk.ack(Kind.PUBREC, heard.packet_id, 0x97)
        await desk.hears_nothing()
