"""A wall radar of TI's: one fall in its stages, all with the time at which it began."""

from __future__ import annotations

from types import MappingProxyType

from simulators.shared.said import Dialect, Episode, Turn, message


def _wall_radar(turn: Turn) -> Episode:
    """One fall in its stages, all with the time at which it began."""
    stages = (("fall confirmed", 0.0), ("calling", 1.0), ("finished", 4.0))
    return tuple(
        message(
            f"/devices/{turn.device}/events",
            {
                "type": 1,
                "payload": {"status": stage, "timestamp": turn.unix, "statusUpdateTimestamp": turn.unix + int(after)},
            },
            after=after,
        )
        for stage, after in stages
    )


DIALECT = Dialect(
    family="mmwave_ti",
    device="dev12",
    kind="fall",
    says=MappingProxyType(
        {
            "fall": _wall_radar,
            "heartbeat": lambda turn: (
                message(f"/devices/{turn.device}/state", {"status": "monitoring", "uptime": turn.unix % 1_000_000}),
            ),
        }
    ),
    every=120,
)
