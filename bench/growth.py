"""What one message costs in the writer's transaction as the town grows, as more incidents are open, and in a crowd."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from time import thread_time

from alarmd import languages
from alarmd.clock import SystemClock
from alarmd.engine import Engine
from alarmd.ids import Ids
from alarmd.intake.delivery import Delivery
from alarmd.intake.keeping import Keeper
from alarmd.messages import Messages
from alarmd.store import Store, Transaction, schema
from alarmd.store.sqlite import connect
from bench import site
from bench.figures import Figure, percentile
from config.settings import load, plans
from devices import registry
from tests.support.running import Running

GROUP = "growth"
RESIDENTS, QUICK_RESIDENTS = (1_000, 10_000, 100_000, 400_000), (1_000, 10_000)
OPEN, QUICK_OPEN = (0, 1_000, 10_000), (0, 1_000)
CROWD = 5_000
SAMPLES = 100
HOME_OF_TESTS = 0


@dataclass
class Writer:
    """The writer's work without its thread and its disk: the transaction is undone, so that each sample meets the same.

    Attributes:
        connection: To the store.
        keeper: The real one, with the real engine behind it.
        count: Signals so far; each has a reference of its own.
    """

    connection: sqlite3.Connection
    keeper: Keeper
    clock: SystemClock
    count: int = 0

    def keep(self, home: int, kind: str) -> None:
        """Keep one signal of a home inside the transaction that is open."""
        self.count += 1
        now = self.clock.now()
        delivery = Delivery(
            topic=f"alarmd/v1/d{home}/signal",
            payload=b'{"ref":"%d","type":"%s","battery":87}' % (self.count, kind.encode()),
            qos=1,
            retained=False,
            received_at=now,
            via="door",
        )
        signals = registry.decode(delivery.topic, delivery.payload, retained=False)
        self.keeper.keep(Transaction(self.connection), delivery, signals, now)

    def open(self, homes: range) -> None:
        """Open an incident in each home, for good."""
        self.connection.execute("BEGIN IMMEDIATE")
        for home in homes:
            self.keep(home, "sos")
        self.connection.execute("COMMIT")

    def cost(self, work: Callable[[], None]) -> float:
        """Microseconds of processor time at the median; the first few only warm the caches."""
        took = []
        for _ in range(SAMPLES):
            self.connection.execute("BEGIN IMMEDIATE")
            before = thread_time()
            work()
            took.append(thread_time() - before)
            self.connection.execute("ROLLBACK")
        return percentile(took[5:], 0.5) * 1e6


def measure(folder: Path, *, quick: bool) -> Iterator[Figure]:
    """Residents first, then open incidents in the town as it is then, then a press in the densest street of it."""
    alarmd = Running(folder)
    schema.migrate(alarmd.path)
    with closing(connect(alarmd.path, readonly=False)) as connection:
        connection.execute("PRAGMA synchronous = OFF")  # filling is not what is measured
        worker = writer(alarmd, connection)
        homes = 0
        for residents in QUICK_RESIDENTS if quick else RESIDENTS:
            site.grow(connection, range(homes, residents))
            homes = residents
            yield from _costs(worker, f"{residents:,} residents", f"{RESIDENTS[0]:,} residents", homes)
        opened = 0
        for count in QUICK_OPEN if quick else OPEN:
            worker.open(range(opened + 1, count + 1))
            opened = count
            yield from _costs(worker, f"{count:,} open", f"{OPEN[0]:,} open", homes)
        crowded = homes - 2 * SAMPLES  # did not press yet
        site.crowd(connection, crowded, CROWD)
        yield Figure(
            group=GROUP,
            name=f"a press, {CROWD:,} people within a kilometre",
            value=worker.cost(lambda: worker.keep(crowded, "sos")),
            unit="µs",
            against=f"a press, {opened:,} open",
        )


def _costs(writer: Writer, name: str, first: str, homes: int) -> Iterator[Figure]:
    last = iter(range(homes - 1, 0, -1))  # homes that pressed never
    works: dict[str, Callable[[], None]] = {
        "a test": lambda: writer.keep(HOME_OF_TESTS, "test"),
        "a press": lambda: writer.keep(next(last), "sos"),
    }
    for what, work in works.items():
        yield Figure(
            group=GROUP,
            name=f"{what}, {name}",
            value=writer.cost(work),
            unit="µs",
            against=f"{what}, {first}" if name != first else "",
        )


def writer(alarmd: Running, connection: sqlite3.Connection) -> Writer:
    """The writer of a store that no daemon runs on."""
    settings = load(alarmd.file, {})
    clock, ids = SystemClock(), Ids()
    engine = Engine(
        store=_NO_STORE,
        settings=settings,
        plans=plans(settings.path),
        clock=clock,
        ids=ids,
        messages_=Messages(settings=settings, texts=languages.texts, ids=ids),
    )
    return Writer(connection, Keeper(engine), clock)


_NO_STORE: Store = None  # type: ignore[assignment]  # inside a transaction the engine asks only that
