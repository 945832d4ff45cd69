"""Last-seen is written in batches: whole, in small commits, and again when the disk had no room."""

from __future__ import annotations

from alarmd.clock import SystemClock
from alarmd.store import Store, Transaction
from alarmd.supervision import ROWS_AT_ONCE, Supervision

TOWN = 2 * ROWS_AT_ONCE + 1


def town_speaks(store: Store) -> Supervision:
    clock = SystemClock()
    supervision = Supervision(store=store, clock=clock)
    for number in range(TOWN):
        supervision.seen("zigbee2mqtt", f"button {number}", clock.now(), 87.0)
    return supervision


def written(tx: Transaction) -> int:
    return int(tx._connection.execute("SELECT count(*) FROM device_life WHERE battery = 87").fetchone()[0])


async def test_a_whole_town_is_written_in_commits_that_a_press_can_wait_for(store: Store) -> None:
    await town_speaks(store).flush()
    assert await store.read(written) == TOWN
    assert store.commits == 3


async def test_what_a_full_disk_refused_is_written_when_there_is_room(store: Store) -> None:
    supervision = town_speaks(store)
    pages = await store._writer.hop(lambda c: c.execute("PRAGMA page_count").fetchone()[0])
    await store._writer.hop(lambda c: c.execute(f"PRAGMA max_page_count = {pages}").fetchall())
    await supervision.flush()
    assert await store.read(written) < TOWN
    await store._writer.hop(lambda c: c.execute("PRAGMA max_page_count = 1000000").fetchall())
    await supervision.flush()
    assert await store.read(written) == TOWN
