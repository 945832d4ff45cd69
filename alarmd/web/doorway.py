"""How the web server lets requests in: counted from accept on, and cut where one is begun and not gone on with.

uvicorn waits for ever for the first request of a connection and for the end of each, and counts none; some hundred
connections that say a line now and then took every descriptor of the process. Here each phase of a request has a time.
"""

from __future__ import annotations

import asyncio
import socket
from collections import Counter
from collections.abc import Callable
from enum import Enum
from typing import Any

import h11
import structlog
from uvicorn.protocols.http.h11_impl import H11Protocol

from alarmd.entrance import SAID_EVERY, Crowd
from alarmd.peers import has_hung_up, source
from alarmd.token_bucket import Bucket
from alarmd.web.headers import ALWAYS

HEAD_S, BODY_S, STALL_S = 10.0, 30.0, 30.0
"""Seconds for the head of a request, for its body, and for a client that has stopped reading an answer to read on."""
MAY_GO = "alarmd.may_go"
"""What an application calls, of the state of a request: whom it answers now goes first where there is no room."""
OF_ONE_SOURCE = 100
"""Connections of one address, under IPv6 of one /64; this machine is not counted: a proxy is there for everybody."""
GONE_A_SECOND, GONE_AT_ONCE = 5.0, 30.0
"""Requests of clients that have hung up already which are worked off all the same: a provider that waited in vain while
the machine stood still has brought somebody's answer. More of them is a flood of who asks and does not listen."""
log = structlog.get_logger()


class _Phase(Enum):
    """What a connection is at."""

    HEAD = HEAD_S
    BODY = BODY_S
    ANSWER = None


class Doorway:
    """Counts the connections of the web server.

    Args:
        most: How many there may be.
        protocol: Makes the protocol of one.
    """

    def __init__(self, most: int, protocol: Callable[[], GuardedProtocol]) -> None:
        self._most = most
        self._protocol = protocol
        self._loop = asyncio.get_running_loop()
        self._of: Counter[str] = Counter()
        self._idle: Crowd[GuardedProtocol] = Crowd()
        self._total = 0
        self._tasks: set[asyncio.Task[Any]] = set()
        self._said_at = float("-inf")
        self._gone = Bucket(GONE_A_SECOND, GONE_AT_ONCE, self._loop.time)

    def __len__(self) -> int:
        return self._total

    def take(self, sock: socket.socket, address: str) -> None:
        """Somebody has come."""
        if self._gone.wait() and has_hung_up(sock):
            sock.close()
            return
        mine = source(address)
        local = mine.startswith("127.") or address == "::1"
        full = self._total >= self._most and not self.make_room()
        if full or (self._of[mine] >= OF_ONE_SOURCE and not local):
            sock.close()
            self._say(address)
            return
        protocol = self._protocol()
        protocol.let_in(self, mine)
        self._total += 1
        self._of[mine] += 1
        self._idle.add(mine, protocol)
        task = self._loop.create_task(self._connect(sock, protocol))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _connect(self, sock: socket.socket, protocol: GuardedProtocol) -> None:
        try:
            await self._loop.connect_accepted_socket(lambda: protocol, sock)
        except OSError:
            sock.close()
            self.gone(protocol)

    def make_room(self) -> bool:
        """Cut the connection that has asked for nothing, or without a right, for longest; False where there is none."""
        first = self._idle.first_to_go()
        if first is None:
            return False
        self._idle.drop(first.source, first)
        first.cut()
        return True

    def is_left_out(self, sock: socket.socket) -> bool:
        """Whether the client of that connection has hung up, as many others have just now."""
        if not has_hung_up(sock):
            return False
        if self._gone.wait():
            return True
        self._gone.spend(1)
        return False

    def busy(self, protocol: GuardedProtocol, *, is_busy: bool) -> None:
        """It is being answered, or waits for a request."""
        self._idle.drop(protocol.source, protocol)
        if not is_busy:
            self._idle.add(protocol.source, protocol)

    def gone(self, protocol: GuardedProtocol) -> None:
        """It has left."""
        self._idle.drop(protocol.source, protocol)
        self._total -= 1
        self._of[protocol.source] -= 1
        if not self._of[protocol.source]:
            del self._of[protocol.source]

    def _say(self, address: str) -> None:
        now = self._loop.time()
        if now - self._said_at >= SAID_EVERY:
            self._said_at = now
            log.warning("the web server is crowded", address=address, connections=self._total)


class GuardedProtocol(H11Protocol):
    """HTTP/1.1 with a time for each phase."""

    _phase: _Phase | None = None
    _timer: asyncio.TimerHandle | None = None
    _stall: asyncio.TimerHandle | None = None
    _doorway: Doorway | None = None
    source = ""

    def let_in(self, doorway: Doorway, where: str) -> None:
        """Be counted there."""
        self._doorway = doorway
        self.source = where
        self.app_state = {**self.app_state, MAY_GO: self._may_go}

    def cut(self) -> None:
        """End the connection, whatever it is at."""
        if self.transport is not None:
            self.transport.abort()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        """The client is there; its request is due."""
        super().connection_made(transport)
        self._look()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone."""
        super().connection_lost(exc)
        for timer in (self._timer, self._stall):
            if timer is not None:
                timer.cancel()
        if self._doorway is not None:
            self._doorway.gone(self)

    def data_received(self, data: bytes) -> None:
        """Something of a request came."""
        if self._doorway is not None and self._doorway.is_left_out(self.transport.get_extra_info("socket")):
            self.cut()
            return
        super().data_received(data)
        self._look()

    def on_response_complete(self) -> None:
        """A request is answered; the next is due."""
        super().on_response_complete()
        self._look()

    def pause_writing(self) -> None:
        """The client does not read what it asked for."""
        super().pause_writing()
        if self._stall is None:
            self._stall = self.loop.call_later(STALL_S, self.cut)

    def resume_writing(self) -> None:
        """It reads on."""
        super().resume_writing()
        if self._stall is not None:
            self._stall.cancel()
            self._stall = None

    def _may_go(self) -> None:
        """What it is answered is for everybody, or a refusal: the answer to somebody else is worth more."""
        if self._doorway is not None and self._phase is _Phase.ANSWER and not self.transport.is_closing():
            self._doorway.busy(self, is_busy=False)

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP; uvicorn's own refusal has no headers, and fails where an answer has begun already.

        Args:
            msg: What is said of it.
        """
        if self.conn.our_state not in {h11.IDLE, h11.SEND_RESPONSE}:
            self.transport.close()
            return
        body = msg.encode("ascii", "replace")
        headers = {
            "Content-Type": "text/plain; charset=utf-8",
            "Content-Length": str(len(body)),
            "Connection": "close",
            **ALWAYS,
        }
        answer = h11.Response(status_code=400, headers=[*headers.items()], reason=b"Bad Request")
        for event in (answer, h11.Data(data=body), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def _look(self) -> None:
        answering = self.cycle is not None and not self.cycle.response_complete
        phase = _Phase.HEAD
        if answering:
            phase = _Phase.BODY if self.cycle.more_body else _Phase.ANSWER
        if phase is self._phase:
            return
        self._phase = phase
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if phase.value is not None:
            self._timer = self.loop.call_later(phase.value, self.cut)
        if self._doorway is not None and not self.transport.is_closing():
            self._doorway.busy(self, is_busy=phase is _Phase.ANSWER)
