"""What the watchdogs show to Prometheus; docs/operating.md explains each name, and what to alert on."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge

from escalation.texts.watching import Silence


class WatchFigures:
    """The watchdogs' own figures.

    Args:
        registry: The daemon's.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self._silent = Gauge("alarmd_silent", "1 while this is silent.", ["what"], registry=registry)
        self.round_trip = Gauge(
            "alarmd_canary_seconds", "How long the last test press took, all the way.", registry=registry
        )
        self.came_back = Gauge(
            "alarmd_canary_timestamp_seconds", "When a test press last came through.", registry=registry
        )
        self.deaf = Counter("alarmd_deaf", "Reconnects because nothing was heard.", registry=registry)
        self.loop_lag = Gauge("alarmd_loop_lag_seconds", "How late the event loop was.", registry=registry)
        self.writer_lag = Gauge("alarmd_writer_lag_seconds", "How long the store's writer took.", registry=registry)
        self._stalls = Counter("alarmd_stalls", "Times a part stood still.", ["part"], registry=registry)
        self._heard = Gauge(
            "alarmd_heard_timestamp_seconds", "When a message last came this way.", ["path"], registry=registry
        )
        self._pings = Counter("alarmd_pings", "Pings to the switch outside.", ["said", "arrived"], registry=registry)
        self._alerts = Counter("alarmd_alerts", "Alerts to the webhook.", ["arrived"], registry=registry)
        for silence in Silence:
            self._silent.labels(silence.value).set(0)

    def silent(self, silence: Silence, *, now: bool) -> None:
        """Something fell silent, or is heard again."""
        self._silent.labels(silence.value).set(now)

    def stalled(self, part: str) -> None:
        """A part stood still for too long."""
        self._stalls.labels(part).inc()

    def heard(self, path: str, at: float) -> None:
        """A message came through the broker or the door at that Unix time."""
        self._heard.labels(path).set(at)

    def pinged(self, said: str, *, arrived: bool) -> None:
        """A ping went out: ``well`` or ``fail``."""
        self._pings.labels(said, str(arrived).lower()).inc()

    def alerted(self, *, arrived: bool) -> None:
        """The webhook was told of something."""
        self._alerts.labels(str(arrived).lower()).inc()
