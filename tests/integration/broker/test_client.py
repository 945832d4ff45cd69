"""paho on alarmd's loop: what its socket reads ahead is neither lost nor read too early, and what it says leaves."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from alarmd.mqtt_client import MqttClient, Wire
from alarmd.right_of_way import RightOfWay
from config.sections import Broker
from tests.support.door import until
from tests.support.mosquitto import Mosquitto

TOPIC = "alarmd/v1/bed_button/signal"
MANY = 300


class Reading:
    """A subscribed client, and what it was given."""

    def __init__(self, broker: Mosquitto, way: RightOfWay | None = None) -> None:
        self.came: list[bytes] = []
        self.problems: list[str] = []
        self.hold_after = 0
        self.subscribed = False
        where = Broker("127.0.0.1", broker.port, tls=False, username=None)
        self.client = MqttClient(
            broker=where, password=None, client_id="reader", ended=self.problems.append, manual_ack=True, way=way
        )
        self.client.paho.on_connect = lambda client, *_: client.subscribe(TOPIC, qos=1)
        self.client.paho.on_subscribe = self._on_subscribe
        self.client.paho.on_message = self._on_message

    def _on_subscribe(self, *_: Any) -> None:
        self.subscribed = True

    def _on_message(self, _client: Any, _data: Any, message: Any) -> None:
        self.came.append(bytes(message.payload))
        self.client.paho.ack(message.mid, message.qos)
        if len(self.came) == self.hold_after:
            self.client.hold()

    async def open(self) -> None:
        await self.client.connect(clean_start=True)
        await until(lambda: self.subscribed)


NUMBERED = [b"%d" % n for n in range(MANY)]


@pytest.mark.broker
async def test_paho_asks_for_the_socket_that_reads_ahead(broker: Mosquitto) -> None:
    reading = Reading(broker)
    await reading.open()
    assert reading.client.paho.socket() is reading.client.paho.wire
    reading.client.close()


@pytest.mark.broker
@pytest.mark.parametrize("claimed", [False, True])
async def test_everything_comes_in_its_order_also_while_something_urgent_has_the_way(
    broker: Mosquitto, *, claimed: bool
) -> None:
    way = RightOfWay(lambda: 0.0)
    if claimed:
        way.claim()  # and time stands still: for ever
    reading = Reading(broker, way)
    await reading.open()
    await broker.publish(TOPIC, *NUMBERED)
    await until(lambda: len(reading.came) == MANY)
    assert reading.came == NUMBERED
    reading.client.close()
    assert reading.problems == []


@pytest.mark.broker
async def test_what_was_read_ahead_waits_while_reading_is_held(broker: Mosquitto) -> None:
    reading = Reading(broker)
    reading.hold_after = 3
    await reading.open()
    await broker.publish(TOPIC, *NUMBERED)
    await until(lambda: len(reading.came) >= 3)
    async with broker.client("somebody"):  # whatever the broker had to say was said by now
        pass
    assert reading.came == NUMBERED[:3]
    reading.client.release()
    await until(lambda: len(reading.came) == MANY)
    assert reading.came == NUMBERED
    reading.client.close()


@pytest.mark.broker
async def test_the_farewell_is_said(broker: Mosquitto) -> None:
    reading = Reading(broker)
    await reading.open()
    reading.client.close()
    await broker.until_said("Received DISCONNECT from reader")


def test_a_wire_gives_what_is_asked_for_and_knows_what_is_left() -> None:
    ours, theirs = socket.socketpair()
    wire = Wire(_Tcp(ours))
    theirs.send(b"\x30\x03abc\x30")
    assert wire.recv(1) == b"\x30"
    assert wire.has_more()
    assert wire.recv(1) + wire.recv(3) == b"\x03abc"
    assert wire.recv(100) == b"\x30"
    assert not wire.has_more()
    wire.setblocking(flag=False)
    with pytest.raises(BlockingIOError):
        wire.recv(1)
    theirs.close()
    assert wire.recv(1) == b""
    wire.close()


def test_a_wire_writes_in_one_piece_and_refuses_when_nobody_reads() -> None:
    ours, theirs = socket.socketpair()
    wire = Wire(_Tcp(ours))
    wire.setblocking(flag=False)
    assert wire.send(b"ab") + wire.send(b"cd") == 4
    assert not wire.flush()
    assert theirs.recv(100) == b"abcd"
    told = 0
    while not wire.flush() or told < (1 << 20):
        try:
            told += wire.send(b"x" * 1000)
        except BlockingIOError:
            break
    with pytest.raises(BlockingIOError):
        wire.send(b"x")
    got = b""
    while len(got) < told:
        wire.flush()
        got += theirs.recv(1 << 16)
    assert not wire.flush()
    wire.close()
    theirs.close()


class _Tcp:
    """A socket that takes TCP's options, for a pair that is none."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    def setsockopt(self, *_: int) -> None:
        pass

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)
