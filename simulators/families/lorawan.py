"""LoRaWAN buttons and wearables behind ChirpStack 4 and The Things Stack 3."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from simulators.families.said import Dialect, Episode, Says, Turn, message, repeated

APPLICATION = "5f0e9d2c-3f7b-4b57-9d5f-0a6f1c2b3d4e"  # a ChirpStack application's id
TENANT = "home@care"


def _eui(_prefix: str, number: int) -> str:
    return f"24e124{number:010x}"


def _fields(signal: str, turn: Turn) -> dict[str, Any]:
    """What codecs make of the bytes: a WS101 button, an LGT-92 tracker, a health watch."""
    lat, lon = turn.place
    codecs: dict[str, dict[str, Any]] = {
        "sos": {"sos": True, "battery": turn.battery},
        "press": {"battery": turn.battery, "button_event": {"status": "short press", "msgid": turn.count % 99_991}},
        "fall": {"fall": True, "battery": turn.battery},
        "vital": {"heart_rate": turn.pulse, "spo2": 97, "battery": turn.battery},
        "location": {"latitude": lat, "longitude": lon, "battery": turn.battery},
        "heartbeat": {"battery": turn.battery},
    }
    return codecs[signal]


def _chirpstack(signal: str) -> Says:
    def says(turn: Turn) -> Episode:
        """The uplink, and the same again: the broker's QoS 1 may deliver it twice."""
        key = turn.token
        body = {
            "deduplicationId": f"{key[:8]}-{key[8:12]}-4{key[13:16]}-8{key[17:20]}-{key[20:]}",
            "time": turn.iso,
            "deviceInfo": {"applicationId": APPLICATION, "deviceName": turn.device, "devEui": turn.device},
            "fCnt": turn.count % 65_536,
            "fPort": 85,
            "rxInfo": [{"gatewayId": "0016c001f153a14c", "rssi": -57}, {"gatewayId": "0016c001f153a14d", "rssi": -99}],
            "object": _fields(signal, turn),
        }
        up = message(f"application/{APPLICATION}/device/{turn.device}/event/up", body)
        return repeated(up, 0.5) if signal in {"sos", "press", "fall"} else (up,)

    return says


def _sticky(turn: Turn) -> Episode:
    """A tracker whose flag stays set: each further uplink has a key of its own."""
    later = Turn(device=turn.device, at=turn.at, battery=turn.battery)
    again = _chirpstack("sos")(later)[0]
    return (_chirpstack("sos")(turn)[0], *repeated(again, 30.0)[1:])


def _things(signal: str) -> Says:
    def says(turn: Turn) -> Episode:
        """A confirmed uplink whose acknowledgement was lost is sent again with the same counter."""
        return tuple(
            message(f"v3/{TENANT}/devices/{turn.device}/up", _up(signal, turn, received), after=after)
            for after, received in ((0.0, "14"), (2.0, "16"))[: 2 if signal in {"sos", "press", "fall"} else 1]
        )

    return says


def _up(signal: str, turn: Turn, received: str) -> dict[str, Any]:
    return {
        "end_device_ids": {"device_id": turn.device, "application_ids": {"application_id": "home"}},
        "received_at": f"{turn.at:%Y-%m-%dT%H:%M}:{received}.789581Z",
        "uplink_message": {
            "session_key_id": "AXA50tHUGUucuzS/bCGMNw==",
            "f_port": 85,
            "f_cnt": turn.count % 65_536,
            "decoded_payload": _fields(signal, turn),
            "rx_metadata": [{"gateway_ids": {"gateway_id": "roof"}, "rssi": -57}],
        },
    }


_SIGNALS = ("sos", "press", "fall", "vital", "location", "heartbeat")

CHIRPSTACK = Dialect(
    family="chirpstack",
    device="24e124535b316056",
    kind="button",
    says=MappingProxyType({signal: _chirpstack(signal) for signal in _SIGNALS}),
    every=12 * 3600,
    flaws=MappingProxyType({"sticky flag": _sticky}),
    addressed=_eui,
)
THETHINGSSTACK = Dialect(
    family="thethingsstack",
    device="bed-button",
    kind="button",
    says=MappingProxyType({signal: _things(signal) for signal in _SIGNALS}),
    every=12 * 3600,
)
