"""Huawei's IoTDA."""

from __future__ import annotations

from types import MappingProxyType

from simulators.shared.clouds import fields
from simulators.shared.said import Dialect, Episode, Says, Turn, message, repeated


def _huawei_event(name: str) -> Says:
    def says(turn: Turn) -> Episode:
        about = {"service_id": "Alarm", "event_type": name, "event_time": f"{turn.at:%Y%m%dT%H%M%SZ}"}
        body = {"object_device_id": turn.device, "services": [{**about, "paras": {"battery": turn.battery}}]}
        return repeated(message(f"$oc/devices/{turn.device}/sys/events/up", body), 1.0)

    return says


def _huawei_report(signal: str) -> Says:
    def says(turn: Turn) -> Episode:
        about = {"service_id": "Health", "event_time": f"{turn.at:%Y%m%dT%H%M%SZ}"}
        body = {"services": [{**about, "properties": fields(signal, turn)}]}
        return (message(f"$oc/devices/{turn.device}/sys/properties/report", body),)

    return says


DIALECT = Dialect(
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
