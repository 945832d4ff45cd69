"""The bytes of a Sparkplug B payload: as much of protobuf as its plain metrics need.

Source: ``sparkplug_b.proto`` of the Sparkplug 3.0 specification. Data sets, templates and properties are skipped. A
library for protobuf would bring generated code and a second reader of untrusted bytes for these few fields.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any, Final

from devices.shared.reading import MAX_PAYLOAD, UnreadableError

_VARINT, _EIGHT, _BYTES, _FOUR = 0, 1, 2, 5
_MAX_FIELDS = 20_000
_LONGEST_VARINT = 70
_TIMESTAMP, _METRICS, _SEQ = 1, 2, 3
_NAMES: Final = {1: "name", 2: "alias", 3: "timestamp", 4: "datatype", 5: "is_historical", 7: "is_null"}
_INT, _LONG, _FLOAT, _DOUBLE, _BOOLEAN, _STRING = 10, 11, 12, 13, 14, 15
_SIGNED: Final = {1: 8, 2: 16, 3: 32, 4: 64}
"""Data type to bits: signed numbers travel as the unsigned ones of the same bits."""


def read(payload: bytes) -> dict[str, Any]:
    """A payload as the JSON form of it: ``timestamp``, ``seq`` and ``metrics`` with ``name`` and ``value``.

    Raises:
        UnreadableError: The bytes are no protobuf, or too many.
    """
    if len(payload) > MAX_PAYLOAD:
        raise UnreadableError(f"{len(payload)} bytes are more than {MAX_PAYLOAD}")
    said: dict[str, Any] = {"metrics": []}
    for field, value in _fields(payload):
        if field == _METRICS and isinstance(value, bytes):
            said["metrics"].append(_metric(value))
        elif field == _TIMESTAMP:
            said["timestamp"] = value
        elif field == _SEQ:
            said["seq"] = value
    return said


def _metric(data: bytes) -> dict[str, Any]:
    metric: dict[str, Any] = {}
    for field, value in _fields(data):
        if name := _NAMES.get(field):
            metric[name] = _text(value) if name == "name" else bool(value) if name.startswith("is_") else value
        elif field in (_INT, _LONG) and isinstance(value, int):
            metric["value"] = value
        elif field == _FLOAT and isinstance(value, bytes) and len(value) == struct.calcsize("<f"):
            metric["value"] = round(float(struct.unpack("<f", value)[0]), 6)
        elif field == _DOUBLE and isinstance(value, bytes) and len(value) == struct.calcsize("<d"):
            metric["value"] = float(struct.unpack("<d", value)[0])
        elif field == _BOOLEAN:
            metric["value"] = bool(value)
        elif field == _STRING:
            metric["value"] = _text(value)
    bits = _SIGNED.get(metric.get("datatype", 0))
    if bits and isinstance(metric.get("value"), int):
        metric["value"] = _signed(metric["value"], bits)
    return metric


def _signed(value: int, bits: int) -> int:
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> (bits - 1) else value


def _text(value: int | bytes) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else ""


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Field number and value: an int of a varint, the bytes of all else."""
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
