"""What can be wrong with a store's file, and the sentence whoever starts alarmd reads."""

from __future__ import annotations

import sqlite3
from functools import partial
from pathlib import Path

import pytest

from alarmd.store import Store, StoreError, Transaction, reading, schema, writing
from alarmd.store.lock import Lock


def content(path: Path) -> bytes:
    return path.read_bytes()


def overwrite(path: Path, start: int, some: bytes) -> None:
    """Write bytes into a file, or a new one."""
    before = path.read_bytes() if path.exists() else b""
    path.write_bytes(before[:start] + some + before[start + len(some) :])


def rewrite(tx: Transaction, *, name: str) -> int:
    return tx.run("note_set", name=name, value="y")


async def test_it_creates_what_is_not_there_with_the_settings_the_promises_need(path: Path, url: str) -> None:
    store = await Store.open(f"sqlite:///{path.parent}/new.db")
    for connection in (store._writer, store._reader, store._urgent_reader):
        settings = await connection.hop(
            lambda c: {
                name: c.execute(f"PRAGMA {name}").fetchone()[0]
                for name in ("journal_mode", "synchronous", "foreign_keys")
            }
        )
        assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    await store.close()


async def test_it_makes_no_folder(tmp_path: Path) -> None:
    """A folder that is not there is mostly a disk that is not mounted: the store would be on the wrong one."""
    with pytest.raises(StoreError, match="there is no such folder, and none is made: is a disk not mounted"):
        await Store.open(f"sqlite:///{tmp_path}/mnt/data/alarmd.db")
    with pytest.raises(StoreError, match="there is no such folder"):
        Lock(tmp_path / "mnt" / "data" / "alarmd.db")
    assert not (tmp_path / "mnt").exists()


async def test_it_keeps_what_is_there(url: str) -> None:
    store = await Store.open(url)
    await store.write(lambda tx: tx.run("note_set", name="wang", value="x"))
    await store.close()
    store = await Store.open(url)
    assert await store.read(lambda tx: tx.one("note_get", name="wang")) is not None
    await store.close()


async def test_it_refuses_a_newer_version(path: Path, url: str) -> None:
    schema.migrate(path)
    with sqlite3.connect(path) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    raw.close()
    with pytest.raises(
        StoreError, match=r"written by a newer alarmd \(version 9999\); install that version or restore"
    ):
        await Store.open(url)
    with pytest.raises(StoreError, match="is of version 9999, this program needs"), reading(url):
        pass


async def test_it_refuses_what_is_not_a_database(path: Path, url: str) -> None:
    overwrite(path, 0, b"Dear daemon, these are my notes. " * 100)
    with pytest.raises(StoreError, match="is not a database; restore a backup with `alarmd restore`"):
        await Store.open(url)
    assert content(path).startswith(b"Dear daemon")


async def test_it_refuses_somebody_elses_database(path: Path, url: str) -> None:
    with sqlite3.connect(path) as raw:
        raw.execute("CREATE TABLE recipe (name TEXT)")
    raw.close()
    with pytest.raises(StoreError, match="is a database, but not alarmd's"):
        await Store.open(url)


async def test_it_refuses_a_damaged_database(path: Path, url: str) -> None:
    schema.migrate(path)
    overwrite(path, 100, b"\xff" * (4096 - 100))  # the first page, behind its header: the list of tables
    with pytest.raises(StoreError, match="is damaged; restore a backup with `alarmd restore`"):
        await Store.open(url)


async def test_it_refuses_a_place_where_no_folder_can_be(tmp_path: Path) -> None:
    overwrite(tmp_path / "file", 0, b"")
    with pytest.raises(StoreError, match="give a folder that alarmd may write to"):
        await Store.open(f"sqlite:///{tmp_path}/file/alarmd.db")


async def test_it_refuses_another_kind_of_store() -> None:
    with pytest.raises(StoreError, match="only sqlite:///path is supported by this version"):
        await Store.open("postgresql://localhost/alarmd")


def test_only_one_daemon_holds_a_store(path: Path) -> None:
    first = Lock(path)
    with pytest.raises(StoreError, match="another alarmd is running on this store; stop it first"):
        Lock(path)
    first.release()
    Lock(path).release()


def test_a_reader_needs_a_store(url: str) -> None:
    with (
        pytest.raises(StoreError, match="there is no store here; `alarmd run` or `alarmd import` creates it"),
        reading(url),
    ):
        pass


async def test_an_import_beside_the_running_daemon_is_all_or_nothing(store: Store, url: str) -> None:
    with pytest.raises(sqlite3.IntegrityError), writing(url) as tx:
        tx.many("note_set", [{"name": "half", "value": "x"}, {"name": "other", "value": None}])
    with writing(url) as tx:
        tx.run("note_set", name="whole", value="x")
    assert await store.read(lambda tx: tx.one("note_get", name="half")) is None
    assert await store.read(lambda tx: tx.one("note_get", name="whole")) is not None
    with reading(url) as tx:
        assert tx.one("note_get", name="whole") is not None


async def test_a_backup_taken_while_writing_is_whole(store: Store, path: Path) -> None:
    await store.write(lambda tx: [tx.run("note_set", name=f"n{i}", value="x" * 1000) for i in range(2000)])
    target = path.with_name("backup.db")
    copying = store.backup(target)
    writes = [store.submit(partial(rewrite, name=f"n{i}")) for i in range(2000)]
    await copying
    for write in writes:
        await write
    with sqlite3.connect(target) as copy:
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        counts = [row[0] for row in copy.execute("SELECT count(*) FROM note_to_self GROUP BY value")]
    copy.close()
    assert sum(counts) == 2000


async def test_a_backup_never_overwrites_and_says_where_it_cannot_be_written(store: Store, tmp_path: Path) -> None:
    target = tmp_path / "backup.db"
    overwrite(target, 0, b"older")
    with pytest.raises(StoreError, match="a backup never overwrites"):
        await store.backup(target)
    assert content(target) == b"older"
    with pytest.raises(StoreError, match="no backup was written"):
        await store.backup(tmp_path / "nowhere" / "backup.db")
