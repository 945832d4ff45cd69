"""One password that thinks up a device for each message: few incidents, few calls, and an honest press goes first."""

from __future__ import annotations

import asyncio
from pathlib import Path
from time import perf_counter

import pytest

from bench import site
from bench.attacks import bury, share
from bench.attacks.shape import under
from bench.provider import Provider
from bench.siege import Siege
from tests.support.mosquitto import Mosquitto
from tests.support.running import Running

KINDS = 4  # that the attack thinks up
SLOW = 60.0  # seconds until it is ready, on a machine that runs other tests beside
ANSWERED = 10.0
MADE_UP = 1_500
FLOOD = 3_000
OWN = "alarmd/v1/d0/signal"
REALISTIC = (
    ("calls_per_second = 10000", "calls_per_second = 1"),
    ("messages_per_second = 10000", "messages_per_second = 1"),
)


async def test_it_is_few_incidents_and_every_acknowledged_message_is_counted(tmp_path: Path) -> None:
    async with Siege(tmp_path, 6, bury.made_up) as siege:
        async with under(bury.made_up, siege.target(effort=0.4)):
            presses = await siege.presses(2)
        assert max(press.asked for press in presses) < ANSWERED
        rows = siege.alarmd.rows(
            "SELECT json_extract(state, '$.others.messages') AS n FROM incident WHERE resident IS NULL"
        )
        assert 1 <= len(rows) <= KINDS
        counted = siege.alarmd.rows("SELECT sum(1 + repeats) AS n FROM signal WHERE device LIKE '%made-up%'")[0]["n"]
        assert counted >= sum(row["n"] or 0 for row in rows) > 200
        told = siege.alarmd.rows(
            "SELECT count(*) AS n FROM outbox o JOIN incident i ON i.id = o.incident WHERE i.resident IS NULL"
        )[0]["n"]
        assert told < 100


def paced(provider: Provider) -> str:
    """A provider that takes one call a second, as they do."""
    more = provider.settings()
    for quick, slow in REALISTIC:
        more = more.replace(quick, slow)
    return more


@pytest.mark.broker
async def test_a_press_through_the_same_broker_goes_first_at_one_call_a_second(tmp_path: Path) -> None:
    async with Mosquitto(tmp_path, quiet=True) as broker, Provider() as provider:
        alarmd = Running(tmp_path, mqtt=f'url = "{broker.url}"', more=paced(provider))
        site.fill(alarmd, 3)
        async with alarmd:
            await alarmd.start(patience=SLOW)
            async with broker.client("gateway") as gateway, broker.client("home") as home:
                for n in range(MADE_UP):
                    await gateway.publish(f"zigbee2mqtt/made-up-{n}", b'{"action":"emergency"}', qos=1)
                pressed = perf_counter()
                await home.publish("alarmd/v1/d1/signal", b'{"ref":"1","type":"sos"}', qos=1)
                async with asyncio.timeout(SLOW):
                    asked = min([await provider.until_asked(site.phone(1, n)) for n in range(site.NEIGHBOURS)])
            assert asked - pressed < ANSWERED
            assert len(alarmd.rows("SELECT 1 FROM incident WHERE resident IS NULL")) == 1


@pytest.mark.broker
async def test_a_press_through_the_same_broker_is_read_before_the_flood_of_another_device(tmp_path: Path) -> None:
    async with Mosquitto(tmp_path, quiet=True) as broker, Provider() as provider:
        alarmd = Running(tmp_path, mqtt=f'url = "{broker.url}"', more=provider.settings())
        site.fill(alarmd, 3)
        async with alarmd:
            await alarmd.start(patience=SLOW)
            async with broker.client("stolen") as stolen, broker.client("home") as home:
                for n in range(FLOOD):
                    await stolen.publish(OWN, b'{"ref":"%d","type":"sos"}' % n, qos=0)
                pressed = perf_counter()
                await home.publish("alarmd/v1/d1/signal", b'{"ref":"1","type":"sos"}', qos=1)
                async with asyncio.timeout(SLOW):
                    asked = min([await provider.until_asked(site.phone(1, n)) for n in range(site.NEIGHBOURS)])
            assert asked - pressed < ANSWERED
            stood_for = "SELECT count(*) AS rows, sum(1 + repeats) AS n FROM signal WHERE device = 'alarmd/d0'"
            async with asyncio.timeout(SLOW):
                while ((await asyncio.to_thread(alarmd.rows, stood_for))[0]["n"] or 0) < FLOOD:
                    assert alarmd.lives
            assert alarmd.rows(stood_for)[0]["rows"] < FLOOD / 10


async def test_one_button_in_many_connections_is_few_entries_and_each_message_is_counted(tmp_path: Path) -> None:
    async with Siege(tmp_path, 6, share.connections) as siege:
        async with under(share.connections, siege.target(effort=0.2)):
            presses = await siege.presses(2)
        assert max(press.asked for press in presses) < ANSWERED
        (row,) = siege.alarmd.rows(
            "SELECT count(*) AS rows, sum(1 + repeats) AS n FROM signal WHERE device = 'alarmd/d0'"
        )
        assert row["n"] > 500
        assert row["rows"] < row["n"] / 5


@pytest.mark.broker
async def test_a_topic_of_addresses_of_mail_stops_nothing(tmp_path: Path) -> None:
    async with Mosquitto(tmp_path, quiet=True) as broker:
        alarmd = Running(tmp_path, mqtt=f'url = "{broker.url}"')
        alarmd.fill()
        async with alarmd:
            await alarmd.start(patience=SLOW)
            topic = "zigbee2mqtt/" + "a_at_b_" * 8_000
            await broker.publish(topic, b'{"action":"emergency"}')
            await broker.publish("zigbee2mqtt/li_button", b'{"action":"emergency"}')
            begun = perf_counter()
            await alarmd.until_logged("incident.opened", fits=lambda one: one.resident == "li")
            assert perf_counter() - begun < ANSWERED
            await alarmd.kill()
            await alarmd.start(patience=SLOW)
