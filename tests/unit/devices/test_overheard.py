"""Presses under names that no table knows are heard, and the ordinary heartbeats of buttons ring nobody.

The heartbeats are those of public codecs (Milesight, Browan, Dragino, Abeeway, Moko, Netvox, Elsys, Tektelic, Mutelcor,
RAK, SenseCAP, Digital Matter, Senso8) and of the families' own documentation, field names as they write them.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

import devices
from devices import Signal, is_alarm, meaning
from devices import SignalType as T
from devices.shared import overheard

CHIRPSTACK = "application/1/device/24e124538b223213/event/up"
THINGS = "v3/home@ttn/devices/eui-24e124538b223213/up"
Z2M = "zigbee2mqtt/bed"
RTL = "rtl_433/attic/events"
OMG = "home/OMG/BTtoMQTT/A4C1388B1F2E"
TRACCAR = "traccar/positions"
TASMOTA = "tele/bath12/SENSOR"
TUYA = "tylink/6c1234/thing/property/report"
ALIYUN = "/sys/a1B2c3D4e5F/btn12/thing/event/property/post"
HUAWEI = "$oc/devices/p_btn12/sys/properties/report"
ONENET = "$sys/123456/btn12/thing/property/post"


def lorawan(topic: str, fields: Any) -> dict[str, Any]:
    if topic == CHIRPSTACK:
        about = {"deviceName": "panic button", "deviceProfileName": "SOS alarm", "tags": {"event": "button pressed"}}
        return {
            "deduplicationId": "d",
            "time": "2026-11-21T08:00:00Z",
            "fPort": 85,
            "deviceInfo": about,
            "object": fields,
        }
    return {
        "end_device_ids": {"device_id": "eui-24e124538b223213"},
        "received_at": "2026-11-21T08:00:00Z",
        "uplink_message": {"session_key_id": "AY", "f_cnt": 1, "f_port": 85, "decoded_payload": fields},
    }


def enveloped(topic: str, said: Any) -> Any:
    if topic == TRACCAR:
        place = {"latitude": 47.1, "longitude": 8.5, "deviceId": 5, "attributes": {"batteryLevel": 80, **said}}
        return {"position": place, "device": {"id": 5, "uniqueId": "350000002108906", "name": "SOS button"}}
    if topic == TUYA:
        return {"msgId": "m", "time": 1790000000000, "data": {n: {"value": v} for n, v in said.items()}}
    if topic == ALIYUN:
        return {"id": "1", "version": "1.0", "params": said, "method": "thing.event.property.post"}
    if topic == HUAWEI:
        return {"services": [{"service_id": "Basic", "properties": said}]}
    if topic == ONENET:
        return {"id": "1", "version": "1.0", "params": {n: {"value": v} for n, v in said.items()}}
    return said


def signals(topic: str, said: Any) -> tuple[Signal, ...]:
    raw = said.encode() if isinstance(said, str) else json.dumps(enveloped(topic, said)).encode()
    return devices.decode(topic, raw)


def rings(found: tuple[Signal, ...], kind: str = "pendant") -> bool:
    return any(kind_of is not None and is_alarm(kind_of) for one in found for kind_of in (meaning(one, kind),))


PRESSES: tuple[Any, ...] = (
    {"Alert": "SOS"},
    {"button_status": {"status": "pressed"}},
    {"button_event": {"type": "short_press"}},
    {"status": "Pressed"},
    {"alert": 1},
    {"Event Status": "SOS"},
    {"warnings": ["sos"]},
    {"events": {"user_alert": True}},
    {"event": "BTN"},
    {"uplink_event": "call"},
    {"reason": "button"},
    {"txReason": "BUTTON"},
    {"cause": "button_press"},
    {"frame_type": "user button"},
    {"msgName": "button pressed"},
    {"op_code": "button", "value": 1},
    {"payload": "button pressed"},
    {"measurements": [{"type": "button", "value": 1}]},
    {"decoded": {"events": [{"type": "button", "state": "pressed"}]}},
    {"报警": 1},
    {"Msg": "呼叫"},
    {"EXTI_Trigger": "TRUE"},
    # siblings
    {"alarm": {"value": 1}},
    {"Alarm": "Yes"},
    {"alert": True, "battery": 90},
    {"alerts": ["panic"]},
    {"alert_status": "active"},
    {"alertState": 1},
    {"panicAlert": "1"},
    {"eventType": "PANIC"},
    {"event_type": "emergency"},
    {"eventName": "SOS_BUTTON"},
    {"message": "HELP"},
    {"message_type": "button_press"},
    {"messageType": "ALARM"},
    {"msg_type": "call"},
    {"notification": "button"},
    {"action": "press"},
    {"actions": ["long_press"]},
    {"command": "sos"},
    {"cmd": "call"},
    {"trigger": "button"},
    {"trigger": "user"} | {"alert": "user"},
    {"triggered_by": "button"},
    {"uplinkReason": "button pressed"},
    {"reportReason": "Button"},
    {"wakeup": "button pressed"},
    {"interrupt": "button_pressed"},
    {"key": "pressed"},
    {"key1": "click"},
    {"keyState": "down"},
    {"KeyPressed": True},
    {"btn": 1},
    {"btn": True},
    {"BTN1": "PRESSED"},
    {"btn_state": 1},
    {"button2": "double click"},
    {"buttons": {"left": "pressed"}},
    {"buttons": [{"id": 1, "state": "pressed"}]},
    {"button": {"event": "long"}},
    {"button": {"action": "single"}},
    {"buttonPress": "single"},
    {"userButton": True},
    {"user_button_pressed": 1},
    {"red_button": "on"},
    {"call": 1},
    {"call": "active"},
    {"call_button": True},
    {"patient_call": "1"},
    {"nurseCall": "pressed"},
    {"data": {"event": "sos"}},
    {"data": [{"name": "button", "value": "pressed"}]},
    {"payload": {"type": "sos"}},
    {"values": [{"variable": "alarm", "value": True}]},
    {"sensors": [{"name": "panic", "value": 1}]},
    {"mode": "SOS"},
    {"state": "emergency"},
    {"status": "alarm"},
    {"code": "panic"},
    {"text": "sos"},
    {"result": "button pressed"},
    {"pushed": True},
    {"pull_cord": "pulled"},
    {"notruf": 1},
    {"hilfe": True},
    {"求助": True},
    {"按键": "单击"},
    {"按键事件": "长按"},
    {"按钮状态": 1},
    {"事件": "求救"},
    {"状态": "报警"},
    {"event": "一键呼叫"},
    {"紧急呼叫": "是"},
    {"呼叫按钮": "按下"},
    {"报警": {"value": 1}},
    {"message": "用户按下按钮"},
)
ELSEWHERE: tuple[tuple[str, Any], ...] = (
    (Z2M, {"button": "pressed"}),
    (Z2M, {"battery": 90, "linkquality": 80, "event": "button pressed"}),
    (Z2M, {"alert": "sos", "battery": 90}),
    (Z2M, {"key": "press", "battery": 90}),
    (Z2M, {"emergency_call": {"status": "pressed"}}),
    (RTL, {"model": "SimpliSafe-Gen3", "id": "1", "msg": "PANIC"}),
    (RTL, {"model": "Acme-Fob", "id": 7, "event": "button pressed", "battery_ok": 1}),
    (RTL, {"model": "Acme-Sensor", "id": 7, "message": "SOS"}),
    (OMG, {"id": "A4:C1:38:8B:1F:2E", "pressed": True}),
    (OMG, {"id": "A4:C1:38:8B:1F:2E", "rssi": -60, "event": "button_press"}),
    (OMG, {"id": "A4:C1:38:8B:1F:2E", "rssi": -60, "status": "pressed"}),
    (TRACCAR, {"type": "SOS"}),
    (TRACCAR, {"event": 2, "io2": 1}),
    (TRACCAR, {"event": "sos"}),
    (TRACCAR, {"reason": "button"}),
    (TRACCAR, {"button_state": "pressed"}),
    (TASMOTA, {"Time": "2026-11-21T08:00:00", "Pendant": {"Event": "pressed"}}),
    (TASMOTA, {"Time": "2026-11-21T08:00:00", "BLE": {"action": "sos"}}),
    (TUYA, {"op": "button pressed"}),
    (TUYA, {"事件": "求救"}),
    (ALIYUN, {"reason": "button"}),
    (ALIYUN, {"KeyValue": {"event": "pressed"}}),
    (HUAWEI, {"report_reason": "button"}),
    (HUAWEI, {"keyPress": "pressed"}),
    (ONENET, {"cause": "button_press"}),
    (ONENET, {"btnEvent": "clicked"}),
)
HEARTBEATS: tuple[Any, ...] = (
    {"battery": 90},
    {"button_count": 0},
    {"button_count": 7},
    {"button_1_count": 7, "button_2_count": 0, "battery": 88},
    {"count_short_press": 4, "count_long_press": 1},
    {"press_count": 12, "battery": 80},
    {"alarm": False, "battery": 90},
    {"alarm": 0},
    {"alarm": "none"},
    {"sos": 0},
    {"sosFlag": 0, "messageType": "HEARTBEAT"},
    {"sosEvent": False, "alertType": "none"},
    {"call_interval": 60},
    {"alarm_enabled": True},
    {"alarmEnabled": 1, "alarm_duration": 30},
    {"button_battery": 98},
    {"press_mode": "long"},
    {"button_mode": "sos"},
    {"sos_interval": 60, "sos_duration": 20},
    {"work_mode": "periodic", "report_interval": 600},
    {"type": "heartbeat", "battery": 90},
    {"type": "button", "battery": 90},
    {"device_type": "sos_button", "battery": 90},
    {"device_type": "sos", "firmware": "1.2"},
    {"model": "SOS Button", "battery_voltage": 3.0},
    {"name": "panic button", "rssi": -70},
    {"device": {"name": "call button", "type": "alarm"}, "battery": 77},
    {"config": {"alarm": True, "button": 1}, "battery": 77},
    {"ALARM_status": "FALSE", "BatV": 3.9, "MD": 1, "LON": "ON"},
    {"EXTI_Trigger": "FALSE", "BatV": 3.1},
    {"EXTI_Trigger": False, "Interrupt_count": 4},
    {"event": "heartbeat"},
    {"event": "heartbeat", "battery": 92, "state": 0},
    {"event": "low_battery"},
    {"event": "button_battery_low"},
    {"event": "alarm_cleared"},
    {"event": "call ended"},
    {"reason": "timer"},
    {"txReason": "PERIODIC", "buttonCount": 3},
    {"cause": "timeout", "button_pressed": False},
    {"trigger": "timer"},
    {"frame_type": "keep alive", "button": 0},
    {"message_type": "data_report", "warning_status": "no_warning", "warning_status_code": 0},
    {"b_alarmstatus": "Non-alarm mode", "a_batterylevle": "97%"},
    {"button_status": {"status": "released"}},
    {"button_event": {"status": "none", "msgid": 4}},
    {"events": [{"type": "button", "state": "released"}]},
    {"measurements": [{"type": "button", "value": 0}, {"type": "battery", "value": 96}]},
    {"alarms": []},
    {"alerts": [], "warnings": ["low battery"]},
    {"alarm": "", "button": None},
    {"[04] OpCode": "Heartbeat", "[03] Voltage Battery/Input [V]": 3.1},
    {"opcode": 0, "voltage": 3.1},
    {"emergency_contact": "+41791234567"},
    {"sos_number": "13800138000"},
    {"alarm_time": "08:30", "alarm_clock": True},
    {"last_button_event": "pressed", "battery": 60},
    {"last_alarm": "sos"},
    {"low_battery_alert": False, "tamper_alert": False},
    {"key_version": 2, "key_id": 17},
    {"key_lock": True, "button_lock": "on"},
    {"button_led": True, "buzzer": "on"},
    {"supported_events": ["button", "sos"]},
    {"firmware_version": "1.04", "hardware_version": "2.0", "sn": "6136B5022"},
    {"reset_event": "reset", "device_status": "on", "ipso_version": "v0.1"},
    {"Heartbeat": 1, "Battery": 3.6, "TamperAlarm": 0, "ButtonTrigger": 0},
    {"user": "panic", "battery": 40},
    {"uplink_interval": 3600, "press_threshold": 2},
    {"DevEUI": "24e124538b223213", "payload": "0a0b0c"},
    {"latitude": 47.1, "longitude": 8.5, "sos": False, "trackingMode": "MOTION_TRACKING"},
    {"dynamicMotionState": "STATIC", "buttonEventInfo": "", "batteryLevel": 88},
    {"message": {"type": "status", "battery": 70, "alert": False}},
    {"报警": 0},
    {"报警": "无"},
    {"报警状态": "正常"},
    {"报警次数": 3},
    {"按键次数": 12, "电量": 90},
    {"呼叫间隔": 60},
    {"SOS开关": True},
    {"紧急联系人": "13800138000"},
    {"状态": "正常"},
    {"事件": "心跳"},
    {"低电量报警": 0},
    {"event": "解除报警"},
)
QUIET_ELSEWHERE: tuple[tuple[str, Any], ...] = (
    (Z2M, {"battery": 100, "linkquality": 120, "voltage": 3000, "action": ""}),
    (Z2M, {"alarm": False, "battery": 100, "update": {"state": "idle", "installed_version": 1}}),
    (Z2M, {"button_lock": "LOCK", "battery": 90, "device": {"friendlyName": "sos button", "model": "panic button"}}),
    (Z2M, {"sos": False, "battery": 90, "operation_mode": "event", "click_mode": "fast"}),
    (RTL, {"model": "SimpliSafe-Gen3", "id": "1", "msg": "HEARTBEAT"}),
    (RTL, {"model": "Acme-Sensor", "id": 7, "alarm": 0, "battery_ok": 1}),
    (OMG, {"id": "A4:C1:38:8B:1F:2E", "name": "SOS button", "rssi": -60, "pressed": False}),
    (OMG, {"id": "A4:C1:38:8B:1F:2E", "rssi": -60, "button_count": 4, "batt": 90}),
    (TRACCAR, {"event": 240, "io240": 1, "io1": 0}),
    (TRACCAR, {"event": 2, "io2": 0}),
    (TRACCAR, {"type": "normal", "motion": False, "button_count": 3}),
    (TASMOTA, {"Time": "2026-11-21T08:00:00", "BLE": {"Button": 1, "RSSI": -60}}),
    (TUYA, {"battery_percentage": 90, "SOS开关": True}),
    (ALIYUN, {"CallInterval": 60, "PowerPercent": 90}),
    (HUAWEI, {"batteryLevel": 90, "buttonCount": 4, "alarmEnable": 1}),
    (ONENET, {"press_mode": "long", "rssi": -80}),
)


@pytest.mark.parametrize("fields", PRESSES, ids=lambda one: json.dumps(one, ensure_ascii=False))
@pytest.mark.parametrize("topic", [CHIRPSTACK, THINGS])
def test_a_press_in_words_of_ones_own_calls_for_help(topic: str, fields: Any) -> None:
    found = devices.decode(topic, json.dumps(lorawan(topic, fields)).encode())
    assert rings(found)


@pytest.mark.parametrize(("topic", "said"), ELSEWHERE, ids=str)
def test_it_is_heard_in_every_family(topic: str, said: Any) -> None:
    assert rings(signals(topic, said))


@pytest.mark.parametrize("fields", HEARTBEATS, ids=lambda one: json.dumps(one, ensure_ascii=False))
@pytest.mark.parametrize("topic", [CHIRPSTACK, THINGS])
def test_an_ordinary_heartbeat_of_a_button_rings_nobody(topic: str, fields: Any) -> None:
    found = devices.decode(topic, json.dumps(lorawan(topic, fields)).encode())
    assert found
    assert not rings(found)


@pytest.mark.parametrize(("topic", "said"), QUIET_ELSEWHERE, ids=str)
def test_it_rings_nobody_in_any_family(topic: str, said: Any) -> None:
    assert not rings(signals(topic, said))


def test_there_are_enough_of_both() -> None:
    assert len(PRESSES) >= 80
    assert len(HEARTBEATS) >= 60


def test_what_is_overheard_is_nothing_from_a_stranger_or_a_sensor() -> None:
    (found,) = devices.decode(CHIRPSTACK, json.dumps(lorawan(CHIRPSTACK, {"Alert": "SOS"})).encode())
    assert found.type is T.PRESS
    assert [meaning(found, kind) for kind in ("pendant", "motion", None)] == [T.SOS, None, None]


def test_place_and_battery_ride_along() -> None:
    (found,) = signals(TRACCAR, {"type": "SOS"})
    assert (found.type, found.lat, found.battery) == (T.PRESS, 47.1, 80)


def test_a_press_beside_a_movement_leaves_both() -> None:
    found = devices.decode(
        CHIRPSTACK, json.dumps(lorawan(CHIRPSTACK, {"occupancy": "vacant", "Alert": "SOS"})).encode()
    )
    assert [one.type for one in found] == [T.PRESENCE, T.PRESS]
    assert len({one.ref for one in found}) == len(found), "or the second would be a repeat of the first"


def test_a_record_of_another_day_is_no_press() -> None:
    now = 1790000000
    old = now - int(timedelta(days=2).total_seconds())
    said = [{"time": now, "battery": 90}, {"time": old, "event": "button pressed"}]
    assert overheard.press_in(said) is None
    assert overheard.press_in([{"time": now, "battery": 90}, {"time": now - 60, "event": "button pressed"}]) is not None


def test_it_is_read_from_protobuf_alike() -> None:
    assert overheard.press_in({"event": "BTN"}) == overheard.Heard("single")
    assert overheard.press_in({"button": {"event": "long"}}) == overheard.Heard("long")
