"""The daemon put together: what is built from what, in which order it starts, and in which order it stops.

It starts from the inside out (store, engine, outbox, timers, then the doors), so that nothing comes in before it can
be kept and acted on; it stops from the outside in, so that whatever was taken is committed and acknowledged before
the store closes.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Coroutine, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from alarmd import languages
from alarmd.auditor import Auditor
from alarmd.clock import Clock, SystemClock
from alarmd.door.server import Door
from alarmd.door.stats import Stats
from alarmd.door.users import Users
from alarmd.engine import Engine
from alarmd.ids import Ids
from alarmd.intake.broker import Subscription
from alarmd.intake.delivery import Taker
from alarmd.intake.intake import Intake
from alarmd.intake.keeping import Kept
from alarmd.intake.reader import Reader
from alarmd.messages import Messages, reply_payload, reply_topic
from alarmd.metrics import Metrics
from alarmd.outbox import Outbox
from alarmd.phone import webhooks
from alarmd.phone.console import LogPhone
from alarmd.phone.provider import PhoneProvider
from alarmd.phone.twilio import TwilioPhone
from alarmd.publishing import BrokerPublisher, Publishers
from alarmd.store import Store, path_of
from alarmd.store.lock import Lock
from alarmd.supervision import Supervision
from alarmd.switchboard import Switchboard
from alarmd.systemd import Systemd
from alarmd.timers import Timers
from alarmd.watch.pressing import DoorPress
from alarmd.watch.tower import NATIVE, Loop, Tower
from alarmd.web import app as web
from alarmd.web.health import Health
from alarmd.web.server import WebServer
from config.settings import Phone, Settings, plans

log = structlog.get_logger()

DRAIN_S = 5.0
SWITCH_S = 0.0005
"""Seconds one thread may keep the interpreter while another wants it. Each statement of the writer's thread lets go of
it, sixty for a new incident, and a loop busy with a storm gave it back only after Python's 5 ms."""


@dataclass(frozen=True, slots=True)
class SimulatedPhones:
    """Phones answered by hand, for a daemon that has no provider: their account, and the page to answer them on."""

    account: Phone
    page: str


class Daemon:
    """One running alarmd.

    Args:
        settings: The operator's.
        clock: The machine's in service; a faster one in the demo.
        ids: Where references and codes come from; the system's randomness in service.
        simulated: Used, and marked as simulated, where the settings name no provider.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Clock | None = None,
        ids: Ids | None = None,
        simulated: SimulatedPhones | None = None,
    ) -> None:
        self.settings = settings
        self._simulated = None if settings.phone else simulated
        self.clock = clock or SystemClock()
        self._ids = ids or Ids()
        self._tasks: list[asyncio.Task[None]] = []
        self._stack = contextlib.AsyncExitStack()
        self._broken: asyncio.Future[str] | None = None
        self._door: Door | None = None
        self._web: WebServer | None = None
        self._subscription: Subscription | None = None
        self._publishers: Publishers | None = None
        self._late_door = _LateDoor()
        self._systemd = Systemd()
        self._reader = Reader(settings.mqtt.families or None, settings.mqtt.topics)
        self._metrics = Metrics(self.clock)
        self._tower: Tower | None = None

    @property
    def web_port(self) -> int:
        """The port of the web server."""
        assert self._web is not None, "not started"
        return self._web.port

    @property
    def door_port(self) -> int | None:
        """The port of alarmd's own MQTT door; None where it is not open."""
        return self._door.port if self._door else None

    # ------------------------------------------------------------ start and stop

    async def start(self) -> None:
        """Start everything, or nothing.

        Raises:
            StoreError: The store cannot be used, or another daemon uses it.
            WebError: The web server cannot listen.
            DoorError: The MQTT door cannot listen.
            UsersFileError: The door's users file has a fault.
        """
        try:
            await self._start()
        except BaseException:
            await self.stop()
            raise

    async def _start(self) -> None:
        sys.setswitchinterval(SWITCH_S)
        self._broken = asyncio.get_running_loop().create_future()
        lock = Lock(path_of(self.settings.store.url))
        self._stack.callback(lock.release)
        store = await Store.open(self.settings.store.url)
        self._stack.push_async_callback(store.close)
        messages = Messages(settings=self.settings, texts=languages.texts, ids=self._ids)
        engine = Engine(
            store=store,
            settings=self.settings,
            plans=plans(self.settings.path),
            clock=self.clock,
            ids=self._ids,
            messages_=messages,
        )
        await self._start_acting(store, engine, messages)
        await self._start_listening(store, engine)
        await self._say_who_is_there(store)
        log.info("alarmd is ready", web=self.web_port, door=self.door_port)
        self._systemd.ready("watching")

    async def _say_who_is_there(self, store: Store) -> None:
        """An empty directory and an empty desk are no faults, but whoever starts alarmd ought to hear of them."""
        counts = await store.read(lambda tx: tx.one("directory_counts"))
        assert counts is not None
        log.info("directory", **{name: counts[name] for name in counts.keys()})  # noqa: SIM118 - a Row iterates over values
        if not counts["residents"]:
            log.warning("no residents: import them, or look at store.url", store=self.settings.store.url)
        if not self.settings.service.desk_phones and not counts["desk"]:
            log.warning("nobody sits at the desk: set service.desk_phones, or an alarm nobody takes rings nobody")

    async def _start_acting(self, store: Store, engine: Engine, messages: Messages) -> None:
        """What acts on what is committed: timers, outbox, auditor, and the webhooks that bring answers back."""
        providers = self._providers()
        for provider in providers:
            self._stack.push_async_callback(provider.close)
        broker_publisher = self._broker_publisher()
        publishers = Publishers(door=self._late_door if self.settings.mqtt.listen else None, broker=broker_publisher)
        self._publishers = publishers
        tower = self._tower = Tower(
            settings=self.settings,
            store=store,
            engine=engine,
            clock=self.clock,
            ids=self._ids,
            figures=self._metrics.watch,
            providers=providers,
        )
        self._stack.push_async_callback(tower.close)
        outbox = Outbox(
            store=store,
            engine=engine,
            clock=self.clock,
            providers=providers,
            publisher=tower.sink(publishers),
            phones_changed=tower.phones.changed,
        )
        self._stack.push_async_callback(outbox.drain, DRAIN_S)
        timers = Timers(engine=engine, clock=self.clock)
        auditor = Auditor(engine=engine, clock=self.clock)
        await auditor.note_absence()
        self._stack.push_async_callback(self._cancel_tasks)
        for name, loop in (("outbox", outbox.run()), ("timers", timers.run()), ("auditor", auditor.run())):
            self._run(name, loop)
        if broker_publisher is not None:
            self._run("broker-publisher", broker_publisher.run())
            tower.press["broker"] = broker_publisher.publish
        self._run_all(tower.beside_the_outbox(outbox))
        await self._start_web(store, engine, messages, outbox, providers)

    async def _start_web(
        self, store: Store, engine: Engine, messages: Messages, outbox: Outbox, providers: Sequence[PhoneProvider]
    ) -> None:
        switchboard = Switchboard(
            engine=engine, outbox=outbox, messages=messages, settings=self.settings, clock=self.clock
        )
        metrics = self._metrics
        metrics.watch_store(store)
        if self.settings.mqtt.listen:
            metrics.watch_door(lambda: self._door.stats if self._door else Stats())
        health = Health(store, self.clock)
        health.add("mqtt", self._mqtt_fault)
        assert self._tower is not None
        for provider in providers:
            health.add(f"phone {provider.name}", provider.usable, fresh_for=60.0)
        routers = [
            webhooks.router(switchboard, public_url=self.settings.web.base_url, tokens=self._tokens),
        ]
        app = web.build(
            settings=self.settings,
            store=store,
            engine=engine,
            health=health,
            metrics=metrics,
            routers=routers,
            clock=self.clock,
        )
        address = self.settings.web.address
        self._web = WebServer(app, address.host, address.port, log)
        await self._web.start()
        self._stack.push_async_callback(self._web.stop)
        self._run("systemd-watchdog", self._systemd.watch(health.alive), may_end=True)
        self._run_all(self._tower.outside(health))

    async def _start_listening(self, store: Store, engine: Engine) -> None:
        """The doors, last: from now on what comes in is kept and acted on."""
        supervision = Supervision(store=store, clock=self.clock, engine=engine, connected=self._is_connected)
        self._run("supervision", supervision.run())
        intake = Intake(
            store=store,
            engine=engine,
            supervision=supervision,
            clock=self.clock,
            reader=self._reader,
            kept=self._reply_kept,
            took=self._metrics.kept,
        )
        assert self._tower is not None
        taker = self._tower.ear(intake)
        if self.settings.mqtt.listen:
            await self._open_door(taker)
        if self.settings.mqtt.url:
            self._subscription = self._subscribe(taker)
            self._run("broker", self._subscription.run())
        self._run_all(self._tower.around_the_doors(self._subscription))

    async def stop(self) -> None:
        """Stop taking, finish what was taken, close. Stopping twice does nothing."""
        self._systemd.stopping()
        await self._stack.aclose()
        self._systemd.close()

    async def run_until(self, stop: asyncio.Event) -> str:
        """Wait until ``stop`` is set or a part of the daemon breaks; returns what broke, or the empty string."""
        assert self._broken is not None, "not started"
        stopping = asyncio.ensure_future(stop.wait())
        await asyncio.wait((stopping, self._broken), return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        return self._broken.result() if self._broken.done() else ""

    # ------------------------------------------------------------ parts

    def _providers(self) -> list[PhoneProvider]:
        if self.settings.phone:
            return [self._account(phone) for phone in self.settings.phone]
        if self._simulated is None:
            log.warning("no [[phone]] is configured: messages and calls are only written to this log")
            return [LogPhone()]
        log.warning("no [[phone]] is configured: answer the simulated phones by hand", page=self._simulated.page)
        return [LogPhone(self._account(self._simulated.account), self._simulated.page)]

    def _account(self, phone: Phone) -> TwilioPhone:
        return TwilioPhone(
            account_sid=phone.account_sid,
            auth_token=phone.auth_token.get_secret_value(),
            numbers=phone.numbers,
            public_url=self.settings.web.base_url,
            clock=self.clock,
            api_base=phone.api_base,
            calls_per_second=phone.calls_per_second,
            messages_per_second=phone.messages_per_second,
        )

    def _tokens(self) -> list[str]:
        accounts = [self._simulated.account] if self._simulated else self.settings.phone
        secrets = [s for phone in accounts for s in (phone.auth_token, phone.auth_token_second) if s]
        return [secret.get_secret_value() for secret in secrets]

    async def _open_door(self, taker: Taker) -> None:
        mqtt = self.settings.mqtt
        address = mqtt.door
        assert address is not None
        users = Users(self._path(mqtt.users_file)) if mqtt.users_file else None
        self._door = Door(
            taker=taker,
            clock=self.clock,
            host=address.host,
            port=address.port,
            tls_cert=self._path(mqtt.tls_cert) if mqtt.tls_cert else None,
            tls_key=self._path(mqtt.tls_key) if mqtt.tls_key else None,
            users=users,
        )
        await self._door.start()
        self._late_door.door = self._door
        self._stack.push_async_callback(self._door.stop)
        assert self._tower is not None
        self._tower.press["door"] = DoorPress(
            host=address.host,
            port=lambda: self.door_port,
            tls=mqtt.tls_cert is not None,
            users=users is not None,
            taker=taker,
            clock=self.clock,
            client_id=self._tower.device,
        )

    def _path(self, text: str) -> Path:
        return self.settings.folder / text

    def _subscribe(self, taker: Taker) -> Subscription:
        mqtt = self.settings.mqtt
        assert mqtt.broker is not None
        assert self._tower is not None
        return Subscription(
            broker=mqtt.broker,
            password=mqtt.password.get_secret_value() if mqtt.password else None,
            client_id=mqtt.client_id,
            filters=self._reader.filters,
            taker=taker,
            clock=self.clock,
            probe_topic=self._tower.topic,
        )

    def _broker_publisher(self) -> BrokerPublisher | None:
        mqtt = self.settings.mqtt
        if mqtt.broker is None:
            return None
        password = mqtt.password.get_secret_value() if mqtt.password else None
        return BrokerPublisher(
            broker=mqtt.broker, password=password, client_id=f"{mqtt.client_id}-replies", clock=self.clock
        )

    async def _mqtt_fault(self) -> str | None:
        if self._subscription is not None and not self._subscription.subscribed:
            return f"the broker is not read: {self._subscription.problem}"
        return await self._tower.hears() if self._tower else None

    def _is_connected(self) -> bool:
        return self._subscription is None or self._subscription.subscribed

    def _reply_kept(self, kept: list[Kept]) -> None:
        """*kept* to each device of our own family, after the commit."""
        assert self._publishers is not None
        for one in kept:
            if one.signal.family == NATIVE and one.signal.device:
                payload = reply_payload(one.signal.ref, "kept", one.incident, one.report_every)
                self._publishers.publish_soon(reply_topic(one.signal.device), payload)

    # ------------------------------------------------------------ tasks

    def _run_all(self, loops: Iterable[Loop]) -> None:
        for name, loop in loops:
            self._run(name, loop)

    def _run(self, name: str, loop: Coroutine[Any, Any, None], *, may_end: bool = False) -> None:
        task = asyncio.create_task(loop, name=name)
        self._tasks.append(task)
        task.add_done_callback(lambda t: self._ended(t, may_end=may_end))

    def _ended(self, task: asyncio.Task[None], *, may_end: bool) -> None:
        """A loop that ends is a daemon that is half alive: better to stop, and be started anew."""
        if task.cancelled() or (may_end and task.exception() is None):
            return
        error = task.exception()
        log.critical("a part of the daemon broke", part=task.get_name(), error=repr(error))
        if self._broken is not None and not self._broken.done():
            self._broken.set_result(f"{task.get_name()}: {error!r}")

    async def _cancel_tasks(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._publishers is not None:
            await self._publishers.close()


class _LateDoor:
    """The door as the outbox knows it: replies may be queued from the last run before it is open."""

    def __init__(self) -> None:
        self.door: Door | None = None

    def publish(self, topic: str, payload: bytes, *, qos: int = 1, retain: bool = False) -> None:
        """Hand it to the door, once there is one; before that no device can be listening."""
        if self.door is not None:
            self.door.publish(topic, payload, qos=qos, retain=retain)
