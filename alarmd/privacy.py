"""What must not stand in a log: addresses of mail, and the numbers of people, telephones and their devices.

The store keeps each message as it came (tables ``signal`` and ``quarantine``), for whoever has to find a device; the
event log, the process log and what is sent to people say of such an address only what tells it from others.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, MutableMapping
from typing import Any

_AT = re.compile(r"@|%40|_at_")
_LOCAL = re.compile(r"[\w.+-]{1,64}")  # of an address, read backwards; the bound is RFC 5321's
_DOMAIN = re.compile(r"[\w-]{1,64}\.[\w.-]{1,190}")
_DOMAIN_IN_A_TOPIC = re.compile(r"\w{1,64}?_(?:com|org|net|edu|info|cn)(?![0-9a-zA-Z])")
_NUMBER = re.compile(
    r"(?P<kept>0x[0-9a-fA-F]{16}(?![0-9a-zA-Z])"  # a radio's own address
    r"|(?<![0-9a-fA-F])[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}(?![0-9a-zA-Z]))"  # a UUID
    r"|\d{7,}(?=\d{4})"  # IMEI, citizen's number, telephone: the last four tell it from others
    r"|(?<!\d)(?:\d{6}|\d{8})[-+](?=\d{4}(?!\d))"  # a Nordic citizen's number
    r"|(?<!\d)\d{3}-\d\d-(?=\d{4}(?!\d))"  # an American one
    r"|(?<!\d)\d-\d{4}-\d{3}(?=\d\d-\d\d-\d(?!\d))"  # a Thai one
    r"|\+(?P<phone>\d(?:[ -]?\d){6,14})(?!\d)"
)
LINE = 200
LONGEST = 16_000  # characters of one value of a log line; of a longer one the beginning and the end
_MARGIN = 400  # what is cut off next must not lay a number or an address open


def masked(text: str, *, length: int | None = LINE) -> str:
    """A topic or text for the log: e-mail addresses out, of the numbers of people and devices only the last four.

    Args:
        text: As it was published.
        length: At most so many characters of it; None: all, up to `LONGEST`.
    """
    text = _cut(text, length)  # cut first, match second: whoever writes it decides how long it is
    return _NUMBER.sub(_shortened, _without_mail(text))[:length]


def _cut(text: str, length: int | None) -> str:
    if length is not None:
        return text[: length + _MARGIN]
    half = LONGEST // 2
    return text if len(text) <= LONGEST else f"{text[:half]} … {text[-half:]}"


def _without_mail(text: str) -> str:
    """Each place where an address could be divided is looked at once, a few characters to either side."""
    kept, done = [], 0
    for at in _AT.finditer(text):
        before = text[max(done, at.start() - 64) : at.start()][::-1]
        local = _LOCAL.match(before) if at.start() >= done else None
        domain = (_DOMAIN_IN_A_TOPIC if at[0] == "_at_" else _DOMAIN).match(text, at.end())
        if local is None or domain is None:
            continue
        kept += [text[done : at.start() - local.end()], "…@…"]
        done = domain.end()
    return "".join(kept) + text[done:]


def _shortened(found: re.Match[str]) -> str:
    return found["kept"] or "…" + re.sub(r"[ -]", "", found["phone"] or "")[-4:]


def nickname(address: str, first: int) -> str:
    """What the log and the desk call a device that nobody registered.

    An ordinary address stays as it is. One that is an e-mail address or a long number is shortened, and the number of
    the device's first signal is put behind it: so no two devices have the same nickname, and whoever must know more
    finds it in the store (``alarmd show``).

    Args:
        address: What its family knows it by.
        first: The number (``signal``) of the first signal that it ever sent.
    """
    return address if is_ordinary(address) else f"{_short(address)} ({first})"


def place_name(name: str) -> str:
    """As `nickname`, for a gateway: nobody has counted its signals, so a few digits of its hash tell it from others."""
    if is_ordinary(name):
        return name
    return f"{_short(name)} ({hashlib.sha256(name.encode('utf-8', 'replace')).hexdigest()[:6]})"


def is_ordinary(address: str) -> bool:
    """Whether an address tells nothing of a person, and looks like no nickname."""
    return masked(address) == address and "..." not in address


def _short(address: str) -> str:
    return masked(address).replace("…", "...")  # three stops, for an ellipsis would double what a text costs


def mask_entry(_: Any, __: str, entry: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """What whoever speaks to the process log forgot, for structlog: every text of a line, at any depth."""
    return {name: value if name == "timestamp" else _masked(value) for name, value in entry.items()}


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return masked(value, length=None)
    if isinstance(value, Mapping):
        return {name: _masked(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(one) for one in value]
    return value
