"""The schema is the state machine's last guard: each rule refuses the row it is there for."""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from alarmd.store import schema
from alarmd.store.sqlite import connect

AT = "2026-11-21T11:30:00.000000Z"
ROWS: dict[str, dict[str, Any]] = {
    "circle": {"id": "lane", "name": "Lane", "tier": "street", "lat": 39.9, "lon": 116.4},
    "resident": {"id": "wang", "name": "Wang", "lat": 39.9, "lon": 116.4},
    "responder": {"id": "li", "name": "Li", "role": "neighbour", "travel": "walk", "lat": 39.9, "lon": 116.4},
    "contact": {"resident": "wang", "responder": "li", "rank": 1, "has_key": 1},
    "device": {
        "id": "bed", "family": "alarmd", "address": "bed", "resident": "wang", "kind": "button", "report_every": 60,
    },
    "incident": {
        "id": "261121-7KQ2", "code": "4821", "subject": "wang", "resident": "wang", "device": "bed", "kind": "sos",
        "status": "opened", "opened_at": AT, "due_at": AT, "step": 0, "revision": 1, "state": "{}",
    },
    "engagement": {"person": "li", "incident": "261121-7KQ2", "home": "wang"},
    "signal": {
        "device": "alarmd/bed", "ref": "1", "type": "sos", "received_at": AT, "incident": "261121-7KQ2", "data": "{}",
    },
    "outbox": {
        "attempt": "a" * 16, "incident": "261121-7KQ2", "person": "li", "channel": "sms", "purpose": "ask", "lane": 1,
        "destination": "+8613800000001", "state": "queued", "due_at": AT, "queued_at": AT, "changed_at": AT,
    },
    "journal": {"seq": 1, "at": AT, "event": "signal.kept", "data": "{}", "prev": "0" * 64, "hash": "1" * 64},
}  # fmt: skip
CLOSED: dict[str, Any] = {
    "status": "closed",
    "due_at": None,
    "closed_at": AT,
    "closed_by": "operator",
    "close_reason": "she is well",
}
ANOTHER: dict[str, dict[str, Any]] = {
    "circle": {"id": "lane2"},
    "resident": {"id": "wang2"},
    "responder": {"id": "li3"},
    "contact": {"responder": "li2"},
    "device": {"id": "bed2", "address": "bed2"},
    "incident": {"id": "261121-0002", "code": "0002", "kind": "fall"},
    "engagement": {"person": "li2"},
    "signal": {"ref": "2"},
    "outbox": {"attempt": "b" * 16},
    "journal": {"seq": 2, "hash": "2" * 64},
}
BEYOND: list[tuple[dict[str, Any], str]] = [
    ({"lat": 90.1}, "lat BETWEEN -90 AND 90"),
    ({"lon": -180.1}, "lon BETWEEN -180 AND 180"),
    ({"lon": None}, "(lat IS NULL) = (lon IS NULL)"),
    ({"lat": None}, "(lat IS NULL) = (lon IS NULL)"),
]
ROLES = "'family', 'neighbour', 'volunteer', 'community_worker', 'nurse', 'doctor', 'keyholder', 'desk'"
STATES = "'queued', 'sending', 'sent', 'unknown', 'refused', 'delivered', 'failed', 'withdrawn'"
NONSENSE: list[tuple[str, dict[str, Any], str]] = [
    *((table, change, rule) for table in ("circle", "resident", "responder") for change, rule in BEYOND),
    *((table, {"id": ""}, "id <> ''") for table in ("circle", "resident", "responder", "device")),
    ("circle", {"tier": "village"}, "tier IN ('street', 'community', 'point')"),
    ("resident", {"name": ""}, "name <> ''"),
    ("responder", {"name": ""}, "name <> ''"),
    ("responder", {"role": "stranger"}, f"role IN ({ROLES})"),
    ("responder", {"travel": "wings"}, "travel IN ('walk', 'bicycle', 'car')"),
    ("contact", {"rank": 0}, "rank >= 1"),
    ("contact", {"has_key": 2}, "has_key IN (0, 1)"),
    ("device", {"family": ""}, "family <> ''"),
    ("device", {"address": ""}, "address <> ''"),
    ("device", {"kind": ""}, "kind <> ''"),
    ("device", {"report_every": 0}, "report_every > 0"),
    ("incident", {"code": ""}, "code <> ''"),
    ("incident", {"subject": ""}, "subject <> ''"),
    ("incident", {"kind": ""}, "kind <> ''"),
    (
        "incident",
        {"status": "forgotten"},
        "status IN ('opened', 'notifying', 'accepted', 'coming', 'arrived', 'closed')",
    ),
    ("incident", {"revision": 0}, "revision >= 1"),
    ("incident", {"state": "{"}, "json_valid(state)"),
    ("incident", {"due_at": None}, "(status = 'closed') = (due_at IS NULL)"),
    ("incident", CLOSED | {"due_at": AT}, "(status = 'closed') = (due_at IS NULL)"),
    ("incident", CLOSED | {"closed_at": None}, "(status = 'closed') = (closed_at IS NOT NULL)"),
    ("incident", {"closed_at": AT}, "(status = 'closed') = (closed_at IS NOT NULL)"),
    *(
        ("incident", CLOSED | missing, "status <> 'closed' OR (trim(closed_by) <> '' AND trim(close_reason) <> '')")
        for missing in ({"closed_by": " "}, {"close_reason": " "})
    ),
    ("signal", {"data": "sos"}, "json_valid(data)"),
    ("outbox", {"attempt": "short"}, "length(attempt) >= 16"),
    ("outbox", {"channel": "pigeon"}, "channel IN ('sms', 'voice', 'device')"),
    ("outbox", {"destination": ""}, "destination <> ''"),
    ("outbox", {"state": "lost"}, f"state IN ({STATES})"),
    *(
        (
            "outbox",
            {"state": state, "due_at": None},
            "(state IN ('queued', 'sending', 'unknown')) = (due_at IS NOT NULL)",
        )
        for state in ("queued", "sending", "unknown")
    ),
    ("outbox", {"state": "sent"}, "(state IN ('queued', 'sending', 'unknown')) = (due_at IS NOT NULL)"),
    ("journal", {"seq": 0}, "seq >= 1"),
    ("journal", {"event": ""}, "event <> ''"),
    ("journal", {"data": "{"}, "json_valid(data)"),
    ("journal", {"prev": "0"}, "length(prev) = 64"),
    ("journal", {"hash": "0"}, "length(hash) = 64"),
]
TWICE: list[tuple[str, dict[str, Any], str]] = [
    ("device", {"address": "bed"}, "device.family, device.address"),
    ("incident", {"kind": "sos"}, "incident.subject, incident.kind"),  # one open incident per resident and kind
    ("incident", {"code": "4821"}, "incident.code"),
    ("signal", {"ref": "1"}, "signal.device, signal.ref"),
    ("journal", {"hash": "1" * 64}, "journal.hash"),
    ("outbox", {"attempt": "a" * 16}, "outbox.attempt"),
    ("contact", {"responder": "li"}, "contact.resident, contact.responder"),
    ("engagement", {"person": "li"}, "engagement.person, engagement.incident"),
]
STRANGERS = [
    ("contact", "resident"),
    ("contact", "responder"),
    ("device", "resident"),
    ("incident", "resident"),
    ("engagement", "incident"),
    ("signal", "incident"),
    ("outbox", "incident"),
]
FOR_EVER = [
    ("DELETE FROM incident", "an incident is never deleted"),
    ("DELETE FROM journal", "the event log is append-only"),
    ("UPDATE journal SET data = '{}'", "the event log is append-only"),
    ("UPDATE journal SET actor = 'nobody' WHERE seq = 1", "the event log is append-only"),
]


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store as it is created."""
    path = tmp_path_factory.mktemp("empty") / "alarmd.db"
    schema.migrate(path)
    return path


@pytest.fixture
def db(empty: Path, path: Path) -> Iterator[sqlite3.Connection]:
    """A store with one row of each kind."""
    shutil.copy(empty, path)
    connection = connect(path, readonly=False)
    for table, row in ROWS.items():
        insert(connection, table, row)
    insert(connection, "responder", ROWS["responder"] | {"id": "li2"})
    yield connection
    connection.close()


def insert(connection: sqlite3.Connection, table: str, row: dict[str, Any]) -> None:
    names = ", ".join(row)
    connection.execute(f"INSERT INTO {table} ({names}) VALUES ({', '.join(f':{name}' for name in row)})", row)  # noqa: S608 - names of this file


def checks() -> set[tuple[str, str]]:
    """Every CHECK of the schema, by table."""
    text = (
        resources.files("alarmd.store.migrations").joinpath("versions", "0001_initial.sql").read_text(encoding="utf-8")
    )
    found: set[tuple[str, str]] = set()
    for table, body in re.findall(r"^CREATE TABLE (\w+) \((.*?)^\);", text, re.MULTILINE | re.DOTALL):
        for start in (m.end() for m in re.finditer(r"CHECK \(", body)):
            depth, end = 1, start
            while depth:
                depth += {"(": 1, ")": -1}.get(body[end], 0)
                end += 1
            found.add((table, body[start : end - 1]))
    return found


@pytest.mark.parametrize("table", ROWS)
def test_a_second_row_that_makes_sense_is_taken(db: sqlite3.Connection, table: str) -> None:
    insert(db, table, ROWS[table] | ANOTHER[table])


@pytest.mark.parametrize(("table", "change", "rule"), NONSENSE)
def test_nonsense_is_refused_by_its_rule(db: sqlite3.Connection, table: str, change: dict[str, Any], rule: str) -> None:
    with pytest.raises(sqlite3.IntegrityError) as refused:
        insert(db, table, ROWS[table] | ANOTHER[table] | change)
    assert str(refused.value) == f"CHECK constraint failed: {rule}"


def test_every_rule_of_the_schema_is_tried() -> None:
    assert {(table, rule) for table, _, rule in NONSENSE} == checks()


@pytest.mark.parametrize(("table", "change", "columns"), TWICE)
def test_what_may_be_once_is_once(db: sqlite3.Connection, table: str, change: dict[str, Any], columns: str) -> None:
    with pytest.raises(sqlite3.IntegrityError) as refused:
        insert(db, table, ROWS[table] | ANOTHER[table] | change)
    named = ", ".join(f"{table}.{column}" for column in re.findall(r"\.(\w+)", columns))
    assert str(refused.value) == f"UNIQUE constraint failed: {named}"


@pytest.mark.parametrize(("table", "column"), STRANGERS)
def test_nothing_points_to_what_is_not_there(db: sqlite3.Connection, table: str, column: str) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY constraint failed"):
        insert(db, table, ROWS[table] | ANOTHER[table] | {column: "nobody"})


@pytest.mark.parametrize(("statement", "sentence"), FOR_EVER)
def test_what_is_written_stays(db: sqlite3.Connection, statement: str, sentence: str) -> None:
    with pytest.raises(sqlite3.IntegrityError, match=sentence):
        db.execute(statement)


def test_what_is_closed_stays_closed(db: sqlite3.Connection) -> None:
    assigned = ", ".join(f"{name} = :{name}" for name in CLOSED)
    db.execute(f"UPDATE incident SET {assigned}", CLOSED)  # noqa: S608 - names of this file
    reopened = (
        "UPDATE incident SET status = 'opened', due_at = opened_at, closed_at = NULL, closed_by = '', close_reason = ''"
    )
    with pytest.raises(sqlite3.IntegrityError, match="a closed incident is never opened again"):
        db.execute(reopened)
    insert(db, "incident", ROWS["incident"] | {"id": "261121-0003"})  # but the next press opens a new one


def test_a_signal_without_a_reference_may_come_again(db: sqlite3.Connection) -> None:
    for _ in range(2):
        insert(db, "signal", ROWS["signal"] | {"ref": None})
