"""The door with real clients: paho, aiomqtt, and mosquitto's."""

from __future__ import annotations

import asyncio
import queue
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import aiomqtt
import pytest
from paho.mqtt.client import Client as Paho
from paho.mqtt.client import MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from alarmd.door.server import Door
from alarmd.door.users import Users
from tests.support.door import OpenDoor, until
from tests.support.mqtt import Keeper

SIGNAL = "alarmd/v1/bed_button/signal"
PRESS = b'{"ref":"1","type":"sos"}'
versions = pytest.mark.parametrize("version", [MQTTProtocolVersion.MQTTv311, MQTTProtocolVersion.MQTTv5])


class PahoClient:
    """paho with its own thread, as most installers' scripts use it."""

    def __init__(self, version: MQTTProtocolVersion, client_id: str, *, lasting: bool) -> None:
        v5 = version is MQTTProtocolVersion.MQTTv5
        self.heard: queue.Queue[MQTTMessage] = queue.Queue()
        self.subscribed: queue.Queue[object] = queue.Queue()
        self.lasting = lasting
        self.properties: Properties | None = None
        if v5 and lasting:
            self.properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call] # paho's, unannotated
            self.properties.SessionExpiryInterval = 600
        self.client = Paho(
            CallbackAPIVersion.VERSION2, client_id, clean_session=None if v5 else not lasting, protocol=version
        )
        self.client.on_message = lambda _, __, message: self.heard.put(message)
        self.client.on_subscribe = lambda *arguments: self.subscribed.put(arguments)

    async def connect(self, door: Door) -> None:
        options = {} if self.properties is None else {"properties": self.properties}
        clean = {"clean_start": not self.lasting} if self.client.protocol == MQTTProtocolVersion.MQTTv5 else {}
        await asyncio.to_thread(self.client.connect, "127.0.0.1", door.port, **options, **clean)  # type: ignore[arg-type] # two options by name
        self.client.loop_start()
        await until(self.client.is_connected)

    async def subscribe(self, topic: str, qos: int) -> None:
        self.client.subscribe(topic, qos)
        await asyncio.to_thread(self.subscribed.get, timeout=10)

    async def hear(self) -> MQTTMessage:
        return await asyncio.to_thread(self.heard.get, timeout=10)

    async def leave(self) -> None:
        self.client.disconnect()
        await asyncio.to_thread(self.client.loop_stop)


@contextmanager
def paho(version: MQTTProtocolVersion, client_id: str, *, lasting: bool = False) -> Iterator[PahoClient]:
    client = PahoClient(version, client_id, lasting=lasting)
    try:
        yield client
    finally:
        client.client.loop_stop()


@versions
async def test_paho_presses_and_hears_the_reply(door: Door, keeper: Keeper, version: MQTTProtocolVersion) -> None:
    with paho(version, "bed_button") as button:
        await button.connect(door)
        await button.subscribe("alarmd/v1/bed_button/reply", 1)
        for qos in (0, 1, 2):
            info = button.client.publish(SIGNAL, PRESS, qos)
            await asyncio.to_thread(info.wait_for_publish, 10)
            assert info.is_published()
        assert [(one.topic, one.payload, one.qos) for one in await keeper.has(3)] == [
            (SIGNAL, PRESS, qos) for qos in (0, 1, 2)
        ]
        door.publish("alarmd/v1/bed_button/reply", b'{"ref":"1","status":"kept"}')
        assert (await button.hear()).payload == b'{"ref":"1","status":"kept"}'
        await button.leave()


@versions
async def test_paho_learns_of_the_commit_only_after_it(
    door: Door, keeper: Keeper, version: MQTTProtocolVersion
) -> None:
    keeper.holding = True
    with paho(version, "bed_button") as button:
        await button.connect(door)
        info = button.client.publish(SIGNAL, PRESS, 1)
        await keeper.has(1)
        assert not info.is_published()
        keeper.keep()
        await asyncio.to_thread(info.wait_for_publish, 10)
        assert info.is_published()
        await button.leave()


@versions
async def test_paho_takes_its_session_up_again(door: Door, version: MQTTProtocolVersion) -> None:
    with paho(version, "desk", lasting=True) as desk:
        await desk.connect(door)
        await desk.subscribe("alarmd/#", 2)
        await desk.leave()
    for qos in (1, 2):
        door.publish("alarmd/v1/x/reply", b"%d" % qos, qos=qos)
    with paho(version, "desk", lasting=True) as desk:
        await desk.connect(door)
        assert [(await desk.hear()).payload for _ in range(2)] == [b"1", b"2"]
        await desk.leave()


@versions
async def test_paho_sends_a_thousand_presses_and_each_is_kept(
    door: Door, keeper: Keeper, version: MQTTProtocolVersion
) -> None:
    with paho(version, "gateway") as gateway:
        await gateway.connect(door)
        sent = [gateway.client.publish(SIGNAL, b"%d" % number, 1 + number % 2) for number in range(1_000)]
        for info in sent:
            await asyncio.to_thread(info.wait_for_publish, 20)
        await gateway.leave()
    assert keeper.payloads == [b"%d" % number for number in range(1_000)]


@pytest.mark.parametrize("protocol", [aiomqtt.ProtocolVersion.V311, aiomqtt.ProtocolVersion.V5])
async def test_aiomqtt_speaks_with_the_door(door: Door, keeper: Keeper, protocol: aiomqtt.ProtocolVersion) -> None:
    will = aiomqtt.Will("alarmd/v1/bed_button/state", b"gone", 1, retain=True)
    async with (
        aiomqtt.Client("127.0.0.1", door.port, identifier="desk", protocol=protocol) as desk,
        aiomqtt.Client("127.0.0.1", door.port, identifier="bed", protocol=protocol, will=will) as button,
    ):
        await desk.subscribe("alarmd/#", qos=2)
        for qos in (0, 1, 2):
            await button.publish(SIGNAL, PRESS, qos=qos)
        async with asyncio.timeout(10):
            heard = [await anext(desk.messages) for _ in range(3)]
        assert [(str(one.topic), one.payload, one.qos) for one in heard] == [(SIGNAL, PRESS, qos) for qos in (0, 1, 2)]
    assert keeper.payloads == [PRESS] * 3


async def run(*command: str) -> tuple[int, str]:
    """A command's exit code and what it said."""
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    async with asyncio.timeout(20):
        said, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, said.decode()


@pytest.mark.broker
@pytest.mark.parametrize("version", ["mqttv311", "mqttv5"])
@pytest.mark.parametrize("qos", ["0", "1", "2"])
async def test_mosquitto_pub_presses(door: Door, keeper: Keeper, version: str, qos: str) -> None:
    code, said = await run(
        *("mosquitto_pub", "-p", str(door.port), "-V", version, "-q", qos),
        *("-t", "zigbee2mqtt/bed_button", "-m", '{"action":"emergency","battery":87}'),
    )
    assert (code, said) == (0, "")
    (delivery,) = await keeper.has(1)
    assert (delivery.topic, delivery.qos) == ("zigbee2mqtt/bed_button", int(qos))


@pytest.mark.broker
@pytest.mark.parametrize("version", ["mqttv311", "mqttv5"])
async def test_mosquitto_sub_hears(door: Door, version: str) -> None:
    door.publish("alarmd/v1/a/reply", b"kept before", qos=1, retain=True)
    hearing = asyncio.create_task(
        run(
            *("mosquitto_sub", "-p", str(door.port), "-V", version, "-i", "desk", "-q", "2", "-C", "3"),
            *("-t", "alarmd/v1/+/reply", "-F", "%r %q %t %p"),
        )
    )
    await until(lambda: door.stats.subscriptions == 1)
    door.publish("alarmd/v1/b/reply", b"one", qos=1)
    door.publish("alarmd/v1/b/reply", b"two", qos=2)
    code, said = await hearing
    assert code == 0
    assert said.splitlines() == [
        "1 1 alarmd/v1/a/reply kept before",
        "0 1 alarmd/v1/b/reply one",
        "0 2 alarmd/v1/b/reply two",
    ]


@pytest.mark.broker
async def test_mosquitto_politely_refuses_its_31(door: Door) -> None:
    code, said = await run("mosquitto_pub", "-p", str(door.port), "-V", "mqttv31", "-t", "a", "-m", "x")
    assert code
    assert "unacceptable protocol version" in said


@pytest.mark.broker
async def test_mosquitto_pub_logs_in_with_a_password_of_mosquitto_passwd(
    open_door: OpenDoor, keeper: Keeper, tmp_path: Path
) -> None:
    path = tmp_path / "users"
    assert (await run("mosquitto_passwd", "-b", "-c", str(path), "bed_button", "press me"))[0] == 0
    door = await open_door(users=Users(path))
    publish = ("mosquitto_pub", "-p", str(door.port), "-u", "bed_button", "-q", "1", "-t", SIGNAL, "-m", "x")
    assert await run(*publish, "-P", "press me") == (0, "")
    code, said = await run(*publish, "-P", "wrong")
    assert code
    assert "not authorised" in said.lower() or "bad user name" in said.lower()
    assert keeper.payloads == [b"x"]
