"""A tracker that says "sos" in every uplink calls once; a hand that presses again calls again."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from devices import registry
from escalation.incident import Closed
from tests.support.core import Core

UPLINK = "application/1/device/24e124538b223213/event/up"


class Tracker(Core):
    """Wang's tracker, and a Zigbee button that repeats itself."""

    uplinks = 0

    async def uplink(self, *, sos: bool | None, after: float = 0.0) -> None:
        self.clock.pass_(after)
        self.uplinks += 1
        fields = {"BatV": 3.9} if sos is None else {"ALARM_status": "TRUE" if sos else "FALSE"}
        body = {"deduplicationId": f"d{self.uplinks}", "fPort": 2, "object": fields}
        await self.receive(UPLINK, json.dumps(body))

    async def presses(self) -> list[int]:
        return [incident.presses for incident in await self.incidents()]


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Tracker]:
    async with Tracker(tmp_path) as made:
        await made.run_sql(
            "INSERT INTO device VALUES ('t', 'chirpstack', '24e124538b223213', 'wang', 'wearable', '', NULL)"
        )
        yield made


async def test_a_flag_that_stays_up_is_a_press_until_its_pace_is_known_and_then_no_more(home: Tracker) -> None:
    await home.uplink(sos=True)
    for jitter in (0.0, 0.4, -0.7, 1.1, 0.0, 0.2, -1.5, 0.9):
        await home.uplink(sos=True, after=60 + jitter)
    assert await home.presses() == [2]
    assert len(await home.log("signal.kept")) == 2


async def test_a_button_that_repeats_itself_every_five_seconds_calls_once(home: Tracker) -> None:
    for _ in range(30):
        await home.receive("zigbee2mqtt/bed_button", '{"sos":true,"battery":90}')
        home.clock.pass_(5)
    assert await home.presses() == [1]


async def test_a_flag_that_fell_and_rose_is_a_new_press(home: Tracker) -> None:
    for after in (0, 60, 60, 60):
        await home.uplink(sos=True, after=after)
    await home.uplink(sos=False, after=20)
    await home.uplink(sos=True, after=40)
    assert await home.presses() == [3]


@pytest.mark.parametrize("after", [12.0, 31.0, 50.0, 120.0, 3600.0])
async def test_a_press_out_of_step_is_a_press_though_the_flag_never_fell(home: Tracker, after: float) -> None:
    for _ in range(5):
        await home.uplink(sos=True, after=60)
    assert await home.presses() == [2]
    await home.uplink(sos=True, after=after)
    assert await home.presses() == [3]


async def test_whatever_else_the_device_says_makes_the_next_one_a_press(home: Tracker) -> None:
    for _ in range(5):
        await home.uplink(sos=True, after=60)
    await home.uplink(sos=None, after=30)
    await home.uplink(sos=True, after=30)
    assert await home.presses() == [3]


async def test_after_a_start_of_alarmd_it_is_a_press(home: Tracker) -> None:
    for _ in range(5):
        await home.uplink(sos=True, after=60)
    await home.restart()
    await home.uplink(sos=True, after=60)
    assert await home.presses() == [3]


async def test_a_flag_that_nobody_reset_opens_nothing_after_the_close_and_is_a_fault(home: Tracker) -> None:
    for _ in range(6):
        await home.uplink(sos=True, after=60)
    (incident,) = await home.incidents()
    await home.engine.apply(incident.id, Closed(by="Ma Li", reason="she is well"))
    for _ in range(70):
        await home.uplink(sos=True, after=60)
    assert len(await home.incidents()) == 1
    assert [entry.data["type"] for entry in await home.log("device.fault")] == ["repeats"]
    await home.uplink(sos=True, after=25)  # a hand: out of step
    assert len(await home.incidents()) == 2


async def test_presses_by_the_clock_are_presses_where_each_was_closed(home: Tracker) -> None:
    for number in range(1, 4):
        await home.uplink(sos=True, after=60)
        incidents = await home.incidents()
        assert len(incidents) == number
        await home.engine.apply(incidents[-1].id, Closed(by="Ma Li", reason="a test"))


async def test_a_press_that_could_not_be_kept_hides_none_that_follows(home: Tracker) -> None:
    await home.uplink(sos=True)
    (first,) = await home.incidents()
    await home.engine.apply(first.id, Closed(by="Ma Li", reason="she is well"))
    await home.uplink(sos=False, after=86_400)
    for _ in range(3):  # heard, and never committed
        home.clock.pass_(60)
        said = registry.decode(UPLINK, b'{"fPort":2,"object":{"ALARM_status":"TRUE"}}')
        home.intake._keeper.sticking.heard(said, home.clock.now())
    await home.uplink(sos=True, after=60)
    assert len(await home.incidents()) == 2
