"""A bare word is a vital sign only on what is worn or lain on."""

from __future__ import annotations

import json
from typing import Any

import pytest

import devices
from devices.setting import WORN_KINDS, Setting, broken, of_kind
from devices.signal import Signal

LORAWAN = "application/7/device/24e124538b223213/event/up"
METERS: tuple[tuple[str, Any], ...] = (
    (LORAWAN, {"object": {"pulse": 12}}),
    (LORAWAN, {"object": {"pulse": 12, "water_m3": 3.2, "battery": 90}}),
    (LORAWAN, {"object": {"oxygen": 20.9}}),
    (LORAWAN, {"object": {"high_pressure": 250}}),
    (LORAWAN, {"object": {"hr": 12}}),
    ("cellar/sensor/water_pulse/state", "12"),
    ("cellar/sensor/pulse/state", "12"),
    ("cellar/sensor/pump_bpm/state", "12"),
    ("cellar/sensor/air_oxygen/state", "20.9"),
    ("homeassistant/sensor/water_pulse/state", "12"),
    ("homeassistant/sensor/air_oxygen/state", "20.9"),
    ("/sys/pk/meter/thing/event/property/post", {"params": {"pulse": 12}}),
    ("/sys/pk/meter/thing/event/property/post", {"params": {"data": {"pulse": 12}}}),
    ("/sys/pk/pump/thing/event/property/post", {"params": {"高压": 250, "低压": 20}}),
    ("sensors/water_meter/pulse", "12"),
    ("sensors/air/oxygen", "20.9"),
    ("homie/meter/water/pulse", "12"),
    ("homie/air/air/oxygen", "20.9"),
    ("/ble/advertise/f5:47:c8:0b:49:04/espruino", {"pulse": 12}),
)
WORN: tuple[tuple[str, Any, str], ...] = (
    (LORAWAN, {"object": {"pulse": 44, "spo2": 97}}, "heart_rate"),
    (LORAWAN, {"object": {"wear_status": 1, "pulse": 44}}, "heart_rate"),
    (LORAWAN, {"object": {"heart_rate": 44}}, "heart_rate"),
    ("bedroom/sensor/bed_pulse/state", "44", "heart_rate"),
    ("bedroom/sensor/heart_rate/state", "44", "heart_rate"),
    ("homeassistant/sensor/wrist_oxygen/state", "90", "spo2"),
    ("homeassistant/sensor/blood_oxygen/state", "90", "spo2"),
    ("/sys/pk/band/thing/event/property/post", {"params": {"pulse": 44, "bloodOxygen": 90}}, "heart_rate"),
    ("/sys/pk/band/thing/event/property/post", {"params": {"心率": 44}}, "heart_rate"),
    ("sensors/patient_1/pulse", "44", "heart_rate"),
)
LIMITED = ("heart_rate", "spo2", "systolic", "diastolic", "respiration_rate", "body_temperature")


def heard(topic: str, payload: Any) -> Signal:
    raw = payload if isinstance(payload, str) else json.dumps(payload)
    (signal,) = devices.decode(topic, raw.encode())
    return signal


@pytest.mark.parametrize(("topic", "payload"), METERS)
def test_a_meters_word_is_no_vital_sign(topic: str, payload: Any) -> None:
    signal = heard(topic, payload)
    assert not signal.measurements.keys() & set(LIMITED)
    assert signal.measurements, "the figure is kept under its own name"
    for kind in set(devices.KINDS) - WORN_KINDS:
        assert broken(of_kind(Setting(), kind).applied(signal), {}) == {}


@pytest.mark.parametrize(("topic", "payload"), METERS)
def test_the_same_word_counts_where_the_device_is_registered_as_worn(topic: str, payload: Any) -> None:
    signal = heard(topic, payload)
    for kind in WORN_KINDS:
        applied = of_kind(Setting(), kind).applied(signal)
        assert applied.measurements.keys() & set(LIMITED)
        assert signal.measurements.items() <= applied.measurements.items()


@pytest.mark.parametrize(("topic", "payload", "name"), WORN)
def test_it_is_one_where_the_message_says_so_itself(topic: str, payload: Any, name: str) -> None:
    assert heard(topic, payload).measurements[name] in {44, 90}


def test_a_counters_words_stay_figures_even_on_a_pendant() -> None:
    signal = heard("pendant/sensor/pulse_count/state", "12")
    assert of_kind(Setting(), "pendant").applied(signal).measurements == {"pulse_count": 12}


def test_what_nobody_can_have_is_not_made_one() -> None:
    signal = heard(LORAWAN, {"object": {"pulse": 0}})
    assert "heart_rate" not in of_kind(Setting(), "watch").applied(signal).measurements
