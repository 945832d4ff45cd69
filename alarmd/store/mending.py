"""Makes an index or a trigger again that somebody took out of the store: a press must not wait for what is derived.

Without its indexes a town's outbox is read whole at each press, and a query that names one fails; without its triggers
nothing guards the log. Both follow from the migrations alone. All else that differs bars the start (`shape.foreign`).
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from alarmd.store import shape
from alarmd.store.shape import Thing

_WAIT_S = 60.0  # for another program that writes to the same file


class Mended(NamedTuple):
    """What was missing.

    Attributes:
        made: What was made again.
        left: What could not be made again, with SQLite's words: a rule that rows of today break.
    """

    made: tuple[Thing, ...]
    left: tuple[tuple[Thing, str], ...] = ()


def mend(path: Path) -> Mended | None:
    """Make again what is missing, each for itself; None where nothing is.

    Args:
        path: The database's file, of this program's version and with nothing foreign in it.

    Raises:
        sqlite3.DatabaseError: It cannot be read.
    """
    missing = shape.absent(path)
    if not missing:
        return None
    made, left = [], []
    with closing(sqlite3.connect(path, isolation_level=None, timeout=_WAIT_S)) as connection:
        connection.execute("PRAGMA synchronous = FULL")
        for thing, statement in missing.items():
            try:
                connection.execute(statement)
            except sqlite3.Error as error:
                left.append((thing, str(error)))
            else:
                made.append(thing)
    return Mended(tuple(made), tuple(left))
