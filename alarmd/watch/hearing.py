"""Deafness: connected, subscribed by all we know, and nothing comes.

Every `EVERY_S` seconds a probe goes out on the subscription's own connection to a topic under the native family's tree
and must come back through the subscription within `WITHIN_S`. Whatever else arrives meanwhile proves as much. A probe
that does not come back ends the connection: the next one subscribes anew, and nothing is lost by it, for what was not
acknowledged comes again. So deafness lasts half a minute, not until the next person presses in vain.

A broker may forbid probes, and mosquitto 2.0.11 ends the connection of whoever sends what is forbidden. So after a
refusal the next probe is long in coming; `/readyz` says what to allow. Reconnects that do not help are spaced out, too.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol
from uuid import uuid4

import structlog

from alarmd.clock import Clock
from alarmd.part_faults import NOTHING_PASSED_ON, PROBE_REFUSED
from alarmd.waking import Alarm
from alarmd.watch.figures import WatchFigures
from alarmd.watch.troubles import Troubles
from escalation.texts.watching import Silence

log = structlog.get_logger()

EVERY_S, WITHIN_S = 20.0, 10.0
UNREAD_MOST = timedelta(seconds=45)  # a broker that is restarted is back sooner
SHORTEST_GAP = timedelta(seconds=5)  # a connection that is made anew at once has lost nobody anything
FORCE_FIRST, FORCE_MOST = timedelta(seconds=30), timedelta(minutes=15)
REFUSED_FOR = timedelta(minutes=15)
EVENT = "watchdog.canary"


class Heard(Protocol):
    """The subscription, as far as listening to it needs."""

    on_probe: Callable[[bytes], bool]
    subscribed: bool
    problem: str
    probe_refused: str
    received: int
    heard_at: datetime
    on_back: Callable[[datetime], None]

    @property
    def held(self) -> int:
        """Messages that came and are not acknowledged yet."""
        ...

    def probe(self, payload: bytes) -> bool:
        """Send a message to ourselves."""
        ...

    def reconnect(self, why: str) -> None:
        """End the connection and make another."""
        ...


def _is_before(moment: datetime | None, now: datetime, most: timedelta) -> bool:
    """Whether it is too early yet; a time farther away than it can have been set is of a clock that was ahead."""
    return moment is not None and timedelta(0) < moment - now <= most


class Hearing:
    """Listens whether the broker is heard.

    Args:
        subscription: Whose probes come back here from now on.
        troubles: Who is told.
        clock: Paces it.
        figures: Who counts.
        every: Seconds between two probes.
        within: Seconds in which one must come back.
    """

    def __init__(
        self,
        *,
        subscription: Heard,
        troubles: Troubles,
        clock: Clock,
        figures: WatchFigures,
        every: float = EVERY_S,
        within: float = WITHIN_S,
    ) -> None:
        self._subscription = subscription
        self._troubles = troubles
        self._clock = clock
        self._figures = figures
        self._every = every
        self._within = within
        self._alarm = Alarm(clock)
        self._probe = ""
        self._back = False
        self._unread_since: datetime | None = None
        self._force_after: datetime | None = None
        self._refused_until: datetime | None = None
        self._pause = FORCE_FIRST
        subscription.on_probe = self._on_probe
        subscription.on_back = self._on_back

    @property
    def fault(self) -> str | None:
        """None as long as the broker is heard, else a sentence."""
        if self._troubles.is_silent(Silence.HEARING):
            return NOTHING_PASSED_ON
        if refused := self._subscription.probe_refused:
            return PROBE_REFUSED.format(refused=refused)
        return None

    async def run(self) -> None:
        """Probe until cancelled."""
        while True:
            await self._clock.sleep(self._every)
            await self.listen()

    async def listen(self) -> bool:
        """Probe once; returns whether the broker is heard."""
        subscription = self._subscription
        if not self._is_read() or _is_before(self._refused_until, self._clock.now(), REFUSED_FOR):
            return False
        self._probe, self._back, received = uuid4().hex, False, subscription.received
        self._alarm = Alarm(self._clock)
        if subscription.probe(json.dumps({"type": "heartbeat", "ref": self._probe}).encode()):
            await self._alarm.until(None, at_most=self._within)
        refused = bool(subscription.probe_refused) and not self._back
        self._refused_until = self._clock.now() + REFUSED_FOR if refused else None
        if self._back or subscription.received != received:
            self._heard()
            return True
        if refused:
            log.error("probes are refused, deafness would not be noticed", reason=subscription.probe_refused)
            return False
        # what is held waits for the store's writer, which has a watchdog of its own; a new connection helps it nothing
        if subscription.subscribed and not subscription.held:
            self._deaf()
        return False

    def _is_read(self) -> bool:
        now = self._clock.now()
        if self._subscription.subscribed:
            self._unread_since = None
            self._troubles.end(Silence.BROKER, EVENT)
            return True
        self._unread_since = min(self._unread_since or now, now)
        if now - self._unread_since >= UNREAD_MOST:
            since = self._subscription.heard_at
            self._troubles.begin(Silence.BROKER, EVENT, since=since, problem=self._subscription.problem)
        return False

    def _heard(self) -> None:
        self._pause, self._force_after = FORCE_FIRST, None
        self._troubles.end(Silence.HEARING, EVENT)

    def _deaf(self) -> None:
        now = self._clock.now()
        self._troubles.begin(Silence.HEARING, EVENT, since=self._subscription.heard_at)
        if _is_before(self._force_after, now, FORCE_MOST):
            return
        self._force_after, self._pause = now + self._pause, min(self._pause * 2, FORCE_MOST)
        self._figures.deaf.inc()
        self._subscription.reconnect("connected and deaf: a test message did not come back")

    def _on_back(self, since: datetime) -> None:
        """Subscribed again, and nothing was heard ``since`` then; a short loss is on record, too."""
        if self._troubles.end(Silence.BROKER, EVENT) or self._troubles.is_silent(Silence.HEARING):
            return
        if self._troubles.moment() - since >= SHORTEST_GAP:
            self._troubles.passed(Silence.BROKER, since)

    def _on_probe(self, payload: bytes) -> bool:
        """One of an earlier run is nobody's; what is no probe is an alarm like any other, whoever sent it here."""
        try:
            said = json.loads(payload)
        except ValueError:
            return False
        if not isinstance(said, dict) or said.get("type") != "heartbeat":
            return False
        if said.get("ref") == self._probe:
            self._back = True
            self._alarm.wake()
        return True
