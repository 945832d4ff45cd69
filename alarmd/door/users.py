"""Who may come in through the door, and what each may publish and subscribe to: the users file.

One line for each user, in the form that ``mosquitto_passwd`` writes, with a third field of our own::

    name:$7$<iterations>$<salt in base64>$<hash in base64>[:topic filter[,topic filter…]]

The hash is PBKDF2-HMAC-SHA512 over the password. A filter may be preceded by ``r `` (subscribe only) or ``w ``
(publish only); ``f <family>`` ties what the user publishes to a device family. Without a third field a user publishes
``alarmd/v1/<name>/signal`` and hears ``alarmd/v1/<name>/reply``. Lines that begin with ``#`` are comments.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import codecs
import hashlib
import hmac
import io
import os
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import structlog

from alarmd.door import settled, topics
from alarmd.door.acquainted import Acquainted
from alarmd.door.logins import Logins, TooManyError
from alarmd.peers import source
from alarmd.ties import Tied
from config import bounded
from devices import registry

log = structlog.get_logger()

ITERATIONS = 210_000
"""OWASP's figure of 2023 for PBKDF2-HMAC-SHA512; about a tenth of a second."""
_HASH_BYTES = 64
_SALT_BYTES = 16
_FIELDS = 4
FEWEST_ITERATIONS = 10_000
"""With fewer, a password that a person thought up is found in minutes by who has the file. `alarmd check` says so; they
are let in all the same: a device that has such a hash must not stand outside after an upgrade."""
REFUSED_AFTER = 1.0
"""A refusal comes so many seconds after its CONNECT, or at a multiple of it: how long the check took, and so whether
there is such a user, cannot be told from it, and guessing one after the other is slow."""
LARGEST = 64_000_000
"""Bytes of a users file: a quarter of a million users."""
_LINES_AT_ONCE, _PAUSE_S = 200, 0.002
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
        families: The device families that read what it publishes, as a gateway that is tied to them and to where it
            may publish; None for all.
        everything: True where there are no users and the peer is on this machine.
    """

    publish: tuple[str, ...] = ()
    subscribe: tuple[str, ...] = ()
    families: tuple[str, ...] | None = None
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

    @property
    def line(self) -> bytes:
        """What a password is checked by."""
        return b"%d$%b$%b" % (self.iterations, self.salt, self.digest)

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


def still_good(hashed: str, password: str) -> bool:
    """Whether that second field is one of that password already, and with as many rounds as a new one would have."""
    try:
        iterations, salt, digest = _parse_hash(hashed.strip())
    except ValueError:
        return False
    return iterations >= ITERATIONS and _User(iterations, salt, digest, Grants()).matches(password.encode())


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
        return Grants(publish=(f"alarmd/v1/{name}/signal",), subscribe=(f"alarmd/v1/{name}/reply",))
    publish: list[str] = []
    subscribe: list[str] = []
    families: list[str] = []
    for item in field.split(","):
        text = item.strip()
        if text.startswith("f "):
            families.append(_family(text[2:].strip()))
            continue
        way, _, pattern = text.partition(" ") if text[:2] in ("r ", "w ") else ("", "", text)
        pattern = pattern.strip()
        if not topics.is_filter(pattern):
            raise ValueError(f"{pattern!r} is not a topic filter")
        if way != "r":
            publish.append(pattern)
        if way != "w":
            subscribe.append(pattern)
    tied = Tied(families, publish) if families else None
    return Grants(publish=tuple(publish), subscribe=tuple(subscribe), families=tied)


def _family(name: str) -> str:
    try:
        return registry.named(name).name
    except registry.UnknownFamilyError as fault:
        raise ValueError(str(fault)) from None


def _parse_line(line: str) -> tuple[str, _User]:
    name, colon, rest = line.partition(":")
    if not colon:
        raise ValueError("there is no ':' between name and password")
    if not name or name != name.strip():
        raise ValueError("the name is empty or has a blank at its edge")
    hashed, colon, field = rest.partition(":")
    iterations, salt, digest = _parse_hash(hashed.strip())
    return name, _User(iterations, salt, digest, _parse_grants(name, field if colon else None))


def _parse(path: Path, pause: Callable[[], None] = lambda: None) -> dict[str, _User]:
    """The users of a file; ``pause`` is called after every few lines."""
    try:
        content = bounded.read(path, LARGEST)
    except OSError as fault:
        raise UsersFileError(f"{path}: cannot be read: {fault.strerror}") from fault
    except bounded.TooLargeError as fault:
        raise UsersFileError(f"{path}: is larger than any users file; is it the right file?") from fault
    found: dict[str, _User] = {}
    for number, raw in enumerate(io.BytesIO(content.removeprefix(codecs.BOM_UTF8)), start=1):
        if not number % _LINES_AT_ONCE:
            pause()
        try:
            line = raw.decode().strip()
            if not line or line.startswith("#"):
                continue
            name, user = _parse_line(line)
        except UnicodeDecodeError as fault:
            raise UsersFileError(f"{path}: is not UTF-8; save it as UTF-8") from fault
        except ValueError as fault:
            raise UsersFileError(f"{path}:{number}: {fault}") from fault
        if name in found:
            raise UsersFileError(f"{path}:{number}: the user {name!r} stands twice; remove one line")
        found[name] = user
    return found


class _Check:
    """A password that is being checked, and how many wait for it."""

    __slots__ = ("task", "wanted")

    def __init__(self, task: asyncio.Task[bool]) -> None:
        self.task = task
        self.wanted = 0


class Users:
    """The users file, read at the start and again whenever it has changed.

    Passwords are checked in a thread, never on the event loop, in the order of `alarmd.door.logins`. One that was right
    is remembered (`alarmd.door.acquainted`): a thousand devices that come back after an outage do not wait for a
    thousand slow hashes. A name that does not exist, and a guess at one that was here, wait as long and cost no hash.

    Args:
        path: The users file.
        refused_after: Seconds until a refusal is told.
        acquainted: Whose password was right before; without, nobody's.
        moment: Seconds for which a changed file must look the same before it is read.

    Raises:
        UsersFileError: It cannot be read or has a fault.
    """

    def __init__(
        self,
        path: Path,
        *,
        refused_after: float = REFUSED_AFTER,
        acquainted: Acquainted | None = None,
        moment: float = settled.MOMENT,
    ) -> None:
        self._refused_after = refused_after
        self._moment = moment
        self._path = path
        self._stamp = settled.stamp(path)
        self._users = _parse(path)
        self._acquainted = Acquainted() if acquainted is None else acquainted
        if self._users:  # the tool that fills it may have emptied it for a moment
            self._acquainted.forget_all_but(self._users.__contains__)
        self._reading: asyncio.Task[None] | None = None
        self._guests: dict[str, _User] = {}
        self._checks: dict[tuple[str, str, bytes], _Check] = {}
        self.logins = Logins(max(1, (os.cpu_count() or 1) // 2))

    def __len__(self) -> int:
        return len(self._users)

    @property
    def cheap(self) -> list[str]:
        """Users whose hash has too few rounds to hide a password that a person thought up."""
        return [name for name, user in self._users.items() if user.iterations < FEWEST_ITERATIONS]

    @property
    def grants(self) -> dict[str, Grants]:
        """What each user may do."""
        return {name: user.grants for name, user in self._users.items()}

    def grants_of(self, name: str) -> Grants:
        """What that user may do; who does not exist, nothing."""
        user = self._find(name)
        return Grants() if user is None else user.grants

    async def invite(self, name: str, grants: Grants) -> bytes:
        """Let a guest of alarmd's own in, who stands in no file: the canary.

        Returns:
            Its password: a new one each time, so that it is checked each time as that of a new device is.
        """
        password = secrets.token_hex(16)
        hashed = await asyncio.to_thread(hash_password, password)
        self._guests[name] = _User(*_parse_hash(hashed), grants)
        return password.encode()

    async def verify(self, name: str, password: bytes, address: str = "") -> Grants | None:
        """What that user may do, None where name or password is wrong.

        Args:
            name: The user.
            password: As it was given.
            address: Where the client is; who guesses from there waits.

        Raises:
            TooManyError: Too many guesses of that name from there wait already.
        """
        reading = self.renew()
        mark = self._acquainted.mark(password)
        if (found := self._remembered(name, mark)) is not None:
            return found
        if reading is not None:  # who is new may stand in the new file
            await asyncio.shield(reading)
        loop = asyncio.get_running_loop()
        began = loop.time()
        key = (source(address), name, mark)
        check = self._checks.get(key)
        if check is None:
            check = self._checks[key] = _Check(loop.create_task(self._check(key, password)))
            check.task.add_done_callback(lambda done: self._forget(key, done))
        check.wanted += 1
        try:
            matches = await asyncio.shield(check.task)
        except TooManyError:
            await self._until_told(began)
            raise
        finally:
            check.wanted -= 1
            if not check.wanted:
                check.task.cancel()
        if matches:
            return self._remembered(name, mark)
        await self._until_told(began)
        return None

    def _forget(self, key: tuple[str, str, bytes], done: asyncio.Task[bool]) -> None:
        self._checks.pop(key, None)
        if not done.cancelled():
            done.exception()  # looked at once, since every login that waited for it may be gone

    def _find(self, name: str) -> _User | None:
        return self._guests.get(name) or self._users.get(name)

    def _remembered(self, name: str, mark: bytes) -> Grants | None:
        user = self._find(name)
        if user is not None and self._acquainted.is_right(name, user.line, mark):
            return user.grants
        return None

    def _is_open(self, name: str, mark: bytes) -> bool:
        """Whether only the hash can say if that password is right."""
        user = self._find(name)
        return user is not None and self._acquainted.is_right(name, user.line, mark) is None

    async def _check(self, key: tuple[str, str, bytes], password: bytes) -> bool:
        """Whether the password is right; for all who gave it meanwhile."""
        where, name, mark = key
        pair = (where, name)
        async with self.logins.turn(pair, hashes=self._is_open(name, mark)):
            if self._remembered(name, mark) is not None:
                return True
            user = self._find(name)
            matches = self._is_open(name, mark) and user and await asyncio.to_thread(user.matches, password)
        if user is None or not matches:
            self.logins.wrong(pair)
            return False
        self._acquainted.meet(name, user.line, mark)
        self.logins.right(pair)
        return True

    def close(self) -> None:
        """Keep whose password was right for the next process, where there is a place for it."""
        self._acquainted.forget_all_but(self._users.__contains__)
        self._acquainted.save()

    async def _until_told(self, began: float) -> None:
        if self._refused_after:
            passed = asyncio.get_running_loop().time() - began
            await asyncio.sleep(self._refused_after - passed % self._refused_after)

    def stand(self, name: str, grants: Grants) -> bool:
        """Whether a user is in the file still as they were when these grants were given, with that password too."""
        user = self._users.get(name)
        return name in self._guests or (user is not None and user.grants is grants)

    def renew(self) -> asyncio.Task[None] | None:
        """Read the file again if it has changed, once it is written to its end; the reading of it.

        Until then the one before is in force, for who was let in with it too: no press waits for it.
        """
        if self._reading is None and settled.stamp(self._path) != self._stamp:
            self._reading = asyncio.get_running_loop().create_task(self._read_again())
        return self._reading

    async def _read_again(self) -> None:
        before = self._users
        try:
            found = await settled.read(
                self._path, lambda: _outcome(self._path, before, lambda: time.sleep(_PAUSE_S)), self._moment
            )
        finally:
            self._reading = None
        if found is None:
            log.warning("door.users_file_unsettled", path=str(self._path), kept=len(before))
            return
        self._stamp, parsed = found
        self._take(parsed)

    def _take(self, parsed: Callable[[], dict[str, _User]]) -> None:
        try:
            self._users = parsed()
        except UsersFileError as fault:
            # A slip of the editor must not lock out every button of the house: the last good file stays in force.
            log.error("door.users_file_broken", fault=str(fault), kept=len(self._users))  # noqa: TRY400 - no traceback
        else:
            log.info("door.users_file_read", users=len(self._users))
            self._acquainted.forget_all_but(lambda name: self._find(name) is not None)


def _outcome(path: Path, before: Mapping[str, _User], pause: Callable[[], None]) -> Callable[[], dict[str, _User]]:
    """What a file holds, or its fault; whose line is as before stays the same object.

    Args:
        path: The file.
        before: As it was read last.
        pause: Called every few lines: in a thread, the loop has its turn then.
    """
    broken: UsersFileError | None = None
    found: dict[str, _User] = {}
    try:
        found = _parse(path, pause)
    except UsersFileError as fault:
        broken = fault
    if before and not found and broken is None:
        broken = UsersFileError(f"{path}: there is no user in it any more")
    if broken is not None:
        return partial(_refuse, broken)
    for name, user in found.items():
        if (was := before.get(name)) == user and was is not None:
            found[name] = was
    return lambda: found


def _refuse(fault: UsersFileError) -> dict[str, _User]:
    raise fault
