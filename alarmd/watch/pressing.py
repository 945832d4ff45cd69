"""How the canary presses at alarmd's own door: like a button, over a socket, wherever the door lets it in."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Callable

import aiomqtt

from alarmd.clock import Clock
from alarmd.intake.delivery import Delivery, NotKeptError, Taker

TIMEOUT_S = 5.0
_ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 - translated, not bound to


class DoorPress:
    """Presses at the door.

    Where the door asks for users, the canary has no password: it looks whether the door takes its connection, and
    hands its press to the taker behind it.

    Args:
        host: Where the door listens.
        port: Asked at each press: it is known only once the door is open; None before.
        tls: Whether the door speaks TLS.
        users: Whether it asks for users.
        taker: Who is behind the door.
        clock: Receive times.
        client_id: The canary's own.
    """

    def __init__(
        self,
        *,
        host: str,
        port: Callable[[], int | None],
        tls: bool,
        users: bool,
        taker: Taker,
        clock: Clock,
        client_id: str,
    ) -> None:
        self._host = _ANYWHERE.get(host, host)
        self._port = port
        self._tls = tls
        self._users = users
        self._taker = taker
        self._clock = clock
        self._client_id = client_id

    async def __call__(self, topic: str, payload: bytes) -> bool:
        """Press; False if the door did not take it."""
        port = self._port()
        if not port:  # not open yet, or closed already
            return False
        try:
            async with asyncio.timeout(TIMEOUT_S):
                if self._users:
                    return await self._knock_and_hand_in(port, topic, payload)
                async with self._client(port) as client:
                    await client.publish(topic, payload, qos=1)
        except (aiomqtt.MqttError, OSError, TimeoutError, NotKeptError):
            return False
        return True

    def _client(self, port: int) -> aiomqtt.Client:
        return aiomqtt.Client(
            self._host,
            port,
            identifier=self._client_id,
            protocol=aiomqtt.ProtocolVersion.V5,
            tls_context=_believing() if self._tls else None,
            timeout=TIMEOUT_S,
        )

    async def _knock_and_hand_in(self, port: int, topic: str, payload: bytes) -> bool:
        _, writer = await asyncio.open_connection(
            self._host, port, ssl=_believing() if self._tls else None, server_hostname="" if self._tls else None
        )
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
        now = self._clock.now()
        await self._taker.take(
            Delivery(topic=topic, payload=payload, qos=1, retained=False, received_at=now, via="door")
        )
        return True


def _believing() -> ssl.SSLContext:
    """The certificate names the host that devices know, not the address the canary comes by; nothing secret is said."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
