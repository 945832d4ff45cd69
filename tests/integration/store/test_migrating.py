"""A migration is done whole or not at all: whatever ends it, the next start does it from the beginning."""

from __future__ import annotations

import contextlib
import itertools
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy

from alarmd.store import StoreError, schema


class KilledError(Exception):
    """The process ends here."""


@contextlib.contextmanager
def ending(at: int, how: Callable[[], None]) -> Iterator[None]:
    """End the migration before its statement of that number."""
    count = itertools.count(1)

    def look(*_: Any) -> None:
        if next(count) == at:
            how()

    sqlalchemy.event.listen(sqlalchemy.Engine, "before_cursor_execute", look)
    try:
        yield
    finally:
        sqlalchemy.event.remove(sqlalchemy.Engine, "before_cursor_execute", look)


def killed() -> None:
    raise KilledError


def content(path: Path) -> list[tuple[object, ...]]:
    with contextlib.closing(sqlite3.connect(path)) as raw:
        return raw.execute("SELECT type, name, sql FROM sqlite_schema ORDER BY name").fetchall()


def statements(path: Path) -> int:
    """How many statements a migration of this store takes."""
    count = itertools.count()

    def look(*_: Any) -> None:
        next(count)

    sqlalchemy.event.listen(sqlalchemy.Engine, "before_cursor_execute", look)
    try:
        schema.migrate(path)
    finally:
        sqlalchemy.event.remove(sqlalchemy.Engine, "before_cursor_execute", look)
    return next(count)


def faults(folder: Path, version: str | None) -> Iterator[str]:
    """The rule: a migration killed at every one of its statements leaves nothing behind, and starts again."""
    template, whole = folder / "template.db", folder / "whole.db"
    for path in (template, whole):
        if version is not None:
            schema.migrate(path, to=version)
    count = statements(whole)
    assert count > 3
    before = content(template) if version is not None else []
    for at in range(1, count + 1):
        path = folder / f"killed-{at}.db"
        if version is not None:
            path.write_bytes(checkpointed(template))
        with ending(at, killed), pytest.raises(KilledError):
            schema.migrate(path)
        if content(path) != before:
            yield f"statement {at} of {count} left something behind"
        try:
            schema.migrate(path)
        except (StoreError, sqlalchemy.exc.SQLAlchemyError) as error:
            yield f"killed at statement {at} of {count} it does not start again: {error}"
            continue
        assert content(path) == content(whole)
        path.unlink()


@pytest.mark.parametrize("version", [None, *schema.versions()[:-1]])
def test_it_starts_again_wherever_a_migration_was_killed(tmp_path: Path, version: str | None) -> None:
    assert not list(faults(tmp_path, version))


def test_a_migration_that_commits_as_it_goes_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rule proved by a planted defect: as it was, each statement a transaction of its own."""
    execute = sqlalchemy.Connection.exec_driver_sql
    ends = {"BEGIN IMMEDIATE", "COMMIT", "ROLLBACK"}

    def of_its_own(self: sqlalchemy.Connection, statement: str, *args: Any, **named: Any) -> Any:
        return execute(self, "SELECT 1" if statement in ends else statement, *args, **named)

    monkeypatch.setattr(sqlalchemy.Connection, "exec_driver_sql", of_its_own)
    found = list(faults(tmp_path, None))
    assert any("left something behind" in fault for fault in found)
    assert any("does not start again" in fault for fault in found)


def checkpointed(path: Path) -> bytes:
    with contextlib.closing(sqlite3.connect(path)) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path.read_bytes()


KILL = """
import os, signal, sys
from pathlib import Path
import sqlalchemy
from alarmd.store import schema
left = int(sys.argv[2])
def look(*_):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
sqlalchemy.event.listen(sqlalchemy.Engine, "before_cursor_execute", look)
schema.migrate(Path(sys.argv[1]))
"""
MIGRATE = "import sys; from pathlib import Path; from alarmd.store import schema; schema.migrate(Path(sys.argv[1]))"


def test_it_starts_again_after_a_real_kill(tmp_path: Path) -> None:
    path = tmp_path / "alarmd.db"
    ended = subprocess.run([sys.executable, "-c", KILL, path, "20"], check=False)
    assert ended.returncode == -signal.SIGKILL
    assert path.exists()
    schema.migrate(path)
    schema.require_current(path)


def test_those_who_begin_at_once_wait_for_each_other(tmp_path: Path) -> None:
    path = tmp_path / "alarmd.db"
    started = [subprocess.Popen([sys.executable, "-c", MIGRATE, path]) for _ in range(3)]
    assert [process.wait() for process in started] == [0, 0, 0]
    schema.require_current(path)


def test_an_older_store_can_be_copied_and_its_log_be_read(tmp_path: Path) -> None:
    path = tmp_path / "alarmd.db"
    schema.migrate(path, to=schema.versions()[0])
    schema.require_known(path)
    with pytest.raises(StoreError, match="start `alarmd run` once to migrate it"):
        schema.require_current(path)
