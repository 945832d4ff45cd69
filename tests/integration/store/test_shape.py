"""A store that somebody else had in hands: what alarmd never made is refused before it could run."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from alarmd.store import Store, StoreError, schema, shape, writing
from tests.support.commands import alarmd
from tests.support.station import fill, write_settings

FOREIGN = {
    "trigger eats of outbox": "CREATE TRIGGER eats AFTER INSERT ON outbox BEGIN DELETE FROM outbox; END",
    "trigger quiet of incident": "CREATE TRIGGER quiet BEFORE UPDATE ON incident BEGIN SELECT RAISE(IGNORE); END",
    "view shadow": "CREATE VIEW shadow AS SELECT phone FROM resident",
    "table notes": "CREATE TABLE notes (words TEXT)",
    "index by_phone of resident": "CREATE UNIQUE INDEX by_phone ON resident (phone, upper(name))",
    "trigger \x1b[2J of outbox": 'CREATE TRIGGER "\x1b[2J" AFTER INSERT ON outbox BEGIN SELECT 1; END',
}
CHANGED = {
    "index outbox_due of outbox": "DROP INDEX outbox_due",
    "trigger journal_append_only_update of journal": "DROP TRIGGER journal_append_only_update",
    "table outbox": "ALTER TABLE outbox ADD COLUMN more TEXT",
}


WITHOUT_ITS_CHECK = "UPDATE sqlite_schema SET sql = replace(sql, 'CHECK (event <> '''')', '') WHERE name = 'journal'"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    fill(tmp_path / "alarmd.db")
    return write_settings(tmp_path)


def opened(path: Path) -> None:
    async def opening() -> None:
        await (await Store.open(f"sqlite:///{path}")).close()

    asyncio.run(opening())


def run(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(statement)
        connection.commit()


def test_what_the_migrations_make_is_right_in_each_version(tmp_path: Path) -> None:
    for version in schema.versions():
        path = tmp_path / f"{version}.db"
        schema.migrate(path, to=version)
        assert shape.fault(path) is None
        run(path, "ANALYZE")
        assert shape.fault(path) is None


@pytest.mark.parametrize("version", ["0001", "0008"])
def test_an_older_store_is_looked_at_before_it_is_migrated(tmp_path: Path, version: str) -> None:
    path = tmp_path / "alarmd.db"
    schema.migrate(path, to=version)
    run(path, FOREIGN["trigger eats of outbox"])
    with pytest.raises(StoreError, match="trigger eats of outbox"):
        schema.migrate(path)
    assert schema.revision(path) == version


@pytest.mark.parametrize("what", FOREIGN)
def test_a_foreign_thing_bars_start_import_verify_check_and_restore(tmp_path: Path, file: Path, what: str) -> None:
    path, copy = tmp_path / "alarmd.db", tmp_path / "copy.db"
    run(path, FOREIGN[what])
    told = what.replace("\x1b", "\N{REPLACEMENT CHARACTER}")
    with pytest.raises(StoreError, match="holds what alarmd never made") as refused:
        opened(path)
    assert told in str(refused.value)
    with pytest.raises(StoreError), writing(f"sqlite:///{path}"):
        pass
    verdict = alarmd("verify", "-c", file)
    assert (verdict.code, told in verdict.out) == (1, True)
    assert alarmd("verify", "-c", file, "--json").code == 1
    assert told in alarmd("check", "-c", file).out
    made = alarmd("backup", "-c", file, copy)  # better a copy that cannot be restored than none
    assert (made.code, told in made.err) == (0, True)
    for found in tmp_path.glob("alarmd.db*"):
        found.unlink()
    proved = alarmd("restore", "--check", "-c", file, copy)
    restored = alarmd("restore", "-c", file, copy)
    for outcome in (proved, restored):
        assert (outcome.code, told in outcome.err) == (1, True)
    assert not path.exists()


@pytest.mark.parametrize("what", CHANGED)
def test_what_is_gone_or_was_changed_is_told_and_silences_nobody(tmp_path: Path, file: Path, what: str) -> None:
    """Who took a guard out of the log's table must not have silenced the buttons too."""
    run(tmp_path / "alarmd.db", CHANGED[what])
    opened(tmp_path / "alarmd.db")
    assert what in alarmd("verify", "-c", file).out
    assert what in alarmd("check", "--quick", "-c", file).out
    shutil.copy(tmp_path / "alarmd.db", tmp_path / "copy.db")
    proved = alarmd("restore", "--check", "-c", file, tmp_path / "copy.db")
    assert (proved.code, what in proved.err) == (1, True)


def test_a_check_that_was_taken_out_of_a_table_is_seen(tmp_path: Path, file: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "alarmd.db")) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        changed = connection.execute(WITHOUT_ITS_CHECK).rowcount
        connection.commit()
    assert changed == 1
    assert "table journal" in str(shape.fault(tmp_path / "alarmd.db"))
