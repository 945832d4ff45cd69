"""Somebody changes the event log behind alarmd's back."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from alarmd import journal
from alarmd.store import Transaction, path_of
from alarmd.watch import record as record_module
from alarmd.watch.record import Record
from tests.support.running import Running
from tests.support.watching import Watching

FORGE = """
DROP TRIGGER journal_append_only_update;
UPDATE journal SET actor = 'nobody' WHERE seq = {seq};
"""


def forge(path: Path, seq: int) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(FORGE.format(seq=seq))


async def fill(watched: Watching, count: int) -> None:
    def write(tx: Transaction) -> None:
        for i in range(count):
            journal.append(tx, watched.core.clock.now(), journal.Entry(event="incident.noted", data={"i": i}))

    await watched.core.store.write(write)


@pytest.mark.parametrize(("seq", "found"), [(1, False), (20, False), (21, True), (29, True), (30, True)])
async def test_the_end_of_the_log_is_verified(
    watched: Watching, monkeypatch: pytest.MonkeyPatch, seq: int, *, found: bool
) -> None:
    monkeypatch.setattr(record_module, "LAST", 10)
    await fill(watched, 30)
    record = Record(store=watched.core.store, troubles=watched.troubles, clock=watched.core.clock)
    assert await record.verify()
    forge(path_of(watched.core.settings.store.url), seq)
    assert await record.verify() is not found
    assert len(watched.told) == found
    if found:
        (entry,) = await watched.log("watchdog.record")
        assert entry["bad_seq"] == seq


@pytest.mark.parametrize("count", [0, 1, 9, 10, 11])
async def test_a_short_log_is_whole(watched: Watching, monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    monkeypatch.setattr(record_module, "LAST", 10)
    await fill(watched, count)
    assert await Record(store=watched.core.store, troubles=watched.troubles, clock=watched.core.clock).verify()
    assert (await watched.core.store.read(journal.verify)).count == count


async def test_the_daemon_starts_on_a_log_that_was_changed_and_says_so(tmp_path: Path) -> None:
    async with Running(tmp_path) as alarmd:
        alarmd.fill()
        forge(alarmd.path, 1)
        await alarmd.start()
        # that its guards were gone is told before: who forged it had to take them out
        entry = await alarmd.until_logged("watchdog.record", fits=lambda entry: "bad_seq" in entry.data)
        assert entry.data["bad_seq"] == 1
        await alarmd.until_said("silent")
