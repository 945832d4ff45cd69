"""The version of a database file: bring it up to this program's, or say why not."""

from __future__ import annotations

import sqlite3
from importlib import resources
from pathlib import Path

import sqlalchemy
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from alarmd.store.errors import StoreError


def head() -> str:
    """The revision this program writes."""
    revision = ScriptDirectory.from_config(_config()).get_current_head()
    assert revision is not None
    return revision


def migrate(path: Path) -> None:
    """Create the file if it is not there and bring it to this program's version.

    Raises:
        StoreError: The folder or file cannot be written, is no database, is damaged, or is of a newer version.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        found = _revision(path) if path.exists() else None
        if found == head():
            return
        _upgrade(path, found)
    except sqlite3.DatabaseError as error:
        raise StoreError(f"{path}: {_explain(error)}") from error
    except sqlalchemy.exc.DBAPIError as error:
        raise StoreError(f"{path}: {_explain(error.orig)}") from error
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror or error}; give a folder that alarmd may write to") from error


def require_current(path: Path) -> None:
    """Refuse a file that is missing or of another version.

    Raises:
        StoreError: With what to do.
    """
    if not path.exists():
        raise StoreError(f"{path}: there is no store here; `alarmd run` or `alarmd import` creates it")
    try:
        found = _revision(path)
    except sqlite3.DatabaseError as error:
        raise StoreError(f"{path}: {_explain(error)}") from error
    if found != head():
        raise StoreError(
            f"{path}: is of version {found or 'none'}, this program needs {head()}; "
            "start `alarmd run` once to migrate it"
        )


def _upgrade(path: Path, found: str | None) -> None:
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    if found is not None and found not in known:
        raise StoreError(
            f"{path}: was written by a newer alarmd (version {found}); install that version or restore a backup"
        )
    engine = sqlalchemy.create_engine(f"sqlite:///{path}", poolclass=sqlalchemy.pool.NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode = WAL")
        connection.exec_driver_sql("PRAGMA synchronous = FULL")
        connection.commit()
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()
    engine.dispose()


def _revision(path: Path) -> str | None:
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    try:
        if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone() is None:
            if connection.execute("SELECT 1 FROM sqlite_master").fetchone():
                raise StoreError(f"{path}: is a database, but not alarmd's")
            return None
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return str(row[0]) if row else None
    finally:
        connection.close()


def _explain(error: BaseException | None) -> str:
    text = str(error)
    if "not a database" in text:
        return "is not a database; restore a backup with `alarmd restore`"
    if "malformed" in text:
        return "is damaged; restore a backup with `alarmd restore`"
    if "locked" in text:
        return "is in use by another program"
    return text


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(resources.files("alarmd.store.migrations")))
    return config
