"""Bluetooth and 433 MHz by OpenMQTTGateway and Theengs, EspruinoHub, and receivers that know which room it is."""

from __future__ import annotations

import json
from typing import Any

import pytest

import devices
from devices import Signal, SignalType, Suspect

T = SignalType
BLE = "home/OpenMQTTGateway/BTtoMQTT"
MAC = "BC026EAABBCC"
ADVERTISED = "/ble/advertise/f5:47:c8:0b:49:04"


def told(topic: str, said: Any) -> tuple[Signal, ...]:
    return devices.decode(topic, said.encode() if isinstance(said, str) else json.dumps(said).encode())


def heard(**said: Any) -> tuple[Signal, ...]:
    return told(f"{BLE}/{MAC}", {"id": "BC:02:6E:AA:BB:CC", "rssi": -60, **said})


@pytest.mark.parametrize(
    ("code", "gesture"),
    [(1, "single"), (2, "double"), (3, "triple"), (4, "quadruple"), (9, "long"), (11, "long"), (7, "code 7")],
)
def test_it_tells_how_a_bluetooth_button_was_pressed(code: int, gesture: str) -> None:
    (signal,) = heard(type="BTN", packet=29, button=code)
    assert (signal.device, signal.type, signal.gesture) == (MAC, T.PRESS, gesture)


def test_it_knows_a_buttons_sign_of_life_and_release_from_a_press() -> None:
    assert [one.type for one in heard(type="BTN", button=0, batt=88)] == [T.HEARTBEAT]
    assert heard(type="BTN", button=10) == ()
    assert [one.type for one in heard(type="BTN", button1=0, button2=0, track=True)] == [T.HEARTBEAT]


def test_it_takes_every_code_of_a_rocker_without_battery_for_a_press() -> None:
    (off,) = heard(model="Odace WLBL", model_id="S520104", type="BTN", button=0)
    assert (off.type, off.gesture) == (T.PRESS, "off")


def test_it_makes_no_key_of_a_packet_number_that_comes_round_again() -> None:
    (signal,) = heard(type="BTN", packet=29, button=1)
    assert (signal.ref, signal.measurements["packet"]) == (None, 29)


def test_it_knows_the_same_button_from_every_gateway() -> None:
    said = {"id": "BC:02:6E:AA:BB:CC", "type": "BTN", "button": 1}
    topics = [f"{BLE}/{MAC}", "home/floor2/BTtoMQTT", "site/a/TheengsGateway/BTtoMQTT/BC:02:6E:AA:BB:CC"]
    assert {told(topic, said)[0].device for topic in topics} == {MAC}


def test_it_owns_up_to_an_encrypted_button() -> None:
    (button,) = heard(type="BTN", encr=2, cipher="62511158bd25", ctr="b8f09364", mic="5b573115")
    assert (button.type, devices.meaning(button, "pendant")) == (T.FAULT, T.SOS)
    (scale,) = heard(type="THB", encr=1, cipher="ef", ctr="23", mic="50")
    assert (scale.type, scale.suspect) == (T.FAULT, None)


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ({"type": "TRACK", "track": True}, T.LOCATION),
        ({"type": "BODY", "track": True, "unlocked": False}, T.LOCATION),
        ({"type": "RMAC", "device": "Apple device"}, None),
        ({"type": "THB", "batt": 81}, T.HEARTBEAT),
        ({"type": "THB", "tempc": 26, "hum": 61.4, "batt_low": True}, T.BATTERY_LOW),
        ({"type": "WCVR", "open": 30, "motion": False}, T.HEARTBEAT),
        ({"type": "CTMO", "contact": "timeout not closed", "motion": True}, T.DOOR),
        ({"type": "CTMO", "contact": "closed", "motion": False}, T.DOOR),
        ({"type": "BODY", "act_bpm": 255, "track": True}, T.LOCATION),
        ({"type": "BODY", "bpm": 0}, T.LOCATION),
        ({"type": "ACEL", "tempc": -127.99, "hum": 0, "pres": 500, "volt": 0, "track": True}, None),
        ({"type": "ACEL", "tempc": 21, "hum": 40, "pres": 1013, "volt": 2.9, "track": True}, T.MEASUREMENT),
        ({"type": "TIRE", "tempc": 16, "pres": 1.9}, T.MEASUREMENT),
        ({"type": "BBQ", "tempc": 180}, T.MEASUREMENT),
        ({"presence": "absent"}, T.FAULT),
        ({"servicedata": "fe00"}, T.LOCATION),
        ({"type": "CTMO", "water": True}, T.WATER),
    ],
)
def test_it_reads_what_each_type_of_device_has_to_say(said: dict[str, Any], kind: T | None) -> None:
    assert [signal.type for signal in heard(**said)] == ([kind] if kind else [])


@pytest.mark.parametrize(
    ("data", "kind", "measurements"),
    [
        ("44001d01643a01", T.PRESS, {"packet": 29, "button": "single"}),
        ("44001d01643a003a003afe3a00", T.PRESS, {"packet": 29, "button3": "hold", "button": "button3 hold"}),
        ("44001d01643a00", T.HEARTBEAT, {"packet": 29}),
        ("44005d0164055b22002d013f9601", T.DOOR, {"packet": 93, "open": True, "illuminance": 87.95, "rotation": 40.6}),
        ("40021a09290120015300", T.SMOKE, None),
        ("4521b8f09364", T.FAULT, None),
        ("44001dee3a01", T.FAULT, None),
        ("443a", T.FAULT, None),
        ("20", T.FAULT, None),
    ],
)
def test_it_reads_bthome_that_no_gateway_decoded(data: str, kind: T, measurements: dict[str, object] | None) -> None:
    raw = bytes.fromhex(data)
    hub = told(f"{ADVERTISED}/fcd2", list(raw))
    gateway = heard(servicedatauuid="0xfcd2", servicedata=data)
    assert hub[0].type is gateway[0].type is kind
    if measurements is not None:
        assert hub[0].measurements == measurements
    assert (hub[0].suspect is Suspect.UNPARSEABLE) is (kind is T.FAULT)


def test_it_weighs_people_in_kilograms_and_suitcases_not_at_all() -> None:
    (pounds,) = heard(type="SCALE", weighing_mode="person", unit="lb", weight=140.65)
    assert pounds.measurements["weight"] == 63.8
    assert heard(type="SCALE", weighing_mode="object", unit="lb", weight=12.3) == ()
    assert heard(type="SCALE", weight=-92.8) == ()


def test_it_reads_numbers_that_come_as_text() -> None:
    (signal,) = told(f"{BLE}/4C33A6603C79", {"hum": "52.6", "tempc": "19.2"})
    assert signal.measurements["temperature"] == 19.2


def test_it_knows_a_beacon_with_a_random_address_by_its_number() -> None:
    said = {"mac_type": 1, "model_id": "IBEACON", "uuid": "1de4", "major": 7, "minor": 9, "rssi": -70}
    names = {told(f"{BLE}/{mac}", {"id": mac, **said})[0].device for mac in ("58782076BC24", "5210A84690AC")}
    assert names == {"1de4/7/9"}


@pytest.mark.parametrize("payload", ["{", "[]", "\x00\x01"])
def test_it_takes_garbage_for_a_call_for_help_of_whom_the_topic_names(payload: str) -> None:
    (named,) = told(f"{BLE}/{MAC}", payload)
    assert (named.device, named.type, named.suspect) == (MAC, T.SOS, Suspect.UNPARSEABLE)
    (unnamed,) = told(BLE, payload)
    assert (unnamed.device, unnamed.type) == (None, T.FAULT)


@pytest.mark.parametrize("written", ["BC:02:6E:AA:BB:CC", "bc026eaabbcc", " bc-02-6e-aa-bb-cc "])
def test_it_writes_hardware_addresses_one_way(written: str) -> None:
    assert devices.FAMILIES["theengs_ble"].canonical(written) == MAC


def test_it_knows_a_remote_by_its_code_whichever_gateway_heard_it() -> None:
    heard_by = [
        told(f"home/{name}/433toMQTT", {"value": 8895854, "delay": delay}) for name, delay in (("a", 306), ("b", 311))
    ]
    assert {(one.device, one.type, one.ref) for (one,) in heard_by} == {("8895854", T.PRESS, None)}
    assert told("home/a/433toMQTT", "8895854")[0].device == "8895854"


@pytest.mark.parametrize(
    ("topic", "said", "kind", "device"),
    [
        ("home/g/RF2toMQTT", {"unit": 10, "address": 8233372, "switchType": 1}, T.PRESS, "8233372/10"),
        ("home/g/SRFBtoMQTT", {"raw": "2748", "value": 123456, "delay": 280}, T.PRESS, "123456"),
        ("home/g/IRtoMQTT", {"value": 551489775, "protocol_name": "NEC"}, T.PRESS, "551489775"),
        ("home/g/IRtoMQTT", {"value": 0}, None, None),
        (
            "home/g/PilighttoMQTT",
            {"protocol": "ev1527", "message": '{"unitcode":111,"state":"opened"}'},
            T.DOOR,
            "ev1527/111",
        ),
        (
            "home/g/PilighttoMQTT",
            {"protocol": "arctech", "message": {"id": 5, "unit": 0, "state": "on"}},
            T.PRESS,
            "arctech/5/0",
        ),
        ("home/g/PilighttoMQTT", {"format": "RAW", "pulsesString": "c:01"}, None, None),
        ("home/g/RTL_433toMQTT", {"model": "X10-Security", "id": "1", "event": "KR15 PANIC"}, T.SOS, "X10-Security/1"),
        ("home/g/RTL_433toMQTT", {"model": "status", "rssi": -38}, None, None),
        ("home/g/GPIOInputtoMQTT", {"gpio": "LOW"}, T.PRESS, "home/g"),
        ("home/g/HCSR501toMQTT", {"presence": "true"}, T.PRESENCE, "home/g"),
        ("home/g/DHTtoMQTT/dht1", {"tempc": 20, "hum": 40}, T.MEASUREMENT, "home/g/dht1"),
        ("home/g/LORAtoMQTT", {"rssi": -90, "message": "SOS room 4"}, T.SOS, "home/g"),
        ("home/g/SYStoMQTT", {"uptime": 12, "version": "1"}, T.HEARTBEAT, "home/g"),
        ("home/g/LWT", "online", T.ONLINE, "home/g"),
        ("home/g/LWT", "?", T.FAULT, "home/g"),
    ],
)
def test_it_reads_the_gateways_other_radios(topic: str, said: Any, kind: T | None, device: str | None) -> None:
    signals = told(topic, said)
    assert [(one.type, one.device) for one in signals] == ([(kind, device)] if kind else [])
    assert all(one.family == "openmqttgateway" for one in signals)


def test_it_reads_bluetooth_under_the_gateways_name_where_only_that_was_asked_for() -> None:
    (signal,) = devices.decode(f"{BLE}/{MAC}", b'{"type":"BTN","button":1}', families=["openmqttgateway"])
    assert (signal.family, signal.device, signal.type) == ("openmqttgateway", MAC, T.PRESS)


def test_it_leaves_orders_to_the_gateway_alone() -> None:
    assert devices.family_of("home/g/commands/MQTTto433") is None


@pytest.mark.parametrize(
    ("rest", "payload", "kind", "measurements"),
    [
        ("/1809", "[22]", T.MEASUREMENT, {"temperature": 22}),
        ("/1809", "[250]", T.MEASUREMENT, {"temperature": -6}),
        ("/2a6e", "[154,8]", T.MEASUREMENT, {"temperature": 22.02}),
        ("/2a6f", "[136,19]", T.MEASUREMENT, {"humidity": 50}),
        ("/180d", "[0,71]", T.MEASUREMENT, {"heart_rate": 71}),
        ("/180d", "[0,0]", T.HEARTBEAT, {}),
        ("/180f", "[87]", T.HEARTBEAT, {}),
        ("/espruino", "{a:10,b:15}", T.MEASUREMENT, {"a": 10, "b": 15}),
        ("/espruino", "{btn:1}", T.PRESS, {"button": "1"}),
        ("/espruino", "{sos:1,hr:71}", T.SOS, {"sos": "1", "heart_rate": 71}),
        ("/espruino", "{fall:0}", T.HEARTBEAT, {}),
        ("/espruino", "{door:1}", T.DOOR, {"open": True}),
        ("/temp", "22", None, {}),
        ("/manufacturer/0590", '"7b"', None, {}),
        ("", '{"rssi":-53}', T.LOCATION, {"rssi": -53}),
    ],
)
def test_it_reads_each_value_of_an_advertisement_once(
    rest: str, payload: str, kind: T | None, measurements: dict[str, object]
) -> None:
    signals = told(ADVERTISED + rest, payload)
    assert [one.type for one in signals] == ([kind] if kind else [])
    for one in signals:
        assert (one.device, one.measurements) == ("f5:47:c8:0b:49:04", measurements)


def test_it_hears_presence_and_answers_with_their_leading_slash() -> None:
    mac = "f5:47:c8:0b:49:04"
    assert told(f"/ble/presence/{mac}", "0")[0].type is T.FAULT
    assert told(f"/ble/presence/{mac}", "1")[0].type is T.HEARTBEAT
    assert told(f"/ble/pong/{mac}", "x")[0].type is T.HEARTBEAT
    assert told(f"/ble/temp/{mac}", "22") == ()
    assert devices.family_of(f"/ble/write/{mac}/nus/nus_tx") is None
    assert told(f"{ADVERTISED}/espruino", "{{{")[0].suspect is Suspect.UNPARSEABLE


@pytest.mark.parametrize(
    ("topic", "said", "device", "zone"),
    [
        ("room_presence/bedroom12", {"id": "123testid", "name": "Mrs Chen", "distance": 5.6}, "123testid", "bedroom12"),
        ("espresense/devices/tag:1/kitchen", {"id": "tag:1", "distance": 1.2, "rssi": -60}, "tag:1", "kitchen"),
        (
            "happy-bubbles/ble/hall/raw/dd6ed85b7a80",
            {"hostname": "hall", "mac": "dd6ed85b7a80"},
            "DD6ED85B7A80",
            "hall",
        ),
        ("home/home_presence/attic", {"id": "45:F6:8A:76:86:C5", "rssi": -55}, "45F68A7686C5", "attic"),
    ],
)
def test_it_tells_the_room_and_no_name(topic: str, said: dict[str, Any], device: str, zone: str) -> None:
    (signal,) = told(topic, said)
    assert (signal.type, signal.device, signal.measurements["zone"]) == (T.LOCATION, device, zone)
    assert "Chen" not in repr(signal)


def test_it_supervises_the_receivers_themselves() -> None:
    assert told("espresense/rooms/hall/status", "offline")[0].type is T.OFFLINE
    assert told("espresense/rooms/hall/telemetry", {"uptime": 5})[0].type is T.HEARTBEAT
    assert told("room_presence/bedroom12", "{")[0].device is None
    assert told("happy-bubbles/ble/hall/ibeacon/e2", "{")[0].type is T.FAULT
