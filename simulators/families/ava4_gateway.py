"""AVA4: an oximeter, and a box whose clock is two years ahead."""

from __future__ import annotations

from types import MappingProxyType

from simulators.shared.health_gateways import BOX, box, colons
from simulators.shared.said import Dialect, Episode, Turn, message


def _ava4(turn: Turn) -> Episode:
    """A finger in the oximeter; the box's own clock is two years ahead."""
    entry = {"scan_time": turn.unix + 63_072_000, "ble_addr": turn.device, "pulse": turn.pulse, "spo2": 97, "pi": 70}
    data = {"attribute": "Oximeter JUMPER", "mac": BOX, "value": {"device_list": [entry]}}
    body = {
        "from": "BLE",
        "to": "CLOUD",
        "time": turn.unix + 63_072_000,
        "mac": BOX,
        "type": "reportAttribute",
    }
    return (message("dusun_pub", {**body, "device": "Oximeter JUMPER", "data": data}),)


DIALECT = Dialect(
    family="ava4_gateway",
    device="FF:23:04:19:20:B4",
    kind="vital",
    says=MappingProxyType({"vital": _ava4, "heartbeat": lambda turn: box(turn, "ESP32_GW", "ESP32_BLE_GW_TX")}),
    every=60,
    addressed=colons,
)
