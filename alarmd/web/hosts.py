"""By which names alarmd may be asked: whatever page a browser shows, it must not reach in here under a name of its own.

A page of a stranger's site can let its own name mean this machine's address, and then read what is answered here as if
it were its own (DNS rebinding). The browser still says under which name it asks: the header Host.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Iterable, Sequence
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from config.wording import said

MISDIRECTED = 421
_HIGHEST_PORT = 65_535
_HOST = re.compile(
    r"(?:\[(?P<ipv6>[0-9a-fA-F:.]+)\]|(?P<name>(?!\.)(?:[a-zA-Z0-9_-]|\.(?!\.))+))(?::(?P<port>[0-9]{0,5}))?"
)
_ABSOLUTE = re.compile(r"https?://(?P<authority>[^/?#]*)", re.IGNORECASE)


class Hosts:
    """The names under which one server may be asked.

    Args:
        listen: The address that it listens on; where that is every address, any of them will do.
        names: Further names.
    """

    def __init__(self, listen: str, names: Iterable[str] = ()) -> None:
        found = _address(listen)
        self._any_address = found is not None and found.is_unspecified
        self._names = frozenset(_plain(one) for one in (listen, "localhost", *names) if one)

    def know(self, header: str) -> bool:
        """Whether a header ``Host`` names this server; who sends none is no browser."""
        name = name_of(header)
        if not name:
            return name is not None
        if name in self._names:
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
        if scope["type"] == "http":
            scope, asked = _in_origin_form(scope)
            refusal = self._refusal(scope["path"], asked)
            if refusal is not None:
                await refusal(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _refusal(self, path: str, asked: Sequence[str]) -> JSONResponse | None:
        if len(asked) > 1 or any(name_of(one) is None for one in asked):
            message = said("The header Host is not one name of a machine: {host}.", host=_shown(", ".join(asked)))
            return JSONResponse({"error": {"code": "bad_host", "message": message}}, HTTPStatus.BAD_REQUEST)
        if (self._signed and path.startswith(self._signed)) or all(self._hosts.know(one) for one in asked):
            return None
        message = said("This is not {host}; a further name of alarmd's is set as web.hosts.", host=_shown(asked[0]))
        return JSONResponse({"error": {"code": "unknown_host", "message": message}}, MISDIRECTED)


def own_names() -> list[str]:
    """What this machine calls itself."""
    return [socket.gethostname()]


def name_of(header: str) -> str | None:
    """The name in a header ``Host`` without its port, as it is compared; None where it is none (RFC 9110, 7.2).

    A browser sends nothing else. What is not read to its end could be the beginning of another's name:
    ``[127.0.0.1].example.org``.
    """
    text = header.strip(" \t")
    if not text:
        return ""
    found = _HOST.fullmatch(text)
    if found is None or int(found["port"] or 0) > _HIGHEST_PORT:
        return None
    if found["ipv6"] is not None:
        address = _address(found["ipv6"])
        return str(address) if isinstance(address, ipaddress.IPv6Address) else None
    return _plain(found["name"])


def _plain(name: str) -> str:
    """In one case, and without the dot at its end that says it is whole."""
    address = _address(name)
    return str(address) if address is not None else name.lower().removesuffix(".")


def _in_origin_form(scope: Scope) -> tuple[Scope, list[str]]:
    """The request as a browser makes it, and by which names it asks: a target that names a host stands above `Host`."""
    hosts = Headers(scope=scope).getlist("host")
    found = _ABSOLUTE.match(scope["path"])
    if found is None:
        return scope, hosts
    raw = _ABSOLUTE.sub("", scope.get("raw_path", b"").decode("latin-1"), count=1)
    path = scope["path"][found.end() :]
    named = dict(scope) | {"path": path or "/", "raw_path": (raw or "/").encode("latin-1")}
    return named, [found["authority"] or "?"]


def _address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(name)
    except ValueError:
        return None


def _shown(header: str) -> str:
    return repr(header[:80])
