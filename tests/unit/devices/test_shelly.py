"""Shelly, both families: buttons, inputs, detectors, and Bluetooth behind a gateway."""

from __future__ import annotations

import json
from typing import Any

import pytest

import devices
from devices import Signal, SignalType, Suspect

T = SignalType
BUTTON = "shellies/shellybutton1-A4CF12F45301"
PLUS = "shellyplusi4-a8032ab1fbb0"
TS = 1795248000.5


def told(topic: str, said: Any) -> tuple[Signal, ...]:
    return devices.decode(topic, said.encode() if isinstance(said, str) else json.dumps(said).encode())


def events(*items: dict[str, Any], prefix: str = PLUS) -> tuple[Signal, ...]:
    said = {
        "src": prefix,
        "method": "NotifyEvent",
        "params": {"ts": TS, "events": [{"ts": TS, **one} for one in items]},
    }
    return told(f"{prefix}/events/rpc", said)


def status(method: str = "NotifyStatus", /, **parts: Any) -> tuple[Signal, ...]:
    params = {"ts": TS} | {name.replace("_", ":", 1): part for name, part in parts.items()}
    return told(f"{PLUS}/events/rpc", {"method": method, "params": params})


@pytest.mark.parametrize(
    ("event", "gesture"),
    [("S", "single"), ("SS", "double"), ("SSS", "triple"), ("L", "long"), ("SL", "single_long"), ("X", "X")],
)
def test_it_tells_how_a_first_generation_button_was_pressed(event: str, gesture: str) -> None:
    (signal,) = told(f"{BUTTON}/input_event/0", {"event": event, "event_cnt": 3})
    assert (signal.type, signal.gesture, signal.measurements["event_cnt"]) == (T.PRESS, gesture, 3)


def test_it_makes_no_key_of_a_count_that_starts_again_after_a_reboot() -> None:
    before, after = (told(f"{BUTTON}/input_event/0", {"event": "S", "event_cnt": 1})[0] for _ in range(2))
    assert before.ref is after.ref is None


def test_it_takes_no_event_for_no_press() -> None:
    (signal,) = told(f"{BUTTON}/input_event/0", {"event": "", "event_cnt": 0})
    assert signal.type is T.HEARTBEAT


def test_it_takes_the_last_press_in_a_dump_for_new_only_when_the_button_woke_the_device() -> None:
    inputs = {"inputs": [{"input": 0, "event": "L", "event_cnt": 5}], "bat": {"value": 61}}
    (woken,) = told(f"{BUTTON}/info", inputs | {"act_reasons": ["button"]})
    assert (woken.type, woken.gesture, woken.battery) == (T.PRESS, "long", 61)
    (old,) = told(f"{BUTTON}/info", inputs | {"act_reasons": ["periodic"]})
    (mains,) = told(f"{BUTTON}/info", inputs)
    assert (old.type, mains.type) == (T.HEARTBEAT, T.HEARTBEAT)


@pytest.mark.parametrize(
    ("rest", "payload", "kind"),
    [
        ("sensor/smoke", "true", T.SMOKE),
        ("sensor/smoke", "false", T.HEARTBEAT),
        ("sensor/flood", "true", T.WATER),
        ("sensor/gas", "heavy", T.GAS),
        ("sensor/gas", "mild", T.GAS),
        ("sensor/gas", "none", T.HEARTBEAT),
        ("sensor/gas", "test", T.TEST),
        ("sensor/operation", "fault", T.FAULT),
        ("sensor/self_test", "running", T.TEST),
        ("sensor/state", "open", T.DOOR),
        ("sensor/state", "close", T.DOOR),
        ("sensor/motion", "1", T.MOTION),
        ("sensor/vibration", "1", T.MOTION),
        ("sensor/temperature", "21.5", T.MEASUREMENT),
        ("sensor/temperature", "999", T.HEARTBEAT),
        ("sensor/error", "0", T.HEARTBEAT),
        ("sensor/error", "3", T.FAULT),
        ("sensor/act_reasons", '["button"]', T.HEARTBEAT),
        ("longpush/0", "1", T.PRESS),
        ("overtemperature", "1", T.FAULT),
        ("temperature", "48.2", T.HEARTBEAT),
        ("relay/0", "on", T.HEARTBEAT),
        ("input/0", "1", T.HEARTBEAT),
        ("online", "true", T.HEARTBEAT),
        ("online", "false", T.OFFLINE),
        ("online", "maybe", T.FAULT),
        ("relay/0/command", "on", None),
        ("command", "announce", None),
    ],
)
def test_it_reads_plain_texts_of_the_first_generation(rest: str, payload: str, kind: T | None) -> None:
    assert [signal.type for signal in told(f"{BUTTON}/{rest}", payload)] == ([kind] if kind else [])


def test_it_reads_a_motion_sensors_status_and_a_detectors_dump() -> None:
    (motion,) = told("shellies/shellymotionsensor-1/status", {"motion": True, "bat": 88, "lux": 12, "vibration": False})
    assert (motion.type, motion.battery, motion.measurements["motion"]) == (T.MOTION, 88, True)
    (gas,) = told("shellies/shellygas-1/info", {"gas_sensor": {"alarm_state": "heavy"}, "concentration": {"ppm": 900}})
    assert gas.type is T.GAS


def test_it_takes_a_detectors_garbled_word_for_a_doubt() -> None:
    (signal,) = told("shellies/shellysmoke-1/sensor/smoke", "tru\x07")
    assert signal.suspect is Suspect.UNKNOWN_CODE


@pytest.mark.parametrize("payload", ["{", "[1]", "\x00", "S"])
def test_it_takes_a_garbled_press_for_a_call_for_help(payload: str) -> None:
    (first,) = told(f"{BUTTON}/input_event/0", payload)
    (second,) = told(f"{PLUS}/events/rpc", payload)
    assert {first.suspect, second.suspect} == {Suspect.UNPARSEABLE}
    assert (first.device, second.device) == ("shellybutton1-A4CF12F45301", PLUS)


def test_it_counts_one_push_once_though_it_is_three_events() -> None:
    down, up = ({"component": "input:0", "id": 0, "event": name} for name in ("btn_down", "btn_up"))
    assert events(down) == events(up) == ()
    (push,) = events(down, up, {"component": "input:0", "id": 0, "event": "single_push"})
    assert (push.type, push.gesture, push.ref) == (T.PRESS, "single", f"input:0 single_push {TS}")


def test_it_makes_a_key_only_of_a_time_that_can_be_true() -> None:
    (early,) = events({"component": "input:0", "event": "single_push", "ts": 12.5}, prefix="shelly-x")
    assert early.ref is None or "12.5" not in early.ref or early.at is not None


@pytest.mark.parametrize("word", ["long_double_push", "quadruple_push", "wiggle"])
def test_it_takes_a_word_of_later_firmware_for_a_press(word: str) -> None:
    (signal,) = events({"component": "input:1", "event": word})
    assert (signal.type, signal.measurements["button"], signal.measurements["input"]) == (T.PRESS, word, 1)


@pytest.mark.parametrize("component", ["bthomedevice:200", "bthomesensor:203"])
def test_it_hears_blu_buttons_of_old_and_new_firmware(component: str) -> None:
    (signal,) = events({"component": component, "event": "double_push", "idx": 1})
    assert (signal.device, signal.type, signal.gesture) == (f"{PLUS}/{component}", T.PRESS, "double")
    assert signal.measurements["key"] == 1


@pytest.mark.parametrize("event", ["new_objects", "config_changed", "ota_progress", "device_discovered"])
def test_it_is_silent_about_housekeeping(event: str) -> None:
    assert events({"component": "bthomedevice:200", "event": event}) == ()


def test_it_reads_what_a_script_forwards_of_a_blu_device() -> None:
    data = {"BTHome_version": 2, "pid": 118, "battery": 97, "button": 4, "rssi": -76, "address": "b4:35:22:fe:56:e5"}
    (signal,) = events({"component": "script:1", "event": "shelly-blu", "data": data | {"encryption": False}})
    assert (signal.device, signal.type, signal.gesture, signal.battery) == ("B43522FE56E5", T.PRESS, "long", 97)
    (four,) = events({"component": "script:1", "event": "shelly-blu", "data": data | {"button": [0, 0, 254, 0]}})
    assert four.measurements["button3"] == "hold"
    (door,) = events(
        {"component": "script:1", "event": "shelly-blu", "data": {"address": data["address"], "window": 1}}
    )
    assert (door.type, door.measurements["open"]) == (T.DOOR, True)
    (locked,) = events({"component": "script:1", "event": "shelly-blu", "data": data | {"encryption": True}})
    assert (locked.type, locked.suspect) == (T.FAULT, Suspect.UNPARSEABLE)


def test_it_takes_mains_power_for_no_empty_battery() -> None:
    (signal,) = status(
        "NotifyFullStatus", devicepower_0={"battery": {"V": 0.4, "percent": 0}, "external": {"present": True}}
    )
    assert signal.battery is None
    (empty,) = status(devicepower_0={"battery": {"V": 2.1, "percent": 0}})
    assert empty.battery == 0


@pytest.mark.parametrize(
    ("parts", "kind"),
    [
        ({"smoke_0": {"id": 0, "alarm": True, "mute": False}}, T.SMOKE),
        ({"smoke_0": {"id": 0, "alarm": False}}, T.HEARTBEAT),
        ({"flood_0": {"id": 0, "alarm": True}}, T.WATER),
        ({"flood_0": {"id": 0, "alarm": None, "errors": ["cable_unplugged"]}}, T.FAULT),
        ({"flood_0": {"id": 0, "alarm": None}}, T.FAULT),
        ({"flood_0": {"id": 0, "alarm": "wet!"}}, T.WATER),
        ({"input_0": {"id": 0, "state": True}}, T.PRESS),
        ({"input_0": {"id": 0, "state": False}}, T.CANCEL),
        ({"input_0": {"id": 0, "state": None}}, None),
        ({"switch_0": {"id": 0, "output": True}}, T.HEARTBEAT),
        ({"temperature_0": {"id": 0, "tC": None}}, T.HEARTBEAT),
    ],
)
def test_it_reads_a_change_of_state(parts: dict[str, Any], kind: T | None) -> None:
    assert [signal.type for signal in status(**parts)] == ([kind] if kind else [])


def test_it_takes_no_resting_input_in_a_full_status_for_a_release() -> None:
    (signal,) = status("NotifyFullStatus", input_0={"id": 0, "state": False}, sys={"uptime": 3})
    assert signal.type is T.HEARTBEAT


def test_it_tells_alarms_that_come_as_events() -> None:
    assert [one.type for one in events({"component": "smoke:0", "event": "alarm"})] == [T.SMOKE]
    assert [one.type for one in events({"component": "flood:0", "event": "alarm_off"})] == [T.CANCEL]
    assert [one.type for one in events({"component": "smoke:0", "event": "alarm_test"})] == [T.TEST]


def test_it_keeps_blu_devices_apart_from_their_gateway() -> None:
    signals = status(
        bthomedevice_200={"id": 200, "rssi": -63, "battery": 90, "packet_id": 209, "last_updated_ts": 1795248000},
        bthomesensor_201={"id": 201, "value": 21.5, "last_updated_ts": 1795248000},
    )
    assert [(one.device, one.type) for one in signals] == [
        (f"{PLUS}/bthomedevice:200", T.HEARTBEAT),
        (f"{PLUS}/bthomesensor:201", T.MEASUREMENT),
    ]


def test_it_reads_status_topics_and_leaves_orders_and_answers_alone() -> None:
    (flood,) = told(f"{PLUS}/status/flood:0", {"id": 0, "alarm": True})
    assert (flood.type, flood.device) == (T.WATER, PLUS)
    assert told(f"{PLUS}/events/rpc", {"id": 1, "result": {}}) == ()
    assert devices.family_of(f"{PLUS}/rpc") is None
    gen2 = devices.family_of("shellies/plus-1/events/rpc")
    assert gen2 is not None
    assert gen2.name == "shelly_gen2"
