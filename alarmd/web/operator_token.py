"""The token with which this machine's commands speak to the daemon.

Where the settings name no token of an operator, the daemon makes one and keeps it in a file beside the store that only
its own user can read, so that the commands on the same machine work without any set-up.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from alarmd.store import path_of
from config.glance import SHORTEST_TOKEN, Seen
from config.wording import said

SUFFIX = ".operator-token"


class TokenError(Exception):
    """A token that cannot be used; its text says which and what to do."""


def operator_token(settings: Seen, *, create: bool = True) -> str:
    """The token with which this machine's commands speak to the daemon.

    Args:
        settings: One of theirs, if they name an operator's.
        create: Make the daemon's own if there is none yet. Only the daemon does: a file made by another user (root,
            trying a command) would shut it out.

    Raises:
        TokenError: The file beside the store cannot be read or written, or is not there.
    """
    if settings.web.operator_token is not None:
        return settings.web.operator_token
    path = token_file(settings)
    try:
        if create and not path.exists():
            return _create(path)
        token = path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        raise TokenError(
            said("alarmd has not run yet with this store: {file} is not there; start it with `alarmd run`", file=path)
        ) from None
    except PermissionError:
        raise TokenError(
            said("{file} belongs to another user; run as alarmd's user, or set ALARMD_TOKEN", file=path)
        ) from None
    except OSError as error:
        raise TokenError(
            said("{file}: {why}; the daemon's token cannot be kept there", file=path, why=error.strerror)
        ) from None
    if len(token) < SHORTEST_TOKEN:
        raise TokenError(said("{file} holds no token; delete it and start alarmd again", file=path))
    return token


def token_file(settings: Seen) -> Path:
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
