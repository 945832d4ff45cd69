"""Somebody with rights to the file changes the log: the guards of its table are away for that moment."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

_GUARDS = "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'journal'"


@contextmanager
def unguarded(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection on which the log can be changed; afterwards its guards are there again."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        guards = connection.execute(_GUARDS).fetchall()
        assert guards
        for name, _ in guards:
            connection.execute(f"DROP TRIGGER {name}")
        yield connection
        for _, sql in guards:
            connection.execute(sql)
