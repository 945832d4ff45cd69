"""Buttons, and what is between them and alarmd: its own door, and a broker that keeps what is not acknowledged."""

from __future__ import annotations

import asyncio
import json
import random
from collections import deque
from collections.abc import Callable
from contextvars import Context
from dataclasses import dataclass, field
from datetime import datetime

from alarmd.intake.delivery import Delivery
from tests.simulation.machine import Machine

ASKS_AGAIN = (5.0, 20.0)  # seconds between a device's repeats until it hears "kept" (SCAIP)
GIVES_UP = 30 * 60.0


@dataclass
class Press:
    """One time that somebody pressed."""

    at: float
    device: str  # family/address; of a cry by a telephone of several, of each of them
    ref: str | None
    kind: str = "sos"
    acked_at: float | None = None  # alarmd acknowledged at least one message of it
    received: list[datetime] = field(default_factory=list)  # alarmd's clock when an acknowledged message came
    arrived: list[datetime] = field(default_factory=list)  # the same of every message of it, acknowledged or not
    lost_by_broker: bool = False


class Door:
    """Connections of devices to alarmd's own door: acknowledged is kept; what breaks is dialled again."""

    def __init__(self, machine: Machine, dice: random.Random) -> None:
        self.machine = machine
        self.dice = dice
        self.losses = 0.0
        self.hearing: dict[str, set[str]] = {}  # device → refs it was told "kept" for

    def send(self, topic: str, payload: str, press: Press | None, *, retained: bool = False) -> asyncio.Future[bool]:
        """One PUBLISH; the future says whether the device saw its acknowledgement."""
        loop = self.machine.loop
        seen: asyncio.Future[bool] = loop.create_future()
        if self.dice.random() < self.losses:
            loop.call_later(5.0, _resolve, seen, False, context=Context())  # noqa: FBT003 - a result
            return seen
        lost_back = self.dice.random() < self.losses
        way = self.dice.uniform(0.01, 0.3)
        loop.call_later(way, self._arrives, topic, payload, press, seen, lost_back, context=Context())
        return seen

    def _arrives(
        self,
        topic: str,
        payload: str,
        press: Press | None,
        seen: asyncio.Future[bool],
        lost_back: bool,  # noqa: FBT001 - handed on by the loop
    ) -> None:
        if (later := asleep(self.machine)) is not None:
            self.machine.loop.call_at(later, self._arrives, topic, payload, press, seen, lost_back, context=Context())
            return
        received_at = self.machine.clock.now()
        if press is not None:
            press.arrived.append(received_at)

        def acknowledged(kept: bool) -> None:  # noqa: FBT001 - a result
            if kept and press is not None:
                _acknowledge(press, received_at, self.machine)
            _resolve(seen, kept and not lost_back)

        take(self.machine, topic, payload, "door", acknowledged)
        self.machine.loop.call_later(20.0, _resolve, seen, False, context=Context())  # noqa: FBT003 - a result

    def hears(self, topic: str, payload: bytes) -> bool:
        """alarmd publishes to a device; it may be out of reach just then."""
        if self.dice.random() < self.losses:
            return True
        told = json.loads(payload)
        if told["status"] == "kept" and "ref" in told:
            device = topic.removeprefix("alarmd/v1/").removesuffix("/reply")
            self.hearing.setdefault(device, set()).add(told["ref"])
        return True


class Broker:
    """A broker with one persistent session for alarmd, which acknowledges to its publishers from memory."""

    def __init__(self, machine: Machine, dice: random.Random) -> None:
        self.machine = machine
        self.dice = dice
        self._session: deque[tuple[int, str, str, Press | None]] = deque()
        self._retained: dict[str, str] = {}
        self._mid = 0
        self._connection = 0
        self._sent: set[int] = set()
        self._stored: set[int] = set()  # message ids that are stored copies
        self._unacked: deque[list[object]] = deque()
        self.up = True
        machine.on_down.append(self._lost)
        machine.on_up.append(self._connect)

    def publish(self, topic: str, payload: str, press: Press | None, *, retain: bool = False) -> None:
        """A gateway publishes; its own queue outlasts the broker's absence."""
        if not self.up:
            self.machine.loop.call_later(3.0, self._publish_again, topic, payload, press, retain, context=Context())
            return
        self._mid += 1
        if retain:
            self._retained[topic] = payload
        self._session.append((self._mid, topic, payload, press))
        self._deliver()

    def _publish_again(self, topic: str, payload: str, press: Press | None, retain: bool) -> None:  # noqa: FBT001 - as above
        self.publish(topic, payload, press, retain=retain)

    def restart(self, *, keeps: bool, seconds: float) -> None:
        """It goes down; with or without what it had in its sessions."""
        self.machine.story.tell("broker", f"restarts, {'with' if keeps else 'without'} its sessions")
        self.up = False
        self._lost()
        if not keeps:
            for _, _, _, press in self._session:
                if press is not None:
                    press.lost_by_broker = True
            self._session.clear()
        self.machine.loop.call_later(seconds, self._back, keeps, context=Context())

    def _back(self, keeps: bool) -> None:  # noqa: FBT001 - handed on by the loop
        self.up = True
        if not keeps:
            for topic, payload in self._retained.items():
                self._mid += 1
                self._session.append((self._mid, topic, payload, None))
                self._stored.add(self._mid)
        self._connect()

    def _lost(self) -> None:
        self._connection += 1
        self._sent.clear()
        self._unacked.clear()

    def disconnect(self, pause: float) -> None:
        """The connection breaks; alarmd dials again."""
        self._lost()
        self.machine.loop.call_later(pause, self._connect, context=Context())

    def _connect(self) -> None:
        self._lost()
        self.machine.loop.call_later(self.dice.uniform(0.1, 1.5), self._connected, self._connection, context=Context())

    def _connected(self, connection: int) -> None:
        if connection == self._connection and self.up and self.machine.running is not None:
            self._sent.add(0)  # connected: from now on what comes is passed on
            self._deliver()

    def _deliver(self) -> None:
        if 0 not in self._sent:
            return
        for mid, topic, payload, press in self._session:
            if mid not in self._sent:
                self._sent.add(mid)
                way = self.dice.uniform(0.001, 0.02)
                self.machine.loop.call_later(
                    way, self._arrives, self._connection, mid, topic, payload, press, context=Context()
                )

    def _arrives(self, connection: int, mid: int, topic: str, payload: str, press: Press | None) -> None:
        if connection != self._connection:
            return
        if (later := asleep(self.machine)) is not None:
            self.machine.loop.call_at(later, self._arrives, connection, mid, topic, payload, press, context=Context())
            return
        received_at = self.machine.clock.now()
        if press is not None:
            press.arrived.append(received_at)
        entry: list[object] = [mid, None]
        self._unacked.append(entry)

        def done(kept: bool) -> None:  # noqa: FBT001 - a result
            entry[1] = kept
            if kept and press is not None:
                _acknowledge(press, received_at, self.machine)
            if connection == self._connection:
                self._acknowledge_in_order()

        take(self.machine, topic, payload, "broker", done, retained=mid in self._stored)

    def _acknowledge_in_order(self) -> None:
        while self._unacked and self._unacked[0][1] is not None:
            mid, kept = self._unacked.popleft()
            if not kept:
                self.disconnect(self.dice.uniform(1.0, 5.0))
                return
            self._session = deque(entry for entry in self._session if entry[0] != mid)


def _acknowledge(press: Press, received_at: datetime, machine: Machine) -> None:
    if press.acked_at is None:
        press.acked_at = machine.loop.time()
        machine.story.tell(press.device, f"press of {press.at:.1f} s is acknowledged")
    press.received.append(received_at)


def _resolve(future: asyncio.Future[bool], result: bool) -> None:  # noqa: FBT001 - a result
    if not future.done():
        future.set_result(result)


def asleep(machine: Machine) -> float | None:
    """Until when what arrives lies in the socket's buffer, because the whole machine sleeps."""
    process = machine.process
    return process.held_until + 0.001 if process is not None and process.held_until > machine.loop.time() else None


def take(
    machine: Machine, topic: str, payload: str, via: str, done: Callable[[bool], None], *, retained: bool = False
) -> None:
    """Hand one message to alarmd's intake; ``done`` hears whether it was kept, unless alarmd dies first."""
    alarmd, process = machine.running, machine.process
    if alarmd is None or process is None:
        return
    delivery = Delivery(
        topic=topic,
        payload=payload.encode(),
        qos=1,
        retained=retained,
        received_at=machine.clock.now(),
        via=via,
    )
    for listener in machine.on_message:
        listener()
    future = process.context.copy().run(alarmd.intake.take, delivery)

    def finished(kept: asyncio.Future[None]) -> None:
        well = not kept.cancelled() and kept.exception() is None  # looked at in any case, or it counts as unheard
        if process.alive:
            done(well)

    future.add_done_callback(finished, context=Context())
