"""A client's session: what it subscribed to, what waits for it, what it has not confirmed, and its will.

A session outlives its connection for as long as the client asked; it lives in memory and ends with the process.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Callable, Iterator
from typing import Protocol

import msgspec
import structlog

from alarmd.door import replies, wire
from alarmd.door.ledger import ALWAYS_HELD, MESSAGE, SESSION, TAKEN, Ledger, text_size
from alarmd.door.limits import Limits
from alarmd.door.packets import V5, Will
from alarmd.door.reasons import Reason
from alarmd.door.stats import Counters
from alarmd.door.users import Grants
from alarmd.door.wire import Kind, Properties

log = structlog.get_logger()

NEVER = float("inf")


class Message(msgspec.Struct, frozen=True, gc=False):
    """A message on its way to subscribers.

    Attributes:
        forwarded: The encoded version 5 properties a subscriber gets as they came.
        expires: When it is no longer worth sending, in the event loop's time.
    """

    topic: str
    payload: bytes
    qos: int
    retain: bool
    forwarded: bytes = b""
    expires: float = NEVER


def size_of(message: Message) -> int:
    """What a message costs where it is held, in bytes."""
    return len(message.payload) + text_size(message.topic) + len(message.forwarded) + MESSAGE


def forwarded(properties: Properties) -> bytes:
    """Those of a message's properties that travel on to its subscribers unchanged."""
    if properties is wire.NONE:
        return b""
    return wire.property_bytes(
        Properties(
            payload_format=properties.payload_format,
            content_type=properties.content_type,
            response_topic=properties.response_topic,
            correlation_data=properties.correlation_data,
            user=properties.user,
        )
    )


class Subscription(msgspec.Struct, frozen=True):
    """One filter's terms."""

    qos: int
    no_local: bool = False
    retain_as_published: bool = False
    identifier: int = 0


class Outgoing(msgspec.Struct):
    """One message for one subscriber, and how far it has come. `released` says that PUBREC came and PUBREL is due."""

    message: Message
    qos: int
    retain: bool
    identifiers: tuple[int, ...] = ()
    sent: bool = False
    released: bool = False


class Taken(msgspec.Struct, frozen=True):
    """A QoS 2 message that was taken, until its PUBREL: its take, and a digest of what it said."""

    take: asyncio.Future[None]
    digest: bytes

    def failed(self) -> bool:
        """Whether it is known by now that it was not kept."""
        return self.take.done() and (self.take.cancelled() or self.take.exception() is not None)


class Line(Protocol):
    """The connection, as a session sees it."""

    version: int
    receive_maximum: int
    max_packet: int

    def write(self, data: bytes) -> None:
        """Send, together with what else is written in this turn of the loop."""
        ...

    def congested(self) -> bool:
        """Whether the peer reads more slowly than it is written to."""
        ...

    def take_over(self) -> None:
        """End the connection, because the client has come back on another."""
        ...

    def close(self, reason: Reason | None, detail: str) -> None:
        """End the connection for that reason."""
        ...


class Session:
    """What the door remembers of one client.

    Args:
        user: The user it belongs to; nobody else can take it up.
        client_id: The client's name for it.
        ledger: Where it says what it holds.
        greet: Called when there is room for what answers its subscriptions.
        loop: Whose time counts.
    """

    __slots__ = (
        "_counters",
        "_full",
        "_greet",
        "_last_id",
        "_ledger",
        "_limits",
        "_loop",
        "_queue",
        "_queued_bytes",
        "_under_way",
        "_under_way_bytes",
        "_unsent",
        "client_id",
        "expires_at",
        "expiry",
        "grants",
        "greetings",
        "held",
        "incoming",
        "is_greeted",
        "key",
        "line",
        "over",
        "owes",
        "search",
        "subscriptions",
        "will",
        "will_at",
    )

    def __init__(
        self,
        *,
        user: str,
        client_id: str,
        limits: Limits,
        counters: Counters,
        ledger: Ledger,
        loop: asyncio.AbstractEventLoop,
        greet: Callable[[Session], None],
    ) -> None:
        self.key = (user, client_id)
        self.client_id = client_id
        self.subscriptions: dict[str, Subscription] = {}
        self.incoming: dict[int, Taken] = {}
        """QoS 2 messages taken whose PUBREL has not come, by packet id, the oldest first."""
        self.line: Line | None = None
        self.expiry = 0
        self.grants = Grants()
        """What its user might do when it came last."""
        self.expires_at = NEVER
        self.will: Will | None = None
        self.will_at = NEVER
        self._limits = limits
        self._counters = counters
        self._loop = loop
        self._queue: deque[Outgoing] | tuple[()] = ()  # most clients never have one, and an empty one has 760 bytes
        self._queued_bytes = 0
        self._under_way: dict[int, Outgoing] = {}
        self._under_way_bytes = 0
        self.greetings: dict[str, int] = {}
        """Filters whose retained messages are still to be sent, and up to which number of them."""
        self.search: Iterator[Message | None] | None = None
        """What of the first of them is not looked at."""
        self.is_greeted = False
        """Whether that is going on."""
        self.owes = 0
        """What it cost so far, in packets, and was not charged to its connection."""
        self._greet = greet
        self._ledger = ledger
        self.held = 0
        """Bytes held for this client."""
        self.over = False
        """Whether it was ended: nothing is held for it any more."""
        self.charge(SESSION + len(client_id))
        self._unsent: list[int] = []
        """Packet ids to be sent again on this connection when its window has room, the last first."""
        self._last_id = 0
        self._full = False

    def take(self, packet_id: int, taken: Taken) -> None:
        """Remember a QoS 2 message until its PUBREL; beyond the limit the oldest is forgotten, and would be taken anew.

        A button that restarts before it sends PUBREL never sends it: what it said may not fill the memory, nor bar what
        it says next.
        """
        room = True
        if self.incoming.pop(packet_id, None) is None:
            room = self._ledger.has_room(self.key[0], TAKEN)
            self.charge(TAKEN)
        self.incoming[packet_id] = taken
        while len(self.incoming) > (self._limits.in_flight if room else 1):
            oldest = next(iter(self.incoming))
            if not self.incoming[oldest].take.done():
                break
            self.forget_taken(oldest)

    def forget_taken(self, packet_id: int) -> None:
        """A QoS 2 message is over, or was not kept."""
        if self.incoming.pop(packet_id, None) is not None:
            self.charge(-TAKEN)

    def charge(self, size: int) -> None:
        """So many bytes more are held for this client, or fewer."""
        if not self.over:
            self.held += size
            self._ledger.add(self.key[0], size)

    def end(self) -> None:
        """Let go of everything."""
        self.charge(-self.held)
        self.over = True
        self._queue = ()
        self._under_way = {}
        self._unsent = []
        self.incoming = {}
        self.forget_greetings()

    def deliver(self, outgoing: Outgoing) -> None:
        """Send now, or keep for later, or drop where there is no room. Never blocks."""
        if self.over:
            return
        size = size_of(outgoing.message)
        if not outgoing.qos:
            if self.line is not None and not self.line.congested() and self._may_send(size):
                self._send(self.line, 0, outgoing)
            elif self.line is not None:
                self._counters.dropped += 1
            return
        if (
            len(self._queue) >= self._limits.queued
            or self._queued_bytes + size > self._limits.queued_bytes
            or not self._ledger.has_room(self.key[0], size)
        ):
            self._drop()
        elif not self.over:  # it may itself have made room
            self._enqueue(outgoing, size)
            self._pump()

    def _may_send(self, size: int) -> bool:
        """Whether a message that is kept nowhere may be written: large ones only within the user's share."""
        return size <= ALWAYS_HELD or self._ledger.within_share(self.key[0], size)

    def _enqueue(self, outgoing: Outgoing, size: int) -> None:
        if not isinstance(self._queue, deque):
            self._queue = deque()
        self._queue.append(outgoing)
        self._queued_bytes += size
        self.charge(size)

    def go_on(self) -> None:
        """The client reads on: send what waits."""
        self._pump()
        if self.greetings:
            self._greet(self)

    def may_be_greeted(self) -> bool:
        """Whether there is room for a retained message: behind what waits, as the client reads, and none is dropped."""
        if self.line is None or self._queue or self.line.congested():
            return False
        return not self._under_way or self._ledger.within_share(self.key[0], 0)

    def send_retained(self, message: Message, held: Subscription) -> None:
        """Send a retained message that answers a subscription; there is room for it."""
        identifiers = (held.identifier,) if held.identifier else ()
        outgoing = Outgoing(message, min(message.qos, held.qos), retain=True, identifiers=identifiers)
        if outgoing.qos:
            self._enqueue(outgoing, size_of(message))
            self._pump()
        elif self.line is not None:
            self._send(self.line, 0, outgoing)

    def bill(self) -> int:
        """What answering its subscriptions cost since the last bill, in packets."""
        owes, self.owes = self.owes, 0
        return owes

    def forget_greeting(self, pattern: str) -> None:
        """The retained messages that answer that filter are sent, or no longer wanted."""
        if self.greetings and next(iter(self.greetings)) == pattern:
            self.search = None
        self.greetings.pop(pattern, None)

    def forget_greetings(self) -> None:
        """None of them are wanted any more."""
        self.greetings, self.search = {}, None

    def attach(self, line: Line) -> None:
        """The client is back: send again what it has not confirmed, then what waited, in the old order."""
        self.line = line
        self.expires_at = NEVER
        self.will_at = NEVER
        self._unsent = list(reversed(self._under_way))
        self.go_on()

    def detach(self) -> None:
        """The client is gone, and with it what answers its subscriptions: it subscribes anew."""
        self.line = None
        self.forget_greetings()

    def on_ack(self, kind: Kind, packet_id: int, reason: int) -> None:
        """The client confirms something sent to it."""
        outgoing = self._under_way.get(packet_id)
        if packet_id in self._unsent:
            return  # confirms what this connection has not been sent yet
        if kind is Kind.PUBREC:
            self._on_pubrec(packet_id, outgoing, reason)
        elif outgoing is not None and outgoing.released == (kind is Kind.PUBCOMP):
            if kind is Kind.PUBACK and outgoing.qos != 1:
                return
            self._done(packet_id)

    def _on_pubrec(self, packet_id: int, outgoing: Outgoing | None, reason: int) -> None:
        line = self.line
        assert line is not None, "only a connection brings acknowledgements"
        if outgoing is None or outgoing.qos != 2:  # noqa: PLR2004 - only QoS 2 has a PUBREC
            if reason < Reason.UNSPECIFIED:
                line.write(replies.ack(Kind.PUBREL, line.version, packet_id, Reason.PACKET_ID_NOT_FOUND))
        elif reason >= Reason.UNSPECIFIED:
            self._done(packet_id)
        else:
            outgoing.released = True
            line.write(replies.ack(Kind.PUBREL, line.version, packet_id))

    def _drop(self) -> None:
        self._counters.dropped += 1
        if not self._full:
            self._full = True
            log.warning("door.queue_full", client=self.client_id, queued=len(self._queue), bytes=self._queued_bytes)

    def _done(self, packet_id: int) -> None:
        self._let_go(packet_id)
        self.go_on()

    def _let_go(self, packet_id: int) -> None:
        size = size_of(self._under_way.pop(packet_id).message)
        self._under_way_bytes -= size
        self.charge(-size)

    def _pump(self) -> None:
        line = self.line
        if line is None:
            return
        window = min(self._limits.window, line.receive_maximum)
        while self._unsent and len(self._under_way) - len(self._unsent) < window and not line.congested():
            packet_id = self._unsent.pop()
            outgoing = self._under_way[packet_id]
            if outgoing.released:
                line.write(replies.ack(Kind.PUBREL, line.version, packet_id))
            elif not self._send(line, packet_id, outgoing):
                self._let_go(packet_id)
        while (
            self._queue
            and len(self._under_way) < window
            and (not self._under_way or self._under_way_bytes < self._limits.queued_bytes)
            and not line.congested()
        ):
            self._full = False
            assert isinstance(self._queue, deque)
            outgoing = self._queue.popleft()
            size = size_of(outgoing.message)
            self._queued_bytes -= size
            packet_id = self._free_id()
            self._under_way[packet_id] = outgoing
            self._under_way_bytes += size
            if not self._send(line, packet_id, outgoing):
                self._let_go(packet_id)

    def _free_id(self) -> int:
        """A packet id not in use; the window is far smaller than the 65,535 there are."""
        while True:
            self._last_id = self._last_id % wire.MAX_U16 + 1
            if self._last_id not in self._under_way:
                return self._last_id

    def _send(self, line: Line, packet_id: int, outgoing: Outgoing) -> bool:
        """Write the message; False when it need not be kept, because it is over or too large for the client."""
        message = outgoing.message
        left: int | None = None
        if message.expires != NEVER:
            left = max(0, math.ceil(message.expires - self._loop.time()))
            if not left and not outgoing.sent:
                return False
        properties = message.forwarded
        if line.version == V5 and (left is not None or outgoing.identifiers):
            extra = Properties(message_expiry=left, subscription_ids=outgoing.identifiers)
            properties = wire.property_bytes(extra) + properties
        packet = replies.publish(
            line.version,
            topic=message.topic,
            payload=message.payload,
            qos=outgoing.qos,
            retain=outgoing.retain,
            dup=outgoing.sent,
            packet_id=packet_id,
            properties=properties,
        )
        if len(packet) > line.max_packet:
            self._counters.dropped += 1
            return False
        outgoing.sent = True
        self._counters.sent += 1
        line.write(packet)
        return True
