"""Where messages meet subscribers: the sessions, their subscriptions, the retained messages and the wills."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator

import structlog

from alarmd.door.chores import STEP, Chores
from alarmd.door.greetings import Greeter
from alarmd.door.ledger import ALWAYS_HELD, MESSAGE, Ledger, filter_size, text_size
from alarmd.door.limits import Limits
from alarmd.door.packets import Connect, Request, Will
from alarmd.door.reasons import Reason
from alarmd.door.retained import Retained
from alarmd.door.sessions import NEVER, Message, Outgoing, Session, Subscription, size_of
from alarmd.door.stats import Counters
from alarmd.door.topics import Index
from alarmd.door.users import Grants
from alarmd.door.weight import Strangers
from alarmd.door.welcome import Terms
from alarmd.entrance import SAID_EVERY
from alarmd.right_of_way import RightOfWay

log = structlog.get_logger()

BEHIND = 100
"""Messages of one user that wait to be passed on; above it what else it publishes is acknowledged later."""
DELIVERED_AT_ONCE = 8
"""Messages written, or filters let go of, before the time is looked at."""


class Hub:
    """All sessions of the door.

    Args:
        limits: How many sessions and how much for each.
        counters: Where what is sent and dropped is counted.
        publish_will: Called with a session and its will when the will is due.
        way: What takes long steps aside for what is urgent.
    """

    def __init__(
        self,
        *,
        limits: Limits,
        counters: Counters,
        loop: asyncio.AbstractEventLoop,
        publish_will: Callable[[Session, Will], None],
        way: RightOfWay | None = None,
    ) -> None:
        way = way or RightOfWay()
        self._limits = limits
        self._counters = counters
        self._loop = loop
        self._publish_will = publish_will
        self._sessions: dict[tuple[str, str], Session] = {}
        self._of: dict[str, dict[Session, None]] = {}  # the sessions of each user
        self._away: dict[str, dict[Session, None]] = {}  # of each user, in the order in which they left
        self._branching: Counter[str] = Counter()  # filters with a + of each user
        self._index: Index[Session, Subscription] = Index()
        self._routes = Chores(loop, way, in_order=True)
        self._routed: Counter[str] = Counter()  # bytes of each user that are not passed on
        self._said_at = float("-inf")
        self._unsaid = 0
        self.chores = Chores(loop, way)
        """What else takes long and has no order: greetings, farewells, sweeping."""
        self.ledger = Ledger(limits, self._give_way)
        self.strangers = Strangers(self.ledger, limits)
        self.in_flight: Counter[str] = Counter()
        """Bytes of what each user published and is not kept yet."""
        self.wills_due: Counter[str] = Counter()
        """Bytes of each user's wills that are given to alarmd and not kept yet."""
        self.retained = Retained(limits, self.ledger)
        self._greeter = Greeter(self.retained, self.chores, loop)

    @property
    def sessions(self) -> int:
        """How many sessions there are."""
        return len(self._sessions)

    @property
    def subscriptions(self) -> int:
        """How many filters are held."""
        return len(self._index)

    def admit(self, user: str, connect: Connect, terms: Terms, grants: Grants) -> tuple[Session, bool]:
        """Let a client in that may come: its session, and whether it is an old one. Its former connection ends."""
        former = self._sessions.get((user, terms.client_id))
        if former is not None and former.line is not None:
            former.line.take_over()
        session, present = self.open(user, terms.client_id, clean=connect.clean)
        session.expiry = terms.expiry
        self.set_will(session, connect.will)
        if session.grants != grants:  # else there may be a thousand to look at, each time it comes back
            session.grants = grants
            for pattern in [held for held in session.subscriptions if not grants.may_subscribe(held)]:
                self.unsubscribe(session, pattern)
        return session, present

    def open(self, user: str, client_id: str, *, clean: bool) -> tuple[Session, bool]:
        """The client's session and whether it is an old one taken up again. Its former connection must be gone."""
        session = self._sessions.get((user, client_id))
        if session is not None:
            over = session.expires_at <= self._loop.time()  # and not swept yet
            self._is_back(session)
            if not clean and not over:
                return session, True
            self.end(session)
        elif user and len(self._of.get(user, ())) >= self._limits.sessions_per_user:
            self._evict_away(user)
        elif len(self._sessions) >= self._limits.sessions and self._away:
            self._evict_away(max(self._away, key=lambda owner: len(self._of[owner])))
        session = Session(
            user=user,
            client_id=client_id,
            limits=self._limits,
            counters=self._counters,
            ledger=self.ledger,
            loop=self._loop,
            greet=self._greeter.go_on,
        )
        self._sessions[session.key] = session
        self._of.setdefault(user, {})[session] = None
        return session, False

    def may_come(self, user: str, client_id: str) -> bool:
        """Whether there may be a session for that client: its user has not as many connected as one may have."""
        if not user or (user, client_id) in self._sessions:
            return True
        return len(self._of.get(user, ())) < self._limits.sessions_per_user or user in self._away

    def _is_back(self, session: Session) -> None:
        mine = self._away.get(session.key[0])
        if mine is not None and mine.pop(session, 0) is None and not mine:
            del self._away[session.key[0]]

    def _give_way(self, user: str) -> bool:
        """Let go of something of that user, who holds most of all; False where it holds nothing that could go."""
        if self._evict_away(user) or self.retained.forget_of(user):
            return True
        mine = self._of.get(user)
        if not mine:
            return False
        largest = max(mine, key=lambda session: session.held)
        self._say_evicted(largest)
        if largest.line is not None:
            largest.line.close(Reason.QUOTA_EXCEEDED, "its user holds most of all, and the memory is full")
        if not largest.over:
            self.end(largest)
        return True

    def _evict_away(self, user: str) -> bool:
        """Forget that user's session that left first; False where none has."""
        oldest = next(iter(self._away.get(user, ())), None)
        if oldest is None:
            return False
        self._say_evicted(oldest)
        self.end(oldest)
        return True

    def _say_evicted(self, session: Session) -> None:
        """One line a minute, however many there are."""
        now = self._loop.time()
        if now - self._said_at < SAID_EVERY:
            self._unsaid += 1
            return
        user = session.key[0]
        log.warning(
            "door.session_evicted",
            client=session.client_id,
            user=user,
            sessions=len(self._of[user]),
            all=len(self._sessions),
            since_the_last=self._unsaid,
        )
        self._said_at, self._unsaid = now, 0

    def has_room_for(self, user: str, client_id: str, will: Will | None) -> bool:
        """Whether a user's client may leave that will, instead of the one it has; a small one always."""
        former = self._sessions.get((user, client_id))
        grows = will_size(will) - (will_size(former.will) if former is not None else 0)
        if grows <= ALWAYS_HELD:
            return True
        return self.ledger.within_share(user, grows + self.wills_due[user]) and self.ledger.has_room(user, grows)

    def set_will(self, session: Session, will: Will | None) -> bool:
        """The client leaves a will instead of the one it has, or none; False where there is no room for it."""
        if not self.has_room_for(*session.key, will):
            return False
        session.charge(will_size(will) - will_size(session.will))
        session.will = will
        return True

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
        self._away.setdefault(session.key[0], {})[session] = None
        self._fire_will(session, now)

    def end(self, session: Session) -> None:
        """Forget a session; a will still waiting is due with it."""
        user = session.key[0]
        del self._sessions[session.key]
        mine = self._of[user]
        del mine[session]
        if not mine:
            del self._of[user]
        self._is_back(session)
        if session.will is not None and session.will_at != NEVER:
            self._fire_will(session, NEVER)
        session.end()
        if session.subscriptions:
            self.chores.do(user, self._dropping(session))

    def _dropping(self, session: Session) -> Iterator[None]:
        """Let go of the filters of a session that is over: there may be a thousand of them."""
        for number, pattern in enumerate(list(session.subscriptions), start=1):
            self.unsubscribe(session, pattern)
            if not number % DELIVERED_AT_ONCE:
                yield

    def sweep(self, now: float) -> Iterator[None]:
        """Send the wills that are due at `now` (loop time), end the sessions that are over, forget what expired."""
        for session in [session for mine in self._away.values() for session in mine]:
            if session.line is None and not session.over:
                self._fire_will(session, now)
                if session.expires_at <= now:
                    self.end(session)
            yield
        yield from self.retained.expire(now)

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
            if len(session.subscriptions) >= self._limits.subscriptions or pattern.count("/") >= self._limits.levels:
                return False
            if "+" in pattern and self._branching[user] >= self._limits.branching:
                return False
            size = filter_size(pattern)
            if not self.ledger.has_room(user, size) or session.over:
                return False
            if "+" in pattern:
                self._branching[user] += 1
            session.charge(size)
        session.subscriptions[pattern] = subscription
        self._index.put(pattern, session, subscription)
        return True

    def greet(self, session: Session, pattern: str) -> None:
        """Send the retained messages that a subscription just made matches, as fast as the client reads them."""
        self._greeter.greet(session, pattern)

    def unsubscribe(self, session: Session, pattern: str) -> Reason:
        """Let the session no longer hold the filter."""
        if session.subscriptions.pop(pattern, None) is None:
            return Reason.NO_SUBSCRIPTION_EXISTED
        session.charge(-filter_size(pattern))
        session.forget_greeting(pattern)
        if "+" in pattern:
            self._branching[session.key[0]] -= 1
            if not self._branching[session.key[0]]:
                del self._branching[session.key[0]]
        self._index.drop(pattern, session)
        return Reason.SUCCESS

    # Passing on

    def is_behind(self, user: str) -> bool:
        """Whether so much of what that user published waits to be passed on that it ought to wait with more."""
        return self._routes.waiting(user) > BEHIND or self._routed[user] > self._limits.in_flight_user

    def route(self, message: Message, origin: Session | None = None) -> None:
        """Send a message to all who subscribed to it, once to each, and retain it where it asks for that.

        What takes long is gone on with in the next turns of the loop, one user's after the other's.
        """
        user = origin.key[0] if origin is not None else ""
        if message.retain:
            self.retained.keep(message, user)
        work = self._passing_on(message, origin)
        if not self._routes.done_at_once(user, work):
            self._hold(user, size_of(message))
            self._routes.later(user, self._released(user, size_of(message), work))

    def _released(self, user: str, size: int, work: Iterator[None]) -> Iterator[None]:
        try:
            yield from work
        finally:
            self._hold(user, -size)

    def _hold(self, user: str, size: int) -> None:
        self.ledger.add(user, size)
        self._routed[user] += size
        if not self._routed[user]:
            del self._routed[user]

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
                if not seen % STEP:
                    yield
            if not seen % STEP:
                yield
        for number, (session, held) in enumerate(found.items(), start=1):
            qos = min(message.qos, max(one.qos for one in held))
            retain = message.retain and any(one.retain_as_published for one in held)
            identifiers = tuple(one.identifier for one in held if one.identifier)
            session.deliver(Outgoing(message, qos, retain, identifiers))
            if not number % DELIVERED_AT_ONCE:
                yield


def will_size(will: Will | None) -> int:
    """What a will costs where it is held, in bytes."""
    if will is None:
        return 0
    return len(will.payload) + text_size(will.topic) + will.properties.size + MESSAGE
