"""Whose password was right: remembered in memory, so that a device that comes back costs no slow hash.

A digest that only this machine can compute, of the last right password of each user. Where it is the same, the
password is right; where it is not and the user's line of the users file is as it was, it is wrong, and both are known
at once. So a guess at the password of a device that was here costs no hash.

A fast digest is quickly guessed by who has it and its key. So neither is ever on a disk: systemd's runtime folder is in
memory, is kept while alarmd is started anew, and gone when the machine is.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import os
import secrets
import stat
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec
import structlog

log = structlog.get_logger()

FILE = "known-logins"
SAVED_AFTER = 5.0
"""Seconds after a new acquaintance in which it is written; until then a crash forgets it."""
_KEY_BYTES = 32
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class _Kept(msgspec.Struct):
    """The file."""

    key: bytes
    known: dict[str, tuple[bytes, bytes]]


def beside_the_process(environ: Mapping[str, str] = os.environ) -> Path | None:
    """Where it may be kept: in systemd's runtime folder (``RuntimeDirectory=``); None without one.

    Args:
        environ: Where systemd leaves ``RUNTIME_DIRECTORY``.
    """
    folder = environ.get("RUNTIME_DIRECTORY", "").partition(":")[0]
    return Path(folder) / FILE if folder else None


class Acquainted:
    """The last right password of each user, as a digest.

    Args:
        path: A file in memory; None = it is forgotten with the process.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        found = _read(path) if path is not None else None
        self._key = found.key if found else secrets.token_bytes(_KEY_BYTES)
        self._known = found.known if found else {}
        self._due: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._known)

    def mark(self, password: bytes) -> bytes:
        """The digest of a password as it was given."""
        return hashlib.blake2b(password, key=self._key).digest()

    def is_right(self, name: str, line: bytes, mark: bytes) -> bool | None:
        """Whether that is the user's password; None where it is not known.

        Args:
            name: The user.
            line: What the password is checked by, of the users file; another one, and nothing is known.
            mark: The password's `mark`.
        """
        of_line, right = self._known.get(name, (b"", b""))
        if not right or not hmac.compare_digest(of_line, self._fingerprint(line)):
            return None
        return hmac.compare_digest(right, mark)

    def meet(self, name: str, line: bytes, mark: bytes) -> None:
        """That was its right password."""
        self._known[name] = (self._fingerprint(line), mark)
        if self._path is not None and self._due is None:
            self._due = asyncio.get_running_loop().call_later(SAVED_AFTER, self._saving)

    def forget_all_but(self, stays: Callable[[str], bool]) -> None:
        """Forget who is in the users file no more.

        Args:
            stays: Whether a name is in it.
        """
        self._known = {name: known for name, known in self._known.items() if stays(name)}

    def save(self) -> None:
        """Write it, where there is a place for it."""
        if self._due is not None:
            self._due.cancel()
            self._due = None
        if self._path is not None:
            _write(self._path, _Kept(self._key, self._known))

    def _saving(self) -> None:
        assert self._path is not None
        self._due = None
        asyncio.get_running_loop().run_in_executor(None, _write, self._path, _Kept(self._key, dict(self._known)))

    def _fingerprint(self, line: bytes) -> bytes:
        return hashlib.blake2b(line, key=self._key, digest_size=16).digest()


def _read(path: Path) -> _Kept | None:
    """What an earlier process left, where nobody else could have written or read it."""
    try:
        with path.open("rb") as file:
            found = os.fstat(file.fileno())
            if found.st_uid != os.geteuid() or found.st_mode & _OTHERS:
                log.warning("door.known_logins_not_used", why="others could read or write the file", path=str(path))
                return None
            kept = msgspec.msgpack.decode(file.read(), type=_Kept)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.MsgspecError) as fault:
        log.warning("door.known_logins_not_used", why=str(fault), path=str(path))
        return None
    return kept if len(kept.key) == _KEY_BYTES else None


def _write(path: Path, kept: _Kept) -> None:
    """Whole or not at all; a place where nothing can be written costs some hashes at the next start, no more."""
    draft = path.with_suffix(".new")
    try:
        with contextlib.suppress(FileNotFoundError):
            draft.unlink()
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(msgspec.msgpack.encode(kept))
        draft.replace(path)
    except OSError as fault:
        log.warning("door.known_logins_not_kept", why=fault.strerror, path=str(path))
