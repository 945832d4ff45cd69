"""A vital sign that stayed outside alarms for who wore the band then, by the limits that hold now, and nobody else."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from alarmd.store import StoreError
from alarmd.supervision import Supervision
from escalation.incident import Incident
from tests.support.core import Core

BAND = """
INSERT INTO device VALUES ('band', 'alarmd', 'band', 'wang', 'watch', '', NULL);
INSERT INTO device_setting VALUES ('band', '{"limits":{"heart_rate":{"low":50,"seconds":60}}}');
INSERT INTO note_to_self VALUES ('directory', '1');
"""


class Worn(Core):
    """Wang wears a band."""

    async def start(self) -> None:
        await super().start()
        self.supervision = Supervision(store=self.store, clock=self.clock, engine=self.engine)
        self.intake._supervision = self.supervision
        self.supervision.on_look(self.intake._look)
        self.supervision.on_reread(self.intake._review)

    async def measures(self, **measured: float) -> None:
        body = {"ref": f"{self.clock.now()}", "type": "measurement", "measurements": measured}
        await self.receive("alarmd/v1/band/signal", json.dumps(body))
        await self.settled()

    async def settled(self) -> None:
        """Whose it is has been looked up, and what was submitted is done."""
        for asking in list(self.intake._asking):
            await asking
        with contextlib.suppress(StoreError):
            await self.store.write(lambda _: None)

    async def passes_by(self, seconds: int) -> None:
        for _ in range(seconds):
            self.clock.pass_(1)
            await self.supervision.look()
        await self.settled()

    async def changes(self, sql: str, *, is_read: bool) -> None:
        """The directory is changed; the daemon reads it again, or has not yet."""
        await self.run_sql(f"{sql}; UPDATE note_to_self SET value = '{self.clock.now()}' WHERE name = 'directory'")  # noqa: S608 - a time of our own
        if is_read:
            await self.supervision.load()
            await self.settled()

    async def vital(self) -> list[Incident]:
        return [incident for incident in await self.incidents() if incident.kind == "vital"]


TO_SMITH = "UPDATE device SET resident = 'smith' WHERE id = 'band'"
WIDER = """UPDATE device_setting SET data = '{"limits":{"heart_rate":{"low":40,"seconds":60}}}'"""
LONGER = """UPDATE device_setting SET data = '{"limits":{"heart_rate":{"low":50,"seconds":600}}}'"""
SHORTER = """UPDATE device_setting SET data = '{"limits":{"heart_rate":{"low":50,"seconds":10}}}'"""
both = pytest.mark.parametrize("is_read", [True, False])


@pytest.fixture
async def worn(tmp_path: Path) -> AsyncIterator[Worn]:
    async with Worn(tmp_path) as made:
        await made.run_sql(BAND)
        await made.supervision.load()
        yield made


@both
async def test_who_is_given_the_band_is_not_called_for_another_ones_heart(worn: Worn, is_read: bool) -> None:  # noqa: FBT001 - a parameter of the story
    await worn.measures(heart_rate=45)
    await worn.passes_by(30)
    await worn.changes(TO_SMITH, is_read=is_read)
    await worn.passes_by(40)
    assert await worn.vital() == []


async def test_what_the_new_wearer_measures_is_theirs_and_waits_anew(worn: Worn) -> None:
    await worn.measures(heart_rate=45)
    await worn.passes_by(50)
    await worn.changes(TO_SMITH, is_read=True)
    await worn.measures(heart_rate=44)
    await worn.passes_by(50)
    assert await worn.vital() == []
    await worn.passes_by(15)
    (incident,) = await worn.vital()
    assert incident.resident == "smith"


@both
async def test_what_was_told_already_is_not_told_again_for_the_next_one(worn: Worn, is_read: bool) -> None:  # noqa: FBT001 - a parameter of the story
    await worn.measures(systolic=240)
    assert [incident.resident for incident in await worn.vital()] == ["wang"]
    await worn.changes(TO_SMITH, is_read=is_read)
    worn.clock.pass_(31 * 60)
    await worn.passes_by(1)
    assert [incident.resident for incident in await worn.vital()] == ["wang"]


async def test_one_reading_that_is_enough_is_of_who_wears_it_at_that_moment(worn: Worn) -> None:
    await worn.changes(TO_SMITH, is_read=False)
    await worn.measures(systolic=240)
    assert [incident.resident for incident in await worn.vital()] == ["smith"]


@both
async def test_what_is_within_the_new_limits_is_no_alarm(worn: Worn, is_read: bool) -> None:  # noqa: FBT001 - a parameter of the story
    await worn.measures(heart_rate=45)
    await worn.passes_by(30)
    await worn.changes(WIDER, is_read=is_read)
    await worn.passes_by(40)
    assert await worn.vital() == []


@pytest.mark.parametrize(("limits", "after"), [(LONGER, 595), (SHORTER, 1)])
async def test_it_waits_for_as_long_as_the_new_limits_say(worn: Worn, limits: str, after: int) -> None:
    await worn.measures(heart_rate=45)
    await worn.passes_by(20 if after == 1 else 10)
    await worn.changes(limits, is_read=True)
    await worn.passes_by(after - 10 if after > 10 else 0)
    assert await worn.vital() == []
    await worn.passes_by(10)
    assert len(await worn.vital()) == 1


async def test_a_press_of_the_new_home_is_not_taken_for_the_old_ones(worn: Worn) -> None:
    """Within ten seconds, and with the same reference: the alarm of the home it was taken from is not theirs."""
    body = '{"ref":"7","type":"sos"}'
    await worn.receive("alarmd/v1/band/signal", body)
    await worn.changes(TO_SMITH, is_read=True)
    await worn.receive("alarmd/v1/band/signal", body)
    worn.clock.pass_(3)
    await worn.receive("alarmd/v1/band/signal", '{"type":"sos"}')
    assert [incident.resident for incident in await worn.incidents()] == ["wang", "smith"]
