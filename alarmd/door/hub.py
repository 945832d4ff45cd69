"""Where messages meet subscribers: the sessions, their subscriptions, the retained messages and the wills."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from alarmd.door.limits import Limits
from alarmd.door.packets import Request, Will
from alarmd.door.reasons import Reason
from alarmd.door.retained import Retained
from alarmd.door.sessions import NEVER, Message, Outgoing, Session, Subscription
from alarmd.door.stats import Counters
from alarmd.door.topics import Index

log = structlog.get_logger()


class Hub:
    """All sessions of the door.

    Args:
        limits: How many sessions and how much for each.
        counters: Where what is sent and dropped is counted.
        publish_will: Called with a session and its will when the will is due.
    """

    def __init__(
        self,
        *,
        limits: Limits,
        counters: Counters,
        loop: asyncio.AbstractEventLoop,
        publish_will: Callable[[Session, Will], None],
    ) -> None:
        self._limits = limits
        self._counters = counters
        self._loop = loop
        self._publish_will = publish_will
        self._sessions: dict[tuple[str, str], Session] = {}
        self._index: Index[Session, Subscription] = Index()
        self._away: dict[Session, None] = {}  # in the order in which they left
        self.retained = Retained(limits)

    @property
    def sessions(self) -> int:
        """How many sessions there are."""
        return len(self._sessions)

    @property
    def subscriptions(self) -> int:
        """How many filters are held."""
        return len(self._index)

    def find(self, user: str, client_id: str) -> Session | None:
        """The session of that client, if there is one."""
        return self._sessions.get((user, client_id))

    def open(self, user: str, client_id: str, *, clean: bool) -> tuple[Session, bool]:
        """The client's session and whether it is an old one taken up again. Its former connection must be gone."""
        session = self._sessions.get((user, client_id))
        if session is not None:
            over = session.expires_at <= self._loop.time()  # and not swept yet
            self._away.pop(session, None)
            if not clean and not over:
                return session, True
            self.end(session)
        elif len(self._sessions) >= self._limits.sessions and self._away:
            oldest = next(iter(self._away))
            log.warning("door.session_evicted", client=oldest.client_id, sessions=len(self._sessions))
            self.end(oldest)
        session = Session(user=user, client_id=client_id, limits=self._limits, counters=self._counters, loop=self._loop)
        self._sessions[session.key] = session
        return session, False

    def leave(self, session: Session, *, now: float, with_will: bool) -> None:
        """The client's connection is over at `now` (loop time)."""
        session.detach()
        if not with_will:
            session.will = None
        if session.will is not None:
            session.will_at = now + (session.will.properties.will_delay or 0)
        if not session.expiry:
            self.end(session)
            return
        session.expires_at = now + session.expiry
        self._away[session] = None
        self._fire_will(session, now)

    def end(self, session: Session) -> None:
        """Forget a session; a will still waiting is due with it."""
        del self._sessions[session.key]
        self._away.pop(session, None)
        for pattern in session.subscriptions:
            self._index.drop(pattern, session)
        session.subscriptions.clear()
        if session.will is not None and session.will_at != NEVER:
            self._fire_will(session, NEVER)

    def sweep(self, now: float) -> None:
        """Send the wills that are due at `now` (loop time), end the sessions that are over, forget what expired."""
        for session in [one for one in self._away if one.expires_at <= now or one.will_at <= now]:
            self._fire_will(session, now)
            if session.expires_at <= now:
                self.end(session)
        self.retained.expire(now)

    def _fire_will(self, session: Session, now: float) -> None:
        if session.will is not None and session.will_at <= now:
            will, session.will, session.will_at = session.will, None, NEVER
            self._publish_will(session, will)

    def subscribe(self, session: Session, request: Request, identifier: int) -> bool:
        """Let the session hold the filter; False when it holds too many. Retained messages follow by `greet`."""
        if request.pattern not in session.subscriptions and len(session.subscriptions) >= self._limits.subscriptions:
            return False
        subscription = Subscription(request.qos, request.no_local, request.retain_as_published, identifier)
        session.subscriptions[request.pattern] = subscription
        self._index.put(request.pattern, session, subscription)
        return True

    def greet(self, session: Session, pattern: str) -> None:
        """Send the retained messages that a subscription just made matches."""
        subscription = session.subscriptions[pattern]
        identifiers = (subscription.identifier,) if subscription.identifier else ()
        for message in self.retained.select(pattern, self._loop.time()):
            session.deliver(
                Outgoing(message, min(message.qos, subscription.qos), retain=True, identifiers=identifiers),
                greeting=True,
            )

    def unsubscribe(self, session: Session, pattern: str) -> Reason:
        """Let the session no longer hold the filter."""
        if session.subscriptions.pop(pattern, None) is None:
            return Reason.NO_SUBSCRIPTION_EXISTED
        self._index.drop(pattern, session)
        return Reason.SUCCESS

    def route(self, message: Message, origin: Session | None = None) -> None:
        """Send a message to all who subscribed to it, once to each, and retain it where it asks for that."""
        if message.retain:
            self.retained.keep(message)
        found: dict[Session, list[Subscription]] = {}
        for session, subscription in self._index.match(message.topic):
            if session is not origin or not subscription.no_local:
                found.setdefault(session, []).append(subscription)
        for session, held in found.items():
            qos = min(message.qos, max(one.qos for one in held))
            retain = message.retain and any(one.retain_as_published for one in held)
            identifiers = tuple(one.identifier for one in held if one.identifier)
            session.deliver(Outgoing(message, qos, retain, identifiers))
