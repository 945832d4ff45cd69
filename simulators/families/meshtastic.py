"""Meshtastic's radio mesh: two gateways hear the one packet."""

from __future__ import annotations

from types import MappingProxyType

from simulators.shared.said import Dialect, Episode, Says, Turn, message

GATEWAYS = ("!7efeb2c8", "!7efeb2c9")


def _packet(kind: str) -> Says:
    def says(turn: Turn) -> Episode:
        """Two gateways hear the one packet."""
        lat, lon = turn.place
        contents: dict[str, dict[str, object]] = {
            "text": {"text": "SOS"},
            "position": {"latitude_i": int(lat * 1e7), "longitude_i": int(lon * 1e7), "time": turn.unix},
            "telemetry": {"battery_level": turn.battery, "voltage": 3.9},
        }
        body = {
            "id": int(turn.token[:7], 16),
            "channel": 0,
            "from": int(turn.device),
            "payload": contents[kind],
            "timestamp": turn.unix,
            "to": -1,
            "type": kind,
        }
        return tuple(
            message(f"msh/EU_868/2/json/LongFast/{gateway}", {**body, "sender": gateway}, after=after)
            for gateway, after in zip(GATEWAYS, (0.0, 0.8), strict=True)
        )

    return says


DIALECT = Dialect(
    family="meshtastic",
    device="2130636288",
    kind="button",
    says=MappingProxyType(
        {
            "sos": _packet("text"),
            "press": _packet("text"),
            "location": _packet("position"),
            "heartbeat": _packet("telemetry"),
        }
    ),
    every=900,
    hello=lambda _turn: tuple(message(f"msh/EU_868/2/stat/{one}", "online", retain=True) for one in GATEWAYS),
    will=lambda _device: message(f"msh/EU_868/2/stat/{GATEWAYS[0]}", "offline", retain=True),
    addressed=lambda _prefix, number: str(2_130_000_000 + number),
)
