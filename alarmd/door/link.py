"""The bytes of one connection: written once for every turn of the loop, read only while there is room for more."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from enum import IntFlag, StrEnum
from typing import cast

from alarmd.door.limits import Limits
from alarmd.door.shares import Share

CLOSE_GRACE = 5.0
"""Seconds a closed connection may take to flush before it is cut."""
PROBE_AFTER = 120
"""Seconds of silence after which the kernel asks whether the peer's machine is still there."""
PROBE_EVERY = 20
"""Seconds between its questions; after nine without an answer the connection is lost."""


class State(StrEnum):
    """How far a connection has come."""

    NEW = "new"
    LOGIN = "login"
    OPEN = "open"
    CLOSED = "closed"


class Hold(IntFlag):
    """Why the client is not read at the moment."""

    FULL = 1
    RATE = 2
    PEER = 4
    LOGIN = 8
    STOPPING = 16
    TURN = 32
    SHARE = 64


_OURS = Hold.FULL | Hold.RATE | Hold.LOGIN | Hold.STOPPING | Hold.TURN | Hold.SHARE


class Link(asyncio.Protocol):
    """Transport, pausing and rate of one connection; what the bytes mean is the subclass's matter.

    Args:
        limits: Rate and buffer.
        loop: Whose time counts. The wall clock may jump; silence is measured on one that cannot.
    """

    __slots__ = (
        "_flush_due",
        "_heard",
        "_holds",
        "_limits",
        "_loop",
        "_out",
        "_out_bytes",
        "_reading",
        "_refused",
        "_share",
        "_tokens",
        "_tokens_at",
        "_transport",
        "_woken",
        "address",
        "deadline",
        "was_made",
    )

    def __init__(self, limits: Limits, loop: asyncio.AbstractEventLoop) -> None:
        self.address = ""
        self._limits = limits
        self._loop = loop
        self._transport: asyncio.Transport | None = None
        self.was_made = False
        self._holds = Hold(0)
        self._reading = True
        self._out: list[bytes] = []
        self._out_bytes = 0
        self._refused = False
        self._flush_due = False
        self._woken = False
        self._share: Share | None = None  # of its user, once that is known
        self._heard = self._tokens_at = loop.time()
        self.deadline = self._heard + limits.connect_timeout
        """When `sweep` must look at this connection, in the loop's time."""
        self._tokens = float(limits.burst)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The peer is there."""
        self.was_made = True
        self._transport = cast(asyncio.Transport, transport)
        peer = transport.get_extra_info("peername")
        self.address = peer[0] if peer else ""
        sock = transport.get_extra_info("socket")
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        if hasattr(socket, "TCP_KEEPIDLE"):  # not everywhere; else a client without keep alive is missed after hours
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, PROBE_AFTER)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, PROBE_EVERY)
        self._transport.set_write_buffer_limits(high=self._limits.write_buffer)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """The peer is gone."""
        self._transport = None

    def pause_writing(self) -> None:
        """The peer does not read: read no more from it either, or its acknowledgements pile up here."""
        self.hold(Hold.PEER)

    def resume_writing(self) -> None:
        """The peer reads again."""
        self.release(Hold.PEER)
        if self._refused and not self._holds & Hold.PEER:
            self._refused = False
            self.drained()

    def write(self, data: bytes) -> None:
        """Send, together with what else is written in this turn of the loop, as far as it is not much."""
        self._out.append(data)
        self._out_bytes += len(data)
        if self._out_bytes > self._limits.write_buffer:
            self.flush()
        elif not self._flush_due:
            self._flush_due = True
            self._loop.call_soon(self.flush)

    def flush(self) -> None:
        """Hand what was written to the transport."""
        self._flush_due = False
        if self._out and self._transport is not None and not self._transport.is_closing():
            self._transport.write(b"".join(self._out))
        self._out.clear()
        self._out_bytes = 0
        if self._refused and not self._holds & Hold.PEER:
            self._refused = False
            self._loop.call_soon(self.drained)

    @property
    def unsent(self) -> int:
        """Bytes that were written and that the peer has not taken."""
        if self._transport is not None:
            with contextlib.suppress(AttributeError):  # asyncio's own TLS transport fails so once it was closed twice
                return self._out_bytes + self._transport.get_write_buffer_size()
        return 0

    def congested(self) -> bool:
        """Whether the peer reads more slowly than it is written to. Who is told so hears by `drained` when it does.

        What waits for the end of this turn has not been offered to the peer yet: one large message makes nobody slow.
        """
        full = bool(self._holds & Hold.PEER)
        self._refused = self._refused or full
        return full

    def drained(self) -> None:
        """There is room again for those who found it `congested`."""
        raise NotImplementedError

    def held_by_us(self) -> bool:
        """Whether the peer is silent because the door does not read it."""
        return bool(self._holds & _OURS)

    def hold(self, why: Hold) -> None:
        """Read no more for that reason."""
        self._holds |= why
        self._apply_holds()

    def release(self, why: Hold) -> None:
        """That reason is gone; go on with what was read before."""
        self._holds &= ~why
        self.work()

    def work(self) -> None:
        """Handle what was read, until nothing is left or reading must wait; its user's share pays for it."""
        share, began = self._share, self._loop.time()
        self.work_on()
        if share is not None:
            self.pay(self._loop.time() - began)

    def work_on(self) -> None:
        """Do what `work` asks for, without counting the time."""
        raise NotImplementedError

    def pay(self, seconds: float) -> None:
        """So much was done for its user; where that was too much, it is not read until it is paid for."""
        share = self._share
        if share is None:
            return
        share.spend(seconds)
        if share.is_spent() and self._transport is not None and not self._holds & (Hold.SHARE | Hold.STOPPING):
            share.wait(self)
            self.hold(Hold.SHARE)

    def may_go_on(self) -> None:
        """Its user has something to spend again."""
        self.release(Hold.SHARE)

    def wake(self, _: object) -> None:
        """Call `work` once in the next turn. A grouped commit ends many takes at once; they are answered in one go."""
        if not self._woken:
            self._woken = True
            self._loop.call_soon(self._awake)

    def _awake(self) -> None:
        self._woken = False
        self.work()

    def _apply_holds(self) -> None:
        transport = self._transport
        if transport is None or transport.is_closing() or self._reading is not bool(self._holds):
            return
        self._reading = not self._holds
        if self._reading:
            self._heard = self._loop.time()  # what the peer sent meanwhile was not read: it has its whole time again
            transport.resume_reading()
        else:
            transport.pause_reading()

    def _slow_down(self) -> bool:
        """Refill what the client may send; when it is still in debt, do not read it until that is worked off."""
        now = self._loop.time()
        self._tokens = min(self._limits.burst, self._tokens + (now - self._tokens_at) * self._limits.rate)
        self._tokens_at = now
        if self._tokens >= 0:
            return False
        self._holds |= Hold.RATE
        self._loop.call_later(-self._tokens / self._limits.rate, self.release, Hold.RATE)
        return True

    def _shut(self) -> None:
        """Flush and close; when `deadline` has passed, a peer that does not let it is cut."""
        self.flush()
        if self._transport is not None:
            self._transport.close()
        self.deadline = self._loop.time() + CLOSE_GRACE

    def abort(self) -> None:
        """Cut the connection without flushing."""
        if self._transport is not None:
            self._transport.abort()
