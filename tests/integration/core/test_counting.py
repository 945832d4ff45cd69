"""A mains-powered Shelly repeats its last press every half minute: a count that stands still is no press."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from escalation.incident import Closed, Incident, Status
from tests.support.core import Core

DEVICE = "shellyix3-98CDAC24D2C1"
EVERY = 30


@pytest.fixture
async def core(tmp_path: Path) -> AsyncIterator[Core]:
    async with Core(tmp_path) as made:
        await made.run_sql(
            "INSERT INTO device (id, family, address, resident, kind) "  # noqa: S608 - a test's own words
            f"VALUES ('cord', 'shelly_gen1', '{DEVICE}', 'wang', 'cord')"
        )
        yield made


async def says(core: Core, count: int, *, event: str = "S", key: int = 0, times: int = 1) -> list[Incident]:
    """The input says its last press so many times, half a minute apart; every incident so far."""
    for _ in range(times):
        body = json.dumps({"event": event, "event_cnt": count})
        await core.receive(f"shellies/{DEVICE}/input_event/{key}", body)
        core.clock.pass_(EVERY)
    return await core.incidents()


async def ends(core: Core) -> None:
    """Somebody came, and closes the incident."""
    (row,) = await core.store.read(lambda tx: tx.all("incidents_open_of_subject", subject="wang"))
    closed = Closed(by="li", reason="helped")
    await core.store.write(lambda tx: core.engine.happen(tx, row, closed, core.clock.now()))


async def test_its_repeats_are_no_further_presses(core: Core) -> None:
    (incident,) = await says(core, 12, times=60)
    assert incident.presses == 1
    assert await core.log("signal.repeated") == []  # twice a minute for ever is no news
    assert await core.log("device.fault") == []  # nor is the device broken


async def test_its_repeats_open_nothing_after_the_close(core: Core) -> None:
    await says(core, 12)
    await ends(core)
    assert [one.status for one in await says(core, 12, times=5)] == [Status.CLOSED]


async def test_a_new_press_is_new_however_soon_after_the_close(core: Core) -> None:
    await says(core, 12)
    await ends(core)
    first, second = await says(core, 13, times=3)
    assert (first.status, second.presses) == (Status.CLOSED, 1)


async def test_a_press_seconds_after_another_is_counted_and_so_are_its_repeats(core: Core) -> None:
    await core.receive(f"shellies/{DEVICE}/input_event/0", '{"event":"S","event_cnt":12}')
    core.clock.pass_(3)
    (incident,) = await says(core, 13, times=5)
    assert incident.presses == 2


async def test_each_input_counts_for_itself(core: Core) -> None:
    await says(core, 12, key=0)
    (incident,) = await says(core, 12, key=1)
    assert incident.presses == 2


async def test_after_a_new_start_an_old_count_is_a_new_press(core: Core) -> None:
    await says(core, 2)
    await ends(core)
    await says(core, 0, event="")  # the power came back
    incidents = await says(core, 2, times=3)  # the first press after it was lost on the way
    assert [one.status for one in incidents] == [Status.CLOSED, Status.NOTIFYING]
    assert incidents[-1].presses == 1


async def test_the_first_press_of_a_count_is_never_taken_for_a_repeat(core: Core) -> None:
    """A battery button says 1 with each waking."""
    await says(core, 1)
    await ends(core)
    assert len(await says(core, 1)) == 2


async def test_a_press_that_could_not_be_kept_is_kept_by_its_repeat(core: Core) -> None:
    await says(core, 11)
    await ends(core)
    core.clock.pass_(EVERY)  # the press with count 12 never got through
    incidents = await says(core, 12, times=2)
    assert len(incidents) == 2
