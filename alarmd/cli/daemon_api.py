"""The running daemon's API, as the commands on the same machine use it."""

from __future__ import annotations

import os
from typing import Any

import httpx

from alarmd.cli.errors import Exit, UserError
from alarmd.web.tokens import TokenError, operator_token
from config.settings import Settings
from config.wording import said

ANSWERS_WITHIN_S = 30.0
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 - where it listens, not where we go


class NotRunningError(UserError):
    """No daemon answers: what only reads may look into the store itself."""


def base(settings: Settings) -> str:
    """Where the daemon's web server is reached from this machine."""
    address = settings.web.address
    host = _EVERYWHERE.get(address.host, address.host)
    return f"http://[{host}]:{address.port}" if ":" in host else f"http://{host}:{address.port}"


def get(settings: Settings, path: str, **query: Any) -> Any:
    """Ask the daemon.

    Raises:
        UserError: It does not run, does not let us in, or says no; its sentence is passed on.
    """
    return _ask(settings, "GET", path, params={k: v for k, v in query.items() if v is not None})


def post(settings: Settings, path: str, body: dict[str, Any]) -> Any:
    """Have the daemon do something; the same errors as `get`."""
    return _ask(settings, "POST", path, json=body)


def runs(settings: Settings) -> bool:
    """Whether a daemon answers at the settings' address."""
    try:
        answer = httpx.get(f"{base(settings)}/healthz", timeout=5.0, trust_env=False)
        return "alive" in answer.json()
    except (httpx.HTTPError, ValueError):
        return False


def _ask(settings: Settings, method: str, path: str, **request: Any) -> Any:
    where = base(settings)
    headers = {"Authorization": f"Bearer {_token(settings)}"}
    try:
        with httpx.Client(base_url=where, headers=headers, timeout=ANSWERS_WITHIN_S, trust_env=False) as client:
            answer = client.request(method, path, **request)
    except httpx.ConnectError:
        raise NotRunningError(f"alarmd does not answer at {where}: start it with `alarmd run`", Exit.FOUND) from None
    except httpx.TimeoutException:
        raise NotRunningError(
            f"alarmd at {where} has not answered for {ANSWERS_WITHIN_S:g} s; look at its log", Exit.FOUND
        ) from None
    except httpx.HTTPError as error:
        raise UserError(f"alarmd at {where} broke off: {error}; look at its log", Exit.FOUND) from None
    return _read(answer, where)


def _read(answer: httpx.Response, where: str) -> Any:
    if answer.status_code == httpx.codes.REQUEST_ENTITY_TOO_LARGE:
        raise UserError("that is too long: say it in 2000 characters", Exit.FOUND)
    try:
        told = answer.json()
    except ValueError:
        raise UserError(f"what answers at {where} is not alarmd (HTTP {answer.status_code})", Exit.FOUND) from None
    if answer.is_success:
        return told
    try:
        message = str(told["error"]["message"])
    except (KeyError, TypeError):
        message = f"what answers at {where} is not alarmd (HTTP {answer.status_code})"
    if answer.status_code == httpx.codes.UNAUTHORIZED:
        message = _unknown_token(where)
    raise UserError(message, Exit.FOUND)


def _unknown_token(where: str) -> str:
    if os.environ.get("ALARMD_TOKEN", "").strip():
        return said(
            "alarmd at {address} does not know the token in $ALARMD_TOKEN: it may be of another machine or an older "
            "one. Unset it (unset ALARMD_TOKEN) to use this machine's own, or set one of web.tokens",
            address=where,
        )
    return said(
        "alarmd at {address} does not know the token of these settings: is another alarmd running there, or one "
        "that was started with other settings? Name its settings with -c, or set ALARMD_TOKEN",
        address=where,
    )


def _token(settings: Settings) -> str:
    given = os.environ.get("ALARMD_TOKEN", "").strip()
    if given:
        return given
    try:
        return operator_token(settings, create=False)
    except TokenError as error:
        raise UserError(str(error), Exit.FOUND) from None
