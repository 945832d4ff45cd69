"""What both doors hand to the intake, and what the intake owes them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from alarmd import times
from alarmd.privacy import masked


@dataclass(frozen=True, slots=True, kw_only=True)
class Like:
    """For which messages one stands (`alarmd.intake.likes`).

    Attributes:
        messages: How many, itself among them.
        first_at: When the first of them was received; None where it stands for itself.
        refs: Their references, the oldest first.
        others: Addresses or topics of those that are not its own device's; the first of them.
    """

    messages: int = 1
    first_at: datetime | None = None
    refs: tuple[str, ...] = ()
    others: tuple[str, ...] = ()

    def facts(self) -> dict[str, object]:
        """For the log; nothing where it stands for itself."""
        if self.messages == 1:
            return {}
        told: dict[str, object] = {"messages": self.messages}
        told |= {"first_at": times.to_text(self.first_at)} if self.first_at is not None else {}
        told |= {"first_ref": masked(self.refs[0])} if self.refs else {}
        return told | ({"addresses": [masked(other) for other in self.others]} if self.others else {})


ITSELF = Like()


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One PUBLISH as it arrived.

    Attributes:
        topic: The topic, as sent.
        payload: The bytes, as sent.
        qos: 0, 1 or 2.
        retained: True only for a broker's stored copy (never for a live message that merely asks to be stored).
        received_at: Aware UTC, by alarmd's own clock.
        via: ``"broker"`` or ``"door"``.
        sender: Who published, where known: the client id at our own door, else the empty string.
        user: With whose password, at our own door; empty where there are no users, and for a broker: it does not say.
        will: It is a client's last will, published by our own door because the client is gone. What it says counts,
            but it is no sign of life, and nobody pressed anything.
        families: The device families that may read what this sender publishes (`alarmd.ties.Tied`: and where it may
            publish, so that it speaks for devices behind its own base topic only); None for all.
        like: For which messages it stands.
    """

    topic: str
    payload: bytes
    qos: int
    retained: bool
    received_at: datetime
    via: str
    sender: str = ""
    user: str = ""
    will: bool = False
    families: tuple[str, ...] | None = None
    like: Like = ITSELF


class NotKeptError(Exception):
    """The message could not be kept and must not be acknowledged; its sender will send it again."""


class Taker(Protocol):
    """The intake, as the doors see it."""

    def take(self, delivery: Delivery) -> asyncio.Future[None]:
        """Take one message; never blocks, never raises.

        The future is done once the message and all that follows from it are committed to disk: only then may the door
        acknowledge. It fails with `NotKeptError` when nothing was committed: then the door acknowledges nothing and
        drops the connection, so that the sender repeats.
        """
        ...
