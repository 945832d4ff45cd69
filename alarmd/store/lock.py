"""One daemon for one store: a lock that the operating system lets go of when the process ends, however it ends."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from alarmd.store import place
from alarmd.store.errors import StoreError
from config import ownership
from config.wording import said


class Lock:
    """Held from opening to closing.

    Args:
        path: The database's file; the lock is a file beside it.

    Raises:
        StoreError: Another daemon holds it, or the folder cannot be written.
    """

    def __init__(self, path: Path) -> None:
        file = path.with_name(path.name + ".lock")
        if (fault := place.fault(path)) is not None:
            raise StoreError(fault)
        try:
            new = not file.exists()
            self._fd = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            if new:  # by `sudo alarmd restore`, say: the daemon must be able to hold it later
                ownership.give_to_folder(self._fd, file)
        except OSError as error:
            raise StoreError(
                said("{file}: {why}; give a folder that alarmd may write to", file=file, why=error.strerror)
            ) from error
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._fd)
            raise StoreError(
                said("{file}: another alarmd is running on this store; stop it first", file=path)
            ) from None

    def release(self) -> None:
        """Let go."""
        os.close(self._fd)


def is_held(path: Path) -> bool:
    """Whether an alarmd is running on that store. Nothing is created, and held for no longer than the question."""
    try:
        fd = os.open(path.with_name(path.name + ".lock"), os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(fd)
    return False
