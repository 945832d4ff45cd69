"""The file on its disk: slow, full, and at a crash left exactly as a power cut may leave it.

The database is a real one in WAL mode. A crash copies file and log as they are at that moment; a crash in the middle of
a commit cuts the log somewhere inside what that commit wrote. What was open before is forgotten, and the next start
recovers from the copy as SQLite does.
"""

from __future__ import annotations

import asyncio
import random
import shutil
import sqlite3
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from alarmd.store.sqlite import Row, connect
from tests.simulation.virtual import Process

T = TypeVar("T")

ROOM_AGAIN = 1 << 30  # pages


class Fate(StrEnum):
    """When in a commit the power fails."""

    BEFORE = "before the commit"
    WITHIN = "within the commit"
    AFTER = "after the commit, before anybody heard of it"


class _Sqlite(sqlite3.Connection):
    """A real connection whose disk may refuse a commit."""

    broken: bool = False

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        if self.broken and sql == "COMMIT":
            error = sqlite3.OperationalError("disk I/O error")
            error.sqlite_errorcode = sqlite3.SQLITE_IOERR
            raise error
        return super().execute(sql, parameters)


class Disk:
    """Where the database is.

    Args:
        folder: On a memory disk: what is tested is alarmd, not the speed of this one.
        template: The database as it is before the first start.
        dice: Decides how long things take and where a commit is cut.
    """

    def __init__(self, folder: Path, template: Path, dice: random.Random) -> None:
        self._folder = folder
        self._dice = dice
        self._generation = 0
        self.path = self._file()
        shutil.copyfile(template, self.path)
        self.slow = 0.0  # the most that one way to the disk takes, in seconds
        self.fate: Fate | None = None  # of the next commit
        self._torn_at: int | None = None
        self.died: Fate | None = None  # when in a commit it was, if it was in one
        self.full = False
        self.broken = False
        self._writer: _Sqlite | None = None
        self._forgotten: list[sqlite3.Connection] = []
        self.on_commit: Callable[[], None] = lambda: None
        self.on_work: Callable[[], Callable[[], None]] = lambda: lambda: None  # before a transaction, and after it
        self.eye = connect(self.path, readonly=True)

    def _file(self) -> Path:
        return self._folder / f"alarmd-{self._generation}.db"

    def writer(self, process: Process) -> Hop:
        """The connection that alarmd writes through."""
        self._writer = _open(self.path)
        self._forgotten.append(self._writer)
        self._limit()
        return Hop(self, self._writer, process, writes=True)

    def reader(self, process: Process) -> Hop:
        """The connection that alarmd reads through."""
        connection = connect(self.path, readonly=True)
        self._forgotten.append(connection)
        return Hop(self, connection, process, writes=False)

    def fill(self, *, full: bool) -> None:
        """Let there be no room for one page more, or room again."""
        self.full = full
        self._limit()

    def break_(self, *, broken: bool) -> None:
        """Let every commit fail, or none."""
        self.broken = broken
        self._limit()

    def _limit(self) -> None:
        if self._writer is None:
            return
        self._writer.broken = self.broken
        pages = self._writer.execute("PRAGMA page_count").fetchone()[0] if self.full else ROOM_AGAIN
        self._writer.execute(f"PRAGMA max_page_count = {pages}")

    def way(self) -> float:
        """Seconds to the disk and back."""
        if self.slow:
            return self._dice.uniform(0.0, self.slow)
        return self._dice.uniform(0.0002, 0.002)

    def query(self, sql: str, *values: Any) -> list[Row]:
        """What is committed, seen from outside."""
        return self.eye.execute(sql, values).fetchall()

    # ------------------------------------------------------------ crashing

    def state(self) -> tuple[int, int]:
        """How long the log is, and when the file beside it was last changed."""
        log = _log_of(self.path)
        return (log.stat().st_size if log.exists() else 0), self.path.stat().st_mtime_ns

    def crash(self) -> None:
        """The power fails: go on with what is on the disk, its log cut where a commit was being written."""
        cut, self._torn_at = self._torn_at, None
        self.died = None
        self.fate = None
        before = self.path
        self._generation += 1
        self.path = self._file()
        shutil.copyfile(before, self.path)
        if (log := _log_of(before)).exists():
            kept = log.read_bytes()
            _log_of(self.path).write_bytes(kept if cut is None else kept[:cut])
        self._close()
        self.eye = connect(self.path, readonly=True)

    def tear(self, before: tuple[int, int]) -> bool:
        """Have the log cut inside what the last commit wrote; False where it cannot be said what that was."""
        size, changed = self.state()
        if changed != before[1] or size <= before[0] + 1:
            return False
        self._torn_at = self._dice.randrange(before[0], size - 1)
        return True

    def _close(self) -> None:
        self._writer = None
        for connection in (self.eye, *self._forgotten):
            connection.close()
        self._forgotten.clear()
        for file in self._folder.glob(f"alarmd-{self._generation - 1}.db*"):
            file.unlink()

    def close(self) -> None:
        """Close everything."""
        self._generation += 1
        self._close()


class Hop:
    """A connection of the store, without a thread: the way takes virtual time, the work none."""

    def __init__(self, disk: Disk, connection: sqlite3.Connection, process: Process, *, writes: bool) -> None:
        self._disk = disk
        self._connection = connection
        self._process = process
        self._writes = writes

    async def hop(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run a transaction; the machine may die before, in or after it."""
        if not self._writes:
            await asyncio.sleep(self._disk.slow and self._disk.way())
            return work(self._connection)
        await asyncio.sleep(self._disk.way())
        fate, self._disk.fate = self._disk.fate, None
        if fate is Fate.BEFORE:
            await self._die(fate)
        before = self._disk.state() if fate is Fate.WITHIN else (0, 0)
        worked = self._disk.on_work()
        try:
            result = work(self._connection)
        finally:
            worked()
        if fate is Fate.WITHIN and self._disk.tear(before):
            await self._die(fate)
        self._disk.on_commit()
        if fate is not None:
            await self._die(Fate.AFTER)
        await asyncio.sleep(self._disk.way())
        return result

    async def _die(self, when: Fate) -> None:
        self._disk.died = when
        self._process.kill()
        await asyncio.get_running_loop().create_future()

    async def close(self) -> None:
        """Close it."""
        self._connection.close()


def _open(path: Path) -> _Sqlite:
    """As `alarmd.store.sqlite.connect`, on a disk that can break; on a memory disk there is nothing to sync."""
    uri = f"{path.absolute().as_uri()}?mode=rw"
    connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False, factory=_Sqlite)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = OFF")
    return connection


def _log_of(path: Path) -> Path:
    return path.with_name(path.name + "-wal")
