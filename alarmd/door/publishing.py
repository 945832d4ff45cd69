"""From a PUBLISH to its acknowledgement: the one place where the door's promise is kept.

What a client publishes goes to the taker. Its acknowledgement waits in line until the taker has it on disk, behind
the acknowledgements of all that came before it on the same connection (MQTT-4.6.0-2). Only then is it passed on to
subscribers and acknowledged. A message that was not kept is never acknowledged and ends the connection.

What counts as had already: only a QoS 2 message that says of itself that it comes again (DUP 1), under a packet id
whose PUBREL has not come, with the very same topic and payload. A button that restarts counts its packet ids from 1
again, and its next press must not be taken for the last one: a press too many is cheap, and its `ref` tells it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from datetime import datetime
from hashlib import blake2b

import msgspec
import structlog

from alarmd.door import replies, wire
from alarmd.door.house import House
from alarmd.door.ledger import TOPIC, text_size
from alarmd.door.packets import V5, Publish
from alarmd.door.reasons import ProtocolError, Reason, broken
from alarmd.door.sessions import NEVER, Message, Session, Taken, forwarded, size_of
from alarmd.door.users import Grants
from alarmd.door.wire import Kind
from alarmd.intake.delivery import Delivery, NotKeptError

log = structlog.get_logger()

_TOPICS_REMEMBERED = 64
SETTLED_AT_ONCE = 32
"""Messages passed on and acknowledged before other connections have their turn: a commit may end hundreds at once."""
BEHIND_PAUSE = 0.01
"""Seconds that a publisher waits whose messages are not all passed on yet."""


class _Pending(msgspec.Struct):
    """One PUBLISH whose answer is due when its future is done. No message: it is a repetition, or was refused."""

    future: asyncio.Future[None] | None
    qos: int
    packet_id: int
    message: Message | None
    reason: Reason = Reason.SUCCESS


class NotKept(msgspec.Struct, frozen=True):
    """The taker could not keep a message; `detail` is its sentence."""

    detail: str


def verdict(future: asyncio.Future[None]) -> NotKept | None:
    """How a take that is done ended; None when it is on disk."""
    if future.cancelled():
        return NotKept("alarmd is stopping")
    fault = future.exception()
    if fault is None:
        return None
    if not isinstance(fault, NotKeptError):
        log.error("door.taker_failed", exc_info=fault)
    return NotKept(str(fault) or type(fault).__name__)


def to_message(publish: Publish, topic: str, now: float) -> Message:
    """The message as subscribers get it; `now` is the loop's time."""
    properties = publish.properties
    if properties is wire.NONE:
        return Message(topic, publish.payload, publish.qos, publish.retain)
    expiry = properties.message_expiry
    expires = NEVER if expiry is None else now + expiry
    return Message(topic, publish.payload, publish.qos, publish.retain, forwarded(properties), expires)


def digest(publish: Publish, topic: str) -> bytes:
    """What tells one QoS 2 message from another under the same packet id."""
    name = topic.encode()
    return blake2b(b"%d %b%b" % (len(name), name, publish.payload), digest_size=16).digest()


class Publisher:
    """One connection's publishing side.

    Args:
        house: What all connections share.
        session: Whose it is.
        version: Of the protocol.
        grants: What may be published.
        wake: Called when a take is done; `settle` is to follow.
        write: Where acknowledgements go.
    """

    __slots__ = (
        "_aliases",
        "_allowed",
        "_counters",
        "_grants",
        "_hub",
        "_limits",
        "_loop",
        "_open",
        "_pending",
        "_session",
        "_taker",
        "_version",
        "_wake",
        "_write",
        "pending_bytes",
        "remembered",
    )

    def __init__(
        self,
        house: House,
        session: Session,
        version: int,
        grants: Grants,
        *,
        wake: Callable[[object], object],
        write: Callable[[bytes], None],
    ) -> None:
        self._session = session
        self._version = version
        self._grants = grants
        self._taker = house.taker
        self._hub = house.hub
        self._limits = house.limits
        self._counters = house.counters
        self._loop = house.loop
        self._wake = wake
        self._write = write
        self._pending: deque[_Pending] = deque()
        self.pending_bytes = 0
        """What it holds of messages that are not settled."""
        self.remembered = 0
        """Bytes of topics that it remembers for as long as the connection lasts."""
        self._open: set[int] = set()
        """QoS 2 packet ids of this connection whose PUBREL has not come: a client's quota begins anew with each."""
        self._aliases: dict[int, str] = {}
        self._allowed: dict[str, None] = {}

    @property
    def in_flight(self) -> int:
        """PUBLISH packets not answered yet."""
        return len(self._pending)

    def unsettled(self) -> list[asyncio.Future[None]]:
        """The takes that are not done."""
        return [entry.future for entry in self._pending if entry.future is not None and not entry.future.done()]

    def is_full(self) -> bool:
        """Whether reading should stop until something is committed."""
        limits = self._limits
        if len(self._pending) >= limits.in_flight or self.pending_bytes >= limits.in_flight_bytes:
            return True
        return bool(self._pending) and self._hub.in_flight[self._session.key[0]] >= limits.in_flight_user

    def on_publish(self, publish: Publish, received_at: datetime) -> None:
        """Take one message.

        Raises:
            ProtocolError: The client must be disconnected.
        """
        topic = publish.topic
        if self._version == V5 and publish.properties is not wire.NONE:
            topic = self._resolve(publish)
        if topic not in self._allowed and not self._allow(topic):
            self._refuse(publish, topic)
            return
        fingerprint = b""
        if publish.qos == 2:  # noqa: PLR2004 - exactly once
            fingerprint = digest(publish, topic)
            if self._is_repetition(publish, fingerprint):
                return
        self._counters.received += 1
        future = self._taker.take(self._delivery(topic, publish.payload, publish.qos, received_at))
        if publish.qos == 2:  # noqa: PLR2004 - exactly once
            self._session.take(publish.packet_id, Taken(future, fingerprint))
        now = 0.0 if publish.properties is wire.NONE else self._loop.time()
        self._wait(_Pending(future, publish.qos, publish.packet_id, to_message(publish, topic, now)))

    def on_begun(self, begun: bytes, received_at: datetime) -> None:
        """Take what came of a PUBLISH that is too long to be taken whole; it is not acknowledged.

        Its sender is hung up on. Nobody can read what it said, so it counts like any message of its device that cannot
        be read: as a call for help.
        """
        if not begun:
            return
        cursor = wire.Cursor(begun, 1, len(begun))
        try:
            topic = wire.decode_text(cursor.binary())
            qos = (begun[0] >> 1) & 3
            packet_id = cursor.u16() if qos else 0
            properties = wire.read_properties(cursor, Kind.PUBLISH) if self._version == V5 else wire.NONE
            payload = cursor.take(cursor.left)
            if self._version == V5:
                topic = self._resolve(Publish(topic, payload, qos, False, False, packet_id, properties))  # noqa: FBT003 - as the packet has them
        except ProtocolError:
            return
        if topic in self._allowed or self._allow(topic):
            taken = self._taker.take(self._delivery(topic, payload, qos, received_at))
            taken.add_done_callback(verdict)  # nobody else hears of it

    def _delivery(self, topic: str, payload: bytes, qos: int, received_at: datetime) -> Delivery:
        return Delivery(
            topic=topic,
            payload=payload,
            qos=qos,
            retained=False,
            received_at=received_at,
            via="door",
            sender=self._session.client_id,
            user=self._session.key[0],
            families=self._grants.families,
        )

    def _is_repetition(self, publish: Publish, fingerprint: bytes) -> bool:
        """Whether that QoS 2 message was taken already; then it is only answered again."""
        if self._version == V5 and publish.packet_id not in self._open and len(self._open) >= self._limits.in_flight:
            raise ProtocolError(Reason.RECEIVE_MAXIMUM_EXCEEDED, "more QoS 2 messages under way than allowed")
        self._open.add(publish.packet_id)
        known = self._session.incoming.get(publish.packet_id)
        if known is None or not publish.dup or known.digest != fingerprint or known.failed():
            return False
        self._wait(_Pending(known.take, 2, publish.packet_id, None))
        return True

    def on_pubrel(self, packet_id: int) -> None:
        """The client has seen the PUBREC; the packet id is free again."""
        taken = self._session.incoming.get(packet_id)
        if taken is not None and not taken.take.done():
            raise broken("PUBREL before PUBREC")
        self._open.discard(packet_id)
        if taken is None:
            self._write(replies.ack(Kind.PUBCOMP, self._version, packet_id, Reason.PACKET_ID_NOT_FOUND))
            return
        self._session.forget_taken(packet_id)
        self._write(replies.ack(Kind.PUBCOMP, self._version, packet_id))

    def settle(self, *, answer: bool, at_most: int | None = None) -> NotKept | None:
        """Pass on and, with `answer`, acknowledge what is committed, in the order in which it came.

        Args:
            answer: Whether there is somebody to acknowledge it to.
            at_most: So many of them, and the rest soon; None for all.

        Returns:
            Why the connection must end, if a message was not kept; nothing after it is acknowledged.
        """
        pending = self._pending
        failed: NotKept | None = None
        left = len(pending) if at_most is None else at_most
        while pending and ((future := pending[0].future) is None or future.done()):
            if at_most is not None and self._hub.is_behind(self._session.key[0]):
                self._loop.call_later(BEHIND_PAUSE, self._wake, pending[0].future)
                break
            if not left:
                self._wake(pending[0].future)
                break
            left -= 1
            entry = pending.popleft()
            if entry.message is not None:
                self._weigh(-size_of(entry.message))
            lost = None if future is None else verdict(future)
            if lost is not None:
                failed = failed or lost
                self._lose(entry)
            else:
                if entry.message is not None:
                    self._hub.route(entry.message, self._session)
                if answer and not failed and entry.qos:
                    self._answer(entry)
        return failed

    def _answer(self, entry: _Pending) -> None:
        kind = Kind.PUBACK if entry.qos == 1 else Kind.PUBREC
        if not entry.reason:
            self._counters.acked += 1
        self._write(replies.ack(kind, self._version, entry.packet_id, entry.reason))

    def _lose(self, entry: _Pending) -> None:
        known = self._session.incoming.get(entry.packet_id) if entry.qos == 2 else None  # noqa: PLR2004 - QoS 2
        if known is not None and known.take is entry.future:
            self._session.forget_taken(entry.packet_id)
        if entry.message is not None:
            self._counters.not_kept += 1

    def _wait(self, entry: _Pending) -> None:
        self._pending.append(entry)
        if entry.message is not None:
            self._weigh(size_of(entry.message))
        if entry.future is not None and not entry.future.done():
            entry.future.add_done_callback(self._wake)

    def _weigh(self, size: int) -> None:
        self.pending_bytes += size
        of, user = self._hub.in_flight, self._session.key[0]
        of[user] += size
        if not of[user]:
            del of[user]

    def _allow(self, topic: str) -> bool:
        if not self._grants.may_publish(topic):
            return False
        if len(self._allowed) < _TOPICS_REMEMBERED:
            self._allowed[topic] = None
            self.remembered += text_size(topic) + TOPIC
        return True

    def _refuse(self, publish: Publish, topic: str) -> None:
        """Never acknowledge as kept what the user may not write: 3.1.1 cannot say so but by hanging up."""
        self._counters.not_allowed += 1
        log.warning("door.publish_not_allowed", client=self._session.client_id, user=self._session.key[0], topic=topic)
        if self._version != V5 or not publish.qos:
            raise ProtocolError(Reason.NOT_AUTHORIZED, "this user may not publish to that topic")
        self._wait(_Pending(None, publish.qos, publish.packet_id, None, Reason.NOT_AUTHORIZED))

    def _resolve(self, publish: Publish) -> str:
        alias = publish.properties.topic_alias
        if alias is None:
            return publish.topic
        if alias > self._limits.topic_aliases:
            raise ProtocolError(Reason.TOPIC_ALIAS_INVALID, "a topic alias above the maximum")
        if publish.topic:
            before = self._aliases.get(alias)
            self.remembered += text_size(publish.topic) - (-TOPIC if before is None else text_size(before))
            self._aliases[alias] = publish.topic
            return publish.topic
        topic = self._aliases.get(alias)
        if topic is None:
            raise broken("a topic alias that was never set")
        return topic
