"""Towards help: a device that seems faulty is flagged and stays an alarm; a stranger comes with all that is known."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from alarmd.intake.keeping import MANY
from tests.support.core import Core


@pytest.fixture
async def core(tmp_path: Path) -> AsyncIterator[Core]:
    async with Core(tmp_path) as made:
        yield made


async def test_a_button_that_repeats_itself_is_flagged_once_and_stays_an_alarm(core: Core) -> None:
    for _ in range(MANY + 10):
        await core.press()
        core.clock.pass_(5)
    (fault,) = await core.log("device.fault")
    assert (fault.device, fault.data["type"], fault.data["count"]) == ("bed", "repeats", MANY)
    (incident,) = await core.incidents()
    assert incident.deadlines


async def test_who_presses_a_few_times_in_fear_is_no_fault(core: Core) -> None:
    for _ in range(8):
        await core.press()
        core.clock.pass_(11)
    assert await core.log("device.fault") == []


async def test_an_emergency_at_an_odd_battery_is_an_alarm_and_a_fault(core: Core) -> None:
    await core.receive("zigbee2mqtt/bed_button", '{"action":"emergency","battery":0}')
    assert len(await core.incidents()) == 1
    assert [entry.data["type"] for entry in await core.log("device.fault")] == ["odd_battery"]


async def test_a_stranger_comes_with_everything_that_is_known_of_it(core: Core) -> None:
    body = '{"ref":"1","type":"sos","battery":40,"lat":39.95,"lon":116.41,"text":"help"}'
    await core.receive("alarmd/v1/found/signal", body)
    (opened,) = await core.log("incident.opened")
    for known in ("设备系列alarmd", "主题alarmd/v1/found/signal", "电量40", "位置39.95000,116.41000", "内容：help"):
        assert known in opened.data["text"], "in the language of the service, whose desk reads it"
