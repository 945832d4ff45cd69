"""The daemon put together: what is built from what, in which order it starts, and in which order it stops.

It starts from the inside out (store, engine, outbox, timers, then the doors, then the web server), so that nothing
comes in before it can be kept and acted on, and nobody who waits since before the start waits for the loading of what
serves pages. Whatever may bar the start is found out first: nothing is sent by a daemon that then does not start. It
stops from the outside in, so that whatever was taken is committed and acknowledged before the store closes.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import socket
import sys
from collections.abc import Coroutine, Iterable
from datetime import timedelta
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from alarmd.clock import Clock, SystemClock
from alarmd.directory.duty_keeper import DutyKeeper
from alarmd.door.acquainted import Acquainted, beside_the_process
from alarmd.door.limits import Limits
from alarmd.door.server import Door
from alarmd.door.stats import Stats
from alarmd.door.users import Users
from alarmd.entrance import raise_descriptors, shares
from alarmd.ids import Ids
from alarmd.intake.broker import Subscription
from alarmd.intake.keeping import Kept
from alarmd.intake.reader import Reader
from alarmd.messages import reply_payload, reply_topic
from alarmd.metrics import Metrics
from alarmd.part_faults import BROKER_NOT_READ
from alarmd.parts import Parts, put_together
from alarmd.phone import accounts
from alarmd.phone.accounts import SimulatedPhones
from alarmd.publishing import BrokerPublisher, Publishers
from alarmd.retention import Retention
from alarmd.store import Store, path_of, reading
from alarmd.store.lock import Lock
from alarmd.systemd import Systemd
from alarmd.watch.pressing import DoorPress
from alarmd.watch.record import note_mended
from alarmd.watch.tower import NATIVE, Loop, Tower
from alarmd.web.health import Health
from alarmd.web.listening import bind
from alarmd.web.tokens import Keyring
from config.settings import Settings

if TYPE_CHECKING:
    from alarmd.web.server import WebServer

log = structlog.get_logger()

DRAIN_S = 5.0
FIRST_ACTION_S = (
    1.0  # pages wait no longer for the first message: a provider may be slow, or there may be nobody to ring
)
STOP_S = 10.0
SWITCH_S = 0.0005
"""Seconds one thread may keep the interpreter while another wants it. Each statement of the writer's thread lets go of
it, sixty for a new incident, and a loop busy with a storm gave it back only after Python's 5 ms."""

_LATER = ("alarmd.web.opening",)  # loaded beside the first actions


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
        self._broker_publisher: BrokerPublisher | None = None
        self._users: Users | None = None
        self._shares = shares(raise_descriptors())
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
        await note_mended(store, self.clock)
        parts = self._put_together(store)
        await parts.auditor.note_absence()
        listener = await self._reserve(parts)
        self._start_acting(parts)
        await self._start_listening(parts)
        await self._start_web(parts, listener)
        await self._say_who_is_there()
        gc.freeze()  # what was loaded stays; looking through all of it again and again would make presses wait
        log.info("alarmd is ready", web=self.web_port, door=self.door_port)
        self._systemd.ready("watching")

    async def _reserve(self, parts: Parts) -> socket.socket:
        """What may bar the start, before anything is sent: tokens, users, certificate, addresses; the web's socket."""
        Keyring.of(self.settings)
        address = self.settings.web.address
        listener = bind(address.host, address.port)
        self._stack.callback(listener.close)
        self._stack.push_async_callback(self._stop_web)  # after the door: whoever is rung may still answer
        if self.settings.mqtt.listen:
            self._door = self._new_door(parts)
            self._stack.push_async_callback(self._door.stop)
            await self._door.reserve()
        return listener

    async def _say_who_is_there(self) -> None:
        """An empty directory and an empty desk are no faults, but whoever starts alarmd ought to hear of them."""
        counts = await asyncio.to_thread(_count, self.settings.store.url)
        log.info("directory", **counts)
        if not counts["residents"]:
            log.warning("no residents: import them, or look at store.url", store=self.settings.store.url)
        if not self.settings.service.desk_phones and not counts["desk"]:
            log.warning("nobody sits at the desk: set service.desk_phones, or an alarm nobody takes rings nobody")

    def _start_acting(self, parts: Parts) -> None:
        """What acts on what is committed: timers, outbox, auditor, and those who watch them."""
        self._stack.push_async_callback(parts.tower.close)
        self._stack.push_async_callback(parts.outbox.abandon)
        self._stack.push_async_callback(parts.outbox.drain, DRAIN_S)
        self._stack.push_async_callback(parts.hang_ups.close)
        self._stack.push_async_callback(self._cancel_tasks)
        self._run("timers", parts.timers.run())
        self._run("outbox", parts.outbox.run())
        self._run("auditor", parts.auditor.run())
        self._run("hanging-up", parts.hang_ups.run())
        self._run("duty", DutyKeeper(store=parts.store, clock=self.clock, settings=self.settings).run())
        if (keep := self.settings.store.keep_bodies) is not None:
            texts = Retention(store=parts.store, clock=self.clock, keep=timedelta(seconds=keep))
            self._run("retention", texts.run())
        if (broker := self._broker_publisher) is not None:
            self._run("broker-publisher", broker.run())
            parts.tower.press["broker"] = broker.publish
        self._run_all(parts.tower.beside_the_outbox(parts.outbox))

    async def _start_listening(self, parts: Parts) -> None:
        """The doors, last: from now on what comes in is kept and acted on, as is set for its device."""
        await parts.supervision.load()
        await parts.intake.recall()
        self._run("supervision", parts.supervision.run())
        if self._door is not None:
            await self._open_door(self._door, parts)
        if self.settings.mqtt.url:
            self._subscription = self._subscribe(parts)
            self._run("broker", self._subscription.run())
        self._run_all(parts.tower.around_the_doors(self._subscription))

    async def _start_web(self, parts: Parts, listener: socket.socket) -> None:
        """Pages and webhooks, whose modules are loaded when the first of what was overdue has gone out."""
        await parts.timers.looked.wait()
        if parts.timers.fired:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(parts.outbox.handed_over.wait(), FIRST_ACTION_S)
        for name in _LATER:
            await asyncio.to_thread(import_module, name)
        from alarmd.web.opening import open_web  # noqa: PLC0415 - loaded just now

        metrics = self._metrics
        metrics.watch_store(parts.store)
        if self.settings.mqtt.listen:
            metrics.watch_door(lambda: self._door.stats if self._door else Stats())
        health = Health(parts.store, self.clock)
        health.add("mqtt", self._mqtt_fault)
        if self._door is not None:
            health.add("door", self._door.fault)
        for provider in parts.providers:
            health.add(f"phone {provider.name}", provider.usable, fresh_for=60.0)
        self._web = await open_web(
            settings=self.settings,
            store=parts.store,
            engine=parts.engine,
            messages=parts.messages,
            outbox=parts.outbox,
            health=health,
            metrics=metrics,
            clock=self.clock,
            signers=partial(accounts.signers, self.settings, self._simulated),
            listener=listener,
            troubles=parts.tower.troubles,
            connections=self._shares.web,
        )
        self._run("systemd-watchdog", self._systemd.watch(health.alive), may_end=True)
        self._run_all(parts.tower.outside(health))

    async def _stop_web(self) -> None:
        if self._web is not None:
            await self._web.stop()

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

    def _put_together(self, store: Store) -> Parts:
        providers = accounts.providers(self.settings, self.clock, self._simulated)
        for provider in providers:
            self._stack.push_async_callback(provider.close)
        self._broker_publisher = self._new_broker_publisher()
        self._publishers = Publishers(
            door=self._late_door if self.settings.mqtt.listen else None, broker=self._broker_publisher
        )
        parts = put_together(
            settings=self.settings,
            store=store,
            clock=self.clock,
            ids=self._ids,
            providers=providers,
            publishers=self._publishers,
            metrics=self._metrics,
            reader=self._reader,
            kept=self._reply_kept,
            connected=self._is_connected,
        )
        self._tower = parts.tower
        return parts

    def _new_door(self, parts: Parts) -> Door:
        mqtt = self.settings.mqtt
        address = mqtt.door
        assert address is not None
        if mqtt.users_file:
            self._users = Users(self._path(mqtt.users_file), acquainted=Acquainted(beside_the_process()))
        return Door(
            taker=parts.taker,
            clock=self.clock,
            host=address.host,
            port=address.port,
            tls_cert=self._path(mqtt.tls_cert) if mqtt.tls_cert else None,
            tls_key=self._path(mqtt.tls_key) if mqtt.tls_key else None,
            users=self._users,
            limits=Limits.of_room(self._shares.door),
            way=parts.engine.way,
        )

    async def _open_door(self, door: Door, parts: Parts) -> None:
        await door.start()
        self._late_door.door = door
        mqtt = self.settings.mqtt
        assert mqtt.door is not None
        parts.tower.press["door"] = DoorPress(
            host=mqtt.door.host,
            port=lambda: self.door_port,
            tls=mqtt.tls_cert is not None,
            users=self._users,
            client_id=parts.tower.device,
        )

    def _path(self, text: str) -> Path:
        return self.settings.folder / text

    def _subscribe(self, parts: Parts) -> Subscription:
        mqtt = self.settings.mqtt
        assert mqtt.broker is not None
        return Subscription(
            broker=mqtt.broker,
            password=mqtt.password.get_secret_value() if mqtt.password else None,
            client_id=mqtt.client_id,
            filters=self._reader.filters,
            taker=parts.taker,
            clock=self.clock,
            probe_topic=parts.tower.topic,
            way=parts.engine.way,
        )

    def _new_broker_publisher(self) -> BrokerPublisher | None:
        mqtt = self.settings.mqtt
        if mqtt.broker is None:
            return None
        password = mqtt.password.get_secret_value() if mqtt.password else None
        return BrokerPublisher(
            broker=mqtt.broker, password=password, client_id=f"{mqtt.client_id}-replies", clock=self.clock
        )

    async def _mqtt_fault(self) -> str | None:
        if self._subscription is not None and not self._subscription.subscribed:
            return BROKER_NOT_READ.format(problem=self._subscription.problem)
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
        if self._tasks:
            _, going_on = await asyncio.wait(self._tasks, timeout=STOP_S)
            for task in going_on:  # what it holds ends with the process; the store must be closed all the same
                log.error("a part of the daemon does not stop", part=task.get_name())


class _LateDoor:
    """The door as the outbox knows it: replies may be queued from the last run before it is open."""

    def __init__(self) -> None:
        self.door: Door | None = None

    def publish(self, topic: str, payload: bytes, *, qos: int = 1, retain: bool = False) -> None:
        """Hand it to the door, once there is one; before that no device can be listening."""
        if self.door is not None:
            self.door.publish(topic, payload, qos=qos, retain=retain)


def _count(url: str) -> dict[str, int]:
    """How many there are, over a connection of its own: in a large town it takes a while, and nobody else waits."""
    with reading(url) as tx:
        counts = tx.one("directory_counts")
    assert counts is not None
    return {name: counts[name] for name in counts.keys()}  # noqa: SIM118 - a Row iterates over values
