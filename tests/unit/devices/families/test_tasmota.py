"""Tasmota: wired buttons and cords, radio codes, Zigbee, sensors."""

from __future__ import annotations

import json
from typing import Any

import pytest

import devices
from devices import Signal, SignalType, Suspect

T = SignalType


def told(topic: str, said: Any) -> tuple[Signal, ...]:
    return devices.decode(topic, said.encode() if isinstance(said, str) else json.dumps(said).encode())


def zigbee(**said: Any) -> tuple[Signal, ...]:
    return told("tele/zb/SENSOR", {"ZbReceived": {said.get("Name", "0x1234"): {"Device": "0x1234", **said}}})


@pytest.mark.parametrize(
    ("word", "gesture"),
    [
        ("SINGLE", "single"),
        ("DOUBLE", "double"),
        ("QUAD", "quadruple"),
        ("PENTA", "quintuple"),
        ("HOLD", "long"),
        ("TOGGLE", "single"),
        ("PINCH", "pinch"),
    ],
)
def test_it_reads_a_button_in_each_of_the_ways_it_is_published(word: str, gesture: str) -> None:
    ways = [
        told("stat/bath12/BUTTON2", {"ACTION": word}),
        told("stat/bath12/RESULT", {"Button2": {"Action": word}}),
        told("bath12/stat/BUTTON2", {"ACTION": word}),
        told("stat/bath12/BUTTON2", word),
    ]
    assert {(one.device, one.type, one.gesture) for (one,) in ways} == {("bath12", T.PRESS, gesture)}


def test_it_notes_a_cord_let_go_and_closes_nothing() -> None:
    (pulled,) = told("stat/bath12/RESULT", {"Switch1": {"Action": "ON"}})
    (released,) = told("stat/bath12/RESULT", {"Switch1": {"Action": "OFF"}})
    assert (pulled.type, released.type) == (T.PRESS, T.CANCEL)
    assert told("tele/bath12/SENSOR", {"Time": "2021-01-01T00:00:00", "Switch1": "OFF"})[0].type is T.CANCEL


def test_it_takes_a_cord_at_rest_beside_other_news_for_neither_pulled_nor_released() -> None:
    (signal,) = told("tele/b/SENSOR", {"Switch1": "OFF", "AM2301": {"Temperature": 21.0, "Humidity": 50}})
    assert (signal.type, signal.measurements["Switch1"]) == (T.MEASUREMENT, "OFF")
    (second,) = told("tele/b/SENSOR", {"Switch1": "OFF", "Switch2": "ON"})
    assert (second.type, second.measurements["key"]) == (T.PRESS, "Switch2")


@pytest.mark.parametrize(
    ("name", "word", "kind"),
    [
        ("Bath_Cord", "ON", T.PRESS),
        ("Garage", "ON", T.PRESS),
        ("Bath_Cord", "OFF", T.CANCEL),
        ("Smoke_Hall", "ON", T.SMOKE),
        ("Front_Door", "OFF", T.DOOR),
        ("PIR_Hall", "ON", T.MOTION),
    ],
)
def test_it_reads_a_switch_by_the_name_it_was_given(name: str, word: str, kind: T) -> None:
    (signal,) = told("tele/b/SENSOR", {"Time": "2026-11-21T08:00:00", name: word, "TempUnit": "C"})
    assert signal.type is kind


def test_it_hears_an_infrared_remote() -> None:
    (signal,) = told(
        "tele/ir/RESULT", {"IrReceived": {"Protocol": "NEC", "Bits": 32, "Data": "0x8166817E", "Repeat": 0}}
    )
    assert (signal.device, signal.type) == ("0x8166817E", T.PRESS)


def test_it_takes_a_zigbee_message_it_cannot_read_for_a_call_for_help() -> None:
    (signal,) = told("tele/zb/SENSOR", {"ZbReceived": {"bath_cord": 5}})
    assert (signal.device, signal.suspect) == ("bath_cord", Suspect.UNPARSEABLE)


def test_it_ignores_the_rest_of_a_long_hold() -> None:
    assert told("stat/b/RESULT", {"Switch1": {"Action": "CLEAR"}}) == ()
    assert told("stat/b/RESULT", {"Switch1": {"Action": "INC_DEC"}}) == ()


def test_it_reads_no_device_time_of_a_clock_without_zone() -> None:
    assert told("tele/b/SENSOR", {"Time": "1970-01-01T00:00:07", "Switch1": "ON"})[0].at is None


@pytest.mark.parametrize("key", ["None", 16, 3])
def test_it_knows_a_radio_sender_by_its_code_alone(key: object) -> None:
    heard = [
        told(f"tele/{bridge}/RESULT", {"RfReceived": {"Sync": sync, "Low": 310, "Data": "bc7de4", "RfKey": key}})
        for bridge, sync in (("floor1", 9450), ("floor2", 9500))
    ]
    assert {(one.device, one.type, one.ref) for (one,) in heard} == {("BC7DE4", T.PRESS, None)}


def test_it_opens_nothing_for_a_strangers_code() -> None:
    (stranger,) = told("tele/rf/RESULT", {"RfReceived": {"Data": "982817", "RfKey": "None"}})
    assert devices.meaning(stranger, None) is None
    assert devices.meaning(stranger, "pendant") is T.SOS


def test_it_says_when_a_bridge_stops_decoding() -> None:
    (raw,) = told("tele/rf/RESULT", {"RfRaw": {"Data": "AAA436BA01CC0546336D0E55"}})
    assert (raw.type, raw.device) == (T.FAULT, "rf")
    assert told("stat/rf/RESULT", {"RfRaw": "ON"}) == ()


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ({"0501!02": "", "Endpoint": 1}, T.SOS),
        ({"0501!04": ""}, T.SOS),
        ({"0501!00": "0100"}, None),
        ({"PersonalAlarm": 1, "ZoneStatusChange": 1}, T.SOS),
        ({"Panic": 1}, T.SOS),
        ({"Fire": 1, "ZoneStatusChange": 1}, T.SMOKE),
        ({"Fire": 0, "ZoneStatusChange": 0}, T.CANCEL),
        ({"CO": 1}, T.CO),
        ({"Water": 1, "ZoneStatusChange": 1}, T.WATER),
        ({"ZoneStatusChange": 1, "Name": "smoke_hall"}, T.SMOKE),
        ({"ZoneStatusChange": 1, "Name": "sos_bath"}, T.SOS),
        ({"ZoneStatusChange": 1, "ModelId": "lumi.sensor_smoke"}, T.SMOKE),
        ({"ZoneStatusChange": 1}, T.WATER),
        ({"ZoneStatusChange": 4, "Water": 0}, T.TAMPER),
        ({"ZoneStatusChange": 8}, T.BATTERY_LOW),
        ({"ZoneStatusChange": 256}, T.TEST),
        ({"ZoneStatus": 0, "Water": 0}, T.HEARTBEAT),
        ({"Occupancy": 1, "ZoneStatusChange": 1}, T.MOTION),
        ({"Contact": 0, "ZoneStatusChange": 0}, T.DOOR),
        ({"Power": 2, "0006!02": "", "Endpoint": 1}, T.PRESS),
        ({"Power": True}, T.HEARTBEAT),
        ({"Power": 1}, T.HEARTBEAT),
        ({"Click": "double"}, T.PRESS),
        ({"DimmerMove": 0, "0008!05": "0054"}, T.PRESS),
        ({"DimmerStop": True, "0008!07": ""}, T.HEARTBEAT),
        ({"Temperature": 20.5, "BatteryPercentage": 87}, T.MEASUREMENT),
    ],
)
def test_it_reads_what_zigbee_devices_say(said: dict[str, Any], kind: T | None) -> None:
    assert [signal.type for signal in zigbee(**said)] == ([kind] if kind else [])


def test_it_takes_contact_one_for_an_open_door() -> None:
    (signal,) = zigbee(Contact=1, Name="front door")
    assert (signal.device, signal.measurements["open"]) == ("front door", True)


@pytest.mark.parametrize(
    ("topic", "payload", "kind"),
    [
        ("tele/b/STATE", {"Uptime": "1T", "POWER": "ON"}, T.HEARTBEAT),
        ("tele/b/INFO1", {"Info1": {"Module": "Generic"}}, T.HEARTBEAT),
        ("tele/b/LWT", "Online", T.HEARTBEAT),
        ("tele/b/LWT", "Offline", T.OFFLINE),
        ("tele/b/LWT", "?", T.FAULT),
        (
            "stat/b/STATUS8",
            {"StatusSNS": {"BME280": {"Temperature": 68, "Pressure": 1013}, "TempUnit": "F"}},
            T.MEASUREMENT,
        ),
        ("stat/b/POWER1", "ON", None),
        ("stat/b/RESULT", {"POWER1": "ON"}, None),
        ("stat/b/LOGGING", "text", None),
    ],
)
def test_it_reads_life_and_sensors(topic: str, payload: Any, kind: T | None) -> None:
    assert [signal.type for signal in told(topic, payload)] == ([kind] if kind else [])


def test_it_turns_fahrenheit_into_celsius() -> None:
    (signal,) = told("tele/b/SENSOR", {"DS18B20": {"Temperature": 68}, "TempUnit": "F"})
    assert signal.measurements["temperature"] == 20


@pytest.mark.parametrize("topic", ["tele/b/SENSOR", "stat/b/RESULT", "stat/b/BUTTON1", "tele/b/STATE"])
def test_it_takes_garbage_for_a_call_for_help(topic: str) -> None:
    (signal,) = devices.decode(topic, b"\xff\xfe{")
    assert (signal.device, signal.type, signal.suspect) == ("b", T.SOS, Suspect.UNPARSEABLE)


def test_it_leaves_orders_to_devices_alone() -> None:
    assert devices.family_of("cmnd/b/POWER") is None


@pytest.mark.parametrize("written", ["bc7de4", " BC7DE4 "])
def test_it_writes_codes_one_way(written: str) -> None:
    assert devices.FAMILIES["tasmota"].canonical(written) == "BC7DE4"
    assert devices.FAMILIES["tasmota"].canonical("0x77ad") == "0x77AD"
    assert devices.FAMILIES["tasmota"].canonical("front door") == "front door"
