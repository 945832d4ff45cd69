"""Reading what devices send: tolerant of the small sins of their firmware, strict about its own bounds.

Everything here is total: it answers for any bytes and any value in bounded time, or raises `UnreadableError`, the one
thing a decoder has to catch.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

MAX_PAYLOAD = 262_144
"""Bytes. No device message of any family comes near it; longer ones are not read, so they cannot hold up a press."""

_NUMBER = re.compile(r"\s{0,9}([+-]?(?:\d{1,15}(?:\.\d{0,15})?|\.\d{1,15}))(?:[%°a-zA-Z/\s]{0,20})", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_YES = frozenset({"true", "1", "on", "yes", "alarm", "detected", "triggered", "leak", "active", "open", "opened"})
_NO = frozenset(
    {"false", "0", "off", "no", "", "normal", "none", "clear", "not triggered", "inactive", "closed", "null"}
)
_NANOSECONDS = re.compile(r"(\.\d{6})\d+")
_ISO_WITH_MICROSECONDS = len("2026-11-21T08:00:00.000000")
_LONGEST_WORD = 40
_EXACT_INT = 2**53
_REPEATED = 64
"""Named more often than this, a key is not looked up any more: no device does, and it would hold up others."""
_HUGE_BITS = 128
_PERCENT_MAX = 100
_LAT_MAX, _LON_MAX = 90, 180
_SECONDS_OR_MS = 100_000_000_000
"""Unix seconds reach this in the year 5138, milliseconds did in 1973."""
_EARLIEST = datetime(2010, 1, 1, tzinfo=UTC)
_LATEST = datetime(2100, 1, 1, tzinfo=UTC)
_JSON = msgspec.json.Decoder()


class UnreadableError(ValueError):
    """The payload could not be read as what its family sends."""


def json_value(payload: bytes, *, longest: int = MAX_PAYLOAD) -> Any:
    """Read JSON as devices write it.

    Accepts a byte-order mark, trailing NULs, bytes that are no UTF-8, ``NaN`` and numbers beyond all bounds (each of
    these loses at most its own field), and JSON packed once more into a JSON string.

    Args:
        payload: The bytes as they arrived.
        longest: Bytes that are read.

    Returns:
        dict, list, str, int, float, bool or None.

    Raises:
        UnreadableError: It is no JSON, is longer than that or nested too deep.
    """
    if len(payload) > longest:
        raise UnreadableError(f"{len(payload)} bytes are more than {longest}")
    value = _loads(payload)
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        return _loads(value.encode("utf-8", "replace"))
    return value


def json_object(payload: bytes, *, longest: int = MAX_PAYLOAD) -> dict[str, Any]:
    """As `json_value`, but only an object will do.

    Raises:
        UnreadableError: It is anything else.
    """
    value = json_value(payload, longest=longest)
    if not isinstance(value, dict):
        raise UnreadableError(f"expected an object, got {type(value).__name__}")
    return value


def _loads(payload: bytes) -> Any:
    try:
        return _JSON.decode(payload)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        pass
    text = payload.decode("utf-8", "replace").lstrip("\ufeff").strip("\x00 \t\r\n")
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError) as error:
        raise UnreadableError("no JSON") from error


def repeats_key(payload: bytes, key: str) -> bool:
    """Whether one object of the message names ``key`` twice: two answers to the question that matters are none."""
    quoted = b'"%s"' % key.encode()
    if payload.find(quoted, payload.find(quoted) + 1) <= 0:
        return False
    if payload.count(quoted) > _REPEATED:
        return True
    seen = False

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal seen
        values = [str(value) for name, value in found if name == key]
        seen = seen or len(set(values)) > 1
        return dict(found)

    try:
        json.loads(payload.decode("utf-8", "replace"), strict=False, object_pairs_hook=pairs)
    except (ValueError, RecursionError):
        return True
    return seen


def number(value: object) -> float | int | None:
    """A finite number from a number or from text such as ``"28°C"``, ``"3.5V"``, ``"87 %"``; else None."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if abs(value) < _EXACT_INT else None
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, str) and len(value) <= _LONGEST_WORD and (match := _NUMBER.fullmatch(value)):
        digits = match[1]
        return float(digits) if "." in digits else int(digits)
    return None


def percent(value: object) -> float | None:
    """A number from 0 to 100, else None: null is not an empty battery, nor is 255."""
    found = number(value)
    return found if found is not None and 0 <= found <= _PERCENT_MAX else None


def truth(value: object) -> bool | None:
    """Yes, no, or None for what is neither; knows the words devices use (``"TRUE"``, ``"ON"``, ``"leak"`` …)."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return None if math.isnan(value) else value != 0
    if isinstance(value, str) and len(value) <= _LONGEST_WORD:
        word = value.strip().lower()
        return True if word in _YES else False if word in _NO else None
    return None


def text(value: object, limit: int = 500) -> str:
    """One clean line from any scalar, at most ``limit`` characters; empty for None, lists and objects."""
    if value is None or isinstance(value, dict | list):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and value.bit_length() > _HUGE_BITS:
        return ""
    return _CONTROL.sub(" ", str(value)[: limit * 2]).strip()[:limit]


def instant(value: object) -> datetime | None:
    """The device's own time from ISO 8601 with an offset, or Unix seconds or milliseconds; None if absent or absurd.

    Local time without an offset says nothing: nobody knows which clock it was read from.
    """
    try:
        if isinstance(value, str) and len(value) <= _LONGEST_WORD and not value.strip().isdecimal():
            found = datetime.fromisoformat(_to_microseconds(value.strip()))
        elif (seconds := number(value)) is not None:
            found = datetime.fromtimestamp(seconds / 1000 if seconds > _SECONDS_OR_MS else seconds, tz=UTC)
        else:
            return None
        if found.tzinfo is None:
            return None
        found = found.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return found if _EARLIEST <= found < _LATEST else None


def _to_microseconds(value: str) -> str:
    """Python reads at most six fractional digits; ChirpStack writes nine."""
    return _NANOSECONDS.sub(r"\1", value) if len(value) > _ISO_WITH_MICROSECONDS else value


def position(lat: object, lon: object) -> tuple[float, float] | None:
    """WGS-84 degrees if both are there and possible; None for the null island at 0, 0, where nobody lives."""
    north, east = number(lat), number(lon)
    if north is None or east is None or abs(north) > _LAT_MAX or abs(east) > _LON_MAX:
        return None
    return None if north == east == 0 else (float(north), float(east))


def recent(record: datetime | None, now: datetime | None, *, age: timedelta = timedelta(hours=24)) -> bool:
    """Whether a stored record is from the time just before the message that brought it (15 minutes of clock error)."""
    return record is not None and now is not None and now - age <= record <= now + timedelta(minutes=15)


def words(value: str) -> Iterable[str]:
    """The lower-case words of a code such as ``"1_long_press"``, ``"Low battery"`` or ``"MOTION_START"``."""
    return re.findall(r"[a-z0-9]+", value[:200].lower())
