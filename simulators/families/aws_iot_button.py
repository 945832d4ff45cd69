"""Amazon's buttons: one message a click."""

from __future__ import annotations

from types import MappingProxyType

from simulators.shared.said import Dialect, Episode, Turn, message


def _click(turn: Turn) -> Episode:
    body = {"serialNumber": turn.device, "clickType": "SINGLE", "batteryVoltage": "1975 mV"}
    return (message(f"iotbutton/{turn.device}", body),)


DIALECT = Dialect(
    family="aws_iot_button",
    device="G030JF055364XVRB",
    kind="button",
    says=MappingProxyType({"sos": _click, "press": _click}),
    addressed=lambda prefix, number: f"G030{sum(prefix.encode()) % 100:02}{number:010}",
)
