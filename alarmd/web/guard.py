"""The way into the API: a bearer token of a sufficient role, and a limit on wrong ones."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Annotated

import structlog
from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from alarmd.clock import Clock
from alarmd.peers import is_this_machine
from alarmd.web.errors import ApiError
from alarmd.web.tokens import Caller, Keyring, Role
from config.wording import said

WRONG_PER_MINUTE = 10
LOCAL_USER = "Alarmd-Local-User"  # a command on this machine says who runs it (`alarmd.cli.daemon_api`)
REMEMBERED = 4096  # addresses; the oldest is forgotten first, so that a flood cannot fill the memory
_OF_PROXIES = ("forwarded", "x-forwarded-for", "x-real-ip", "via")
_MINUTE = timedelta(minutes=1)
_CHALLENGE = {"WWW-Authenticate": "Bearer"}
log = structlog.get_logger()
bearer = HTTPBearer(
    auto_error=False, description="A token of `web.tokens`, or the daemon's own from the file beside its store."
)


class Guard:
    """Decides who may pass.

    Args:
        keyring: The valid tokens.
        clock: For the limit on wrong ones.
    """

    def __init__(self, keyring: Keyring, clock: Clock) -> None:
        self._keyring = keyring
        self._clock = clock
        self._wrong: OrderedDict[str, tuple[datetime, int]] = OrderedDict()

    def admit(self, address: str, token: str | None, needed: Role) -> Caller:
        """Let in whoever holds a right token; a right one is never held up by wrong ones from the same address.

        Raises:
            ApiError: 401 without a right token, 429 after too many wrong ones, 403 where the role does not suffice.
        """
        caller = self._keyring.caller(token) if token else None
        if caller is None:
            raise self._refusal(address)
        if caller.role < needed:
            has, wants = caller.role.name.lower(), needed.name.lower()
            message = said(
                "The token of {name} has the role {has}; this needs the role {wants}.",
                name=repr(caller.name),
                has=has,
                wants=wants,
            )
            raise ApiError(HTTPStatus.FORBIDDEN, "role_too_low", message)
        return caller

    def _refusal(self, address: str) -> ApiError:
        now = self._clock.now()
        since, count = self._wrong.pop(address, (now, 0))
        if not timedelta(0) <= now - since < _MINUTE:  # also when the clock jumped back
            since, count = now, 0
        self._wrong[address] = (since, count + 1)
        if len(self._wrong) > REMEMBERED:
            self._wrong.popitem(last=False)
        if count < WRONG_PER_MINUTE:
            return ApiError(
                HTTPStatus.UNAUTHORIZED,
                "token_needed",
                said("This needs a valid token: Authorization: Bearer <token>."),
                _CHALLENGE,
            )
        if count == WRONG_PER_MINUTE:  # one line a minute and address, not one for each try
            log.warning("many wrong tokens", address=address, limit_per_minute=WRONG_PER_MINUTE)
        wait = max(1, int((since + _MINUTE - now).total_seconds()))
        return ApiError(
            HTTPStatus.TOO_MANY_REQUESTS,
            "too_many_tries",
            said("Too many requests without a valid token; try again in {seconds} s.", seconds=wait),
            _CHALLENGE | {"Retry-After": str(wait)},
        )


Given = Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]


def needs(role: Role) -> Callable[[Request, HTTPAuthorizationCredentials | None], Awaitable[Caller]]:
    """A FastAPI dependency: the caller, who holds at least that role."""

    async def admitted(request: Request, given: Given) -> Caller:
        guard: Guard = request.app.state.guard
        address = request.client.host if request.client else ""
        caller = guard.admit(address, given.credentials if given else None, role)
        return caller.from_command(request.headers.get(LOCAL_USER, "")) if _is_from_here(request) else caller

    return admitted


def _is_from_here(request: Request) -> bool:
    """Whether a program on this machine asks, and asks for itself: a proxy on it asks for others, and says so."""
    if request.client is None or any(name in request.headers for name in _OF_PROXIES):
        return False
    ours = request.scope.get("server") or ("",)
    return is_this_machine(request.client.host) or request.client.host == ours[0]


Reader = Annotated[Caller, Depends(needs(Role.READ))]
Operator = Annotated[Caller, Depends(needs(Role.OPERATOR))]
