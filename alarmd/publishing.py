"""Replies to devices, through whichever of the two doors is open."""

from __future__ import annotations

import asyncio
import ssl
from typing import Protocol

import aiomqtt
import structlog

from alarmd.clock import Clock
from config.sections import Broker

log = structlog.get_logger()

TIMEOUT_S = 5.0
PAUSE_S = 2.0
AT_ONCE = 10  # above this aiomqtt warns of each one, and looks through all that wait for every one more
WAITING_MOST = 1_000  # replies that nobody waits for; what is above is left out, and its device asks again


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
        self._client: aiomqtt.Client | None = None
        self._room = asyncio.Semaphore(AT_ONCE)

    async def run(self) -> None:
        """Stay connected until cancelled."""
        while True:
            try:
                async with self._connect() as client:
                    self._client = client
                    async for _ in client.messages:  # nothing is subscribed: this ends when the connection does
                        pass
            except (aiomqtt.MqttError, OSError, ssl.SSLError) as error:
                log.warning("publishing connection lost", error=str(error))
            finally:
                self._client = None
            await self._clock.sleep(PAUSE_S)

    async def publish(self, topic: str, payload: bytes) -> bool:
        """Publish with QoS 1; False if it was not acknowledged."""
        async with self._room:
            if self._client is None:
                return False
            try:
                await self._client.publish(topic, payload, qos=1, timeout=TIMEOUT_S)
            except aiomqtt.MqttError:
                return False
            return True

    def _connect(self) -> aiomqtt.Client:
        return aiomqtt.Client(
            hostname=self._broker.host,
            port=self._broker.port,
            username=self._broker.username,
            password=self._password,
            identifier=self._client_id,
            protocol=aiomqtt.ProtocolVersion.V5,
            tls_context=ssl.create_default_context() if self._broker.tls else None,
            timeout=TIMEOUT_S,
        )


class Publishers:
    """Both doors as one; a device listens at the one it knows."""

    def __init__(self, *, door: OwnDoor | None, broker: BrokerPublisher | None) -> None:
        self._door = door
        self._broker = broker
        self._tasks: set[asyncio.Task[bool]] = set()

    async def publish(self, topic: str, payload: bytes) -> bool:
        """Publish at each open door; False if the broker's did not take it."""
        if self._door is not None:
            self._door.publish(topic, payload, qos=1)
        return await self._broker.publish(topic, payload) if self._broker is not None else self._door is not None

    def publish_soon(self, topic: str, payload: bytes) -> None:
        """Publish without waiting, for the *kept* that follows a commit: a device that misses it asks again."""
        if self._broker is None:
            if self._door is not None:
                self._door.publish(topic, payload, qos=1)
            return
        if len(self._tasks) >= WAITING_MOST:
            return
        task = asyncio.create_task(self.publish(topic, payload))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Let what is under way go out."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=TIMEOUT_S)
