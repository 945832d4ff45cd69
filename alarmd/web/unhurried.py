"""Who asks without a right to it, again and again, gets the answers slowly.

Nobody is turned away: behind a proxy all have one address, and the phone provider's signed requests come by it, too. So
a right answer always goes out at once, and what is held back is only what a flood is made of: refusals, and the pages
that everybody may see. Where connections run out, theirs go first (`alarmd.web.doorway`).
"""

from __future__ import annotations

import asyncio
import ipaddress

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from alarmd.web.budgets import Addresses
from alarmd.web.doorway import MAY_GO

A_SECOND, AT_ONCE = 10.0, 60.0  # answers of that kind for each address
LONGEST_S = 3.0  # that one answer is held back
_OPEN = frozenset({"/", "/healthz", "/readyz", "/metrics", "/favicon.ico", "/api/v1/openapi.json"})
_REFUSALS = range(400, 500)
_PREFIX6 = 64


class Unhurried:
    """Holds refusals and open pages back, where one address asks for too many.

    Args:
        app: What answers.
        addresses: How many each has asked for.
    """

    def __init__(self, app: ASGIApp, addresses: Addresses | None = None) -> None:
        self._app = app
        self._addresses = addresses or Addresses(A_SECOND, AT_ONCE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start" and _is_of_a_flood(scope, message):
                may_go = scope.get("state", {}).get(MAY_GO)
                if may_go is not None:
                    may_go()
                await asyncio.sleep(min(self._addresses.answered(_peer(scope)), LONGEST_S))
            await send(message)

        await self._app(scope, receive, sending)


def _is_of_a_flood(scope: Scope, message: Message) -> bool:
    return message["status"] in _REFUSALS or scope["path"] in _OPEN


def _peer(scope: Scope) -> str:
    """The address, of IPv6 the network that one household has."""
    host = str((scope.get("client") or ("", 0))[0])
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, _PREFIX6), strict=False))
    return host
