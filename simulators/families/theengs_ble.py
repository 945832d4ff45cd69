"""Bluetooth through Theengs gateways: a packet is advertised several times, and heard by several gateways."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from simulators.shared.said import Dialect, Episode, Turn, mac, message

GATEWAYS = ("OMG_hall", "OMG_attic")


def _advertised(turn: Turn, fields: dict[str, Any], *times: float) -> Episode:
    """The same packet, as often as it was heard by each gateway."""
    body = {"id": ":".join(turn.device[n : n + 2] for n in range(0, 12, 2)), "packet": turn.count % 256, **fields}
    return tuple(
        message(f"home/{gateway}/BTtoMQTT/{turn.device}", body | {"rssi": -60 - 9 * number}, after=after)
        for after in times
        for number, gateway in enumerate(GATEWAYS)
    )


_BUTTON1 = {"brand": "Shelly", "model": "ShellyBLU Button1", "model_id": "SBBT-002C", "type": "BTN"}


def _button(turn: Turn) -> Episode:
    return _advertised(turn, {**_BUTTON1, "batt": turn.battery, "button": 1}, 0.0, 0.3, 0.9)


def _beacon(turn: Turn) -> Episode:
    return _advertised(turn, {**_BUTTON1, "batt": turn.battery, "button": 0}, 0.0)


def _strap(turn: Turn) -> Episode:
    fields = {"brand": "Polar", "model": "Heart Rate Sensor", "model_id": "H10", "type": "BODY", "bpm": turn.pulse}
    return _advertised(turn, fields, 0.0)


DIALECT = Dialect(
    family="theengs_ble",
    device="BC026EAABBCC",
    kind="pendant",
    says=MappingProxyType({"sos": _button, "press": _button, "vital": _strap, "heartbeat": _beacon}),
    every=8,
    hello=lambda _turn: tuple(message(f"home/{gateway}/LWT", "online", retain=True) for gateway in GATEWAYS),
    will=lambda _device: message(f"home/{GATEWAYS[0]}/LWT", "offline", retain=True),
    addressed=mac,
)
