"""Reads from a broker: MQTT 5, a persistent session, QoS 1, and no acknowledgement before the commit.

The subscription is paho-mqtt's, driven by the event loop, with its public manual acknowledgement. What was learnt the
hard way (LIMITS.md):

- A new client object for every connection. An acknowledgement sent after the broker lost the session discards a *new*
  message that happens to carry the same packet id; with a new object a late one has nowhere to go.
- Subscribe again at every connect: after the broker lost its sessions, a client that only reconnects is connected and
  deaf.
- Receive Maximum is the back-pressure: the broker holds what we have not acknowledged. mosquitto 2.0.11 forgets it
  with the first acknowledgement and sends 500 more for each; so above a bound of our own the socket is not read until
  something is committed. It is large: a press behind a flood can be taken first only once it was read (`arrivals`).
- Connected and subscribed is not heard: `probe` sends a message to ourselves, on the same connection, that must come
  back through the subscription; `alarmd.watch.hearing` judges.
- How paho is driven by the loop, and its socket: `alarmd.mqtt_client`.
"""

from __future__ import annotations

import asyncio
import random
import ssl
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from paho.mqtt.client import Client, MQTTMessage, topic_matches_sub
from paho.mqtt.enums import MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from alarmd.clock import Clock
from alarmd.intake import futures
from alarmd.intake.arrivals import Arrivals
from alarmd.intake.delivery import Delivery, Taker
from alarmd.mqtt_client import CONNECT_TIMEOUT_S, MqttClient
from alarmd.right_of_way import RightOfWay
from config.sections import Broker

log = structlog.get_logger()

RECEIVE_MAXIMUM = 8_192
HELD_MOST = 2 * RECEIVE_MAXIMUM  # more than any broker sends that keeps to the Receive Maximum
ACKNOWLEDGED_AT_ONCE = 64  # in one turn of the loop
HELD_BYTES = 32 * 1024 * 1024  # of topics and payloads
SESSION_EXPIRY_S = 7 * 24 * 3600
PROBE_EXPIRES_S = 60  # a probe that the broker could not deliver in that time tells nobody anything
BACKOFF_FIRST_S, BACKOFF_MOST_S = 0.5, 30.0


class Subscription:
    """The one subscription to a broker, kept alive.

    Args:
        broker: Where.
        password: Or None.
        client_id: Fixed: the broker keeps what was not acknowledged under this name.
        filters: Topic filters to subscribe to.
        taker: Who keeps the messages.
        clock: For receive times and pauses.
        probe_topic: Where probes go; subscribed to by itself only if none of ``filters`` covers it.
        way: While it is claimed, reading steps aside for what was read already.
    """

    def __init__(
        self,
        *,
        broker: Broker,
        password: str | None,
        client_id: str,
        filters: Sequence[str],
        taker: Taker,
        clock: Clock,
        probe_topic: str = "",
        way: RightOfWay | None = None,
    ) -> None:
        self._broker = broker
        self._password = password
        self._client_id = client_id
        self._filters = tuple(filters)
        self._taker = taker
        self._clock = clock
        self._probe_topic = probe_topic
        self._way = way
        self._connection: _Connection | None = None
        self.on_probe: Callable[[bytes], bool] = lambda _: False
        """Who is shown each message on the probe topic; True: it was a probe, and goes no further."""
        self.probe_refused = ""
        """Why the broker did not take the last probe; empty where it did."""
        self.connected = False
        self.subscribed = False
        self.problem = "not connected yet"
        self.received = 0
        self.heard_at = clock.now()
        """When anything last came from the broker; at first, since when anything could have."""
        self.lost_at: datetime | None = self.heard_at
        """Since when nothing is heard; None while it is subscribed to."""
        self.on_back: Callable[[datetime], None] = lambda _: None
        """Who is told, subscribed again, since when nothing was heard."""

    async def run(self) -> None:
        """Connect, subscribe, read; again after every loss, with jittered pauses; until cancelled."""
        failures = 0
        while True:
            connection = self._connection = _Connection(self)
            try:
                await connection.open()
                failures = 0
                await connection.lost
            except (OSError, ssl.SSLError, TimeoutError, ConnectionError) as error:
                said = str(error) or f"no answer in {CONNECT_TIMEOUT_S:g} s"
                self.problem = f"{self._broker.host}:{self._broker.port}: {said}"
            finally:
                was_subscribed, self.connected, self.subscribed = self.subscribed, False, False
                self.lost_at = self.lost_at or self.heard_at
                self._connection = None
                connection.close()
            log.warning("broker lost" if was_subscribed else "broker not reached", problem=self.problem)
            failures += 1
            pause = min(BACKOFF_FIRST_S * 2 ** min(failures, 10), BACKOFF_MOST_S)
            await self._clock.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - spreads reconnects, guards nothing

    def hears(self) -> None:
        """Something came from the broker."""
        self.heard_at = self._clock.now()

    def is_back(self) -> None:
        """It is subscribed to."""
        lost_at, self.lost_at = self.lost_at, None
        self.hears()
        self.subscribed = True
        self.problem = ""
        if lost_at is not None:
            self.on_back(lost_at)

    @property
    def held(self) -> int:
        """Messages that came and are not acknowledged yet."""
        return self._connection.held if self._connection else 0

    def new_client(self, ended: Callable[[str], None]) -> MqttClient:
        """A client for one connection."""
        return MqttClient(
            broker=self._broker,
            password=self._password,
            client_id=self._client_id,
            ended=ended,
            manual_ack=True,
            way=self._way,
        )

    def probe(self, payload: bytes) -> bool:
        """Send ourselves a message that must come back; False where there is no connection to send it on."""
        if self._connection is None or not self.subscribed or not self._probe_topic:
            return False
        return self._connection.probe(self._probe_topic, payload)

    def reconnect(self, why: str) -> None:
        """End the connection; the next one subscribes anew, and what was not acknowledged comes again."""
        if self._connection is not None:
            self._connection.end(why)

    def probe_filter(self) -> tuple[str, ...]:
        """The probe's own topic, where none of the filters brings it."""
        if not self._probe_topic or any(topic_matches_sub(f, self._probe_topic) for f in self._filters):
            return ()
        return (self._probe_topic,)

    def is_probe(self, message: MQTTMessage) -> bool:
        """Whether a message is one of ours to ourselves."""
        return bool(self._probe_topic) and message.topic == self._probe_topic and self.on_probe(bytes(message.payload))


@dataclass(slots=True, eq=False)
class _Read:
    """A message that was read: ``delivery`` until it is taken, then ``kept``, what its acknowledgement waits for."""

    mid: int
    qos: int
    size: int
    delivery: Delivery | None = None
    kept: asyncio.Future[None] | None = None


class _Connection:
    """One connection: one client object, one set of pending acknowledgements, both forgotten at its end."""

    def __init__(self, owner: Subscription) -> None:
        self._owner = owner
        self._loop = asyncio.get_running_loop()
        self.lost: asyncio.Future[None] = self._loop.create_future()
        self._ready: asyncio.Future[None] = self._loop.create_future()
        self._pending: deque[_Read] = deque()
        self._bytes = 0
        self._arrivals = Arrivals(self._take, self._loop, owner._way or RightOfWay())  # noqa: SLF001 - its other half
        self._open = True
        self._full = False
        self._client = owner.new_client(self._ended)
        paho = self._client.paho
        paho.on_connect = self._on_connect
        paho.on_subscribe = self._on_subscribe
        paho.on_message = self._on_message
        paho.on_publish = self._on_publish

    async def open(self) -> None:
        """Connect and subscribe.

        Raises:
            OSError: Not reachable.
            ConnectionError: Refused, or a subscription was refused.
            TimeoutError: No answer.
        """
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # not annotated there
        properties.SessionExpiryInterval = SESSION_EXPIRY_S
        properties.ReceiveMaximum = RECEIVE_MAXIMUM
        await self._client.connect(clean_start=False, properties=properties)
        async with asyncio.timeout(CONNECT_TIMEOUT_S):
            await self._ready

    def close(self) -> None:
        """Let go of the socket; whatever was not acknowledged, the broker sends again."""
        self._open = False
        self._pending.clear()
        self._client.close()
        for future in (self.lost, self._ready):
            if future.done() and not future.cancelled():
                future.exception()
            else:
                future.cancel()

    @property
    def held(self) -> int:
        return len(self._pending)

    def probe(self, topic: str, payload: bytes) -> bool:
        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]  # not annotated there
        properties.MessageExpiryInterval = PROBE_EXPIRES_S
        result = self._client.paho.publish(topic, payload, qos=1, properties=properties)
        return result.rc == MQTTErrorCode.MQTT_ERR_SUCCESS

    def end(self, why: str) -> None:
        self._client.end(why)

    def _ended(self, problem: str) -> None:
        self._open = False
        self._owner.problem = problem
        if not self._ready.done():
            self._ready.set_exception(ConnectionError(problem))
        if not self.lost.done():
            self.lost.set_result(None)

    def _on_connect(self, client: Client, _data: Any, flags: Any, reason: ReasonCode, _properties: Any) -> None:
        if reason.is_failure:
            self.end(f"refused: {reason}")
            return
        self._owner.connected = True
        options = SubscribeOptions(qos=1, retainHandling=SubscribeOptions.RETAIN_SEND_IF_NEW_SUB)
        filters = (*self._owner._filters, *self._owner.probe_filter())  # noqa: SLF001 - the connection is its owner's other half
        client.subscribe([(topic, options) for topic in filters])
        log.info("broker connected", session_resumed=flags.session_present)

    def _on_subscribe(
        self, _client: Client, _data: Any, _mid: int, reasons: list[ReasonCode], _properties: Any
    ) -> None:
        refused = [
            f"{topic}: {reason}"
            for topic, reason in zip(self._owner._filters, reasons, strict=False)  # noqa: SLF001
            if reason.is_failure
        ]
        if refused:
            self.end(f"the broker refuses to let alarmd read {'; '.join(refused)}")
            return
        self._owner.is_back()
        if not self._ready.done():
            self._ready.set_result(None)

    def _on_publish(self, _client: Client, _data: Any, _mid: int, reason: ReasonCode, _properties: Any) -> None:
        self._owner.probe_refused = str(reason) if reason.is_failure else ""

    def _on_message(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        self._owner.hears()
        topic, payload = message.topic, bytes(message.payload)
        read = _Read(message.mid, message.qos, len(topic) + len(payload))
        if self._owner.is_probe(message):
            self._await(read)
            self._is_taken(read, futures.done())
            return
        self._owner.received += 1
        read.delivery = Delivery(
            topic=topic,
            payload=payload,
            qos=message.qos,
            retained=message.retain,
            received_at=self._owner._clock.now(),  # noqa: SLF001
            via="broker",
        )
        self._await(read)
        self._arrivals.put(topic, len(payload), read)

    def _take(self, read: _Read) -> None:
        """Its turn has come; what must be acknowledged comes again after the connection's end."""
        delivery, read.delivery = read.delivery, None
        if delivery is not None and (self._open or not read.qos):
            self._is_taken(read, self._owner._taker.take(delivery))  # noqa: SLF001 - as above

    def _is_taken(self, read: _Read, kept: asyncio.Future[None]) -> None:
        read.kept = kept
        kept.add_done_callback(self._acknowledge)

    def _await(self, read: _Read) -> None:
        """Acknowledge it once it is kept, in its turn."""
        self._pending.append(read)
        self._bytes += read.size
        if len(self._pending) >= HELD_MOST or self._bytes >= HELD_BYTES:
            self._full = True
            self._client.hold()

    def _acknowledge(self, _kept: object = None) -> None:
        """In the order of arrival (MQTT-4.6.0-2); what was not kept ends the connection instead."""
        for _ in range(ACKNOWLEDGED_AT_ONCE):
            if not self._open or not self._pending or (kept := self._pending[0].kept) is None or not kept.done():
                break
            read = self._pending.popleft()
            self._bytes -= read.size
            if read.qos and not futures.is_kept(kept):
                self.end("a message could not be kept; the broker is asked to send it again")
                return
            if read.qos:
                self._client.paho.ack(read.mid, read.qos)
        else:
            self._loop.call_soon(self._acknowledge)
        if self._full and self._open and 2 * len(self._pending) < HELD_MOST and 2 * self._bytes < HELD_BYTES:
            self._full = False
            self._client.release()
