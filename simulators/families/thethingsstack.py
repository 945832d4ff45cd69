"""LoRaWAN behind The Things Stack 3: buttons, trackers and wearables."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from simulators.shared import lorawan
from simulators.shared.said import Dialect, Episode, Says, Turn, message

TENANT = "home@care"


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
            "decoded_payload": lorawan.fields(signal, turn),
            "rx_metadata": [{"gateway_ids": {"gateway_id": "roof"}, "rssi": -57}],
        },
    }


DIALECT = Dialect(
    family="thethingsstack",
    device="bed-button",
    kind="button",
    says=MappingProxyType({signal: _things(signal) for signal in lorawan.SIGNALS}),
    every=12 * 3600,
)
