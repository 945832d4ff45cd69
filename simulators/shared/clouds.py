"""What the devices of several clouds share."""

from __future__ import annotations

from typing import Any

from simulators.shared.said import Turn

PRODUCT = "a1B2c3D4e5F"


def fields(signal: str, turn: Turn) -> dict[str, Any]:
    """What a device reports that nobody pressed."""
    told: dict[str, Any] = {"heartRate": turn.pulse} if signal == "vital" else {}
    return told | {"battery": turn.battery}
