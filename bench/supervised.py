"""400,000 supervised devices in one process: bytes for each, the cost of a heartbeat, of looking, of a dying town."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Iterator
from time import perf_counter

from alarmd.silence.fleet import Fleet
from alarmd.silence.found import Registered
from bench.figures import Figure

GROUP = "supervision"
HOMES = 400_000
STREET_OF = 200
EVERY = 60.0
START = 1_790_000_000.0


def measure(*, quick: bool) -> Iterator[Figure]:
    """Memory first; then one whole minute of a town that reports once a minute, then its silence."""
    homes = HOMES // 10 if quick else HOMES
    tracemalloc.start()
    gc.collect()
    before = tracemalloc.get_traced_memory()[0]
    fleet = Fleet.of(_devices(homes), START)
    gc.collect()
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    yield Figure(group=GROUP, name="bytes for each device", value=grown / homes, unit="B", note=f"{homes:,} devices")
    addresses = [f"pendant-{n:06}" for n in range(homes)]  # not the very strings of the fleet
    begun = perf_counter()
    for n, address in enumerate(addresses):
        fleet.seen("alarmd", address, START + EVERY * n / homes, 87.0)
    heartbeat = (perf_counter() - begun) / homes
    yield Figure(group=GROUP, name="a heartbeat", value=heartbeat * 1e6, unit="µs", note="last-seen, street, all")
    fleet.take_fresh()
    looks = [_look(fleet, START + EVERY + second) for second in range(1, 61)]
    yield Figure(group=GROUP, name="a look, longest", value=max(looks) * 1000, unit="ms", note="one a second")
    yield Figure(group=GROUP, name="a look, on average", value=sum(looks) / len(looks) * 1000, unit="ms")
    silence = [_look(fleet, START + 2 * EVERY + second) for second in range(1, 91)]
    yield Figure(group=GROUP, name="a look while all fall silent, longest", value=max(silence) * 1000, unit="ms")


def _devices(homes: int) -> Iterator[Registered]:
    for n in range(homes):
        street = f"street-{n // STREET_OF}"
        yield Registered("alarmd", f"pendant-{n:06}", f"home-{n}", street, EVERY)


def _look(fleet: Fleet, now: float) -> float:
    begun = perf_counter()
    fleet.look(now)
    return perf_counter() - begun
