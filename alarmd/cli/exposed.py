"""`alarmd check`: what stands open to strangers: ports without TLS, weak tokens, secrets that anybody reads."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from alarmd.cli.finding import Finding
from alarmd.store import path_of
from alarmd.web.operator_token import token_file
from config import toml
from config.faults import Location
from config.secrets import SECRETS
from config.sections import Address
from config.settings import Settings
from config.wording import said

MOST_READ = 72  # signs of a secret that are looked at, the most that zxcvbn takes
GUESSED = 12.0  # decimal digits of the number of guesses: fewer, and a program of today finds it
GUESSED_BY_WORDS = 25.0  # the same, where more than half of it is words, dates, rows of keys and repetitions
# What stands in examples, beside the words and passwords that zxcvbn knows.
_KNOWN = ("alarmd", "changeme", "desk", "example", "look-alike", "night", "operator", "read", "token", "unread")
_OTHERS_MAY = stat.S_IROTH | stat.S_IWOTH


def found(settings: Settings) -> Iterator[Finding]:
    """Everything that is open, each a fault or a hint; nothing where all is well."""
    yield from _ports(settings)
    yield from _ways(settings)
    yield from _weak(settings)
    yield from _readable(settings)


def _ports(settings: Settings) -> Iterator[Finding]:
    """What others reach, and read along on the way."""
    web, mqtt = settings.web, settings.mqtt
    if not web.address.is_loopback and not web.proxies:
        text = said(
            "others reach {listen}, and alarmd itself speaks no TLS: tokens, names and addresses can be read on the "
            "way. Listen on 127.0.0.1 and put a proxy with TLS before it, or name the proxy in web.proxies",
            listen=web.listen,
        )
        yield Finding(ok=False, what="web", text=text, where=("web", "listen"))
    elif not web.address.is_loopback:
        text = said(
            "everybody who reaches {listen} can go past the proxy, and in clear; let the firewall admit nobody but the "
            "proxies to that port",
            listen=web.listen,
        )
        yield Finding(ok=None, what="web", text=text)  # a proxy on another machine has to reach it
    admits = mqtt.users_file is not None  # without one nobody else is let in, which is said elsewhere
    if admits and mqtt.door is not None and not mqtt.door.is_loopback and mqtt.tls_cert is None:
        text = said(
            "others reach {listen} without TLS: passwords can be read on the way, and presses be forged; set tls_cert "
            "and tls_key",
            listen=mqtt.listen,
        )
        yield Finding(ok=False, what="door", text=text, where=("mqtt", "listen"))


def _ways(settings: Settings) -> Iterator[Finding]:
    """Where a secret leaves this machine in clear."""
    mqtt, watch = settings.mqtt, settings.watch
    if mqtt.broker is not None and not mqtt.broker.tls and mqtt.password and not _is_near(mqtt.broker.host):
        text = said("the password goes to {host} in clear: write mqtts://", host=mqtt.broker.host)
        yield Finding(ok=False, what="broker", text=text, where=("mqtt", "url"))
    if mqtt.broker is not None and not mqtt.password and not _is_near(mqtt.broker.host):
        text = said(
            "{host} asks alarmd for no password, so perhaps it asks nobody: everybody who reaches it could forge "
            "alarms and read them; give alarmd and each device a user there",
            host=mqtt.broker.host,
        )
        yield Finding(
            ok=None, what="broker", text=text
        )  # the broker may know alarmd by a certificate, or by its network
    urls: list[tuple[str, Location, str]] = [("web", ("web", "public_url"), settings.web.public_url)]
    urls += [("phone", ("phone", i, "api_base"), phone.api_base) for i, phone in enumerate(settings.phone)]
    urls += [
        ("watchdog", ("watch", key), url.get_secret_value())
        for key, url in (("ping_url", watch.ping_url), ("alert_url", watch.alert_url))
        if url is not None
    ]
    for what, where, url in urls:
        parts = urlsplit(url)
        if parts.scheme == "http" and not _is_near(str(parts.hostname)):
            text = said(
                "{host} is reached without TLS: secrets and answers can be read on the way", host=parts.hostname
            )
            yield Finding(ok=False, what=what, text=text, where=where)


def _is_near(host: str) -> bool:
    """Whether nobody but this machine reads along."""
    return Address(host, 0).is_loopback


def _weak(settings: Settings) -> Iterator[Finding]:
    for i, token in enumerate(settings.web.tokens):
        if is_weak(token.token.get_secret_value()):
            text = said(
                "the token of {name} can be guessed; make one with `openssl rand -hex 32`", name=repr(token.name)
            )
            yield Finding(ok=False, what="web", text=text, where=("web", "tokens", i, "token"))
    for i, token in enumerate(settings.web.tokens):
        same = [one.name for one in settings.web.tokens[:i] if one.token == token.token]
        if same:
            text = said(
                "{name} has the token of {other}: nobody can tell them apart, in the event log neither",
                name=repr(token.name),
                other=repr(same[0]),
            )
            yield Finding(ok=False, what="web", text=text, where=("web", "tokens", i, "token"))
    password = settings.mqtt.password
    if settings.mqtt.url and password and is_weak(password.get_secret_value()):
        text = said("the broker's password can be guessed; make one with `openssl rand -hex 32`")
        yield Finding(ok=False, what="broker", text=text, where=("mqtt", "password"))
    for i, phone in enumerate(settings.phone):
        near = _is_near(str(urlsplit(phone.api_base).hostname))
        if not near and is_weak(phone.auth_token.get_secret_value()):
            text = said("the account's token can be guessed, so key presses can be forged: is it the provider's own?")
            yield Finding(ok=False, what="phone", text=text, where=("phone", i, "auth_token"))


def is_weak(secret: str) -> bool:
    """Whether somebody would guess it: words, a row of keys, a date, one piece again and again.

    Args:
        secret: A token or password.
    """
    from zxcvbn import zxcvbn  # noqa: PLC0415 - its lists of words take a quarter of a second, and one command needs them

    looked_at = secret.strip()[:MOST_READ]
    if not looked_at:
        return True
    found = zxcvbn(looked_at, user_inputs=_KNOWN)
    drawn = sum(len(piece["token"]) for piece in found["sequence"] if piece["pattern"] == "bruteforce")
    most = GUESSED if drawn >= len(looked_at) / 2 else GUESSED_BY_WORDS
    return bool(found["guesses_log10"] < most)


def _readable(settings: Settings) -> Iterator[Finding]:
    """Files with secrets that every user of this machine may read, or change, or put others in the place of."""
    found = list(_files(settings))
    for folder in dict.fromkeys(path.parent for path, _ in found):
        if _may_be_filled_by_others(folder):
            text = said(
                "every user of this machine may put other files in the place of those in {folder}: chmod o-w {folder}",
                folder=folder,
            )
            yield Finding(ok=False, what="rights", text=text)
    for path, where in found:
        try:
            mode = path.stat().st_mode
        except OSError:  # not there yet, or told elsewhere
            continue
        if mode & _OTHERS_MAY:
            text = said(
                "{file} holds secrets, and every user of this machine may read or change it: chmod o= {file}",
                file=path,
            )
            yield Finding(ok=False, what="rights", text=text, where=where)


def _may_be_filled_by_others(folder: Path) -> bool:
    try:
        mode = folder.stat().st_mode
    except OSError:
        return False
    return bool(mode & stat.S_IWOTH) and not mode & stat.S_ISVTX  # in /tmp everybody may replace their own only


def _files(settings: Settings) -> Iterator[tuple[Path, Location]]:
    raw = _raw(settings.path)
    inline = False
    for section, keys in SECRETS.items():
        for table, where in _tables(raw.get(section), (section,)):
            for key in keys:
                inline |= isinstance(table.get(key), str) and key != "account_sid" and not _is_plain(key, table)
                if isinstance(named := table.get(f"{key}_file"), str):
                    yield settings.folder / named, (*where, f"{key}_file")
    if inline and settings.path is not None:
        yield settings.path, ()
    mqtt = settings.mqtt
    for key, named in (("users_file", mqtt.users_file), ("tls_key", mqtt.tls_key)):
        if named is not None:
            yield settings.folder / named, ("mqtt", key)
    store = path_of(settings.store.url)
    for path in (store, store.with_name(f"{store.name}-wal"), token_file(settings)):
        yield path, ("store", "url")


def _is_plain(key: str, table: dict[str, Any]) -> bool:
    """An address without a secret in it."""
    url = urlsplit(str(table[key])) if key == "url" else None
    return url is not None and (url.scheme == "sqlite" or url.password is None)


def _raw(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        return toml.read(path)[1]
    except (toml.TomlError, OSError):  # it was read a moment ago
        return {}


def _tables(value: Any, where: Location) -> Iterator[tuple[dict[str, Any], Location]]:
    """Each table of a section: itself, one of a list, and one below it (``[[web.tokens]]``)."""
    if isinstance(value, list):
        for i, one in enumerate(value):
            yield from _tables(one, (*where, i))
    elif isinstance(value, dict):
        yield value, where
        for key, one in value.items():
            if isinstance(one, list | dict):
                yield from _tables(one, (*where, key))
