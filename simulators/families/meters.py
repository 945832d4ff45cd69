"""Gateways of cuffs, oximeters, thermometers and scales: they measure, and nobody calls by them."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from simulators.families.said import Dialect, Episode, Turn, mac, message

BOX = "DC:DA:0C:5A:80:44"


def _colons(prefix: str, number: int) -> str:
    digits = mac(prefix, number)
    return ":".join(digits[n : n + 2] for n in range(0, 12, 2))


def _ava4(turn: Turn) -> Episode:
    """A finger in the oximeter; the box's own clock is two years ahead."""
    entry = {"scan_time": turn.unix + 63_072_000, "ble_addr": turn.device, "pulse": turn.pulse, "spo2": 97, "pi": 70}
    data = {"attribute": "Oximeter JUMPER", "mac": BOX, "value": {"device_list": [entry]}}
    body = {"from": "BLE", "to": "CLOUD", "time": turn.unix + 63_072_000, "mac": BOX, "type": "reportAttribute"}
    return (message("dusun_pub", {**body, "device": "Oximeter JUMPER", "data": data}),)


def _box(turn: Turn, word: str, topic: str) -> Episode:
    body: dict[str, Any] = {"from": word, "to": "CLOUD", "name": "box", "time": turn.unix, "mac": turn.device}
    return (message(topic, {**body, "type": "HB_Msg", "data": {"msg": "Online"}}),)


AVA4_GATEWAY = Dialect(
    family="ava4_gateway",
    device="FF:23:04:19:20:B4",
    kind="vital",
    says=MappingProxyType({"vital": _ava4, "heartbeat": lambda turn: _box(turn, "ESP32_GW", "ESP32_BLE_GW_TX")}),
    every=60,
    addressed=_colons,
)


def _qube(turn: Turn) -> Episode:
    value = {"bp_high": 120, "bp_low": 78, "pr": turn.pulse}
    data = {"attribute": "WBP_JUMPER", "ble_mac": turn.device, "value": value}
    body = {"from": "PI", "to": "CLOUD", "time": turn.unix, "mac": BOX, "type": "reportAttribute"}
    return (message("CM4_BLE_GW_TX", {**body, "data": data}),)


QUBE_VITAL = Dialect(
    family="qube_vital",
    device="FF:22:09:08:31:31",
    kind="vital",
    says=MappingProxyType({"vital": _qube, "heartbeat": lambda turn: _box(turn, "PI_GW", "CM4_BLE_GW_TX")}),
    every=60,
    addressed=_colons,
)


def _health(turn: Turn) -> Episode:
    """Retained, as everything of this exporter."""
    data = {"systolic": 131, "diastolic": 84, "heart_rate": turn.pulse}
    body = {"timestamp": f"{turn.at:%Y-%m-%dT%H:%M:%S}", "type": "blood_pressure", "data": data}
    return (message(f"health/blood_pressure/{turn.device}", body, retain=True),)


HEALTHDATA2MQTT = Dialect(
    family="healthdata2mqtt",
    device="user-0123456789ab",
    kind="vital",
    says=MappingProxyType({"vital": _health, "heartbeat": _health}),
    every=86_400,
    addressed=lambda prefix, number: f"user-{mac(prefix, number).lower()}",
)


def _band(turn: Turn) -> Episode:
    return (message(f"/bracelet/update/temp/{turn.device}", {"temp": "36.4", "id": turn.device}),)


MEDBOX = Dialect(
    family="medbox",
    device="GsEgt",
    kind="vital",
    says=MappingProxyType({"vital": _band, "heartbeat": _band}),
    every=60,
)
