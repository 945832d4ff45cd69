"""A silent device is moved to another home: that one is on the call list, and the old one no longer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from alarmd import times
from alarmd.directory.exposing import exposures
from alarmd.supervision import Supervision
from escalation.incident import Incident
from tests.support.core import Core

HOMES = 12
HOME = """
INSERT INTO circle (id, name, tier) VALUES ('{circle}', 'lane', 'street') ON CONFLICT DO NOTHING;
INSERT INTO resident (id, name, circle) VALUES ('r{n}', 'Resident {n}', '{circle}');
INSERT INTO device VALUES ('d{n}', 'alarmd', 'p{n}', 'r{n}', 'pendant', '', 60);
INSERT INTO device_proof (device, tested_at) VALUES ('d{n}', '2026-01-01T00:00:00.000000Z');
"""


class Town(Core):
    """Twelve homes with a pendant each, half of them in one lane; each reports every half minute."""

    async def start(self) -> None:
        await super().start()
        self.supervision = Supervision(store=self.store, clock=self.clock, engine=self.engine)
        self.intake._supervision = self.supervision

    async def furnish(self) -> None:
        for n in range(HOMES):
            await self.run_sql(HOME.format(n=n, circle="lane" if n < HOMES / 2 else "other"))

    async def lives(self, seconds: int, *, without: tuple[int, ...] = ()) -> None:
        for second in range(seconds):
            for n in range(HOMES):
                if n not in without and (second + 2 * n) % 30 == 0:
                    await self.receive(f"alarmd/v1/p{n}/signal", f'{{"ref":"{second}","type":"heartbeat"}}')
            self.clock.pass_(1)
            await self.supervision.look()

    async def move(self, device: str, to: str) -> None:
        """Imported so; the daemon reads it within five seconds."""
        now = times.to_text(self.clock.now())
        await self.run_sql(
            f"UPDATE device SET resident = '{to}' WHERE id = '{device}';"  # noqa: S608 - names of our own
            f"INSERT OR REPLACE INTO note_to_self VALUES ('directory', '{now}')"
        )

    async def call_list(self) -> dict[str, list[tuple[str, bool]]]:
        """By home: each reason of silence, and whether it is still so."""
        now = self.clock.now()
        homes = await self.store.read(
            lambda tx: list(exposures(tx, since=now - timedelta(hours=1), now=now, settings=self.settings))
        )
        reasons = {"home", "street", "gateway", "all"}
        found = {
            home.resident: [(span.why.value, span.until is None) for span in home.spans if span.why.value in reasons]
            for home in homes
        }
        return {home: spans for home, spans in found.items() if spans}

    async def technical(self) -> list[Incident]:
        return [incident for incident in await self.incidents() if incident.kind == "silent"]


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with Town(tmp_path) as made:
        await made.furnish()
        await made.lives(90)
        yield made


async def test_the_new_home_is_on_the_call_list_and_the_old_one_is_not_any_more(town: Town) -> None:
    await town.lives(100, without=(3,))
    assert await town.call_list() == {"r3": [("home", True)]}
    await town.move("d3", "r9")
    town.clock.pass_(1)
    moved = {"r3": [("home", False)], "r9": [("home", True)]}
    assert await town.call_list() == moved, "also while no daemon has put it on record"
    await town.supervision.load()
    assert await town.call_list() == moved
    old, new = await town.technical()
    assert (old.resident, old.recovered_at is not None) == ("r3", True)
    assert (new.resident, new.recovered_at) == ("r9", None)
    (closed,) = await town.log("exposure.closed")
    assert (closed.resident, closed.incident) == ("r3", old.id)
    assert len([entry for entry in await town.log("exposure.opened") if entry.resident == "r9"]) == 1


async def test_it_is_told_once_and_is_over_when_the_device_is_heard_there(town: Town) -> None:
    await town.lives(100, without=(3,))
    await town.move("d3", "r9")
    await town.supervision.load()
    await town.lives(40, without=(3,))
    assert len(await town.technical()) == 2
    await town.lives(31)
    assert await town.call_list() == {"r3": [("home", False)], "r9": [("home", False)]}
    assert all(incident.recovered_at for incident in await town.technical())


async def test_it_is_found_at_the_start_when_it_was_moved_while_alarmd_was_off(town: Town) -> None:
    await town.lives(100, without=(3,))
    await town.supervision.flush()
    await town.move("d3", "r9")
    await town.restart()
    await town.supervision.load()
    assert await town.call_list() == {"r3": [("home", False)], "r9": [("home", True)]}


async def test_silent_with_its_street_it_stays_on_that_incident(town: Town) -> None:
    lane = tuple(range(HOMES // 2))
    await town.lives(130, without=lane)
    (incident,) = await town.technical()
    assert incident.subject == "street:lane"
    await town.move("d3", "r9")
    await town.supervision.load()
    (same,) = await town.technical()
    assert same.recovered_at is None
    rows = await town.rows("SELECT resident, incident FROM exposure WHERE device = 'd3' AND until IS NULL")
    assert [tuple(row) for row in rows] == [("r9", incident.id)]


async def test_who_is_heard_is_moved_without_a_word(town: Town) -> None:
    await town.move("d3", "r9")
    await town.lives(40)
    assert await town.technical() == []
    assert await town.call_list() == {}
