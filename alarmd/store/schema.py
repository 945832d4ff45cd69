"""The version of a database file: bring it up to this program's, or say why not."""

from __future__ import annotations

import os
import sqlite3
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from alarmd.store import place, shape
from alarmd.store.errors import StoreError
from config import ownership, rights
from config.wording import said

PRIVATE = 0o600  # health facts are in it
WAIT_S = 60.0  # for another program that is bringing the same file up to date


def versions() -> tuple[str, ...]:
    """The revisions this program knows, oldest first: the numbers before the names of ``migrations/versions``."""
    # Not by the name of its package: to import that takes alembic, and a third of a second of every start.
    folder = _migrations().joinpath("versions")
    return tuple(sorted(file.name.partition("_")[0] for file in folder.iterdir() if file.name.endswith(".sql")))


def head() -> str:
    """The revision this program writes."""
    return versions()[-1]


def migrate(path: Path, *, to: str | None = None) -> None:
    """Create the file if it is not there and bring it to this program's version.

    All that is missing is done in one transaction: a crash or a full disk leaves the file as it was.

    Args:
        path: The database's file.
        to: An older version, as one of its programs would have left the file; None = this program's.

    Raises:
        StoreError: The folder or file cannot be written, is no database, is damaged, is of a newer version, or holds
            what no migration makes.
    """
    _refuse_unreadable(path)
    if (fault := place.fault(path)) is not None:
        raise StoreError(fault)
    try:
        if not path.exists():
            _begin(path)
        found = revision(path)
        _refuse_foreign(path)
        if found == head():
            return
        _upgrade(path, found, to or "head")
    except sqlite3.DatabaseError as error:
        raise StoreError(said("{file}: {why}", file=path, why=explain(error))) from error
    except OSError as error:
        raise StoreError(
            said("{path}: {reason}; give a folder that alarmd may write to", path=path, reason=error.strerror or error)
        ) from error


def _begin(path: Path) -> None:
    """An empty file, its owner's only; ``-wal`` and ``-shm`` take after it."""
    handle = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, PRIVATE)
    try:
        ownership.give_to_folder(handle, path)
    finally:
        os.close(handle)


def _refuse_foreign(path: Path) -> None:
    """Before a statement of ours could set off what somebody else has put there."""
    if (wrong := shape.foreign(path)) is not None:
        raise StoreError(wrong)


def require_current(path: Path) -> None:
    """Refuse a file that is missing or of another version.

    Raises:
        StoreError: With what to do.
    """
    found = _revision_there(path)
    if found != head():
        raise StoreError(
            said(
                "{file}: is of version {found}, this program needs {head}; start `alarmd run` once to migrate it",
                file=path,
                found=found or said("none"),
                head=head(),
            )
        )


def _refuse_unreadable(path: Path) -> None:
    """A missing right is told as one, with whom to run as, and not as a store that is missing or broken."""
    try:
        there = path.exists()
    except OSError as error:  # a folder on the way to it may not be entered
        raise StoreError(f"{path}: {rights.why_not(path, error)}") from error
    if there and not os.access(path, os.R_OK):
        raise StoreError(f"{path}: {rights.why_not(path)}")


def require_known(path: Path) -> None:
    """Refuse a file that is missing or of a newer version; an older one can be copied, and its event log be read.

    Raises:
        StoreError: With what to do.
    """
    found = _revision_there(path)
    if found is None or found not in versions():
        raise StoreError(
            said(
                "{file}: is of version {found}, this program knows {first} to {head}; use the version of alarmd that "
                "wrote it",
                file=path,
                found=found or said("none"),
                first=versions()[0],
                head=head(),
            )
        )


def _revision_there(path: Path) -> str | None:
    _refuse_unreadable(path)
    if not path.exists():
        raise StoreError(said("{path}: there is no store here; `alarmd run` or `alarmd import` creates it", path=path))
    try:
        return revision(path)
    except sqlite3.DatabaseError as error:
        raise StoreError(f"{path}: {explain(error)}") from error


def _upgrade(path: Path, found: str | None, to: str) -> None:
    if found is not None and found not in versions():
        raise StoreError(
            said(
                "{file}: was written by a newer alarmd (version {found}); install that version or restore a backup",
                file=path,
                found=found,
            )
        )
    # Loading these takes longer than most commands run, and only a new or older file needs them.
    import sqlalchemy  # noqa: PLC0415
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_migrations()))
    engine = sqlalchemy.create_engine(
        f"sqlite:///{path}",
        poolclass=sqlalchemy.pool.NullPool,
        # AUTOCOMMIT leaves BEGIN and COMMIT to us: the driver's own way would commit before each CREATE
        isolation_level="AUTOCOMMIT",
        connect_args={"timeout": WAIT_S},
    )
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA journal_mode = WAL")
            connection.exec_driver_sql("PRAGMA synchronous = FULL")
            connection.exec_driver_sql("BEGIN IMMEDIATE")  # `run` and `import` wait for each other here
            try:
                config.attributes["connection"] = connection
                command.upgrade(config, to)  # does nothing where the other was first
                connection.exec_driver_sql("COMMIT")
            except BaseException:
                connection.exec_driver_sql("ROLLBACK")
                raise
    except sqlalchemy.exc.DBAPIError as error:
        raise StoreError(said("{file}: {why}", file=path, why=explain(error.orig))) from error
    finally:
        engine.dispose()


def _migrations() -> Traversable:
    return resources.files("alarmd.store").joinpath("migrations")


def revision(path: Path) -> str | None:
    """The version of a database file; None where it is empty.

    Raises:
        StoreError: It is somebody else's database.
        sqlite3.DatabaseError: It is no database.
    """
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    try:
        if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone() is None:
            if connection.execute("SELECT 1 FROM sqlite_master").fetchone():
                raise StoreError(said("{file}: is a database, but not alarmd's", file=path))
            return None
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return str(row[0]) if row else None
    finally:
        connection.close()


def explain(error: BaseException | None) -> str:
    """SQLite's error in the reader's language, with what to do, where it is a known one."""
    text = str(error)
    if "not a database" in text:
        return said("is not a database; restore a backup with `alarmd restore`")
    if "malformed" in text:
        return said("is damaged; restore a backup with `alarmd restore`")
    if "locked" in text:
        return said("is in use by another program")
    return text
