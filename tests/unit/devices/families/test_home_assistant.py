"""Home Assistant: states, event entities and events, of things that people named."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

import devices
from devices import Signal, Suspect
from devices import SignalType as T


def state(entity: str, word: str, attribute: str = "state") -> tuple[Signal, ...]:
    return devices.decode(f"homeassistant/{entity.replace('.', '/')}/{attribute}", word.encode())


def event(said: Any, topic: str = "home/doorbell/state") -> tuple[Signal, ...]:
    return devices.decode(topic, json.dumps(said).encode())


@pytest.mark.parametrize(
    ("entity", "word", "expected"),
    [
        ("binary_sensor.bed12_call", "on", [T.PRESS]),
        ("binary_sensor.bed12_call", '"on"', [T.PRESS]),
        ("binary_sensor.bed12_call", "off", []),
        ("binary_sensor.bath_pull_cord", "on", [T.PRESS]),
        ("binary_sensor.room_4_sos", "on", [T.SOS]),
        ("binary_sensor.room_4_sos", "off", [T.HEARTBEAT]),
        ("input_boolean.emergency", "on", [T.SOS]),
        ("binary_sensor.fall_radar", "on", [T.FALL]),
        ("binary_sensor.kitchen_smoke", "on", [T.SMOKE]),
        ("binary_sensor.sink_leak", "on", [T.WATER]),
        ("binary_sensor.front_door", "on", [T.DOOR]),
        ("binary_sensor.front_door", "off", [T.DOOR]),
        ("binary_sensor.hall_motion", "on", [T.MOTION]),
        ("binary_sensor.pendant_battery_low", "on", [T.BATTERY_LOW]),
        ("binary_sensor.strap_tamper", "on", [T.TAMPER]),
        ("sensor.pendant_battery", "87", [T.HEARTBEAT]),
        ("sensor.bedroom_temperature", "21.5", [T.MEASUREMENT]),
        ("sensor.anna_heart_rate", "71", [T.MEASUREMENT]),
        ("sensor.zigbee_button_action", "double", [T.PRESS]),
        ("sensor.zigbee_button_action", "", []),
        ("sensor.zigbee_button_action", "emergency", [T.SOS]),
        ("sensor.keypad_state", "panic", [T.SOS]),
        ("alarm_control_panel.flat", "triggered", [T.INTRUDER]),
        ("alarm_control_panel.flat", "armed_away", []),
        ("device_tracker.anna", "not_home", [T.PRESENCE]),
        ("cover.garage", "open", [T.DOOR]),
        ("light.bed12_call", "on", []),
        ("switch.water_heater", "on", []),
        ("binary_sensor.gas_boiler", "on", [T.HEARTBEAT]),
        ("media_player.fire_tv", "playing", []),
        ("binary_sensor.bed12_call", "unavailable", [T.OFFLINE]),
        ("binary_sensor.bed12_call", "unknown", []),
        ("event.doorbell", "unknown", []),
    ],
)
def test_it_reads_states_by_the_names_of_their_entities(entity: str, word: str, expected: list[T]) -> None:
    signals = state(entity, word)
    assert [signal.type for signal in signals] == expected
    assert all(signal.device == entity and signal.suspect is None for signal in signals)


@pytest.mark.parametrize("attribute", ["last_changed", "friendly_name", "event_type", "config", "device_class"])
def test_it_takes_attributes_and_discovery_for_no_news(attribute: str) -> None:
    assert state("binary_sensor.bed12_call", '"SOS button"', attribute) == ()


def test_it_knows_an_event_entitys_old_press_when_home_assistant_starts_again() -> None:
    (first,) = state("event.doorbell", "2026-11-21T08:00:00.123+00:00")
    (again,) = state("event.doorbell", "2026-11-21T08:00:00.123+00:00")
    (later,) = state("input_button.help", "2026-11-21T08:05:00.123+00:00")
    assert (first.type, first.at) == (T.PRESS, datetime(2026, 11, 21, 8, 0, 0, 123000, tzinfo=UTC))
    assert first.ref == again.ref != later.ref


@pytest.mark.parametrize(
    ("said", "expected", "gesture"),
    [
        ({"event_type": "press", "duration": 0.1}, [T.PRESS], "single"),
        ({"event_type": "hold"}, [T.PRESS], "long"),
        ({"event_type": "double_press"}, [T.PRESS], "double"),
        ({"event_type": "ring"}, [T.PRESS], "ring"),
        ({"event_type": "released"}, [], None),
        ({"event_type": "sos"}, [T.SOS], None),
        ({"event_type": "motion"}, [T.MOTION], None),
        ({"event_type": None}, [], None),
        ({}, [T.SOS], None),
        ([1], [T.SOS], None),
    ],
)
def test_it_reads_event_entities(said: Any, expected: list[T], gesture: str | None) -> None:
    signals = event(said)
    assert [signal.type for signal in signals] == expected
    assert all((one.device, one.gesture) == ("home/doorbell", gesture) for one in signals)


@pytest.mark.parametrize(("word", "kind"), [("online", T.HEARTBEAT), ("offline", T.OFFLINE), ("?", T.FAULT)])
def test_it_reads_availability(word: str, kind: T) -> None:
    (signal,) = devices.decode("home/doorbell/available", word.encode())
    assert (signal.type, signal.device) == (kind, "home/doorbell")


def test_it_reads_whether_home_assistant_itself_is_there() -> None:
    (there,) = devices.decode("homeassistant/status", b"online")
    (gone,) = devices.decode("homeassistant/status", b"offline")
    assert [(one.type, one.device) for one in (there, gone)] == [
        (T.ONLINE, "homeassistant"),
        (T.OFFLINE, "homeassistant"),
    ]


@pytest.mark.parametrize(
    ("command", "cluster", "expected"),
    [
        ("emergency", 1281, [T.SOS]),
        ("panic", 1281, [T.SOS]),
        ("fire", 1281, [T.SMOKE]),
        ("arm", 1281, []),
        ("attribute_updated", 6, []),
        ("remote_button_short_press", 6, [T.PRESS]),
        ("remote_button_double_press", 6, [T.PRESS]),
        ("on", 6, [T.PRESS]),
    ],
)
def test_it_reads_what_zha_hands_on(command: str, cluster: int, expected: list[T]) -> None:
    about = {"device_ieee": "84:71:27:FF:FE:05:42:EB", "cluster_id": cluster, "command": command, "args": [3, "1234"]}
    signals = event({"event_type": "zha_event", "data": about}, "homeassistant/event")
    assert [signal.type for signal in signals] == expected
    assert all(one.device == "84:71:27:ff:fe:05:42:eb" and "1234" not in repr(one) for one in signals)


def test_it_takes_no_unknown_command_of_an_alarm_cluster_for_nothing() -> None:
    about = {"device_ieee": "84:71:27:ff:fe:05:42:eb", "cluster_id": 1281, "command": "howl"}
    (signal,) = event({"event_type": "zha_event", "data": about}, "homeassistant/event")
    assert (signal.type, signal.suspect) == (T.FAULT, Suspect.UNKNOWN_CODE)


def test_it_leaves_home_assistants_own_events_alone() -> None:
    assert event({"event_type": "call_service", "data": {"service": "panic"}}, "homeassistant/event") == ()


@pytest.mark.parametrize("payload", [b"\xff\xfe", b'{"event_type":"press"', b'{"event_type":"a","event_type":"b"}'])
def test_it_takes_what_nobody_can_read_as_a_call(payload: bytes) -> None:
    (signal,) = devices.decode("home/doorbell/state", payload)
    assert (signal.type, signal.suspect, signal.device) == (T.SOS, Suspect.UNPARSEABLE, "home/doorbell")
    if not payload.isascii():
        (entity,) = devices.decode("homeassistant/binary_sensor/bed12_call/state", payload)
        assert (entity.suspect, entity.device) == (Suspect.UNPARSEABLE, "binary_sensor.bed12_call")
