"""By which names alarmd may be asked: whatever page a browser shows, it must not reach in here under a name of its own.

A page of a stranger's site can let its own name mean this machine's address, and then read what is answered here as if
it were its own (DNS rebinding). The browser still says under which name it asks: the header Host.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from config.wording import said

MISDIRECTED = 421
_LONGEST = 300


class Hosts:
    """The names under which one server may be asked.

    Args:
        listen: The address that it listens on; where that is every address, any of them will do.
        names: Further names.
    """

    def __init__(self, listen: str, names: Iterable[str] = ()) -> None:
        found = _address(listen)
        self._any_address = found is not None and found.is_unspecified
        self._names = frozenset(_name(one) for one in (listen, "localhost", *names) if one)

    def know(self, header: str) -> bool:
        """Whether a header ``Host`` names this server; who sends none is no browser."""
        name = _name(header[:_LONGEST])
        if not name or name in self._names:
            return True
        address = _address(name)
        return address is not None and (self._any_address or address.is_loopback)


class OnlyByItsNames:
    """Answers only who asks under one of the names.

    Args:
        app: What answers.
        hosts: The names.
        signed: Addresses that begin so are not looked at: what is asked there is signed together with the name by which
            it was asked from outside, and a proxy may have changed the header on the way.
    """

    def __init__(self, app: ASGIApp, hosts: Hosts, *, signed: str = "") -> None:
        self._app = app
        self._hosts = hosts
        self._signed = signed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        if scope["type"] == "http" and not (self._signed and scope["path"].startswith(self._signed)):
            asked = Headers(scope=scope).get("host", "")
            if not self._hosts.know(asked):
                message = said(
                    "This is not {host}; a further name of alarmd's is set as web.hosts.", host=_shown(asked)
                )
                refusal = JSONResponse({"error": {"code": "unknown_host", "message": message}}, MISDIRECTED)
                await refusal(scope, receive, send)
                return
        await self._app(scope, receive, send)


def own_names() -> list[str]:
    """What this machine calls itself."""
    return [socket.gethostname()]


def _name(header: str) -> str:
    """The name without its port, as it is compared."""
    text = header.strip().lower()
    if text.startswith("["):
        return text[1:].partition("]")[0]
    head, colon, port = text.rpartition(":")
    return (head if colon and port.isdecimal() and ":" not in head else text).rstrip(".")


def _address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(name)
    except ValueError:
        return None


def _shown(header: str) -> str:
    return repr(header[:80])
