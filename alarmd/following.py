"""Following the event log from another process: read-only, whether the daemon runs, restarts or is away."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from datetime import datetime
from types import TracebackType
from typing import Self

from alarmd import journal
from alarmd.store import Transaction, path_of, schema
from alarmd.store.plain import connect, telling_damage
from config.wording import said

LOOK_EVERY_S = 0.2
PAGE = 1000  # entries per read: the daemon's checkpoints never wait long for a reader who is slow to print
REMEMBERED_NAMES = 10_000


class Follower:
    """An open look at the log.

    Args:
        url: The store's.
        look_every: Seconds between two looks at whether anything changed; one look costs a few microseconds.

    Raises:
        StoreError: There is no such store, or it is of another version.
    """

    def __init__(self, url: str, *, look_every: float = LOOK_EVERY_S) -> None:
        self._path = path_of(url)
        self._look_every = look_every
        self._names: dict[str, str] = {}
        self._open()

    def _open(self) -> None:
        schema.require_known(self._path)
        # Each query stands alone (no BEGIN): a transaction held open while waiting would see nothing new.
        self._connection = connect(self._path, readonly=True)
        self.tx = Transaction(self._connection)
        self._inode = self._path.stat().st_ino
        self._version = self._data_version()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: type[BaseException] | None, error: BaseException | None, __: TracebackType | None) -> None:
        self._connection.close()
        if isinstance(error, sqlite3.DatabaseError):
            with telling_damage(self._path):
                raise error

    def read(
        self, *, after: int, incident: str | None = None, resident: str | None = None, since: datetime | None = None
    ) -> Iterator[journal.LogEntry]:
        """Every entry after that one which fits, a page at a time."""
        while True:
            page = list(
                journal.read(self.tx, after=after, incident=incident, resident=resident, since=since, limit=PAGE)
            )
            yield from page
            if len(page) < PAGE:
                return
            after = page[-1].seq

    def wait(self, after: int) -> int:
        """Wait until somebody has written; returns the ``seq`` to go on from.

        That is ``after`` again, or 0 when the file itself was replaced (a restored backup): then the log is another.
        """
        while True:
            if self._replaced():
                self._connection.close()
                self._open()
                return 0
            version = self._data_version()
            if version != self._version:
                self._version = version
                return after
            time.sleep(self._look_every)

    def name(self, id_: str) -> str:
        """The name behind an id of a person, resident or circle; the id itself where there is none."""
        if id_ not in self._names:
            if len(self._names) >= REMEMBERED_NAMES:
                self._names.clear()
            self._names[id_] = name_of(self.tx, id_)
        return self._names[id_]

    def _data_version(self) -> int:
        row = self.tx.one("data_version")
        assert row is not None
        return int(row[0])

    def _replaced(self) -> bool:
        try:
            return self._path.stat().st_ino != self._inode
        except FileNotFoundError:
            return False  # moved away: it may come back


def name_of(tx: Transaction, id_: str) -> str:
    """The name behind an id (`Candidate.id` has the forms), or the id."""
    kind, _, rest = id_.partition(":")
    match kind:
        case "operator" if rest:
            return rest
        case "desk" if rest.isdecimal():
            return said("desk phone {number}", number=int(rest) + 1)
        case "circle" if rest:
            row = tx.one("name_of_circle", id=rest)
        case "resident" if rest:
            row = tx.one("name_of_person", id=rest)
        case "line":
            return said("ambulance line")
        case _:
            row = tx.one("name_of_person", id=id_)
    return str(row["name"]) if row else id_
