"""A radar in a lamp, of Seeed's: its state each second."""

from __future__ import annotations

from types import MappingProxyType

from simulators.shared.said import Dialect, message, repeated

DIALECT = Dialect(
    family="mmwave_seeed",
    device="student/CASA0014/luminaire/21",
    kind="fall",
    says=MappingProxyType(
        {
            "fall": lambda turn: repeated(message(turn.device, {"status": 2, "lux": 45.3}), 1.0, 2.0, 3.0),
            "heartbeat": lambda turn: (message(turn.device, {"status": 0, "lux": 45.3}),),
        }
    ),
    every=1,
    addressed=lambda prefix, number: f"student/{prefix}/luminaire/{number}",
)
