"""The version of a database file: bring it up to this program's, or say why not."""

from __future__ import annotations

import os
import sqlite3
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from alarmd.store.errors import StoreError
from config.wording import said

PRIVATE = 0o600  # health facts are in it


def versions() -> tuple[str, ...]:
    """The revisions this program knows, oldest first: the numbers before the names of ``migrations/versions``."""
    # Not by the name of its package: to import that takes alembic, and a third of a second of every start.
    folder = _migrations().joinpath("versions")
    return tuple(sorted(file.name.partition("_")[0] for file in folder.iterdir() if file.name.endswith(".sql")))


def head() -> str:
    """The revision this program writes."""
    return versions()[-1]


def migrate(path: Path) -> None:
    """Create the file if it is not there and bring it to this program's version.

    Raises:
        StoreError: The folder or file cannot be written, is no database, is damaged, or is of a newer version.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, PRIVATE))  # -wal and -shm take after it
        found = _revision(path)
        if found == head():
            return
        _upgrade(path, found)
    except sqlite3.DatabaseError as error:
        raise StoreError(said("{file}: {why}", file=path, why=_explain(error))) from error
    except OSError as error:
        raise StoreError(
            said("{file}: {why}; give a folder that alarmd may write to", file=path, why=error.strerror or error)
        ) from error


def require_current(path: Path) -> None:
    """Refuse a file that is missing or of another version.

    Raises:
        StoreError: With what to do.
    """
    if not path.exists():
        raise StoreError(said("{file}: there is no store here; `alarmd run` or `alarmd import` creates it", file=path))
    try:
        found = _revision(path)
    except sqlite3.DatabaseError as error:
        raise StoreError(said("{file}: {why}", file=path, why=_explain(error))) from error
    if found != head():
        raise StoreError(
            said(
                "{file}: is of version {found}, this program needs {head}; start `alarmd run` once to migrate it",
                file=path,
                found=found or said("none"),
                head=head(),
            )
        )


def _upgrade(path: Path, found: str | None) -> None:
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
    engine = sqlalchemy.create_engine(f"sqlite:///{path}", poolclass=sqlalchemy.pool.NullPool)
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA journal_mode = WAL")
            connection.exec_driver_sql("PRAGMA synchronous = FULL")
            connection.commit()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            connection.commit()
    except sqlalchemy.exc.DBAPIError as error:
        raise StoreError(said("{file}: {why}", file=path, why=_explain(error.orig))) from error
    finally:
        engine.dispose()


def _migrations() -> Traversable:
    return resources.files("alarmd.store").joinpath("migrations")


def _revision(path: Path) -> str | None:
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


def _explain(error: BaseException | None) -> str:
    text = str(error)
    if "not a database" in text:
        return said("is not a database; restore a backup with `alarmd restore`")
    if "malformed" in text:
        return said("is damaged; restore a backup with `alarmd restore`")
    if "locked" in text:
        return said("is in use by another program")
    return text
