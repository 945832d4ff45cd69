"""What the disk and SQLite can do by themselves."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from bench.figures import Figure, percentile

BLOCK = b"x" * 4096
ROW = ("alarmd/bed_button", "sos", "2026-11-21T11:30:00.000000Z", "x" * 300)
GROUPS = (1, 8, 64, 512)
DISK = "the disk"


def measure(folder: Path, *, quick: bool) -> Iterator[Figure]:
    """Syncs of 4 kB, then rows in SQLite, so many per commit."""
    yield from _syncs(folder / "block", 200 if quick else 1000)
    for group in GROUPS:
        yield _rows(folder / f"rows-{group}.db", group, 0.3 if quick else 1.5)


def _syncs(file: Path, count: int) -> Iterator[Figure]:
    took: list[float] = []
    handle = os.open(file, os.O_WRONLY | os.O_CREAT)
    try:
        for number in range(count):
            before = perf_counter()
            os.pwrite(handle, BLOCK, number * len(BLOCK))
            os.fdatasync(handle)
            took.append(perf_counter() - before)
    finally:
        os.close(handle)
    yield Figure(group=DISK, name="syncs of 4 kB", value=count / sum(took), unit="/s", note="`fdatasync`, one by one")
    for share in (0.5, 0.99):
        yield Figure(group=DISK, name=f"sync, p{share * 100:.0f}", value=percentile(took, share) * 1000, unit="ms")


def _rows(file: Path, group: int, seconds: float) -> Figure:
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE signal (seq INTEGER PRIMARY KEY, device TEXT, type TEXT, at TEXT, data TEXT)")
    rows, begun = 0, perf_counter()
    while (passed := perf_counter() - begun) < seconds:
        connection.execute("BEGIN IMMEDIATE")
        for _ in range(group):
            connection.execute("INSERT INTO signal (device, type, at, data) VALUES (?, ?, ?, ?)", ROW)
        connection.execute("COMMIT")
        rows += group
    connection.close()
    return Figure(
        group=DISK,
        name=f"SQLite rows, {group} per commit",
        value=rows / passed,
        unit="/s",
        against="syncs of 4 kB",
        note="one thread, nothing else" if group == 1 else "",
    )
