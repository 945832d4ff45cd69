"""Whether a database file has exactly the tables, indexes, triggers and views that the migrations make.

A file that somebody else had in hands may hold more: a trigger that deletes rows of the outbox, a view in the place of
a table. SQLite runs such things with alarmd's own statements, and neither its pages nor the log's hashes show it.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from functools import cache
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from config.wording import for_later, said

_SHOWN = 5
_LONGEST = 60
# What alembic makes by itself, in its own words.
_VERSIONS = (
    "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, "
    "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
)
# SQLite's own: the figures of ANALYZE, and the numbers of AUTOINCREMENT.
_OF_SQLITE = re.compile(r"sqlite_stat[134]|sqlite_sequence")
_WORD = re.compile(r"'[^']*'|\"[^\"]*\"|--[^\n]*|\s+|[(),]|[^\s'\"(),-]+|.", re.DOTALL)
_KINDS = MappingProxyType(
    {
        "table": for_later("table {name}"),
        "index": for_later("index {name} of {table}"),
        "trigger": for_later("trigger {name} of {table}"),
        "view": for_later("view {name}"),
    }
)


class _Thing(NamedTuple):
    """One row of SQLite's own table of what there is."""

    kind: str
    name: str
    table: str

    def told(self) -> str:
        """In the reader's language, in one line whatever it is called."""
        sentence = _KINDS.get(self.kind)
        name, table = _plain(self.name), _plain(self.table)
        return said(sentence, name=name, table=table) if sentence else f"{_plain(self.kind)} {name}"


_Things = Mapping[_Thing, str]


def fault(path: Path) -> str | None:
    """What is there and should not be, or should be and is not, and what to do; None where all is as it must be.

    A file of a version that is not known here is left to who looks at versions.

    Args:
        path: The database's file.

    Raises:
        sqlite3.DatabaseError: It is no database, or damaged.
    """
    return foreign(path) or changed(path)


def foreign(path: Path) -> str | None:
    """As `fault`, for what alarmd never made: such a store is not worked with, for it would run with each statement."""
    found, wanted = _both(path)
    if others := [one for one in found if one not in wanted]:
        return said(
            "{file}: holds what alarmd never made: {things}. It could change or hide what is stored: restore a backup "
            "from before, or let somebody who knows take it out with sqlite3",
            file=path,
            things=_some(others),
        )
    return None


def changed(path: Path) -> str | None:
    """As `fault`, for what is missing or was changed: a guard that is gone must be told, and must silence no button."""
    found, wanted = _both(path)
    if others := [one for one in wanted if found.get(one) != wanted[one]]:
        return said(
            "{file}: is not as alarmd made it; missing or changed: {things}. Restore a backup from before",
            file=path,
            things=_some(others),
        )
    return None


def _both(path: Path) -> tuple[_Things, _Things]:
    """What is there, and what ought to be."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        connection.execute("BEGIN")  # version and things as they were at one moment
        version, found = _version(connection), _things(connection)
    if version is None or version not in _names():
        return {}, {}
    return found, _wanted(version)


def _some(things: list[_Thing]) -> str:
    shown = said(", ").join(one.told() for one in things[:_SHOWN])
    return shown + (" …" if len(things) > _SHOWN else "")


def _plain(name: str) -> str:
    return "".join(sign if sign.isprintable() else "�" for sign in name[:_LONGEST])


def _version(connection: sqlite3.Connection) -> str | None:
    there = connection.execute("SELECT type FROM sqlite_schema WHERE name = 'alembic_version'").fetchone()
    if there is None:
        return None
    if there[0] != "table":  # a view that says which version it is: as little alarmd's as one of no version
        return max(_names())
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(row[0]) if row else None


def _things(connection: sqlite3.Connection) -> _Things:
    rows = connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema").fetchall()
    return {
        _Thing(str(kind), str(name), str(table)): _normal(str(sql or ""))
        for kind, name, table, sql in rows
        if not (kind == "table" and _OF_SQLITE.fullmatch(str(name)))
    }


def _normal(sql: str) -> str:
    """The statement's words without comments and blanks: what it says, and not how it is written."""
    return "\0".join(word for word in _WORD.findall(sql) if not word.isspace() and not word.startswith("--"))


@cache
def _wanted(version: str) -> _Things:
    """What the migrations up to that version make."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(_VERSIONS)
        for number, text in sorted(_names().items()):
            if number <= version:
                connection.executescript(text)
        return _things(connection)


@cache
def _names() -> Mapping[str, str]:
    """Each version's statements."""
    folder = resources.files("alarmd.store").joinpath("migrations", "versions")
    files = [file for file in folder.iterdir() if file.name.endswith(".sql")]
    return {file.name.partition("_")[0]: file.read_text(encoding="utf-8") for file in files}
