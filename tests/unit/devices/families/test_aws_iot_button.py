"""AWS buttons: one message, one click."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

import devices
from devices import Signal, Suspect
from devices import SignalType as T


def clicked(said: Any, topic: str = "iotbutton/G030JF") -> Signal:
    (signal,) = devices.decode(topic, json.dumps(said).encode())
    return signal


@pytest.mark.parametrize(
    ("click", "gesture"), [("SINGLE", "single"), ("DOUBLE", "double"), ("LONG", "long"), ("single", "single")]
)
def test_it_reads_every_click(click: str, gesture: str) -> None:
    signal = clicked({"serialNumber": "G030JF", "clickType": click, "batteryVoltage": "1975 mV"})
    assert (signal.type, signal.gesture, signal.device, signal.suspect) == (T.PRESS, gesture, "G030JF", None)
    assert signal.measurements == {"battery_voltage": 1.975, "button": click}


@pytest.mark.parametrize(("said", "volts"), [("2000 mV", 2.0), ("1975mV", 1.975), (2100, 2.1), ("1.6 V", 1.6)])
def test_it_reads_the_batterys_voltage_as_text_or_number(said: Any, volts: float) -> None:
    assert clicked({"clickType": "SINGLE", "batteryVoltage": said}).measurements["battery_voltage"] == volts


@pytest.mark.parametrize("said", [{}, {"serialNumber": "G030JF"}, {"clickType": "QUADRUPLE"}, {"clickType": None}])
def test_it_takes_a_click_of_no_known_kind_for_a_press_all_the_same(said: dict[str, Any]) -> None:
    signal = clicked(said)
    assert (signal.type, signal.suspect, signal.device) == (T.PRESS, Suspect.UNKNOWN_CODE, "G030JF")


def test_it_reads_the_later_button_with_its_time_and_remaining_life() -> None:
    said = {
        "deviceEvent": {"buttonClicked": {"clickType": "LONG", "reportedTime": 1795248000205}},
        "deviceInfo": {"deviceId": "G030", "type": "button", "remainingLife": 98.7},
        "placementInfo": {"projectName": "Home", "placementName": "Room-1"},
    }
    signal = clicked(said, "iot1click/Home/Room-1")
    assert (signal.type, signal.gesture, signal.battery, signal.device) == (T.PRESS, "long", 98.7, "Home/Room-1")
    assert signal.at == datetime(2026, 11, 21, 8, 0, 0, 205000, tzinfo=UTC)
    assert signal.ref == "1795248000205"
    (elsewhere,) = devices.decode("bridge/aws", json.dumps(said).encode(), family="aws_iot_button")
    assert elsewhere.device == "Home/Room-1"


def test_it_reads_the_monthly_report_of_health() -> None:
    well = {"deviceEvent": {"deviceHealthMonitor": {"condition": "OK"}}, "deviceInfo": {"remainingLife": 90}}
    assert (clicked(well).type, clicked(well).battery) == (T.HEARTBEAT, 90)
    worn = {"deviceEvent": {"deviceHealthMonitor": {"condition": "LOW_BATTERY"}}}
    assert clicked(worn).type is T.BATTERY_LOW


@pytest.mark.parametrize("payload", [b"\xff", b"[]", b'{"clickType":"SINGLE","clickType":"LONG"}'])
def test_it_takes_what_nobody_can_read_as_a_call(payload: bytes) -> None:
    (signal,) = devices.decode("iotbutton/G030JF", payload)
    assert (signal.type, signal.suspect, signal.device) == (T.SOS, Suspect.UNPARSEABLE, "G030JF")
