"""Who has come and not said who it is: counted from accept on, few at a time, and the first to go when it is crowded.

A socket costs a descriptor from the moment it is accepted, and under TLS some buffers as soon as the handshake begins.
So a handshake begins only when the client has said something, one in each turn of the loop; those who say nothing cost
a descriptor for ten seconds, and who has shown a password never goes for them.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections import Counter, deque
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import structlog

from alarmd.door import welcome
from alarmd.door.limits import Limits
from alarmd.door.stats import Counters
from alarmd.door.tls import Certificate
from alarmd.door.turns import ASIDE
from alarmd.entrance import SAID_EVERY, Crowd
from alarmd.peers import source
from alarmd.right_of_way import RightOfWay

if TYPE_CHECKING:
    from alarmd.door.connection import Connection

log = structlog.get_logger()

_TLS_HANDSHAKE = 0x16


class Guest:
    """One accepted connection, whether it has said who it is or not."""

    __slots__ = ("address", "connection", "since", "sock", "source", "task")

    def __init__(self, sock: socket.socket, address: str, since: float) -> None:
        self.sock = sock
        self.address = address
        self.source = source(address)
        self.since = since
        self.connection: Connection | None = None
        self.task: asyncio.Task[object] | None = None


class Doorstep:
    """Everybody who was accepted.

    Args:
        limits: How many there may be.
        certificate: With which TLS is spoken; None without.
        counters: Where those sent away are counted.
        connection: Makes the protocol of one guest.
        way: Handshakes step aside for what is urgent.
    """

    def __init__(
        self,
        *,
        limits: Limits,
        certificate: Certificate | None,
        counters: Counters,
        connection: Callable[[Guest], Connection],
        way: RightOfWay,
    ) -> None:
        self._limits = limits
        self._certificate = certificate
        self._counters = counters
        self._connection = connection
        self._way = way
        self._loop = asyncio.get_running_loop()
        self._total = 0
        self._of: Counter[str] = Counter()
        self._strangers: Crowd[Guest] = Crowd()
        self._candidates: Crowd[Guest] = Crowd()
        self._hellos: deque[Guest] = deque()
        self._said_at = float("-inf")
        self._unsaid = 0

    def __len__(self) -> int:
        return self._total

    @property
    def is_full(self) -> bool:
        """Whether everybody counted has shown a password, and there is room for nobody else."""
        return self._total >= self._limits.connections and not self._strangers and not self._candidates

    def take(self, sock: socket.socket, address: str) -> None:
        """Somebody has come."""
        limits = self._limits
        mine = source(address)
        if self._of[mine] >= limits.connections_per_address and not welcome.is_loopback(address):
            self._turn_away(sock, address, "too many connections from this address")
            return
        if self._total >= limits.connections and not self.make_room():
            self._turn_away(sock, address, "too many connections")
            return
        if len(self._strangers) >= limits.strangers:
            self.send_away(self._strangers.first_to_go())
        guest = Guest(sock, address, self._loop.time())
        self._total += 1
        self._of[guest.source] += 1
        self._strangers.add(guest.source, guest)
        if self._certificate is None:
            self._begin(guest)
        else:
            self._loop.add_reader(sock, self._speaks, guest)

    def make_room(self) -> bool:
        """Send somebody away who has not shown a password; False where there is nobody."""
        return self.send_away(self._strangers.first_to_go() or self._candidates.first_to_go())

    def introduced(self, guest: Guest) -> None:
        """It has said who it is, and may be believed or not."""
        if self._strangers.drop(guest.source, guest):
            self._candidates.add(guest.source, guest)

    def known(self, guest: Guest) -> None:
        """It has shown its password."""
        self._strangers.drop(guest.source, guest)
        self._candidates.drop(guest.source, guest)

    def gone(self, guest: Guest) -> None:
        """It has left."""
        self._strangers.drop(guest.source, guest)
        self._candidates.drop(guest.source, guest)
        self._total -= 1
        self._of[guest.source] -= 1
        if not self._of[guest.source]:
            del self._of[guest.source]

    def sweep(self, now: float) -> Iterator[None]:
        """Send away who has said nothing for too long at `now` (loop time); those who have begun have a connection."""
        for guest in self._strangers.all():
            if guest.connection is None and guest.since + self._limits.connect_timeout <= now:
                self._counters.timed_out += 1
                self.send_away(guest)
                yield

    def close(self) -> None:
        """Send everybody away who has no connection yet."""
        for guest in self._strangers.all():
            if guest.connection is None or not guest.connection.was_made:
                self.send_away(guest)

    def _speaks(self, guest: Guest) -> None:
        """The client says something: if it is the begin of TLS, it stands in line for its handshake."""
        self._loop.remove_reader(guest.sock)
        try:
            first = guest.sock.recv(1, socket.MSG_PEEK)
        except OSError:
            first = b""
        if first[:1] != bytes((_TLS_HANDSHAKE,)):
            self._counters.broken += bool(first)
            self.send_away(guest)
            return
        self._hellos.append(guest)
        if len(self._hellos) == 1:
            self._loop.call_soon(self._shake_hands)

    def _shake_hands(self) -> None:
        """Begin one handshake, and another in the next turn."""
        while self._hellos and self._hellos[0].sock.fileno() < 0:
            self._hellos.popleft()
        if not self._hellos:
            return
        self._begin(self._hellos.popleft())
        if self._hellos and self._way.is_claimed():
            self._loop.call_later(ASIDE, self._shake_hands)
        elif self._hellos:
            self._loop.call_soon(self._shake_hands)

    def _begin(self, guest: Guest) -> None:
        guest.connection = connection = self._connection(guest)
        guest.task = self._loop.create_task(self._connect(guest, connection))

    async def _connect(self, guest: Guest, connection: Connection) -> None:
        certificate = self._certificate
        try:
            await self._loop.connect_accepted_socket(
                lambda: connection,
                guest.sock,
                ssl=certificate.context if certificate else None,
                ssl_handshake_timeout=self._limits.connect_timeout if certificate else None,
            )
        except (OSError, asyncio.CancelledError):  # ssl.SSLError and TimeoutError are of the first; it never came to be
            pass
        finally:
            guest.task = None
            if not connection.was_made:
                self.gone(guest)

    def send_away(self, guest: Guest | None) -> bool:
        """Close its connection at once, since it has not shown a password; False where there is none."""
        if guest is None:
            return False
        self._counters.refused += 1
        self._say(guest.address, "it had not shown a password, and others came")
        self._strangers.drop(guest.source, guest)
        self._candidates.drop(guest.source, guest)
        if guest.connection is None:
            self._loop.remove_reader(guest.sock)
            guest.sock.close()
            self.gone(guest)
        elif guest.connection.was_made:
            guest.connection.abort()
        else:  # in its handshake: asyncio closes the socket, once it sees its end
            with contextlib.suppress(OSError):
                guest.sock.shutdown(socket.SHUT_RDWR)
        return True

    def _turn_away(self, sock: socket.socket, address: str, why: str) -> None:
        self._counters.refused += 1
        sock.close()
        self._say(address, why)

    def _say(self, address: str, why: str) -> None:
        """One line a minute, however many there are."""
        now = self._loop.time()
        if now - self._said_at < SAID_EVERY:
            self._unsaid += 1
            return
        log.warning("door.crowded", address=address, why=why, connections=self._total, since_the_last=self._unsaid)
        self._said_at, self._unsaid = now, 0
