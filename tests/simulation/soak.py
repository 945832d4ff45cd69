"""Many seeds, over all cores."""

from __future__ import annotations

import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from tests.simulation.run import run, template

CHUNK = 20


def say(text: str) -> None:
    """On the terminal, at once."""
    sys.stdout.write(text)
    sys.stdout.flush()


def soak(first: int, count: int, jobs: int) -> int:
    """Many seeds; prints the failing ones."""
    began, done, failing, counts = time.monotonic(), 0, dict[int, list[str]](), Counter[str]()
    with template() as database, ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        chunks = [range(n, min(n + CHUNK, first + count)) for n in range(first, first + count, CHUNK)]
        for played, found, counted in pool.map(play, chunks, [database] * len(chunks)):
            done += played
            failing |= found
            counts.update(counted)
            for seed, broken in found.items():
                say(f"\nseed {seed}: {'; '.join(broken)}\n")
            say(f"\r{done}/{count} seeds, {len(failing)} failing, {time.monotonic() - began:.0f} s")
    say(f"\n{dict(sorted(counts.items()))}\n")
    if failing:
        say(f"failing seeds: {' '.join(map(str, sorted(failing)))}\n")
        say(f"the story of one: python -m tests.simulation --seed {min(failing)}\n")
    return int(bool(failing))


def play(seeds: range, database: Path) -> tuple[int, dict[int, list[str]], Counter[str]]:
    """A few seeds in one process: how many, what failed, what was counted."""
    failing: dict[int, list[str]] = {}
    counts = Counter[str]()
    for seed in seeds:
        result = run(seed, database)
        counts.update(result.story.counts)
        if result.failed:
            failing[seed] = [str(violation)[:300] for violation in result.story.violations[:5]]
    return len(seeds), failing, counts
