"""A store looked at or written to by one plain connection: what commands need, and what `sqlite` is built on.

It loads nothing that only the daemon needs: most commands run for less time than that takes.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from alarmd import local_user
from alarmd.store import schema
from alarmd.store.errors import StoreError
from alarmd.store.queries import QUERIES
from config.wording import said

Row = sqlite3.Row

BUSY_TIMEOUT_S = 10.0
_PRIMARY = 0xFF  # an extended result code has the primary one in its last byte: https://www.sqlite.org/rescode.html
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class Transaction:
    """A running transaction: named SQL of ``alarmd/store/sql``; only valid inside the function it was given to.

    Args:
        connection: Whose.
        memo: What the transactions of one commit tell each other; see `memo`.
        login: By whose login all of it is done, where somebody's is: the log says so with each entry.

    Attributes:
        memo: What need not be asked of the database again: shared by the transactions of one commit, which nobody else
            writes meanwhile, and forgotten when one of them is undone.
        afterwards: What `once_committed` was given.
    """

    def __init__(self, connection: sqlite3.Connection, memo: dict[str, Any] | None = None, *, login: str = "") -> None:
        self._connection = connection
        self.login = login
        self.memo: dict[str, Any] = {} if memo is None else memo
        self.afterwards: list[Callable[[], None]] = []

    def once_committed(self, call: Callable[[], None]) -> None:
        """Have ``call`` called on the event loop once this is on disk, before anybody hears of it; never if undone.

        The only way in which a transaction may change what the daemon keeps in memory: it runs in the writer's thread,
        and its commit may yet fail.
        """
        self.afterwards.append(call)

    def run(self, query: str, /, **values: Any) -> int:
        """Run a statement; returns the number of rows it changed."""
        return self._connection.execute(QUERIES[query], values).rowcount

    def insert(self, query: str, /, **values: Any) -> int:
        """Insert a row; returns the number that SQLite gave it."""
        rowid = self._connection.execute(QUERIES[query], values).lastrowid
        assert rowid is not None
        return rowid

    def many(self, query: str, rows: Iterable[dict[str, Any]], /) -> None:
        """Run a statement once for each row."""
        self._connection.executemany(QUERIES[query], rows)

    def one(self, query: str, /, **values: Any) -> Row | None:
        """The first row, or None."""
        row: Row | None = self._connection.execute(QUERIES[query], values).fetchone()
        return row

    def all(self, query: str, /, **values: Any) -> list[Row]:
        """Every row."""
        return self._connection.execute(QUERIES[query], values).fetchall()

    def each(self, query: str, /, **values: Any) -> Iterator[Row]:
        """Every row, one at a time, for what may not fit into memory."""
        cursor = self._connection.execute(QUERIES[query], values)
        # no `yield from`: it would close the cursor of whoever stops listening (`| head`) after its connection is gone
        for row in cursor:  # noqa: UP028 - see above
            yield row


def path_of(url: str) -> Path:
    """The file of a store's address.

    Raises:
        StoreError: Not a sqlite address.
    """
    if not url.startswith("sqlite:///"):
        raise StoreError(said("store.url {url}: only sqlite:///path is supported by this version", url=repr(url)))
    if "?" in url:
        raise StoreError(
            said(
                "store.url {url}: nothing stands behind the file's name; leave {rest} out",
                url=repr(url),
                rest=repr(url[url.index("?") :]),
            )
        )
    return Path(url.removeprefix("sqlite:///"))


def connect(path: Path, *, readonly: bool) -> sqlite3.Connection:
    """A plain connection with the settings that the promises need."""
    mode = "ro" if readonly else "rw"
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        isolation_level=None,
        timeout=BUSY_TIMEOUT_S,
        check_same_thread=False,
    )
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = FULL")
    if not readonly:
        connection.execute("PRAGMA secure_delete = FAST")  # what is taken out is not left lying in its page
    return connection


@contextlib.contextmanager
def reading(url: str, *, older: bool = False) -> Iterator[Transaction]:
    """A read-only look at a store from another process, while its daemon runs or not.

    Args:
        url: The store's.
        older: Whether one will do that this program has yet to migrate: for the event log, which never changed.

    Raises:
        StoreError: There is no such store, it is of another version, or a page that was read is damaged.
    """
    path = path_of(url)
    (schema.require_known if older else schema.require_current)(path)
    with telling_damage(path), contextlib.closing(connect(path, readonly=True)) as connection:
        connection.execute("BEGIN")
        yield Transaction(connection)


@contextlib.contextmanager
def writing(url: str) -> Iterator[Transaction]:
    """One transaction from another process beside a running daemon, for imports: committed at the end, or not at all.

    Raises:
        StoreError: The store cannot be opened, or a page that was read is damaged.
    """
    path = path_of(url)
    schema.migrate(path)
    with telling_damage(path), contextlib.closing(connect(path, readonly=False)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield Transaction(connection, login=local_user.login())
        connection.execute("COMMIT")


@contextlib.contextmanager
def telling_damage(path: Path) -> Iterator[None]:
    """Say so of a damaged page, which shows itself only when it is read: long after the store was opened.

    Raises:
        StoreError: A page that was read is damaged.
    """
    try:
        yield
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", 0) & _PRIMARY not in _DAMAGED:
            raise
        raise StoreError(said("{file}: {why}", file=path, why=schema.explain(error))) from error
