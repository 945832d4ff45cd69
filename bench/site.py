"""A site with people: each home has three neighbours of its own, so that a request at the provider names its press."""

from __future__ import annotations

import math
import sqlite3
from contextlib import closing
from typing import Any

from alarmd.store import Transaction, schema
from alarmd.store.sqlite import connect
from tests.support.running import Running

NEIGHBOURS = 3
APART, COLUMNS = 0.3, 1_100  # degrees; room for 400,000 homes between 60° south and 60° north
AT_ONCE = 10_000
CROWD_DEGREES = 0.01  # a kilometre
_RESIDENT: dict[str, Any] = dict.fromkeys(
    ("language", "phone", "birth_date", "access", "conditions", "medication", "allergies", "mobility", "categories",
     "circle", "plan", "notes"), ""
)  # fmt: skip


def phone(home: int, neighbour: int) -> str:
    """A neighbour's number."""
    return f"+4477{home * NEIGHBOURS + neighbour:08d}"


def fill(alarmd: Running, homes: int) -> None:
    """Write homes, one button each, and their neighbours into the store."""
    schema.migrate(alarmd.path)
    with closing(connect(alarmd.path, readonly=False)) as connection:
        grow(connection, range(homes))


def grow(connection: sqlite3.Connection, homes: range) -> None:
    """Add homes to those there are; each lies out of reach of every other's people."""
    tx = Transaction(connection)
    for start in range(homes.start, homes.stop, AT_ONCE):
        some = [(h, *_place(h)) for h in range(start, min(start + AT_ONCE, homes.stop))]
        connection.execute("BEGIN IMMEDIATE")
        tx.many("directory_put_resident", [_resident(h, lat, lon) for h, lat, lon in some])
        tx.many("directory_put_device", [_button(h) for h, _, _ in some])
        tx.many(
            "directory_put_responder",
            [_neighbour(h, n, lat, lon) for h, lat, lon in some for n in range(NEIGHBOURS)],
        )
        connection.execute("COMMIT")


def crowd(connection: sqlite3.Connection, home: int, count: int) -> None:
    """A dense city around one home: so many more people within some hundred metres of its door."""
    lat, lon = _place(home)
    side = math.isqrt(count) + 1
    some = [_neighbour(home, NEIGHBOURS + n, lat, lon) for n in range(count)]
    for n, who in enumerate(some):
        who["lat"] += (n // side - side / 2) * CROWD_DEGREES / side
        who["lon"] += (n % side - side / 2) * CROWD_DEGREES / side
    connection.execute("BEGIN IMMEDIATE")
    Transaction(connection).many("directory_put_responder", some)
    connection.execute("COMMIT")


def _place(home: int) -> tuple[float, float]:
    return -60 + home // COLUMNS * APART, -170 + home % COLUMNS * APART


def _resident(home: int, lat: float, lon: float) -> dict[str, Any]:
    return _RESIDENT | {
        "id": f"r{home}",
        "name": f"Resident {home}",
        "address": f"{home} Lane",
        "lat": lat,
        "lon": lon,
    }


def _button(home: int) -> dict[str, Any]:
    where = {"family": "alarmd", "address": f"d{home}", "resident": f"r{home}", "room": ""}
    return where | {"id": f"d{home}", "kind": "button", "report_every": None}


def _neighbour(home: int, number: int, lat: float, lon: float) -> dict[str, Any]:
    who = {"id": f"p{home}-{number}", "name": f"Neighbour {number}", "phone": phone(home, number)}
    where = {"lat": lat, "lon": lon, "travel": "walk"}
    return who | where | {"language": "", "role": "neighbour", "skills": "", "on_call": "", "circle": ""}
