"""The cases of Eclipse's MQTT interoperability suites that apply, told again; the table is in ``docs/door.md``.

Each test is named after its case. Where both suites have it, it runs under both versions.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from alarmd.door.limits import Limits
from alarmd.door.packets import V5, V311, Connect, Request, Will
from alarmd.door.server import Door
from alarmd.door.users import Users, hash_password
from alarmd.door.wire import Kind, Properties
from tests.support.door import OpenDoor, until
from tests.support.mqtt import Acked, Connack, Farewell, Heard, Keeper, RawClient, connect_bytes

both = pytest.mark.parametrize("version", [V311, V5])
TimePasses = Callable[[float], None]
LASTING = Properties(session_expiry=99_999)
PAIRS = (("a", "2"), ("c", "3"))


def lasting(version: int) -> dict[str, Any]:
    """What a client says that wants its session to outlive the connection."""
    return {"version": version, "clean": False, "properties": LASTING if version == V5 else Properties()}


async def connect(door: Door, client_id: str = "a", **options: Any) -> RawClient:
    return await RawClient.connect(door.port, client_id, **options)


async def publish(client: RawClient, topic: str, payload: bytes, qos: int, **options: Any) -> None:
    """Publish and go through the whole handshake of the QoS."""
    sent = client.publish(topic, payload, qos=qos, **options)
    if qos == 1:
        assert await client.expect(Acked) == Acked(Kind.PUBACK, sent)
    elif qos == 2:
        assert await client.expect(Acked) == Acked(Kind.PUBREC, sent)
        client.ack(Kind.PUBREL, sent)
        assert await client.expect(Acked) == Acked(Kind.PUBCOMP, sent)


@both
async def test_basic(door: Door, version: int) -> None:
    await (await connect(door, version=version)).leave()
    async with await connect(door, version=version) as a, await connect(door, "b", version=version) as b:
        assert await b.subscribe("TopicA") == (2,)
        for qos in (0, 1, 2):
            await publish(a, "TopicA", b"qos %d" % qos, qos)
        assert [(heard.payload, heard.qos) for heard in [await b.hear() for _ in range(3)]] == [
            (b"qos 0", 0),
            (b"qos 1", 1),
            (b"qos 2", 2),
        ]


@both
async def test_basic_second_connect_on_one_socket(door: Door, version: int) -> None:
    async with await connect(door, version=version) as a:
        a.send(connect_bytes(Connect(version=version, client_id="a", clean=True, keep_alive=0)))
        if version == V5:
            assert (await a.expect(Farewell)).code == 0x82
        await a.is_hung_up_on()


@both
async def test_basic_wrong_protocol_name(door: Door, version: int) -> None:
    async with await RawClient.dial(door.port) as client:
        client.send(connect_bytes(Connect(version=version, client_id="a", clean=True, keep_alive=0), name="hj"))
        await client.is_hung_up_on()


@both
async def test_retained_message(door: Door, version: int) -> None:
    properties = Properties(user=PAIRS) if version == V5 else Properties()
    async with await connect(door, version=version) as a:
        for qos, topic in enumerate(("TopicA/B", "Topic/C", "TopicA/C")):
            await publish(a, topic, b"qos %d" % qos, qos, retain=True, properties=properties)
        await a.subscribe("+/+")
        heard = [await a.hear() for _ in range(3)]
        assert {one.qos for one in heard} == {0, 1, 2}
        assert all(one.retain and one.properties == properties for one in heard)
        await a.leave()
    async with await connect(door, version=version) as a:
        for qos, topic in enumerate(("TopicA/B", "Topic/C", "TopicA/C")):
            await publish(a, topic, b"", qos, retain=True)
    async with await connect(door, version=version) as a:
        await a.subscribe("+/+")
        await a.hears_nothing()


@both
async def test_will_message(door: Door, keeper: Keeper, version: int) -> None:
    will = Will(topic="Topic/C", payload=b"client not disconnected", qos=0, retain=False)
    async with await connect(door, "b", version=version) as b:
        await b.subscribe("Topic/C")
        a = await connect(door, version=version, will=will, keep_alive=2)
        await a.cut()
        assert (await b.hear()).payload == b"client not disconnected"
    assert keeper.payloads == [b"client not disconnected"], "alarmd hears of it too"


async def test_zero_length_clientid_311(door: Door) -> None:
    async with await connect(door, "", clean=False) as a:
        assert a.connack == Connack(present=False, code=2)
        await a.is_hung_up_on()
    async with await connect(door, "", clean=True) as a:
        assert a.connack.code == 0


@pytest.mark.parametrize("clean", [True, False])
async def test_zero_length_and_assigned_clientid_5(door: Door, clean: bool) -> None:  # noqa: FBT001 - a parameter set
    async with await connect(door, "", version=V5, clean=clean) as a:
        assert a.connack.code == 0
        assert a.connack.properties.assigned_client_id


@both
async def test_offline_message_queueing(door: Door, version: int) -> None:
    async with await connect(door, **lasting(version)) as a:
        await a.subscribe("+/+")
        await a.leave()
    async with await connect(door, "b", version=version) as b:
        for qos, topic in enumerate(("TopicA/B", "Topic/C", "TopicA/C")):
            await publish(b, topic, b"qos %d" % qos, qos)
    async with await connect(door, **lasting(version)) as a:
        assert a.connack.present
        assert [(await a.hear()).payload for _ in range(2)] == [b"qos 1", b"qos 2"]
        await a.hears_nothing()


@both
async def test_overlapping_subscriptions(door: Door, version: int) -> None:
    async with await connect(door, version=version) as a, await connect(door, "b", version=version) as b:
        await a.subscribe(Request("TopicA/#", 2), Request("TopicA/+", 1))
        await publish(b, "TopicA/C", b"overlapping topic filters", 2)
        heard = await a.hear()
        assert (heard.payload, heard.qos) == (b"overlapping topic filters", 2)
        await a.hears_nothing()


@both
async def test_keepalive(door: Door, time_passes: TimePasses, version: int) -> None:
    will = Will(topic="/TopicA", payload=b"keepalive expiry", qos=0, retain=False)
    async with (
        await connect(door, "b", version=version, keep_alive=0) as b,
        await connect(door, version=version, keep_alive=5, will=will) as a,
    ):
        await b.subscribe("/TopicA")
        time_passes(7.4)
        await b.hears_nothing()
        await a.hears_nothing()
        time_passes(7.6)
        assert (await b.hear()).payload == b"keepalive expiry"
        if version == V5:
            assert (await a.expect(Farewell)).code == 0x8D
        await a.is_hung_up_on()
    assert door.stats.timed_out == 1


@both
async def test_redelivery_on_reconnect(door: Door, version: int) -> None:
    async with await connect(door, "b", **lasting(version)) as b:
        await b.subscribe("TopicA/#")
        b.publish("TopicA/B", b"one", qos=1)
        b.publish("TopicA/C", b"two", qos=2)
        first = [await b.next() for _ in range(4)]
        assert [one.dup for one in first if isinstance(one, Heard)] == [False, False]
        await b.leave()
    async with await connect(door, "b", **lasting(version)) as b:
        again = [await b.hear(), await b.hear()]
        assert [(one.payload, one.qos, one.dup) for one in again] == [(b"one", 1, True), (b"two", 2, True)]
    async with await connect(door, "b", **lasting(version)) as b:
        await b.hears_nothing()


@both
async def test_subscribe_failure(open_door: OpenDoor, tmp_path: Path, version: int) -> None:
    (tmp_path / "users").write_text(f"a:{hash_password('x')}:TopicA/#\n", encoding="utf-8")
    door = await open_door(users=Users(tmp_path / "users"))
    async with await connect(door, version=version, user="a", password=b"x") as a:
        codes = await a.subscribe("test/nosubscribe", "TopicA/+")
        assert codes == ((0x87 if version == V5 else 0x80), 2)


@both
async def test_dollar_topics(door: Door, version: int) -> None:
    async with await connect(door, version=version) as a, await connect(door, "b", version=version) as b:
        await b.subscribe("+/+", "#")
        await publish(a, "$TopicA/B", b"", 1)
        await b.hears_nothing()


@both
async def test_unsubscribe(door: Door, version: int) -> None:
    async with await connect(door, version=version) as a, await connect(door, "b", version=version) as b:
        await b.subscribe("TopicA", "TopicA/B", "Topic/C")
        assert await b.unsubscribe("TopicA", "never") == ((0, 0x11) if version == V5 else ())
        for topic in ("TopicA", "TopicA/B", "Topic/C"):
            await publish(a, topic, topic.encode(), 1)
        assert [(await b.hear()).payload for _ in range(2)] == [b"TopicA/B", b"Topic/C"]
        await b.hears_nothing()


async def test_session_expiry(door: Door, time_passes: TimePasses) -> None:
    async def present(expiry: int, at_leaving: int | None = None, *, clean: bool = False) -> bool:
        client = await connect(door, version=V5, clean=clean, properties=Properties(session_expiry=expiry))
        await client.leave(properties=Properties(session_expiry=at_leaving))
        return client.connack.present

    assert not await present(0, clean=True)
    assert not await present(0), "it ended with its connection"
    assert not await present(5, clean=True)
    time_passes(2)
    assert await present(5)
    time_passes(6)
    assert not await present(1, at_leaving=5)
    time_passes(3)
    assert await present(1, at_leaving=0)
    assert not await present(0)


async def test_session_expiry_cannot_be_prolonged_from_nothing(door: Door) -> None:
    async with await connect(door, version=V5) as a:
        a.send(b"\xe0\x07\0\5\x11\0\0\0\5")
        assert (await a.expect(Farewell)).code == 0x82


async def test_shared_subscriptions(door: Door) -> None:
    async with await connect(door, version=V5) as a:
        assert a.connack.properties.shared_available == 0
        assert await a.subscribe("$share/name/x", "TopicA") == (0x9E, 2)


@pytest.mark.parametrize(
    "properties",
    [
        Properties(user=PAIRS),
        Properties(payload_format=1, content_type="My name"),
        Properties(response_topic="TopicA", correlation_data=b"334"),
    ],
    ids=["user_properties", "payload_format", "request_response"],
)
async def test_properties_travel_on(door: Door, properties: Properties) -> None:
    async with await connect(door, version=V5) as a, await connect(door, "b", version=V5) as b:
        await b.subscribe("TopicA")
        for qos in range(3):
            await publish(a, "TopicA", b"", qos, properties=properties)
        heard = [await b.hear() for _ in range(3)]
        assert [(one.qos, one.properties) for one in heard] == [(qos, properties) for qos in range(3)]


async def test_properties_do_not_reach_mqtt_311(door: Door) -> None:
    async with await connect(door, version=V5) as a, await connect(door, "b") as b:
        await b.subscribe("TopicA")
        await publish(a, "TopicA", b"x", 1, properties=Properties(user=PAIRS, message_expiry=9))
        assert (await b.hear()).payload == b"x"


async def test_publication_expiry(door: Door, time_passes: TimePasses) -> None:
    async with await connect(door, "b", **lasting(V5)) as b:
        await b.subscribe("TopicA")
        await b.leave()
    async with await connect(door, version=V5) as a:
        for expiry in (1, 6):
            for qos in (1, 2):
                payload = b"qos %d in %d s" % (qos, expiry)
                await publish(a, "TopicA", payload, qos, properties=Properties(message_expiry=expiry))
        time_passes(3)
        async with await connect(door, "b", **lasting(V5)) as b:
            for payload in (b"qos 1 in 6 s", b"qos 2 in 6 s"):
                heard = await b.hear()
                assert heard.payload == payload
                assert heard.properties.message_expiry in {2, 3}
            await b.hears_nothing()


async def test_publication_expiry_of_a_retained_message(door: Door, time_passes: TimePasses) -> None:
    async with await connect(door, version=V5) as a:
        await publish(a, "TopicA", b"soon over", 1, retain=True, properties=Properties(message_expiry=5))
        await a.subscribe("TopicA")
        assert (await a.hear()).payload == b"soon over"
        time_passes(6)
        await a.subscribe("TopicA")
        await a.hears_nothing()
        door.sweep(0.0)
    assert door.stats.retained == 0


async def test_subscribe_options_no_local(door: Door) -> None:
    async with await connect(door, version=V5) as a, await connect(door, "b", version=V5) as b:
        for client in (a, b):
            await client.subscribe(Request("TopicA", 2, no_local=True))
        await publish(a, "TopicA", b"noLocal test", 1)
        assert (await b.hear()).payload == b"noLocal test"
        await a.hears_nothing()


async def test_subscribe_options_retain_as_published(door: Door) -> None:
    async with await connect(door, version=V5) as a, await connect(door, "b", version=V5) as b:
        await a.subscribe(Request("TopicA", 2, retain_as_published=True))
        await publish(b, "TopicA", b"false", 1, retain=False)
        await publish(b, "TopicA", b"true", 1, retain=True)
        assert [(one.payload, one.retain) for one in [await a.hear(), await a.hear()]] == [
            (b"false", False),
            (b"true", True),
        ]


async def test_subscribe_options_retain_handling(door: Door) -> None:
    async with await connect(door, version=V5) as a:
        for qos, topic in enumerate(("TopicA/B", "Topic/C", "TopicA/C")):
            await publish(a, topic, b"x", qos, retain=True)
        for handling, expected in ((1, (3, 0)), (2, (0, 0)), (0, (3, 3))):
            for count in expected:
                await a.subscribe(Request("+/+", 2, retain_handling=handling))
                assert {(await a.hear()).qos for _ in range(count)} == set(range(count))
                await a.hears_nothing()
            await a.unsubscribe("+/+")


async def test_subscribe_identifiers(door: Door) -> None:
    async with await connect(door, version=V5) as a, await connect(door, "b", version=V5) as b:
        await a.subscribe("TopicA", properties=Properties(subscription_ids=(456_789,)))
        await b.subscribe("TopicA", properties=Properties(subscription_ids=(2,)))
        await b.subscribe("TopicA/#", properties=Properties(subscription_ids=(3,)))
        await publish(a, "TopicA", b"sub identifier test", 0)
        assert (await a.hear()).properties.subscription_ids == (456_789,)
        assert sorted((await b.hear()).properties.subscription_ids) == [2, 3]
        await b.hears_nothing()


async def test_client_topic_alias_0(door: Door) -> None:
    async with await connect(door, version=V5) as a:
        a.publish("TopicA", b"", properties=Properties(topic_alias=0))
        assert (await a.expect(Farewell)).code == 0x94


async def test_client_topic_alias(door: Door, keeper: Keeper) -> None:
    alias = Properties(topic_alias=1)
    async with await connect(door, **lasting(V5)) as a:
        assert a.connack.properties.topic_alias_maximum == 64
        await publish(a, "TopicA", b"1", 1, properties=alias)
        await publish(a, "", b"2", 1, properties=alias)
        await publish(a, "TopicB", b"3", 1, properties=alias)
        await publish(a, "", b"4", 1, properties=alias)
        await a.leave()
    assert [delivery.topic for delivery in keeper.taken] == ["TopicA", "TopicA", "TopicB", "TopicB"]
    async with await connect(door, **lasting(V5)) as a:
        a.publish("", b"an alias of the last connection", properties=alias)
        assert (await a.expect(Farewell)).code == 0x82
    async with await connect(door, version=V5) as a:
        a.publish("TopicA", b"", properties=Properties(topic_alias=65))
        assert (await a.expect(Farewell)).code == 0x94


async def test_server_topic_alias_is_never_used(door: Door) -> None:
    async with await connect(door, version=V5, properties=Properties(topic_alias_maximum=1)) as a:
        await a.subscribe("TopicA")
        for qos in range(3):
            door.publish("TopicA", b"", qos=qos)
        for _ in range(3):
            heard = await a.hear()
            assert (heard.topic, heard.properties.topic_alias) == ("TopicA", None)


@both
async def test_maximum_packet_size_of_the_server(open_door: OpenDoor, keeper: Keeper, version: int) -> None:
    door = await open_door(limits=Limits(packet=1_000))
    async with await connect(door, version=version) as a:
        a.publish("TopicA", b"." * 1_000)
        if version == V5:
            assert a.connack.properties.maximum_packet_size == 1_000
            assert (await a.expect(Farewell)).code == 0x95
        await a.is_hung_up_on()
    (begun,) = keeper.taken  # what is too long may be a call for help: its begin is taken, and not acknowledged
    assert begun.topic == "TopicA"
    assert set(begun.payload) == set(b".")


async def test_maximum_packet_size_of_the_client(door: Door) -> None:
    async with await connect(door, version=V5, properties=Properties(maximum_packet_size=64)) as a:
        await a.subscribe("TopicA")
        door.publish("TopicA", b"." * 32)
        door.publish("TopicA", b"." * 64)
        door.publish("TopicA", b"after")
        assert [(await a.hear()).payload for _ in range(2)] == [b"." * 32, b"after"]
    assert door.stats.dropped == 1


async def test_server_keep_alive(open_door: OpenDoor) -> None:
    door = await open_door(limits=Limits(keep_alive=60))
    async with await connect(door, version=V5, keep_alive=120) as a:
        assert a.connack.properties.server_keep_alive == 60


async def test_flow_control1(door: Door) -> None:
    async with await connect(door, version=V5, properties=Properties(receive_maximum=2)) as a:
        await a.subscribe("TopicA")
        for number in range(4):
            door.publish("TopicA", b"%d" % number, qos=1 + number % 2)
        first, second = await a.expect(Heard), await a.expect(Heard)
        assert (first.payload, second.payload) == (b"0", b"1")
        await a.hears_nothing()
        a.ack(Kind.PUBACK, first.packet_id)
        assert (await a.expect(Heard)).payload == b"2"
        a.ack(Kind.PUBREC, second.packet_id)
        assert await a.expect(Acked) == Acked(Kind.PUBREL, second.packet_id)
        await a.hears_nothing()
        a.ack(Kind.PUBCOMP, second.packet_id)
        assert (await a.expect(Heard)).payload == b"3"


async def test_flow_control2(open_door: OpenDoor) -> None:
    door = await open_door(limits=Limits(in_flight=3))
    async with await connect(door, version=V5) as a:
        for number in range(1, 1 + (a.connack.properties.receive_maximum or 0) + 1):
            a.publish("TopicA", b"message %d" % number, qos=2)
        for number in range(1, 4):
            assert await a.expect(Acked) == Acked(Kind.PUBREC, number)
        assert (await a.expect(Farewell)).code == 0x93


@pytest.mark.parametrize(("delay", "expiry", "due"), [(3, 5, 3), (5, 0, 0), (5, 2, 2), (3, 3, 3)])
async def test_will_delay(door: Door, time_passes: TimePasses, delay: int, expiry: int, due: int) -> None:
    will = Will(topic="TopicA", payload=b"will", qos=1, retain=False, properties=Properties(will_delay=delay))
    async with await connect(door, "b", version=V5) as b:
        await b.subscribe("TopicA")
        a = await connect(door, version=V5, will=will, properties=Properties(session_expiry=expiry))
        await a.cut()
        await until(lambda: door.stats.connections == 1)
        if due:
            time_passes(due - 0.5)
            await b.hears_nothing()
            time_passes(1.6)
        assert (await b.hear()).payload == b"will"


async def test_will_delay_of_a_client_that_comes_back(door: Door, time_passes: TimePasses) -> None:
    will = Will(topic="TopicA", payload=b"will", qos=1, retain=False, properties=Properties(will_delay=3))
    async with await connect(door, "b", version=V5) as b:
        await b.subscribe("TopicA")
        await (await connect(door, version=V5, will=will, properties=LASTING)).cut()
        await until(lambda: door.stats.connections == 1)
        async with await connect(door, **lasting(V5)):
            time_passes(10)
            await b.hears_nothing()
