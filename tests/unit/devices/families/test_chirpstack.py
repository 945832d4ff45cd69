"""ChirpStack v4 and the codecs of LoRaWAN call devices."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest

import devices
from devices import Signal, Suspect
from devices import SignalType as T

EUI = "24e124538b223213"
RECEIVED = "2026-11-21T08:00:00.123456789+00:00"


def event(kind: str, said: dict[str, Any]) -> tuple[Signal, ...]:
    return devices.decode(f"application/1/device/{EUI}/event/{kind}", json.dumps(said).encode())


def uplink(fields: Any, **more: Any) -> tuple[Signal, ...]:
    return event("up", {"deduplicationId": "d1", "time": RECEIVED, "fPort": 85, "object": fields, **more})


def one(fields: Any) -> Signal:
    (signal,) = uplink(fields)
    return signal


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        # buttons: the same bytes under the names of four codecs
        ({"button_event": {"status": "double press", "msgid": 1}}, T.PRESS),
        ({"button": "short"}, T.PRESS),
        ({"press": "long"}, T.PRESS),
        ({"button": 1}, T.PRESS),
        ({"status": 1, "battery": 3.9, "temperatureBoard": 23}, T.PRESS),
        ({"ButtonTrigger": 1, "Battery": 3.6, "Lat": 25.0, "Long": 121.5}, T.PRESS),
        ({"event": "heartbeat/button", "battery": 90}, T.PRESS),
        ({"event": "button"}, T.PRESS),
        # calls for help
        ({"ALARM_status": "TRUE", "BatV": 3.4}, T.SOS),
        ({"sosFlag": 1, "messageType": "HEARTBEAT"}, T.SOS),
        ({"header": {"sos": True, "type": "POSITION"}}, T.SOS),
        ({"notification": {"notificationType": "SOS_ON"}}, T.SOS),
        ({"b_alarmstatus": "alarm mode", "a_batterylevle": "87%"}, T.SOS),
        ({"sosEvent": True, "alertType": "sos"}, T.SOS),
        ({"emergencyAlert": True}, T.SOS),
        ({"alertType": "sos"}, T.SOS),
        ({"data_type": "SOS", "heart_rate": 80}, T.SOS),
        ({"alarm": "SOS"}, T.SOS),
        ({"red_key": 1}, T.SOS),
        ({"Alarm": "TRUE", "Sound_key": "OPEN"}, T.SOS),
        ({"[04] OpCode": "Alarm", "[03] Voltage Battery/Input [V]": 3.1}, T.SOS),
        ({"opcode": 1, "voltage": 3.1}, T.SOS),
        ({"notification": {"notificationType": "SOS_OFF"}}, T.CANCEL),
        # falls and radars
        ({"detection_status": "fall", "target_status": "normal"}, T.FALL),
        ({"mandown_status": "In idle"}, T.FALL),
        ({"payload_type": "Man Down detection"}, T.FALL),
        ({"fall_detection": True}, T.FALL),
        ({"detection_status": "normal", "target_status": "motionless"}, T.INACTIVITY),
        ({"events": [{"alarm_type": "motionless", "alarm_status": "alarm_triggered"}]}, T.INACTIVITY),
        ({"events": [{"alarm_type": "fall", "alarm_status": "alarm_deactivated"}]}, T.CANCEL),
        ({"alarm_type": "fall", "alarm_status": "alarm_triggered"}, T.FALL),
        ({"alarm_type": "fall", "alarm_status": "alarm_deactivated"}, T.CANCEL),
        ({"detection_status": "vacant"}, T.PRESENCE),
        ({"respiratory_status": "tachypnea", "respiratory_rate": 31}, T.VITAL),
        ({"geofence_status": "outside", "motion_status": "moving"}, T.WANDER),
        # detectors
        ({"type": "smoke sensor", "event": "alarm", "battery": 90, "concentration": 40, "temperature": 30}, T.SMOKE),
        ({"event": "silent", "concentration": 40, "temperature": 30}, T.CANCEL),
        ({"event": "low battery", "concentration": 4, "temperature": 30}, T.BATTERY_LOW),
        ({"event": "removed", "concentration": 4, "temperature": 30}, T.TAMPER),
        ({"event": "failover", "concentration": 4, "temperature": 30}, T.FAULT),
        ({"event": "testing alarm with normal battery", "concentration": 4, "temperature": 30}, T.TEST),
        ({"event": "normal", "concentration": 4, "temperature": 30}, T.MEASUREMENT),
        ({"alarm": "FIRE"}, T.SMOKE),
        ({"leakage_status": "leak", "temperature": 20}, T.WATER),
        ({"WATER_LEAK_STATUS": 1}, T.WATER),
        ({"gas_status": "alarm"}, T.GAS),
        # technical
        ({"tamper_alarm": "Triggered", "mandown_status": "Not in idle"}, T.TAMPER),
        ({"magnet_status": "open", "tamper_status": "uninstalled"}, T.TAMPER),
        ({"alertType": "tamper"}, T.TAMPER),
        ({"alertType": "battery_low"}, T.BATTERY_LOW),
        ({"battery_level": "Low battery", "temperature": "20°C"}, T.BATTERY_LOW),
        ({"temperature_abnormal": "abnormal", "temperature": 29}, T.FAULT),
        ({"status": 1, "button": 0, "co2threshold": 1, "battery": 3.6, "co2_ppm": 6407}, T.FAULT),
        ({"device_status": "off"}, T.OFFLINE),
        # daily life
        ({"magnet_status": "closed", "battery": 90}, T.DOOR),
        ({"DOOR_OPEN_STATUS": 1}, T.DOOR),
        ({"pir": "trigger", "daylight": "dark"}, T.MOTION),
        ({"occupancy": "vacant"}, T.PRESENCE),
        ({"notification": {"notificationClass": "ACCELEROMETER", "notificationType": "MOTION_START"}}, T.MOTION),
        ({"heart_rate": 71, "spo2": 97}, T.MEASUREMENT),
        ({"ALARM_status": "FALSE", "latitude": 22.7, "longitude": 114.2}, T.LOCATION),
        ({"alertType": "normal", "sosEvent": False}, T.HEARTBEAT),
        ({"alarm": "N/A", "data_type": "HEARTBEAT"}, T.HEARTBEAT),
        ({"button": 0}, T.HEARTBEAT),
        ({"status": 0, "battery": 3.9, "temperatureBoard": 23}, T.HEARTBEAT),
        ({"version": "v1.0"}, T.HEARTBEAT),
    ],
)
def test_it_reads_what_codecs_call_things(fields: dict[str, Any], kind: T) -> None:
    signal = one(fields)
    assert (signal.type, signal.suspect) == (kind, None)


@pytest.mark.parametrize(
    "fields",
    [
        {"detection_status": "collapsed"},
        {"events": [{"alarm_type": "seizure", "alarm_status": "alarm_triggered"}]},
        {"mandown_status": "fallen"},
        {"alarm": "BLUE"},
        {"alarm": True},
        {"sos": "level 3"},
    ],
)
def test_it_takes_no_unknown_code_of_an_alarm_for_nothing(fields: dict[str, Any]) -> None:
    signal = one(fields)
    assert (signal.type, signal.suspect) == (T.FAULT, Suspect.UNKNOWN_CODE)


@pytest.mark.parametrize(
    ("status", "gesture"),
    [
        ("short press", "single"),
        ("long press", "long"),
        ("double press", "double"),
        ("press 7", "single"),
        ("twist", "twist"),
    ],
)
def test_it_tells_how_the_button_was_pressed(status: str, gesture: str) -> None:
    signal = one({"button_event": {"status": status, "msgid": 389410}})
    assert (signal.gesture, signal.measurements["button"]) == (gesture, status)


def test_it_knows_a_repeat_by_the_network_servers_key_and_never_by_the_decoders_random_number() -> None:
    assert one({"button_event": {"status": "short press", "msgid": 389410}}).ref == "d1"


def test_it_gives_each_of_several_alarms_a_key_of_its_own() -> None:
    signals = uplink({"sos": True, "fall": True})
    assert {(signal.type, signal.ref) for signal in signals} == {(T.SOS, "d1"), (T.FALL, "d1#fall")}


@pytest.mark.parametrize(
    ("fields", "percent", "volts"),
    [
        ({"battery": 16}, 16, None),
        ({"battery": 3.9, "temperatureBoard": 20, "status": 1}, None, 3.9),
        ({"BatV": 3.36}, None, 3.36),
        ({"battery_voltage": "3.5V"}, None, 3.5),
        ({"batteryLevel": 193, "batteryStatus": "OPERATING"}, 76, None),
        ({"header": {"batteryLevel": 94}}, 94, None),
        ({"header": {"batteryLevel": "CHARGING"}}, None, None),
        ({"a_batterylevle": "87%"}, 87, None),
        ({"battery": 255}, None, None),
    ],
)
def test_it_knows_per_cent_from_volts_from_254ths(
    fields: dict[str, Any], percent: float | None, volts: float | None
) -> None:
    signal = one(fields)
    assert (signal.battery, signal.measurements.get("battery_voltage")) == (percent, volts)


@pytest.mark.parametrize(
    "fields",
    [
        {"latitude": 48.9, "longitude": 2.3},
        {"gpsLatitude": 48.9, "gpsLongitude": 2.3},
        {"Latitude": 48.9, "Longitud": 2.3},
        {"position": {"gnssFix": {"latitude": 48.9, "longitude": 2.3}}},
        {"d_latitude": "48.9°", "c_longitude": "2.3°"},
        {"Lat": 48.9, "Long": 2.3},
    ],
)
def test_it_finds_the_place(fields: dict[str, Any]) -> None:
    signal = one(fields)
    assert (signal.type, signal.lat, signal.lon) == (T.LOCATION, 48.9, 2.3)
    assert one({"sos": True, **fields}).lat == 48.9


def test_it_reads_health_in_common_units() -> None:
    signal = one(
        {
            "data_type": "SOS",
            "HeartRate": 41,
            "blood_oxygen": "88%",
            "systolic": 180,
            "diastolic": 95,
            "body_temperature": 38.2,
        }
    )
    assert signal.measurements == {
        "heart_rate": 41,
        "spo2": 88,
        "systolic": 180,
        "diastolic": 95,
        "body_temperature": 38.2,
    }


@pytest.mark.parametrize(
    ("stamp", "kinds"),
    [
        (1795248000 - 600, [T.FALL]),  # ten minutes ago, while the network was away
        (1795248000 - 86400 * 2, []),  # two days ago
        (1795248000 + 86400, []),  # a clock gone wrong
        (None, []),
    ],
)
def test_it_judges_stored_records_by_their_own_time(stamp: int | None, kinds: list[T]) -> None:
    record = {"timestamp": stamp, "alarm_id": 1, "alarm_type": "fall", "alarm_status": "alarm_triggered"}
    signals = uplink({"history": [record]})
    assert [signal.type for signal in signals] == kinds
    for signal in signals:
        assert signal.at == datetime.fromtimestamp(1795248000 - 600, tz=UTC)


def test_it_tells_of_many_stored_records_only_the_last() -> None:
    records = [{"timestamp": 1795248000 - age, "leakage_status": "leak"} for age in (3000, 2000, 1000)]
    records.append({"timestamp": 1795248000 - 500, "leakage_status": "normal"})
    (signal,) = uplink({"history": records})
    assert (signal.type, signal.at) == (T.WATER, datetime.fromtimestamp(1795248000 - 1000, tz=UTC))


def test_it_does_not_take_a_stored_release_for_an_alarm() -> None:
    record = {"timestamp": 1795248000 - 60, "alarm_type": "fall", "alarm_status": "alarm_deactivated"}
    assert uplink({"history": [record]}) == ()


def test_it_reads_false_and_zero_where_protobuf_leaves_them_out() -> None:
    status = {"deduplicationId": "d", "time": RECEIVED, "margin": 10}
    assert event("status", status)[0].battery == 0
    assert event("status", status | {"externalPowerSource": True})[0].battery is None
    assert event("status", status | {"batteryLevelUnavailable": True})[0].battery is None
    assert event("ack", {"deduplicationId": "d", "acknowledged": True}) == ()
    (nack,) = event("ack", {"deduplicationId": "d", "queueItemId": "q"})
    assert nack.type is T.FAULT
    (place,) = event("location", {"location": {"longitude": 6.9, "accuracy": 40}})
    assert (place.type, place.lat, place.lon, place.accuracy_m) == (T.LOCATION, 0, 6.9, 40)
    assert event("location", {"location": {}}) == ()


@pytest.mark.parametrize(
    ("level", "count"),
    [("ERROR", 1), ("WARNING", 1), ("INFO", 0), (None, 0)],
    ids=["error", "warning", "info", "left out"],
)
def test_it_reports_what_the_network_server_warns_of(level: str | None, count: int) -> None:
    said = {"code": "UPLINK_CODEC", "description": "no such function", "context": {"deduplication_id": "d9"}}
    signals = event("log", said if level is None else said | {"level": level})
    assert [(signal.type, signal.ref, signal.text) for signal in signals] == [
        (T.FAULT, "d9", "UPLINK_CODEC: no such function")
    ] * count


def test_it_hears_a_device_join() -> None:
    (signal,) = event("join", {"devAddr": "00189440", "time": RECEIVED})
    assert (signal.type, signal.device) == (T.HEARTBEAT, EUI)


@pytest.mark.parametrize("kind", ["txack", "integration", "nonsense"])
def test_it_is_silent_about_gateways_and_clouds(kind: str) -> None:
    assert event(kind, {"deduplicationId": "d"}) == ()
    assert devices.decode(f"application/1/device/{EUI}/event/{kind}", b"\x00") == ()


@pytest.mark.parametrize(
    "payload", [b"\n$3ac7e3c4-4401-4b8d-9386", b"{", b"[]", b"null", b"[" * 10_000, b"{}" + b" " * 1_000_000]
)
def test_it_takes_an_unreadable_uplink_as_a_call_for_help(payload: bytes) -> None:
    (signal,) = devices.decode(f"application/1/device/{EUI.upper()}/event/up", payload)
    assert (signal.device, signal.type, signal.suspect) == (EUI, T.SOS, Suspect.UNPARSEABLE)


def test_it_takes_unreadable_word_about_a_device_as_a_fault() -> None:
    (signal,) = devices.decode(f"application/1/device/{EUI}/event/status", b"\x0a\x24")
    assert (signal.type, signal.device) == (T.FAULT, EUI)


@pytest.mark.parametrize("fields", ["oops", [1, 2], 7, "[1]"])
def test_it_takes_a_codecs_nonsense_as_a_call_for_help(fields: Any) -> None:
    signal = one(fields)
    assert (signal.type, signal.suspect) == (T.SOS, Suspect.UNPARSEABLE)


def test_it_reads_fields_packed_in_text() -> None:
    assert one('{"sosFlag":1}').type is T.SOS
    (signal,) = event("up", {"objectJSON": '{"press":"short"}'})
    assert signal.type is T.PRESS


@pytest.mark.parametrize(
    ("profile", "port", "data", "kind"),
    [
        ("Milesight WS101", 85, "017564FF2E01", T.PRESS),
        ("WS156", 85, "FF2E02", T.PRESS),
        ("ws301", 85, "017564030001040000", T.DOOR),
        ("WS303-868M", 85, "017564030001", T.WATER),
        ("GS524N", 85, "01115A281E00", T.SMOKE),
        ("Browan TBPB100", 147, "01FE370000040000", T.PRESS),
        ("Dragino LGT-92", 2, "015A75C406CF4D1C4D2C", T.SOS),
        ("unheard of", 85, "FF2E01", T.HEARTBEAT),
        ("Milesight WS101", 1, "FF2E01", T.HEARTBEAT),
        ("Milesight WS101", 85, "", T.HEARTBEAT),
    ],
)
def test_it_reads_published_bytes_where_nobody_configured_a_codec(profile: str, port: int, data: str, kind: T) -> None:
    encoded = base64.b64encode(bytes.fromhex(data)).decode()
    (signal,) = event("up", {"deviceInfo": {"deviceProfileName": profile}, "fPort": port, "data": encoded})
    assert signal.type is kind
    assert ("undecoded" in signal.measurements) is (kind is T.HEARTBEAT)


def test_it_reads_the_same_from_bytes_as_from_the_makers_codec() -> None:
    (raw,) = event(
        "up",
        {
            "deviceInfo": {"deviceName": "LGT-92 of room 3"},
            "fPort": 2,
            "data": base64.b64encode(bytes.fromhex("015A75C406CF4D1C4D2C")).decode(),
        },
    )
    assert (raw.lat, raw.lon, raw.measurements["battery_voltage"]) == (22.705604, 114.248988, 3.372)


@pytest.mark.parametrize("written", ["24E124538B223213", "24:e1:24:53:8b:22:32:13", " 24-E1-24-53-8B-22-32-13 "])
def test_it_writes_device_numbers_one_way(written: str) -> None:
    assert devices.FAMILIES["chirpstack"].canonical(written) == EUI


def test_it_bounds_a_codec_that_talks_too_much() -> None:
    nested: dict[str, Any] = {"sos": True}
    for _ in range(20):
        nested = {"deeper": nested}
    assert one({**{f"f{i}": i for i in range(5000)}, "deep": nested}).type is T.HEARTBEAT
    assert one({"sos": True, **{f"f{i}": i for i in range(5000)}}).type is T.SOS


@pytest.mark.parametrize(("said", "types"), [({}, ["fall"]), ({"time": "2026-11-21T09:00:00Z"}, ["heartbeat"])])
def test_a_stored_fall_of_unknown_age_is_an_alarm_and_an_old_one_is_not(said: dict[str, str], types: list[str]) -> None:
    record = {"timestamp": 1_790_000_000, "alarm_type": "fall", "alarm_status": "alarm_triggered"}
    event = said | {"deviceInfo": {"devEui": "0202020202020202"}, "object": {"battery": 90, "history": [record]}}
    topic = "application/x/device/0202020202020202/event/up"
    found = devices.decode(topic, json.dumps(event).encode())
    assert [signal.type.value for signal in found] == types
    assert found[0].at is not None
