"""One client's conversation with the door, from CONNECT to farewell."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Iterator

import structlog

from alarmd.door import replies, subscribing, welcome, wire
from alarmd.door.doorstep import Guest
from alarmd.door.house import House
from alarmd.door.link import Hold, Link, State
from alarmd.door.logins import LOGIN_PATIENCE, TooManyError
from alarmd.door.packets import V5, Ack, Connect, Disconnect, Packet, Ping, Publish, Reader, Subscribe, Unsubscribe
from alarmd.door.publishing import SETTLED_AT_ONCE, Publisher
from alarmd.door.reasons import ProtocolError, Reason, broken
from alarmd.door.sessions import NEVER, Session
from alarmd.door.shares import BYTE, PACKET
from alarmd.door.stats import ClientEvent, Happening
from alarmd.door.users import EVERYTHING, Grants, Users
from alarmd.door.weight import Weight
from alarmd.door.welcome import Refusal
from alarmd.door.wire import Kind

log = structlog.get_logger()


class Connection(Link):
    """The door's end of one MQTT connection.

    Args:
        house: What it shares with the others.
        guest: How it is counted.
    """

    __slots__ = (
        "_asked_expiry",
        "_client_id",
        "_grants",
        "_guest",
        "_house",
        "_login",
        "_login_size",
        "_patience",
        "_publisher",
        "_reader",
        "_received_at",
        "_session",
        "_unfinished",
        "_user",
        "_weight",
        "_will_due",
        "max_packet",
        "receive_maximum",
        "state",
        "version",
    )

    def __init__(self, house: House, guest: Guest) -> None:
        super().__init__(house.limits, house.loop)
        self._guest = guest
        self._weight = Weight(house.hub.ledger, house.hub.strangers, guest.source, self._give_way)
        self.deadline = guest.since + house.limits.connect_timeout
        self.version = 0
        self.receive_maximum = wire.MAX_U16
        self.max_packet = wire.MAX_VARINT
        self.state = State.NEW
        self._house = house
        self._reader = Reader(house.limits.packet, house.limits.connect_packet)
        self._client_id = ""
        self._user = ""
        self._grants = Grants()
        self._session: Session | None = None
        self._publisher: Publisher | None = None
        self._login: asyncio.Task[None] | None = None
        self._login_size = 0
        self._unfinished: Iterator[None] | None = None  # a packet that takes longer than a slice
        self._asked_expiry = 0
        self._patience = NEVER
        self._will_due = True
        self._received_at = house.clock.now()

    # The transport's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The peer is there; whether it may stay is decided by its CONNECT."""
        super().connection_made(transport)
        self._house.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """The peer is gone; so may be thousands in the same moment."""
        super().connection_lost(exc)
        self._let_go()
        self._house.hub.chores.do(self._weight.user, self._leaving(str(exc) if exc else "the connection was lost"))

    def _leaving(self, why: str) -> Iterator[None]:
        house = self._house
        house.connections.discard(self)
        if self._share is not None:
            house.turns.shares.let_go(self._user, self)
        house.doorstep.gone(self._guest)
        self._part(why)
        self._weigh()
        house.on_gone()
        yield  # and look at the time

    def data_received(self, data: bytes) -> None:
        """Handle what came."""
        if self.state is State.CLOSED:
            return
        self._heard = self._loop.time()
        self._reader.feed(data)
        self.pay(len(data) * BYTE)
        if self._holds & Hold.SHARE or self._house.turns.is_crowded():
            if not self._holds & Hold.SHARE:
                self._wait_for_turn()
            self._weigh()
            return
        self._flush_due = True  # here and at once, not in the next turn
        self.work()
        self.flush()

    def flush(self) -> None:
        """Hand what was written to the transport, and count what the peer does not take."""
        super().flush()
        if self._weight.held or self.unsent:
            self._weigh()

    def _weigh(self) -> None:
        """Count what is held for it, and hang up where there is no room for more."""
        held, publisher = self.unsent, self._publisher
        if self.state is not State.CLOSED:
            held += self._reader.held + self._login_size
        if publisher is not None:
            held += publisher.pending_bytes + (publisher.remembered if self.state is not State.CLOSED else 0)
        if not self._weight.set(held) and self.state is not State.CLOSED:
            self._house.counters.refused += 1
            self.close(Reason.QUOTA_EXCEEDED, "too much is held for all who are not known, or for this user")

    def _give_way(self) -> None:
        """It has shown no password, holds much, and others need the room."""
        self._house.doorstep.send_away(self._guest)
        self.state = State.CLOSED
        self._let_go()

    def _let_go(self) -> None:
        """Hold nothing more of what it sent; its login would hold the CONNECT for as long as it is referred to."""
        login, self._login = self._login, None
        if login is not None:
            login.cancel()
        self._reader.forget()
        self._login_size, self._unfinished = 0, None
        self._weigh()

    @property
    def owner(self) -> Hashable:
        """With whom it shares its turns: with all of its user, once that is known."""
        return self if self._share is None else self._user

    def take_turn(self) -> None:
        """Go on with the next slice."""
        self.release(Hold.TURN)

    def _wait_for_turn(self, *, again: bool = False) -> None:
        if not self._holds & Hold.TURN:
            self.hold(Hold.TURN)
            self._house.turns.wait(self, again=again)

    def work_on(self) -> None:
        """Answer what is committed, handle what was read, until nothing is left or reading must wait."""
        try:
            self._settle(SETTLED_AT_ONCE)
            while not self._holds and self.state is not State.CLOSED and self._handle_some():
                self._settle(SETTLED_AT_ONCE)
        except ProtocolError as fault:
            self._settle()
            self._break_off(fault)
        if (
            self.state is State.OPEN and self._reader.begun
        ):  # of more than will be taken: what matters is waited for, not for ever
            self.deadline = min(self.deadline, self._heard + self._limits.connect_timeout)
        self._weigh()
        self._apply_holds()

    def _handle_some(self) -> bool:
        self._received_at = self._house.clock.now()
        turns, read, time = self._house.turns, self._reader.next, self._loop.time
        left, until, tokens = turns.slice(), turns.until(), self._tokens
        if not self._goes_on(until):
            return True
        packet = first = read()
        while packet is not None:
            if type(packet) is Publish:
                self._on_publish(packet)
            else:
                self._on_packet(packet)
            left -= 1
            if not left or not self._goes_on(until) or time() >= until:
                self._wait_for_turn(again=True)
            packet = None if self._holds or self.state is State.CLOSED else read()
        if self._session is not None:
            self._tokens -= self._session.bill()
            self.pay((tokens - self._tokens) * PACKET)
        if self._tokens < 0 and not self._holds & Hold.TURN and self._slow_down():
            self._house.counters.paused += 1
        return first is not None

    def _goes_on(self, until: float) -> bool:
        """Go on with the packet that was begun, until that time; False where it waits for its next turn."""
        if self._unfinished is None:
            return True
        time = self._loop.time
        for _ in self._unfinished:
            if time() >= until:
                self._wait_for_turn(again=True)
                return False
        self._unfinished = None
        return True

    def _settle(self, at_most: int | None = None) -> None:
        publisher = self._publisher
        if publisher is None or not publisher.in_flight:
            return
        failed = publisher.settle(answer=self.state is State.OPEN, at_most=at_most)
        if failed is not None:
            self.close(Reason.IMPLEMENTATION_SPECIFIC, "the message could not be kept; send it again")
            log.error("door.not_kept", client=self._client_id, fault=failed.detail)
        if not publisher.is_full():
            self._holds &= ~Hold.FULL

    def wake(self, _: object) -> None:
        """Answer what is committed, when its turn has come."""
        if not self._woken:
            self._woken = True
            self._house.turns.soon(self._awake)

    def drained(self) -> None:
        """The client reads on."""
        if self._session is not None and self._session.line is self:
            self._session.go_on()

    # Packets

    def _on_packet(self, packet: Packet) -> None:
        self._tokens -= 1
        session, publisher = self._session, self._publisher
        if isinstance(packet, Connect):
            self._on_connect(packet)
            return
        assert session is not None, "the reader lets nothing come before CONNECT, and logins hold the reading"
        assert publisher is not None
        match packet:
            case Ack(kind=Kind.PUBREL):
                publisher.on_pubrel(packet.packet_id)
            case Ack():
                session.on_ack(packet.kind, packet.packet_id, packet.reason)
            case Subscribe():
                self._tokens -= len(packet.requests)
                self._unfinished = subscribing.subscribing(self._house.hub, session, self._grants, packet, self)
            case Unsubscribe():
                self._tokens -= len(packet.patterns) - 1
                self._unfinished = subscribing.unsubscribing(self._house.hub, session, packet, self)
            case Ping():
                self.write(replies.PINGRESP)
            case Disconnect():
                self._on_disconnect(session, packet)
            case _:
                raise broken("AUTH, which was not agreed upon")

    def _on_publish(self, packet: Publish) -> None:
        assert self._publisher is not None
        self._tokens -= 1
        self._publisher.on_publish(packet, self._received_at)
        if self._publisher.is_full():
            self._holds |= Hold.FULL

    def _on_disconnect(self, session: Session, packet: Disconnect) -> None:
        expiry = packet.properties.session_expiry
        if expiry is not None:
            if expiry and not self._asked_expiry:
                raise broken("a session that was to end with the connection cannot be prolonged")
            session.expiry = min(expiry, self._limits.session_expiry)
        self._will_due = packet.reason != Reason.SUCCESS
        self._settle()  # what is committed is acknowledged before the farewell takes effect
        self.close(None, "")

    # Coming

    def _on_connect(self, connect: Connect) -> None:
        if self.state is not State.NEW:
            raise broken("a second CONNECT")
        self.state = State.LOGIN
        self._house.doorstep.introduced(self._guest)
        self.deadline = self._heard + LOGIN_PATIENCE
        self.version = connect.version
        self._client_id = connect.client_id
        self._user = connect.user or ""
        self.receive_maximum = connect.properties.receive_maximum or wire.MAX_U16
        self.max_packet = connect.properties.maximum_packet_size or wire.MAX_VARINT
        self._asked_expiry = connect.properties.session_expiry or 0
        objection = welcome.objection(connect, self.address, self._limits, with_users=self._house.users is not None)
        if objection is not None:
            self._refuse(objection)
        elif self._house.users is None:
            self._admit(connect, EVERYTHING)
        else:
            self._holds |= Hold.LOGIN
            self._login_size = connect.size
            self._login = self._loop.create_task(self._log_in(connect, self._house.users))

    async def _log_in(self, connect: Connect, users: Users) -> None:
        busy = False
        grants = None
        try:
            grants = await users.verify(connect.user or "", connect.password or b"", self.address)
        except TooManyError:
            busy = True
        self._login, self._login_size = None, 0
        if self.state is not State.LOGIN:
            return
        if busy:
            self._refuse(Refusal(Reason.SERVER_BUSY, "too many wrong passwords of this user wait; try again later"))
        elif grants is None:
            self._refuse(Refusal(Reason.BAD_USER_NAME_OR_PASSWORD, "user name or password is wrong"))
        else:
            self._admit(connect, grants)
        self.release(Hold.LOGIN)

    def _admit(self, connect: Connect, grants: Grants) -> None:
        if connect.will is not None and not grants.may_publish(connect.will.topic):
            self._refuse(Refusal(Reason.NOT_AUTHORIZED, "this user may not publish to the topic of its will"))
            return
        house = self._house
        terms = welcome.terms(connect, self._limits)
        self._client_id = terms.client_id
        self._grants = grants
        self._patience = 1.5 * terms.keep_alive or NEVER
        self._heard = self._loop.time()  # it was we who let it wait for its login
        self.deadline = self._heard + self._patience
        owner = self._user if house.users is not None else ""
        if not house.hub.may_come(owner, terms.client_id):
            self._refuse(Refusal(Reason.QUOTA_EXCEEDED, "this user has as many connections as one may have"))
            return
        if not house.hub.has_room_for(owner, terms.client_id, connect.will):
            self._refuse(Refusal(Reason.QUOTA_EXCEEDED, "no room for the will: too much is held for this user"))
            return
        session, present = house.hub.admit(owner, connect, terms, grants)
        self._session = session
        self._publisher = Publisher(house, session, self.version, grants, wake=self.wake, write=self.write)
        self._weight.known(owner)
        self._share = house.turns.shares.come(owner) if house.users is not None else None
        self.state = State.OPEN
        house.doorstep.known(self._guest)
        house.counters.accepted += 1
        properties = welcome.greeting(connect, terms, self._limits)
        self.write(replies.connack(self.version, Reason.SUCCESS, present=present, properties=properties))
        session.attach(self)
        self._tell(Happening.CONNECTED)

    def _refuse(self, refusal: Refusal) -> None:
        properties = wire.Properties(reason_string=refusal.detail)
        self.write(replies.connack(self.version, refusal.reason, properties=properties))
        self._turn_away(refusal.detail)

    def _turn_away(self, detail: str) -> None:
        self._house.counters.refused += 1
        log.warning("door.refused", client=self._client_id, user=self._user, address=self.address, why=detail)
        self._tell(Happening.REFUSED, detail)
        self.state = State.CLOSED
        self._shut()
        self._let_go()

    # Going

    def take_over(self) -> None:
        """Make room for a new connection of the same client."""
        self.close(Reason.SESSION_TAKEN_OVER, "another connection has taken the session over")

    def close(self, reason: Reason | None, detail: str, *, with_will: bool | None = None) -> None:
        """End the connection; a `reason` is told to an MQTT 5 client.

        Args:
            reason: None when the client said farewell itself.
            detail: Why, for the log and the client's log.
            with_will: Whether the will is due; by default unless the client said farewell.
        """
        if self.state is State.CLOSED:
            return
        if with_will is not None:
            self._will_due = with_will
        if reason is not None and self.version == V5 and self.state is State.OPEN:
            farewell = replies.disconnect(reason, detail)
            self.write(farewell if len(farewell) <= self.max_packet else replies.disconnect(reason))
        self._part(detail)
        self._shut()
        self._let_go()

    def _break_off(self, fault: ProtocolError) -> None:
        self._house.counters.broken += 1
        log.warning("door.protocol", client=self._client_id, address=self.address, why=fault.detail)
        if fault.reason is Reason.UNSUPPORTED_PROTOCOL_VERSION:
            self.write(replies.connack(0, fault.reason))
        self.close(fault.reason, fault.detail)

    def _part(self, detail: str) -> None:
        """Leave the session, once."""
        was, self.state = self.state, State.CLOSED
        if was is State.OPEN and self._session is not None and self._publisher is not None:
            self._publisher.on_begun(self._reader.begun, self._received_at)
            self._house.hub.leave(self._session, now=self._loop.time(), with_will=self._will_due)
            self._tell(Happening.DISCONNECTED, detail)

    def _tell(self, what: Happening, reason: str = "") -> None:
        event = ClientEvent(what=what, client_id=self._client_id, user=self._user, address=self.address, reason=reason)
        log.debug("door.client", what=what, client=self._client_id, address=self.address, why=reason)
        self._house.on_client(event)

    # The door's side

    def check(self, users: Users) -> None:
        """Close it where its user is not in the file any more as they were let in."""
        if self.state is State.OPEN and not users.stand(self._user, self._grants):
            self.close(Reason.NOT_AUTHORIZED, "taken out, or has another password or other topics", with_will=False)

    def sweep(self, now: float) -> None:
        """Close what has been silent too long at `now` (loop time); called when `deadline` has passed."""
        match self.state:
            case State.CLOSED:
                self.abort()
            case State.OPEN:
                self._listen(now)
            case State.NEW if self.held_by_us():  # its CONNECT may be here, and wait for its turn
                self.deadline = now + self._limits.connect_timeout
            case State.NEW | State.LOGIN:
                self._house.counters.timed_out += 1
                self.close(None, "no CONNECT came in time")

    def _listen(self, now: float) -> None:
        """Hang up on a client that was not heard for too long; else look again when it could be so."""
        if self.held_by_us():
            self._heard = now  # it is we who do not listen
        self.deadline = self._heard + self._patience
        if self.deadline <= now or self._reader.begun:
            self._house.counters.timed_out += 1
            self.close(Reason.KEEP_ALIVE_TIMEOUT, "nothing was heard for one and a half keep alives")

    def unsettled(self) -> list[asyncio.Future[None]]:
        """The takes that are not done, for a door about to close."""
        return self._publisher.unsettled() if self._publisher else []
