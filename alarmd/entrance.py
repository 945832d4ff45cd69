"""How connections are accepted: few in a turn of the loop, counted from then on, and never at the cost of the store.

asyncio's own accept loop takes as many in one turn as wait, counts none, and when descriptors run out it logs a
traceback and takes nobody for a second. Here who comes is counted before anything is made for it, some descriptors are
never given to connections, and if they run out all the same, those go who have not said who they are.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import resource
import socket
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, NamedTuple, TypeVar

import structlog

AT_ONCE = 8
"""Connections accepted in one turn of the loop: a flood must not fill it."""
SHORT_OF = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
PAUSE = 0.05
"""Seconds until the next try, where there were no descriptors."""
SAID_EVERY = 60.0
"""Seconds between two lines in the log about the same."""
MOST_DESCRIPTORS = 65_536
KEPT_LEAST, KEPT_MOST = 56, 256
"""Descriptors that no connection gets: for the store, the phones and all else that alarmd opens itself."""
log = structlog.get_logger()
_G = TypeVar("_G")


class Shares(NamedTuple):
    """How many connections the MQTT door and the web server may have; what is left is for the store and the phones."""

    door: int
    web: int


def shares(descriptors: int) -> Shares:
    """Divide the descriptors of the process. The web's part is its own, so that neither can take the other's.

    What alarmd has open itself comes first: with some thirty for the store, the log and the loop, a quarter of eighty
    left the phones without any.
    """
    kept = min(KEPT_MOST, max(KEPT_LEAST, descriptors // 4))
    left = max(2, descriptors - kept)
    web = min(512, left // 3) or 1
    return Shares(door=left - web, web=web)


def raise_descriptors() -> int:
    """Raise the soft limit of descriptors to the hard one, as far as is of use; what is in force then."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, MOST_DESCRIPTORS)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            soft = wanted
    return MOST_DESCRIPTORS if soft == resource.RLIM_INFINITY else soft


class Crowd(Generic[_G]):
    """Those who may be sent away to make room, by their source: the oldest of the source that has most goes first."""

    def __init__(self) -> None:
        self._of: dict[str, OrderedDict[_G, None]] = {}
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def add(self, source: str, guest: _G) -> None:
        """One more."""
        self._of.setdefault(source, OrderedDict())[guest] = None
        self._size += 1

    def drop(self, source: str, guest: _G) -> bool:
        """One less; False where it was none of them."""
        mine = self._of.get(source)
        if mine is None or guest not in mine:
            return False
        del mine[guest]
        self._size -= 1
        if not mine:
            del self._of[source]
        return True

    def first_to_go(self) -> _G | None:
        """Who goes first; None where nobody is left."""
        most = max(self._of.values(), key=len, default=None)
        return next(iter(most)) if most else None

    def all(self) -> list[_G]:
        """All of them."""
        return [guest for mine in self._of.values() for guest in mine]


class Entrance:
    """Accepts connections on listening sockets.

    Args:
        listeners: Bound; they listen once it is open.
        take: Given each connection and its peer's address; closes it where it is not wanted.
        make_room: Called where there is no descriptor left; sends somebody away.
        backlog: How many may wait in the kernel.
    """

    def __init__(
        self,
        listeners: list[socket.socket],
        take: Callable[[socket.socket, str], None],
        make_room: Callable[[], bool],
        *,
        backlog: int = 1024,
    ) -> None:
        self._listeners = listeners
        self._take = take
        self._make_room = make_room
        self._backlog = backlog
        self._loop = asyncio.get_running_loop()
        self._open = False
        self._said_at = float("-inf")
        self._spare: int | None = None

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._listeners[0].getsockname()[1])

    def open(self) -> None:
        """Let them in.

        Raises:
            OSError: Somebody else listens there.
        """
        for listener in self._listeners:
            listener.listen(self._backlog)
            listener.settimeout(0)
        self._open = True
        self._keep_a_spare()
        self._listen()

    def close(self) -> None:
        """Let nobody in any more."""
        self._open = False
        for listener in self._listeners:
            if listener.fileno() >= 0:
                self._loop.remove_reader(listener)
                listener.close()
        if self._spare is not None:
            os.close(self._spare)
            self._spare = None

    def _listen(self) -> None:
        if self._open:
            for listener in self._listeners:
                self._loop.add_reader(listener, self._accept, listener)

    def _accept(self, listener: socket.socket) -> None:
        for _ in range(AT_ONCE):
            try:
                sock, peer = listener.accept()
            except (BlockingIOError, InterruptedError):
                return
            except ConnectionAbortedError:
                continue
            except OSError as fault:
                if fault.errno in SHORT_OF:
                    self._short(listener, fault)
                    return
                continue  # what accept passes on of a connection that is gone already (accept(2))
            sock.settimeout(0)
            self._take(sock, str(peer[0]) if peer else "")

    def _short(self, listener: socket.socket, fault: OSError) -> None:
        """No descriptor: somebody goes, and the one who waits is told so with the spare one instead of being left."""
        if (now := self._loop.time()) - self._said_at > SAID_EVERY:
            self._said_at = now
            log.error("no descriptor is left for a connection", why=fault.strerror)
        if not self._make_room() and self._spare is not None:
            os.close(self._spare)
            self._spare = None
            with contextlib.suppress(OSError):
                listener.accept()[0].close()
            self._keep_a_spare()
        for one in self._listeners:
            self._loop.remove_reader(one)
        self._loop.call_later(PAUSE, self._listen)

    def _keep_a_spare(self) -> None:
        with contextlib.suppress(OSError):
            self._spare = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)


def bound(host: str, port: int) -> list[socket.socket]:
    """Sockets bound to every address of a host; none listens yet.

    Raises:
        OSError: One of them cannot be taken.
    """
    found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    sockets: list[socket.socket] = []
    try:
        for family, kind, protocol, _, address in dict.fromkeys(found):
            sock = socket.socket(family, kind, protocol)
            sockets.append(sock)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            taken = sockets[0].getsockname()[1] if len(sockets) > 1 else port
            sock.bind((address[0], taken, *address[2:]))
    except OSError:
        for sock in sockets:
            sock.close()
        raise
    return sockets
