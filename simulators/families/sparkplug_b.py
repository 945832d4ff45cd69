"""Sparkplug B's edge nodes, in its own bytes."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from types import MappingProxyType

from simulators.shared.said import Dialect, Episode, Said, Turn, message

Value = bool | float | int


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:  # noqa: PLR2004 - seven bits a byte, the eighth says that there is more
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*out, value))


def _field(number: int, value: int | bytes) -> bytes:
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    return _varint(number << 3 | 2) + _varint(len(value)) + value


def _metric(name: str, value: Value, ms: int) -> bytes:
    """Name, time, data type and value, as ``sparkplug_b.proto`` numbers them."""
    head = _field(1, name.encode()) + _field(3, ms)
    if isinstance(value, bool):
        return head + _field(4, 11) + _field(14, int(value))
    if isinstance(value, float):
        return head + _field(4, 10) + _varint(13 << 3 | 1) + struct.pack("<d", value)
    return head + _field(4, 8) + _field(11, value)


def sparkplug(topic: str, metrics: Mapping[str, Value], *, ms: int, seq: int | None, after: float = 0.0) -> Said:
    """A Sparkplug B payload in its own bytes."""
    body = _field(1, ms) + b"".join(_field(2, _metric(name, value, ms)) for name, value in metrics.items())
    return message(topic, body + (b"" if seq is None else _field(3, seq)), after=after)


def _topic(kind: str, device: str) -> str:
    group, _, rest = device.partition("/")
    return f"spBv1.0/{group}/{kind}/{rest}"


def _data(turn: Turn, *metrics: tuple[float, Mapping[str, Value]]) -> Episode:
    return tuple(
        sparkplug(
            _topic("DDATA", turn.device),
            values,
            ms=turn.ms + int(after * 1000),
            seq=(turn.count + number) % 256,
            after=after,
        )
        for number, (after, values) in enumerate(metrics)
    )


def _born(turn: Turn) -> Episode:
    """The edge node's birth, then its device's, with all it knows."""
    node = turn.device.rpartition("/")[0]
    return (
        sparkplug(_topic("NBIRTH", node), {"bdSeq": 0}, ms=turn.ms, seq=0),
        sparkplug(_topic("DBIRTH", turn.device), {"button": False, "battery": turn.battery}, ms=turn.ms, seq=1),
    )


def _death(device: str) -> Said:
    return sparkplug(_topic("NDEATH", device.rpartition("/")[0]), {"bdSeq": 0}, ms=1_795_000_000_000, seq=None)


DIALECT = Dialect(
    family="sparkplug_b",
    device="eldercare/floor1/button12",
    kind="button",
    says=MappingProxyType(
        {
            "sos": lambda turn: _data(turn, (0.0, {"sos": True}), (1.0, {"sos": False})),
            "press": lambda turn: _data(turn, (0.0, {"button": True}), (0.5, {"button": False})),
            "fall": lambda turn: _data(turn, (0.0, {"fall": True}), (2.0, {"fall": False})),
            "vital": lambda turn: _data(turn, (0.0, {"heart rate": float(turn.pulse)})),
            "heartbeat": lambda turn: _data(turn, (0.0, {"battery": turn.battery})),
        }
    ),
    every=60,
    hello=_born,
    will=_death,
    addressed=lambda prefix, number: f"{prefix}/floor1/button{number:06}",
)
