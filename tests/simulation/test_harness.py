"""What the harness itself must do: kill without a last word, hold, cut a commit in two, and notice who spins."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections.abc import Iterator
from contextvars import Context
from pathlib import Path

import pytest

from tests.simulation.disk import Disk, Fate
from tests.simulation.virtual import Process, StuckError, VirtualLoop


@pytest.fixture
def loop() -> Iterator[VirtualLoop]:
    made = VirtualLoop()  # type: ignore[abstract]  # sockets, signals and the like are not there on purpose
    yield made
    made.end()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    template = tmp_path / "template.db"
    connection = sqlite3.connect(template)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("CREATE TABLE press (n INTEGER)")
    connection.close()
    made = Disk(tmp_path, template, random.Random(3))  # noqa: S311 - repeatable on purpose
    yield made
    made.close()


def test_what_a_killed_process_begins_at_its_end_is_begun_on_no_other_loop(loop: VirtualLoop) -> None:
    """An async test that ran before may have left its loop set: the task would be nobody's, and reported for ever."""
    other = asyncio.new_event_loop()
    asyncio.set_event_loop(other)
    began = []

    async def flush() -> None:
        began.append("never")

    async def works() -> None:
        try:
            await asyncio.sleep(100)
        finally:
            await asyncio.shield(flush())

    try:
        loop.create_task(works())
        loop.run_until(1)
        loop.end()
        assert not asyncio.all_tasks(other)
        assert not began
    finally:
        asyncio.set_event_loop(None)
        other.close()


def test_a_night_passes_in_no_time(loop: VirtualLoop) -> None:
    woken: list[float] = []

    async def sleeper() -> None:
        await asyncio.sleep(8 * 3600)
        woken.append(loop.time())

    loop.create_task(sleeper(), context=Context())
    loop.run_until(9 * 3600)
    assert woken == [8 * 3600]


def test_who_is_killed_has_no_last_word(loop: VirtualLoop) -> None:
    said: list[str] = []
    process = loop.process("alarmd")

    async def talker() -> None:
        try:
            while True:
                await asyncio.sleep(1)
                said.append("still here")
        finally:
            said.append("farewell")

    loop.create_task(talker(), context=process.context)
    loop.call_at(2.5, process.kill, context=Context())
    loop.run_until(10)
    assert said == ["still here", "still here"]


def test_who_is_held_goes_on_where_it_was(loop: VirtualLoop) -> None:
    ticks: list[float] = []
    process = loop.process("alarmd")

    async def clockwork() -> None:
        while True:
            await asyncio.sleep(1)
            ticks.append(loop.time())

    loop.create_task(clockwork(), context=process.context)
    loop.call_at(2.5, loop.hold, process, 60.0, context=Context())
    loop.run_until(64)
    assert ticks == [1, 2, 62.5, 63.5]


def test_it_notices_who_spins(loop: VirtualLoop) -> None:
    spinning: list[object] = []

    async def spinner() -> None:
        await asyncio.sleep(0)
        spinning.append(loop.create_task(spinner(), context=Context()))

    loop.create_task(spinner(), context=Context())
    with pytest.raises(StuckError, match="spins"):
        loop.run_until(1)


def test_it_hears_an_exception_that_nobody_else_hears(loop: VirtualLoop) -> None:
    def breaks() -> None:
        raise ValueError("a defect")

    loop.call_soon(breaks, context=Context())
    loop.run_until(1)
    assert "a defect" in loop.problems[0]


@pytest.mark.parametrize(("fate", "kept"), [(Fate.BEFORE, [1]), (Fate.WITHIN, [1]), (Fate.AFTER, [1, 2])])
def test_a_power_cut_takes_a_commit_whole_or_leaves_it_whole(
    loop: VirtualLoop, disk: Disk, fate: Fate, kept: list[int]
) -> None:
    process = loop.process("alarmd")
    process.on_death = disk.crash
    heard: list[int] = []

    async def writes() -> None:
        writer = disk.writer(process)
        for n in (1, 2):
            disk.fate = fate if n == 2 else None
            await writer.hop(lambda connection, n=n: insert(connection, n))  # type: ignore[misc]  # mypy cannot infer it
            heard.append(n)

    loop.create_task(writes(), context=process.context)
    loop.run_until(1)
    assert heard == [1]
    assert not process.alive
    assert [row[0] for row in disk.query("SELECT n FROM press ORDER BY n")] == kept


@pytest.mark.parametrize("trouble", ["full", "broken"])
def test_a_disk_that_fails_stores_nothing_and_then_works_again(loop: VirtualLoop, disk: Disk, trouble: str) -> None:
    process = loop.process("alarmd")
    errors: list[int] = []

    async def writes() -> None:
        writer = disk.writer(process)
        disk.fill(full=trouble == "full")
        disk.break_(broken=trouble == "broken")
        try:
            await writer.hop(fill)
        except sqlite3.OperationalError as error:
            errors.append(error.sqlite_errorcode)
            await writer.hop(lambda connection: connection.in_transaction and connection.execute("ROLLBACK"))
        disk.fill(full=False)
        disk.break_(broken=False)
        await writer.hop(lambda connection: insert(connection, 3))

    loop.create_task(writes(), context=process.context)
    loop.run_until(1)
    assert errors == [sqlite3.SQLITE_FULL if trouble == "full" else sqlite3.SQLITE_IOERR]
    assert [row[0] for row in disk.query("SELECT n FROM press")] == [3]


def insert(connection: sqlite3.Connection, n: int) -> None:
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("INSERT INTO press VALUES (?)", (n,))
    connection.execute("COMMIT")


def fill(connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany("INSERT INTO press VALUES (?)", ((n,) for n in range(100_000)))
    connection.execute("COMMIT")


def test_a_process_dies_once() -> None:
    deaths: list[str] = []
    process = Process("alarmd")
    process.on_death = lambda: deaths.append(process.name)
    process.kill()
    process.kill()
    assert deaths == ["alarmd"]
