"""SQLite through aiosqlite: one writer that groups what is waiting into one commit, and two readers beside it.

Every transaction is one function that runs whole in the connection's thread: one hop, however many statements (a hop
for each statement halves the rate, and an ORM's asynchronous layer costs three to four times as much;
docs/performance.md).
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import time
from collections import deque
from collections.abc import Awaitable, Callable
from contextvars import copy_context
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeVar

import aiosqlite
import structlog

from alarmd.store import mending, schema
from alarmd.store.errors import StoreError
from alarmd.store.mending import Mended
from alarmd.store.plain import Row, Transaction, connect, path_of

__all__ = ["CommitPoint", "Row", "Store", "Transaction", "connect", "path_of"]

T = TypeVar("T")
log = structlog.get_logger()

_OUTSIDE = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_READONLY,
}
GROUP_LIMIT = 512  # transactions in one commit; more only adds latency (LIMITS.md, Store)
PASSED = 4  # groups without noise, one after the other; then it has its turn beside them
GROUP_SECONDS = 0.05  # nor may the first press of a storm wait until the people for the last one are found


class CommitPoint(StrEnum):
    """A moment of a commit at which a crash must do no harm."""

    BEFORE_BEGIN = "before BEGIN"
    INSIDE = "inside the group"
    BEFORE_COMMIT = "before COMMIT"
    AFTER_COMMIT = "after COMMIT, before anybody hears of it"


Passing = Callable[[CommitPoint], None]


def _pass_by(point: CommitPoint) -> None:
    """Nobody waits at the commit points but in the crash tests."""


class Connection(Protocol):
    """What the store needs of a connection; the simulation has one of its own, without a thread."""

    async def hop(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run ``work`` whole, and return what it returns or raise what it raises."""
        ...

    def close(self) -> Awaitable[Any]:
        """Close it."""
        ...


class _Connection(aiosqlite.Connection):
    """aiosqlite's connection, with a way to run a whole function in its thread.

    ``_execute`` is what each public method of aiosqlite is made of; tests/integration/store holds it to that.
    """

    async def hop(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run ``work`` in the connection's thread and return what it returns, or raise what it raises."""
        result: T = await self._execute(lambda: work(self._conn))  # type: ignore[no-untyped-call]  # not annotated there
        return result


class Store:
    """The database of one daemon.

    Attributes:
        mended: What was missing when it was opened, and was made again.
    """

    def __init__(
        self,
        path: Path,
        writer: Connection,
        reader: Connection,
        passing: Passing = _pass_by,
        *,
        urgent_reader: Connection | None = None,
    ) -> None:
        self.path = path
        self._writer = writer
        self._reader = reader
        self._urgent_reader = urgent_reader or reader
        self._passing = passing
        self._waiting: deque[_Submitted] = deque()
        self._behind: deque[_Submitted] = deque()
        self._passed = 0
        self._wake = asyncio.Event()
        self._closing = False
        self._task = asyncio.create_task(self._write_groups(), name="store-writer")
        self.commits = 0
        self.committed = 0
        self.mended: Mended | None = None

    @classmethod
    async def open(cls, url: str, *, passing: Passing = _pass_by) -> Store:
        """Open the database, create it if it is not there, and migrate it to this version.

        Args:
            url: ``sqlite:///relative/path`` or ``sqlite:////absolute/path``.
            passing: Called in the writer's thread at each commit point; where the crash tests kill the process.

        Raises:
            StoreError: Not a database, of a newer version, damaged, not writable, or in use by another daemon.
        """
        path = path_of(url)
        schema.migrate(path)
        mended = mending.mend(path)
        writer = await _connect(path, readonly=False)
        reader = await _connect(path, readonly=True)
        urgent_reader = await _connect(path, readonly=True)
        store = cls(path, writer, reader, passing, urgent_reader=urgent_reader)
        store.mended = mended
        return store

    def submit(self, work: Callable[[Transaction], T], *, behind: bool = False) -> asyncio.Future[T]:
        """Queue a transaction; the future is done once it is on disk, or carries what it raised.

        Transactions are committed in the order of submission, several in one commit when they wait together; of one
        that raised, nothing is stored. What is submitted ``behind`` lets everything else pass: a press never queues
        behind noise (promise 5).
        """
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        if self._closing:
            future.set_exception(StoreError("the store is closing"))
            return future
        (self._behind if behind else self._waiting).append(_Submitted(_as_now(work), future, behind))
        self._wake.set()
        return future

    async def write(self, work: Callable[[Transaction], T]) -> T:
        """Run a transaction and wait until it is on disk."""
        return await asyncio.shield(self.submit(work))

    async def read(self, work: Callable[[Transaction], T], *, urgent: bool = False) -> T:
        """Run a read-only transaction beside the writer; sees only what is committed.

        What is ``urgent`` has a connection of its own: nobody is rung later because 400,000 devices are listed.
        """
        reader = self._urgent_reader if urgent else self._reader
        work = _as_now(work)
        try:
            return await reader.hop(lambda connection: _read(connection, work))
        except sqlite3.Error as error:
            if _is_outside(error):
                raise StoreError(f"nothing was read: {error}") from error
            raise

    async def backup(self, target: Path) -> None:
        """Write a consistent copy while running, over a connection of its own: neither writer nor reader waits for it.

        Raises:
            StoreError: The target exists, or cannot be written.
        """
        if await asyncio.to_thread(target.exists):
            raise StoreError(f"{target} exists; a backup never overwrites")
        await asyncio.to_thread(_backup, self.path, target)

    async def close(self) -> None:
        """Commit what is waiting, then close."""
        self._closing = True
        self._wake.set()
        await self._task
        await self._writer.close()
        await self._reader.close()
        if self._urgent_reader is not self._reader:
            await self._urgent_reader.close()

    async def _write_groups(self) -> None:
        while self._waiting or self._behind or not self._closing:
            group = self._next_group()
            if not group:
                self._wake.clear()
                await self._wake.wait()
                continue
            try:
                works = [one.work for one in group]
                results = await self._writer.hop(partial(_commit_group, works=works, passing=self._passing))
            except Exception as error:  # a full disk, an I/O error: whoever waits must hear it, the daemon lives on
                log.exception("commit failed", error=str(error), transactions=len(group))
                results = [error] * len(group)
            else:
                self.commits += 1
                self.committed += len(results)
                for one in reversed(group[len(results) :]):  # there was no time for them
                    (self._behind if one.behind else self._waiting).appendleft(one)
            _deliver(group, results)

    def _next_group(self) -> list[_Submitted]:
        """What is committed together; noise not with a press, whose acknowledgement would wait for it."""
        group: list[_Submitted] = []
        alone = bool(self._waiting and self._behind) and self._passed < PASSED
        self._passed = self._passed + 1 if alone else 0
        for queue in (self._waiting,) if alone else (self._waiting, self._behind):
            group += [queue.popleft() for _ in range(min(len(queue), GROUP_LIMIT - len(group)))]
        return group


def _as_now(work: Callable[[Transaction], T]) -> Callable[[Transaction], T]:
    """The work as its caller would do it: what it says, it says in the language of whoever asked (`config.wording`)."""
    context = copy_context()
    return lambda tx: context.run(work, tx)


class _Submitted(NamedTuple):
    """A transaction that waits for the writer."""

    work: Callable[[Transaction], Any]
    future: asyncio.Future[Any]
    behind: bool


def _deliver(group: list[_Submitted], results: list[Any]) -> None:
    for (_, future, _), result in zip(group, results, strict=False):
        if isinstance(result, _Kept):
            _tell(result.afterwards)
        if future.done():
            continue
        if isinstance(result, _Failure) and not _is_outside(result.error):
            future.set_exception(result.error)
        elif isinstance(result, _Failure):
            future.set_exception(StoreError(f"nothing was stored: {result.error}"))
        elif isinstance(result, Exception):
            future.set_exception(StoreError(f"nothing was stored: {result}"))
        else:
            future.set_result(result.value if isinstance(result, _Kept) else result)


def _tell(afterwards: list[Callable[[], None]]) -> None:
    for call in afterwards:
        try:
            call()
        except Exception:  # it is on disk: whoever waits for it must hear so
            log.exception("what follows from a commit failed")


class _Kept(NamedTuple):
    """What one transaction returned, and what is to be called once it is on disk."""

    value: Any
    afterwards: list[Callable[[], None]]


class _Failure:
    """What one transaction of a group raised; its neighbours are not harmed."""

    def __init__(self, error: Exception) -> None:
        self.error = error


def _commit_group(
    connection: sqlite3.Connection, works: list[Callable[[Transaction], Any]], passing: Passing
) -> list[Any]:
    """Commit as many as there is time for, one at least; returns their results."""
    until = time.monotonic() + GROUP_SECONDS
    results = []
    memo: dict[str, Any] = {}
    passing(CommitPoint.BEFORE_BEGIN)
    connection.execute("BEGIN IMMEDIATE")
    try:
        for work in works:
            results.append(_savepoint(connection, work, memo))
            passing(CommitPoint.INSIDE)
            if time.monotonic() > until:
                break
        passing(CommitPoint.BEFORE_COMMIT)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    passing(CommitPoint.AFTER_COMMIT)
    return results


def _savepoint(connection: sqlite3.Connection, work: Callable[[Transaction], Any], memo: dict[str, Any]) -> Any:
    connection.execute("SAVEPOINT work")
    try:
        tx = Transaction(connection, memo)
        value = work(tx)
        result: _Kept | _Failure = _Kept(value, tx.afterwards)
    except Exception as error:
        memo.clear()
        if not connection.in_transaction:  # a full disk makes SQLite roll back by itself: nothing of the group is left
            raise
        connection.execute("ROLLBACK TO work")
        result = _Failure(error)
    connection.execute("RELEASE work")
    return result


def _read(connection: sqlite3.Connection, work: Callable[[Transaction], T]) -> T:
    connection.execute("BEGIN")
    try:
        return work(Transaction(connection))
    finally:
        connection.execute("ROLLBACK")


def _is_outside(error: Exception) -> bool:
    """Whether the disk, the machine or another program is at fault: that passes, and is no defect of the statement."""
    return isinstance(error, sqlite3.Error) and getattr(error, "sqlite_errorcode", 0) & 0xFF in _OUTSIDE


def _backup(source: Path, target: Path) -> None:
    with contextlib.ExitStack() as stack:
        try:
            origin = stack.enter_context(contextlib.closing(connect(source, readonly=True)))
            copy = stack.enter_context(contextlib.closing(sqlite3.connect(target)))
            # A held snapshot: without it each commit of the writer makes the copying begin anew, maybe for ever.
            origin.execute("BEGIN")
            origin.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            origin.backup(copy, pages=1024)
        except sqlite3.Error as error:
            target.unlink(missing_ok=True)
            raise StoreError(f"{target}: no backup was written: {error}") from error


async def _connect(path: Path, *, readonly: bool) -> _Connection:
    def connector() -> sqlite3.Connection:
        return connect(path, readonly=readonly)

    connection = _Connection(connector, iter_chunk_size=64)
    await connection
    return connection
