"""Values that mean what their names say."""

from __future__ import annotations

from typing import Any

import pytest

from devices import SignalType as T
from devices import Suspect
from devices.shared import plain_words
from devices.shared.finding import Findings


def read(name: str, value: Any) -> Findings:
    findings = Findings()
    plain_words.read(name, value, findings)
    return findings


@pytest.mark.parametrize(
    ("name", "value", "kinds"),
    [
        ("Room4/PullCord", True, [T.PRESS]),
        ("emergency_signal", True, [T.SOS]),
        ("emergency_signal", "1", [T.SOS]),
        ("sos_count", "7", [T.MEASUREMENT]),
        ("emergency_exit", "on", [T.DOOR]),
        ("smoke_level", "3", [T.MEASUREMENT]),
        ("smoke_level", "low", []),
        ("smoke", "12.5", [T.MEASUREMENT]),
        ("gas", "detected", [T.GAS]),
        ("gas", "clear", []),
        ("fall", "fallen", [T.FALL]),
        ("button", "3", [T.PRESS]),
        ("button", "0", []),
        ("button", "idle", []),
        ("status", "fall detected", [T.FALL]),
        ("status", "SOS!", [T.SOS]),
        ("status", "fine", []),
        ("status", "12", [T.MEASUREMENT]),
        ("battery_low", "on", [T.BATTERY_LOW]),
        ("battery", "low", [T.BATTERY_LOW]),
        ("sos_button_battery", "on", [T.BATTERY_LOW]),
        ("sos_button_battery", "off", []),
        ("battery", "80", []),
        ("battery voltage", 3.1, []),
        ("alarm/state", "ON", [T.FAULT]),
        ("alarm", "off", []),
        ("alarm_clock", "on", []),
        ("sos_button_action", "single", [T.SOS]),
        ("sos_button_action", "idle", []),
        ("sos_button_update", "on", []),
        ("sos_button_last_seen", "2026-11-21T08:00:00Z", []),
        ("sos_button_connectivity", "off", [T.OFFLINE]),
        ("sos_button_connectivity", "on", []),
        ("smoke_test", "on", [T.TEST]),
        ("sos test", True, [T.TEST]),
        ("water_heater_power", "on", []),
        ("gas_boiler", "on", []),
        ("fire_tv", "on", []),
        ("gas_stove_alarm", "on", [T.GAS]),
        ("water_tank_leak", "on", [T.WATER]),
        ("物", "on", []),
    ],
)
def test_it_reads_a_value_by_its_name(name: str, value: Any, kinds: list[T]) -> None:
    assert [one.type for one in read(name, value).found] == kinds


def test_it_knows_per_cent_from_volts() -> None:
    assert read("battery", "80").battery == 80
    assert read("battery voltage", 3.1).measurements == {"battery_voltage": 3.1}


def test_it_takes_no_unknown_word_of_an_alarm_for_nothing() -> None:
    (one,) = read("fall", "perhaps").found
    assert (one.type, one.suspect) == (T.FAULT, Suspect.UNKNOWN_CODE)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("emergency_number", "+4915112345678"),
        ("emergency_contact", "Anna 0151 1234567"),
        ("keypad_action_code", "4711"),
        ("caller", "4915112345678"),
        ("last_call", "+49 151 1234567"),
        ("doorbell", "call from +49 151 1234567"),
        ("citizen_id", 1234567890123),
        ("sos_pin", "12"),
        ("fall", "Anna, room 12345"),
    ],
)
def test_it_copies_no_numbers_of_people(name: str, value: Any) -> None:
    findings = read(name, value)
    for digits in ("1234", "4711", "12"):
        assert digits not in repr((findings.found, findings.measurements))


@pytest.mark.parametrize(
    ("word", "gesture"), [("on", "single"), ("double_press", "double"), ("hold", "long"), ("twist", "twist")]
)
def test_it_tells_how_a_button_was_pressed(word: str, gesture: str) -> None:
    (one,) = read("button", word).found
    assert (one.type, one.gesture) == (T.PRESS, gesture)
