"""Aliyun, OneNET, TuyaLink, Tencent and Huawei dialects, and cellular terminals."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

import devices
from devices import Signal, Suspect
from devices import SignalType as T
from devices.shared.gcj02 import to_wgs84

MS = 1_795_248_000_000
NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
DAY = 86_400_000
ALIYUN, ONENET, TUYA = "/sys/pk/btn12/thing/event/", "$sys/1/btn12/", "tylink/btn12/"
HUAWEI = "$oc/devices/btn12/sys/"


def say(topic: str, said: Any) -> tuple[Signal, ...]:
    return devices.decode(topic, said.encode() if isinstance(said, str) else json.dumps(said).encode())


def one(topic: str, said: Any) -> Signal:
    (signal,) = say(topic, said)
    return signal


def event(name: str, output: Any = None, **more: Any) -> Signal:
    said = {"id": "123", "params": {"value": output or {}, "time": MS}, **more}
    return one(f"{ALIYUN}{name}/post", said)


def prop(name: str, value: Any) -> Signal:
    return one(f"{ALIYUN}property/post", {"id": "123", "params": {name: value}})


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("SOS", T.SOS),
        ("sos_alarm", T.SOS),
        ("SosEvent", T.SOS),
        ("EmergencyCall", T.SOS),
        ("oneKeyAlarm", T.SOS),
        ("panic", T.SOS),
        ("jinjihujiao", T.SOS),
        ("FallDown", T.FALL),
        ("fallAlarm", T.FALL),
        ("diedao", T.FALL),
        ("SmokeAlarm", T.SMOKE),
        ("GasLeak", T.GAS),
        ("CoAlarm", T.CO),
        ("waterLeak", T.WATER),
        ("LeaveBed", T.BED_EXIT),
        ("noMotionAlarm", T.INACTIVITY),
        ("GeofenceOut", T.WANDER),
        ("HeartRateAlarm", T.VITAL),
        ("SpO2Low", T.VITAL),
        ("TamperAlarm", T.TAMPER),
        ("LowBattery", T.BATTERY_LOW),
        ("PowerFailure", T.MAINS_LOST),
        ("cpuerror", T.FAULT),
        ("SensorFault", T.FAULT),
        ("ButtonPressed", T.PRESS),
        ("SosCancel", T.CANCEL),
        ("AlarmFallRecover", T.CANCEL),
        ("heartbeat", T.HEARTBEAT),
        ("deviceOnline", T.HEARTBEAT),
        ("DoorOpen", T.DOOR),
    ],
)
def test_it_knows_what_an_event_is_called(name: str, kind: T) -> None:
    signal = event(name)
    assert (signal.type, signal.suspect, signal.at) == (kind, None, NOW)


@pytest.mark.parametrize("name", ["e1", "alarmEvent", "powerEvent", "Alert_7", "CO2Alarm", "rainfall"])
def test_it_never_takes_an_event_of_a_strange_name_for_nothing(name: str) -> None:
    signal = event(name)
    assert (signal.type, signal.suspect) == (T.FAULT, Suspect.UNKNOWN_CODE)
    assert name in signal.text


def test_it_looks_into_an_event_that_is_only_called_alarm() -> None:
    assert event("alarmEvent", {"alarmType": "sos"}).type is T.SOS
    assert event("alarm", {"type": "fall_down", "BatteryPercentage": "64", "HeartRate": 131}).type is T.FALL
    signal = event("SOS", {"battery": 64, "HeartRate": "131", "GeoLocation": {"Longitude": 11.5, "Latitude": 48.1}})
    assert (signal.battery, signal.measurements, signal.lat) == (64, {"heart_rate": 131}, 48.1)
    assert event("DoorClosed").measurements == {"open": False}


@pytest.mark.parametrize(
    ("name", "value", "kind", "suspect"),
    [
        ("sos_state", True, T.SOS, None),
        ("sos", "sos", T.SOS, None),
        ("SOS", 1, T.SOS, None),
        ("SOS", 0, T.HEARTBEAT, None),
        ("SOS", None, T.MEASUREMENT, None),
        ("SOS", "whatever", T.FAULT, Suspect.UNKNOWN_CODE),
        ("fall_state", "fall", T.FALL, None),
        ("fall_state", "none", T.HEARTBEAT, None),
        ("smoke_sensor_status", "alarm", T.SMOKE, None),
        ("smoke_sensor_status", "normal", T.HEARTBEAT, None),
        ("gas_sensor_state", "alarm", T.GAS, None),
        ("co_status", "alarm", T.CO, None),
        ("watersensor_state", "alarm", T.WATER, None),
        ("doorcontact_state", True, T.DOOR, None),
        ("pir", "pir", T.MOTION, None),
        ("presence_state", "none", T.PRESENCE, None),
        ("presence_state", "small_move", T.PRESENCE, None),
        ("drop_state", "drop", T.FALL, None),
        ("drop_state", "slip", T.FALL, None),
        ("drop_state", "normal", T.HEARTBEAT, None),
        ("smoke_sensor_state", "1", T.SMOKE, None),
        ("smoke_sensor_state", "2", T.HEARTBEAT, None),
        ("co_state", "2", T.HEARTBEAT, None),
        ("checking_result", "radar_fault", T.FAULT, None),
        ("checking_result", "check_success", T.MEASUREMENT, None),
        ("fault", 1, T.FAULT, None),
        ("fault", 0, T.MEASUREMENT, None),
        ("self_checking", True, T.TEST, None),
        ("temper_alarm", True, T.TAMPER, None),
        ("battery_state", "low", T.BATTERY_LOW, None),
        ("battery_state", "high", T.HEARTBEAT, None),
        ("battery_percentage", 64, T.HEARTBEAT, None),
        ("alarm", 1, T.FAULT, Suspect.UNKNOWN_CODE),
        ("alarm", "sos", T.SOS, None),
        ("AlarmState", 0, T.HEARTBEAT, None),
        ("rssi", -71, T.HEARTBEAT, None),
        # settings, counters and readings under an alarm's name
        ("SosPhone", "13800000000", T.MEASUREMENT, None),
        ("EmergencyContact", "13800000000", T.MEASUREMENT, None),
        ("FallDetectSwitch", 1, T.MEASUREMENT, None),
        ("sos_enable", True, T.MEASUREMENT, None),
        ("smoke_sensor_value", 12, T.MEASUREMENT, None),
        ("alarm_time", 60, T.MEASUREMENT, None),
        ("alarm_volume", "low", T.MEASUREMENT, None),
        ("alarm_switch", True, T.MEASUREMENT, None),
        ("battery_value", 2900, T.MEASUREMENT, None),
        ("water", 12.5, T.MEASUREMENT, None),
        ("LowPressure", 78, T.MEASUREMENT, None),
        ("CO2", 1, T.MEASUREMENT, None),
        ("Power", "on", T.MEASUREMENT, None),
        ("switch", {"led1": 22}, T.MEASUREMENT, None),
    ],
)
def test_it_knows_a_property_that_is_on_from_one_that_is_off_and_from_a_setting(
    name: str, value: Any, kind: T, suspect: Suspect | None
) -> None:
    signal = prop(name, value)
    assert (signal.type, signal.suspect) == (kind, suspect)
    assert "13800000000" not in repr(signal)
    wrapped = prop(name, {"value": value, "time": MS})
    assert (wrapped.type, wrapped.at) == (kind, NOW)


def test_it_measures_in_our_units_and_reads_nothing_else() -> None:
    said = {"HeartRate": "72", "BloodOxygen": 97, "SystolicPressure": 131, "DiastolicPressure": "80", "IMSI": "4600"}
    said |= {"BodyTemperature": 97.7, "spo2": 127, "temperature": 21.5, "battery": "64%"}
    signal = one(f"{ALIYUN}property/post", {"params": said})
    assert signal.battery == 64
    assert signal.measurements == {
        "heart_rate": 72,
        "spo2": 97,
        "systolic": 131,
        "diastolic": 80,
        "body_temperature": 36.5,
        "temperature": 21.5,
    }


def test_it_lets_what_is_off_ride_along_with_what_is_on() -> None:
    signal = one(f"{TUYA}thing/property/report", {"data": {"sos": {"value": "sos"}, "temper_alarm": {"value": False}}})
    assert (signal.type, signal.measurements) == (T.SOS, {"sos": True, "tamper": False})


# the key of a press


def test_it_takes_no_constant_id_for_the_key_of_a_press() -> None:
    first, again = event("SOS"), event("SOS")
    assert first.ref == again.ref == f"123@{MS}"
    later = one(f"{ALIYUN}SOS/post", {"id": "123", "params": {"value": {}, "time": MS + 60_000}})
    assert later.ref != first.ref, "firmware that sends id 123 for ever still presses anew"
    timeless = one(f"{ALIYUN}SOS/post", {"id": "123", "params": {"value": {}}})
    assert (timeless.type, timeless.ref) == (T.SOS, None)
    assert one(f"{TUYA}thing/property/report", {"msgId": "a", "data": {"sos": "sos"}}).ref is None
    assert one("$thing/up/event/p/btn12", {"clientToken": "1", "eventId": "sos"}).ref is None


# places


def test_it_moves_chinese_coordinates_to_where_the_ambulance_looks() -> None:
    signal = prop("GeoLocation", {"Longitude": 116.39747, "Latitude": 39.908823, "CoordinateSystem": 2})
    assert signal.lat == pytest.approx(39.90742, abs=0.00005)
    assert signal.lon == pytest.approx(116.39123, abs=0.00005)
    assert prop("GeoLocation", {"Longitude": 116.39747, "Latitude": 39.908823, "CoordinateSystem": 1}).lat == 39.908823
    assert to_wgs84(48.1, 11.5) == (48.1, 11.5)


def test_it_joins_latitude_and_longitude_of_their_own() -> None:
    signal = one(f"{ALIYUN}property/post", {"params": {"latitude": "39.9", "longitude": 116.4}})
    assert (signal.type, signal.lat, signal.lon, signal.measurements) == (T.LOCATION, 39.9, 116.4, {})
    assert prop("latitude", 39.9).lat is None


# envelopes


def test_it_reads_what_the_platform_forwards() -> None:
    forwarded = {"deviceType": "x", "iotId": "4z", "items": {"SOS": {"value": 1, "time": MS}}, "gmtCreate": MS}
    assert one("/pk/btn12/thing/event/property/post", forwarded).type is T.SOS
    told = {"identifier": "SOS", "name": "求助", "type": "alert", "value": {"HeartRate": 99}, "time": MS}
    signal = one("/pk/btn12/thing/event/SOS/post", told)
    assert (signal.device, signal.type, signal.at) == ("btn12", T.SOS, NOW)
    assert signal.measurements == {"heart_rate": 99}


def test_it_hears_a_gateways_children_under_their_own_names() -> None:
    said = {
        "params": {
            "properties": {"Power": {"value": "on", "time": MS}},
            "events": {},
            "subDevices": [
                {"identity": {"productKey": "p", "deviceName": "c1"}, "events": {"SOS": {"value": {}, "time": MS}}},
                {"identity": {"deviceName": "c2"}, "properties": {"SmokeSensorState": {"value": 1, "time": MS}}},
                "x",
            ],
        }
    }
    told = [(s.device, s.type) for s in say(f"{ALIYUN}property/pack/post", said)]
    assert told == [("btn12", T.MEASUREMENT), ("c1", T.SOS), ("c2", T.SMOKE)]


def test_it_judges_history_by_its_own_time() -> None:
    def record(ms: int) -> dict[str, Any]:
        return {"SOS": {"value": {}, "time": ms}}

    block = {"identity": {"deviceName": "c1"}, "properties": [{"HeartRate": {"value": 70, "time": MS}}]}
    old = say(f"{ALIYUN}property/history/post", {"params": [block | {"events": [record(MS - 2 * DAY)]}]})
    assert [(s.device, s.type) for s in old] == [("c1", T.MEASUREMENT)]
    recent = [record(MS - 2 * DAY), record(MS - DAY // 2), record(MS - DAY // 3)]
    (signal,) = say(f"{ALIYUN}property/history/post", {"params": [block | {"events": recent}]})
    assert (signal.type, signal.measurements) == (T.SOS, {"heart_rate": 70})
    assert signal.at == datetime.fromtimestamp((MS - DAY // 3) / 1000, tz=UTC)


def test_it_takes_the_newest_of_a_batch() -> None:
    many = [{"value": 60 + n, "time": MS - n * 1000} for n in range(5)]
    signal = one(f"{ALIYUN}property/batch/post", {"params": {"properties": {"HeartRate": many}}})
    assert signal.measurements == {"heart_rate": 60}
    points = {"dp": {"heart_rate": [{"v": 71, "t": MS // 1000 - 10}, {"v": 72, "t": MS // 1000}], "sos": [{"v": 0}]}}
    assert one(f"{ONENET}dp/post/json", points).measurements == {"sos": False, "heart_rate": 72}


@pytest.mark.parametrize("word", ["online", "offline"])
def test_it_hears_devices_come_and_go_at_aliyun(word: str) -> None:
    said = {"status": word, "time": "2024-11-11 19:11:11.000", "utcTime": "2024-11-11T11:11:11.000Z"}
    signal = one("/as/mqtt/status/pk/btn12", said)
    assert (signal.device, signal.type) == ("btn12", T.OFFLINE if word == "offline" else T.HEARTBEAT)
    assert signal.at == datetime(2024, 11, 11, 11, 11, 11, tzinfo=UTC)


def test_it_reads_onenet() -> None:
    assert one(f"{ONENET}thing/event/post", {"id": "1", "params": {"sos": {"value": {}, "time": MS}}}).type is T.SOS
    pack = [{"identity": {"productID": "p", "deviceName": "c1"}, "events": {"FallDown": {"value": {}, "time": MS}}}]
    told = say(f"{ONENET}thing/pack/post", {"params": pack})
    assert [(s.device, s.type) for s in told] == [("c1", T.FALL)]
    for path in ("thing/property/post/reply", "thing/property/set", "dp/post/json/accepted"):
        assert say(f"{ONENET}{path}", {"id": 1, "params": {"sos": 1}}) == ()


def test_it_reads_tuya() -> None:
    trigger = {"msgId": "m", "time": MS // 1000, "data": {"eventCode": "sos", "eventTime": MS, "outputParams": {}}}
    signal = one(f"{TUYA}thing/event/trigger", trigger)
    assert (signal.type, signal.at, signal.ref) == (T.SOS, NOW, f"m@{MS}")
    batch = {
        "data": {
            "properties": {"battery_percentage": {"value": 64, "time": MS}},
            "subDevices": {"c1": {"events": {"fall": {"outputParams": {}, "eventTime": MS}}}},
        }
    }
    told = say(f"{TUYA}thing/data/batch_report", batch)
    assert [(s.device, s.type, s.battery) for s in told] == [("btn12", T.HEARTBEAT, 64), ("c1", T.FALL, None)]
    assert [s.type for s in say(f"{TUYA}device/sub/logout", {"data": ["c1", "c2"]})] == [T.OFFLINE] * 2
    assert one(f"{TUYA}thing/model/get", {}).type is T.HEARTBEAT
    for path in ("thing/property/set", "thing/property/report_response", "thing/event/trigger_response"):
        assert say(f"{TUYA}{path}", {"data": {"sos": 1}}) == ()


def test_it_reads_tencent() -> None:
    up = "$thing/up/event/p/btn12"
    posted = {"method": "event_post", "clientToken": "7", "eventId": "sos", "type": "alert", "timestamp": MS}
    assert (one(up, posted).type, one(up, posted).ref) == (T.SOS, f"7@{MS}")
    assert one(up, posted | {"eventId": "x9", "type": "alert"}).suspect is Suspect.UNKNOWN_CODE
    assert one(up, posted | {"eventId": "x9", "type": "fault"}).suspect is None
    assert one(up, posted | {"eventId": "status", "type": "alert"}).suspect is Suspect.UNKNOWN_CODE
    several = {"method": "events_post", "events": [posted, posted | {"eventId": "fall_down"}]}
    assert {s.type for s in say(up, several)} == {T.SOS, T.FALL}
    info = {"method": "report_info", "params": {"imei": "350000000000000", "sos": 1}}
    assert one("$thing/up/property/p/btn12", info).type is T.HEARTBEAT
    gone = {"type": "offline", "payload": {"devices": [{"product_id": "p", "device_name": "c1"}]}}
    assert [(s.device, s.type) for s in say("$gateway/operation/p/gw", gone)] == [("c1", T.OFFLINE)]
    assert devices.family_of("$thing/down/property/p/btn12") is None


def test_it_reads_huawei() -> None:
    child = {"object_device_id": "c1", "services": [{"service_id": "A", "event_type": "FallDown", "paras": None}]}
    assert (one(f"{HUAWEI}events/up", child).device, one(f"{HUAWEI}events/up", child).type) == ("c1", T.FALL)
    assert one(f"{HUAWEI}messages/up", {"content": "sos"}).type is T.SOS
    assert one(f"{HUAWEI}messages/up", {"content": "?!"}).suspect is Suspect.UNKNOWN_CODE
    assert one(f"{HUAWEI}messages/up", {"content": [1]}).suspect is Suspect.UNPARSEABLE
    assert one(f"{HUAWEI}messages/up", {"sos": 1}).type is T.SOS
    assert say(f"{HUAWEI}properties/set/request_id=1", {"services": []}) == ()


@pytest.mark.parametrize(
    ("topic", "payload"),
    [
        (f"{ALIYUN}SOS/post", b"{"),
        (f"{ALIYUN}property/post", b'{"id":1}'),
        (f"{ALIYUN}property/pack/post", b'{"params":7}'),
        ("/sys/pk/btn12/thing/model/up_raw", b"\x00\x01\x02"),
        ("/sys/pk/btn12/thing/model/up_raw", b'{"sos":1}'),
        (f"{ONENET}thing/event/post", b"\xff"),
        (f"{ONENET}thing/event/post", b'{"params":[]}'),
        (f"{ONENET}thing/pack/post", b"{}"),
        (f"{ONENET}dp/post/json", b"{}"),
        (f"{TUYA}thing/event/trigger", b"[]"),
        (f"{TUYA}thing/event/trigger", b"{}"),
        ("$thing/up/event/p/btn12", b"sos"),
        ("$thing/up/raw/p/btn12", b"\x01"),
        ("$thing/up/raw/p/btn12", b"{}"),
        (f"{HUAWEI}events/up", b"{}"),
        (f"{HUAWEI}messages/up", b"\x01\x02"),
        (f"{HUAWEI}gateway/sub_devices/properties/report", b"{}"),
    ],
)
def test_it_takes_what_it_cannot_read_for_a_call(topic: str, payload: bytes) -> None:
    (signal,) = devices.decode(topic, payload)
    assert (signal.device, signal.type, signal.suspect) == ("btn12", T.SOS, Suspect.UNPARSEABLE)
    assert devices.decode(topic, b"") == ()


def test_it_subscribes_to_dollar_topics_by_name() -> None:
    for name in ("onenet", "tencent_iot", "huawei_iotda"):
        assert all(filter_.startswith("$") for filter_ in devices.FAMILIES[name].subscriptions)


# cellular terminals


def vega(**telemetry: Any) -> Signal:
    taken = telemetry.pop("taken", MS // 1000)
    message = {"dev": "NB-14", "IMEI": "350000000711443", "ICCID": "8970199170730496235", "num": 3, "UTC": MS // 1000}
    return one("vega/350000000711443", {"Message": message, "Telemetry": {"UTC": taken, "bat": 99, **telemetry}})


@pytest.mark.parametrize(
    ("telemetry", "kind", "suspect"),
    [
        ({"reason": "time", "s_alarm1": 0}, T.HEARTBEAT, None),
        ({"reason": "time", "s_alarm1": 1}, T.PRESS, None),
        ({"reason": "alarm2", "s_alarm2": 0}, T.PRESS, None),
        ({"reason": "magnet", "s_magnet": 1}, T.TAMPER, None),
        ({"reason": "time", "s_raw": 1}, T.FAULT, None),
        ({"reason": "time", "s_rai": 1}, T.FAULT, None),
        ({"reason": "volcano"}, T.FAULT, Suspect.UNKNOWN_CODE),
        ({"reason": "alarm1", "s_alarm1": 1, "taken": MS // 1000 - 3 * 86400}, T.HEARTBEAT, None),
        ({"reason": "alarm1", "s_alarm1": 1, "taken": MS // 1000 - 3600}, T.PRESS, None),
    ],
)
def test_it_reads_a_terminals_inputs(telemetry: dict[str, Any], kind: T, suspect: Suspect | None) -> None:
    signal = vega(**telemetry)
    assert (signal.device, signal.type, signal.suspect, signal.battery) == ("350000000711443", kind, suspect, 99)
    assert "8970199170730496235" not in repr(signal)


def test_it_keys_a_terminals_message_by_number_and_time() -> None:
    assert vega(reason="time").ref == f"3@{MS}"
    assert vega(reason="time", taken=MS // 1000 - 60).ref != vega(reason="time").ref


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ({"d": '{"imei":"350000006415409"}', "o": 0}, T.HEARTBEAT),
        ({"d": '{"imei":"350000006415409","sos":1}'}, T.SOS),
        ({"d": {"heart_rate": "72", "iccid": "89"}}, T.MEASUREMENT),
        ({"d": '{"alarm":"fall_down"}'}, T.FALL),
        ({"d": "{"}, T.SOS),
    ],
)
def test_it_reads_json_in_a_json_string(said: Any, kind: T) -> None:
    signal = one("/iotinfo/350000006415409", said)
    assert (signal.device, signal.type) == ("350000006415409", kind)
    assert (signal.suspect is Suspect.UNPARSEABLE) is (said["d"] == "{")


@pytest.mark.parametrize(
    ("method", "kind", "suspect"),
    [
        ("client.heartbeat", T.HEARTBEAT, None),
        ("client.login", T.HEARTBEAT, None),
        ("client.sos", T.SOS, None),
        ("client.fault", T.FAULT, None),
        ("client.order", T.FAULT, Suspect.UNKNOWN_CODE),
        ("", T.FAULT, Suspect.UNKNOWN_CODE),
    ],
)
def test_it_finds_the_terminal_in_the_payload(method: str, kind: T, suspect: Suspect | None) -> None:
    said = {"timestamp": str(MS // 1000), "client_id": "4506173", "method": method, "network_rssi": "-67"}
    signal = one("/server/app", said)
    assert (signal.device, signal.type, signal.suspect, signal.at) == ("4506173", kind, suspect, NOW)
    assert signal.measurements == {"rssi": -67}


@pytest.mark.parametrize("payload", ["{", "{}", '{"d":"{}"}', '{"d":7}'])
def test_it_calls_what_it_cannot_tell_whose_it_is_a_fault_of_nobody(payload: str) -> None:
    signal = one("/server/app", payload)
    assert (signal.device, signal.type, signal.suspect) == (None, T.FAULT, Suspect.UNPARSEABLE)
    assert devices.decode("/server/app", b"") == ()
