"""LifeSOS base units: Contact ID under friendly names, and devices that only say "Trigger"."""

from __future__ import annotations

import json
from typing import Any

import pytest

import devices
from devices import Signal, Suspect
from devices import SignalType as T
from devices.families.lifesos.codes import CODES


def event(code: str | None, qualifier: str = "Event", category: str = "Alarm", **more: Any) -> tuple[Signal, ...]:
    said = {"event_qualifier": qualifier, "event_category": category, "event_code": code, "zone": "04-03"}
    return devices.decode("home/alarm/event", json.dumps(said | more).encode())


def kinds(signals: tuple[Signal, ...]) -> list[T]:
    return [signal.type for signal in signals]


def device(word: str, name: str = "pendant") -> tuple[Signal, ...]:
    return devices.decode(f"home/room12/{name}/event_code", word.encode())


@pytest.mark.parametrize(
    ("code", "begun", "over"),
    [
        ("Medical", [T.SOS], [T.CANCEL]),
        ("PersonalEmergency", [T.SOS], [T.CANCEL]),
        ("Panic", [T.SOS], [T.CANCEL]),
        ("Duress", [T.SOS], [T.CANCEL]),
        ("FailToReportIn", [T.INACTIVITY], [T.CANCEL]),
        ("SeniorWatchTrouble", [T.INACTIVITY], [T.CANCEL]),
        ("LatchKeySupervision", [T.NO_CHECK_IN], [T.CANCEL]),
        ("Fire", [T.SMOKE], [T.CANCEL]),
        ("Smoke", [T.SMOKE], [T.CANCEL]),
        ("Heat", [T.HEAT], [T.CANCEL]),
        ("GasDetected", [T.GAS], [T.CANCEL]),
        ("CarbonMonoxideDetected", [T.CO], [T.CANCEL]),
        ("WaterLeakage", [T.WATER], [T.CANCEL]),
        ("Burglary", [T.INTRUDER], [T.CANCEL]),
        ("Tamper", [T.TAMPER], [T.HEARTBEAT]),
        ("SensorTamper_Trouble", [T.TAMPER], [T.HEARTBEAT]),
        ("ACLoss", [T.MAINS_LOST], [T.MAINS_BACK]),
        ("ACPowerLoss", [T.MAINS_LOST], [T.MAINS_BACK]),
        ("LowSystemBattery", [T.BATTERY_LOW], [T.BATTERY_OK]),
        ("RFLowBattery", [T.BATTERY_LOW], [T.BATTERY_OK]),
        ("LossOfSupervision_RF", [T.OFFLINE], [T.ONLINE]),
        ("RFReceiverJamDetect", [T.FAULT], [T.HEARTBEAT]),
        ("ZoneSensorBypass", [T.FAULT], [T.HEARTBEAT]),
        ("HighTemp", [T.FAULT], [T.HEARTBEAT]),
        ("PeriodicTestReport", [T.TEST], [T.HEARTBEAT]),
        ("Cancel", [T.CANCEL], [T.CANCEL]),
        ("OpenClose", [], []),
        ("WrongCodeEntry", [], []),
    ],
)
def test_it_reads_what_begins_and_what_is_over(code: str, begun: list[T], over: list[T]) -> None:
    assert kinds(event(code)) == begun
    assert kinds(event(code, "Restore")) == over


def test_it_knows_every_code_of_contact_id_that_the_library_names() -> None:
    assert len(CODES) >= 200
    for code in CODES:
        assert all(signal.suspect is None for signal in event(code))


def test_it_takes_a_repeat_for_the_alarm_whose_first_word_may_be_lost() -> None:
    (signal,) = event("Medical", "Repeat")
    assert (signal.type, signal.measurements["qualifier"]) == (T.SOS, "Repeat")


@pytest.mark.parametrize(("category", "kind"), [("Alarm", T.SOS), ("Trouble", T.FAULT), (None, T.FAULT)])
@pytest.mark.parametrize("code", ["Undefined_199", None, ""])
def test_it_takes_no_unknown_code_for_nothing(category: Any, kind: T, code: str | None) -> None:
    (signal,) = event(code, category=category)
    assert (signal.type, signal.suspect) == (kind, Suspect.UNKNOWN_CODE)


def test_it_tells_the_zone_and_never_who_entered_a_code() -> None:
    (signal,) = event("Medical", user_id=4711, device_category={"code": "m", "description": "Medical"})
    assert (signal.device, signal.measurements["zone"], signal.text) == ("home/alarm", "04-03", "zone 04-03")
    assert "4711" not in repr(signal)


@pytest.mark.parametrize(
    ("topic", "word", "kind"),
    [
        ("home/alarm/event_code", "Medical", T.SOS),
        ("home/alarm/event_code", "ACPowerLoss", T.MAINS_LOST),
        ("home/alarm/restore_code", "ACPowerLoss", T.MAINS_BACK),
        ("home/alarm/restore_code", "Medical", T.CANCEL),
        ("home/alarm/event_code", "BatteryLow", T.BATTERY_LOW),
        ("home/alarm/event_code", "LowBattery", T.BATTERY_LOW),
        ("home/alarm/is_connected", "True", T.ONLINE),
        ("home/alarm/is_connected", "False", T.OFFLINE),
        ("home/alarm/is_connected", "perhaps", T.FAULT),
    ],
)
def test_it_reads_the_plain_twins(topic: str, word: str, kind: T) -> None:
    (signal,) = devices.decode(topic, word.encode())
    assert (signal.type, signal.device, signal.suspect) == (kind, "home/alarm", None)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("Trigger", [T.SOS]),
        ("Panic", [T.SOS]),
        ("Button", [T.PRESS]),
        ("Heartbeat", [T.HEARTBEAT]),
        ("Reading", [T.HEARTBEAT]),
        ("PowerOnReset", [T.HEARTBEAT]),
        ("NewBattery", [T.HEARTBEAT]),
        ("BatteryLow", [T.BATTERY_LOW]),
        ("Tamper", [T.TAMPER]),
        ("Test", [T.TEST]),
        ("Open", [T.DOOR]),
        ("Close", [T.DOOR]),
        ("Away", []),
        ("Disarm", []),
        ("Home", []),
    ],
)
def test_it_reads_what_a_device_says(word: str, expected: list[T]) -> None:
    assert kinds(device(word)) == expected


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("pendant", T.SOS),
        ("strap-3", T.SOS),
        ("motion", T.MOTION),
        ("smoke", T.SMOKE),
        ("gas", T.GAS),
        ("co_detector", T.CO),
        ("flood", T.WATER),
        ("window", T.DOOR),
    ],
)
def test_it_reads_a_trigger_by_the_name_of_its_topic_and_else_as_a_call(name: str, kind: T) -> None:
    assert kinds(device("Trigger", name)) == [kind]


def test_it_takes_an_unknown_word_of_a_device_for_an_unknown_code() -> None:
    (signal,) = device("Squeeze")
    assert (signal.type, signal.suspect, signal.device) == (T.FAULT, Suspect.UNKNOWN_CODE, "home/room12/pendant")


@pytest.mark.parametrize("payload", [b"\xff\xfe", b"\x00\x01\x02x", b"x" * 400])
def test_it_takes_what_nobody_can_read_as_a_call(payload: bytes) -> None:
    (signal,) = devices.decode("home/room12/pendant/event_code", payload)
    assert (signal.type, signal.suspect) == (T.SOS, Suspect.UNPARSEABLE)
    (base,) = devices.decode("home/alarm/event", payload)
    assert (base.type, base.suspect, base.device) == (T.SOS, Suspect.UNPARSEABLE, "home/alarm")


def test_it_takes_two_answers_to_the_same_question_for_none() -> None:
    (signal,) = devices.decode("home/alarm/event", b'{"event_code":"Cancel","event_code":"Medical"}')
    assert (signal.type, signal.suspect) == (T.SOS, Suspect.UNPARSEABLE)


@pytest.mark.parametrize(
    ("topic", "word"),
    [
        ("home/room12/pendant", "On"),
        ("home/room12/pendant", "Off"),
        ("home/alarm", "Disarm"),
        ("home/alarm/ha_state", "triggered"),
        ("home/alarm/operation_mode", "Home"),
        ("home/alarm/entry_delay", "15"),
        ("home/room12/pendant/device_id", "123abc"),
        ("home/room12/pendant/category/code", "m"),
        ("home/room12/pendant/enable_status/Bypass", "False"),
    ],
)
def test_it_does_not_take_the_bridges_simulated_state_or_settings_for_news(topic: str, word: str) -> None:
    assert devices.decode(topic, word.encode(), family="lifesos") == ()


def test_it_reads_a_sensors_own_topic_when_the_family_is_named() -> None:
    (warm,) = devices.decode("flat3/lounge/temp", b"21.5", family="lifesos")
    assert (warm.type, warm.device, warm.measurements) == (T.MEASUREMENT, "flat3/lounge/temp", {"temperature": 21.5})
    (door,) = devices.decode("flat3/door", b"Closed", family="lifesos")
    assert (door.type, door.measurements["open"]) == (T.DOOR, False)
    (call,) = devices.decode("flat3/strap/event_code", b"Trigger", family="lifesos")
    assert (call.type, call.device) == (T.SOS, "flat3/strap")
