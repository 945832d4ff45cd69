"""The running daemon's API, as the commands on the same machine use it."""

from __future__ import annotations

import http.client
import json
import os
from http import HTTPStatus
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from alarmd import local_user
from alarmd.cli.errors import Exit, UserError
from alarmd.web.operator_token import TokenError, operator_token
from config.glance import Seen
from config.wording import said, tongue

ANSWERS_WITHIN_S = 30.0
LOCAL_USER = "Alarmd-Local-User"  # who runs the command, in its own words; `alarmd.web.guard` reads it
_ALIVE_WITHIN_S = 5.0
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 - where it listens, not where we go


class NotRunningError(UserError):
    """No daemon answers: what only reads may look into the store itself."""


class _Answer(NamedTuple):
    status: int
    body: bytes


def base(settings: Seen) -> str:
    """Where the daemon's web server is reached from this machine."""
    host, port = _where(settings)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def get(settings: Seen, path: str, **query: Any) -> Any:
    """Ask the daemon.

    Raises:
        UserError: It does not run, does not let us in, or says no; its sentence is passed on.
    """
    asked = {k: str(v).lower() if isinstance(v, bool) else v for k, v in query.items() if v is not None}
    return _ask(settings, "GET", f"{quote(path)}?{urlencode(asked)}" if asked else quote(path))


def post(settings: Seen, path: str, body: dict[str, Any]) -> Any:
    """Have the daemon do something; the same errors as `get`."""
    return _ask(settings, "POST", quote(path), body)


def runs(settings: Seen) -> bool:
    """Whether a daemon answers at the settings' address."""
    try:
        return "alive" in json.loads(_request(settings, "GET", "/healthz", None, _ALIVE_WITHIN_S).body)
    except (OSError, http.client.HTTPException, ValueError, TypeError):
        return False


def _where(settings: Seen) -> tuple[str, int]:
    address = settings.web.address
    return _EVERYWHERE.get(address.host, address.host), address.port


def _request(
    settings: Seen, method: str, path: str, body: Any, within: float, headers: dict[str, str] | None = None
) -> _Answer:
    host, port = _where(settings)
    connection = http.client.HTTPConnection(host, port, timeout=within)
    try:
        content = None if body is None else json.dumps(body).encode()
        kind = {} if content is None else {"Content-Type": "application/json"}
        connection.request(method, path, content, {"Accept-Language": tongue(), **kind, **(headers or {})})
        answer = connection.getresponse()
        return _Answer(answer.status, answer.read())
    finally:
        connection.close()


def _ask(settings: Seen, method: str, path: str, body: Any = None) -> Any:
    where = base(settings)
    headers = {"Authorization": f"Bearer {_token(settings)}", LOCAL_USER: local_user.login()}
    try:
        answer = _request(settings, method, path, body, ANSWERS_WITHIN_S, headers)
    except TimeoutError:
        raise NotRunningError(
            said(
                "alarmd at {where} has not answered for {seconds} s; look at its log",
                where=where,
                seconds=f"{ANSWERS_WITHIN_S:g}",
            ),
            Exit.FOUND,
        ) from None
    except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError, http.client.HTTPException) as error:
        raise UserError(
            said("alarmd at {where} broke off: {why}; look at its log", where=where, why=error), Exit.FOUND
        ) from None
    except OSError:
        raise NotRunningError(
            said("alarmd does not answer at {where}: start it with `alarmd run`", where=where), Exit.FOUND
        ) from None
    return _read(answer, where)


def _read(answer: _Answer, where: str) -> Any:
    if answer.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        raise UserError(said("that is too long: say it in 2000 characters"), Exit.FOUND)
    try:
        found = json.loads(answer.body)
    except ValueError:
        raise UserError(_another(answer, where), Exit.FOUND) from None
    if HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
        return found
    try:
        message = str(found["error"]["message"])
    except (KeyError, TypeError):
        message = _another(answer, where)
    if answer.status == HTTPStatus.UNAUTHORIZED:
        message = _unknown_token(where)
    raise UserError(message, Exit.FOUND)


def _another(answer: _Answer, where: str) -> str:
    return said("what answers at {where} is not alarmd (HTTP {status})", where=where, status=answer.status)


def _unknown_token(where: str) -> str:
    if _from_environment():
        return said(
            "alarmd at {where} does not know the token in ALARMD_TOKEN: is it another machine's? "
            "Unset it, or set this daemon's",
            where=where,
        )
    return said(
        "alarmd at {where} does not know this token: is it the daemon of these settings? Or set ALARMD_TOKEN",
        where=where,
    )


def _from_environment() -> str:
    return os.environ.get("ALARMD_TOKEN", "").strip()


def _token(settings: Seen) -> str:
    if given := _from_environment():
        return given
    try:
        return operator_token(settings, create=False)
    except TokenError as error:
        raise UserError(str(error), Exit.FOUND) from None
