"""A store that somebody else had in hands: what alarmd never made is refused before it could run."""

from __future__ import annotations

import asyncio
import hashlib
import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from alarmd.store import Store, StoreError, mending, schema, shape, writing
from tests.support.commands import alarmd
from tests.support.running import Running
from tests.support.station import fill, write_settings

EATS = "BEGIN DELETE FROM outbox; END"
FOREIGN = {
    "trigger eats of outbox": f"CREATE TRIGGER eats AFTER INSERT ON outbox {EATS}",
    "trigger quiet of incident": "CREATE TRIGGER quiet BEFORE UPDATE ON incident BEGIN SELECT RAISE(IGNORE); END",
    "view shadow": "CREATE VIEW shadow AS SELECT phone FROM resident",
    "table notes": "CREATE TABLE notes (words TEXT)",
    "index by_phone of resident": "CREATE UNIQUE INDEX by_phone ON resident (phone, upper(name))",
    "trigger \x1b[2J of outbox": 'CREATE TRIGGER "\x1b[2J" AFTER INSERT ON outbox BEGIN SELECT 1; END',
}
SPENT = "DELETE FROM sqlite_sequence; INSERT INTO sqlite_sequence VALUES ('signal', {last})"
OTHERWISE = {
    "trigger journal_append_only_update of journal": "DROP TRIGGER journal_append_only_update; "
    f"CREATE TRIGGER journal_append_only_update AFTER INSERT ON journal WHEN new.event = 'message.queued' {EATS}",
    "trigger code_taken of incident": "DROP TRIGGER code_taken; "
    f"CREATE TRIGGER code_taken AFTER INSERT ON incident WHEN new.status <> 'closed' {EATS}",
    "index outbox_due of outbox": "DROP INDEX outbox_due; CREATE UNIQUE INDEX outbox_due ON outbox (destination)",
    "index signal_incident of signal": "DROP INDEX signal_incident; CREATE INDEX signal_incident ON signal (incident)",
    "table outbox": "ALTER TABLE outbox ADD COLUMN more TEXT",
    "table sender_pace": "DROP TABLE sender_pace; "
    "CREATE TABLE sender_pace (who TEXT PRIMARY KEY ON CONFLICT IGNORE, next_at TEXT, told_at TEXT) WITHOUT ROWID",
    "table wrong_code": "DROP TABLE wrong_code",
    "view wrong_code": "DROP TABLE wrong_code; CREATE VIEW wrong_code AS SELECT 1 AS codes",
    "table code_use": "DROP TABLE code_use; CREATE VIRTUAL TABLE code_use USING fts5(code)",
    "table device_moving": "ALTER TABLE device_moving RENAME TO moved; ALTER TABLE moved RENAME TO device_moving",
    "table circle": "DELETE FROM alembic_version",
}
UNDER_THE_HAND = {
    "table journal": "UPDATE sqlite_schema SET sql = replace(sql, 'CHECK (event <> '''')', '') WHERE name = 'journal'",
    "index outbox_sid of outbox": "UPDATE sqlite_schema SET sql = replace(sql, ' WHERE', char(0) || 'WHERE') "
    "WHERE name = 'outbox_sid'",
    "trigger incident_stays of incident": "INSERT INTO sqlite_schema (rowid, type, name, tbl_name, rootpage, sql) "
    "VALUES (1000, 'trigger', 'incident_stays', 'incident', 0, "
    "'CREATE TRIGGER IF NOT EXISTS incident_stays AFTER INSERT ON incident BEGIN DELETE FROM outbox; END')",
    "index device_resident of device": "UPDATE sqlite_schema SET sql = replace(sql, ' ON ', char(160) || ' ON ') "
    "WHERE name = 'device_resident'",
    "table sqlite_stat1": "INSERT INTO sqlite_schema (type, name, tbl_name, rootpage, sql) "
    "VALUES ('table', 'sqlite_stat1', 'sqlite_stat1', 0, 'CREATE VIRTUAL TABLE sqlite_stat1 USING fts5(words)')",
}
MISSING = {
    "index outbox_due of outbox": "DROP INDEX outbox_due",
    "index outbox_bodies of outbox": "DROP INDEX outbox_bodies",
    "index incident_one_open of incident": "DROP INDEX incident_one_open",
    "trigger journal_append_only_update of journal": "DROP TRIGGER journal_append_only_update",
    "trigger code_taken of incident": "DROP TRIGGER code_taken",
}


MADE = {
    "0001": "a2831e668ef16aa4",
    "0002": "c0cfb5a7ddcd2937",
    "0003": "59d00c98e6e4ec75",
    "0004": "c5f662de4aa25956",
    "0005": "36ba96bac8303ef3",
    "0006": "60b62bf79893af3b",
    "0007": "db560b3a3c6c1a11",
    "0008": "1d1534abbf0b0f7b",
    "0009": "d3d8b25a4d2474de",
    "0010": "74d8e1f05f5d0ad2",
    "0011": "de05d55a8be15010",
    "0012": "6afb3dab9ed2b3c1",
}
"""The first signs of the SHA-256 of what each version makes, as stores in service have it."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    fill(tmp_path / "alarmd.db")
    return write_settings(tmp_path)


def opened(path: Path) -> None:
    async def opening() -> None:
        await (await Store.open(f"sqlite:///{path}")).close()

    asyncio.run(opening())


def run(path: Path, statements: str, *, by_hand: bool = False) -> None:
    with closing(sqlite3.connect(path)) as connection:
        if by_hand:
            connection.execute("PRAGMA writable_schema = ON")
        connection.executescript(f"BEGIN; {statements}; COMMIT")


def test_what_the_migrations_make_is_right_in_each_version(tmp_path: Path) -> None:
    for version in schema.versions():
        path = tmp_path / f"{version}.db"
        schema.migrate(path, to=version)
        assert shape.fault(path) is None
        run(path, "ANALYZE")
        assert shape.fault(path) is None


def test_what_a_version_makes_is_never_changed_afterwards(tmp_path: Path) -> None:
    """A word changed in an old migration would keep every store in service from starting: write a new one."""
    for version, made in MADE.items():
        path = tmp_path / f"{version}.db"
        schema.migrate(path, to=version)
        with closing(sqlite3.connect(path)) as connection:
            things = sorted((*one, body.words) for one, body in shape._things(connection).items())
        assert hashlib.sha256(json.dumps(things).encode()).hexdigest()[:16] == made, version


@pytest.mark.parametrize("version", ["0001", "0008"])
def test_an_older_store_is_looked_at_before_it_is_migrated(tmp_path: Path, version: str) -> None:
    path = tmp_path / "alarmd.db"
    schema.migrate(path, to=version)
    run(path, FOREIGN["trigger eats of outbox"])
    with pytest.raises(StoreError, match="trigger eats of outbox"):
        schema.migrate(path)
    assert schema.revision(path) == version


def bars_all(folder: Path, settings: Path, told: str) -> None:
    """A start, an import, `verify`, `check` and `restore`; a backup is made all the same, and said to be none."""
    path, copy = folder / "alarmd.db", folder / "copy.db"
    with pytest.raises(StoreError) as refused:
        opened(path)
    assert told in str(refused.value)
    with pytest.raises(StoreError), writing(f"sqlite:///{path}"):
        pass
    verdict = alarmd("verify", "-c", settings)
    assert (verdict.code, told in verdict.out) == (1, True)
    assert alarmd("verify", "-c", settings, "--json").code == 1
    assert told in alarmd("check", "--quick", "-c", settings).out
    made = alarmd("backup", "-c", settings, copy)  # better a copy that cannot be restored than none
    assert (made.code, told in made.err) == (0, True)
    for found in folder.glob("alarmd.db*"):
        found.unlink()
    proved = alarmd("restore", "--check", "-c", settings, copy)
    restored = alarmd("restore", "-c", settings, copy)
    for outcome in (proved, restored):
        assert (outcome.code, told in outcome.err) == (1, True)
    assert not path.exists()


@pytest.mark.parametrize("what", list(FOREIGN)[::2])
def test_a_foreign_thing_bars_start_import_verify_check_and_restore(tmp_path: Path, file: Path, what: str) -> None:
    run(tmp_path / "alarmd.db", FOREIGN[what])
    bars_all(tmp_path, file, what)


@pytest.mark.parametrize("what", list(OTHERWISE)[:1])
def test_and_so_does_one_of_alarmds_own_with_another_body(tmp_path: Path, file: Path, what: str) -> None:
    run(tmp_path / "alarmd.db", OTHERWISE[what])
    bars_all(tmp_path, file, what)


@pytest.mark.parametrize(("what", "statements"), (FOREIGN | OTHERWISE).items())
def test_nothing_is_started_with_that_is_not_word_for_word_as_alarmd_made_it(
    tmp_path: Path, what: str, statements: str
) -> None:
    path = tmp_path / "alarmd.db"
    schema.migrate(path)
    run(path, statements)
    what = what.replace("\x1b", "\N{REPLACEMENT CHARACTER}")
    assert what in str(shape.fault(path))
    with pytest.raises(StoreError) as refused:
        opened(path)
    assert what in str(refused.value)


@pytest.mark.parametrize(("what", "statements"), UNDER_THE_HAND.items())
def test_nor_with_what_was_written_into_sqlites_own_table(tmp_path: Path, what: str, statements: str) -> None:
    path = tmp_path / "alarmd.db"
    schema.migrate(path)
    before = path.read_bytes()
    run(path, statements, by_hand=True)
    assert path.read_bytes() != before
    with pytest.raises(StoreError) as refused:
        opened(path)
    assert what in str(refused.value) or "is damaged" in str(refused.value)


@pytest.mark.parametrize("last", ["9223372036854775807", "-1", "'many'", "4.5e18"])
def test_nor_where_no_further_signal_could_be_kept(tmp_path: Path, last: str) -> None:
    """SQLite's own list of last numbers is no part of the schema; a press would fail as on a full disk."""
    path = tmp_path / "alarmd.db"
    schema.migrate(path)
    run(path, SPENT.format(last=last))
    with pytest.raises(StoreError) as refused:
        opened(path)
    assert "the numbers of signal are used up" in str(refused.value)


def test_a_copy_of_two_versions_or_of_none_that_is_known_is_refused(tmp_path: Path, file: Path) -> None:
    copy = tmp_path / "copy.db"
    schema.migrate(copy)
    run(copy, FOREIGN["trigger eats of outbox"])
    run(copy, "UPDATE alembic_version SET version_num = '0000'")
    proved = alarmd("restore", "--check", "-c", file, copy)
    assert (proved.code, "version 0000" in proved.err) == (1, True)
    run(copy, "INSERT INTO alembic_version VALUES ('0001')")
    proved = alarmd("restore", "--check", "-c", file, copy)
    assert (proved.code, "holds what alarmd never made" in proved.err) == (1, True)


@pytest.mark.parametrize("what", MISSING)
def test_what_is_only_gone_is_told_and_made_again_and_silences_nobody(tmp_path: Path, file: Path, what: str) -> None:
    """Who took a guard out of the log's table must not have silenced the buttons too."""
    path = tmp_path / "alarmd.db"
    run(path, MISSING[what])
    told = str(shape.missing(path))
    assert what in told
    assert shape.foreign(path) is None
    if what == next(iter(MISSING)):
        assert what in alarmd("verify", "-c", file).out
        assert what in alarmd("check", "--quick", "-c", file).out
        shutil.copy(path, tmp_path / "copy.db")
        proved = alarmd("restore", "--check", "-c", file, tmp_path / "copy.db")
        assert (proved.code, what in proved.err) == (1, True)
    opened(path)
    assert shape.fault(path) is None


def test_a_rule_that_the_rows_of_today_break_is_left_out_and_told(tmp_path: Path) -> None:
    path = tmp_path / "alarmd.db"
    schema.migrate(path)
    run(
        path,
        "DROP INDEX signal_once; "
        + "INSERT INTO signal (device, ref, type, received_at, data) VALUES ('d', 'r', 'sos', '2026', '{}');" * 2,
    )
    mended = mending.mend(path)
    assert mended is not None
    assert not mended.made
    ((thing, why),) = mended.left
    assert (thing.name, "UNIQUE" in why) == ("signal_once", True)
    opened(path)


async def test_the_start_says_what_was_missing_and_has_it_on_record(tmp_path: Path) -> None:
    alarmd_ = Running(tmp_path, mqtt='listen = "127.0.0.1:0"')
    alarmd_.fill()
    run(tmp_path / "alarmd.db", "DROP INDEX outbox_due; DROP TRIGGER incident_stays")
    async with alarmd_:
        await alarmd_.start(patience=60)
        entry = await alarmd_.until_logged("watchdog.record")
    assert sorted(entry.data["missing"]) == ["index outbox_due", "trigger incident_stays"]
    assert entry.data["made_again"] is True
    assert shape.fault(tmp_path / "alarmd.db") is None
