"""Acked means kept: the PUBACK a button gets is the commit."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from alarmd.door.limits import Limits
from alarmd.door.packets import V5, V311
from alarmd.door.server import Door
from alarmd.door.wire import Kind, Properties
from tests.support.door import OpenDoor
from tests.support.mqtt import Acked, Farewell, Keeper, RawClient

SIGNAL = "alarmd/v1/bed_button/signal"
PRESS = b'{"ref":"1","type":"sos"}'


@pytest.mark.parametrize(("qos", "kind"), [(1, Kind.PUBACK), (2, Kind.PUBREC)])
@pytest.mark.parametrize("version", [V311, V5])
async def test_it_acknowledges_a_press_only_after_the_commit(
    door: Door, keeper: Keeper, version: int, qos: int, kind: Kind
) -> None:
    keeper.holding = True
    async with await RawClient.connect(door.port, version=version) as button:
        sent = button.publish(SIGNAL, PRESS, qos=qos)
        await keeper.has(1)
        await button.hears_nothing()
        keeper.keep()
        assert await button.expect(Acked) == Acked(kind, sent)
    assert door.stats.acked == 1


async def test_it_hands_over_what_was_sent(door: Door, keeper: Keeper) -> None:
    before = datetime.now(UTC)
    async with await RawClient.connect(door.port, "bed_button") as button:
        button.publish(SIGNAL, PRESS, retain=True)
        await button.expect(Acked)
    (delivery,) = keeper.taken
    assert (delivery.topic, delivery.payload, delivery.qos) == (SIGNAL, PRESS, 1)
    assert (delivery.via, delivery.sender) == ("door", "bed_button")
    assert delivery.retained is False, "a live message that asks to be stored is not a stored copy"
    assert before <= delivery.received_at <= datetime.now(UTC)


async def test_it_takes_a_press_sent_at_qos_0(door: Door, keeper: Keeper) -> None:
    async with await RawClient.connect(door.port) as button:
        button.publish(SIGNAL, PRESS, qos=0)
        await keeper.has(1)
        await button.hears_nothing()
    assert (door.stats.received, door.stats.acked) == (1, 0)


async def test_it_acknowledges_in_the_order_of_arrival(door: Door, keeper: Keeper) -> None:
    keeper.holding = True
    async with await RawClient.connect(door.port) as button:
        first, second, third = (button.publish(SIGNAL, PRESS, qos=qos) for qos in (1, 2, 1))
        await keeper.has(3)
        keeper.keep(2)
        keeper.keep(1)
        await button.hears_nothing()
        keeper.keep(0)
        assert await button.expect(Acked) == Acked(Kind.PUBACK, first)
        assert await button.expect(Acked) == Acked(Kind.PUBREC, second)
        assert await button.expect(Acked) == Acked(Kind.PUBACK, third)


async def test_it_hangs_up_on_a_press_that_was_not_kept(door: Door, keeper: Keeper) -> None:
    keeper.holding = True
    async with await RawClient.connect(door.port) as button:
        for _ in range(3):
            button.publish(SIGNAL, PRESS)
        await keeper.has(3)
        keeper.keep(2)
        keeper.lose(1)
        keeper.keep(0)
        assert await button.expect(Acked) == Acked(Kind.PUBACK, 1)
        await button.is_hung_up_on()
    assert (door.stats.acked, door.stats.not_kept) == (1, 1)


async def test_it_tells_an_mqtt_5_button_why_it_hangs_up(door: Door, keeper: Keeper) -> None:
    keeper.holding = True
    async with await RawClient.connect(door.port, version=V5) as button:
        button.publish(SIGNAL, PRESS)
        await keeper.has(1)
        keeper.lose()
        farewell = await button.expect(Farewell)
        assert farewell.code == 0x83
        assert "send it again" in (farewell.properties.reason_string or "")
        await button.is_hung_up_on()


async def test_it_takes_the_press_again_that_it_could_not_keep(door: Door, keeper: Keeper) -> None:
    keeper.holding = True
    async with await RawClient.connect(door.port, clean=False) as button:
        button.publish(SIGNAL, PRESS, qos=2, packet_id=7)
        await keeper.has(1)
        keeper.lose()
        await button.is_hung_up_on()
    keeper.holding = False
    async with await RawClient.connect(door.port, clean=False) as button:
        button.publish(SIGNAL, PRESS, qos=2, packet_id=7, dup=True)
        assert await button.expect(Acked) == Acked(Kind.PUBREC, 7)
    assert keeper.payloads == [PRESS, PRESS]


async def test_it_takes_a_qos_2_press_once_however_often_it_is_repeated(door: Door, keeper: Keeper) -> None:
    keeper.holding = True
    async with await RawClient.connect(door.port, clean=False) as button:
        button.publish(SIGNAL, PRESS, qos=2, packet_id=7)
        await keeper.has(1)
    async with await RawClient.connect(door.port, clean=False) as button:
        assert button.connack.present
        button.publish(SIGNAL, PRESS, qos=2, packet_id=7, dup=True)
        await button.hears_nothing()
        keeper.keep()
        assert await button.expect(Acked) == Acked(Kind.PUBREC, 7)
        button.publish(SIGNAL, PRESS, qos=2, packet_id=7, dup=True)
        assert await button.expect(Acked) == Acked(Kind.PUBREC, 7)
        button.ack(Kind.PUBREL, 7)
        assert await button.expect(Acked) == Acked(Kind.PUBCOMP, 7)
        button.publish(SIGNAL, b"a new one", qos=2, packet_id=7)
        await keeper.has(2)
    assert keeper.payloads == [PRESS, b"a new one"]


OTHER = b'{"ref":"2","type":"sos"}'
ELSEWHERE = "alarmd/v1/bath_cord/signal"
STAYS = Properties(session_expiry=600)


@pytest.mark.parametrize("version", [V311, V5])
@pytest.mark.parametrize(
    ("topic", "payload", "dup"),
    [
        (SIGNAL, OTHER, False),
        (ELSEWHERE, OTHER, False),
        (ELSEWHERE, PRESS, False),
        (SIGNAL, PRESS, False),  # most buttons say the same with every press
        (SIGNAL, OTHER, True),  # says that it comes again, and never came
        (ELSEWHERE, PRESS, True),
    ],
)
async def test_it_takes_the_press_of_a_button_that_restarted_and_counts_its_ids_from_1_again(
    door: Door, keeper: Keeper, version: int, topic: str, payload: bytes, *, dup: bool
) -> None:
    properties = STAYS if version == V5 else Properties()
    async with await RawClient.connect(door.port, version=version, clean=False, properties=properties) as button:
        button.publish(SIGNAL, PRESS, qos=2, packet_id=1)
        assert await button.expect(Acked) == Acked(Kind.PUBREC, 1)
    async with await RawClient.connect(door.port, version=version, clean=False, properties=properties) as button:
        assert button.connack.present
        button.publish(topic, payload, qos=2, packet_id=1, dup=dup)
        assert await button.expect(Acked) == Acked(Kind.PUBREC, 1)
        button.publish(topic, payload, qos=2, packet_id=1, dup=True)  # this one is the same again
        assert await button.expect(Acked) == Acked(Kind.PUBREC, 1)
        button.ack(Kind.PUBREL, 1)
        assert await button.expect(Acked) == Acked(Kind.PUBCOMP, 1)
    assert [(one.topic, one.payload) for one in keeper.taken] == [(SIGNAL, PRESS), (topic, payload)]


async def test_it_acknowledges_the_second_press_under_one_id_only_when_that_is_kept(door: Door, keeper: Keeper) -> None:
    keeper.holding = True
    async with await RawClient.connect(door.port, clean=False) as button:
        button.publish(SIGNAL, PRESS, qos=2, packet_id=1)
        await keeper.has(1)
    async with await RawClient.connect(door.port, clean=False) as button:
        button.publish(SIGNAL, OTHER, qos=2, packet_id=1)
        await keeper.has(2)
        keeper.keep()
        await button.hears_nothing()
        keeper.keep()
        assert await button.expect(Acked) == Acked(Kind.PUBREC, 1)


async def test_it_takes_a_press_after_a_clean_start_whatever_it_had_before(door: Door, keeper: Keeper) -> None:
    for clean in (False, True, False):
        async with await RawClient.connect(door.port, clean=clean) as button:
            button.publish(SIGNAL, PRESS, qos=2, packet_id=1, dup=True)
            assert await button.expect(Acked) == Acked(Kind.PUBREC, 1)
    assert keeper.payloads == [PRESS] * 3, "a clean start ends what the session knew"


async def test_it_takes_the_press_of_another_button_that_takes_the_session_over(door: Door, keeper: Keeper) -> None:
    async with await RawClient.connect(door.port, "esp32", clean=False) as one:
        one.publish(SIGNAL, PRESS, qos=2, packet_id=1)
        assert await one.expect(Acked) == Acked(Kind.PUBREC, 1)
        async with await RawClient.connect(door.port, "esp32", clean=False) as other:
            other.publish(ELSEWHERE, PRESS, qos=2, packet_id=1)
            assert await other.expect(Acked) == Acked(Kind.PUBREC, 1)
    assert [one.topic for one in keeper.taken] == [SIGNAL, ELSEWHERE]


async def test_it_takes_every_press_at_qos_1_under_one_id(door: Door, keeper: Keeper) -> None:
    async with await RawClient.connect(door.port, clean=False) as button:
        for dup in (False, False, True):
            button.publish(SIGNAL, PRESS, qos=1, packet_id=1, dup=dup)
            assert await button.expect(Acked) == Acked(Kind.PUBACK, 1)
    assert keeper.payloads == [PRESS] * 3


@pytest.mark.parametrize("version", [V311, V5])
async def test_it_takes_presses_of_a_button_that_never_sends_pubrel(
    open_door: OpenDoor, keeper: Keeper, version: int
) -> None:
    door = await open_door(limits=Limits(in_flight=3))
    properties = STAYS if version == V5 else Properties()
    for number in range(1, 9):
        async with await RawClient.connect(door.port, version=version, clean=False, properties=properties) as button:
            button.publish(SIGNAL, b"%d" % number, qos=2, packet_id=number)
            assert await button.expect(Acked) == Acked(Kind.PUBREC, number)
    assert len(keeper.taken) == 8


async def test_it_takes_what_a_topic_alias_meant_on_this_connection(door: Door, keeper: Keeper) -> None:
    for topic in (SIGNAL, ELSEWHERE):
        async with await RawClient.connect(door.port, version=V5, clean=False, properties=STAYS) as button:
            button.publish(topic, PRESS, qos=2, packet_id=1, properties=Properties(topic_alias=1))
            assert await button.expect(Acked) == Acked(Kind.PUBREC, 1)
            button.publish("", OTHER, qos=2, packet_id=2, properties=Properties(topic_alias=1))
            assert await button.expect(Acked) == Acked(Kind.PUBREC, 2)
    assert [one.topic for one in keeper.taken] == [SIGNAL, SIGNAL, ELSEWHERE, ELSEWHERE]


async def test_it_takes_a_press_whose_expiry_is_over(door: Door, keeper: Keeper) -> None:
    async with await RawClient.connect(door.port, version=V5) as button:
        button.publish(SIGNAL, PRESS, qos=2, packet_id=1, properties=Properties(message_expiry=0))
        assert await button.expect(Acked) == Acked(Kind.PUBREC, 1)
    assert keeper.payloads == [PRESS]


async def test_it_confirms_a_pubrel_it_knows_nothing_of(door: Door) -> None:
    async with await RawClient.connect(door.port, version=V5) as button:
        button.ack(Kind.PUBREL, 12)
        assert await button.expect(Acked) == Acked(Kind.PUBCOMP, 12, 0x92)


async def test_it_does_not_let_a_pubrel_overtake_the_commit(door: Door, keeper: Keeper) -> None:
    keeper.holding = True
    async with await RawClient.connect(door.port) as button:
        button.publish(SIGNAL, PRESS, qos=2, packet_id=7)
        button.ack(Kind.PUBREL, 7)
        await button.is_hung_up_on()
    assert keeper.payloads == [PRESS]


async def test_it_passes_a_message_on_only_after_the_commit(door: Door, keeper: Keeper) -> None:
    async with await RawClient.connect(door.port, "desk") as desk, await RawClient.connect(door.port) as button:
        await desk.subscribe("alarmd/#")
        keeper.holding = True
        button.publish(SIGNAL, PRESS)
        await keeper.has(1)
        await desk.hears_nothing()
        keeper.keep()
        assert (await desk.hear()).payload == PRESS


async def test_it_passes_nothing_on_that_was_not_kept(door: Door, keeper: Keeper) -> None:
    async with await RawClient.connect(door.port, "desk") as desk, await RawClient.connect(door.port) as button:
        await desk.subscribe("alarmd/#")
        keeper.holding = True
        button.publish(SIGNAL, PRESS, retain=True)
        await keeper.has(1)
        keeper.lose()
        await button.is_hung_up_on()
        await desk.hears_nothing()
    assert door.stats.retained == 0


async def test_it_keeps_and_passes_on_what_a_button_sent_before_it_vanished(door: Door, keeper: Keeper) -> None:
    async with await RawClient.connect(door.port, "desk") as desk, await RawClient.connect(door.port) as button:
        await desk.subscribe("alarmd/#")
        keeper.holding = True
        button.publish(SIGNAL, PRESS)
        await keeper.has(1)
        await button.leave()
        keeper.keep()
        assert (await desk.hear()).payload == PRESS
    assert door.stats.acked == 0


async def test_it_answers_a_burst_in_one_go(door: Door, keeper: Keeper) -> None:
    keeper.holding = True
    async with await RawClient.connect(door.port) as gateway:
        for _ in range(300):
            gateway.publish(SIGNAL, PRESS)
        await keeper.has(300)
        keeper.keep_all()
        acked = [(await gateway.expect(Acked)).packet_id for _ in range(300)]
    assert acked == list(range(1, 301))


async def test_it_reads_no_more_from_a_client_whose_messages_wait_for_the_disk(
    open_door: OpenDoor, keeper: Keeper
) -> None:
    door = await open_door(limits=Limits(in_flight=10))
    keeper.holding = True
    async with await RawClient.connect(door.port) as gateway, await RawClient.connect(door.port, "other") as other:
        for _ in range(100):
            gateway.publish(SIGNAL, PRESS)
        await keeper.has(10)
        await other.hears_nothing()
        assert len(keeper.taken) == 10
        keeper.keep(0)
        assert (await gateway.expect(Acked)).packet_id == 1
        await keeper.has(11)
        await other.hears_nothing()
        assert len(keeper.taken) == 11
        keeper.holding = False
        keeper.keep_all()
        assert [(await gateway.expect(Acked)).packet_id for _ in range(99)] == list(range(2, 101))


async def test_it_bounds_the_bytes_that_wait_for_the_disk(open_door: OpenDoor, keeper: Keeper) -> None:
    door = await open_door(limits=Limits(in_flight_bytes=10_000))
    keeper.holding = True
    async with await RawClient.connect(door.port) as camera, await RawClient.connect(door.port, "other") as other:
        for _ in range(10):
            camera.publish(SIGNAL, b"." * 6_000)
        await keeper.has(2)
        await other.hears_nothing()
        assert len(keeper.taken) == 2
        keeper.holding = False
        keeper.keep_all()
        for _ in range(10):
            await camera.expect(Acked)


async def test_it_disconnects_a_client_that_sends_more_qos_2_than_it_was_told(
    open_door: OpenDoor, keeper: Keeper
) -> None:
    door = await open_door(limits=Limits(in_flight=5))
    async with await RawClient.connect(door.port, version=V5) as gateway:
        assert gateway.connack.properties.receive_maximum == 5
        for _ in range(6):
            gateway.publish(SIGNAL, PRESS, qos=2)
        for packet_id in range(1, 6):
            assert await gateway.expect(Acked) == Acked(Kind.PUBREC, packet_id)
        assert (await gateway.expect(Farewell)).code == 0x93


async def test_it_lets_what_is_in_flight_commit_before_it_closes(door: Door, keeper: Keeper) -> None:
    keeper.holding = True
    async with await RawClient.connect(door.port, version=V5) as button:
        button.publish(SIGNAL, PRESS)
        await keeper.has(1)
        stopping = asyncio.create_task(door.stop())
        await asyncio.sleep(0)
        assert not stopping.done()
        keeper.keep()
        assert await button.expect(Acked) == Acked(Kind.PUBACK, 1)
        assert (await button.expect(Farewell)).code == 0x8B
        await button.is_hung_up_on()
        await stopping


async def test_it_does_not_wait_for_ever_for_a_disk_that_hangs(open_door: OpenDoor, keeper: Keeper) -> None:
    door = await open_door(limits=Limits(stop_grace=0.01))
    keeper.holding = True
    async with await RawClient.connect(door.port) as button:
        button.publish(SIGNAL, PRESS)
        await keeper.has(1)
        await door.stop()
        await button.is_hung_up_on()


async def test_it_acknowledges_nothing_that_the_taker_gave_up(door: Door, keeper: Keeper) -> None:
    keeper.holding = True
    async with await RawClient.connect(door.port) as button:
        button.publish(SIGNAL, PRESS)
        await keeper.has(1)
        keeper.give_up()
        await button.is_hung_up_on()
    assert (door.stats.acked, door.stats.not_kept) == (0, 1)


async def test_it_reports_an_unforeseen_fault_of_the_taker_and_acknowledges_nothing(door: Door, keeper: Keeper) -> None:
    keeper.holding = True
    async with await RawClient.connect(door.port) as button:
        button.publish(SIGNAL, PRESS)
        await keeper.has(1)
        keeper.fail(ZeroDivisionError())
        await button.is_hung_up_on()
    assert door.stats.acked == 0
