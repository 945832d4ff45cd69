"""What a dialect is: the shape that each module of `simulators.families` fills in."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

STREET = (39.9571, 116.4186)  # where a device is that was not told where it is


@dataclass(frozen=True, slots=True)
class Said:
    """One message of one device or of its gateway.

    Attributes:
        topic: Where it goes.
        payload: Its bytes.
        ref: The key of this one signal, where the device is answered by it.
        reply: The topic of the answer, where the family has one.
        retain: Whether the broker keeps a copy for whoever subscribes later.
        after: Seconds after the first message of the same happening.
    """

    topic: str
    payload: bytes
    ref: str = ""
    reply: str = ""
    retain: bool = False
    after: float = 0.0


Episode = tuple[Said, ...]
"""All that goes over the air because of one thing that happened, in order of time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One occasion on which a device speaks.

    Attributes:
        device: Its address, as the family writes it.
        at: Its own time.
        battery: Per cent.
        token: 32 random hexadecimal digits: the family's key of this one happening is made of them.
        more: Further fields, in the words of CONTRACT.md (``lat``, ``lon``, ``measurements`` …).
    """

    device: str
    at: datetime
    battery: int = 87
    token: str = field(default_factory=lambda: secrets.token_hex(16))
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """A counter that grows: tenths of a second, so that it goes on growing after a new start."""
        return int(self.at.timestamp() * 10)

    @property
    def pulse(self) -> int:
        """Beats a minute."""
        return int(self.more.get("measurements", {}).get("heart_rate", 72))

    @property
    def place(self) -> tuple[float, float]:
        """Latitude and longitude."""
        return float(self.more.get("lat", STREET[0])), float(self.more.get("lon", STREET[1]))

    @property
    def iso(self) -> str:
        """Its time as ``2026-11-21T08:00:00.000Z``."""
        return self.at.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    @property
    def offset(self) -> str:
        """Its time as ``2026-11-21T08:00:00.000+00:00``."""
        return self.at.isoformat(timespec="milliseconds")

    @property
    def local(self) -> str:
        """Its time without a zone."""
        return f"{self.at:%Y-%m-%d %H:%M:%S}"

    @property
    def unix(self) -> int:
        """Its time in seconds."""
        return int(self.at.timestamp())

    @property
    def ms(self) -> int:
        """Its time in milliseconds."""
        return int(self.at.timestamp() * 1000)


Says = Callable[[Turn], Episode]


def _nothing(_turn: Turn) -> Episode:
    return ()


def _numbered(prefix: str, number: int) -> str:
    return f"{prefix}-{number:06}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How the devices of one family speak.

    Attributes:
        family: As in ``devices.registry.FAMILIES``.
        device: An address that such a device could have.
        kind: What one that calls is registered as, one of ``devices.KINDS``.
        says: What can happen (``sos``, ``fall``, ``vital``, ``location``, ``heartbeat``) to what is sent then.
        every: Seconds between two signs of life of its own accord; 0 = it only speaks when something happens.
        hello: What is published when it, or its gateway, comes up.
        will: What the broker publishes when the connection is lost; None where the family leaves none.
        flaws: What goes wrong with this family in the field: a word to what is sent then.
        addressed: The address of the n-th device of a fleet, from a prefix and n.
        others: Addresses of the base, the gateways and the passers-by that speak in the same messages.
    """

    family: str
    device: str
    kind: str
    says: Mapping[str, Says]
    every: int = 0
    hello: Says = _nothing
    will: Callable[[str], Said] | None = None
    flaws: Mapping[str, Says] = field(default_factory=dict)
    addressed: Callable[[str, int], str] = _numbered
    others: Callable[[str], tuple[str, ...]] = lambda _device: ()


def message(topic: str, body: object, *, after: float = 0.0, retain: bool = False) -> Said:
    """Bytes as they are, text as UTF-8, everything else as JSON."""
    if isinstance(body, bytes):
        payload = body
    elif isinstance(body, str):
        payload = body.encode()
    else:
        payload = json.dumps(body, ensure_ascii=False).encode()
    return Said(topic, payload, retain=retain, after=after)


def repeated(said: Said, *seconds: float) -> Episode:
    """The message, and the same again so many seconds after the first of the happening."""
    return (said, *(replace(said, after=after) for after in seconds))


def mac(prefix: str, number: int) -> str:
    """A hardware address for the n-th device: the prefix only picks the batch it is from."""
    return f"{sum(prefix.encode()) % 256:02X}{0xC0DE:04X}{number:06X}"
