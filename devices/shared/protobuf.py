"""The bytes of a protobuf message: its fields, and nothing of what they mean.

A library for protobuf would bring generated code and a second reader of untrusted bytes for the few fields that
families need. Source: "Encoding", protobuf.dev.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator

from devices.shared.reading import MAX_PAYLOAD, UnreadableError

_VARINT, _EIGHT, _BYTES, _FOUR = 0, 1, 2, 5
_MAX_FIELDS = 20_000
_LONGEST_VARINT = 70
_WHOLE = 1 << 53


def fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Field number and value in their order: an int of a varint, the bytes of all else.

    Raises:
        UnreadableError: The bytes are no protobuf, or too many; raised where the reading gets there.
    """
    if len(data) > MAX_PAYLOAD:
        raise UnreadableError(f"{len(data)} bytes are more than {MAX_PAYLOAD}")
    at = count = 0
    while at < len(data):
        count += 1
        if count > _MAX_FIELDS:
            raise UnreadableError("too many fields")
        key, at = _varint(data, at)
        kind = key & 7
        if key >> 3 == 0:
            raise UnreadableError("field 0")
        if kind == _VARINT:
            value, at = _varint(data, at)
            yield key >> 3, value
            continue
        if kind == _BYTES:
            size, at = _varint(data, at)
        elif kind in (_EIGHT, _FOUR):
            size = 8 if kind == _EIGHT else 4
        else:
            raise UnreadableError(f"wire type {kind}")
        if at + size > len(data):
            raise UnreadableError("cut short")
        yield key >> 3, data[at : at + size]
        at += size


def text(value: int | bytes) -> str:
    """A string field."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else ""


def floating(value: int | bytes) -> float | None:
    """A float or double field; None where it is neither."""
    if not isinstance(value, bytes) or len(value) not in (4, 8):
        return None
    return float(struct.unpack("<f" if len(value) == struct.calcsize("<f") else "<d", value)[0])


def number(value: int | bytes) -> float | int | None:
    """As `floating`, whole numbers as such; None for what is no number at all."""
    found = floating(value)
    if found is None or not math.isfinite(found):
        return None
    return int(found) if found.is_integer() and abs(found) < _WHOLE else found


def signed(value: int, bits: int) -> int:
    """A negative number travels as the unsigned one of the same bits."""
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> (bits - 1) else value


def varint(value: int) -> bytes:
    """A whole number, not negative, as it is written."""
    written = b""
    while value > 0x7F:  # noqa: PLR2004 - as below
        written += bytes((value & 0x7F | 0x80,))
        value >>= 7
    return written + bytes((value,))


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(data) and shift < _LONGEST_VARINT:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:  # noqa: PLR2004 - the bit that says there is more
            return value, at
        shift += 7
    raise UnreadableError("cut short")
