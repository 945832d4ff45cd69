"""What the door has seen and done: counted for ``/metrics``, told event by event to whoever watches the clients."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum

import msgspec


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats:
    """A snapshot of the door's figures.

    Attributes:
        connections: Clients connected now.
        sessions: Sessions held now, connected or not.
        subscriptions: Filters held now.
        retained: Retained messages held now.
        accepted: Connections that were let in, since the start.
        refused: Connections and logins turned away, since the start.
        broken: Connections closed because the client broke the protocol, since the start.
        timed_out: Connections closed because the client was silent, since the start.
        received: PUBLISH packets given to the taker, since the start; wills too.
        acked: PUBACK and PUBREC sent for what was committed, since the start.
        not_kept: Messages the taker could not keep, since the start.
        not_allowed: PUBLISH packets refused because the user may not write there, since the start.
        sent: Messages sent to subscribers, since the start; repetitions too.
        dropped: Messages not sent to a subscriber, because its queue was full or the packet too large for it.
        paused: Times a client was read more slowly because it was over its rate, since the start.
    """

    connections: int = 0
    sessions: int = 0
    subscriptions: int = 0
    retained: int = 0
    accepted: int = 0
    refused: int = 0
    broken: int = 0
    timed_out: int = 0
    received: int = 0
    acked: int = 0
    not_kept: int = 0
    not_allowed: int = 0
    sent: int = 0
    dropped: int = 0
    paused: int = 0


class Counters:
    """The figures that only grow, counted in place."""

    __slots__ = (
        "accepted",
        "acked",
        "broken",
        "dropped",
        "not_allowed",
        "not_kept",
        "paused",
        "received",
        "refused",
        "sent",
        "timed_out",
    )

    def __init__(self) -> None:
        self.accepted = 0
        self.acked = 0
        self.broken = 0
        self.dropped = 0
        self.not_allowed = 0
        self.not_kept = 0
        self.paused = 0
        self.received = 0
        self.refused = 0
        self.sent = 0
        self.timed_out = 0

    def snapshot(self, *, connections: int, sessions: int, subscriptions: int, retained: int) -> Stats:
        """The figures of this moment."""
        grown = {field.name: getattr(self, field.name) for field in fields(Stats) if field.name in self.__slots__}
        return Stats(
            connections=connections, sessions=sessions, subscriptions=subscriptions, retained=retained, **grown
        )


class Happening(StrEnum):
    """What happened to a client."""

    CONNECTED = "connected"
    DISCONNECTED = "disconnected"
    REFUSED = "refused"


class ClientEvent(msgspec.Struct, frozen=True, kw_only=True):
    """A client came, went or was turned away.

    Attributes:
        client_id: As the client named itself, or as the door named it; empty where it was refused before that.
        user: The user name it gave; empty without one.
        address: Its IP address.
        reason: Why, in a few words; empty for an ordinary farewell.
    """

    what: Happening
    client_id: str
    user: str
    address: str
    reason: str = ""
