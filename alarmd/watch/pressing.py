"""How the canary presses at alarmd's own door: like a button, over a socket, wherever the door lets it in."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable

import aiomqtt

from alarmd.door.users import Grants, Users

TIMEOUT_S = 20.0  # its password waits to be checked behind those of devices that come back
_ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 - translated, not bound to


class DoorPress:
    """Presses at the door.

    Where the door asks for users, it logs in like a device that was not seen since the start: with a password of its
    own, a new one each time, that waits in the same lines to be checked.

    Args:
        host: Where the door listens.
        port: Asked at each press: it is known only once the door is open; None before.
        tls: Whether the door speaks TLS.
        users: Who may come in; None where the door asks nobody.
        client_id: The canary's own.
    """

    def __init__(
        self,
        *,
        host: str,
        port: Callable[[], int | None],
        tls: bool,
        users: Users | None,
        client_id: str,
    ) -> None:
        self._host = _ANYWHERE.get(host, host)
        self._port = port
        self._tls = tls
        self._users = users
        self._client_id = client_id

    async def __call__(self, topic: str, payload: bytes) -> bool:
        """Press; False if the door did not take it."""
        port = self._port()
        if not port:  # not open yet, or closed already
            return False
        try:
            async with asyncio.timeout(TIMEOUT_S):
                secret = None
                if self._users is not None:
                    secret = await self._users.invite(self._client_id, Grants(publish=(topic,)))
                async with self._client(port, secret) as client:
                    await client.publish(topic, payload, qos=1)
        except (aiomqtt.MqttError, OSError, TimeoutError):
            return False
        return True

    def _client(self, port: int, secret: bytes | None) -> aiomqtt.Client:
        return aiomqtt.Client(
            self._host,
            port,
            identifier=self._client_id,
            username=self._client_id if secret is not None else None,
            password=secret.decode() if secret is not None else None,
            protocol=aiomqtt.ProtocolVersion.V5,
            tls_context=_believing() if self._tls else None,
            timeout=TIMEOUT_S,
        )


def _believing() -> ssl.SSLContext:
    """The certificate names the host that devices know, not the address the canary comes by; nothing secret is said."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
