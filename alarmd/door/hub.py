"""Where messages meet subscribers: the sessions, their subscriptions, the retained messages and the wills."""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Iterator

import structlog

from alarmd.door.ledger import Ledger, topic_size
from alarmd.door.limits import Limits
from alarmd.door.packets import Request, Will
from alarmd.door.reasons import Reason
from alarmd.door.retained import Retained
from alarmd.door.sessions import NEVER, Greeting, Message, Outgoing, Session, Subscription
from alarmd.door.stats import Counters
from alarmd.door.topics import Index
from alarmd.door.turns import BUDGET

log = structlog.get_logger()

BEHIND = 100
"""Messages of one user that wait to be passed on; above it what else it publishes is acknowledged later."""
STEP = 64
"""Subscribers looked at before the time is."""


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
        self._of: Counter[str] = Counter()  # sessions of each user
        self._branching: Counter[str] = Counter()  # filters with a + of each user
        self._index: Index[Session, Subscription] = Index()
        self._away: dict[Session, None] = {}  # in the order in which they left
        self._routes: OrderedDict[str, deque[Iterator[None]]] = OrderedDict()  # what is passed on, by who published it
        self._routing = False
        self.ledger = Ledger(limits)
        self.in_flight: Counter[str] = Counter()
        """Bytes of what each user published and is not kept yet."""
        self.retained = Retained(limits, charge=self.ledger.add, room=self.has_room)

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
        elif user and self._of[user] >= self._limits.sessions_per_user:
            self._evict_from(user)
        elif len(self._sessions) >= self._limits.sessions:
            self._evict_from(*(owner for owner, _ in self._of.most_common()))
        session = Session(
            user=user,
            client_id=client_id,
            limits=self._limits,
            counters=self._counters,
            ledger=self.ledger,
            loop=self._loop,
        )
        self._sessions[session.key] = session
        self._of[user] += 1
        return session, False

    def may_come(self, user: str, client_id: str) -> bool:
        """Whether there may be a session for that client: its user has not as many connected as one may have."""
        if not user or (user, client_id) in self._sessions or self._of[user] < self._limits.sessions_per_user:
            return True
        return any(session.key[0] == user for session in self._away)

    def has_room(self, user: str, size: int) -> bool:
        """Whether a user may hold so many bytes more; who holds most of all gives way to who holds less."""
        if size <= 0:
            return True
        if not self.ledger.within_share(user, size):
            return False
        while not self.ledger.fits(size):
            heaviest = self.ledger.heaviest()
            if heaviest is None or self.ledger.of(heaviest) <= self.ledger.of(user) + size:
                return False
            if not self._evict_from(heaviest) and not self.retained.forget_of(heaviest):
                return False
        return True

    def _evict_from(self, *users: str) -> bool:
        """Forget the session that left first, of the first of those users that has one; False where none has."""
        for user in users:
            oldest = next((session for session in self._away if session.key[0] == user), None)
            if oldest is not None:
                log.warning(
                    "door.session_evicted",
                    client=oldest.client_id,
                    user=user,
                    sessions=self._of[user],
                    all=len(self._sessions),
                )
                self.end(oldest)
                return True
        return False

    def set_will(self, session: Session, will: Will | None) -> None:
        """The client leaves a will, or takes it back."""
        for one, sign in ((session.will, -1), (will, 1)):
            if one is not None:
                session.charge(sign * (len(one.payload) + len(one.topic) + one.properties.size))
        session.will = will

    def leave(self, session: Session, *, now: float, with_will: bool) -> None:
        """The client's connection is over at `now` (loop time)."""
        session.detach()
        if not with_will:
            self.set_will(session, None)
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
        self._of[session.key[0]] -= 1
        if not self._of[session.key[0]]:
            del self._of[session.key[0]]
        self._away.pop(session, None)
        for pattern in list(session.subscriptions):
            self.unsubscribe(session, pattern)
        if session.will is not None and session.will_at != NEVER:
            self._fire_will(session, NEVER)
        session.end()

    def sweep(self, now: float) -> None:
        """Send the wills that are due at `now` (loop time), end the sessions that are over, forget what expired."""
        for session in [one for one in self._away if one.expires_at <= now or one.will_at <= now]:
            self._fire_will(session, now)
            if session.expires_at <= now:
                self.end(session)
        self.retained.expire(now)

    def _fire_will(self, session: Session, now: float) -> None:
        if session.will is not None and session.will_at <= now:
            will, session.will_at = session.will, NEVER
            self.set_will(session, None)
            self._publish_will(session, will)

    def subscribe(self, session: Session, request: Request, identifier: int) -> bool:
        """Let the session hold the filter; False when it holds too many. Retained messages follow by `greet`."""
        pattern, user = request.pattern, session.key[0]
        subscription = Subscription(request.qos, request.no_local, request.retain_as_published, identifier)
        if pattern not in session.subscriptions:
            size = topic_size(pattern)
            if len(session.subscriptions) >= self._limits.subscriptions or not self.has_room(user, size):
                return False
            if "+" in pattern:
                if self._branching[user] >= self._limits.branching or pattern.count("/") >= self._limits.levels:
                    return False
                self._branching[user] += 1
            session.charge(size)
        session.subscriptions[pattern] = subscription
        self._index.put(pattern, session, subscription)
        return True

    def greet(self, session: Session, pattern: str) -> None:
        """Send the retained messages that a subscription just made matches, as fast as the client reads them."""
        retained, loop = self.retained, self._loop
        session.greet(
            Greeting(
                pattern,
                lambda: retained.select(pattern, loop.time()),
                session.subscriptions[pattern],
                retained.is_last_word,
            )
        )

    def unsubscribe(self, session: Session, pattern: str) -> Reason:
        """Let the session no longer hold the filter."""
        if session.subscriptions.pop(pattern, None) is None:
            return Reason.NO_SUBSCRIPTION_EXISTED
        session.charge(-topic_size(pattern))
        if "+" in pattern:
            self._branching[session.key[0]] -= 1
        self._index.drop(pattern, session)
        return Reason.SUCCESS

    # Passing on

    def is_behind(self, user: str) -> bool:
        """Whether so much of what that user published waits to be passed on that it ought to wait with more."""
        return len(self._routes.get(user, ())) > BEHIND

    def route(self, message: Message, origin: Session | None = None) -> None:
        """Send a message to all who subscribed to it, once to each, and retain it where it asks for that.

        What takes long is gone on with in the next turns of the loop, one user's after the other's.
        """
        user = origin.key[0] if origin is not None else ""
        if message.retain:
            self.retained.keep(message, user)
        work = self._passing_on(message, origin)
        if user in self._routes:
            self._routes[user].append(work)
        elif not _goes_on(work, self._loop.time() + BUDGET, self._loop.time):
            self._routes[user] = deque((work,))
            self._go_on_soon()

    def _go_on_soon(self) -> None:
        if not self._routing:
            self._routing = True
            self._loop.call_soon(self._go_on)

    def _go_on(self) -> None:
        self._routing = False
        until = self._loop.time() + BUDGET
        while self._routes and self._loop.time() < until:
            user, waiting = self._routes.popitem(last=False)
            if _goes_on(waiting[0], until, self._loop.time):
                waiting.popleft()
            if waiting:
                self._routes[user] = waiting
        if self._routes:
            self._go_on_soon()

    def _passing_on(self, message: Message, origin: Session | None) -> Iterator[None]:
        """One message to its subscribers; yields now and then, and bears that they come and go meanwhile."""
        found: dict[Session, list[Subscription]] = {}
        seen = 0
        for node in self._index.nodes(message.topic):
            seen += 1
            for session, subscription in list(node.items()) if node else ():
                seen += 1
                if session is not origin or not subscription.no_local:
                    found.setdefault(session, []).append(subscription)
            if seen >= STEP:
                seen = 0
                yield
        for number, (session, held) in enumerate(found.items(), start=1):
            qos = min(message.qos, max(one.qos for one in held))
            retain = message.retain and any(one.retain_as_published for one in held)
            identifiers = tuple(one.identifier for one in held if one.identifier)
            session.deliver(Outgoing(message, qos, retain, identifiers))
            if not number % STEP:
                yield


def _goes_on(work: Iterator[None], until: float, time: Callable[[], float]) -> bool:
    """Go on with it until that time; whether it is done."""
    return all(time() < until for _ in work)
