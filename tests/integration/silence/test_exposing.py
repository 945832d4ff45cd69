"""The call list knows every reason for which a home was unprotected, from when to when."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from alarmd import journal, languages, times
from alarmd.auditor import Auditor
from alarmd.clock import SystemClock
from alarmd.directory import rotas
from alarmd.metrics import Metrics
from alarmd.store import Transaction
from alarmd.watch.troubles import Troubles
from escalation.texts.watching import Silence
from tests.support.commands import alarmd
from tests.support.core import Core
from tests.support.duty import rota


class Outage(Core):
    """A store of which everything is well, until something is not."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.clock: Any = SystemClock()

    async def start(self) -> None:
        await super().start()
        self.troubles = Troubles(
            store=self.store,
            engine=self.engine,
            clock=self.clock,
            ids=self.messages._ids,
            texts=languages.texts("en"),
            desk_phones=(),
            figures=Metrics(self.clock).watch,
        )
        self.auditor = Auditor(engine=self.engine, clock=self.clock)

    def command(self, *words: str) -> str:
        assert self.settings.path is not None
        outcome = alarmd("exposure", "-c", self.settings.path, *words)
        assert outcome.code == 0, outcome.err
        return outcome.out

    def listed(self, scope: str) -> list[dict[str, Any]]:
        return [one for one in json.loads(self.command("--since", "2h", "--json")) if one["scope"] == scope]

    def ago(self, **span: float) -> str:
        return times.to_text(self.clock.now() - timedelta(**span))


@pytest.fixture
async def outage(tmp_path: Path) -> AsyncIterator[Outage]:
    async with Outage(tmp_path) as made:
        await made.run_sql(
            f"INSERT INTO device_proof (device, tested_at) VALUES ('bed', '{made.ago(days=1)}');"  # noqa: S608 - a time of our own
            f"INSERT INTO device_life VALUES ('zigbee2mqtt/bed_button', '{made.ago(seconds=5)}', 90)"
        )
        await made.auditor.audit()
        yield made


async def test_where_all_is_well_nobody_was_unprotected(outage: Outage) -> None:
    assert outage.command("--since", "2h") == "Nobody was unprotected.\n"
    assert outage.command("--since", "2h", "--json") == "[]\n"


@pytest.mark.parametrize("silence", [Silence.BROKER, Silence.HEARING, Silence.CANARY, Silence.WRITER, Silence.PHONES])
async def test_what_concerns_everybody_is_told_home_by_home_from_its_real_beginning(
    outage: Outage, silence: Silence
) -> None:
    began = outage.clock.now() - timedelta(seconds=200)
    outage.troubles.begin(silence, "", since=began)
    await outage.troubles.write()
    (still,) = outage.listed(silence.value)
    assert (still["resident"], still["phone"], still["until"]) == ("wang", "+861064211111", None)
    assert still["seconds"] >= 200, "not since it was noticed"
    outage.troubles.end(silence, "")
    await outage.troubles.write()
    (over,) = outage.listed(silence.value)
    assert over["until"] is not None
    assert over["since"] == still["since"]


async def test_a_short_loss_of_the_broker_is_on_record_and_wakes_nobody(outage: Outage) -> None:
    outage.troubles.passed(Silence.BROKER, outage.clock.now() - timedelta(seconds=12))
    await outage.troubles.write()
    (found,) = outage.listed("broker")
    assert 12 <= found["seconds"] <= 15
    assert not [row for row in await outage.outgoing() if row["purpose"] == "watchdog"]


async def test_what_was_silent_when_alarmd_was_killed_ends_with_its_next_start(outage: Outage) -> None:
    outage.troubles.begin(Silence.BROKER, "", since=outage.clock.now() - timedelta(seconds=200))
    await outage.troubles.write()
    await outage.restart()
    await outage.auditor.note_absence()
    (found,) = outage.listed("broker")
    assert found["until"] is not None


async def test_the_time_in_which_alarmd_was_away_and_still_is(outage: Outage) -> None:
    await outage.run_sql(f"UPDATE note_to_self SET value = '{outage.ago(minutes=30)}' WHERE name = 'last_alive'")  # noqa: S608 - a time of our own
    (still,) = outage.listed("alarmd")
    assert (still["until"], still["why"]) == (None, "alarmd was not running")
    await outage.auditor.note_absence()
    await outage.auditor.audit()
    (over,) = outage.listed("alarmd")
    assert (over["since"], over["until"] is None) == (still["since"], False)


async def test_who_lives_where_nobody_on_duty_is_near(outage: Outage) -> None:
    await outage.run_sql("UPDATE resident SET lat = 10.0, lon = 10.0 WHERE id = 'wang'")
    (found,) = outage.listed("nobody_near")
    assert (found["resident"], found["until"]) == ("wang", None)
    await outage.run_sql("UPDATE resident SET lat = NULL, lon = NULL WHERE id = 'wang'")
    assert [one["resident"] for one in outage.listed("no_position")] == ["wang"]


async def test_nobody_on_duty_is_told_from_the_hour_it_began(outage: Outage) -> None:
    hour = outage.clock.now().astimezone(outage.settings.zone).hour
    until = f"{(hour - 1) % 24:02}:00-{hour:02}:00"
    shift = f"Mo-Su {until}"
    await outage.run_sql(f"UPDATE responder SET on_call = '{shift}' WHERE lat < 39.96")  # noqa: S608 - an hour of our own
    worked_out = rota(shift, outage.clock.now(), zone=outage.settings.zone)
    await outage.store.write(lambda tx: rotas.put(tx, shift, worked_out, "", outage.settings))
    before, after = (one for one in outage.listed("nobody_near") if one["resident"] == "wang")
    assert (before["since"], after["until"]) == (None, None)
    assert before["until"] < after["since"], "an hour on duty lies between"


async def test_a_device_that_was_never_tested_and_one_in_test_mode(outage: Outage) -> None:
    await outage.run_sql("DELETE FROM device_proof")
    (found,) = outage.listed("untested")
    assert (found["devices"], found["since"], found["until"]) == (["bed"], None, None)
    await outage.run_sql(
        f"INSERT INTO device_proof (device, testing_by, test_until) VALUES ('bed', 'Ma', '{outage.ago(minutes=-10)}')"  # noqa: S608 - a time of our own
    )
    (testing,) = outage.listed("testing")
    assert testing["devices"] == ["bed"]


async def test_it_is_a_list_to_be_rung_through(outage: Outage) -> None:
    outage.troubles.passed(Silence.PHONES, outage.clock.now() - timedelta(seconds=200))
    await outage.troubles.write()
    lines = outage.command("--since", "2h").splitlines()
    assert lines[0].startswith("Every home: ")
    assert lines[0].endswith("(3:20)  no phone provider worked: nobody could be rung")
    assert lines[2:5] == [
        "王秀英 (wang)  +861064211111",
        "  和平里三区5号楼402",
        "  first contact: 赵敏 +8613800000002",
    ]
    assert lines[-1] == "Homes to be rung: 1"
    (row,) = csv.DictReader(io.StringIO(outage.command("--since", "2h", "--csv")))
    assert (row["resident"], row["phone"], row["contact_phone"], row["seconds"]) == (
        "wang",
        "+861064211111",
        "+8613800000002",
        "200",
    )


async def test_a_name_is_no_formula_in_a_spreadsheet(outage: Outage) -> None:
    await outage.run_sql("UPDATE resident SET name = '=1+2', notes = '' WHERE id = 'wang'; DELETE FROM device_proof")
    (row,) = csv.DictReader(io.StringIO(outage.command("--since", "2h", "--csv")))
    assert row["name"] == "'=1+2"


async def test_a_large_town_is_listed_quickly(outage: Outage) -> None:
    """As one statement a home; a list of 50,000 begins with its first."""

    def many(tx: Transaction) -> None:
        tx._connection.executemany(
            "INSERT INTO resident (id, name, phone, lat, lon) VALUES (?, ?, '+861064211111', 39.95, 116.41)",
            [(f"r{n:05}", f"居民{n}") for n in range(2_000)],
        )
        tx._connection.executemany(
            "INSERT INTO device (id, family, address, resident, kind) VALUES (?, 'zigbee2mqtt', ?, ?, 'door')",
            [(f"d{n:05}", f"d{n:05}", f"r{n:05}") for n in range(2_000)],
        )
        now = outage.clock.now()
        data = {"who": "everybody", "scope": "broker", "from": outage.ago(minutes=9), "to": times.to_text(now)}
        journal.append(tx, now, journal.Entry(event="exposure.closed", data=data))

    await outage.store.write(many)
    assert len(outage.listed("broker")) == 2_001
