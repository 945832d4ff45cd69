"""One writer groups what waits into one commit; nobody is harmed by a neighbour; nobody sees what is not committed."""

from __future__ import annotations

import asyncio
import inspect
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import aiosqlite
import pytest

from alarmd import journal
from alarmd.store import Store, StoreError, Transaction
from alarmd.store.sqlite import PASSED

PATIENCE = 10.0
NOW = datetime(2026, 11, 21, 11, 30, tzinfo=UTC)


def note(name: str, value: str = "x") -> Callable[[Transaction], int]:
    """A transaction that writes one row."""
    return lambda tx: tx.run("note_set", name=name, value=value)


def notes(tx: Transaction, *names: str) -> list[str | None]:
    """The rows of those names, None where there is none."""
    rows = [tx.one("note_get", name=name) for name in names]
    return [row["value"] if row else None for row in rows]


@contextmanager
def busy_writer(store: Store) -> Iterator[None]:
    """While entered, the writer is at work on a transaction, so that what is submitted has to wait."""
    begun, go_on = threading.Event(), threading.Event()

    def work(tx: Transaction) -> None:
        begun.set()
        assert go_on.wait(PATIENCE)
        tx.run("note_set", name="first", value="x")

    first = store.submit(work)
    try:
        yield
    finally:
        go_on.set()
        first.add_done_callback(lambda done: done.exception())


async def begun(store: Store) -> None:
    """The writer took what was submitted before."""
    async with asyncio.timeout(PATIENCE):
        while store._waiting:  # noqa: ASYNC110 - the queue has no event; the loop only turns
            await asyncio.sleep(0)


async def test_it_commits_what_waits_together_at_once(store: Store) -> None:
    with busy_writer(store):
        await begun(store)
        waiting = [store.submit(note(f"n{i}")) for i in range(20)]
    await asyncio.gather(*waiting)
    assert (store.commits, store.committed) == (2, 21)


async def test_it_never_puts_more_than_the_limit_into_one_commit(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("alarmd.store.sqlite.GROUP_LIMIT", 8)
    with busy_writer(store):
        await begun(store)
        waiting = [store.submit(note(f"n{i}")) for i in range(20)]
    await asyncio.gather(*waiting)
    assert store.commits == 1 + 3


async def test_it_keeps_the_order_of_submission(store: Store) -> None:
    seen: list[int] = []

    def see(number: int) -> Callable[[Transaction], None]:
        return lambda _: seen.append(number)

    with busy_writer(store):
        await begun(store)
        waiting = [store.submit(see(i)) for i in range(100)]
    await asyncio.gather(*waiting)
    assert seen == list(range(100))


async def test_what_may_wait_lets_a_press_pass(store: Store) -> None:
    seen: list[str] = []

    def see(name: str) -> Callable[[Transaction], None]:
        return lambda _: seen.append(name)

    with busy_writer(store):
        await begun(store)
        noise = [store.submit(see("low battery"), behind=True) for _ in range(3)]
        press = store.submit(see("press"))
    await asyncio.gather(press, *noise)
    assert seen == ["press", "low battery", "low battery", "low battery"]


async def test_a_press_is_not_committed_together_with_noise_for_which_it_would_wait(store: Store) -> None:
    with busy_writer(store):
        await begun(store)
        noise = store.submit(note("battery", "low"), behind=True)
        press = store.submit(note("wang", "pressed"))
    await asyncio.gather(press, noise)
    assert store.commits == 1 + 2


async def test_noise_has_its_turn_however_many_presses_come(store: Store) -> None:
    presses: list[asyncio.Future[None]] = []
    passed: list[int] = []

    def again(_: object) -> None:
        if not noise.done() and len(presses) < 100:
            presses.append(store.submit(lambda _: None))
            presses[-1].add_done_callback(again)

    with busy_writer(store):
        await begun(store)
        noise = store.submit(lambda _: passed.append(len(presses)), behind=True)
        again(None)
    await noise
    assert passed[0] <= PASSED + 1
    await asyncio.gather(*presses)


async def test_one_commit_takes_no_longer_than_a_press_can_wait(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("alarmd.store.sqlite.GROUP_SECONDS", 0.0)  # as if each one took as long as all may
    with busy_writer(store):
        await begun(store)
        waiting = [store.submit(note(f"n{i}")) for i in range(5)]
    await asyncio.gather(*waiting)
    assert store.commits == 1 + 5


async def test_it_lets_a_transaction_see_what_its_neighbour_in_the_same_commit_wrote(store: Store) -> None:
    with busy_writer(store):
        await begun(store)
        store.submit(note("wang", "pressed"))
        read = store.submit(lambda tx: notes(tx, "wang"))
    assert await read == ["pressed"]
    assert store.commits == 2


async def test_one_that_fails_does_not_harm_its_neighbours(store: Store) -> None:
    def fails(tx: Transaction) -> None:
        tx.run("note_set", name="half", value="x")
        raise LookupError("no such plan")

    with busy_writer(store):
        await begun(store)
        before, failing, after = store.submit(note("before")), store.submit(fails), store.submit(note("after"))
    with pytest.raises(LookupError, match="no such plan"):
        await failing
    await asyncio.gather(before, after)
    assert store.commits == 2
    assert await store.read(lambda tx: notes(tx, "before", "half", "after")) == ["x", None, "x"]


async def test_a_refused_row_reaches_its_own_writer_only(store: Store) -> None:
    nonsense = {"name": None, "value": "x"}
    with busy_writer(store):
        await begun(store)
        refused = store.submit(
            lambda tx: tx.many("note_set", [{"name": "one", "value": "x"}, {**nonsense, "value": None}])
        )
        kept = store.submit(note("kept"))
    with pytest.raises(sqlite3.IntegrityError):
        await refused
    await kept
    assert await store.read(lambda tx: notes(tx, "one", "kept")) == [None, "x"]


async def test_a_reader_never_sees_what_is_not_committed(store: Store) -> None:
    with busy_writer(store):
        await begun(store)
        waiting = store.submit(note("wang"))
        assert await store.read(lambda tx: notes(tx, "first", "wang")) == [None, None]
    await waiting
    assert await store.read(lambda tx: notes(tx, "first", "wang")) == ["x", "x"]


async def test_a_reader_sees_one_moment_however_long_it_reads(store: Store) -> None:
    first_read, go_on = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def look_twice(tx: Transaction) -> list[str | None]:
        found = notes(tx, "wang")
        loop.call_soon_threadsafe(first_read.set)
        assert go_on.wait(PATIENCE)
        return found + notes(tx, "wang")

    looking = asyncio.ensure_future(store.read(look_twice))
    await first_read.wait()
    await store.write(note("wang"))
    go_on.set()
    assert await looking == [None, None]


async def test_what_is_urgent_does_not_wait_for_whoever_reads_long(store: Store) -> None:
    await store.write(note("first"))
    read = threading.Event()
    long = asyncio.ensure_future(store.read(lambda _: read.wait(10)))
    assert await store.read(lambda tx: notes(tx, "first"), urgent=True) == ["x"]
    assert not long.done()
    read.set()
    assert await long


async def test_a_reader_cannot_write(store: Store) -> None:
    with pytest.raises(StoreError, match="readonly"):
        await store.read(note("wang"))


async def test_closing_commits_what_waits_and_then_refuses(url: str) -> None:
    store = await Store.open(url)
    with busy_writer(store):
        waiting = [store.submit(note(f"n{i}")) for i in range(5)]
    await store.close()
    assert all(one.done() and one.exception() is None for one in waiting)
    with pytest.raises(StoreError, match="closing"):
        await store.submit(note("late"))
    again = await Store.open(url)
    assert await again.read(lambda tx: notes(tx, "first", "n0", "n4", "late")) == ["x", "x", "x", None]
    await again.close()


async def test_who_stops_waiting_does_not_undo_what_was_submitted(store: Store) -> None:
    with busy_writer(store):
        await begun(store)
        waiting = asyncio.ensure_future(store.write(note("wang")))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait([waiting])
    assert await store.write(lambda tx: notes(tx, "wang")) == ["x"]


async def test_a_full_disk_fails_those_it_hits_and_passes(store: Store) -> None:
    """SQLite's own limit of pages gives the same error as a disk without room."""
    await store.write(note("before"))
    pages = await store._writer.hop(lambda c: c.execute("PRAGMA page_count").fetchone()[0])
    await store._writer.hop(lambda c: c.execute(f"PRAGMA max_page_count = {pages}").fetchall())
    large = [store.submit(note(f"n{i}", "x" * 50_000)) for i in range(3)]
    for result in await asyncio.gather(*large, return_exceptions=True):
        assert isinstance(result, StoreError)
        assert "nothing was stored: database or disk is full" in str(result)
    assert await store.read(lambda tx: notes(tx, "before", "n0")) == ["x", None]

    await store._writer.hop(lambda c: c.execute("PRAGMA max_page_count = 1000000").fetchall())
    await store.write(note("n0", "there is room again"))
    assert await store.read(lambda tx: notes(tx, "n0")) == ["there is room again"]


async def test_another_programs_lock_fails_the_write_and_passes(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    await store._writer.hop(lambda c: c.execute("PRAGMA busy_timeout = 1").fetchall())
    other = sqlite3.connect(store.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="locked"):
        await store.write(note("wang"))
    other.close()
    await store.write(note("wang"))


async def test_a_whole_transaction_is_one_hop_to_the_thread(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    hops = 0
    plain = aiosqlite.Connection._execute

    async def counted(self: aiosqlite.Connection, fn: Callable[..., object], *args: object, **kwargs: object) -> object:
        nonlocal hops
        hops += 1
        return await plain(self, fn, *args, **kwargs)  # type: ignore[no-untyped-call]  # aiosqlite leaves it untyped

    monkeypatch.setattr(aiosqlite.Connection, "_execute", counted)
    await store.write(lambda tx: [note(f"n{i}")(tx) for i in range(10)])
    assert hops == 1


def test_aiosqlites_public_methods_are_still_made_of_what_the_store_relies_on() -> None:
    """`_execute(function)` queues a function to the connection's thread, `_conn` is the plain connection there."""
    assert inspect.iscoroutinefunction(aiosqlite.Connection._execute)
    assert list(inspect.signature(aiosqlite.Connection._execute).parameters) == ["self", "fn", "args", "kwargs"]
    assert "self._execute(self._conn.commit)" in inspect.getsource(aiosqlite.Connection.commit)
    assert isinstance(inspect.getattr_static(aiosqlite.Connection, "_conn"), property)


async def test_the_log_stays_whole_beside_one_that_fails_after_it_wrote_to_it(store: Store) -> None:
    """The next entry follows the last that was kept, not the one that was undone."""
    nasty = {
        "text": 'a "quote", \\, \x00, 救命, \U0001f198',
        "value": 1e16,
        "small": -0.0,
        "none": None,
        "list": [1, {}],
    }

    def entry(name: str) -> Callable[[Transaction], int]:
        return lambda tx: journal.append(tx, NOW, journal.Entry(event=name, actor='"\n', device="é", data=nasty))

    def fails(tx: Transaction) -> None:
        entry("undone")(tx)
        raise LookupError("no such plan")

    with busy_writer(store):
        await begun(store)
        waiting = [store.submit(work) for work in (entry("one"), entry("two"), fails, entry("three"), entry("four"))]
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert [r for r in results if isinstance(r, int)] == [1, 2, 3, 4]
    assert await store.read(journal.verify) == journal.Verdict(count=4)
