"""What Prometheus sees. An object handed to whoever counts; no global registry. docs/operating.md explains each name.

What the event log already knows is not counted a second time: at each scrape the entries since the last one are added
up. The rest is counted where it happens, through the methods here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from alarmd import __version__, times
from alarmd.clock import Clock
from alarmd.door.stats import Stats
from alarmd.silence.group import Scope
from alarmd.store import Row, Store, Transaction
from alarmd.watch.figures import WatchFigures
from escalation.incident import Status

OPEN = tuple(status.value for status in Status if status is not Status.CLOSED)
SCOPES = tuple(scope.value for scope in Scope)
WAITING = ("queued", "sending", "unknown")
_DOOR_GAUGES = {"connections", "sessions", "subscriptions", "retained"}
_COMMIT_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """What one look into the store found."""

    entries: list[Row]
    last: int
    open: dict[str, int]
    overdue: int
    waiting: dict[str, int]
    silent: dict[str, int]
    devices: int
    unprotected: int


class Metrics:
    """Every figure of one daemon.

    Args:
        clock: The daemon's; what the log held before this object was made is not counted.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._started = times.to_text(clock.now())
        self._after: int | None = None
        self.registry = CollectorRegistry()
        self._events = self._counter("alarmd_events", "Entries of the event log.", "event")
        self._signals = self._counter("alarmd_signals", "Signals kept.", "family", "type")
        self._quarantined = self._counter("alarmd_quarantined", "Messages nobody could read or place.", "reason")
        self._messages = self._counter("alarmd_messages", "What became of texts and calls.", "channel", "outcome")
        self._late = self._counter("alarmd_deadlines_late", "Deadlines that fired too late.")
        self._late_by = self._counter("alarmd_deadlines_late_seconds", "By how much, summed up.")
        self._kept = Histogram(
            "alarmd_kept_seconds",
            "From receipt to commit, per message.",
            buckets=_COMMIT_BUCKETS,
            registry=self.registry,
        )
        self._open = self._gauge("alarmd_incidents_open", "Open incidents.", "status")
        self._overdue = self._gauge("alarmd_incidents_overdue", "Open incidents whose deadline is past.")
        self._devices = self._gauge("alarmd_devices", "Devices registered.")
        self._silent = self._gauge("alarmd_devices_silent", "Devices that are silent, by what fell silent.", "scope")
        self._unprotected = self._gauge("alarmd_residents_unprotected", "Residents with a silent device.")
        self._waiting = self._gauge("alarmd_outbox_waiting", "Messages not finished.", "state")
        self._seq = self._gauge("alarmd_journal_seq", "The last entry of the event log.")
        self._up = self._gauge("alarmd_part_up", "1 if a part of the daemon is usable.", "part")
        self.watch = WatchFigures(self.registry)
        self._gauge("alarmd_build_info", "The version that runs.", "version").labels(__version__).set(1)

    def kept(self, seconds: float) -> None:
        """A message was committed so many seconds after its receipt."""
        self._kept.observe(max(0.0, seconds))

    def part(self, name: str, *, up: bool) -> None:
        """A part of the daemon (``broker``, ``door``, ``store``, ``phone`` …) is usable, or is not."""
        self._up.labels(name).set(up)

    def watch_store(self, store: Store) -> None:
        """Show the store's own counts."""
        self.registry.register(_StoreCounts(store))

    def watch_door(self, stats: Callable[[], Stats]) -> None:
        """Show the door's own counts."""
        self.registry.register(_DoorCounts(stats))

    async def refresh(self, store: Store) -> None:
        """Add up what the store has that is new."""
        now = times.to_text(self._clock.now())
        seen = await store.read(lambda tx: self._look(tx, now))
        self._after = seen.last
        for row in seen.entries:
            self._count(row)
        for status in OPEN:
            self._open.labels(status).set(seen.open.get(status, 0))
        for state in WAITING:
            self._waiting.labels(state).set(seen.waiting.get(state, 0))
        for scope in SCOPES:
            self._silent.labels(scope).set(seen.silent.get(scope, 0))
        self._devices.set(seen.devices)
        self._unprotected.set(seen.unprotected)
        self._overdue.set(seen.overdue)
        self._seq.set(seen.last)

    def exposition(self) -> bytes:
        """Everything in Prometheus' text format."""
        return generate_latest(self.registry)

    def _count(self, row: Row) -> None:
        """Add entries of one kind; ``what`` and ``which`` are as the query says."""
        event, n, what, which = row["event"], row["n"], row["what"] or "", row["which"] or ""
        self._events.labels(event).inc(n)
        if event == "signal.kept":
            self._signals.labels(what, which).inc(n)
        elif event == "signal.quarantined":
            self._quarantined.labels(what).inc(n)
        elif event.startswith("message.") and what != "device":
            self._messages.labels(what, event.removeprefix("message.")).inc(n)
        elif event == "watchdog.late":
            self._late.inc(n)
            self._late_by.inc(row["seconds"] or 0)

    def _look(self, tx: Transaction, now: str) -> _Seen:
        after = self._after
        if after is None:
            before = tx.one("metrics_seq_before", started=self._started)
            after = before["seq"] if before else 0
        rows = tx.all("metrics_events", after=after)
        overdue = tx.one("metrics_overdue", now=now)
        return _Seen(
            entries=rows,
            last=max((row["last"] for row in rows), default=after),
            open={row["status"]: row["n"] for row in tx.all("metrics_open")},
            overdue=_number(overdue),
            silent={row["scope"]: row["n"] for row in tx.all("metrics_silent")},
            devices=_number(tx.one("metrics_devices")),
            unprotected=_number(tx.one("metrics_unprotected")),
            waiting={row["state"]: row["n"] for row in tx.all("metrics_waiting")},
        )

    def _counter(self, name: str, meaning: str, *labels: str) -> Counter:
        return Counter(name, meaning, labels, registry=self.registry)

    def _gauge(self, name: str, meaning: str, *labels: str) -> Gauge:
        return Gauge(name, meaning, labels, registry=self.registry)


def _number(row: Row | None) -> int:
    return row["n"] if row else 0


class _StoreCounts(Collector):
    def __init__(self, store: Store) -> None:
        self._store = store

    def collect(self) -> Iterator[Metric]:
        yield CounterMetricFamily("alarmd_store_commits", "Commits to disk.", value=self._store.commits)
        yield CounterMetricFamily(
            "alarmd_store_transactions", "Transactions in those commits.", value=self._store.committed
        )


class _DoorCounts(Collector):
    def __init__(self, stats: Callable[[], Stats]) -> None:
        self._stats = stats

    def collect(self) -> Iterator[Metric]:
        for name, value in asdict(self._stats()).items():
            kind = GaugeMetricFamily if name in _DOOR_GAUGES else CounterMetricFamily
            yield kind(f"alarmd_door_{name}", f"The door: {name.replace('_', ' ')}.", value=value)
