"""Whose a new file is: where root makes one with `sudo`, it belongs to who has the place, who must read it later."""

from __future__ import annotations

import os
import stat
from pathlib import Path

PRIVATE, GROUP_READS = 0o600, 0o640


def keep(new: Path, place: Path) -> None:
    """Give a new file the owner, and where there is one the rights, of the file whose place it takes.

    Where there is none yet, a file that root makes belongs to the owner of its folder, and is that one's only; in a
    folder of root's own that a group may enter (``root:alarmd 0750``), the group may read it, for it is the service's.

    Args:
        new: The new file.
        place: Where it will stand.

    Raises:
        OSError: It cannot be given away; then it must not stand there.
    """
    if not place.exists():
        new.chmod(PRIVATE)
        give_to_folder(new, place)
        if os.geteuid() == 0 and _is_a_groups(place.absolute().parent.stat()):
            new.chmod(GROUP_READS)
        return
    there = place.stat()
    _give(new, there)
    new.chmod(stat.S_IMODE(there.st_mode))


def give_to_folder(new: int | Path, place: Path) -> None:
    """Where root makes a file that was not there, it is the folder's owner's, who must read it later.

    Raises:
        OSError: It cannot be given away.
    """
    if os.geteuid() == 0:
        _give(new, place.absolute().parent.stat())


def _is_a_groups(folder: os.stat_result) -> bool:
    return folder.st_uid == 0 and folder.st_gid != 0 and bool(folder.st_mode & stat.S_IXGRP)


def _give(new: int | Path, like: os.stat_result) -> None:
    mine = os.fstat(new) if isinstance(new, int) else new.stat()
    if (mine.st_uid, mine.st_gid) != (like.st_uid, like.st_gid):
        os.chown(new, like.st_uid, like.st_gid)
