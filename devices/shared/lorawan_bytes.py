"""The bytes of LoRaWAN call devices, for networks where nobody configured a codec.

Only models whose bytes are published and simple; the fields come out under the names that the makers' own codecs use,
so `devices.shared.lorawan` reads both alike. Sources: Milesight SensorDecoders (WS101, WS136, WS156, WS301, WS303,
GS524N), Browan TBPB100 and Dragino LGT-92 / TrackerD manuals.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

_MILESIGHT_PORT = 85
_BROWAN_PORT = 147
_DRAGINO_PORT = 2
_PRESSES = {1: "short press", 2: "long press", 3: "double press"}
_SMOKE_EVENTS = {
    0x1: "alarm",
    0x2: "silent",
    0x4: "low battery",
    0x5: "failover",
    0x7: "normal",
    0xA: "removed",
    0xB: "installed",
    0xE: "testing alarm with normal battery",
    0xF: "testing alarm with low battery",
}


def _milesight(data: bytes, meaning_of_3: str = "") -> dict[str, Any]:
    """Channel, type, value, and so on; stops at the first channel it does not know."""
    fields: dict[str, Any] = {}
    at = 0
    while at + 3 <= len(data):
        channel, kind, value = data[at], data[at + 1], data[at + 2]
        at += 3
        match channel, kind:
            case 0x01, 0x75:
                fields["battery"] = value
            case 0xFF, 0x34:  # a key of several, and the Milesight D2D command it sent
                fields[f"button_{value}"] = 1
                at += 2
            case 0xFF, 0x2E:
                fields["button_event"] = {"status": _PRESSES.get(value, f"press {value}")}
            case 0xFF, 0x0B:
                fields["device_status"] = "on" if value else "off"
            case 0xFF, 0xFE:
                fields["reset_event"] = "reset"
            case 0x03, 0x00 if meaning_of_3 == "magnet_status":
                fields["magnet_status"] = "open" if value else "closed"
            case 0x03, 0x00 if meaning_of_3 == "leakage_status":
                fields["leakage_status"] = "leak" if value else "normal"
            case 0x04, 0x00 if meaning_of_3 == "magnet_status":
                fields["tamper_status"] = "uninstalled" if value else "installed"
            case _:
                break
    return fields


def _button(port: int, data: bytes) -> dict[str, Any]:
    return _milesight(data) if port == _MILESIGHT_PORT else {}


def _door(port: int, data: bytes) -> dict[str, Any]:
    return _milesight(data, "magnet_status") if port == _MILESIGHT_PORT else {}


def _leak(port: int, data: bytes) -> dict[str, Any]:
    return _milesight(data, "leakage_status") if port == _MILESIGHT_PORT else {}


def _smoke(port: int, data: bytes) -> dict[str, Any]:  # noqa: ARG001 - its port is configurable
    if len(data) != 6:  # noqa: PLR2004 - the whole of its one message
        return {}
    return {
        "type": "smoke sensor",
        "event": _SMOKE_EVENTS.get(data[1] & 0x0F, "unknown"),
        "battery": data[2],
        "concentration": data[3],
        "temperature": int.from_bytes(data[4:5], signed=True),
    }


def _browan(port: int, data: bytes) -> dict[str, Any]:
    if port != _BROWAN_PORT or len(data) < 3:  # noqa: PLR2004 - status, battery, temperature
        return {}
    return {
        "status": data[0] & 0x01,
        "battery": (25 + (data[1] & 0x0F)) / 10,
        "temperatureBoard": (data[2] & 0x7F) - 32,
    }


def _dragino(port: int, data: bytes) -> dict[str, Any]:
    """Two signed coordinates in millionths of a degree, then alarm bit and battery millivolts."""
    if port != _DRAGINO_PORT or len(data) < 10:  # noqa: PLR2004 - position and status
        return {}
    return {
        "latitude": int.from_bytes(data[0:4], signed=True) / 1e6,
        "longitude": int.from_bytes(data[4:8], signed=True) / 1e6,
        "ALARM_status": "TRUE" if data[8] & 0x40 else "FALSE",
        "BatV": (int.from_bytes(data[8:10]) & 0x3FFF) / 1000,
    }


_MODELS: Final[tuple[tuple[re.Pattern[str], Callable[[int, bytes], Mapping[str, Any]]], ...]] = (
    (re.compile(r"ws\W?1(?:01|36|56)", re.IGNORECASE), _button),
    (re.compile(r"ws\W?301", re.IGNORECASE), _door),
    (re.compile(r"ws\W?303", re.IGNORECASE), _leak),
    (re.compile(r"gs\W?524", re.IGNORECASE), _smoke),
    (re.compile(r"tbpb\W?100", re.IGNORECASE), _browan),
    (re.compile(r"lgt\W?92", re.IGNORECASE), _dragino),
)


def read(model: str, port: int, data: bytes) -> Mapping[str, Any]:
    """Read the bytes of a device whose profile or name says what it is.

    Args:
        model: Device profile and device name, as the network server has them.
        port: The LoRaWAN port.
        data: The application payload.

    Returns:
        Fields under the names of the maker's codec; empty where model or bytes are not known here.
    """
    for pattern, reader in _MODELS:
        if data and pattern.search(model):
            return reader(port, data[:256])
    return {}
