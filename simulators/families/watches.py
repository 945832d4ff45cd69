"""What is worn: cellular watches and pendants, phones, wristbands."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from simulators.families.said import Dialect, Episode, Says, Turn, message, repeated


def _imei(prefix: str, number: int) -> str:
    return f"35{sum(prefix.encode()) % 1000:03}{number:010}"


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


KATI_WATCH = Dialect(
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
    addressed=_imei,
)


def _position(turn: Turn, **attributes: object) -> dict[str, Any]:
    lat, lon = turn.place
    return {
        "id": turn.count,
        "attributes": {"batteryLevel": turn.battery, "motion": False, **attributes},
        "deviceId": 385,
        "protocol": "minifinder2",
        "serverTime": turn.offset,
        "deviceTime": turn.offset,
        "fixTime": turn.offset,
        "valid": True,
        "latitude": lat,
        "longitude": lon,
        "speed": 0.4,
    }


def _tracker(turn: Turn) -> dict[str, Any]:
    return {"id": 385, "attributes": {}, "name": turn.device, "uniqueId": turn.device, "status": "online"}


def _traccar(alarm: str) -> Says:
    def says(turn: Turn) -> Episode:
        """The position with the alarm, the event that Traccar makes of it, and the device's repeat."""
        position = _position(turn, alarm=alarm)
        event = {"id": 7001, "attributes": {"alarm": alarm}, "type": "alarm", "eventTime": turn.offset}
        named = {"position": position, "device": _tracker(turn)}
        kept = message("traccar/positions", named)
        told = {"event": {**event, "deviceId": 385, "positionId": turn.count}, **named}
        return (kept, message("traccar/events", told), *repeated(kept, 2.0)[1:])

    return says


def _traccar_at(turn: Turn, **attributes: object) -> Episode:
    named = {"position": _position(turn, **attributes), "device": _tracker(turn)}
    return (message("traccar/positions", named),)


TRACCAR = Dialect(
    family="traccar",
    device="350000002108909",
    kind="pendant",
    says=MappingProxyType(
        {
            "sos": _traccar("sos"),
            "fall": _traccar("fallDown"),
            "vital": lambda turn: _traccar_at(turn, heartRate=turn.pulse),
            "location": _traccar_at,
            "heartbeat": _traccar_at,
        }
    ),
    every=600,
    flaws=MappingProxyType({"alarm list": _traccar("lowBattery,sos")}),
    addressed=_imei,
)


def _owntracks(trigger: str) -> Says:
    def says(turn: Turn) -> Episode:
        lat, lon = turn.place
        body = {"_type": "location", "lat": lat, "lon": lon, "acc": 12, "t": trigger, "tst": turn.unix}
        return (message(f"owntracks/{turn.device}", {**body, "batt": turn.battery, "vel": 0}, retain=True),)

    return says


OWNTRACKS = Dialect(
    family="owntracks",
    device="wang/phone",
    kind="wearable",
    says=MappingProxyType(
        {"sos": _owntracks("u"), "press": _owntracks("u"), "location": _owntracks("t"), "heartbeat": _owntracks("p")}
    ),
    every=1800,
    will=lambda device: message(f"owntracks/{device}", {"_type": "lwt", "tst": 1_795_000_000}),
    addressed=lambda prefix, number: f"{prefix}/phone-{number:06}",
)


def _worn(turn: Turn, **fields: object) -> dict[str, Any]:
    lat, lon = turn.place
    about = {"timestamp": turn.iso, "location": {"lat": lat, "lon": lon, "alt": 20}, "batteryLevel": 310}
    return {**about, "sensor": {"heartrate": turn.pulse, "temperature": 31}, **fields}


def _carelink_fall(turn: Turn) -> Episode:
    """Detected at once, confirmed by the wearer or by her silence."""
    return (
        message(f"{turn.device}/fall/detected", _worn(turn)),
        message(f"{turn.device}/fall/confirmation", _worn(turn, status=True), after=3.0),
    )


def _denied(turn: Turn) -> Episode:
    return (
        message(f"{turn.device}/fall/detected", _worn(turn)),
        message(f"{turn.device}/fall/confirmation", _worn(turn, status=False), after=3.0),
    )


def _carelink_status(turn: Turn) -> Episode:
    return (message(f"{turn.device}/status", _worn(turn), retain=True),)


CARELINK = Dialect(
    family="carelink",
    device="dev12",
    kind="wearable",
    says=MappingProxyType(
        {
            "fall": _carelink_fall,
            "vital": _carelink_status,
            "location": _carelink_status,
            "heartbeat": _carelink_status,
        }
    ),
    every=600,
    will=lambda device: message(f"{device}/status", "LW: Unexpected disconnection", retain=True),
    flaws=MappingProxyType({"denied": _denied}),
)


def _slip(turn: Turn) -> Episode:
    body = {"id": turn.device, "code": 400, "message": "监测到患者摔倒", "timestamp": turn.unix}
    return repeated(message(f"drug/{turn.device}/slip", body), 1.0, 2.0)


def _beats(turn: Turn) -> Episode:
    body = {"id": turn.device, "code": 200, "heartrate": turn.pulse, "timestamp": turn.unix}
    return (message(f"drug/{turn.device}/heartrate", body),)


SCUIOT_DRUG = Dialect(
    family="scuiot_drug",
    device="a1b2c3d4",
    kind="wearable",
    says=MappingProxyType({"fall": _slip, "vital": _beats, "heartbeat": _beats}),
    every=60,
)
