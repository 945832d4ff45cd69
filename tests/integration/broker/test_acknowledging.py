"""alarmd's subscription and a real mosquitto: what is acknowledged was kept, and what was not kept comes again."""

from __future__ import annotations

from pathlib import Path

import pytest

from alarmd.intake import broker as reading
from tests.support.mosquitto import Mosquitto
from tests.support.mqtt import Keeper
from tests.support.subscribed import subscribed

pytestmark = pytest.mark.broker

SIGNAL = "alarmd/v1/bed_button/signal"
ACKED = ("Received PUBACK from alarmd",)
SENT = ("Sending PUBLISH to alarmd",)


async def a_turn(broker: Mosquitto) -> None:
    """Whatever alarmd had written by now, the broker has read: somebody else just got an answer."""
    async with broker.client("somebody"):
        pass


async def test_it_acknowledges_after_the_commit_and_not_before(broker: Mosquitto, keeper: Keeper) -> None:
    keeper.holding = True
    async with subscribed(broker.port, keeper):
        await broker.publish(SIGNAL, b'{"ref":"1"}')
        await keeper.has(1)
        await a_turn(broker)
        assert broker.count(*ACKED) == 0
        keeper.keep()
        await broker.until_said(*ACKED)


async def test_it_acknowledges_in_the_order_of_arrival(broker: Mosquitto, keeper: Keeper) -> None:
    keeper.holding = True
    async with subscribed(broker.port, keeper):
        await broker.publish(SIGNAL, b"1", b"2", b"3")
        await keeper.has(3)
        keeper.keep(2)
        keeper.keep(1)
        await a_turn(broker)
        assert broker.count(*ACKED) == 0
        keeper.keep(0)
        await broker.until_said(*ACKED, times=3)
    acked = [line.split("Mid: ")[1].split(",")[0] for line in broker.said if ACKED[0] in line]
    assert acked == sorted(acked, key=int)


async def test_what_was_not_acknowledged_comes_again_after_a_restart(broker: Mosquitto, keeper: Keeper) -> None:
    keeper.holding = True
    async with subscribed(broker.port, keeper):
        await broker.publish(SIGNAL, b"1", b"2", b"3")
        await keeper.has(3)
        keeper.keep()
        await broker.until_said(*ACKED)
    again = Keeper()
    async with subscribed(broker.port, again):
        await again.has(2)
        await broker.until_said(*ACKED, times=3)
    assert again.payloads == [b"2", b"3"]


async def test_what_came_while_alarmd_was_away_waits_for_it(broker: Mosquitto, keeper: Keeper) -> None:
    async with subscribed(broker.port, keeper):
        pass
    await broker.publish(SIGNAL, *(b"%d" % i for i in range(50)))
    async with subscribed(broker.port, keeper):
        await keeper.has(50)
    assert keeper.payloads == [b"%d" % i for i in range(50)]


async def test_a_persistent_broker_keeps_the_unacknowledged_over_its_own_restart(
    tmp_path: Path, keeper: Keeper
) -> None:
    keeper.holding = True
    async with Mosquitto(tmp_path, persistent=True) as broker, subscribed(broker.port, keeper):
        await broker.publish(SIGNAL, b"1", b"2")
        await keeper.has(2)
        await broker.stop()
        await broker.start()
        await keeper.has(4)
        keeper.keep_all()
        await broker.until_said(*ACKED, times=2)
    assert keeper.payloads == [b"1", b"2", b"1", b"2"]


async def test_a_late_acknowledgement_does_not_discard_a_new_message(broker: Mosquitto, keeper: Keeper) -> None:
    """The broker forgot the session, and gives a new message the packet id that an old one had."""
    keeper.holding = True
    async with subscribed(broker.port, keeper) as subscription:
        await broker.publish(SIGNAL, b"old")
        await keeper.has(1)
        await broker.kill()
        await broker.start()
        await broker.until_said("Sending SUBACK to alarmd", times=2)
        await broker.publish(SIGNAL, b"new")
        await keeper.has(2)
        keeper.keep()  # the old one's commit comes through only now
        await a_turn(broker)
        assert broker.count(*ACKED) == 0
        assert subscription.subscribed
    sent = [line.split("m")[-1] for line in broker.said if SENT[0] in line]
    again = Keeper()
    async with subscribed(broker.port, again):
        await again.has(1)
    assert again.payloads == [b"new"]
    assert len(sent) == 2


async def test_after_the_broker_lost_its_sessions_every_new_message_arrives(broker: Mosquitto, keeper: Keeper) -> None:
    keeper.holding = True
    async with subscribed(broker.port, keeper):
        await broker.publish(SIGNAL, *(b"old %d" % i for i in range(20)))
        await keeper.has(20)
        await broker.kill()
        await broker.start()
        await broker.until_said("Sending SUBACK to alarmd", times=2)
        keeper.keep_all()
        keeper.holding = False
        await broker.publish(SIGNAL, *(b"new %d" % i for i in range(100)))
        await keeper.has(120)
        await broker.until_said(*ACKED, times=100)
    assert keeper.payloads[20:] == [b"new %d" % i for i in range(100)]


async def test_what_could_not_be_kept_comes_again_at_once(broker: Mosquitto, keeper: Keeper) -> None:
    keeper.holding = True
    async with subscribed(broker.port, keeper):
        await broker.publish(SIGNAL, b"1", b"2", b"3")
        await keeper.has(3)
        keeper.keep(0)
        keeper.lose(0)  # the disk is full at the second; the third was not answered yet either
        await keeper.has(5)
        keeper.keep(0)  # the third's first arrival: its connection is gone, its answer goes nowhere
        keeper.keep_all()
        await broker.until_said(*ACKED, times=3)
    assert keeper.payloads == [b"1", b"2", b"3", b"2", b"3"]


RECEIVE_MAXIMUM, HELD_MOST = 512, 1_024


@pytest.fixture
def few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if it held less: mosquitto writes a line for each."""
    monkeypatch.setattr(reading, "RECEIVE_MAXIMUM", RECEIVE_MAXIMUM)
    monkeypatch.setattr(reading, "HELD_MOST", HELD_MOST)


@pytest.mark.usefixtures("few_at_once")
async def test_it_asks_the_broker_for_no_more_than_it_can_hold(broker: Mosquitto, keeper: Keeper) -> None:
    keeper.holding = True
    async with subscribed(broker.port, keeper):
        await broker.publish(SIGNAL, *(b"%d" % i for i in range(RECEIVE_MAXIMUM + 100)))
        await keeper.has(RECEIVE_MAXIMUM)
        await a_turn(broker)
        assert broker.count(*SENT) == RECEIVE_MAXIMUM
        keeper.holding = False
        keeper.keep_all()
        await keeper.has(RECEIVE_MAXIMUM + 100)
    assert keeper.payloads == [b"%d" % i for i in range(RECEIVE_MAXIMUM + 100)]


@pytest.mark.usefixtures("few_at_once")
async def test_it_reads_no_more_than_it_can_hold_whatever_the_broker_sends(broker: Mosquitto, keeper: Keeper) -> None:
    """mosquitto 2.0.11 sends hundreds for each acknowledgement, whatever Receive Maximum it was told."""
    keeper.holding = True
    count = 4 * HELD_MOST
    async with subscribed(broker.port, keeper):
        await broker.publish(SIGNAL, *(b"%d" % i for i in range(count)))
        await keeper.has(RECEIVE_MAXIMUM)
        for _ in range(20):
            keeper.keep()
            await a_turn(broker)
        assert len(keeper.taken) <= 20 + HELD_MOST
        keeper.holding = False
        keeper.keep_all()
        await keeper.has(count)
        await broker.until_said(*ACKED, times=count)
    assert keeper.payloads == [b"%d" % i for i in range(count)]


@pytest.mark.parametrize("qos", [0, 1, 2])
async def test_every_quality_of_service_arrives_once(broker: Mosquitto, keeper: Keeper, qos: int) -> None:
    async with subscribed(broker.port, keeper):
        await broker.publish(SIGNAL, b"1", b"2", qos=qos)
        await keeper.has(2)
        if qos:
            await broker.until_said(*ACKED, times=2)
    assert keeper.payloads == [b"1", b"2"]
    assert [one.qos for one in keeper.taken] == [min(qos, 1)] * 2  # subscribed with 1: exactly once is the ref's work
    async with subscribed(broker.port, keeper):
        await a_turn(broker)
    assert len(keeper.taken) == 2


async def test_a_stored_copy_says_so_and_comes_only_with_a_new_session(broker: Mosquitto, keeper: Keeper) -> None:
    await broker.publish("zigbee2mqtt/bed_button", b"stored", retain=True)
    async with subscribed(broker.port, keeper):
        await keeper.has(1)
        await broker.publish("zigbee2mqtt/bed_button", b"live", retain=True)
        await keeper.has(2)
    async with subscribed(broker.port, keeper):
        await broker.publish(SIGNAL, b"after")
        await keeper.has(3)
    assert [(one.payload, one.retained) for one in keeper.taken] == [
        (b"stored", True),
        (b"live", False),
        (b"after", False),
    ]


async def test_it_hears_only_what_it_subscribed_to(broker: Mosquitto, keeper: Keeper) -> None:
    async with subscribed(broker.port, keeper):
        await broker.publish("alarmd/v1/bed_button/reply", b"ours")
        await broker.publish("somebody/elses", b"x")
        await broker.publish(SIGNAL, b"1")
        await keeper.has(1)
    assert [(one.topic, one.via, one.sender) for one in keeper.taken] == [(SIGNAL, "broker", "")]
