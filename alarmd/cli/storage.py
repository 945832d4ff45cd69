"""`alarmd backup` and `alarmd restore`: a consistent copy while running, proved before it is called one."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import secrets
import shutil
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
from alarmd.store import StoreError, Transaction, path_of, place, schema, shape
from alarmd.store.lock import Lock
from alarmd.store.sqlite import connect
from config import ownership
from config.wording import said, said_again

_BESIDE = ("-wal", "-shm", "-journal", ".lock")  # what lies beside a store, and is its own
_NAME_MOST = 200  # characters of a name, so that the draft's is none too long
_SHA256 = re.compile(r"[0-9a-f]{64}")
PAGES = 1024  # copied between two looks at the progress; of 4 kB each


def backup(
    file: Annotated[Path, typer.Argument(help="Where to; must not exist, its folder must.", show_default=False)],
    config: ConfigOption = None,
) -> None:
    """Copy the store to FILE while alarmd runs, and prove the copy: its pages, its log's chain, and what is on disk."""
    settings = settings_from(config)
    source = path_of(settings.store.url)
    if file.absolute().name in {source.name + part for part in _BESIDE} and _same_folder(file, source):
        raise UserError(said("{file}: belongs to the store itself; give another name", file=file), Exit.FOUND)
    with quiet_end(), _new(file, source) as draft:
        schema.require_known(source)
        _copy(source, draft)
        count = _prove(draft, source)
        _settle(draft, "DELETE")  # one file that can be carried about, without a -wal beside it
    if (wrong := _shape(file, source)) is not None:  # better a copy that cannot be restored than none
        _warn(wrong)
    digest = _digest(file).hex()
    words = said("{file}: SHA-256 {digest}; note it elsewhere, `restore --known` asks for it", file=file, digest=digest)
    sys.stdout.write(words + "\n")
    size = f"{file.stat().st_size:,}"
    sys.stdout.write(
        said("{file}: {count} log entries, {size} bytes, proved.", file=file, count=count, size=size) + "\n"
    )
    if place.is_in_memory(file):
        _warn(said("{file} lies in memory and is gone when the machine stops: copy it to a disk", file=file))
    elif place.same_disk(file, source):
        _warn(said("{file} is on the store's own disk: copy it elsewhere, or it is lost with it", file=file))


def restore(
    file: Annotated[Path, typer.Argument(help="A copy that `alarmd backup` made.", show_default=False)],
    config: ConfigOption = None,
    check: Annotated[bool, typer.Option("--check", help="Only prove that copy; nothing is restored.")] = False,
    known: Annotated[
        str | None,
        typer.Option(
            metavar="SHA256", help="What `alarmd backup` printed for that copy: it must be the same to a bit."
        ),
    ] = None,
) -> None:
    """Put a backup in the place of a store that is gone. Never overwrites; move a broken store away first."""
    settings = settings_from(config)
    target = path_of(settings.store.url)
    if not file.is_file():
        raise UserError(said("{file}: there is no such file", file=file))
    if known is not None:
        _require_known(file, known)
    if check:
        with quiet_end():
            count = _prove(file, file, readonly=True)
            _require_shape(file, file)
            _require_version(file)
        sys.stdout.write(said("{file}: {count} log entries, a sound copy.", file=file, count=count) + "\n")
        return
    if daemon_api.runs(settings):
        where = daemon_api.base(settings)
        raise UserError(said("alarmd is running at {where}: stop it first", where=where), Exit.FOUND)
    for leftover in (target.with_name(target.name + "-wal"), target.with_name(target.name + "-shm")):
        if leftover.exists() and not target.exists():
            words = said("{file} is there without its store: move it away, it may hold the last minutes", file=leftover)
            raise UserError(words, Exit.FOUND)
    with quiet_end(), _new(target, file) as draft, _alone(target):
        ownership.give_to_folder(draft, target)
        _copy(file, draft)
        count = _prove(draft, file)
        _require_shape(draft, file)
        _migrate(draft, file)
        _settle(draft, "WAL")
    words = said("{file}: restored, {count} log entries. Start it with `alarmd run`.", file=target, count=count)
    sys.stdout.write(words + "\n")


def _require_known(file: Path, known: str) -> None:
    """The chain shows what was done to the log; only this shows what was done to the directory or to what waits."""
    wanted = known.strip().lower().removeprefix("sha-256").strip(" :")
    if not _SHA256.fullmatch(wanted):
        raise UserError(said("--known wants the 64 signs that `alarmd backup` printed as SHA-256"))
    try:
        with file.open("rb") as opened:
            found = hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError as error:
        raise UserError(_why(file, error), Exit.FOUND) from None
    if found != wanted:
        words = said("{file}: is not the copy with that SHA-256: somebody changed it, or it is another one", file=file)
        raise UserError(words, Exit.FOUND)


def _same_folder(one: Path, other: Path) -> bool:
    return one.absolute().parent.resolve() == other.absolute().parent.resolve()


def _warn(sentence: str) -> None:
    sys.stderr.write(f"alarmd: {sentence}\n")


@contextlib.contextmanager
def _alone(store: Path) -> Iterator[None]:
    """Hold the store's lock, so that no daemon starts into a half-made store."""
    lock = Lock(store)
    try:
        yield
    finally:
        lock.release()


@contextlib.contextmanager
def _new(target: Path, source: Path) -> Iterator[Path]:
    """A draft beside the target that takes its name at the end: whole, its owner's only, never over another file.

    Once it has its name it is read again from the disk: what was proved must be what is there.
    """
    if target.is_dir():
        raise UserError(said("{file} is a folder: name a file in it", file=target), Exit.FOUND)
    if os.path.lexists(target):
        raise UserError(said("{file} is there already and is never overwritten", file=target), Exit.FOUND)
    if (fault := place.fault(target)) is not None:
        raise UserError(fault, Exit.FOUND)
    _require_room(target, source)
    draft = target.with_name(f".{target.name[:_NAME_MOST]}.{secrets.token_hex(4)}")
    try:
        os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        yield draft
        proved = _digest(draft)
        _give_name(draft, target)
        _sync(target.parent)
        if _digest(target) != proved:
            target.unlink()
            words = said("{file}: what is on the disk is not what was written: is the disk faulty?", file=target)
            raise UserError(words, Exit.FOUND)
    except FileExistsError:
        raise UserError(said("{file} is there already and is never overwritten", file=target), Exit.FOUND) from None
    except OSError as error:
        raise UserError(_why(target, error), Exit.FOUND) from None
    finally:
        for leftover in (draft, *(draft.with_name(draft.name + part) for part in ("-wal", "-shm", "-journal"))):
            leftover.unlink(missing_ok=True)


def _why(target: Path, error: OSError) -> str:
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return said(
            "{file}: this user may not write there ({reason}): choose another folder, or run it as alarmd's user",
            file=target,
            reason=error.strerror,
        )
    if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        return said("{file}: the disk is full; nothing was left there", file=target)
    return said("{file}: {reason}", file=target, reason=error.strerror or error)


def _require_room(target: Path, source: Path) -> None:
    """Say before an hour of copying that it cannot end well."""
    needed = sum(one.stat().st_size for one in (source, source.with_name(source.name + "-wal")) if one.exists())
    free = shutil.disk_usage(target.absolute().parent).free
    if needed > free:
        words = said(
            "{file}: {needed} MB are needed and {free} MB are free on that disk",
            file=target,
            needed=needed // 1_000_000 + 1,
            free=free // 1_000_000,
        )
        raise UserError(words, Exit.FOUND)


def _give_name(draft: Path, target: Path) -> None:
    """Never over another file; where the disk knows no second names (FAT, some networks' disks), by a kept place."""
    try:
        os.link(draft, target)
    except OSError as error:
        if error.errno not in {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EINVAL}:
            raise
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        draft.replace(target)


def _digest(path: Path) -> bytes:
    """Of what is on the disk, not of what memory still has of it."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        return hashlib.file_digest(file, "sha256").digest()


def _copy(source: Path, draft: Path) -> None:
    """Copy page by page what was committed at this moment; the writer goes on meanwhile."""
    copy = sqlite3.connect(draft)
    try:
        origin = connect(source, readonly=True)
    except sqlite3.DatabaseError as error:
        copy.close()
        raise UserError(said("{file}: cannot be copied: {error}", file=source, error=error), Exit.FOUND) from None
    try:
        # A held snapshot: without it each of the daemon's commits would make the copying begin anew, on a busy one for
        # ever.
        origin.execute("BEGIN")
        origin.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        with counting(said("copying"), sys.stderr) as seen:
            origin.backup(copy, pages=PAGES, progress=lambda _, left, total: seen(total - left))
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}:
            words = said("{folder}: the copy cannot be written there: {error}", folder=draft.parent, error=error)
            raise UserError(words, Exit.FOUND) from None
        raise UserError(said("{file}: cannot be copied: {error}", file=source, error=error), Exit.FOUND) from None
    finally:
        copy.close()
        origin.close()


def _prove(draft: Path, origin: Path, *, readonly: bool = False) -> int:
    """How many log entries the copy has.

    Raises:
        UserError: The copy is damaged, and so is what it was copied from.
    """
    connection = connect(draft, readonly=readonly)
    try:
        found = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(5)")]
        if found != ["ok"]:
            raise UserError(said("{file} is damaged: {fault}", file=origin, fault="; ".join(found)), Exit.FOUND)
        with counting(said("verifying"), sys.stderr) as seen:
            verdict = journal.verify(Counted(Transaction(connection), seen))
    except sqlite3.DatabaseError as error:
        words = said("{file} is not a sound store of alarmd: {error}", file=origin, error=error)
        raise UserError(words, Exit.FOUND) from None
    finally:
        connection.close()
    if verdict.bad_seq is not None:
        words = said(
            "{file}: the log is bad from seq {seq} on: {why}",
            file=origin,
            seq=verdict.bad_seq,
            why=said_again(verdict.why, journal.FAULTS),
        )
        raise UserError(words, Exit.FOUND)
    return verdict.count


def _require_shape(draft: Path, origin: Path) -> None:
    """Refuse what has a trigger, a view, a table or an index that alarmd never made."""
    if (wrong := _shape(draft, origin)) is not None:
        raise UserError(wrong, Exit.FOUND)


def _require_version(file: Path) -> None:
    """Refuse a version that nobody here knows."""
    try:
        schema.require_known(file)
    except StoreError as error:
        raise UserError(str(error), Exit.FOUND) from None


def _shape(copy: Path, origin: Path) -> str | None:
    wrong = shape.fault(copy)
    return wrong.replace(str(copy), str(origin)) if wrong else None


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
        with (
            contextlib.nullcontext() if path.is_file() else contextlib.suppress(OSError)
        ):  # FAT cannot do it to a folder
            os.fsync(handle)
    finally:
        os.close(handle)
