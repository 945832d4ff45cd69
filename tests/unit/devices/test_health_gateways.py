"""AVA4 and Qube-Vital boxes, scales and bands: vital signs as they really come."""

from __future__ import annotations

import json
from typing import Any

import pytest

import devices
from devices import FAMILIES, Signal, Suspect
from devices import SignalType as T

BOX, CUFF = "08:F9:E0:D1:F7:B4", "D6:16:F9:64:16:22"


def say(topic: str, said: Any) -> tuple[Signal, ...]:
    return devices.decode(topic, json.dumps(said).encode())


def ava4(attribute: str, *readings: dict[str, Any]) -> tuple[Signal, ...]:
    listed = [{"scan_time": 1841875953, "ble_addr": "d616f9641622", **one} for one in readings]
    data = {"attribute": attribute, "mac": BOX, "value": {"device_list": listed}}
    return say("dusun_sub", {"from": "BLE", "mac": BOX, "type": "reportAttribute", "data": data})


def qube(attribute: str, value: dict[str, Any]) -> tuple[Signal, ...]:
    data = {"attribute": attribute, "ble_mac": "ff:22:09:08:31:31", "value": value}
    personal = {"citiz": "3570300400000", "nameEN": "Mr.#A##B", "brith": "25220713", "IMEI": "350000004089109"}
    return say("CM4_BLE_GW_TX", {"mac": "e4:5f:01:ed:82:59", "type": "reportAttribute", "data": data, **personal})


@pytest.mark.parametrize(
    ("attribute", "sent", "measured"),
    [
        ("BP_BIOLIGTH", {"bp_high": 137, "bp_low": 95, "PR": 74}, {"systolic": 137, "diastolic": 95, "heart_rate": 74}),
        ("Oximeter JUMPER", {"pulse": 72, "spo2": 96}, {"heart_rate": 72, "spo2": 96}),
        ("Contour_Elite", {"blood_glucose": "108"}, {"blood_glucose": 108}),
        ("AccuChek_Instant", {"blood_glucose": "111", "marker": "After Meal"}, {"blood_glucose": 111}),
        ("IR_TEMO_JUMPER", {"temp": 36.43000031, "mode": "Head"}, {"body_temperature": 36.43}),
        ("IR_TEMO_JUMPER", {"temp": "98.6"}, {"body_temperature": 37.0}),
        ("BodyScale_JUMPER", {"weight": 79.30000305, "resistance": 605.9000244}, {"weight": 79.3, "impedance": 605.9}),
        ("BodyScale_JUMPER", {"weight": 150, "unit": "lb"}, {"weight": 68.039}),
        ("MGSS_REF_UA", {"uric_acid": "517.5"}, {"uric_acid": 517.5}),
        ("MGSS_REF_CHOL", {"cholesterol": "4.3"}, {"cholesterol": 4.3}),
        ("misspelt beyond hope", {"spo2": "97 %"}, {"spo2": 97}),
    ],
)
def test_it_measures_in_our_units_whatever_the_meter_is_called(
    attribute: str, sent: dict[str, Any], measured: dict[str, Any]
) -> None:
    (signal,) = ava4(attribute, sent)
    assert (signal.type, signal.device) == (T.MEASUREMENT, CUFF)
    assert {name: signal.measurements[name] for name in measured} == measured
    assert signal.measurements["gateway"] == BOX


def test_it_knows_the_room_from_the_forehead() -> None:
    (signal,) = ava4("IR_TEMO_JUMPER", {"temp": 21.5, "mode": "Room"})
    assert signal.measurements["temperature"] == 21.5
    assert "body_temperature" not in signal.measurements


@pytest.mark.parametrize(
    "sent", [{"pulse": 0, "spo2": 127}, {"spo2": 0}, {"bp_high": 255.0e3}, {"temp": 85000}, {"pulse": None}]
)
def test_it_drops_what_a_sensor_shows_that_nobody_wears(sent: dict[str, Any]) -> None:
    (signal,) = ava4("Oximeter JUMPER", sent)
    assert signal.type is T.HEARTBEAT
    assert signal.measurements == {"gateway": BOX}


def test_it_tells_several_meters_of_one_message_apart() -> None:
    first, second = ava4("x", {"spo2": 96}, {"ble_addr": "ff23041920b4", "spo2": 91})
    assert (first.device, first.measurements["spo2"]) == (CUFF, 96)
    assert (second.device, second.measurements["spo2"]) == ("FF:23:04:19:20:B4", 91)


def test_it_bounds_a_list_without_end() -> None:
    assert len(ava4("x", *[{"spo2": 96}] * 500)) == 32


@pytest.mark.parametrize(
    ("attribute", "kind", "suspect"),
    [
        ("SOS_BUTTON", T.SOS, None),
        ("FALL_SENSOR", T.FALL, None),
        ("ECG_PATCH", T.FAULT, Suspect.UNKNOWN_CODE),
    ],
)
def test_it_never_takes_a_strange_attribute_for_nothing(attribute: str, kind: T, suspect: Suspect | None) -> None:
    (signal,) = ava4(attribute, {"state": 1})
    assert (signal.type, signal.suspect) == (kind, suspect)


@pytest.mark.parametrize("value", [None, [], {}, {"device_list": []}, {"device_list": ["x"]}, "x"])
def test_it_reports_a_report_without_readings(value: Any) -> None:
    (signal,) = say("dusun_pub", {"mac": BOX, "type": "reportAttribute", "data": {"attribute": "x", "value": value}})
    assert (signal.device, signal.type) == (BOX, T.FAULT)


def test_it_hears_the_box_come_and_go() -> None:
    for topic, box in (("ESP32_BLE_GW_TX", BOX.lower()), ("CM4_BLE_GW_TX", BOX.replace(":", ""))):
        kinds = [
            [s.type for s in say(topic, {"mac": box, "type": kind, "data": {"msg": word}})]
            for kind, word in (("HB_Msg", "Online"), ("HB_Msg", "Offline"), ("reportMsg", "Online"))
        ]
        assert kinds == [[T.ONLINE], [T.OFFLINE], [T.HEARTBEAT]]
        (beat,) = say(topic, {"mac": box, "type": "HB_Msg", "data": {"msg": "Online"}})
        assert beat.device == BOX
    (odd,) = say("ESP32_BLE_GW_TX", {"mac": BOX, "type": "upgrade"})
    assert (odd.type, odd.suspect) == (T.FAULT, Suspect.UNKNOWN_CODE)


def test_it_reads_the_other_box_by_its_own_spelling() -> None:
    (signal,) = qube("TEMO_Jumper", {"mode": "Head", "Temp": 36.88})
    assert (signal.family, signal.device) == ("qube_vital", "FF:22:09:08:31:31")
    assert signal.measurements["body_temperature"] == 36.88
    (scale,) = qube("BodyScale_JUMPER", {"weight": 76.3, "Resistance": 598.5})
    assert (scale.measurements["weight"], scale.measurements["impedance"]) == (76.3, 598.5)


def test_it_lets_no_citizen_id_name_or_imei_out() -> None:
    said = repr(qube("WBP_JUMPER", {"bp_high": 120, "bp_low": 78, "pr": 71}))
    assert not [secret for secret in ("3570300400000", "Mr.", "25220713", "350000004089109") if secret in said]


@pytest.mark.parametrize("topic", ["ESP32_BLE_GW_TX", "dusun_pub", "dusun_sub", "CM4_BLE_GW_TX"])
def test_it_calls_garbage_of_nobody_a_fault_to_look_at(topic: str) -> None:
    (signal,) = devices.decode(topic, b"\xff\xfe{")
    assert (signal.device, signal.type, signal.suspect) == (None, T.FAULT, Suspect.UNPARSEABLE)
    assert devices.decode(topic, b"") == ()


def test_it_finds_a_meter_however_its_address_is_written() -> None:
    for written in ("d616f9641622", "D6:16:F9:64:16:22", " d6-16-f9-64-16-22 "):
        assert FAMILIES["ava4_gateway"].canonical(written) == CUFF
    assert FAMILIES["qube_vital"].canonical("box 7") == "box 7"


# healthdata2mqtt and MedBox


def test_it_never_shows_the_e_mail_address_in_the_topic() -> None:
    family = FAMILIES["healthdata2mqtt"]
    (signal,) = say(
        "health/blood_pressure/john_at_example_com",
        {"user": "john@example.com", "timestamp": "2024-01-15T10:35:00", "data": {"systolic": "120", "pulse": 0}},
    )
    assert "example" not in repr(signal)
    assert signal.measurements == {"systolic": 120}
    assert signal.at is None
    device = signal.device
    assert device is not None
    assert {family.canonical(name) for name in ("John@example.com", "john_at_example_com", device)} == {device}
    assert family.canonical("jane@example.com") != device


def test_it_knows_a_scale_by_its_mac() -> None:
    (signal,) = say(
        "health/raw/1234567890ab",
        {"device": "12:34:56:78:90:AB", "data": {"weight": 75.5, "impedance": 500, "battery_percent": 85}},
    )
    assert (signal.device, signal.battery) == ("12:34:56:78:90:AB", 85)
    assert FAMILIES["healthdata2mqtt"].canonical("12:34:56:78:90:ab") == signal.device


def test_it_notes_what_a_cuff_says_of_the_heart() -> None:
    data = {"systolic": 131, "irregular_heartbeat": True, "movement_detected": False, "category": "High-Normal"}
    (signal,) = say("health/blood_pressure/a", {"data": data})
    assert signal.measurements == {"systolic": 131, "irregular_heartbeat": True, "movement_detected": False}
    (nothing,) = say("health/body_composition/a", {"data": {}})
    assert nothing.type is T.HEARTBEAT


@pytest.mark.parametrize(
    ("topic", "said", "measured"),
    [
        ("/bracelet/update/temp/b", {"temp": "36.6", "id": "b"}, {"body_temperature": 36.6}),
        ("/bracelet/update/temp/b", {"temp": "30"}, {"body_temperature": 30, "implausible": True}),
        (
            "/smartbox/update/weight/b",
            {"id": "b", "Box 1": "11", "Box 2": "8", "Owner": "7"},
            {"box_1": 11, "box_2": 8},
        ),
        ("/smartbox/update/history/b", {"id": "b", "box": "Box 2"}, {"taken": True, "box": 2}),
        (
            "/smartbox/update/not-taken/history/b",
            {"id": "b", "box": "Box 1", "schedule": "Panadol for 12.43"},
            {"taken": False, "box": 1},
        ),
    ],
)
def test_it_reads_band_and_medicine_box(topic: str, said: Any, measured: dict[str, Any]) -> None:
    (signal,) = say(topic, said)
    assert (signal.device, signal.type, signal.measurements) == ("b", T.MEASUREMENT, measured)
    assert "Panadol" not in repr(signal)


def test_it_hears_a_band_that_measured_nothing() -> None:
    (signal,) = say("/bracelet/update/temp/b", {"temp": "nan"})
    assert signal.type is T.HEARTBEAT
    assert devices.decode("reminder-b", b"take Box 1") == ()


@pytest.mark.parametrize(
    ("topic", "device"),
    [
        ("/bracelet/update/temp/b", "b"),
        ("/smartbox/update/weight/b", "b"),
        ("health/raw/aabbccddeeff", "AA:BB:CC:DD:EE:FF"),
    ],
)
def test_it_keeps_garbage_from_falling_silent(topic: str, device: str) -> None:
    (signal,) = devices.decode(topic, b"{")
    assert (signal.device, signal.type, signal.suspect) == (device, T.SOS, Suspect.UNPARSEABLE)
    assert devices.decode(topic, b"") == ()
