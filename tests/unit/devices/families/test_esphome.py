"""ESPHome: what somebody calls a sensor says what it is; and what a free name means in general."""

from __future__ import annotations

import pytest

import devices
from devices import SignalType, Suspect
from devices.shared import wording

T = SignalType


@pytest.mark.parametrize(
    ("name", "kind", "off"),
    [
        ("call_cord", T.PRESS, T.CANCEL),
        ("bath_pull_cord_2", T.PRESS, T.CANCEL),
        ("sos_button", T.SOS, T.CANCEL),
        ("NotrufBad", T.SOS, T.CANCEL),
        ("呼叫按钮", T.PRESS, T.CANCEL),
        ("mystery", T.PRESS, T.CANCEL),
        ("fall_detected", T.FALL, T.HEARTBEAT),
        ("smoke_alarm", T.SMOKE, T.HEARTBEAT),
        ("carbon_monoxide", T.CO, T.HEARTBEAT),
        ("water_leak", T.WATER, T.HEARTBEAT),
        ("emergency_exit_door", T.DOOR, T.DOOR),
        ("hall_motion", T.MOTION, T.MOTION),
        ("people_exist", T.PRESENCE, T.PRESENCE),
        ("bed_occupancy", T.PRESENCE, T.PRESENCE),
        ("case_tamper", T.TAMPER, T.HEARTBEAT),
        ("wifi_connected", T.HEARTBEAT, T.HEARTBEAT),
    ],
)
def test_it_reads_an_input_by_its_name(name: str, kind: T, off: T) -> None:
    (on,) = devices.decode(f"bedroom12/binary_sensor/{name}/state", b"ON")
    (rest,) = devices.decode(f"bedroom12/binary_sensor/{name}/state", b"OFF")
    assert (on.device, on.type, rest.type) == ("bedroom12", kind, off)


def test_it_tells_a_stored_copy_as_one_so_that_it_is_neither_an_alarm_nor_lost() -> None:
    (copy,) = devices.decode("bedroom12/binary_sensor/call_cord/state", b"ON", retained=True)
    assert (copy.type, copy.retained) == (T.PRESS, True)
    assert not devices.is_life(copy)


@pytest.mark.parametrize(
    ("name", "word", "measurements"),
    [
        ("heart_rate", "67", {"heart_rate": 67}),
        ("mr60_breath_rate", "14.0", {"respiration_rate": 14.0}),
        ("bedroom_temperature", "21.5", {"temperature": 21.5}),
        ("heart_rate", "0", {"measuring": False}),
        ("heart_rate", "nan", {}),
        ("noise_floor", "12", {"noise_floor": 12}),
    ],
)
def test_it_reads_figures_in_common_words(name: str, word: str, measurements: dict[str, object]) -> None:
    (signal,) = devices.decode(f"bedroom12/sensor/{name}/state", word.encode())
    assert signal.measurements == measurements


def test_it_reads_a_battery_and_the_boards_own_figures_as_signs_of_life() -> None:
    (battery,) = devices.decode("n/sensor/battery_level/state", b"87")
    assert (battery.type, battery.battery) == (T.HEARTBEAT, 87)
    assert devices.decode("n/sensor/uptime/state", b"12")[0].type is T.HEARTBEAT


@pytest.mark.parametrize(
    ("payload", "kind", "gesture"),
    [
        (b'{"event_type":"double_click"}', T.PRESS, "double"),
        (b'{"event_type":"press"}', T.PRESS, "single"),
        (b"long_press", T.PRESS, "long"),
        (b'{"event_type":"sos"}', T.SOS, None),
        (b'{"event_type":"twist"}', T.PRESS, "twist"),
    ],
)
def test_it_reads_events(payload: bytes, kind: T, gesture: str | None) -> None:
    (signal,) = devices.decode("bedroom12/event/remote/state", payload)
    assert (signal.type, signal.gesture) == (kind, gesture)
    assert devices.decode("bedroom12/event/remote/state", b'{"event_type":"released"}') == ()


def test_it_reads_the_words_of_radars_and_alarm_panels() -> None:
    assert devices.decode("n/text_sensor/radar/state", b"fall detected")[0].type is T.FALL
    assert devices.decode("n/text_sensor/fall/state", b"no fall")[0].type is T.HEARTBEAT
    assert devices.decode("n/alarm_control_panel/home/state", b"triggered")[0].type is T.INTRUDER
    assert devices.decode("n/alarm_control_panel/home/state", b"armed_away") == ()


@pytest.mark.parametrize("part", ["switch", "light", "cover", "number", "lock"])
def test_it_is_silent_about_lamps_and_locks(part: str) -> None:
    assert devices.decode(f"n/{part}/x/state", b"ON") == ()


def test_it_takes_a_word_that_is_neither_on_nor_off_for_a_doubt() -> None:
    (odd,) = devices.decode("n/binary_sensor/call_cord/state", b"MAYBE")
    assert (odd.type, odd.suspect) == (T.FAULT, Suspect.UNKNOWN_CODE)
    assert devices.meaning(odd, "cord") is T.SOS
    (garbage,) = devices.decode("n/binary_sensor/call_cord/state", b"\xff\xfe")
    assert (garbage.device, garbage.suspect) == ("n", Suspect.UNPARSEABLE)


@pytest.mark.parametrize(
    "topic", ["homeassistant/status", "zigbee2mqtt/binary_sensor/x/state", "homeassistant/sensor/x/state"]
)
def test_it_leaves_others_who_share_the_shape_alone(topic: str) -> None:
    assert not devices.FAMILIES["esphome"].matches(topic)


def test_it_leaves_a_wearables_status_to_the_wearable() -> None:
    (signal,) = devices.decode("dev12/status", b"LW: Unexpected disconnection")
    assert signal.family == "carelink"
    (node,) = devices.decode("dev12/status", b"offline")
    assert (node.family, node.type) == ("esphome", T.OFFLINE)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("co2_high", None),
        ("co", T.CO),
        ("SOSButton", T.SOS),
        ("fire_exit_door", T.DOOR),
        ("Rauchmelder Küche", T.SMOKE),
        ("low_battery", T.BATTERY_LOW),
        ("lumi.sensor_wleak.aq1", T.WATER),
        ("卫生间烟雾", T.SMOKE),
        ("", None),
        ("x" * 5000, None),
    ],
)
def test_it_knows_what_people_call_their_sensors(name: str, kind: T | None) -> None:
    assert wording.kind_of(name) is kind
