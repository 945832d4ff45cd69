"""A medicine box and its bracelet, which measures temperatures."""

from __future__ import annotations

from types import MappingProxyType

from simulators.shared.said import Dialect, Episode, Turn, message


def _band(turn: Turn) -> Episode:
    return (message(f"/bracelet/update/temp/{turn.device}", {"temp": "36.4", "id": turn.device}),)


DIALECT = Dialect(
    family="medbox",
    device="GsEgt",
    kind="vital",
    says=MappingProxyType({"vital": _band, "heartbeat": _band}),
    every=60,
)
