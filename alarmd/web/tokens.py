"""Who may use the API: bearer tokens, each with a role.

Where the settings name no token of an operator, the daemon makes one and keeps it in a file beside the store that only
its own user can read, so that the commands on the same machine work without any set-up.
"""

from __future__ import annotations

import hmac
import os
import secrets
from collections.abc import Iterable
from enum import IntEnum
from hashlib import sha256
from pathlib import Path

import msgspec

from alarmd.store import path_of
from config.sections import SHORTEST_TOKEN
from config.settings import Settings

SUFFIX = ".operator-token"


class TokenError(Exception):
    """A token that cannot be used; its text says which and what to do."""


class Role(IntEnum):
    """What a token allows; each role may do what the one before may."""

    READ = 1
    OPERATOR = 2
    ADMIN = 3


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """Who holds a token: the name given in the settings, and the role."""

    name: str
    role: Role


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """One token as it is compared: only its digest is kept in memory."""

    caller: Caller
    digest: bytes


class Keyring:
    """Every token that is valid here.

    A right token is always let in, however many wrong ones came from the same address: behind a proxy all callers
    share one, and nobody may lock the desk out. That is safe because no token is shorter than `SHORTEST_TOKEN`.
    """

    def __init__(self, tokens: Iterable[Token]) -> None:
        self._tokens = tuple(tokens)

    @classmethod
    def of(cls, settings: Settings) -> Keyring:
        """The tokens of the settings, and the daemon's own where they name no operator.

        Raises:
            TokenError: One is too short, or the daemon's own cannot be kept.
        """
        tokens = [
            _token(entry.name, Role[entry.role.upper()], entry.token.get_secret_value())
            for entry in settings.web.tokens
        ]
        if not any(token.caller.role >= Role.OPERATOR for token in tokens):
            tokens.append(_token("this machine", Role.OPERATOR, operator_token(settings)))
        return cls(tokens)

    def caller(self, token: str) -> Caller | None:
        """Who holds that token; None if nobody. Takes the same time whichever token is wrong, and where."""
        digest = _digest(token)
        found = None
        for known in self._tokens:
            if hmac.compare_digest(known.digest, digest):
                found = known.caller
        return found


def operator_token(settings: Settings, *, create: bool = True) -> str:
    """The token with which this machine's commands speak to the daemon.

    Args:
        settings: One of theirs, if they name an operator's.
        create: Make the daemon's own if there is none yet. Only the daemon does: a file made by another user (root,
            trying a command) would shut it out.

    Raises:
        TokenError: The file beside the store cannot be read or written, or is not there.
    """
    for entry in settings.web.tokens:
        if Role[entry.role.upper()] >= Role.OPERATOR:
            return entry.token.get_secret_value()
    path = token_file(settings)
    try:
        if create and not path.exists():
            return _create(path)
        token = path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        raise TokenError(
            f"alarmd has not run yet with this store: {path} is not there; start it with `alarmd run`"
        ) from None
    except PermissionError:
        raise TokenError(f"{path} belongs to another user; run as alarmd's user, or set ALARMD_TOKEN") from None
    except OSError as error:
        raise TokenError(f"{path}: {error.strerror}; the daemon's token cannot be kept there") from None
    if len(token) < SHORTEST_TOKEN:
        raise TokenError(f"{path} holds no token; delete it and start alarmd again")
    return token


def token_file(settings: Settings) -> Path:
    """Where the daemon's own token is kept."""
    store = path_of(settings.store.url)
    return store.with_name(store.name + SUFFIX)


def _create(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    token = secrets.token_urlsafe(32)
    # Written whole under another name and then linked: daemon and command may come at the same moment, and neither may
    # read half of it.
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(token + "\n")
        os.link(draft, path)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    finally:
        draft.unlink(missing_ok=True)
    return token


def _token(name: str, role: Role, token: str) -> Token:
    return Token(caller=Caller(name=name, role=role), digest=_digest(token))


def _digest(token: str) -> bytes:
    return sha256(token.encode()).digest()
