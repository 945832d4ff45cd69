"""Home Assistant's room presence: rooms that say how far away a beacon is."""

from __future__ import annotations

from types import MappingProxyType

from simulators.shared.said import Dialect, message

DIALECT = Dialect(
    family="ha_mqtt_room",
    device="wang-beacon",
    kind="wearable",
    says=MappingProxyType(
        {
            "heartbeat": lambda turn: tuple(
                message(f"room_presence/{room}", {"id": turn.device, "name": turn.device, "distance": far})
                for room, far in (("bedroom12", 1.5), ("hall", 6.8))
            )
        }
    ),
    every=10,
)
