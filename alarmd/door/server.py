"""The door itself: listens, keeps time, and lets alarmd speak to those who subscribed."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import structlog

from alarmd.clock import Clock
from alarmd.door.connection import Connection
from alarmd.door.doorstep import Doorstep
from alarmd.door.house import House
from alarmd.door.hub import Hub, will_size
from alarmd.door.limits import Limits
from alarmd.door.link import Hold
from alarmd.door.packets import Will
from alarmd.door.publishing import verdict
from alarmd.door.reasons import Reason
from alarmd.door.sessions import NEVER, Message, Session, forwarded
from alarmd.door.stats import ClientEvent, Counters, Stats
from alarmd.door.tls import Certificate, CertificateError
from alarmd.door.topics import is_name
from alarmd.door.turns import Turns
from alarmd.door.users import Users
from alarmd.entrance import Entrance, bound
from alarmd.intake.delivery import Delivery, Taker
from alarmd.part_faults import DOOR_FULL, LOGINS_WAIT
from alarmd.right_of_way import RightOfWay

log = structlog.get_logger()

SWEEP_EVERY = 1.0
"""Seconds between two looks at who has been silent too long."""
WAITS_TOO_LONG = 10.0
"""Seconds that a login may wait before `/readyz` says so."""
FAREWELL = 1.0
"""Seconds clients have to take the last bytes when the door closes."""
_BACKLOG = 1024
_SWEEP = "\0sweep"
"""In whose name that is done; no user is called so."""


class DoorError(Exception):
    """The door cannot be opened; the message says why and what to do."""


class Door:
    """alarmd's own MQTT door: what it acknowledges is on disk.

    Args:
        taker: Who keeps what is published.
        clock: When a message was received. Silence is measured on the loop's monotonic time instead, since the wall
            clock may jump and the demo's clock runs fast.
        host: Address to listen on.
        port: 0 for any free one; see `port`.
        tls_cert: Certificate chain in PEM; with `tls_key` the door speaks TLS 1.2 or newer only. Renewed files are
            used within a second.
        tls_key: Its private key in PEM.
        users: Who may connect. Without, only this machine may.
        limits: How much a client may do.
        on_client: Told of every client that comes, goes or is refused. Must neither block nor raise.
    """

    def __init__(
        self,
        *,
        taker: Taker,
        clock: Clock,
        host: str,
        port: int,
        tls_cert: Path | None = None,
        tls_key: Path | None = None,
        users: Users | None = None,
        limits: Limits | None = None,
        on_client: Callable[[ClientEvent], None] | None = None,
        way: RightOfWay | None = None,
    ) -> None:
        self._taker = taker
        self._clock = clock
        self._host = host
        self._port = port
        self._tls = (tls_cert, tls_key)
        self._users = users
        self._limits = limits or Limits()
        self._on_client = on_client or (lambda _: None)
        self._way = way or RightOfWay()
        self._counters = Counters()
        self._connections: set[Connection] = set()
        self._wills: set[asyncio.Future[None]] = set()
        self._entrance: Entrance | None = None
        self._doorstep: Doorstep | None = None
        self._hub: Hub | None = None
        self._sweeper: asyncio.TimerHandle | None = None
        self._empty = asyncio.Event()
        self._certificate: Certificate | None = None

    @property
    def port(self) -> int:
        """The port the door listens on; the one asked for while it is not open."""
        return self._entrance.port if self._entrance is not None else self._port

    @property
    def stats(self) -> Stats:
        """The figures of this moment, for ``/metrics``."""
        hub = self._hub
        return self._counters.snapshot(
            connections=len(self._connections),
            sessions=hub.sessions if hub else 0,
            subscriptions=hub.subscriptions if hub else 0,
            retained=len(hub.retained) if hub else 0,
        )

    async def fault(self) -> str | None:
        """None while devices are let in without waiting, else a sentence; for `/readyz`."""
        if self._doorstep is not None and self._doorstep.is_full:
            return DOOR_FULL.format(number=len(self._doorstep))
        if self._users is not None:
            waiting, longest = self._users.logins.waits()
            if longest >= WAITS_TOO_LONG:
                return LOGINS_WAIT.format(number=waiting, seconds=round(longest))
        return None

    async def reserve(self) -> None:
        """Take the address and read certificate and key, but let nobody in yet.

        Raises:
            DoorError: The address cannot be listened on, or certificate and key cannot be used.
        """
        loop = asyncio.get_running_loop()
        self._certificate = certificate = self._read_certificate()
        try:
            listeners = bound(self._host, self._port)
        except OSError as fault:
            raise self._not_listening(fault) from fault
        self._doorstep = doorstep = Doorstep(
            limits=self._limits,
            certificate=certificate,
            counters=self._counters,
            connection=lambda guest: Connection(house, guest),
            way=self._way,
        )
        hub = Hub(
            limits=self._limits, counters=self._counters, loop=loop, publish_will=self._publish_will, way=self._way
        )
        house = House(
            taker=self._taker,
            clock=self._clock,
            limits=self._limits,
            users=self._users,
            hub=hub,
            counters=self._counters,
            loop=loop,
            connections=self._connections,
            doorstep=doorstep,
            on_client=self._on_client,
            on_gone=self._on_gone,
            turns=Turns(loop, self._way),
        )
        self._entrance = Entrance(listeners, doorstep.take, doorstep.make_room, backlog=_BACKLOG)
        self._hub = hub

    async def start(self) -> None:
        """Open the door; what `reserve` does is done first, if it was not.

        Raises:
            DoorError: As `reserve`.
        """
        if self._entrance is None:
            await self.reserve()
        assert self._entrance is not None
        try:
            self._entrance.open()
        except OSError as fault:  # two may take one address, only one may listen on it
            raise self._not_listening(fault) from fault
        self._sweeper = asyncio.get_running_loop().call_later(SWEEP_EVERY, self._tick)
        tls, users = self._certificate is not None, self._users is not None
        log.info("door.open", host=self._host, port=self.port, tls=tls, users=users)

    def _not_listening(self, fault: OSError) -> DoorError:
        where = f"{self._host}:{self._port}"
        return DoorError(f"cannot listen on {where}: {fault.strerror}; change mqtt.listen or free the port")

    async def stop(self) -> None:
        """Close the door: accept nobody, let what is in flight commit and be acknowledged, then say farewell.

        Takes at most `Limits.stop_grace` seconds and a little. Wills are not published: it is the door that leaves.
        """
        if self._entrance is None or self._hub is None or self._doorstep is None:
            return
        self._port = self._entrance.port
        entrance, self._entrance = self._entrance, None
        if self._sweeper is not None:
            self._sweeper.cancel()
        entrance.close()
        self._doorstep.close()
        self._empty.clear()
        for connection in self._connections:
            connection.hold(Hold.STOPPING)
        unsettled = {take for connection in self._connections for take in connection.unsettled()} | self._wills
        if unsettled:
            await asyncio.wait(unsettled, timeout=self._limits.stop_grace)
        for connection in list(self._connections):
            connection.work()
            connection.close(Reason.SERVER_SHUTTING_DOWN, "alarmd is stopping", with_will=False)
        await self._until_gone()
        if self._users is not None:
            self._users.close()
        log.info("door.closed", port=self._port)

    async def _until_gone(self) -> None:
        """Give the last bytes a moment to leave; cut what is left then."""
        if self._connections:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._empty.wait(), FAREWELL)
        for connection in list(self._connections):
            connection.abort()
        if self._connections:
            await self._empty.wait()

    def _on_gone(self) -> None:
        if not self._connections:
            self._empty.set()

    def publish(self, topic: str, payload: bytes, *, qos: int = 1, retain: bool = False) -> None:
        """Send a message of alarmd's own to all who subscribed to `topic`. Never blocks; queues are bounded.

        Args:
            topic: A topic name, without wildcards.
            payload: The bytes.
            qos: 0, 1 or 2; a subscriber that asked for less gets less.
            retain: Whether later subscribers get it too.
        """
        if not is_name(topic):
            raise ValueError(f"{topic!r} is not a topic name")
        if self._hub is not None:
            self._hub.route(Message(topic, payload, qos, retain))

    def sweep(self, now: float) -> None:
        """Close connections silent too long, end sessions, send wills that are due, look for renewed files.

        Args:
            now: The loop's time. Called once a second; a test calls it with a time to come.
        """
        if self._hub is not None and not self._hub.chores.waiting(_SWEEP):
            self._hub.chores.do(_SWEEP, self._sweeping(now))
        if self._certificate is not None:
            self._certificate.refresh()

    def _sweeping(self, now: float) -> Iterator[None]:
        """In steps: after a power cut a whole town may have been silent too long in the same second."""
        if self._users is not None:
            self._users.renew()
        for connection in list(self._connections):
            if connection.deadline <= now:
                connection.sweep(now)
            if self._users is not None:
                connection.check(self._users)
            yield
        if self._doorstep is not None:
            yield from self._doorstep.sweep(now)
        if self._hub is not None:
            yield from self._hub.sweep(now)

    def _tick(self) -> None:
        loop = asyncio.get_running_loop()
        self._sweeper = loop.call_later(SWEEP_EVERY, self._tick)
        self.sweep(loop.time())

    def _publish_will(self, session: Session, will: Will) -> None:
        user, grants = session.key[0], session.grants
        if self._users is not None:  # it may be of a user who was taken out since, or has other topics now
            grants = self._users.grants_of(user)
            if not grants.may_publish(will.topic):
                self._counters.not_allowed += 1
                log.warning("door.will_not_allowed", client=session.client_id, user=user, topic=will.topic)
                return
        self._counters.received += 1
        delivery = Delivery(
            topic=will.topic,
            payload=will.payload,
            qos=will.qos,
            retained=False,
            received_at=self._clock.now(),
            via="door",
            sender=session.client_id,
            user=user,
            will=True,
            families=grants.families,
        )
        expiry = will.properties.message_expiry
        expires = NEVER if expiry is None else asyncio.get_running_loop().time() + expiry
        message = Message(will.topic, will.payload, will.qos, will.retain, forwarded(will.properties), expires)
        take = self._taker.take(delivery)
        self._wills.add(take)
        assert self._hub is not None
        self._hub.wills_due[session.key[0]] += will_size(will)
        take.add_done_callback(lambda done: self._on_will_kept(done, message, session, will_size(will)))

    def _on_will_kept(self, take: asyncio.Future[None], message: Message, session: Session, size: int) -> None:
        self._wills.discard(take)
        if self._hub is not None:
            self._hub.wills_due[session.key[0]] -= size
        failed = verdict(take)
        if failed is not None:
            self._counters.not_kept += 1
            log.error("door.will_not_kept", client=session.client_id, topic=message.topic, fault=failed.detail)
        elif self._hub is not None:
            self._hub.route(message, session)

    def _read_certificate(self) -> Certificate | None:
        cert, key = self._tls
        if cert is None or key is None:
            if cert is not key:
                raise DoorError("TLS needs both mqtt.tls_cert and mqtt.tls_key; one is missing")
            return None
        try:
            return Certificate(cert, key)
        except CertificateError as fault:
            raise DoorError(str(fault)) from fault
