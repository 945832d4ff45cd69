from __future__ import annotations

import asyncio
import json
import sqlite3
import stat
from pathlib import Path

import pytest

from alarmd.store import reading
from alarmd.store.lock import Lock
from alarmd.store.sqlite import connect
from tests.support.commands import alarmd
from tests.support.station import Station, fill, write_settings

AT = "2026-11-21T11:30:00.000000Z"


def _named(folder: Path, part: str) -> list[str]:
    return [path.name for path in folder.iterdir() if part in path.name]


def _lose_the_store(folder: Path) -> None:
    for path in folder.glob("alarmd.db*"):
        path.unlink()


def _left_behind(folder: Path) -> list[str]:
    """Whatever a restore that failed left of a store; the lock is no part of it."""
    return [path.name for path in folder.glob("*alarmd.db*") if path.suffix != ".lock"]


async def test_a_copy_is_made_while_alarmd_runs_and_writes(tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    async with Station(tmp_path) as station:
        await station.press()
        await asyncio.gather(*(station.log("watchdog.canary", data={"words": "x" * 500}) for _ in range(3000)))
        stop = asyncio.Event()

        async def keep_writing() -> None:
            while not stop.is_set():
                await station.log("watchdog.canary")

        writer = asyncio.create_task(keep_writing())
        outcome = await asyncio.to_thread(alarmd, "backup", "-c", station.file, copy)
        stop.set()
        await writer
    assert outcome.code == 0, outcome.err
    assert outcome.out.startswith(f"{copy}: ")
    assert outcome.out.endswith(" bytes, proved.\n")
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    with reading(f"sqlite:///{copy}") as tx:
        last = tx.one("journal_last")
        assert last is not None
        assert last["seq"] >= 3002
    assert _named(tmp_path, "copy") == ["copy.db"], "one file, no leftovers"


async def test_what_was_backed_up_can_be_restored_and_goes_on(tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    async with Station(tmp_path) as station:
        incident = await station.press()
        assert (await asyncio.to_thread(alarmd, "backup", "-c", station.file, copy)).code == 0
    _lose_the_store(tmp_path)
    outcome = alarmd("restore", "-c", station.file, copy)
    assert outcome.code == 0, outcome.err
    assert "restored, 2 log entries" in outcome.out
    store = tmp_path / "alarmd.db"
    assert stat.S_IMODE(store.stat().st_mode) == 0o600
    mode = sqlite3.connect(store)
    assert mode.execute("PRAGMA journal_mode").fetchone() == ("wal",), "the daemon reads beside its writer"
    mode.close()
    async with Station(tmp_path) as again:
        listed = await asyncio.to_thread(alarmd, "incidents", "-c", again.file, "--json")
        assert [one["id"] for one in json.loads(listed.out)] == [incident.id]
        await again.log("watchdog.canary")
        assert (await asyncio.to_thread(alarmd, "verify", "-c", again.file)).code == 0


def test_a_backup_never_overwrites(tmp_path: Path) -> None:
    fill(tmp_path / "alarmd.db")
    copy = tmp_path / "copy.db"
    copy.write_text("precious", encoding="utf-8")
    outcome = alarmd("backup", "-c", write_settings(tmp_path), copy)
    assert (outcome.code, copy.read_text(encoding="utf-8")) == (1, "precious")
    assert "never overwritten" in outcome.err


def test_a_restore_never_overwrites(tmp_path: Path) -> None:
    store, copy = tmp_path / "alarmd.db", tmp_path / "copy.db"
    fill(store)
    file = write_settings(tmp_path)
    assert alarmd("backup", "-c", file, copy).code == 0
    before = store.read_bytes()
    outcome = alarmd("restore", "-c", file, copy)
    assert (outcome.code, store.read_bytes()) == (1, before)
    assert "never overwritten" in outcome.err


async def test_it_does_not_restore_under_a_running_daemon(tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    async with Station(tmp_path) as station:
        assert (await asyncio.to_thread(alarmd, "backup", "-c", station.file, copy)).code == 0
        (tmp_path / "alarmd.db").rename(tmp_path / "away.db")
        outcome = await asyncio.to_thread(alarmd, "restore", "-c", station.file, copy)
        assert outcome.code == 1
        assert f"alarmd is running at {station.url}: stop it first" in outcome.err
        assert not (tmp_path / "alarmd.db").exists()


def test_it_does_not_restore_while_a_daemon_holds_the_store(copy: Path) -> None:
    lock = Lock(copy.parent / "alarmd.db")
    outcome = alarmd("restore", "-c", copy.parent / "alarmd.toml", copy)
    lock.release()
    assert outcome.code == 1
    assert "another alarmd is running on this store; stop it first" in outcome.err
    assert _left_behind(copy.parent) == []


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A sound backup, and no store."""
    fill(tmp_path / "alarmd.db")
    copy = tmp_path / "copy.db"
    assert alarmd("backup", "-c", write_settings(tmp_path), copy).code == 0
    _lose_the_store(tmp_path)
    return copy


def test_it_does_not_restore_what_a_newer_version_wrote(copy: Path) -> None:
    connection = connect(copy, readonly=False)
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    outcome = alarmd("restore", "-c", copy.parent / "alarmd.toml", copy)
    assert outcome.code == 1
    assert f"{copy}: was written by a newer alarmd (version 9999)" in outcome.err
    assert _left_behind(copy.parent) == []


def test_it_does_not_restore_a_log_that_was_changed(copy: Path) -> None:
    connection = connect(copy, readonly=False)
    connection.execute(
        "INSERT INTO journal VALUES (1, ?, 'x', NULL, NULL, NULL, '', '{}', ?, ?)", (AT, "0" * 64, "1" * 64)
    )
    connection.close()
    outcome = alarmd("restore", "-c", copy.parent / "alarmd.toml", copy)
    assert outcome.code == 1
    assert f"{copy}: the log is bad from seq 1 on: was changed" in outcome.err
    assert _left_behind(copy.parent) == []


@pytest.mark.parametrize("content", [b"", b"precious letters, but no database" * 100])
def test_it_restores_nothing_that_is_no_backup(copy: Path, content: bytes) -> None:
    copy.write_bytes(content)
    outcome = alarmd("restore", "-c", copy.parent / "alarmd.toml", copy)
    assert outcome.code == 1
    assert str(copy) in outcome.err
    assert _left_behind(copy.parent) == []


def test_a_missing_backup_and_a_leftover_wal_are_sentences(copy: Path) -> None:
    file = copy.parent / "alarmd.toml"
    assert "there is no such file" in alarmd("restore", "-c", file, copy.with_name("none.db")).err
    copy.with_name("alarmd.db-wal").write_bytes(b"the last minutes")
    outcome = alarmd("restore", "-c", file, copy)
    assert outcome.code == 1
    assert "it may hold the last minutes" in outcome.err


def test_a_damaged_store_is_not_called_a_backup(tmp_path: Path) -> None:
    store = tmp_path / "alarmd.db"
    fill(store)
    connection = connect(store, readonly=False)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    with store.open("r+b") as file:
        file.seek(store.stat().st_size // 4096 // 2 * 4096)
        file.write(b"\xff" * 4096)
    outcome = alarmd("backup", "-c", write_settings(tmp_path), tmp_path / "copy.db")
    assert outcome.code == 1
    assert "damaged" in outcome.err or "sound" in outcome.err or "malformed" in outcome.err
    assert not list(tmp_path.glob("*copy*"))
