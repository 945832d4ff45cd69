"""Whether a database file has exactly the tables, indexes, triggers and views that the migrations make, word for word.

A file that somebody else had in hands may hold more: a trigger that deletes rows of the outbox, a view in the place of
a table, a thing of alarmd's own name with another body. SQLite runs such things with alarmd's own statements, and
neither its pages nor the log's hashes show it. So all that is there must be as it was made. An index or a trigger that
is *missing* runs nothing: it is told, the daemon makes it again (`alarmd.store.mending`), and no button is silenced.
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
_MOST_ROWS = 1 << 53  # of a table, ever: a thousand a second for three hundred thousand years
_LONGEST = 60
# What alembic makes by itself, in its own words.
_VERSIONS = (
    "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, "
    "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
)
# SQLite's own: the figures of ANALYZE, and the numbers of AUTOINCREMENT.
_OF_SQLITE = (
    "CREATE TABLE sqlite_stat1(tbl,idx,stat)",
    "CREATE TABLE sqlite_stat4(tbl,idx,neq,nlt,ndlt,sample)",
    "CREATE TABLE sqlite_sequence(name,seq)",
)
# Blanks are those that SQLite takes for blanks: any other sign is part of a name there.
_WORD = re.compile(r"'[^']*'|\"[^\"]*\"|--[^\n]*|[ \t\n\f\r]+|[(),]|[^ \t\n\f\r'\"(),-]+|.", re.DOTALL)
_SAYS_NOTHING = re.compile(r"[ \t\n\f\r]+|--[^\n]*")
_MADE_AGAIN = ("index", "trigger")
_KINDS = MappingProxyType(
    {
        "table": for_later("table {name}"),
        "index": for_later("index {name} of {table}"),
        "trigger": for_later("trigger {name} of {table}"),
        "view": for_later("view {name}"),
    }
)


class Thing(NamedTuple):
    """One row of SQLite's own table of what there is."""

    kind: str
    name: str
    table: str

    def told(self) -> str:
        """In the reader's language, in one line, also where its name has line ends."""
        sentence = _KINDS.get(self.kind)
        name, table = _plain(self.name), _plain(self.table)
        return said(sentence, name=name, table=table) if sentence else f"{_plain(self.kind)} {name}"

    def __str__(self) -> str:
        """For logs, in English."""
        return f"{_plain(self.kind)} {_plain(self.name)}"


class _Body(NamedTuple):
    """The statement that makes a thing; of more than one row of that name, all of them."""

    sql: str
    words: tuple[str, ...]


_Things = Mapping[Thing, _Body]


def fault(path: Path) -> str | None:
    """What is there and should not be, or should be and is not, and what to do; None where all is as it must be.

    A file of a version that is not known here is left to who looks at versions.

    Args:
        path: The database's file.

    Raises:
        sqlite3.DatabaseError: It is no database, or damaged.
    """
    return foreign(path) or missing(path)


def foreign(path: Path) -> str | None:
    """As `fault`, for what alarmd never made, or made otherwise: such a store is not worked with.

    A trigger, a view, an expression in an index, a rule of a table would run with alarmd's own statements. A table that
    is gone is one of these: a press could not be kept.
    """
    found, wanted = _both(path)
    if others := [one for one in found if one not in wanted]:
        return said(
            "{file}: holds what alarmd never made: {things}. It could change or hide what is stored: restore a backup "
            "from before, or let somebody who knows take it out with sqlite3",
            file=path,
            things=some(others),
        )
    changed = [one for one, body in found.items() if body.words != wanted[one].words]
    gone = [one for one in wanted if one not in found and one.kind not in _MADE_AGAIN]
    if changed or gone:
        return _not_as_made(path, [*changed, *gone])
    if spent := _spent(path):
        return said(
            "{file}: the numbers of {tables} are used up, so nothing more could be kept: restore a backup from before",
            file=path,
            tables=said(", ").join(spent),
        )
    return None


def missing(path: Path) -> str | None:
    """As `fault`, for indexes and triggers of alarmd's that are gone."""
    gone = absent(path)
    return _not_as_made(path, list(gone)) if gone else None


def absent(path: Path) -> Mapping[Thing, str]:
    """The indexes and triggers that are gone, with the statement that makes each again."""
    found, wanted = _both(path)
    return {one: body.sql for one, body in wanted.items() if one not in found and one.kind in _MADE_AGAIN and body.sql}


def some(things: list[Thing]) -> str:
    """The first of them, in the reader's language."""
    shown = said(", ").join(one.told() for one in things[:_SHOWN])
    return shown + (" …" if len(things) > _SHOWN else "")


def _not_as_made(path: Path, things: list[Thing]) -> str:
    return said(
        "{file}: is not as alarmd made it; missing or changed: {things}. Restore a backup from before",
        file=path,
        things=some(things),
    )


def _both(path: Path) -> tuple[_Things, _Things]:
    """What is there, and what ought to be."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        connection.execute("BEGIN")  # version and things as they were at one moment
        version, found = _version(connection), _things(connection)
    if version is None or (version and version not in _names()):
        return {}, {}
    return found, _wanted(version)


def _spent(path: Path) -> list[str]:
    """Tables that no row can be added to, or soon none: SQLite's last number is near, or is none."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        if connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_sequence'").fetchone() is None:
            return []
        rows = connection.execute("SELECT name, seq FROM sqlite_sequence").fetchall()
    return [_plain(str(name)) for name, seq in rows if not isinstance(seq, int) or not 0 <= seq < _MOST_ROWS]


def _plain(name: str) -> str:
    return "".join(sign if sign.isprintable() else "�" for sign in name[:_LONGEST])


def _version(connection: sqlite3.Connection) -> str | None:
    """The version that a file says it has; empty where it is alarmd's and names not one, None where it is not."""
    there = connection.execute("SELECT type FROM sqlite_schema WHERE name = 'alembic_version'").fetchone()
    if there is None:
        return None
    if there[0] != "table":  # a view that says which version it is: as little alarmd's as one of no version
        return max(_names())
    rows = connection.execute("SELECT version_num FROM alembic_version LIMIT 2").fetchall()
    return str(rows[0][0]) if len(rows) == 1 else ""  # two are as little alarmd's as none


def _things(connection: sqlite3.Connection) -> _Things:
    found: dict[Thing, _Body] = {}
    for kind, name, table, text in connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema"):
        if kind == "table" and text in _OF_SQLITE:
            continue
        thing, sql = Thing(str(kind), str(name), str(table)), str(text or "")
        before = found.get(thing, _Body("", ()))  # a second row of the same name is as foreign as another body
        found[thing] = _Body(before.sql + sql, (*before.words, *_words(sql)))
    return found


def _words(sql: str) -> tuple[str, ...]:
    """The statement's words without comments and blanks: what it says, and not how it is written."""
    return tuple(word for word in _WORD.findall(sql) if not _SAYS_NOTHING.fullmatch(word))


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
