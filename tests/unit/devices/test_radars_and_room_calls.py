"""Fall radars, Carelink wearables, wristbands, bare-number sensors and room-call receivers."""

from __future__ import annotations

import json
from typing import Any

import pytest

import devices
from devices import FAMILIES, Signal, Suspect
from devices import SignalType as T


def say(topic: str, said: Any, *, family: str | None = None) -> tuple[Signal, ...]:
    raw = said.encode() if isinstance(said, str) else json.dumps(said).encode()
    return devices.decode(topic, raw, family=family)


def one(topic: str, said: Any, *, family: str | None = None) -> Signal:
    (signal,) = say(topic, said, family=family)
    return signal


# TI wall radar


def fall(status: str, at: Any = 1_700_000_000) -> Signal:
    said = {"type": 1, "payload": {"status": status, "timestamp": at, "statusUpdateTimestamp": 1_700_000_060}}
    return one("/devices/dev12/events", said)


def test_it_makes_one_fall_of_all_messages_about_it() -> None:
    story = [fall(status) for status in ("fall confirmed", "calling", "fall exit", "finished")]
    assert [signal.type for signal in story] == [T.FALL, T.FALL, T.CANCEL, T.CANCEL]
    assert story[0].ref == story[1].ref == "1700000000"
    assert len({signal.ref for signal in story}) == 3, "what ends a fall is no repeat of it"
    assert fall("fall confirmed", 1_700_009_999).ref != story[0].ref


@pytest.mark.parametrize("at", [0, None, 86400, "soon"])
def test_it_has_no_key_from_a_radar_without_a_clock(at: Any) -> None:
    assert (fall("fall confirmed", at).type, fall("fall confirmed", at).ref) == (T.FALL, None)


def test_it_takes_a_strange_word_about_a_fall_for_a_fall() -> None:
    assert (fall("fall suspected").type, fall("fall suspected").suspect) == (T.FALL, Suspect.UNKNOWN_CODE)
    assert fall("").suspect is Suspect.UNKNOWN_CODE


@pytest.mark.parametrize(
    ("topic", "said", "kind", "suspect"),
    [
        ("events", {"type": 0, "payload": {"presenceDetected": True, "timestamp": 1}}, T.PRESENCE, None),
        ("events", {"type": 0, "payload": {}}, T.FAULT, Suspect.UNKNOWN_CODE),
        ("events", {"type": 2, "payload": {"id": "1", "code": 0, "msg": "Success"}}, T.HEARTBEAT, None),
        ("events", {"type": 2, "payload": {"code": 3}}, T.FAULT, None),
        ("events", {"type": 9}, T.FAULT, Suspect.UNKNOWN_CODE),
        ("events", {}, T.FAULT, Suspect.UNKNOWN_CODE),
        ("state", {"status": "monitoring", "uptime": 1, "wifi": {"ssid": "x", "rssi": -60}}, T.HEARTBEAT, None),
        ("state", {"status": "radar error"}, T.FAULT, None),
    ],
)
def test_it_reads_the_rest_of_what_the_radar_says(topic: str, said: Any, kind: T, suspect: Suspect | None) -> None:
    signal = one(f"/devices/dev12/{topic}", said)
    assert (signal.device, signal.type, signal.suspect) == ("dev12", kind, suspect)


def test_it_never_repeats_the_password_that_a_radar_shouts() -> None:
    signal = one(
        "/devices/common/response", {"type": "status", "payload": {"device_id": "dev9", "mqtt_pass": "s3cret"}}
    )
    assert (signal.device, signal.type) == ("dev9", T.HEARTBEAT)
    assert "s3cret" not in repr(signal)
    (lost,) = devices.decode("/devices/common/response", b"{")
    assert (lost.device, lost.type) == (None, T.FAULT)
    for topic in ("/devices/dev12/commands", "/devices/dev12/config", "devices/dev12/events"):
        assert devices.family_of(topic) is None


# Seeed sketch


@pytest.mark.parametrize(
    ("status", "kind"), [(0, T.PRESENCE), (1, T.PRESENCE), (2, T.FALL), ("2", T.FALL), (3, T.FAULT), (None, T.FAULT)]
)
def test_it_reads_the_sketch_on_any_topic(status: Any, kind: T) -> None:
    signal = one("home/bath", {"status": status, "lux": 3.5}, family="mmwave_seeed")
    assert (signal.device, signal.type) == ("home/bath", kind)
    assert (signal.suspect is Suspect.UNKNOWN_CODE) is (kind is T.FAULT)
    assert signal.measurements["illuminance"] == 3.5


# Carelink


@pytest.mark.parametrize(
    ("topic", "said", "kind", "suspect"),
    [
        ("fall/detected", {}, T.FALL, None),
        ("fall/confirmation", {"status": True}, T.FALL, None),
        ("fall/confirmation", {"status": "false"}, T.CANCEL, None),
        ("fall/confirmation", {}, T.FALL, Suspect.UNKNOWN_CODE),
        ("wandering/detected", {}, T.WANDER, None),
        ("wandering/confirmation", {"status": True}, T.WANDER, None),
        ("wandering/confirmation", {"status": False}, T.CANCEL, None),
        ("wandering/confirmation", {"status": "maybe"}, T.WANDER, Suspect.UNKNOWN_CODE),
        ("fall/confirmation", '{"status":false,"status":true}', T.SOS, Suspect.UNPARSEABLE),
        ("fall/detected", "{", T.SOS, Suspect.UNPARSEABLE),
        ("status", "LW: Unexpected disconnection", T.OFFLINE, None),
    ],
)
def test_it_hears_falls_and_wandering(topic: str, said: Any, kind: T, suspect: Suspect | None) -> None:
    signal = one(f"dev12/{topic}", said)
    assert (signal.family, signal.device, signal.type, signal.suspect) == ("carelink", "dev12", kind, suspect)


def test_it_brings_place_pulse_and_milliampere_hours_along() -> None:
    said = {
        "timestamp": "2026-11-21T08:00:00Z",
        "location": {"lat": 38.66, "lon": -9.2, "alt": 20},
        "batteryLevel": 310,
        "sensor": {"accelerometer": "0,0,1", "heartrate": 181, "temperature": 31},
    }
    signal = one("dev12/fall/detected", said)
    assert (signal.lat, signal.lon, signal.battery) == (38.66, -9.2, None)
    assert signal.measurements == {"battery_mah": 310, "heart_rate": 181, "temperature": 31}


def test_it_takes_the_last_of_many_places_longitude_first() -> None:
    points = {"type": "MultiPoint", "coordinates": [["1", "2", "3"], ["-9.2", "38.66", "20"]]}
    signal = one("dev12/status", {"timestamp": "2026-11-21T08:00:00Z", "location": points, "batteryLevel": 310})
    assert (signal.type, signal.lat, signal.lon) == (T.LOCATION, 38.66, -9.2)
    broken_places: list[Any] = [{"coordinates": []}, {"coordinates": [[1]]}, {"coordinates": "x"}, "x"]
    for broken in broken_places:
        assert one("dev12/status", {"location": broken, "batteryLevel": 1}).type is T.HEARTBEAT


def test_it_leaves_topics_alone_that_only_look_like_a_wearable() -> None:
    assert FAMILIES["carelink"].recognises is not None
    assert not FAMILIES["carelink"].recognises("bedroom12/status", b"online")
    said_to_it = ("dev12/wandering/notification", "dev12/active", "dev12/zones/home", "dev12/configuration/wifi")
    for topic in ("homeassistant/status", "$SYS/status", "/dev12/status", *said_to_it):
        assert not FAMILIES["carelink"].matches(topic)
    for topic in said_to_it:
        assert devices.decode(topic, b"{}", family="carelink") == ()


# bare numbers


@pytest.mark.parametrize(
    ("topic", "payload", "kind"),
    [
        ("emergency_button_003/pressed", "1", T.SOS),
        ("emergency_button_003/pressed", "0.0", T.HEARTBEAT),
        ("button_7/pressed", "1.0", T.PRESS),
        ("button_7/pressed", "ON", T.PRESS),
        ("button_7/pressed", '{"value": 1}', T.PRESS),
        ("panic-2/pressed", "true", T.SOS),
        ("patient_001_fall/detected", "0.0", T.HEARTBEAT),
        ("gas_kitchen/detected", "1.0", T.GAS),
        ("co_kitchen/detected", "1.0", T.CO),
        ("water_leak_bath/detected", "1.0", T.WATER),
        ("smoke_detector_kitchen/status", "1", T.SMOKE),
        ("thing_9/detected", "1.0", T.FAULT),
        ("thing_9/detected", "0", T.HEARTBEAT),
        ("front_door/status", "0.0", T.DOOR),
        ("bed_3/status", "1", T.PRESENCE),
        ("bedroom_101_motion/motion", "1", T.MOTION),
        ("patient_001_heart_rate/bpm", "0.0", T.HEARTBEAT),
        ("patient_001_heart_rate/bpm", "nan", T.HEARTBEAT),
        ("room_205_humidity/percentage", "45.0", T.MEASUREMENT),
        ("room_205_battery/percentage", "45.0", T.HEARTBEAT),
        ("anything/lux", "45.0", T.MEASUREMENT),
        ("button_7/pressed", "help", T.SOS),
        ("button_7/pressed", "nan", T.SOS),
        ("patient_001_heart_rate/bpm", "help", T.SOS),
        ("button_7/pressed", '{"value":', T.SOS),
    ],
)
def test_it_takes_the_meaning_from_the_name(topic: str, payload: str, kind: T) -> None:
    signal = one(f"sensors/{topic}", payload)
    assert (signal.device, signal.type) == (topic.partition("/")[0], kind)


@pytest.mark.parametrize(
    ("topic", "payload", "name", "value"),
    [
        ("patient_001_heart_rate/bpm", "85.5", "heart_rate", 85.5),
        ("patient_001_bp/diastolic", "80.0", "diastolic", 80),
        ("patient_001_spo2/percentage", "98.0", "spo2", 98),
        ("room_205_temperature/celsius", "22.5", "temperature", 22.5),
        ("room_205_temperature/fahrenheit", "72.5", "temperature", 22.5),
        ("patient_001_temperature/fahrenheit", "98.6", "body_temperature", 37.0),
        ("room_205_humidity/percentage", "45.0", "humidity", 45),
    ],
)
def test_it_measures_in_our_units(topic: str, payload: str, name: str, value: float) -> None:
    assert one(f"sensors/{topic}", payload).measurements == {name: value}


def test_it_marks_what_it_does_not_know_and_what_it_cannot_read() -> None:
    assert one("sensors/thing_9/detected", "1.0").suspect is Suspect.UNKNOWN_CODE
    assert one("sensors/button_7/pressed", "\x00\x01").suspect is Suspect.UNPARSEABLE
    assert devices.decode("sensors/button_7/pressed", b"") == ()
    assert devices.family_of("alerts/medical_emergency") is None


# room calls


@pytest.mark.parametrize(
    ("said", "device", "kind", "suspect"),
    [
        ({"type": "sos", "roomId": 12, "status": "ON", "code": "1"}, "SN1/12", T.SOS, None),
        ({"type": "sos", "roomId": 0, "status": " on "}, "SN1/0", T.SOS, None),
        ({"type": "sos", "roomId": "12", "status": "OFF"}, "SN1/12", T.CANCEL, None),
        ({"type": "sos", "status": "ON"}, "SN1", T.SOS, None),
        ({"roomId": 12, "status": "ON"}, "SN1/12", T.SOS, None),
        ({"type": "sos", "roomId": 12, "status": "LOW"}, "SN1/12", T.SOS, Suspect.UNKNOWN_CODE),
        ({"type": "sos", "roomId": 12}, "SN1/12", T.SOS, Suspect.UNKNOWN_CODE),
        ({"type": "toilet", "roomId": 12, "status": "ON"}, "SN1/12", T.SOS, Suspect.UNKNOWN_CODE),
        ("{", "SN1", T.SOS, Suspect.UNPARSEABLE),
        ('{"status":"OFF","status":"ON","roomId":1}', "SN1", T.SOS, Suspect.UNPARSEABLE),
    ],
)
def test_it_hears_a_call_from_any_room(said: Any, device: str, kind: T, suspect: Suspect | None) -> None:
    signal = one("clinic/SN1/sosalarm", said)
    assert (signal.device, signal.type, signal.suspect) == (device, kind, suspect)


def test_it_hears_that_the_receiver_lives() -> None:
    for word in ("heartbeat", "config"):
        assert one(f"xtremesos/SN1/{word}", "anything").type is T.HEARTBEAT
        assert devices.family_of(f"clinic/SN1/{word}") is None


# wristband and medicine box


@pytest.mark.parametrize(
    ("word", "said", "kind", "suspect"),
    [
        ("slip", {"code": 400, "message": "监测到患者摔倒"}, T.FALL, None),
        ("slip", {"code": "400"}, T.FALL, None),
        ("slip", {}, T.FALL, None),
        ("slip", {"code": 200}, T.FALL, Suspect.UNKNOWN_CODE),
        ("heartrate", {"code": 200, "heartrate": 65}, T.MEASUREMENT, None),
        ("heartrate", {"code": 200, "heartrate": 0}, T.HEARTBEAT, None),
        ("spo2", {"code": 200, "spo2": 99}, T.MEASUREMENT, None),
        ("adddrug", {"code": 200, "druginfo": {"name": "毛果芸香碱滴眼液"}}, T.HEARTBEAT, None),
        ("slip", "摔倒", T.SOS, Suspect.UNPARSEABLE),
    ],
)
def test_it_reads_the_wristband(word: str, said: Any, kind: T, suspect: Suspect | None) -> None:
    signal = one(f"drug/a1/{word}", said)
    assert (signal.device, signal.type, signal.suspect, signal.ref) == ("a1", kind, suspect, None)
    assert "毛果" not in repr(signal)
    assert devices.decode("drug/a1/nextdrug", "药物名称".encode()) == ()
