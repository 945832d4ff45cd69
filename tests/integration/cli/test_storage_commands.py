from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import sqlite3
import stat
from pathlib import Path

import pytest

from alarmd.store import place, reading
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


def test_no_folder_is_made_for_a_backup_and_nothing_is_called_proved_there(tmp_path: Path) -> None:
    fill(tmp_path / "alarmd.db")
    file, away = write_settings(tmp_path), tmp_path / "nowhere" / "deeper" / "b.db"
    outcome = alarmd("backup", "-c", file, away)
    assert (outcome.code, outcome.out) == (1, "")
    assert f"{away.parent}: there is no such folder, and none is made: is a disk not mounted" in outcome.err
    assert not away.parent.parent.exists()


def test_no_folder_is_made_for_a_store_that_is_restored(copy: Path) -> None:
    file = copy.parent / "elsewhere.toml"
    url = f"sqlite:///{copy.parent}/away/alarmd.db"
    file.write_text(f'[mqtt]\nlisten = "127.0.0.1:0"\n[store]\nurl = "{url}"\n', encoding="utf-8")
    outcome = alarmd("restore", "-c", file, copy)
    assert outcome.code == 1
    assert "there is no such folder, and none is made" in outcome.err
    assert not (copy.parent / "away").exists()


def test_a_backup_goes_into_no_folder_no_loop_and_no_file_of_the_store_itself(tmp_path: Path) -> None:
    fill(tmp_path / "alarmd.db")
    file = write_settings(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "dangling").symlink_to("nothing")
    (tmp_path / "a-file").write_text("precious", encoding="utf-8")
    said = {
        "folder": "is a folder: name a file in it",
        "loop": "is there already",
        "dangling": "is there already",
        "loop/b.db": "cannot be looked into",
        "a-file/b.db": "is no folder",
        "alarmd.db": "is there already",
        "alarmd.db-wal": "belongs to the store itself",
        "alarmd.db-journal": "belongs to the store itself",
    }
    for name, sentence in said.items():
        outcome = alarmd("backup", "-c", file, tmp_path / name)
        assert (outcome.code, outcome.out) == (1, ""), name
        assert sentence in outcome.err, (name, outcome.err)
    assert not (tmp_path / "nothing").exists()


def test_a_disk_without_second_names_takes_a_backup_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a USB stick's FAT does."""

    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    fill(tmp_path / "alarmd.db")
    monkeypatch.setattr("os.link", refuse)
    file, copy = write_settings(tmp_path), tmp_path / "copy.db"
    assert alarmd("backup", "-c", file, copy).code == 0
    assert alarmd("restore", "--check", "-c", file, copy).out.endswith("a sound copy.\n")
    assert "is there already" in alarmd("backup", "-c", file, copy).err
    assert _named(tmp_path, "copy") == ["copy.db"]


def test_what_the_disk_gives_back_otherwise_is_no_backup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path / "alarmd.db")
    answers = iter((b"as written", b"as read"))
    monkeypatch.setattr("alarmd.cli.storage._digest", lambda _: next(answers))
    outcome = alarmd("backup", "-c", write_settings(tmp_path), tmp_path / "copy.db")
    assert outcome.code == 1
    assert "what is on the disk is not what was written" in outcome.err
    assert _named(tmp_path, "copy") == []


def test_a_backup_that_will_not_fit_is_not_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path / "alarmd.db")
    monkeypatch.setattr("shutil.disk_usage", lambda _: shutil._ntuple_diskusage(10, 10, 0))
    outcome = alarmd("backup", "-c", write_settings(tmp_path), tmp_path / "copy.db")
    assert outcome.code == 1
    assert "0 MB are free on that disk" in outcome.err
    assert _named(tmp_path, "copy") == []


def test_a_backup_beside_the_store_or_in_memory_is_one_with_a_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(tmp_path / "alarmd.db")
    file = write_settings(tmp_path)
    assert "is on the store's own disk" in alarmd("backup", "-c", file, tmp_path / "one.db").err
    monkeypatch.setattr(place, "is_in_memory", lambda _: True)
    assert "lies in memory" in alarmd("backup", "-c", file, tmp_path / "two.db").err


def test_a_mount_point_where_nothing_is_mounted_is_no_place(tmp_path: Path) -> None:
    (tmp_path / "disk" / "backups").mkdir(parents=True)
    fstab = tmp_path / "fstab"
    fstab.write_text(f"# disks\nUUID=1 / ext4 defaults 0 1\nUUID=2 {tmp_path}/disk ext4 noauto 0 2\n", encoding="utf-8")
    found = place.fault(tmp_path / "disk" / "backups" / "b.db", fstab=fstab)
    assert found == (f"{tmp_path}/disk is in /etc/fstab and not mounted: mount it first (`mount {tmp_path}/disk`)")
    assert place.fault(tmp_path / "b.db", fstab=fstab) is None
    assert place.fault(tmp_path / "b.db", fstab=tmp_path / "none") is None


def test_it_knows_what_lies_in_memory(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"/dev/sda / ext4 rw 0 0\ntmpfs {tmp_path}/ram tmpfs rw 0 0\n", encoding="utf-8")
    (tmp_path / "ram").mkdir()
    (tmp_path / "ramble").mkdir()
    assert place.is_in_memory(tmp_path / "ram" / "b.db", mounts=mounts)
    assert not place.is_in_memory(tmp_path / "ramble" / "b.db", mounts=mounts)


CHANGES = {
    "a telephone": "UPDATE responder SET phone = '+8613900009999'",
    "a device's home": "UPDATE device SET resident = (SELECT id FROM resident ORDER BY id DESC LIMIT 1)",
    "the way in": "UPDATE resident SET access = 'x'",
}


def test_what_was_changed_in_a_copy_is_shown_where_its_sum_was_noted(tmp_path: Path) -> None:
    """The chain is the log's: who changes a telephone in a stolen copy and gives it back changes no entry."""
    fill(tmp_path / "alarmd.db")
    file, copy = write_settings(tmp_path), tmp_path / "copy.db"
    made = alarmd("backup", "-c", file, copy)
    known = made.out.partition("SHA-256 ")[2].partition(";")[0]
    assert alarmd("restore", "--check", "--known", known, "-c", file, copy).code == 0
    _lose_the_store(tmp_path)
    for what, statement in CHANGES.items():
        changed = shutil.copy(copy, tmp_path / "changed.db")
        with contextlib.closing(sqlite3.connect(changed)) as connection:
            connection.execute(statement)
            connection.commit()
        for how in (["--check"], []):
            outcome = alarmd("restore", *how, "--known", known, "-c", file, changed)
            assert (outcome.code, "somebody changed it" in outcome.err) == (1, True), what
        assert not (tmp_path / "alarmd.db").exists()
    assert alarmd("restore", "--known", f"SHA-256 {known.upper()}", "-c", file, copy).code == 0
    assert "64 signs" in alarmd("restore", "--check", "--known", "abc", "-c", file, copy).err
