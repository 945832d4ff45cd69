"""What becomes of the filters of a SUBSCRIBE and an UNSUBSCRIBE: the rules, without the socket.

Both in steps: a packet of 256 filters may cost what hundreds of presses do.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import structlog

from alarmd.door import replies, topics
from alarmd.door.hub import Hub
from alarmd.door.packets import Request, Subscribe, Unsubscribe
from alarmd.door.reasons import Reason
from alarmd.door.sessions import Session
from alarmd.door.users import Grants

log = structlog.get_logger()

_AT_ONCE = 4
"""Filters before the time is looked at."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the SUBACK says of each filter, and the filters whose retained messages follow, each once."""

    codes: Sequence[int]
    greet: Sequence[str]


class Writer(Protocol):
    """Who asked, and hears the answer."""

    version: int

    def write(self, data: bytes) -> None:
        """Send that."""
        ...


def subscribing(hub: Hub, session: Session, grants: Grants, packet: Subscribe, to: Writer) -> Iterator[None]:
    """Subscribe, say so, and send what is retained."""
    answer = yield from subscribe(hub, session, grants, packet)
    to.write(replies.suback(to.version, packet.packet_id, answer.codes))
    for pattern in answer.greet:
        hub.greet(session, pattern)


def unsubscribing(hub: Hub, session: Session, packet: Unsubscribe, to: Writer) -> Iterator[None]:
    """Unsubscribe, and say so."""
    codes = yield from unsubscribe(hub, session, packet)
    to.write(replies.unsuback(to.version, packet.packet_id, codes))


def subscribe(hub: Hub, session: Session, grants: Grants, packet: Subscribe) -> Generator[None, None, Answer]:
    """Let the session hold the filters that it may hold; those refused are logged in one line."""
    identifier = packet.properties.subscription_ids[0] if packet.properties.subscription_ids else 0
    codes: list[int] = []
    greet: dict[str, None] = {}
    refused: dict[Reason, str] = {}
    for number, request in enumerate(packet.requests, start=1):
        fresh = request.pattern not in session.subscriptions
        objection = _objection(hub, session, grants, request, identifier)
        codes.append(request.qos if objection is None else objection)
        if objection is not None:
            refused.setdefault(objection, request.pattern)
        elif not request.retain_handling or (request.retain_handling == 1 and fresh):
            greet[request.pattern] = None
        if not number % _AT_ONCE:
            yield
    for reason, pattern in refused.items():
        log.warning("door.subscribe_refused", client=session.client_id, pattern=pattern, why=reason.name)
    return Answer(codes, tuple(greet))


def unsubscribe(hub: Hub, session: Session, packet: Unsubscribe) -> Generator[None, None, Sequence[int]]:
    """Let the session no longer hold the filters; what the UNSUBACK says of each."""
    codes: list[int] = []
    for number, pattern in enumerate(packet.patterns, start=1):
        codes.append(hub.unsubscribe(session, pattern))
        if not number % _AT_ONCE:
            yield
    return codes


def _objection(hub: Hub, session: Session, grants: Grants, request: Request, identifier: int) -> Reason | None:
    pattern = request.pattern
    if pattern.startswith("$share/"):
        return Reason.SHARED_SUBSCRIPTIONS_NOT_SUPPORTED
    if not topics.is_filter(pattern):
        return Reason.TOPIC_FILTER_INVALID
    if not grants.may_subscribe(pattern):
        return Reason.NOT_AUTHORIZED
    return None if hub.subscribe(session, request, identifier) else Reason.QUOTA_EXCEEDED
