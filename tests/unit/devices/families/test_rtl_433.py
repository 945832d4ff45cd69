"""Fobs, pendants and detectors off the air, by rtl_433."""

from __future__ import annotations

import json
from typing import Any

import pytest

import devices
from devices import Signal, SignalType, Suspect

T = SignalType
TOPIC = "rtl_433/attic/events"
INTERLOGIX = ("switch1", "switch2", "switch3", "switch4", "switch5")


def heard(topic: str = TOPIC, /, **said: Any) -> tuple[Signal, ...]:
    return devices.decode(topic, json.dumps(said).encode())


def one(**said: Any) -> Signal:
    (signal,) = heard(**said)
    return signal


def interlogix(subtype: str, inputs: str, **more: Any) -> Signal:
    """``inputs``: O for open and C for closed, one letter an input."""
    words = {name: "OPEN" if letter == "O" else "CLOSED" for name, letter in zip(INTERLOGIX, inputs, strict=True)}
    return one(model="Interlogix-Security", subtype=subtype, id="29cd45", **words, **more)


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        ("KR15 PANIC", T.SOS),
        ("KR18 PANIC", T.SOS),
        ("DS10A DOOR/WINDOW OPEN", T.DOOR),
        ("MOTION READY", T.MOTION),
        ("SD90 SMOKE", T.SMOKE),
    ],
)
def test_it_reads_x10_by_the_words_of_its_event(event: str, kind: T) -> None:
    assert one(model="X10-Security", id="3a5c", event=event).type is kind
    assert one(model="X10 Security", id="3a5c", remarks=event).type is kind


@pytest.mark.parametrize("event", ["KEY-FOB ARM", "SEC-REMOTE DISARM", "KEY-FOB LIGHTS-ON"])
def test_it_is_silent_when_somebody_arms_the_house(event: str) -> None:
    assert heard(model="X10-Security", id="3a5c", event=event) == ()


def test_it_takes_a_code_the_decoder_does_not_know_for_a_doubt_and_not_for_nothing() -> None:
    signal = one(model="X10-Security", id="3a5c", event="UNKNOWN")
    assert (signal.type, signal.suspect) == (T.FAULT, Suspect.UNKNOWN_CODE)
    assert one(model="Chuango-Security", id=1, cmd="?", cmd_id=12).suspect is Suspect.UNKNOWN_CODE


@pytest.mark.parametrize("said", [{"extradata": "Disarm Pin: 4711"}, {"extradata": "Arm System - Away"}])
def test_it_never_repeats_a_keypads_pin(said: dict[str, str]) -> None:
    assert heard(model="SimpliSafe-Keypad", id="2A4KP", seq=6, **said) == ()
    (panic,) = heard(model="SimpliSafe-Keypad", id="2A4KP", extradata="Keypad Panic Button", pin="4711")
    assert panic.type is T.SOS
    assert "4711" not in repr(panic)


def test_it_hears_the_panic_of_a_fob_that_sends_what_a_door_sends() -> None:
    assert one(model="SimpliSafe-Sensor", id="1M38R", state=1, extradata="Contact Open").type is T.SOS
    assert one(model="SimpliSafe-Sensor", id="1M38R", state=2, extradata="Contact Closed").type is T.DOOR
    assert one(model="SimpliSafe-Sensor", id="1M38R", state=9).suspect is Suspect.UNKNOWN_CODE


def test_it_owns_up_that_it_cannot_read_encrypted_fobs() -> None:
    assert one(model="SimpliSafe-Gen3", id="985a8ef0", ctr=4, encr="c32b").type is T.FAULT
    assert one(model="TwoGig-KEY2E345", encrypted_id="a1b2c3d4", encrypted_status="0011").type is T.FAULT


@pytest.mark.parametrize(
    ("subtype", "inputs", "kind"),
    [
        ("panic", "COOCC", T.SOS),
        ("smoke", "OOOCC", T.SMOKE),
        ("co", "OCCCC", T.CO),
        ("heat", "OCCCC", T.HEAT),
        ("glass", "OCCCC", T.INTRUDER),
        ("freeze", "OCCCC", T.FAULT),
        ("contact", "CCCCC", T.DOOR),
        ("motion", "OOOCC", T.MOTION),
        ("keyfob", "OOOOC", T.SOS),
        ("keyfob", "COOOO", T.PRESS),
        ("unknown", "OCCCC", T.FAULT),
    ],
)
def test_it_reads_five_inputs_by_the_kind_of_sensor(subtype: str, inputs: str, kind: T) -> None:
    assert interlogix(subtype, inputs).type is kind


@pytest.mark.parametrize("subtype", ["smoke", "panic", "co", "heat"])
def test_it_takes_the_hourly_supervision_for_a_sign_of_life(subtype: str) -> None:
    assert interlogix(subtype, "CCCCC", battery_ok=1).type is T.HEARTBEAT


def test_it_knows_a_2gig_heartbeat_from_an_opening() -> None:
    said = {"model": "Honeywell-Security", "id": 73942, "contact_open": 1, "state": "open"}
    assert one(**said, heartbeat=0).type is T.DOOR
    alive = one(**said, heartbeat=1)
    assert (alive.type, alive.measurements["open"]) == (T.HEARTBEAT, True)


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ({"model": "Smoke-GS558", "id": 1, "unit": 3, "learn": 0}, T.SMOKE),
        ({"model": "Smoke-GS558", "id": 1, "unit": 3, "learn": 1}, T.TEST),
        ({"model": "Kidde-Smoke", "id": "5f"}, T.SMOKE),
        ({"model": "Bresser-Leakage", "id": "a1", "alarm": 1}, T.WATER),
        ({"model": "Bresser-Leakage", "id": "a1", "alarm": 0}, T.HEARTBEAT),
        ({"model": "Govee-Water", "id": 7, "event": "Water Leak"}, T.WATER),
        ({"model": "Govee-Water", "id": 7, "event": "Button Press"}, T.PRESS),
        ({"model": "Govee-Water", "id": 7, "event": "Battery Report", "battery_ok": 0.59}, T.HEARTBEAT),
        ({"model": "Cavius-Security", "id": 7, "text": "Test alarm"}, T.TEST),
        ({"model": "Cavius-Security", "id": 7, "text": "Pairing"}, None),
        ({"model": "Kerui-Security", "id": 7, "cmd": 15, "battery_ok": 0, "state": "battery"}, T.BATTERY_LOW),
        ({"model": "Kerui-Security", "id": 7, "cmd": 7, "opened": 0, "state": "close"}, T.DOOR),
        ({"model": "Chuango-Security", "id": 7, "cmd": "24H Zone"}, T.SOS),
        ({"model": "Chuango-Security", "id": 7, "cmd": "Home Mode Zone"}, T.MOTION),
        ({"model": "Chuango-Security", "id": 7, "cmd": "Disarm"}, None),
        ({"model": "DSC-Security", "id": 7, "closed": 0, "event": 1, "tamper": 0, "battery_ok": 1}, T.DOOR),
        ({"model": "DSC-Security", "id": 7, "closed": 1, "event": 1, "tamper": 1, "battery_ok": 1}, T.TAMPER),
        ({"model": "Risco-RWX95P", "id": 7, "counter": 4, "motion": 1, "battery_ok": 1}, T.MOTION),
        ({"model": "Risco-RWX95P", "id": 7, "counter": 5, "battery_ok": 1}, T.HEARTBEAT),
        ({"model": "Yale-HSA", "id": 7, "stype": "ac", "state": "10", "event": "01"}, T.DOOR),
        ({"model": "Yale-HSA", "id": 7, "stype": 0x15, "state": 0x30, "event": 1}, T.MOTION),
        ({"model": "Yale-HSA", "id": 7, "stype": 0xAC, "state": 0x18, "event": 4}, T.BATTERY_LOW),
        ({"model": "Yale-HSA", "id": 7, "stype": 0xAC, "state": 0x12, "event": 3}, None),
        ({"model": "Jasco-Security", "id": 7, "status": 1}, T.DOOR),
        ({"model": "Vivint-Security", "id": "0123-0004567", "state": "open", "contact_open": 1}, T.DOOR),
        ({"model": "Honeywell-ActivLink", "subtype": "Doorbell", "id": "f1", "secret_knock": 1}, T.PRESS),
        ({"model": "Honeywell-ActivLink", "subtype": "Contact", "id": "f1", "open": -1, "tampered": 1}, T.TAMPER),
        ({"model": "Elro-DB286A", "id": "e0"}, T.PRESS),
        ({"model": "Generic-Remote", "id": 9, "cmd": 4}, T.PRESS),
        ({"model": "Generic-Motion", "code": "80042"}, T.MOTION),
        ({"model": "Chamberlain-CWPIRC", "id": "1f", "battery_ok": 1, "rolling": 5}, T.MOTION),
        ({"model": "Nexus-TH", "id": 42, "temperature_F": 68, "battery_ok": 1}, T.MEASUREMENT),
        ({"model": "Nexus-TH", "id": 42, "temperature_C": 20, "battery_ok": 0}, T.BATTERY_LOW),
        ({"model": "Toyota", "type": "TPMS", "id": "f0"}, T.HEARTBEAT),
    ],
)
def test_it_reads_what_each_decoder_writes(said: dict[str, Any], kind: T | None) -> None:
    assert [signal.type for signal in heard(**said)] == ([kind] if kind else [])


def test_it_takes_the_wh55s_buzzer_setting_for_no_alarm() -> None:
    assert one(model="Fineoffset-WH55", id=1, alarm=1, raw_value=12).type is T.MEASUREMENT


def test_it_knows_a_sender_by_make_and_number_and_never_by_a_key_that_would_swallow_the_next_press() -> None:
    signal = one(model="X10-Security", id="3a5c", event="KR15 PANIC")
    assert (signal.device, signal.ref) == ("X10-Security/3a5c", None)
    assert one(model="SimpliSafe Sensor", device="1M38R", state=1).device == "SimpliSafe Sensor/1M38R"


def test_it_believes_a_receivers_time_only_with_its_zone() -> None:
    assert one(model="Elro-DB286A", id="e0", time="2026-11-21 17:35:09").at is None
    assert one(model="Elro-DB286A", id="e0", time="@0.248400s").at is None
    told = one(model="Elro-DB286A", id="e0", time="2026-11-21T17:35:09+0800").at
    assert told is not None
    assert told.hour == 9


def test_it_reads_single_fields_only_where_they_say_something_alone() -> None:
    base = "rtl_433/attic/devices/X10-Security/3a5c"
    (panic,) = devices.decode(f"{base}/event", b"KR15 PANIC")
    assert (panic.type, panic.device) == (T.SOS, "X10-Security/3a5c")
    assert devices.decode(f"{base}/code", b"98") == ()
    (fob,) = devices.decode("rtl_433/attic/devices/Interlogix-Security/panic/329cd4/switch2", b"OPEN")
    assert (fob.type, fob.device) == (T.SOS, "Interlogix-Security/329cd4")


def test_it_says_that_a_message_could_not_be_read_of_whoever_it_was() -> None:
    for payload in (b"{", b"[]", b"\xff" * 20, b'{"model":7.5e999}'):
        for signal in devices.decode(TOPIC, payload):
            assert (signal.device, signal.suspect) == (None, Suspect.UNPARSEABLE)
    (odd,) = devices.decode("rtl_433/attic/availability", b"???")
    assert (odd.type, odd.device) == (T.FAULT, "rtl_433/attic")
