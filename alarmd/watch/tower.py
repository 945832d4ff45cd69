"""All watchdogs of one daemon, put together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog

from alarmd import languages
from alarmd.clock import Clock, SystemClock
from alarmd.engine import Engine
from alarmd.ids import Ids
from alarmd.intake.broker import Subscription
from alarmd.intake.delivery import Delivery, Taker
from alarmd.outbox import Outbox, Publisher
from alarmd.phone.provider import PhoneProvider
from alarmd.store import Store
from alarmd.watch.canary import Canary, Press
from alarmd.watch.figures import WatchFigures
from alarmd.watch.hearing import Hearing
from alarmd.watch.names import canary_device, is_a_canarys, signal_topic
from alarmd.watch.outside import Alerts, DeadMan, Post
from alarmd.watch.phones import Phones
from alarmd.watch.record import Record
from alarmd.watch.stalls import Stalls
from alarmd.watch.traffic import Traffic
from alarmd.watch.troubles import Troubles
from alarmd.web.health import Health
from config.settings import Settings

log = structlog.get_logger()

NATIVE = "alarmd"
AGAIN_S = 5.0
Loop = tuple[str, Coroutine[Any, Any, None]]


class Tower:
    """What watches, in the order in which the daemon needs it: beside the outbox, before the intake, around the doors.

    Args:
        settings: The operator's.
        store: Whose writer is watched.
        engine: Woken by what the watchdogs queue.
        clock: The daemon's: what the log and the traffic go by.
        ids: Names of texts to the desk.
        figures: What Prometheus sees.
        providers: The phones.
        pace: By which watchdogs wait; the machine's own. They watch the machine, however fast a demo's story goes.
    """

    def __init__(
        self,
        *,
        settings: Settings,
        store: Store,
        engine: Engine,
        clock: Clock,
        ids: Ids,
        figures: WatchFigures,
        providers: Sequence[PhoneProvider],
        pace: Clock | None = None,
    ) -> None:
        self._pace = pace or SystemClock()
        self._settings = settings
        self._store = store
        self._clock = clock
        self._figures = figures
        self._post: Post | None = None
        self.device = canary_device(settings.mqtt.client_id)
        self.troubles = Troubles(
            store=store,
            engine=engine,
            clock=clock,
            ids=ids,
            texts=languages.texts(settings.service.language),
            desk_phones=settings.service.desk_phones,
            figures=figures,
        )
        self.phones = Phones(
            providers=providers, troubles=self.troubles, clock=self._pace, desk_phones=settings.service.desk_phones
        )
        self._record = Record(store=store, troubles=self.troubles, clock=self._pace)
        self._stalls = Stalls(store=store, troubles=self.troubles, clock=clock, figures=figures)
        within = settings.watch.expect_traffic_within
        ways = {"broker": settings.mqtt.url, "door": settings.mqtt.listen}
        self.traffic = Traffic(
            store=store,
            troubles=self.troubles,
            clock=clock,
            figures=figures,
            within=None if within is None else timedelta(seconds=within),
            paths=tuple(way for way, address in ways.items() if address),
        )
        self.press: dict[str, Press] = {}
        self.canary = Canary(
            device=self.device,
            press=self.press,
            store=store,
            engine=engine,
            troubles=self.troubles,
            clock=self._pace,
            figures=figures,
            every=settings.watch.canary_every,
        )
        self.hearing: Hearing | None = None

    @property
    def topic(self) -> str:
        """Where alarmd presses and probes itself."""
        return signal_topic(self.device)

    def sink(self, publisher: Publisher) -> Publisher:
        """Whoever publishes to devices, as the outbox shall see it."""
        return self.canary.sink(publisher)

    def ear(self, taker: Taker) -> Taker:
        """The intake, as the doors shall see it."""
        return _Counting(self.canary.ear(taker), self.traffic)

    def set_back(self, now: datetime) -> None:
        """The daemon's clock went back: what is silent since a time to come is silent since now."""
        self.troubles.set_back(now)
        self.traffic.set_back(now)

    async def hears(self) -> str | None:
        """None while the broker is heard, else a sentence; for `/readyz`."""
        return self.hearing.fault if self.hearing else None

    # ------------------------------------------------------------ tasks

    def beside_the_outbox(self, outbox: Outbox) -> Iterator[Loop]:
        """What watches from the start."""
        yield "troubles", self._guard("troubles", self.troubles.run)
        yield "record", self._guard("record", self._record.run)
        yield "stalls", self._guard("stalls", self._stalls.run)
        if self._settings.phone:  # without any, everybody knows that nobody is rung
            self.phones.watch(outbox)
            yield "phones", self._guard("phones", self.phones.run)

    def outside(self, health: Health) -> Iterator[Loop]:
        """What tells others."""
        watch = self._settings.watch
        if watch.ping_url is None and watch.alert_url is None:
            return
        post = self._post = Post()
        common: dict[str, Any] = {
            "troubles": self.troubles,
            "post": post,
            "clock": self._pace,
            "figures": self._figures,
        }
        if watch.alert_url is not None:
            service = self._settings.web.base_url
            yield (
                "alerts",
                self._guard("alerts", Alerts(url=watch.alert_url.get_secret_value(), service=service, **common).run),
            )
        if watch.ping_url is not None:

            async def ready() -> str | None:
                report = await health.ready()
                return (
                    None if report.ready else "; ".join(f"{n}: {p.says}" for n, p in report.parts.items() if not p.ok)
                )

            url = watch.ping_url.get_secret_value()
            yield (
                "dead-man",
                self._guard("dead-man", DeadMan(url=url, every=watch.ping_every, ready=ready, **common).run),
            )

    def around_the_doors(self, subscription: Subscription | None) -> Iterator[Loop]:
        """What watches once everything is open."""
        if subscription is not None:
            hearing = Hearing(
                subscription=subscription, troubles=self.troubles, clock=self._pace, figures=self._figures
            )
            self.hearing = hearing
            yield "hearing", self._guard("hearing", hearing.run)
        yield "traffic", self._guard("traffic", self.traffic.run)
        if self.press and (not self._settings.mqtt.families or NATIVE in self._settings.mqtt.families):
            yield "canary", self._guard("canary", self.canary.run)

    def _guard(self, name: str, run: Callable[[], Coroutine[Any, Any, None]]) -> Coroutine[Any, Any, None]:
        return guarded(name, run, self._pace)

    async def close(self) -> None:
        """Let go of the connections to the outside."""
        if self._post is not None:
            await self._post.close()


async def guarded(name: str, run: Callable[[], Coroutine[Any, Any, None]], pace: Clock) -> None:
    """Run a watchdog until cancelled: one with a defect must not take the daemon with it, nor be silent ever after.

    Args:
        name: For the log.
        run: The watchdog.
        pace: Measures the pause before it is started anew.
    """
    while True:
        try:
            await run()
        except Exception as error:
            if (task := asyncio.current_task()) and task.cancelling():
                raise asyncio.CancelledError from error  # started anew while it is being stopped, it never ends
            log.exception("a watchdog broke, it is started anew", watchdog=name)
        await pace.sleep(AGAIN_S)


class _Counting:
    """Hands everything on, and notes that something came that is no alarmd's own; nor is a last will, which we send."""

    def __init__(self, taker: Taker, traffic: Traffic) -> None:
        self._taker = taker
        self._traffic = traffic

    def take(self, delivery: Delivery) -> asyncio.Future[None]:
        if not delivery.retained and not delivery.will and not is_a_canarys(delivery.topic):
            self._traffic.heard(delivery.via, delivery.received_at)
        return self._taker.take(delivery)
