"""Devices of the IoT clouds: Amazon's buttons, and the thing models of China's platforms."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from simulators.families.said import Dialect, Episode, Says, Turn, message, repeated

PRODUCT = "a1B2c3D4e5F"


def _fields(signal: str, turn: Turn) -> dict[str, Any]:
    """What a device reports that nobody pressed."""
    told: dict[str, Any] = {"heartRate": turn.pulse} if signal == "vital" else {}
    return told | {"battery": turn.battery}


def _click(turn: Turn) -> Episode:
    body = {"serialNumber": turn.device, "clickType": "SINGLE", "batteryVoltage": "1975 mV"}
    return (message(f"iotbutton/{turn.device}", body),)


AWS_IOT_BUTTON = Dialect(
    family="aws_iot_button",
    device="G030JF055364XVRB",
    kind="button",
    says=MappingProxyType({"sos": _click, "press": _click}),
    addressed=lambda prefix, number: f"G030{sum(prefix.encode()) % 100:02}{number:010}",
)


def _aliyun(turn: Turn, name: str, params: object) -> Episode:
    method = f"thing.event.{name}.post"
    body = {"id": str(turn.count), "version": "1.0", "sys": {"ack": 1}, "params": params, "method": method}
    return (message(f"/sys/{PRODUCT}/{turn.device}/thing/event/{name}/post", body),)


def _aliyun_event(name: str) -> Says:
    def says(turn: Turn) -> Episode:
        """Sent again with the same id until the platform answers."""
        value = {"value": {"battery": turn.battery}, "time": turn.ms}
        return repeated(_aliyun(turn, name, value)[0], 2.0, 4.0)

    return says


def _aliyun_report(signal: str) -> Says:
    def says(turn: Turn) -> Episode:
        fields = {name: {"value": value, "time": turn.ms} for name, value in _fields(signal, turn).items()}
        return _aliyun(turn, "property", fields)

    return says


ALIYUN_IOT = Dialect(
    family="aliyun_iot",
    device="btn12",
    kind="button",
    says=MappingProxyType(
        {
            "sos": _aliyun_event("SOS"),
            "press": _aliyun_event("ButtonPressed"),
            "fall": _aliyun_event("FallDown"),
            "vital": _aliyun_report("vital"),
            "heartbeat": _aliyun_report("heartbeat"),
        }
    ),
    every=1800,
)


def _onenet_event(name: str) -> Says:
    def says(turn: Turn) -> Episode:
        params = {name: {"value": {"battery": turn.battery}, "time": turn.ms}}
        body = {"id": str(turn.count), "version": "1.0", "params": params}
        return repeated(message(f"$sys/{PRODUCT}/{turn.device}/thing/event/post", body), 2.0)

    return says


def _onenet_report(signal: str) -> Says:
    def says(turn: Turn) -> Episode:
        params = {name: {"value": value, "time": turn.ms} for name, value in _fields(signal, turn).items()}
        body = {"id": str(turn.count), "version": "1.0", "params": params}
        return (message(f"$sys/{PRODUCT}/{turn.device}/thing/property/post", body),)

    return says


ONENET = Dialect(
    family="onenet",
    device="btn12",
    kind="button",
    says=MappingProxyType(
        {
            "sos": _onenet_event("sos"),
            "press": _onenet_event("button"),
            "fall": _onenet_event("fall"),
            "vital": _onenet_report("vital"),
            "heartbeat": _onenet_report("heartbeat"),
        }
    ),
    every=1800,
)


def _tuya_report(turn: Turn, fields: Mapping[str, Any], *, after: float = 0.0) -> Any:
    data = {name: {"value": value, "time": turn.unix} for name, value in fields.items()}
    body = {"msgId": turn.token, "time": turn.ms, "data": data}
    return message(f"tylink/{turn.device}/thing/property/report", body, after=after)


def _tuya_sos(turn: Turn) -> Episode:
    """The standard emergency button: a state that is set, told again, and falls back."""
    pressed = _tuya_report(turn, {"sos_state": True, "battery_percentage": turn.battery})
    later = Turn(device=turn.device, at=turn.at, battery=turn.battery)
    return (*repeated(pressed, 1.0), _tuya_report(later, {"sos_state": False}, after=3.0))


def _tuya_event(code: str) -> Says:
    def says(turn: Turn) -> Episode:
        data = {"eventCode": code, "eventTime": turn.ms, "outputParams": {}}
        body = {"msgId": turn.token, "time": turn.ms, "data": data}
        return repeated(message(f"tylink/{turn.device}/thing/event/trigger", body), 2.0)

    return says


TUYA = Dialect(
    family="tuya",
    device="6c1234",
    kind="button",
    says=MappingProxyType(
        {
            "sos": _tuya_sos,
            "press": _tuya_event("button_press"),
            "fall": _tuya_event("fall"),
            "vital": lambda turn: (_tuya_report(turn, {"heart_rate": turn.pulse}),),
            "heartbeat": lambda turn: (_tuya_report(turn, {"battery_percentage": turn.battery}),),
        }
    ),
    every=4 * 3600,
)


def _tencent_event(name: str) -> Says:
    def says(turn: Turn) -> Episode:
        body = {
            "method": "event_post",
            "clientToken": turn.token,
            "version": "1.0",
            "eventId": name,
            "type": "alert",
            "timestamp": turn.ms,
            "params": {},
        }
        return repeated(message(f"$thing/up/event/{PRODUCT}/{turn.device}", body), 2.0)

    return says


def _tencent_report(signal: str) -> Says:
    def says(turn: Turn) -> Episode:
        """The documentation says milliseconds, its example seconds."""
        body = {"method": "report", "clientToken": turn.token, "timestamp": turn.unix, "params": _fields(signal, turn)}
        return (message(f"$thing/up/property/{PRODUCT}/{turn.device}", body),)

    return says


TENCENT_IOT = Dialect(
    family="tencent_iot",
    device="btn12",
    kind="button",
    says=MappingProxyType(
        {
            "sos": _tencent_event("sos"),
            "press": _tencent_event("button_press"),
            "fall": _tencent_event("fall"),
            "vital": _tencent_report("vital"),
            "heartbeat": _tencent_report("heartbeat"),
        }
    ),
    every=1800,
)


def _huawei_event(name: str) -> Says:
    def says(turn: Turn) -> Episode:
        about = {"service_id": "Alarm", "event_type": name, "event_time": f"{turn.at:%Y%m%dT%H%M%SZ}"}
        body = {"object_device_id": turn.device, "services": [{**about, "paras": {"battery": turn.battery}}]}
        return repeated(message(f"$oc/devices/{turn.device}/sys/events/up", body), 1.0)

    return says


def _huawei_report(signal: str) -> Says:
    def says(turn: Turn) -> Episode:
        about = {"service_id": "Health", "event_time": f"{turn.at:%Y%m%dT%H%M%SZ}"}
        body = {"services": [{**about, "properties": _fields(signal, turn)}]}
        return (message(f"$oc/devices/{turn.device}/sys/properties/report", body),)

    return says


HUAWEI_IOTDA = Dialect(
    family="huawei_iotda",
    device="5e06bfee334dd4f33759f5b3_demo",
    kind="button",
    says=MappingProxyType(
        {
            "sos": _huawei_event("sos"),
            "fall": _huawei_event("fall"),
            "vital": _huawei_report("vital"),
            "heartbeat": _huawei_report("heartbeat"),
        }
    ),
    every=1800,
)


def _vega(reason: str, alarm: int) -> Says:
    def says(turn: Turn) -> Episode:
        """Every input is whatever was wired to it; the packet comes again if the network did not answer."""
        telemetry = {"reason": reason, "UTC": turn.unix, "bat": turn.battery, "s_alarm1": alarm, "s_magnet": 0}
        sent = {"dev": "NB-14 v0.1", "IMEI": turn.device, "num": turn.count % 1000, "UTC": turn.unix}
        body = {"Message": sent, "CellStatus": {}, "Telemetry": telemetry}
        return repeated(message(f"vega/{turn.device}", body), *((1.0, 3.0) if alarm else ()))

    return says


NBIOT_GENERIC = Dialect(
    family="nbiot_generic",
    device="350000000711443",
    kind="button",
    says=MappingProxyType({"sos": _vega("alarm1", 1), "press": _vega("alarm1", 1), "heartbeat": _vega("time", 0)}),
    every=12 * 3600,
    addressed=lambda prefix, number: f"35{sum(prefix.encode()) % 1000:03}{number:010}",
)
