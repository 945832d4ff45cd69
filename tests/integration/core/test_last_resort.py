"""Nobody is at the desk, and nobody is left whom a step may ask: before silence, whom there is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from alarmd.directory.duty_keeper import DutyKeeper
from escalation.incident import Answer, Answered, Status
from tests.support.core import Core

NO_DESK = '[service]\nlanguage = "zh-CN"\ndesk_phones = []\n'
LI = "+8613800000001"
ONLY_LI = "DELETE FROM contact; DELETE FROM responder WHERE id <> 'li'; UPDATE circle SET phone = ''"
LIVES_HERE_TOO = (
    "INSERT INTO resident (id, name, phone, address, lat, lon)"
    " VALUES ('oldli', '李强', '+8613800000001', '和平里9号', 39.9505, 116.4105);"
    "INSERT INTO device (id, family, address, resident, kind)"
    " VALUES ('his-bed', 'zigbee2mqtt', 'his_button', 'oldli', 'button')"
)


@pytest.fixture
async def core(tmp_path: Path) -> AsyncIterator[Core]:
    async with Core(tmp_path, more=NO_DESK) as made:
        await made.run_sql(ONLY_LI)
        yield made


async def presses(core: Core, button: str = "bed_button") -> None:
    await core.receive(f"zigbee2mqtt/{button}", '{"action":"emergency","battery":87}')


async def off_duty(core: Core) -> None:
    """Everybody whose on-call text is "off", worked out as the daemon does it."""
    keeper = DutyKeeper(store=core.store, clock=core.clock, settings=core.settings)
    assert await keeper.refresh()


async def calls_to_li(core: Core) -> int:
    return len([m for m in await core.send() if m.to == LI and m.channel == "voice"])


async def test_the_only_one_left_has_an_alarm_of_their_own_and_is_rung_all_the_same(core: Core) -> None:
    await core.run_sql(LIVES_HERE_TOO)
    await presses(core, "his_button")
    await presses(core)
    assert await calls_to_li(core) == 1
    for _ in range(3):
        await core.passes(61)
        assert await calls_to_li(core) == 1, "and goes on ringing"
    step = [entry for entry in await core.log("incident.step") if entry.data.get("last_resort")]
    assert [one["id"] for one in step[-1].data["chosen"]] == ["li"]
    assert "alarm of their own" in step[-1].data["why"]
    wang = next(one for one in await core.incidents() if one.subject == "wang")
    await core.engine.apply(wang.id, Answered(person="li", answer=Answer.GO, via="voice"))
    assert next(one for one in await core.incidents() if one.subject == "wang").status is Status.ACCEPTED


async def test_two_who_need_help_and_have_only_each_other_are_not_left_in_silence(core: Core) -> None:
    """Li is asked to go, and then presses himself: he is rung for her on, for there is nobody else."""
    await core.run_sql(LIVES_HERE_TOO)
    await presses(core)
    assert await calls_to_li(core) == 1
    await presses(core, "his_button")
    await core.passes(61)
    assert await calls_to_li(core) == 1


async def test_the_only_one_left_is_off_duty_and_is_rung_all_the_same(core: Core) -> None:
    await core.run_sql("UPDATE responder SET on_call = 'off'")
    await off_duty(core)
    await presses(core)
    assert await calls_to_li(core) == 1
    step = [entry for entry in await core.log("incident.step") if entry.data.get("last_resort")]
    assert "off duty" in step[-1].data["why"]


async def test_who_is_off_duty_goes_before_who_needs_help(core: Core) -> None:
    await core.run_sql(LIVES_HERE_TOO)
    await core.run_sql(
        "INSERT INTO responder (id, name, phone, role, lat, lon, travel, on_call)"
        " VALUES ('sun', '孙丽', '+8613800000077', 'neighbour', 39.951, 116.411, 'walk', 'off')"
    )
    await off_duty(core)
    await presses(core, "his_button")
    await core.send()
    await presses(core)
    assert {m.to for m in await core.send()} == {"+8613800000077"}


async def test_with_nobody_at_all_it_stays_on_record_every_minute(core: Core) -> None:
    await core.run_sql("DELETE FROM responder")
    await presses(core)
    before = len(await core.log("incident.gap"))
    await core.passes(61)
    assert len(await core.log("incident.gap")) > before
