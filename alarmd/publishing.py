"""Replies to devices, through whichever of the two doors is open."""

from __future__ import annotations

import asyncio
from typing import Any, Protocol

import structlog
from paho.mqtt.client import Client
from paho.mqtt.enums import MQTTErrorCode
from paho.mqtt.reasoncodes import ReasonCode

from alarmd.clock import Clock
from alarmd.mqtt_client import CONNECT_TIMEOUT_S, MqttClient
from alarmd.privacy import masked
from config.sections import Broker

log = structlog.get_logger()

TIMEOUT_S = 5.0
PAUSE_S = 2.0
WAITING_MOST = 1_000  # replies that the broker has not acknowledged; what is above is left out, its device asks again


class OwnDoor(Protocol):
    """alarmd's own door, as far as publishing needs it."""

    def publish(self, topic: str, payload: bytes, *, qos: int = 1, retain: bool = False) -> None:
        """Hand a message to whoever subscribed to it; never blocks."""
        ...


class BrokerPublisher:
    """A connection of its own, so that a slow reply never delays an alarm's acknowledgement."""

    def __init__(self, *, broker: Broker, password: str | None, client_id: str, clock: Clock) -> None:
        self._broker = broker
        self._password = password
        self._client_id = client_id
        self._clock = clock
        self._line: _Line | None = None

    async def run(self) -> None:
        """Stay connected until cancelled."""
        while True:
            line = _Line(self._broker, self._password, self._client_id)
            try:
                await line.open()
                self._line = line
                error = await line.lost
            except (OSError, TimeoutError) as fault:
                error = str(fault) or f"no answer in {CONNECT_TIMEOUT_S:g} s"
            finally:
                self._line = None
                line.close()
            log.warning("publishing connection lost", error=error)
            await self._clock.sleep(PAUSE_S)

    async def publish(self, topic: str, payload: bytes) -> bool:
        """Publish with QoS 1; False if it was not acknowledged."""
        taken = self._line.publish(topic, payload) if self._line is not None else None
        if taken is None:
            return False
        try:
            async with asyncio.timeout(TIMEOUT_S):
                return await taken
        except TimeoutError:
            return False

    def publish_soon(self, topic: str, payload: bytes) -> None:
        """Publish with QoS 1, and do not wait for the broker's word."""
        if self._line is not None:
            self._line.publish(topic, payload)


class _Line:
    """One connection to publish on, and what the broker did not acknowledge yet."""

    def __init__(self, broker: Broker, password: str | None, client_id: str) -> None:
        loop = asyncio.get_running_loop()
        self.lost: asyncio.Future[str] = loop.create_future()
        self._ready: asyncio.Future[None] = loop.create_future()
        self._loop = loop
        self._waiting: dict[int, asyncio.Future[bool]] = {}
        self._room = WAITING_MOST
        self._client = MqttClient(broker=broker, password=password, client_id=client_id, ended=self._ended)
        paho = self._client.paho
        paho.max_inflight_messages_set(0)  # counted here: paho looks through all that wait for every one more
        paho.on_connect = self._on_connect
        paho.on_publish = self._on_publish

    async def open(self) -> None:
        """Connect.

        Raises:
            OSError: Not reachable, or refused.
            TimeoutError: No answer.
        """
        await self._client.connect(clean_start=True)
        async with asyncio.timeout(CONNECT_TIMEOUT_S):
            await self._ready

    def publish(self, topic: str, payload: bytes) -> asyncio.Future[bool] | None:
        """Publish; whether the broker took it, or None where too much waits for its word already."""
        if len(self._waiting) >= self._room:
            return None
        try:
            said = self._client.paho.publish(topic, payload, qos=1)
        except ValueError as error:  # a device's own name for itself may be anything
            log.warning("this cannot be published", topic=masked(topic), error=str(error))
            return None
        if said.rc != MQTTErrorCode.MQTT_ERR_SUCCESS:
            return None
        taken = self._waiting[said.mid] = self._loop.create_future()
        return taken

    def close(self) -> None:
        self._client.close()
        self._forget()
        self.lost.cancel()
        self._ready.cancel()

    def _forget(self) -> None:
        waiting, self._waiting = self._waiting, {}
        for taken in waiting.values():
            if not taken.done():
                taken.set_result(False)

    def _ended(self, problem: str) -> None:
        if not self._ready.done():
            self._ready.set_exception(ConnectionError(problem))
        if not self.lost.done():
            self.lost.set_result(problem)
        self._forget()

    def _on_connect(self, _client: Client, _data: Any, _flags: Any, reason: ReasonCode, properties: Any) -> None:
        if reason.is_failure:
            self._client.end(f"refused: {reason}")
            return
        self._room = min(WAITING_MOST, getattr(properties, "ReceiveMaximum", WAITING_MOST))
        if not self._ready.done():
            self._ready.set_result(None)

    def _on_publish(self, _client: Client, _data: Any, mid: int, reason: ReasonCode, _properties: Any) -> None:
        taken = self._waiting.pop(mid, None)
        if reason.is_failure:
            log.error("the broker refuses replies to devices; allow them in its access rules", error=str(reason))
        if taken is not None and not taken.done():
            taken.set_result(not reason.is_failure)


class Publishers:
    """Both doors as one; a device listens at the one it knows."""

    def __init__(self, *, door: OwnDoor | None, broker: BrokerPublisher | None) -> None:
        self._door = door
        self._broker = broker

    async def publish(self, topic: str, payload: bytes) -> bool:
        """Publish at each open door; False if the broker's did not take it."""
        if self._door is not None:
            self._door.publish(topic, payload, qos=1)
        return await self._broker.publish(topic, payload) if self._broker is not None else self._door is not None

    def publish_soon(self, topic: str, payload: bytes) -> None:
        """Publish without waiting, for the *kept* that follows a commit: a device that misses it asks again."""
        if self._door is not None:
            self._door.publish(topic, payload, qos=1)
        if self._broker is not None:
            self._broker.publish_soon(topic, payload)
