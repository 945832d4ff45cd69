"""iMEDE's watches: SOS without time or number, and again while the key is held."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from simulators.shared import cellular
from simulators.shared.said import Dialect, Episode, Says, Turn, message, repeated


def _cell(turn: Turn) -> dict[str, Any]:
    lat, lon = turn.place
    return {
        "GPS": {"latitude": lat, "longitude": lon},
        "WiFi": "[{'SSID':'WiFi1'}]",
        "LBS": {"MCC": "460", "MNC": "0", "LAC": "1815", "CID": "79474300"},
    }


def _kati(topic: str, status: str) -> Says:
    def says(turn: Turn) -> Episode:
        """Without time or number, and again while the key is held; the topic's case varies with the firmware."""
        body = {"status": status, "location": _cell(turn), "IMEI": turn.device}
        return (
            *repeated(message(f"iMEDE_watch/{topic}", body), 1.5),
            message(f"iMEDE_watch/{topic.upper() if topic == 'sos' else topic}", body, after=3.0),
        )

    return says


def _kati_vital(turn: Turn) -> Episode:
    body = {
        "IMEI": turn.device,
        "heartRate": turn.pulse,
        "bloodPressure": {"bp_sys": 122, "bp_dia": 74},
        "bodyTemperature": 36.6,
        "spO2": 97,
        "battery": turn.battery,
        "location": _cell(turn),
        "timeStamps": f"{turn.at:%d/%m/%Y %H:%M:%S}",
    }
    return (message("iMEDE_watch/VitalSign", body),)


def _kati_beat(turn: Turn) -> Episode:
    body = {"IMEI": turn.device, "battery": turn.battery, "step": 999, "timeStamps": f"{turn.at:%d/%m/%Y %H:%M:%S}"}
    return (message("iMEDE_watch/hb", body),)


def _kati_place(turn: Turn) -> Episode:
    return (message("iMEDE_watch/location", {"IMEI": turn.device, "location": _cell(turn)}),)


DIALECT = Dialect(
    family="kati_watch",
    device="350000003456789",
    kind="watch",
    says=MappingProxyType(
        {
            "sos": _kati("sos", "SOS"),
            "fall": _kati("fallDown", "FALL DOWN"),
            "vital": _kati_vital,
            "location": _kati_place,
            "heartbeat": _kati_beat,
        }
    ),
    every=300,
    hello=lambda turn: (message("iMEDE_watch/onlineTrigger", {"IMEI": turn.device, "status": "online"}),),
    addressed=cellular.imei,
)
