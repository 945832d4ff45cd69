"""A radar says each second what it sees: one fall that lasts, and one alarm."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from escalation.incident import Closed, Incident
from tests.support.core import Core

RADAR = "student/CASA0014/luminaire/21"


@pytest.fixture
async def core(tmp_path: Path) -> AsyncIterator[Core]:
    async with Core(tmp_path) as made:
        await made.run_sql(
            "INSERT INTO device (id, family, address, resident, kind) "  # noqa: S608 - a test's own words
            f"VALUES ('radar', 'mmwave_seeed', '{RADAR}', 'wang', 'fall')"
        )
        yield made


async def sees_a_fall(core: Core, *, times: int, every: float) -> list[Incident]:
    for _ in range(times):
        await core.receive(RADAR, '{"status":2,"lux":45.3}')
        core.clock.pass_(every)
    return await core.incidents()


async def test_a_fall_that_is_seen_for_minutes_is_one_alarm(core: Core) -> None:
    (incident,) = await sees_a_fall(core, times=300, every=1)
    assert incident.presses == 1


async def test_it_is_told_once_more_after_ten_minutes(core: Core) -> None:
    (incident,) = await sees_a_fall(core, times=35, every=20)
    assert incident.presses == 2


async def test_a_fall_after_a_pause_is_a_new_one(core: Core) -> None:
    await sees_a_fall(core, times=5, every=1)
    core.clock.pass_(120)
    (incident,) = await sees_a_fall(core, times=5, every=1)
    assert incident.presses == 2


async def test_whoever_still_lies_there_after_the_close_is_found_again(core: Core) -> None:
    await sees_a_fall(core, times=5, every=1)
    (row,) = await core.store.read(lambda tx: tx.all("incidents_open_of_subject", subject="wang"))
    await core.store.write(lambda tx: core.engine.happen(tx, row, Closed(by="li", reason="helped"), core.clock.now()))
    assert len(await sees_a_fall(core, times=5, every=1)) == 2


async def test_whoever_presses_again_and_again_is_heard_again(core: Core) -> None:
    for _ in range(4):
        await core.press()
        core.clock.pass_(8)
    assert [one.presses for one in await core.incidents()] == [2]


async def test_a_restart_loses_no_fall(core: Core) -> None:
    await sees_a_fall(core, times=20, every=1)
    await core.restart()
    (incident,) = await sees_a_fall(core, times=20, every=1)
    assert incident.presses == 2
