"""Happy Bubbles: two rooms that hear one iBeacon."""

from __future__ import annotations

from types import MappingProxyType

from simulators.shared.said import Dialect, Episode, Turn, mac, message


def _bubbles(turn: Turn) -> Episode:
    uuid, major, minor = turn.device.split("/")
    beacon = {"beacon_type": "ibeacon", "mac": "dd6ed85b7a80", "uuid": uuid, "tx_power": "c5"}
    numbers = {"major": f"{int(major):04x}", "minor": f"{int(minor):04x}"}
    return tuple(
        message(f"happy-bubbles/ble/{room}/ibeacon/{uuid}", {"hostname": room, **beacon, **numbers, "rssi": rssi})
        for room, rssi in (("living-room", -62), ("hall", -92))
    )


DIALECT = Dialect(
    family="happy_bubbles",
    device="e2c56db5dffb48d2b060d0f5a71096e0/104/104",
    kind="wearable",
    says=MappingProxyType({"heartbeat": _bubbles}),
    every=10,
    addressed=lambda prefix, number: f"{mac(prefix, number).lower():0>32}/1/{number % 65_536}",
)
