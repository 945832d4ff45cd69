"""A start with thousands of incidents whose deadlines passed meanwhile: how soon alarmd acts on the first."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

from alarmd import times
from alarmd.store import schema
from alarmd.store.sqlite import connect
from bench import growth, site
from bench.figures import Figure
from bench.own_door import rss
from bench.provider import Provider
from tests.support.running import Running

GROUP = "a restart"
AWAY = timedelta(hours=1)


async def measure(folder: Path, *, quick: bool) -> AsyncIterator[Figure]:
    """Open incidents whose people were asked; alarmd is away for an hour; it starts."""
    count = 1_000 if quick else 10_000
    async with Provider() as provider, Running(folder, more=provider.settings()) as alarmd:
        schema.migrate(alarmd.path)
        with closing(connect(alarmd.path, readonly=False)) as connection:
            connection.execute("PRAGMA synchronous = OFF")  # filling is not what is measured
            site.grow(connection, range(count + 1))
            growth.writer(alarmd, connection).open(range(1, count + 1))
            _an_hour_passes(connection)
        last = int(alarmd.rows("SELECT max(seq) AS n FROM journal")[0]["n"])
        before = perf_counter()
        starting = asyncio.create_task(alarmd.start())
        first = await _late(alarmd, after=last, count=1) - before
        asked = await provider.until_somebody_is_asked() - before
        ready = f"of {count:,}; from the start of the process"
        await starting
        yield Figure(group=GROUP, name="the first overdue step is decided", value=first, unit="s", note=ready)
        yield Figure(group=GROUP, name="the provider is asked for the first", value=asked, unit="s", note=ready)
        all_of_them = await _late(alarmd, after=last, count=count) - before
        yield Figure(group=GROUP, name="the last overdue step is decided", value=all_of_them, unit="s", note=ready)
        yield Figure(group="memory", name=f"with {count:,} open incidents", value=rss(alarmd), unit="MB")


def _an_hour_passes(connection: sqlite3.Connection) -> None:
    """What was to be sent was sent; every deadline lies in the past."""
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("UPDATE outbox SET state = 'sent', due_at = NULL")
    changed = []
    for id_, text in connection.execute("SELECT id, state FROM incident"):
        state = json.loads(text)
        for deadline in state["deadlines"]:
            deadline["due_at"] = times.to_text(datetime.fromisoformat(deadline["due_at"]) - AWAY)
        changed.append((json.dumps(state), min(d["due_at"] for d in state["deadlines"]), id_))
    connection.executemany("UPDATE incident SET state = ?, due_at = ? WHERE id = ?", changed)
    alive = times.to_text(datetime.now(UTC) - AWAY)
    connection.execute("INSERT INTO note_to_self (name, value) VALUES ('last_alive', ?)", (alive,))
    connection.execute("COMMIT")


async def _late(alarmd: Running, *, after: int, count: int) -> float:
    """When the log says of so many deadlines that they were late."""
    seen = f"SELECT count(*) AS n FROM journal WHERE seq > {after} AND event = 'watchdog.late'"  # noqa: S608 - a number
    while alarmd.rows(seen)[0]["n"] < count:  # noqa: ASYNC110 - another process commits
        await asyncio.sleep(0.005 if count == 1 else 0.1)
    return perf_counter()
