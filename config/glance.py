"""The few settings that a command on the same machine needs, read without the models that check everything.

To build and ask pydantic's models takes longer than most commands run, and an operator who looks at the open incidents
at night must not be stopped by a fault in a section that they do not need. What is read here has the same names, values
and defaults as in `config.settings`; whatever is not plainly right is left to `config.settings.load`, which says what
is wrong with it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol
from zoneinfo import ZoneInfo

from config import bounded, languages

_DEFAULT_FILE = Path("alarmd.toml")
_PREFIX = "ALARMD_"
_SQLITE = "sqlite:///"
_PORT_LIMIT = 65535
OPERATOR_ROLES = frozenset({"operator", "admin"})
SHORTEST_TOKEN = 16  # guessing is not held up by a lock-out, so it must be hopeless by length

KEYS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "mqtt": frozenset(
            ("client_id", "families", "listen", "password", "tls_cert", "tls_key", "topics", "url", "users_file")
        ),
        "store": frozenset(["keep_bodies", "url"]),
        "web": frozenset(["hosts", "listen", "proxies", "public_url", "tokens"]),
        "phone": frozenset(
            (
                "account_sid",
                "api_base",
                "auth_token",
                "auth_token_second",
                "calls_per_second",
                "kind",
                "messages_per_second",
                "numbers",
            )
        ),
        "ambulance": frozenset(["agreement", "confirm_within", "endpoint", "format", "mode", "phone"]),
        "service": frozenset(
            (
                "bicycle_kmh",
                "car_kmh",
                "country",
                "desk_phones",
                "detour",
                "language",
                "plan",
                "reach_within",
                "timezone",
                "walk_kmh",
            )
        ),
        "watch": frozenset(["alert_url", "canary_every", "expect_traffic_within", "ping_every", "ping_url"]),
        "log": frozenset(["format", "level"]),
    }
)
"""The sections and their keys, as in `config.settings` (a test holds them to it): a misspelt one is always told."""


class _Where(Protocol):
    @property
    def host(self) -> str: ...

    @property
    def port(self) -> int: ...


class _Store(Protocol):
    @property
    def url(self) -> str: ...


class _Web(Protocol):
    @property
    def address(self) -> _Where: ...

    @property
    def operator_token(self) -> str | None: ...


class _Service(Protocol):
    @property
    def language(self) -> str: ...


class Seen(Protocol):
    """What the commands that only look ask of the settings: a `Glance`, or the whole `Settings`."""

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of what is shown."""
        ...

    @property
    def folder(self) -> Path:
        """Where relative paths of the settings begin."""
        ...

    @property
    def store(self) -> _Store:
        """Where the store is."""
        ...

    @property
    def web(self) -> _Web:
        """Where the daemon listens."""
        ...

    @property
    def service(self) -> _Service:
        """The service's language."""
        ...


class Where(NamedTuple):
    """A host and a port."""

    host: str
    port: int


class StoreSeen(NamedTuple):
    """Where the store is."""

    url: str


class WebSeen(NamedTuple):
    """Where the daemon listens, and an operator's token where the settings name one."""

    address: Where
    operator_token: str | None


class ServiceSeen(NamedTuple):
    """The service's language, and the time zone's name."""

    language: str
    timezone: str


class Glance(NamedTuple):
    """The settings of one alarmd as far as a command that only looks needs them."""

    path: Path | None
    store: StoreSeen
    web: WebSeen
    service: ServiceSeen

    @property
    def folder(self) -> Path:
        """Where relative paths of the settings begin."""
        return self.path.parent if self.path is not None else Path.cwd()

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of what is shown."""
        return ZoneInfo(self.service.timezone)


class _DoubtfulError(Exception):
    """Something is not plainly right."""


def glance(path: Path | None, environ: Mapping[str, str]) -> Glance | None:
    """Read what a looking command needs.

    Args:
        path: As for `config.settings.load`.
        environ: The environment, which stands above the file.

    Returns:
        None where `config.settings.load` has to say what is wrong, or to read what is written in an unusual way.
    """
    with suppress(_DoubtfulError, OSError, bounded.TooLargeError, tomllib.TOMLDecodeError, KeyError, ValueError):
        file = _find(path, environ)
        raw = tomllib.loads(bounded.read(file, bounded.SETTINGS).decode("utf-8-sig")) if file is not None else {}
        return _seen(file, raw, environ)
    return None


def language(path: Path | None, environ: Mapping[str, str]) -> str:
    """The service's language where the settings can be found, its default included; empty where there are none."""
    found = glance(path, environ)
    return found.service.language if found is not None else ""


def _find(path: Path | None, environ: Mapping[str, str]) -> Path | None:
    named = path or (Path(environ["ALARMD_CONFIG"]) if environ.get("ALARMD_CONFIG") else None)
    if named is None and _DEFAULT_FILE.exists():
        return _DEFAULT_FILE
    if named is None and any(name.startswith(_PREFIX) and "__" in name for name in environ):
        return None
    if named is None or not named.is_file():
        raise _DoubtfulError
    return named


def _seen(file: Path | None, raw: dict[str, Any], environ: Mapping[str, str]) -> Glance:
    _refuse_unknown_keys(raw)
    base = file.resolve().parent if file is not None else Path.cwd()
    sections = {name: _section(raw, name, environ) for name in ("store", "web", "service")}
    return Glance(
        path=file.resolve() if file is not None else None,
        store=StoreSeen(_store(sections["store"], base)),
        web=WebSeen(_address(_text(sections["web"], "listen", "127.0.0.1:8080")), _token(sections["web"], base)),
        service=_service(sections["service"]),
    )


def _refuse_unknown_keys(raw: dict[str, Any]) -> None:
    for name, section in raw.items():
        known = KEYS.get(name)
        if known is None:
            raise _DoubtfulError
        for table in section if isinstance(section, list) else [section]:
            if not isinstance(table, dict) or any(
                key not in known and key.removesuffix("_file") not in known for key in table
            ):
                raise _DoubtfulError


def _section(raw: dict[str, Any], name: str, environ: Mapping[str, str]) -> dict[str, Any]:
    """A section, the environment's word above the file's."""
    table = raw.get(name, {})
    if not isinstance(table, dict):
        raise _DoubtfulError
    start = f"{_PREFIX}{name}".upper()
    above = {}
    for variable, value in environ.items():
        if variable.upper() == start or variable.upper() == f"{start}__TOKENS":
            raise _DoubtfulError
        if variable.upper().startswith(f"{start}__"):
            above[variable[len(start) + 2 :].lower()] = value
    return {**table, **above}


def _text(section: dict[str, Any], key: str, default: str) -> str:
    value = section.get(key, default)
    if not isinstance(value, str) or not value or f"{key}_file" in section:
        raise _DoubtfulError
    return value


def _store(section: dict[str, Any], base: Path) -> str:
    url = _text(section, "url", f"{_SQLITE}alarmd.db")
    if not url.startswith(_SQLITE):
        raise _DoubtfulError
    return _SQLITE + str(base / url.removeprefix(_SQLITE))


def _address(text: str) -> Where:
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdecimal() or int(port) > _PORT_LIMIT:
        raise _DoubtfulError
    return Where(host.strip("[]") or "0.0.0.0", int(port))  # noqa: S104 - as in the settings: every interface


def _token(section: dict[str, Any], base: Path) -> str | None:
    """The first token that may do what an operator does."""
    for entry in section.get("tokens", ()):
        if not isinstance(entry, dict):
            raise _DoubtfulError
        if entry.get("role", "operator") in OPERATOR_ROLES:
            token = entry.get("token")
            if token is None and isinstance(entry.get("token_file"), str):
                token = bounded.read(base / entry["token_file"], bounded.SECRET).decode().strip()
            if not isinstance(token, str) or len(token) < SHORTEST_TOKEN:
                raise _DoubtfulError
            return token
    return None


def _service(section: dict[str, Any]) -> ServiceSeen:
    spoken = languages.nearest(_text(section, "language", languages.CHINESE))
    zone = _text(section, "timezone", "Asia/Shanghai")
    if spoken is None:
        raise _DoubtfulError
    ZoneInfo(zone)
    return ServiceSeen(spoken, zone)
