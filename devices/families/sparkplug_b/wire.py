"""The bytes of a Sparkplug B payload: as much of it as its plain metrics need.

Source: ``sparkplug_b.proto`` of the Sparkplug 3.0 specification. Data sets, templates and properties are skipped.
"""

from __future__ import annotations

from typing import Any, Final

from devices.shared import protobuf

_TIMESTAMP, _METRICS, _SEQ = 1, 2, 3
_NAMES: Final = {1: "name", 2: "alias", 3: "timestamp", 4: "datatype", 5: "is_historical", 7: "is_null"}
_INT, _LONG, _FLOAT, _DOUBLE, _BOOLEAN, _STRING = 10, 11, 12, 13, 14, 15
_BOOLEAN_TYPE: Final = 11
_SIGNED: Final = {1: 8, 2: 16, 3: 32, 4: 64}
"""Data type to bits: signed numbers travel as the unsigned ones of the same bits."""


def read(payload: bytes) -> dict[str, Any]:
    """A payload as the JSON form of it: ``timestamp``, ``seq`` and ``metrics`` with ``name`` and ``value``.

    Raises:
        UnreadableError: The bytes are no protobuf, or too many.
    """
    said: dict[str, Any] = {"metrics": []}
    for field, value in protobuf.fields(payload):
        if field == _METRICS and isinstance(value, bytes):
            said["metrics"].append(_metric(value))
        elif field == _TIMESTAMP:
            said["timestamp"] = value
        elif field == _SEQ:
            said["seq"] = value
    return said


def _metric(data: bytes) -> dict[str, Any]:
    metric: dict[str, Any] = {}
    for field, value in protobuf.fields(data):
        if name := _NAMES.get(field):
            metric[name] = protobuf.text(value) if name == "name" else bool(value) if name.startswith("is_") else value
        elif field in (_INT, _LONG) and isinstance(value, int):
            metric["value"] = value
        elif field in (_FLOAT, _DOUBLE) and (number := protobuf.floating(value)) is not None:
            metric["value"] = round(number, 6) if field == _FLOAT else number
        elif field == _BOOLEAN:
            metric["value"] = bool(value)
        elif field == _STRING:
            metric["value"] = protobuf.text(value)
    return typed(metric, metric.get("datatype"))


def typed(metric: dict[str, Any], datatype: object) -> dict[str, Any]:
    """A metric with its value as its data type says; after the birth the type is often left out."""
    bits = _SIGNED.get(datatype) if isinstance(datatype, int) else None
    value = metric.get("value")
    if bits and isinstance(value, int) and not isinstance(value, bool):
        return metric | {"value": protobuf.signed(value, bits)}
    return metric


def rebirth(at_ms: int) -> bytes:
    """The command by which a host asks an edge node to say once more what its metrics are called."""
    name = b"Node Control/Rebirth"
    metric = b"\x0a" + bytes((len(name),)) + name + bytes((4 << 3, _BOOLEAN_TYPE, _BOOLEAN << 3, 1))
    return b"\x08" + protobuf.varint(at_ms) + b"\x12" + bytes((len(metric),)) + metric
