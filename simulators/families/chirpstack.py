"""LoRaWAN behind ChirpStack 4: buttons, trackers and wearables."""

from __future__ import annotations

from types import MappingProxyType

from simulators.shared import lorawan
from simulators.shared.said import Dialect, Episode, Says, Turn, message, repeated

APPLICATION = "5f0e9d2c-3f7b-4b57-9d5f-0a6f1c2b3d4e"  # a ChirpStack application's id


def _eui(_prefix: str, number: int) -> str:
    return f"24e124{number:010x}"


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
            "object": lorawan.fields(signal, turn),
        }
        up = message(f"application/{APPLICATION}/device/{turn.device}/event/up", body)
        return repeated(up, 0.5) if signal in {"sos", "press", "fall"} else (up,)

    return says


def _sticky(turn: Turn) -> Episode:
    """A tracker whose flag stays set: each further uplink has a key of its own."""
    later = Turn(device=turn.device, at=turn.at, battery=turn.battery)
    again = _chirpstack("sos")(later)[0]
    return (_chirpstack("sos")(turn)[0], *repeated(again, 30.0)[1:])


DIALECT = Dialect(
    family="chirpstack",
    device="24e124535b316056",
    kind="button",
    says=MappingProxyType({signal: _chirpstack(signal) for signal in lorawan.SIGNALS}),
    every=12 * 3600,
    flaws=MappingProxyType({"sticky flag": _sticky}),
    addressed=_eui,
)
