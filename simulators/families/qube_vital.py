"""Qube-Vital: a blood pressure cuff."""

from __future__ import annotations

from types import MappingProxyType

from simulators.shared.health_gateways import BOX, box, colons
from simulators.shared.said import Dialect, Episode, Turn, message


def _qube(turn: Turn) -> Episode:
    value = {"bp_high": 120, "bp_low": 78, "pr": turn.pulse}
    data = {"attribute": "WBP_JUMPER", "ble_mac": turn.device, "value": value}
    body = {"from": "PI", "to": "CLOUD", "time": turn.unix, "mac": BOX, "type": "reportAttribute"}
    return (message("CM4_BLE_GW_TX", {**body, "data": data}),)


DIALECT = Dialect(
    family="qube_vital",
    device="FF:22:09:08:31:31",
    kind="vital",
    says=MappingProxyType({"vital": _qube, "heartbeat": lambda turn: box(turn, "PI_GW", "CM4_BLE_GW_TX")}),
    every=60,
    addressed=colons,
)
