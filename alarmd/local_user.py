"""Who runs a command on this machine, as the system knows them: for the log, beside the name given with --by."""

from __future__ import annotations

import os
import pwd
from collections.abc import Mapping


def login(environ: Mapping[str, str] = os.environ) -> str:
    """The user's number and name: ``uid:1000 ma``; behind `sudo` also who that was: ``uid:0 root (sudo: uid:1000 ma)``.

    Args:
        environ: Where `sudo` leaves who used it; the word of root's own environment, no proof.
    """
    mine = _named(os.getuid())
    before = environ.get("SUDO_UID", "")
    return f"{mine} (sudo: {_named(int(before))})" if before.isascii() and before.isdecimal() else mine


def _named(uid: int) -> str:
    try:
        return f"uid:{uid} {pwd.getpwuid(uid).pw_name}"
    except (KeyError, OverflowError):  # a container's user without a name; a number that is none
        return f"uid:{uid}"
