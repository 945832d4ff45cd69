"""Who may use the API: bearer tokens, each with a role.

Where the settings name no token of an operator, the daemon has one of its own (`operator_token`).
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from enum import IntEnum
from hashlib import sha256

import msgspec

from alarmd.web.operator_token import TokenError, operator_token, token_file
from config.settings import Settings

__all__ = ["Caller", "Keyring", "Role", "Token", "TokenError", "operator_token", "token_file"]


_LONGEST = 120  # of what a command says of who runs it


class Role(IntEnum):
    """What a token allows; each role may do what the one before may."""

    READ = 1
    OPERATOR = 2
    ADMIN = 3


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """Who holds a token: the name given in the settings, and the role.

    Attributes:
        name: As the settings name the token.
        role: What it allows.
        own: Whether it is the daemon's own, which this machine's commands use and nobody was given.
        local_user: Who ran the command that used it, by its own word; empty where no command did.
    """

    name: str
    role: Role
    own: bool = False
    local_user: str = ""

    @property
    def token(self) -> str:
        """The token, as the log names it: ``token:night desk``."""
        return f"token:{self.name}"

    @property
    def login(self) -> str:
        """By whose login something is done, for the log: ``token:night desk``, ``token:this machine, uid:1000 ma``."""
        return with_user(self.token, self.local_user)

    def from_command(self, user: str) -> Caller:
        """The same, used by a command on this machine that says who runs it.

        Only with the daemon's own token it is believed: that lies in a file of alarmd's user, so whoever has it is that
        user or root. A token of the settings was given to people, who could say anything.
        """
        said = "".join(sign for sign in user[:_LONGEST] if sign.isprintable())
        return msgspec.structs.replace(self, local_user=said) if self.own and said.startswith("uid:") else self


def with_user(token: str, local_user: str) -> str:
    """A token as the log names it, and who ran the command that used it, where one did."""
    return f"{token}, {local_user}" if local_user else token


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
            tokens.append(_token("this machine", Role.OPERATOR, operator_token(settings), own=True))
        return cls(tokens)

    def caller(self, token: str) -> Caller | None:
        """Who holds that token; None if nobody. Takes the same time whichever token is wrong, and where."""
        digest = _digest(token)
        found = None
        for known in self._tokens:
            if hmac.compare_digest(known.digest, digest):
                found = known.caller
        return found


def _token(name: str, role: Role, token: str, *, own: bool = False) -> Token:
    return Token(caller=Caller(name=name, role=role, own=own), digest=_digest(token))


def _digest(token: str) -> bytes:
    return sha256(token.encode()).digest()
