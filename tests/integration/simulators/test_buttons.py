"""Simulated devices at a real door."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

import devices
from alarmd.clock import SystemClock
from simulators.broker import Broker
from simulators.buttons import Button, press
from simulators.fleet import fleet, storm
from simulators.wearable import Wearable
from tests.support.ledger import Ledger, open_ledger


@pytest.fixture
async def ledger() -> AsyncIterator[Ledger]:
    async with open_ledger() as found:
        yield found


@pytest.fixture
def broker(ledger: Ledger) -> Broker:
    return Broker.at(ledger.url)


async def test_a_button_waits_for_the_word_that_its_press_is_kept(broker: Broker, ledger: Ledger) -> None:
    pressed = await press(broker, device="bed_button")
    assert (pressed.status, pressed.incident) == ("kept", "A-1")
    assert ledger.types() == ["sos"]


async def test_a_zigbee_button_knows_only_that_it_was_acknowledged(broker: Broker, ledger: Ledger) -> None:
    pressed = await press(broker, family="zigbee2mqtt", device="bed_button")
    assert pressed.status is None
    assert pressed.acknowledged < 5
    assert "sos" in ledger.types()


async def test_a_button_that_is_told_nothing_gives_up_in_time(broker: Broker) -> None:
    async with Button(broker=broker, device="bed_button") as button:
        with pytest.raises(TimeoutError):
            await button.until_told("accepted", patience=0.05)


async def test_a_wristband_walks_and_falls(broker: Broker, ledger: Ledger) -> None:
    chance = random.Random(1)  # noqa: S311 - a walk, not a secret
    async with Button(broker=broker, device="band", clock=SystemClock(1000)) as band:
        wearable = Wearable(band=band, lat=31.2, lon=121.5, chance=chance)
        assert await wearable.walks(steps=3, every=60) == 3
        await wearable.falls(patience=0)
    assert ledger.types().count("location") >= 3
    assert "fall" in ledger.types()


async def test_a_watch_of_another_family_walks_and_falls(broker: Broker, ledger: Ledger) -> None:
    chance = random.Random(1)  # noqa: S311 - a walk, not a secret
    imei = "350000003456789"
    async with Button(broker=broker, family="kati_watch", device=imei, clock=SystemClock(1000)) as watch:
        wearable = Wearable(band=watch, lat=31.2, lon=121.5, chance=chance)
        await wearable.walks(steps=3, every=60)
        await wearable.falls(patience=0)
    found = [one for kept in ledger.kept for one in devices.decode(kept.topic, kept.payload)]
    places = [one for one in found if one.type == "location"]
    assert len({(one.lat, one.lon) for one in places}) == 3
    assert {one.lat for one in found if one.type == "fall"} == {places[-1].lat}


async def test_a_band_that_knows_no_falls_calls_instead(broker: Broker, ledger: Ledger) -> None:
    chance = random.Random(1)  # noqa: S311 - a walk, not a secret
    device = "BC026EAABBCC"
    async with Button(broker=broker, family="theengs_ble", device=device, clock=SystemClock(1000)) as band:
        wearable = Wearable(band=band, lat=31.2, lon=121.5, chance=chance)
        await wearable.walks(steps=1, every=60)
        await wearable.falls(patience=0)
    assert {"measurement", "press"} <= set(ledger.types())


async def test_a_broken_line_leaves_the_last_will_and_a_goodbye_does_not(broker: Broker, ledger: Ledger) -> None:
    for lost in (False, True):
        async with Button(broker=broker, family="esphome", device="bedroom12") as cord:
            await cord.comes_up()
            if lost:
                await cord.is_lost()
        async with Button(broker=broker, device="bed_button") as button:
            await button.says("test")  # whatever was to come for the other came before
    assert ledger.types().count("offline") == 1
    assert "offline" in ledger.types()[ledger.types().index("test") + 1 :]


async def test_a_fleet_speaks_as_its_family_does(broker: Broker, ledger: Ledger) -> None:
    traffic = await fleet(broker, clock=SystemClock(1000), devices=20, every=None, family="theengs_ble")
    assert traffic.messages == len(ledger.kept) == 40  # two gateways hear each
    assert len({one.topic.rpartition("/")[2] for one in ledger.kept}) == 20


async def test_a_family_without_a_sign_of_life_has_no_fleet(broker: Broker) -> None:
    with pytest.raises(ValueError, match="cannot say 'heartbeat'; it can say sos, press"):
        await fleet(broker, clock=SystemClock(), devices=3, family="aws_iot_button")


async def test_a_fleet_spreads_its_heartbeats(broker: Broker, ledger: Ledger) -> None:
    traffic = await fleet(broker, clock=SystemClock(1000), devices=20, rounds=2, every=60)
    assert traffic.messages == len(ledger.kept) == 40
    assert ledger.kept[-1].received_at - ledger.kept[0].received_at > timedelta(milliseconds=50)


async def test_a_press_comes_through_in_a_storm(broker: Broker, ledger: Ledger) -> None:
    traffic = await storm(broker, clock=SystemClock(), devices=300, connections=10, button=("alarmd", "bed_button"))
    assert traffic.press is not None
    assert traffic.press.status == "kept"
    assert ledger.types().count("heartbeat") == 300


async def test_a_storm_without_end_is_refused(broker: Broker) -> None:
    with pytest.raises(ValueError, match="1 to 1000000"):
        await storm(broker, clock=SystemClock(), devices=10**9)
