"""Connecting to a broker, or to alarmd's own door: they speak the same."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

import aiomqtt

PLAIN_PORT, TLS_PORT = 1883, 8883


@dataclass(frozen=True, slots=True, kw_only=True)
class Broker:
    """Where devices publish to."""

    host: str
    port: int
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: bool = False

    @classmethod
    def at(cls, url: str) -> Broker:
        """Read ``mqtt://user:password@host:1883`` or ``mqtts://…``.

        Raises:
            ValueError: It is not such an address.
        """
        parts = urlsplit(url)
        if parts.scheme not in {"mqtt", "mqtts"} or not parts.hostname:
            raise ValueError(f"{url!r} is not a broker's address; write for example mqtt://127.0.0.1:1883")
        tls = parts.scheme == "mqtts"
        return cls(
            host=parts.hostname,
            port=parts.port or (TLS_PORT if tls else PLAIN_PORT),
            user=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            tls=tls,
        )

    def connect(self, client_id: str, *, will: aiomqtt.Will | None = None) -> aiomqtt.Client:
        """A client of this broker, to be entered with ``async with``; ``will`` is published if its line breaks."""
        return aiomqtt.Client(
            self.host,
            self.port,
            username=self.user,
            password=self.password,
            identifier=client_id,
            will=will,
            tls_params=aiomqtt.TLSParameters() if self.tls else None,
            timeout=10,
        )
