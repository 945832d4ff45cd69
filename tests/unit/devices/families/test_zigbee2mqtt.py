"""Zigbee2MQTT: the rows and traps of real homes."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

import devices
from devices import Signal, Suspect
from devices import SignalType as T


def heard(topic: str, payload: Any) -> tuple[Signal, ...]:
    raw = (
        payload
        if isinstance(payload, bytes)
        else payload.encode()
        if isinstance(payload, str)
        else json.dumps(payload).encode()
    )
    return devices.decode(topic, raw)


def types(payload: Any, device: str = "bed") -> list[T]:
    return [signal.type for signal in heard(f"zigbee2mqtt/{device}", payload)]


@pytest.mark.parametrize("action", ["emergency", "panic", "sos", "SOS", "1_emergency", "panic_button", "fire"])
def test_it_hears_every_word_for_help(action: str) -> None:
    assert types({"action": action, "battery": 90}) == [T.SOS]
    (twin,) = heard("zigbee2mqtt/bed/action", action)
    assert (twin.device, twin.type) == ("bed", T.SOS)


@pytest.mark.parametrize("field", ["sos", "emergency", "sos_alarm", "panic"])
def test_it_hears_boolean_calls_in_any_spelling(field: str) -> None:
    for yes in (True, "true", "ON", 1):
        assert types({field: yes}) == [T.SOS]
    for no in (False, "false", "OFF", 0):
        (signal,) = heard("zigbee2mqtt/bed", {field: no})
        assert (signal.type, signal.measurements[field]) == (T.HEARTBEAT, False)


@pytest.mark.parametrize(
    ("action", "gesture"),
    [
        ("single", "single"),
        ("double", "double"),
        ("hold", "long"),
        ("2_single", "single"),
        ("1_double", "double"),
        ("button_3_hold", "long"),
        ("long_press", "long"),
        ("1_long", "long"),
        ("short_press", "single"),
        ("double_press", "double"),
        ("triple", "triple"),
        ("press_1", "single"),
        ("pressed", "single"),
        ("button_2_click", "single"),
        ("button_5_double_click", "double"),
        ("hold_left", "long"),
        ("on", "on"),
        ("toggle", "toggle"),
        ("brightness_move_up", "brightness_move_up"),
    ],
)
def test_it_tells_how_an_ordinary_button_was_pressed(action: str, gesture: str) -> None:
    for topic, payload in (("zigbee2mqtt/b", {"action": action}), ("zigbee2mqtt/b/action", action)):
        (signal,) = heard(topic, payload)
        assert (signal.device, signal.type, signal.gesture) == ("b", T.PRESS, gesture)
        assert signal.measurements["button"] == action


@pytest.mark.parametrize(
    "action",
    [
        "",
        "release",
        "1_hold_release",
        "hold_released",
        "button_1_release",
        "brightness_stop",
        "disarm",
        "arm_all_zones",
        "exit_delay",
        "drop",
        "fall",
        "vibration",
        "shake",
        "lock",
        "manual_unlock",
        "identify",
        "none",
    ],
)
def test_it_is_silent_about_what_no_person_asked(action: str) -> None:
    assert types({"action": action, "battery": 90, "linkquality": 20}) == []
    assert heard("zigbee2mqtt/bed/action", action) == ()


def test_it_takes_a_null_action_as_a_sign_of_life_only() -> None:
    assert types({"action": None, "battery": 90}) == [T.HEARTBEAT]
    assert heard("zigbee2mqtt/bed/action", "null") == ()


def test_it_still_tells_what_else_rides_on_an_empty_action() -> None:
    assert types({"action": "", "battery_low": True}) == [T.BATTERY_LOW]
    assert types({"action": "", "temperature": 21.5}) == [T.MEASUREMENT]


def test_it_never_lets_a_pin_out() -> None:
    message = {
        "action": "emergency",
        "action_code": "4711",
        "action_transaction": 26,
        "user_id": "4711",
        "last_pin_code": "4711",
    }
    for payload in (message, message | {"action": "disarm"}, message | {"action": "arm_all_zones", "tamper": True}):
        assert "4711" not in repr(heard("zigbee2mqtt/keypad", payload))


@pytest.mark.parametrize(
    ("payload", "kind"),
    [
        ({"smoke": True, "battery": 80}, T.SMOKE),
        ({"smoke_state": "alarm"}, T.SMOKE),
        ({"smoke_state": "detecting"}, T.TEST),
        ({"work_state": "none"}, T.PRESENCE),
        ({"smoke_alarm_1": True}, T.SMOKE),
        ({"halo_alert_state": "interconnect_smoke"}, T.SMOKE),
        ({"carbon_monoxide": True}, T.CO),
        ({"carbon_monoxide": "ON"}, T.CO),
        ({"gas": True}, T.GAS),
        ({"gas_alarm_2": True}, T.GAS),
        ({"water_leak": True}, T.WATER),
        ({"water_leak_alarm_1": True}, T.WATER),
        ({"water_warning": "alarm"}, T.WATER),
        ({"input_3_leak_detect_9": "Leak"}, T.WATER),
        ({"heat": True, "temperature": 71}, T.HEAT),
        ({"fall_status": "fall_alarm", "occupancy": True}, T.FALL),
        ({"fall_down_status": "fall"}, T.FALL),
        ({"status": "falling", "breathing_rate": 17}, T.FALL),
        ({"static_dwell_alarm": "on"}, T.INACTIVITY),
        ({"fall_status": "fall_warning"}, T.FAULT),
        ({"fall_down_status": "maybe_fall"}, T.FAULT),
        ({"tamper": True, "contact": True}, T.TAMPER),
        ({"smoke": False, "battery_low": True}, T.BATTERY_LOW),
        ({"battery_state": "low"}, T.BATTERY_LOW),
        ({"smoke": False, "ac_status": True}, T.MAINS_LOST),
        ({"mains_power_connected": False}, T.MAINS_LOST),
        ({"power_outage": "outage_detected"}, T.MAINS_LOST),
        ({"trouble": True}, T.FAULT),
        ({"battery_defect": True}, T.FAULT),
        ({"self_test_result": "failure"}, T.FAULT),
        ({"smoke": False, "test": True}, T.TEST),
        ({"contact": False}, T.DOOR),
        ({"occupancy": False}, T.MOTION),
        ({"occupancy_alarm_1": True}, T.MOTION),
        ({"presence": True, "illuminance": 20}, T.PRESENCE),
        ({"status": "on_the_bed", "breathing_rate": 15}, T.PRESENCE),
        ({"state": "presence"}, T.PRESENCE),
        ({"temperature": 21.4, "humidity": 40}, T.MEASUREMENT),
        ({"local_temperature": 21.4}, T.MEASUREMENT),
        ({"state": "ON", "brightness": 100}, T.HEARTBEAT),
        ({"status": "closing"}, T.HEARTBEAT),
        ({"fall_status": "normal"}, T.HEARTBEAT),
        ({"water_warning": "none"}, T.HEARTBEAT),
        ({"device_temperature": 30, "voltage": 3000, "power_outage_count": 3}, T.HEARTBEAT),
        ({}, T.HEARTBEAT),
    ],
)
def test_it_reads_each_kind_of_detector(payload: dict[str, Any], kind: T) -> None:
    assert types(payload) == [kind]


def test_it_leaves_out_no_alarm_of_several() -> None:
    assert set(types({"smoke": True, "carbon_monoxide": True, "battery_low": True})) == {T.SMOKE, T.CO}
    assert types({"action": "sos", "sos_alarm": True}) == [T.SOS]


def test_it_doubts_an_unknown_word_of_a_fall_radar_and_a_nameless_alarm() -> None:
    for payload in ({"fall_status": "collapsed"}, {"smoke_state": "unknown"}, {"alarm": True}, {"alarm_1": True}):
        (signal,) = heard("zigbee2mqtt/radar", payload)
        assert (signal.type, signal.suspect) == (T.FAULT, Suspect.UNKNOWN_CODE)


@pytest.mark.parametrize(
    ("battery", "kept"), [(None, None), (51.5, 51.5), (100, 100), ("87", 87), (255, None), ("?", None)]
)
def test_it_knows_a_missing_battery_value_from_an_empty_battery(battery: Any, kept: float | None) -> None:
    (signal,) = heard("zigbee2mqtt/bed", {"action": "emergency", "battery": battery})
    assert (signal.type, signal.battery) == (T.SOS, kept)


@pytest.mark.parametrize("battery", [0, 255, -1])
def test_it_flags_an_emergency_at_an_odd_battery_and_keeps_it(battery: int) -> None:
    (signal,) = heard("zigbee2mqtt/bed", {"action": "emergency", "battery": battery})
    assert (signal.type, signal.suspect) == (T.SOS, Suspect.ODD_BATTERY)
    assert heard("zigbee2mqtt/bed", {"action": "single", "battery": battery})[0].suspect is None


@pytest.mark.parametrize(
    ("topic", "device"),
    [
        ("zigbee2mqtt/floor1/room12/button", "floor1/room12/button"),
        ("zigbee2mqtt/floor1/room12/button/action", "floor1/room12/button"),
        ("zigbee2mqtte/bed", "bed"),
        ("zigbee/bed", "bed"),
        ("zigbee2mqtt_floor2/bed/action", "bed"),
        ("home/zigbee2mqtt/bed", "bed"),
        ("/zigbee2mqtt/bed", "bed"),
        ("Zigbee2MQTT/卧室 按钮", "卧室 按钮"),
    ],
)
def test_it_finds_the_device_under_any_base_and_name(topic: str, device: str) -> None:
    for payload in ({"action": "emergency"}, "emergency") if topic.endswith("/action") else ({"action": "emergency"},):
        (signal,) = heard(topic, payload)
        assert signal.device == device
    assert devices.FAMILIES["zigbee2mqtt"].address(topic) == device


def test_it_reads_a_base_of_ones_own_when_the_family_is_named() -> None:
    assert devices.decode("heim/bett", b'{"action":"sos"}') == ()
    (signal,) = devices.decode("heim/bett", b'{"action":"sos"}', family="zigbee2mqtt")
    assert (signal.device, signal.type) == ("bett", T.SOS)


@pytest.mark.parametrize(
    "topic",
    [
        "homeassistant/sensor/0x0c/battery/config",
        "zigbee2mqtt/bed/set",
        "zigbee2mqtt/bed/get",
        "zigbee2mqtt/bed/set/state",
        "zigbee2mqtt/bridge/devices",
        "zigbee2mqtt/bridge/info",
        "zigbee2mqtt/bridge/logging",
        "zigbee2mqtt/bridge/request/restart",
        "zigbee2mqtt/bridge",
        "zigbee2mqtt",
        "zigbee2mqtt/",
        "tele/zigbee_bridge/SENSOR",
        "$SYS/broker/uptime",
    ],
)
@pytest.mark.parametrize("payload", [b'{"action":"emergency","name":"SOS button"}', b"\x00garbage"])
def test_it_is_silent_where_no_device_speaks(topic: str, payload: bytes) -> None:
    assert devices.decode(topic, payload, families=["zigbee2mqtt"]) == ()
    assert devices.decode(topic, payload, family="zigbee2mqtt") == ()


@pytest.mark.parametrize(
    "payload", [b'{"action":"emerg', b"\x00\xff\x00", b"[1,2]", b"true", b"hello", b"x" * 1_000_000, b"[" * 10_000]
)
def test_it_takes_garbage_from_a_device_as_a_call_for_help(payload: bytes) -> None:
    (signal,) = heard("zigbee2mqtt/floor1/bed", payload)
    assert (signal.device, signal.type, signal.suspect) == ("floor1/bed", T.SOS, Suspect.UNPARSEABLE)


@pytest.mark.parametrize("payload", [b"\x01\x02", b"{}", b"emergency; rm -rf", b"x" * 100])
def test_it_takes_garbage_on_the_action_topic_as_a_call_for_help(payload: bytes) -> None:
    (signal,) = heard("zigbee2mqtt/bed/action", payload)
    assert (signal.device, signal.type, signal.suspect is not None or payload.startswith(b"emergency")) == (
        "bed",
        T.SOS,
        True,
    )


@pytest.mark.parametrize(
    "payload", [b'{"action":["emergency"]}', b'{"action":7}', b'{"action":"emergency","action":""}']
)
def test_it_takes_an_unreadable_action_as_a_call_for_help(payload: bytes) -> None:
    (signal,) = heard("zigbee2mqtt/bed", payload)
    assert (signal.type, signal.suspect) == (T.SOS, Suspect.UNPARSEABLE)


def test_it_takes_a_deleted_stored_copy_for_what_it_is() -> None:
    for topic in ("zigbee2mqtt/bed", "zigbee2mqtt/bed/action", "zigbee2mqtt/bed/availability"):
        assert heard(topic, b"") == ()


@pytest.mark.parametrize(
    ("attribute", "payload", "kind"),
    [
        ("sos", "true", T.SOS),
        ("smoke", "true", T.SMOKE),
        ("battery", "87", T.HEARTBEAT),
        ("contact", "false", T.DOOR),
        ("occupancy", "true", T.MOTION),
        ("temperature", "21.5", T.MEASUREMENT),
    ],
)
def test_it_reads_one_attribute_to_a_topic(attribute: str, payload: str, kind: T) -> None:
    (signal,) = heard(f"zigbee2mqtt/floor1/bed/{attribute}", payload)
    assert (signal.device, signal.type) == ("floor1/bed", kind)


@pytest.mark.parametrize(
    ("payload", "kind"),
    [
        ({"state": "online"}, T.HEARTBEAT),
        ("online", T.HEARTBEAT),
        ({"state": "offline"}, T.OFFLINE),
        ("offline", T.OFFLINE),
        ("?", T.FAULT),
    ],
)
def test_it_reads_availability_old_and_new(payload: Any, kind: T) -> None:
    (signal,) = heard("zigbee2mqtt/bed/availability", payload)
    assert (signal.device, signal.type) == ("bed", kind)


def test_it_tells_the_gateway_from_its_devices() -> None:
    (signal,) = heard("zigbee2mqtt_floor2/bridge/state", {"state": "offline"})
    assert (signal.device, signal.type) == ("zigbee2mqtt_floor2/bridge", T.OFFLINE)
    (signal,) = heard("zigbee2mqtt/bridge/state", "online")
    assert (signal.device, signal.type) == ("zigbee2mqtt/bridge", T.ONLINE)
    assert heard("zigbee2mqtt/bridge/state", "??") == ()


@pytest.mark.parametrize(
    ("event", "about", "kind"),
    [
        ("device_leave", {"friendly_name": "bed", "ieee_address": "0x1"}, T.FAULT),
        ("device_leave", {"ieee_address": "0x1"}, T.FAULT),
        ("device_announce", {"friendly_name": "bed"}, T.HEARTBEAT),
        ("device_interview", {"friendly_name": "bed", "status": "failed"}, T.FAULT),
        ("device_interview", {"friendly_name": "bed", "status": "started"}, None),
        ("device_joined", {"friendly_name": "bed"}, None),
    ],
)
def test_it_follows_devices_coming_and_going(event: str, about: dict[str, str], kind: T | None) -> None:
    signals = heard("zigbee2mqtt/bridge/event", {"type": event, "data": about})
    expected = [] if kind is None else [(about.get("friendly_name", "0x1"), kind)]
    assert [(signal.device, signal.type) for signal in signals] == expected


def test_it_hears_version_one_say_that_a_device_left() -> None:
    (signal,) = heard(
        "zigbee2mqtt/bridge/log",
        {"type": "device_removed", "message": "left_network", "meta": {"friendly_name": "bed"}},
    )
    assert (signal.device, signal.type) == ("bed", T.FAULT)


def test_it_reads_the_time_of_the_message_where_configured() -> None:
    for seen in ("2026-11-21T16:00:00+08:00", "2026-11-21T08:00:00.000Z", 1795248000000):
        assert heard("zigbee2mqtt/bed", {"sos": True, "last_seen": seen})[0].at == datetime(
            2026, 11, 21, 8, 0, tzinfo=UTC
        )


def test_it_tells_a_bed_pad_from_a_door_where_anything_tells() -> None:
    for topic, extra in (("bed_pad_12", {}), ("spm915", {}), ("x", {"device": {"model": "SPM915"}})):
        (signal,) = heard(f"zigbee2mqtt/{topic}", {"contact": False, **extra})
        assert (signal.type, signal.measurements) == (T.PRESENCE, {"in_bed": True})
    (door,) = heard("zigbee2mqtt/bedroom_door", {"contact": False})
    assert (door.type, door.measurements) == (T.DOOR, {"open": True})


def test_it_writes_hardware_addresses_one_way() -> None:
    canonical = devices.FAMILIES["zigbee2mqtt"].canonical
    assert canonical(" 0x00158D0001D64498 ") == "0x00158d0001d64498"
    assert canonical("Bed Button") == "Bed Button"
