"""Deaf on a real mosquitto: connected, subscribed by all alarmd knows, and nothing comes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from alarmd.clock import SystemClock
from alarmd.intake.broker import Subscription
from alarmd.waking import Alarm
from alarmd.watch.hearing import EVERY_S, UNREAD_MOST, WITHIN_S, Hearing
from alarmd.watch.names import canary_device, signal_topic
from config.sections import Broker
from escalation.texts.watching import Silence
from tests.support.door import until
from tests.support.mosquitto import Mosquitto
from tests.support.mqtt import Keeper
from tests.support.subscribed import Hurried
from tests.support.watching import Watching

pytestmark = pytest.mark.broker

SIGNAL = "alarmd/v1/bed_button/signal"
TOPIC = signal_topic(canary_device("alarmd"))
ALL = ("alarmd/v1/+/signal", "zigbee2mqtt/#")
SOON = 0.3  # seconds in which a broker on this machine certainly answers, or else never


class Ear:
    """A subscription, and who listens whether it hears."""

    def __init__(self, watched: Watching, port: int, filters: tuple[str, ...]) -> None:
        self.keeper = Keeper()
        self.subscription = Subscription(
            broker=Broker("127.0.0.1", port, tls=False, username=None),
            password=None,
            client_id="alarmd",
            filters=filters,
            taker=self.keeper,
            clock=Hurried(),
            probe_topic=TOPIC,
        )
        self.hearing = Hearing(
            subscription=self.subscription,
            troubles=watched.troubles,
            clock=SystemClock(),
            figures=watched.figures,
            within=SOON,
        )

    def falls_deaf(self) -> None:
        """The broker forgets what alarmd subscribed to, and nobody tells alarmd."""
        connection = self.subscription._connection
        assert connection is not None
        connection._client.paho.unsubscribe(list(ALL))


@asynccontextmanager
async def listening(watched: Watching, port: int, filters: tuple[str, ...] = ALL) -> AsyncIterator[Ear]:
    ear = Ear(watched, port, filters)
    running = asyncio.create_task(ear.subscription.run())
    try:
        await until(lambda: ear.subscription.subscribed)
        yield ear
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[Mosquitto]:
    (tmp_path / "broker").mkdir()
    async with Mosquitto(tmp_path / "broker") as broker:
        yield broker


def test_deafness_lasts_less_than_a_minute() -> None:
    assert EVERY_S + WITHIN_S < 60


async def test_a_probe_comes_back_and_leaves_no_trace(broker: Mosquitto, watched: Watching) -> None:
    async with listening(watched, broker.port) as ear:
        for _ in range(3):
            assert await ear.hearing.listen()
        await broker.until_said("Received PUBACK from alarmd", times=3)
        assert ear.keeper.taken == []
    assert watched.told == []
    assert await watched.core.log() == []


async def test_deaf_it_connects_anew_and_hears_again(broker: Mosquitto, watched: Watching) -> None:
    async with listening(watched, broker.port) as ear:
        ear.falls_deaf()
        await broker.until_said("Received UNSUBSCRIBE from alarmd")
        await broker.publish(SIGNAL, b"in vain")
        assert not await ear.hearing.listen()
        faults = [ear.hearing.fault]
        await broker.until_said("Sending SUBACK to alarmd", times=2)
        await until(lambda: ear.subscription.subscribed)
        assert await ear.hearing.listen()
        faults.append(ear.hearing.fault)
        await broker.publish(SIGNAL, b"heard")
        await ear.keeper.has(1)
    assert faults == ["the broker is connected and passes nothing on", None]
    assert [(notice.silence, notice.began) for notice in watched.told] == [
        (Silence.HEARING, True),
        (Silence.HEARING, False),
    ]
    assert [entry["silent"] for entry in await watched.log("watchdog.canary")] == [True, False]
    assert watched.figure("alarmd_deaf_total") == 1
    assert len(await watched.texts()) == 2


async def test_a_deafness_that_lasts_is_told_once_and_does_not_end_in_reconnects_without_end(
    broker: Mosquitto, watched: Watching, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with access rules that let nothing through."""
    monkeypatch.setattr(Subscription, "reconnect", lambda *_: None)
    async with listening(watched, broker.port) as ear:
        ear.falls_deaf()
        for _ in range(3):
            assert not await ear.hearing.listen()
    assert watched.figure("alarmd_deaf_total") == 1
    assert len(watched.told) == 1


async def test_whatever_comes_proves_that_it_hears(broker: Mosquitto, watched: Watching) -> None:
    async with listening(watched, broker.port) as ear:
        ear.subscription._probe_topic = "alarmd/nobody/reads/this"
        listened = asyncio.create_task(ear.hearing.listen())
        await broker.publish(SIGNAL, b"1")
        assert await listened
    assert watched.told == []


async def test_a_broker_that_forbids_probes_is_named(tmp_path: Path, watched: Watching) -> None:
    (tmp_path / "acl").write_text("topic read #\n", encoding="utf-8")
    (tmp_path / "acl").chmod(0o700)
    (tmp_path / "strict").mkdir()
    more = ("allow_anonymous true", f"acl_file {tmp_path / 'acl'}")
    async with Mosquitto(tmp_path / "strict", more=more) as broker, listening(watched, broker.port) as ear:
        assert not await ear.hearing.listen()
        assert ear.hearing.fault is not None
        assert "does not take alarmd's own test messages (Not authorized)" in ear.hearing.fault
        await until(lambda: ear.subscription.subscribed)  # this version of mosquitto ends the connection for it
        assert not await ear.hearing.listen()
        assert broker.count("Denied PUBLISH from alarmd") == 1, "and it is not sent over and over"
        ear.hearing._clock = watched.core.clock
        watched.core.clock.pass_(365 * 86_400)
        assert not await ear.hearing.listen()
        await broker.until_said("Denied PUBLISH from alarmd", times=2)
    assert watched.told == [], "what the rules forbid, the canary will tell the desk"


async def test_while_the_store_takes_its_time_alarmd_is_not_deaf(broker: Mosquitto, watched: Watching) -> None:
    async with listening(watched, broker.port) as ear:
        ear.keeper.holding = True
        await broker.publish(SIGNAL, b"1")
        await ear.keeper.has(1)
        ear.falls_deaf()
        assert not await ear.hearing.listen()
        assert watched.told == []
        ear.keeper.keep()


async def test_a_site_without_alarmds_own_devices_is_heard_by_a_filter_of_its_own(
    broker: Mosquitto, watched: Watching
) -> None:
    async with listening(watched, broker.port, ("zigbee2mqtt/#",)) as ear:
        assert await ear.hearing.listen()


async def test_a_press_on_the_topic_of_the_probes_is_a_press(broker: Mosquitto, watched: Watching) -> None:
    async with listening(watched, broker.port) as ear:
        await broker.publish(TOPIC, b'{"type":"sos"}', b"help", b'{"type":"heartbeat","ref":"an earlier run"}')
        await broker.publish(SIGNAL, b"last")
        await ear.keeper.has(3)
    assert ear.keeper.payloads == [b'{"type":"sos"}', b"help", b"last"]


async def test_a_broker_that_stays_away_is_told_after_a_while(
    broker: Mosquitto, watched: Watching, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with listening(watched, broker.port) as ear:
        ear.hearing._clock = watched.core.clock
        await broker.stop()
        await until(lambda: not ear.subscription.subscribed)
        await ear.hearing.listen()
        assert watched.told == [], "it may only be restarted"
        watched.core.clock.pass_(UNREAD_MOST.total_seconds())
        for _ in range(3):
            await ear.hearing.listen()
        assert [notice.silence for notice in watched.told] == [Silence.BROKER]
        await broker.start()
        await until(lambda: ear.subscription.subscribed)
        ear.hearing._clock = SystemClock()
        ear.hearing._alarm = Alarm(SystemClock())
        assert await ear.hearing.listen()
    assert [entry["what"] for entry in await watched.log("watchdog.canary")] == ["broker", "broker"]
