"""Silence on record: one incident for each cause, its owner and clock, and who was unprotected meanwhile."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from alarmd.store import Row
from alarmd.supervision import Supervision
from escalation.incident import Closed, Incident, Status
from escalation.people import Channel
from tests.support.core import Core

HOMES = 6
HOME = """
INSERT INTO resident (id, name) VALUES ('r{n}', 'Resident {n}');
INSERT INTO device VALUES ('d{n}', 'alarmd', 'p{n}', 'r{n}', 'pendant', '', 60);
"""


class Watched(Core):
    """A street whose pendants report every minute."""

    async def start(self) -> None:
        await super().start()
        self.supervision = Supervision(store=self.store, clock=self.clock, engine=self.engine)
        self.intake._supervision = self.supervision

    async def furnish(self) -> None:
        """Six more homes with a pendant each; the first has a radar, too."""
        for n in range(HOMES):
            await self.run_sql(HOME.format(n=n))
        await self.run_sql("INSERT INTO device VALUES ('radar', 'alarmd', 'radar', 'r0', 'fall', '', 60)")

    async def lives(self, seconds: int, *, without: tuple[str, ...] = ()) -> None:
        """Time passes; everybody but those reports every half minute."""
        for second in range(seconds):
            if second % 30 == 0:
                for address in [*(f"p{n}" for n in range(HOMES)), "radar"]:
                    if address not in without:
                        await self.receive(f"alarmd/v1/{address}/signal", f'{{"ref":"{second}","type":"heartbeat"}}')
            self.clock.pass_(1)
            await self.supervision.look()

    async def exposures(self) -> list[Row]:
        return await self.store.read(lambda tx: tx._connection.execute("SELECT * FROM exposure ORDER BY id").fetchall())

    async def technical(self) -> list[Incident]:
        return [incident for incident in await self.incidents() if incident.kind == "silent"]


EVERYBODY = (*(f"p{n}" for n in range(HOMES)), "radar")


@pytest.fixture
async def street(tmp_path: Path) -> AsyncIterator[Watched]:
    async with Watched(tmp_path) as made:
        await made.furnish()
        await made.lives(90)
        yield made


async def test_a_silent_pendant_is_an_incident_of_the_desk_with_a_clock_and_wakes_nobody(street: Watched) -> None:
    await street.lives(90, without=("p3",))
    (incident,) = await street.technical()
    assert (incident.resident, incident.plan.name, incident.status) == ("r3", "technical", Status.NOTIFYING)
    assert incident.deadlines
    sent = await street.send()
    assert [(message.to, message.channel) for message in sent] == [("+8613900000009", Channel.SMS)]
    assert sent[0].body
    (silent,) = await street.log("device.silent")
    assert (silent.device, silent.incident, silent.data["owner"]) == ("d3", incident.id, "desk")
    (exposed,) = await street.exposures()
    assert (exposed["device"], exposed["until"], exposed["incident"]) == ("d3", None, incident.id)


async def test_two_silent_devices_of_one_home_are_one_incident(street: Watched) -> None:
    await street.lives(120, without=("p0", "radar"))
    (incident,) = await street.technical()
    assert incident.resident == "r0"
    assert [row["device"] for row in await street.exposures()] == ["d0", "radar"]
    assert len(await street.send()) == 1


async def test_nothing_heard_at_all_is_one_incident_with_everybody_on_the_list(street: Watched) -> None:
    await street.lives(150, without=EVERYBODY)
    (incident,) = await street.technical()
    assert (incident.subject, incident.resident) == ("all", None)
    assert {row["device"] for row in await street.exposures()} == {*(f"d{n}" for n in range(HOMES)), "radar"}
    assert len(await street.send()) == 1


async def test_who_is_heard_again_is_protected_again_and_a_person_closes(street: Watched) -> None:
    await street.lives(90, without=("p3",))
    await street.lives(10)
    (exposed,) = await street.exposures()
    assert exposed["until"] is not None
    (back,) = await street.log("device.back")
    assert back.device == "d3"
    assert len(await street.log("exposure.closed")) == 1
    (incident,) = await street.technical()
    assert incident.status is not Status.CLOSED
    assert incident.recovered_at is not None
    await street.engine.apply(incident.id, Closed(by="Ma", reason="the radio works again"))


async def test_it_reminds_the_desk_by_text_until_somebody_closes(street: Watched) -> None:
    await street.lives(90, without=("p3",))
    await street.send()
    for _ in range(3):
        await street.passes(7200)
        assert [message.channel for message in await street.send()] == [Channel.SMS]


async def test_a_restart_calls_nobody_silent_before_one_reporting_time_has_passed(street: Watched) -> None:
    await street.supervision.flush()
    street.clock.pass_(3600)
    await street.restart()
    await street.lives(60, without=("p3",))
    assert not await street.technical()
    await street.lives(40, without=("p3",))
    assert [incident.resident for incident in await street.technical()] == ["r3"]


async def test_what_is_silent_stays_the_same_incident_over_a_restart(street: Watched) -> None:
    await street.lives(90, without=("p3",))
    await street.restart()
    await street.lives(180, without=("p3",))
    assert len(await street.technical()) == 1
    assert len(await street.exposures()) == 1
    assert len(await street.log("device.silent")) == 1


async def test_a_silent_street_delays_no_press(street: Watched) -> None:
    await street.lives(150, without=EVERYBODY)
    await street.press()
    sos = [incident for incident in await street.incidents() if incident.kind == "sos"]
    assert [incident.plan.name for incident in sos] == ["standard"]


async def test_a_newly_imported_device_is_supervised_without_a_restart(street: Watched) -> None:
    await street.run_sql("INSERT INTO device VALUES ('new', 'alarmd', 'new', 'r1', 'pendant', '', 60)")
    await street.run_sql("INSERT INTO note_to_self VALUES ('directory', '7')")
    await street.supervision.load()
    await street.lives(60)
    assert not await street.technical()
    await street.lives(90)
    assert [row["device"] for row in await street.exposures()] == ["new"]


async def test_a_stored_copy_is_no_life(street: Watched) -> None:
    for _ in range(12):
        await street.lives(10, without=("p3",))
        await street.receive("alarmd/v1/p3/signal", '{"ref":"x","type":"heartbeat"}', retained=True)
    assert [row["device"] for row in await street.exposures()] == ["d3"]


async def test_who_speaks_between_its_import_and_its_reading_was_heard(street: Watched) -> None:
    """A button is paired while the directory is imported, and says nothing more for 25 hours."""
    await street.run_sql("INSERT INTO device VALUES ('new', 'alarmd', 'new', 'r1', 'pendant', '', 90000)")
    await street.run_sql("INSERT INTO note_to_self VALUES ('directory', '7')")
    await street.receive("alarmd/v1/new/signal", '{"ref":"1","type":"heartbeat","battery":88}')
    await street.lives(3)
    await street.supervision.load()
    await street.supervision.flush()
    (life,) = await street.rows("SELECT last_seen, battery FROM device_life WHERE device = 'alarmd/new'")
    assert life["battery"] == 88


async def test_who_is_missed_and_speaks_before_anything_is_known_is_back_at_once(street: Watched) -> None:
    """Its next word was 20 hours later, and until then it was on the call list."""
    await street.lives(100, without=("p3",))
    await street.restart()
    await street.receive("alarmd/v1/p3/signal", '{"ref":"1","type":"heartbeat"}')
    street.clock.pass_(1)
    await street.supervision.look()
    (exposed,) = await street.exposures()
    assert exposed["until"] is not None


async def test_a_silent_town_is_one_incident_whatever_alarmd_presses_itself(street: Watched) -> None:
    for _ in range(15):
        await street.receive("alarmd/v1/$canary-alarmd/signal", '{"ref":"1","type":"test"}')
        await street.receive("alarmd/v1/stranger/signal", '{"ref":"1","type":"heartbeat"}')
        await street.lives(10, without=EVERYBODY)
    (incident,) = await street.technical()
    assert incident.subject == "all"
