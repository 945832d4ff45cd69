"""A Meshtastic packet as protobuf, the only form in which gateways without JSON (nRF52) pass it on.

Source: meshtastic/protobufs, ``mqtt.proto`` (ServiceEnvelope), ``mesh.proto`` (MeshPacket, Data, Position),
``telemetry.proto``, ``portnums.proto``. It is turned into what the firmware's JSON says, so that both are read by the
same code, and a packet that comes in both forms is one signal.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from devices.shared import protobuf
from devices.shared.reading import UnreadableError

_LONGEST: Final = 4096
"""Bytes. A packet on the air has 255 at most; what is longer came from nobody's radio."""
_PACKET, _FROM, _DECODED, _ENCRYPTED, _ID, _TIME = 1, 1, 4, 5, 6, 7
_PORT, _PAYLOAD = 1, 2
_LATITUDE, _LONGITUDE, _TAKEN = 1, 2, 4
_TEXT, _POSITION, _TELEMETRY = ("text", "detection", "alert"), "position", "telemetry"
_PORTS: Final[Mapping[int, str]] = {
    1: "text",
    3: _POSITION,
    4: "nodeinfo",
    10: "detection",
    11: "alert",
    67: _TELEMETRY,
}
"""Those that say something; any other port is a sign of life."""
_METRICS: Final[Mapping[int, Mapping[int, str]]] = {
    2: {1: "battery_level", 2: "voltage"},
    3: {1: "temperature", 2: "relative_humidity", 3: "barometric_pressure"},
    4: {1: "pm10", 2: "pm25", 3: "pm100", 13: "co2"},
    7: {1: "heart_bpm", 2: "spO2", 3: "body_temperature"},
}
"""Kind of telemetry to its fields: the node itself, its surroundings, its air, its wearer."""


def read(payload: bytes) -> dict[str, Any]:
    """A ServiceEnvelope as the JSON of it: ``from``, ``id``, ``timestamp``, ``type`` and ``payload``.

    A packet that is still encrypted has the type ``encrypted``.

    Raises:
        UnreadableError: It is no protobuf, holds no packet, or is longer than any.
    """
    if len(payload) > _LONGEST:
        raise UnreadableError(f"{len(payload)} bytes are more than {_LONGEST}")
    packet = next((value for field, value in protobuf.fields(payload) if field == _PACKET), None)
    if not isinstance(packet, bytes):
        raise UnreadableError("no packet")
    said: dict[str, Any] = {"type": ""}
    for field, value in protobuf.fields(packet):
        if name := {_FROM: "from", _ID: "id", _TIME: "timestamp"}.get(field):
            said[name] = _fixed(value)
        elif field == _ENCRYPTED:
            said["type"] = "encrypted"
        elif field == _DECODED and isinstance(value, bytes):
            said |= _data(value)
    return said


def _data(data: bytes) -> dict[str, Any]:
    port, content = 0, b""
    for field, value in protobuf.fields(data):
        if field == _PORT and isinstance(value, int):
            port = value
        elif field == _PAYLOAD and isinstance(value, bytes):
            content = value
    kind = _PORTS.get(port, "")
    if kind in _TEXT:
        return {"type": kind, "payload": {"text": protobuf.text(content)}}
    if kind == _POSITION:
        return {"type": kind, "payload": _position(content)}
    return {"type": kind, "payload": _telemetry(content) if kind == _TELEMETRY else {}}


def _position(data: bytes) -> dict[str, Any]:
    values = dict(protobuf.fields(data))
    found = {
        "latitude_i": protobuf.signed(_fixed(values.get(_LATITUDE)), 32),
        "longitude_i": protobuf.signed(_fixed(values.get(_LONGITUDE)), 32),
        "time": _fixed(values.get(_TAKEN)),
    }
    return {name: value for name, value in found.items() if value}


def _telemetry(data: bytes) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for field, metrics in protobuf.fields(data):
        names = _METRICS.get(field)
        for inner, value in protobuf.fields(metrics) if names and isinstance(metrics, bytes) else ():
            if names and (name := names.get(inner)):
                figure = value if isinstance(value, int) else protobuf.floating(value)
                found[name] = round(figure, 3) if isinstance(figure, float) else figure
    return found


def _fixed(value: int | bytes | None) -> int:
    return int.from_bytes(value, "little") if isinstance(value, bytes) else value or 0
