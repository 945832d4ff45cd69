"""Bluetooth: advertised several times, heard by several gateways."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from simulators.families.said import Dialect, Episode, Turn, mac, message

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


THEENGS_BLE = Dialect(
    family="theengs_ble",
    device="BC026EAABBCC",
    kind="pendant",
    says=MappingProxyType({"sos": _button, "press": _button, "vital": _strap, "heartbeat": _beacon}),
    every=8,
    hello=lambda _turn: tuple(message(f"home/{gateway}/LWT", "online", retain=True) for gateway in GATEWAYS),
    will=lambda _device: message(f"home/{GATEWAYS[0]}/LWT", "offline", retain=True),
    addressed=mac,
)


def _colons(prefix: str, number: int) -> str:
    digits = mac(prefix, number).lower()
    return ":".join(digits[n : n + 2] for n in range(0, 12, 2))


def _puck(turn: Turn) -> Episode:
    """What the program on a Puck.js advertises, and the hub's twins of it."""
    root = f"/ble/advertise/{turn.device}"
    body = {"rssi": -53, "name": "Puck.js", "manufacturer": "0590"}
    own = {"btn": 1, "bat": turn.battery}
    return (
        message(root, body),
        message(f"{root}/rssi", "-53"),
        message(f"{root}/espruino", own),
        message(f"{root}/espruino", own, after=0.4),
        message(f"{root}/espruino", {"btn": 0, "bat": turn.battery}, after=2.0),
    )


def _watch(turn: Turn) -> Episode:
    root = f"/ble/advertise/{turn.device}"
    return (message(f"{root}/180d", f"[0,{turn.pulse}]"), message(f"/ble/hr/{turn.device}", str(turn.pulse)))


ESPRUINOHUB = Dialect(
    family="espruinohub",
    device="f5:47:c8:0b:49:04",
    kind="button",
    says=MappingProxyType(
        {
            "sos": _puck,
            "press": _puck,
            "vital": _watch,
            "heartbeat": lambda turn: (message(f"/ble/advertise/{turn.device}", {"rssi": -53, "name": "Puck.js"}),),
        }
    ),
    every=60,
    hello=lambda turn: (message(f"/ble/presence/{turn.device}", "1", retain=True),),
    addressed=_colons,
)


def _report(turn: Turn, **fields: object) -> tuple[dict[str, Any], ...]:
    seen = {"timestamp": turn.iso, "type": "Unknown", "mac": turn.device, "bleName": "", "rssi": -79, **fields}
    passing = {"timestamp": turn.iso, "type": "iBeacon", "mac": "C0FFEE000001", "rssi": -93}
    return (seen, passing)


def _minew(turn: Turn, *times: float, **fields: object) -> Episode:
    """Each gateway reports once a second, together with whoever else passes by."""
    return tuple(
        message(
            f"/gw/{gateway}/status",
            [
                {"timestamp": turn.iso, "type": "Gateway", "mac": gateway.upper(), "gatewayFree": 98},
                *_report(turn, **fields),
            ],
            after=after,
        )
        for after in times
        for gateway in ("ac233fc001ea", "ac233fc001eb")
    )


MINEW_G1 = Dialect(
    family="minew_g1",
    device="AC233FA03208",
    kind="pendant",
    says=MappingProxyType(
        {
            "sos": lambda turn: _minew(turn, 0.0, 1.0, 2.0, sos=True, battery=turn.battery),
            "press": lambda turn: _minew(turn, 0.0, 1.0, 2.0, button="single", battery=turn.battery),
            "fall": lambda turn: _minew(turn, 0.0, 1.0, fall=True, battery=turn.battery),
            "heartbeat": lambda turn: _minew(turn, 0.0, rawData="0201060303E1FF0D16E1FFA10264000832A03F23AC"),
        }
    ),
    every=10,
    addressed=mac,
    others=lambda _device: ("AC233FC001EA", "AC233FC001EB", "C0FFEE000001"),
)

HA_MQTT_ROOM = Dialect(
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


def _bubbles(turn: Turn) -> Episode:
    uuid, major, minor = turn.device.split("/")
    beacon = {"beacon_type": "ibeacon", "mac": "dd6ed85b7a80", "uuid": uuid, "tx_power": "c5"}
    numbers = {"major": f"{int(major):04x}", "minor": f"{int(minor):04x}"}
    return tuple(
        message(f"happy-bubbles/ble/{room}/ibeacon/{uuid}", {"hostname": room, **beacon, **numbers, "rssi": rssi})
        for room, rssi in (("living-room", -62), ("hall", -92))
    )


HAPPY_BUBBLES = Dialect(
    family="happy_bubbles",
    device="e2c56db5dffb48d2b060d0f5a71096e0/104/104",
    kind="wearable",
    says=MappingProxyType({"heartbeat": _bubbles}),
    every=10,
    addressed=lambda prefix, number: f"{mac(prefix, number).lower():0>32}/1/{number % 65_536}",
)
