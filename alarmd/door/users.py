"""Who may come in through the door, and what each may publish and subscribe to: the users file.

One line for each user, in the form that ``mosquitto_passwd`` writes, with a third field of our own::

    name:$7$<iterations>$<salt in base64>$<hash in base64>[:topic filter[,topic filter…]]

The hash is PBKDF2-HMAC-SHA512 over the password. A filter may be preceded by ``r `` (subscribe only) or ``w ``
(publish only). Without a third field a user has ``alarmd/v1/<name>/#``. Lines that begin with ``#`` are comments.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

import structlog

from alarmd.door import topics

log = structlog.get_logger()

ITERATIONS = 210_000
"""OWASP's figure of 2023 for PBKDF2-HMAC-SHA512; about a tenth of a second."""
_HASH_BYTES = 64
_SALT_BYTES = 16
_FIELDS = 4
_MAX_ITERATIONS = 10_000_000
"""Some seconds; a misplaced digit must not keep everyone behind it waiting for an hour."""


class UsersFileError(Exception):
    """The users file cannot be used; the message names the file, the line and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grants:
    """What a client may do. Topics that begin with ``$`` are not matched by a leading wildcard.

    Attributes:
        publish: Topic filters it may publish to.
        subscribe: Topic filters whose topics it may hear.
        everything: True where there are no users and the peer is on this machine.
    """

    publish: tuple[str, ...] = ()
    subscribe: tuple[str, ...] = ()
    everything: bool = False

    def may_publish(self, topic: str) -> bool:
        """Whether it may publish to `topic`."""
        return self.everything or any(topics.matches(pattern, topic) for pattern in self.publish)

    def may_subscribe(self, pattern: str) -> bool:
        """Whether it may hear everything that `pattern` matches."""
        return self.everything or any(topics.covers(allowed, pattern) for allowed in self.subscribe)


EVERYTHING = Grants(everything=True)


@dataclass(frozen=True, slots=True)
class _User:
    iterations: int
    salt: bytes
    digest: bytes
    grants: Grants

    def matches(self, password: bytes) -> bool:
        found = hashlib.pbkdf2_hmac("sha512", password, self.salt, self.iterations, len(self.digest))
        return hmac.compare_digest(found, self.digest)


def hash_password(password: str) -> str:
    """The second field of a users-file line for `password`: ``$7$…``, freshly salted.

    Args:
        password: Any non-empty text; devices take generated ones.
    """
    if not password:
        raise ValueError("an empty password protects nothing; give one")
    salt = secrets.token_bytes(_SALT_BYTES)
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, ITERATIONS, _HASH_BYTES)
    return f"$7${ITERATIONS}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"


def _parse_hash(text: str) -> tuple[int, bytes, bytes]:
    if text.startswith("$6$"):
        raise ValueError(
            "the password has mosquitto's old hash $6$; set it again with `mosquitto_passwd -H sha512-pbkdf2`"
        )
    parts = text.split("$")
    if not text.startswith("$7$"):
        raise ValueError("the password is not hashed; let `mosquitto_passwd -U` hash it")
    if len(parts) != _FIELDS + 1 or not parts[2].isascii() or not parts[2].isdigit() or not int(parts[2]):
        raise ValueError("the hash is not of the form $7$<iterations>$<salt>$<hash>")
    if int(parts[2]) > _MAX_ITERATIONS:
        raise ValueError(f"the hash has {parts[2]} iterations; at most {_MAX_ITERATIONS} are allowed")
    try:
        salt = base64.b64decode(parts[3], validate=True)
        digest = base64.b64decode(parts[4], validate=True)
    except binascii.Error:
        raise ValueError("salt or hash is not base64") from None
    if not salt or len(digest) != _HASH_BYTES:
        raise ValueError(f"the hash has {len(digest)} bytes instead of {_HASH_BYTES}; the line may be cut off")
    return int(parts[2]), salt, digest


def _parse_grants(name: str, field: str | None) -> Grants:
    if field is None:
        if "+" in name or "#" in name or "/" in name:
            raise ValueError(f"the name {name!r} cannot stand in a topic; give its topic filters as a third field")
        own = f"alarmd/v1/{name}/#"
        return Grants(publish=(own,), subscribe=(own,))
    publish: list[str] = []
    subscribe: list[str] = []
    for item in field.split(","):
        text = item.strip()
        way, _, pattern = text.partition(" ") if text[:2] in ("r ", "w ") else ("", "", text)
        pattern = pattern.strip()
        if not topics.is_filter(pattern):
            raise ValueError(f"{pattern!r} is not a topic filter")
        if way != "r":
            publish.append(pattern)
        if way != "w":
            subscribe.append(pattern)
    return Grants(publish=tuple(publish), subscribe=tuple(subscribe))


def _parse_line(line: str) -> tuple[str, _User]:
    name, colon, rest = line.partition(":")
    if not colon:
        raise ValueError("there is no ':' between name and password")
    if not name or name != name.strip():
        raise ValueError("the name is empty or has a blank at its edge")
    hashed, colon, field = rest.partition(":")
    iterations, salt, digest = _parse_hash(hashed.strip())
    return name, _User(iterations, salt, digest, _parse_grants(name, field if colon else None))


def _parse(path: Path) -> dict[str, _User]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as fault:
        raise UsersFileError(f"{path}: cannot be read: {fault.strerror}") from fault
    except UnicodeDecodeError as fault:
        raise UsersFileError(f"{path}: is not UTF-8; save it as UTF-8") from fault
    found: dict[str, _User] = {}
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        try:
            name, user = _parse_line(line)
        except ValueError as fault:
            raise UsersFileError(f"{path}:{number}: {fault}") from fault
        if name in found:
            raise UsersFileError(f"{path}:{number}: the user {name!r} stands twice; remove one line")
        found[name] = user
    return found


class Users:
    """The users file, read at the start and again whenever it has changed.

    Passwords are checked in a thread, one at a time, never on the event loop. One that was right is remembered under
    a digest that only this process can compute, so that a thousand devices that come back after an outage do not
    wait for a thousand slow hashes.

    Args:
        path: The users file.

    Raises:
        UsersFileError: It cannot be read or has a fault.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp = _stamp(path)
        self._users = _parse(path)
        self._known: dict[str, tuple[_User, bytes]] = {}
        self._secret = secrets.token_bytes(32)
        self._nobody = _User(ITERATIONS, b"nobody", b"\0" * _HASH_BYTES, Grants())
        self._one_at_a_time = asyncio.Semaphore(1)

    def __len__(self) -> int:
        return len(self._users)

    async def verify(self, name: str, password: bytes) -> Grants | None:
        """What that user may do, None where name or password is wrong."""
        self._reload()
        user = self._users.get(name)
        mark = hashlib.blake2b(password, key=self._secret).digest()
        if user is not None and (known := self._known.get(name)) is not None:
            right, seen = known
            if (right.salt, right.digest) == (user.salt, user.digest) and hmac.compare_digest(seen, mark):
                return user.grants
        checked = user or self._nobody  # an unknown name takes as long as a wrong password
        async with self._one_at_a_time:
            matches = await asyncio.to_thread(checked.matches, password)
        if user is None or not matches:
            return None
        self._known[name] = (user, mark)
        return user.grants

    def _reload(self) -> None:
        stamp = _stamp(self._path)
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            self._users = _parse(self._path)
        except UsersFileError as fault:
            # A slip of the editor must not lock out every button of the house: the last good file stays in force.
            log.error("door.users_file_broken", fault=str(fault), kept=len(self._users))  # noqa: TRY400 - no traceback
        else:
            log.info("door.users_file_read", users=len(self._users))


def _stamp(path: Path) -> tuple[int, int, int]:
    try:
        found = os.stat(path)  # noqa: PTH116 - one system call for every login
    except OSError:
        return (0, 0, 0)
    return (found.st_mtime_ns, found.st_size, found.st_ino)
