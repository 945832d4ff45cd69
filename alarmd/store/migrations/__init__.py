"""Migrations roll forward while the older version still runs; each is a file of SQL that alembic keeps in order."""

from __future__ import annotations

import sqlite3
from importlib import resources

from alembic import op


def run_file(name: str) -> None:
    """Run each statement of ``versions/<name>`` inside the transaction that `alarmd.store.schema` began.

    Raises:
        sqlalchemy.exc.DBAPIError: A statement was refused; all that was migrated is rolled back.
    """
    text = resources.files("alarmd.store.migrations").joinpath("versions", name).read_text(encoding="utf-8")
    statement = ""
    for line in text.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            op.get_bind().exec_driver_sql(statement)
            statement = ""
