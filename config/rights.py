"""What may not be read or written, and as whom it could be."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

from config.wording import said


def why_not(path: Path, error: OSError | None = None) -> str:
    """Why a file cannot be read: its system's word, and where a right is missing, as whom to run.

    Args:
        path: The file.
        error: What opening it raised; None = a right is missing.
    """
    if error is not None and not isinstance(error, PermissionError):
        return error.strerror or str(error)
    owner = _owner(path)
    if owner is None or owner == os.geteuid():
        return said("may not be read: its rights are missing; give them with chmod")
    name = _name(owner)
    return said(
        "may not be read by you ({you}); run it as {owner}: sudo -u {owner} alarmd …",
        you=_name(os.geteuid()),
        owner=name,
    )


def _owner(path: Path) -> int | None:
    """Whose a file is, or the folder in which it cannot be seen."""
    for place in (path, *path.absolute().parents):
        try:
            return place.stat().st_uid
        except OSError:
            continue
    return None


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:  # a container's user without a name
        return f"#{uid}"
