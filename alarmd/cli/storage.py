"""`alarmd backup` and `alarmd restore`: a consistent copy while running, proved before it is called one."""

from __future__ import annotations

import contextlib
import os
import secrets
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from alarmd import journal
from alarmd.cli import daemon_api
from alarmd.cli.errors import Exit, UserError
from alarmd.cli.log import quiet_end
from alarmd.cli.options import ConfigOption, settings_from
from alarmd.cli.progress import Counted, counting
from alarmd.store import StoreError, Transaction, path_of, schema
from alarmd.store.lock import Lock
from alarmd.store.sqlite import connect

PAGES = 1024  # copied between two looks at the progress; of 4 kB each


def backup(
    file: Annotated[Path, typer.Argument(help="Where to; must not exist.", show_default=False)],
    config: ConfigOption = None,
) -> None:
    """Copy the store to FILE while alarmd runs, and prove the copy: its pages, its log's chain."""
    settings = settings_from(config)
    source = path_of(settings.store.url)
    with quiet_end(), _new(file) as draft:
        schema.require_known(source)
        _copy(source, draft)
        count = _prove(draft, source)
        _settle(draft, "DELETE")  # one file that can be carried about, without a -wal beside it
    sys.stdout.write(f"{file}: {count} log entries, {file.stat().st_size:,} bytes, proved.\n")


def restore(
    file: Annotated[Path, typer.Argument(help="A copy that `alarmd backup` made.", show_default=False)],
    config: ConfigOption = None,
) -> None:
    """Put a backup in the place of a store that is gone. Never overwrites; move a broken store away first."""
    settings = settings_from(config)
    target = path_of(settings.store.url)
    if not file.is_file():
        raise UserError(f"{file}: there is no such file")
    if daemon_api.runs(settings):
        raise UserError(f"alarmd is running at {daemon_api.base(settings)}: stop it first", Exit.FOUND)
    for leftover in (target.with_name(target.name + "-wal"), target.with_name(target.name + "-shm")):
        if leftover.exists() and not target.exists():
            raise UserError(
                f"{leftover} is there without its store: move it away, it may hold the last minutes", Exit.FOUND
            )
    with quiet_end(), _new(target) as draft, _alone(target):
        _copy(file, draft)
        count = _prove(draft, file)
        _migrate(draft, file)
        _settle(draft, "WAL")
    sys.stdout.write(f"{target}: restored, {count} log entries. Start it with `alarmd run`.\n")


@contextlib.contextmanager
def _alone(store: Path) -> Iterator[None]:
    """Hold the store's lock, so that no daemon starts into a half-made store."""
    lock = Lock(store)
    try:
        yield
    finally:
        lock.release()


@contextlib.contextmanager
def _new(target: Path) -> Iterator[Path]:
    """A draft beside the target that takes its name at the end: whole, its owner's only, never over another file."""
    if target.exists():
        raise UserError(f"{target} is there already and is never overwritten", Exit.FOUND)
    draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        yield draft
        os.link(draft, target)
        _sync(target.parent)
    except FileExistsError:
        raise UserError(f"{target} is there already and is never overwritten", Exit.FOUND) from None
    except OSError as error:
        raise UserError(f"{target}: {error.strerror or error}", Exit.FOUND) from None
    finally:
        for leftover in (draft, draft.with_name(draft.name + "-wal"), draft.with_name(draft.name + "-shm")):
            leftover.unlink(missing_ok=True)


def _copy(source: Path, draft: Path) -> None:
    """Copy page by page what was committed at this moment; the writer goes on meanwhile."""
    copy = sqlite3.connect(draft)
    try:
        origin = connect(source, readonly=True)
    except sqlite3.DatabaseError as error:
        copy.close()
        raise UserError(f"{source}: cannot be copied: {error}", Exit.FOUND) from None
    try:
        # A held snapshot: without it each of the daemon's commits would make the copying begin anew, on a busy one for
        # ever.
        origin.execute("BEGIN")
        origin.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        with counting("copying", sys.stderr) as seen:
            origin.backup(copy, pages=PAGES, progress=lambda _, left, total: seen(total - left))
    except sqlite3.DatabaseError as error:
        raise UserError(f"{source}: cannot be copied: {error}", Exit.FOUND) from None
    finally:
        copy.close()
        origin.close()


def _prove(draft: Path, origin: Path) -> int:
    """How many log entries the copy has.

    Raises:
        UserError: The copy is damaged, and so is what it was copied from.
    """
    connection = connect(draft, readonly=False)
    try:
        found = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(5)")]
        if found != ["ok"]:
            raise UserError(f"{origin} is damaged: {'; '.join(found)}", Exit.FOUND)
        with counting("verifying", sys.stderr) as seen:
            verdict = journal.verify(Counted(Transaction(connection), seen))
    except sqlite3.DatabaseError as error:
        raise UserError(f"{origin} is not a sound store of alarmd: {error}", Exit.FOUND) from None
    finally:
        connection.close()
    if verdict.bad_seq is not None:
        raise UserError(f"{origin}: the log is bad from seq {verdict.bad_seq} on: {verdict.why}", Exit.FOUND)
    return verdict.count


def _migrate(draft: Path, origin: Path) -> None:
    try:
        schema.migrate(draft)
    except StoreError as error:
        raise UserError(str(error).replace(str(draft), str(origin)), Exit.FOUND) from None


def _settle(draft: Path, mode: str) -> None:
    connection = sqlite3.connect(draft)
    try:
        connection.execute(f"PRAGMA journal_mode = {mode}")
    finally:
        connection.close()
    _sync(draft)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
