"""Nothing on the way of a press or of a text walks a whole table, however large the store has become."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from alarmd.directory import retiring
from alarmd.directory.retiring import What
from alarmd.store import schema
from alarmd.store.plain import Transaction, connect
from alarmd.store.queries import QUERIES
from escalation.incident import Closed
from tests.support.core import Core

MANY = 2000
LARGE = {
    "circle",
    "contact",
    "device",
    "device_life",
    "device_proof",
    "device_setting",
    "exposure",
    "incident",
    "journal",
    "outbox",
    "resident",
    "responder",
    "retired",
    "signal",
}
OF_FEW = {
    "incident_due",
    "incident_one_open",
    "incident_open_code",
    "journal_exposure_opened",
    "journal_exposure_closed",
}
"""Partial indexes of open incidents and of exposures: walking one of them is walking those."""

WALKS = {
    # commands, in a reading transaction of their own
    "desk_incident_like",
    "desk_people",
    "desk_residents_like",
    "directory_circles",
    "directory_contacts",
    "directory_devices",
    "directory_residents",
    "directory_residents_alone",
    "directory_responders",
    "devices_health",
    "devices_in_test",
    "devices_unproved",
    "exposed_homes",
    "journal_before",
    "device_settings",
    "exposures_since",
    "retired_all",
    "retired_named",
    "retiring_named",
    "sim_exposures_since",
    "sims",
    "signals_unregistered",
    # the web's and the daemon's readers, beside the writer
    "devices_of_family",
    "desk_incidents",
    "desk_responders_named",
    "devices_of_kinds",
    "directory_counts",
    "duty_texts",
    "metrics_devices",
    "metrics_seq_before",
    "supervised_devices",
    "exposures_moved",
    "times_ahead",
    # reads the last row only
    "journal_last",
    # SQLite's plan names the children of a foreign key; they are looked at only while a deferred one is broken, and
    # none is deferred
    "directory_put_device",
    "incident_insert",
}
ON_THE_WAY = {
    "device_for_signal",
    "signal_by_ref",
    "signal_insert",
    "incident_open_of",
    "incident_insert",
    "journal_last",
    "journal_append",
    "outbox_insert",
    "residents_of_number",
    "responders_of_number",
    "cases_of_number",
    "outbox_of_case",
    "directory_resident",
    "directory_device",
    "directory_devices_of",
    "directory_contacts_of",
    "retired_put",
    "retired_because",
}
"""Asked by the story below, else it would show nothing."""


@pytest.fixture(scope="module", params=["just begun", "large, and analysed"])
def connection(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[sqlite3.Connection]:
    """A store; SQLite plans otherwise once it knows how large the tables are."""
    path = tmp_path_factory.mktemp("walks") / "alarmd.db"
    schema.migrate(path)
    made = connect(path, readonly=False)
    if request.param != "just begun":
        _fill(made)
        made.execute("ANALYZE")
    yield made
    made.close()


def _fill(connection: sqlite3.Connection) -> None:
    at = "2026-11-21T11:30:00.000000Z"
    n = [(i, f"{i:06}") for i in range(MANY)]
    rows: dict[str, list[tuple[Any, ...]]] = {
        "circle (id, name, tier, phone)": [(f"c{i % 50}", "c", "street", f"+8621{i:08}") for i, _ in n[:50]],
        "resident (id, name, phone, circle)": [(f"r{t}", f"n{t}", f"+861{t}", f"c{i % 50}") for i, t in n],
        "responder (id, name, phone, role, travel, lat, lon, circle)": [
            (f"p{t}", f"n{t}", f"+862{t}", "volunteer", "walk", 31 + i / MANY, 121.0, f"c{i % 50}") for i, t in n
        ],
        "contact (resident, responder, rank)": [(f"r{t}", f"p{t}", 1) for _, t in n],
        "device (id, family, address, resident, kind)": [(f"d{t}", "zigbee2mqtt", t, f"r{t}", "button") for _, t in n],
        "device_setting (device, data)": [(f"d{t}", f'{{"sim_until":"{2000 + i}-01-31"}}') for i, t in n],
        "incident (id, code, subject, resident, device, kind, status, opened_at, closed_at, closed_by, close_reason,"
        " step, revision, state)": [
            (f"i{t}", t, f"r{t}", f"r{t}", f"d{t}", "sos", "closed", at, at, "Ma", "well", 0, 1, "{}") for _, t in n
        ],
        "signal (device, ref, type, received_at, incident, data)": [
            (f"zigbee2mqtt/{t}", t, "sos", at, f"i{t}", "{}") for _, t in n
        ],
        "outbox (attempt, incident, person, channel, purpose, lane, destination, state, queued_at, changed_at)": [
            (f"a{i:020}", f"i{t}", f"p{t}", "sms", "ask", 0, f"+862{t}", "delivered", at, at) for i, t in n
        ],
        "exposure (device, resident, since, noticed_at, until, scope)": [
            (f"d{t}", f"r{t}", at, at, at, "home") for _, t in n
        ],
        "journal (seq, at, event, incident, resident, data, prev, hash)": [
            (i + 1, at, "signal.kept", f"i{t}", f"r{t}", "{}", "0" * 64, f"{i:064}") for i, t in n
        ],
    }
    connection.execute("BEGIN")
    for table, values in rows.items():
        places = ", ".join("?" * len(values[0]))
        connection.executemany(f"INSERT INTO {table} VALUES ({places})", values)  # noqa: S608 - names of this file
    connection.execute("COMMIT")


def walked(connection: sqlite3.Connection, name: str) -> list[str]:
    """The large tables that a named query reads from end to end, as its plan says."""
    sql = QUERIES[name]
    names = re.findall(r"(?<![:\w]):(\w+)", sql)
    plan = connection.execute(f"EXPLAIN QUERY PLAN {sql}", dict.fromkeys(names)).fetchall()
    aliases = dict(re.findall(r"(?:FROM|JOIN|,)\s+(\w+)\s+(\w)\b(?!\w)", sql)) if sql else {}
    table_of = {alias: table for table, alias in aliases.items()}
    found = []
    for row in plan:
        step = re.match(r"SCAN (\w+)(?: USING (?:COVERING )?INDEX (\w+))?", row["detail"])
        every_retired = re.fullmatch(r"SEARCH \w+ USING PRIMARY KEY \(kind=\?\)", row["detail"])
        if every_retired or (step and table_of.get(step[1], step[1]) in LARGE and step[2] not in OF_FEW):
            found.append(row["detail"])
    return found


def test_only_lists_walk_a_table(connection: sqlite3.Connection) -> None:
    plans = {name: walked(connection, name) for name in QUERIES if not QUERIES[name].startswith("PRAGMA")}
    assert {name: steps for name, steps in plans.items() if steps and name not in WALKS} == {}


def test_a_walk_is_seen() -> None:
    """The rule finds what it is there for."""
    made = sqlite3.connect(":memory:")
    made.row_factory = sqlite3.Row
    made.execute("CREATE TABLE resident (id TEXT, name TEXT, phone TEXT)")
    for table in ("responder", "circle"):
        made.execute(f"CREATE TABLE {table} (id TEXT, name TEXT, phone TEXT, role TEXT)")
    assert walked(made, "residents_of_number") == ["SCAN resident"]
    assert len(walked(made, "directory_names_of_number")) == 3
    made.close()


async def test_what_the_writer_asks_for_is_no_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: set[str] = set()

    class Recording(Transaction):
        """Notes what is asked inside a transaction that may write."""

        def __init__(self, connection: sqlite3.Connection, memo: dict[str, Any] | None = None) -> None:
            super().__init__(_Noting(connection, asked) if memo is not None else connection, memo)  # type: ignore[arg-type] # as much of one as a transaction needs

    async with Core(tmp_path) as core:
        monkeypatch.setattr("alarmd.store.sqlite.Transaction", Recording)
        incident = await core.press()
        await core.receive("alarmd/v1/nobodys/signal", '{"ref":"7"}')
        await core.send()
        for number, words in (
            ("+8613800000001", f"1 {incident.code}"),
            ("+8613800000002", "去吗？"),
            ("+8613900000123", "who are you"),
            ("+861064211111", "我摔倒了"),
        ):
            await core.switchboard.text(number, words, f"SM{number}")
            await core.send()
        await core.passes(600)
        await core.send()
        for one in await core.incidents():
            await core.engine.apply(one.id, Closed(by="Zhang", reason="well"))
        now = core.clock.now()
        for what, id_ in (
            (What.DEVICE, "bed"),
            (What.RESIDENT, "wang"),
            (What.RESPONDER, "zhao"),
            (What.CIRCLE, "lane"),
        ):
            await core.store.write(
                lambda tx, what=what, id_=id_: retiring.retire(  # type: ignore[misc] # a lambda's default has no type
                    tx, retiring.prepare(tx, what, id_), by="Ma", reason="x", now=now, anyway=True
                )
            )
        await core.store.write(
            lambda tx: retiring.bring_back(tx, What.RESIDENT, "wang", by="Ma", reason="is back", now=now)
        )
    assert asked >= ON_THE_WAY, json.dumps(sorted(ON_THE_WAY - asked))
    harmless = {"journal_last", "incident_insert", "directory_put_device"}
    assert asked & WALKS <= harmless


class _Noting:
    """A connection that notes which named queries are run on it."""

    def __init__(self, connection: sqlite3.Connection, asked: set[str]) -> None:
        self._connection = connection
        self._asked = asked
        self._names = {sql: name for name, sql in QUERIES.items()}

    def execute(self, sql: str, values: Any = ()) -> sqlite3.Cursor:
        self._asked.add(self._names.get(sql, sql))
        return self._connection.execute(sql, values)

    def executemany(self, sql: str, rows: Any) -> sqlite3.Cursor:
        self._asked.add(self._names.get(sql, sql))
        return self._connection.executemany(sql, rows)
