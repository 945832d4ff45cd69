"""Meshtastic: who spoke is in the packet, and several gateways hear it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

import devices
from devices import Signal, Suspect
from devices import SignalType as T

NODE = 2130636288
TOPIC = "msh/EU_868/2/json/LongFast/!7efeee00"


def packet(kind: str, payload: Any = None, topic: str = TOPIC, **more: Any) -> tuple[Signal, ...]:
    said = {"id": 452664778, "from": NODE, "timestamp": 1795248000, "to": -1, "type": kind, "payload": payload}
    return devices.decode(topic, json.dumps(said | more).encode())


@pytest.mark.parametrize(
    ("kind", "payload", "expected"),
    [
        ("text", {"text": "SOS room 12"}, [T.PRESS]),
        ("text", {"text": "好的"}, [T.PRESS]),
        ("text", 911, [T.PRESS]),
        ("text", {"help": True}, [T.PRESS]),
        ("detection", {"text": "Bath cord detected"}, [T.PRESS]),
        ("detection", {"text": "GPIO detected"}, [T.PRESS]),
        ("detection", {"text": "Hall motion detected"}, [T.MOTION]),
        ("detection", {"text": "Front door state: 1"}, [T.DOOR]),
        ("detection", {"text": "Front door state: 0"}, [T.DOOR]),
        ("detection", {"text": "Cord state: 0"}, []),
        ("detection", {"text": "Smoke detected"}, [T.SMOKE]),
        ("telemetry", {"battery_level": 87, "voltage": 4.0}, [T.HEARTBEAT]),
        ("telemetry", {"temperature": 21.5, "relative_humidity": 60}, [T.MEASUREMENT]),
        ("telemetry", {"heart_bpm": 71, "spO2": 97, "temperature": 36.6}, [T.MEASUREMENT]),
        ("position", {"latitude_i": 488583000, "longitude_i": 22951000, "time": 1795247000}, [T.LOCATION]),
        ("position", {"latitude_i": 0, "longitude_i": 0}, [T.HEARTBEAT]),
        ("gpios_changed", {"gpio_value": 4}, [T.MEASUREMENT]),
        ("gpios_read_reply", {"gpio_value": 4, "gpio_mask": 4}, [T.MEASUREMENT]),
        ("nodeinfo", {"longname": "base0"}, [T.HEARTBEAT]),
        ("neighborinfo", {"neighbors": []}, [T.HEARTBEAT]),
        ("traceroute", {"route": []}, [T.HEARTBEAT]),
        ("waypoint", {"name": "x"}, [T.HEARTBEAT]),
        ("paxcounter", {"wifi_count": 3}, [T.HEARTBEAT]),
        ("", None, [T.HEARTBEAT]),
        ("sendtext", "hello", []),
    ],
)
def test_it_reads_every_kind_of_packet(kind: str, payload: Any, expected: list[T]) -> None:
    signals = packet(kind, payload)
    assert [signal.type for signal in signals] == expected
    assert all((one.device, one.ref, one.suspect) == (str(NODE), "452664778", None) for one in signals)


def test_it_knows_one_packet_heard_by_two_gateways() -> None:
    assert packet("text", {"text": "SOS"}) == packet("text", {"text": "SOS"}, "msh/2/json/LongFast/!7efeb2c8")


def test_it_shows_what_was_written() -> None:
    assert packet("text", {"text": "SOS room 12"})[0].text == "SOS room 12"
    assert packet("text", 911)[0].text == "911"


def test_it_takes_zero_for_not_known() -> None:
    (signal,) = packet("telemetry", {"battery_level": 0, "voltage": 0}, timestamp=0, id=0)
    assert (signal.battery, signal.at, signal.ref, signal.measurements) == (None, None, None, {})
    (plugged,) = packet("telemetry", {"battery_level": 101, "voltage": 4.2})
    assert (plugged.battery, plugged.measurements["mains"]) == (None, True)


def test_it_reads_where_and_when_a_node_was() -> None:
    (signal,) = packet("position", {"latitude_i": 488583000, "longitude_i": 22951000, "time": 1795247000})
    assert (signal.lat, signal.lon) == (48.8583, 2.2951)
    assert signal.at == datetime.fromtimestamp(1795247000, tz=UTC)


@pytest.mark.parametrize("written", ["!7efeee00", "2130636288", " !7EFEEE00 "])
def test_it_writes_node_numbers_one_way(written: str) -> None:
    assert devices.FAMILIES["meshtastic"].canonical(written) == str(NODE)


def test_it_reads_the_signed_number_of_old_firmware() -> None:
    (signal,) = devices.decode(TOPIC, b'{"type":"text","from":-2,"payload":{"text":"x"}}')
    assert signal.device == str(2**32 - 2)


@pytest.mark.parametrize(("word", "kind"), [("online", T.ONLINE), ("offline", T.OFFLINE), ("?", T.FAULT)])
@pytest.mark.parametrize("topic", ["msh/2/stat/!7efeee00", "msh/EU_868/2/stat/!7efeee00"])
def test_it_reads_whether_a_gateway_is_there(topic: str, word: str, kind: T) -> None:
    (signal,) = devices.decode(topic, word.encode())
    assert (signal.type, signal.device) == (kind, str(NODE))


@pytest.mark.parametrize("payload", [b"\xff", b"{}", b"[]", b'{"type":"text","payload":{"text":"SOS"}}'])
def test_it_says_that_a_packet_of_nobody_could_not_be_read(payload: bytes) -> None:
    (signal,) = devices.decode(TOPIC, payload)
    assert (signal.device, signal.type, signal.suspect) == (None, T.FAULT, Suspect.UNPARSEABLE)


def test_it_leaves_the_map_reports_alone() -> None:
    assert devices.family_of("msh/EU_868/2/map/") is None


HEAD, TAIL = "0d00eefe7e15ffffffff", "35cb1dfb1a3d803bb16a450000b04060c4ffffffffffffffff01"
"""Of a packet as Meshtastic's own library writes it: from and to; number, time, signal strength."""


def envelope(data: str, *, topic: str = "msh/EU_868/2/e/LongFast/!7efeee00") -> tuple[Signal, ...]:
    inner = bytes.fromhex(HEAD + data + TAIL)
    raw = b"\x0a" + bytes((len(inner),)) + inner + bytes.fromhex("12084c6f6e67466173741a09213765666565653030")
    return devices.decode(topic, raw)


@pytest.mark.parametrize(
    ("data", "kind", "told"),
    [
        ("220e0801120a534f5320e6b182e58aa9", T.PRESS, {}),  # SOS 求助
        ("2208080b120468656c70", T.SOS, {}),
        ("2216080a12124261746820636f7264206465746563746564", T.PRESS, {}),  # Bath cord detected
        ("22120843120e0d803bb16a12070837159a997940", T.HEARTBEAT, {"mains": False, "battery_voltage": 3.9}),
        (
            "2214084312100d803bb16a3a09084810611d66661242",
            T.MEASUREMENT,
            {"heart_rate": 72, "spo2": 97, "body_temperature": 36.6},
        ),
        ("2215084312110d803bb16a1a0a0d0000ac411500002042", T.MEASUREMENT, {"temperature": 21.5, "humidity": 40.0}),
        ("22100843120c0d0100000022051009688407", T.MEASUREMENT, {"pm25": 9, "co2": 900}),
        ("22020805", T.HEARTBEAT, {}),  # routing
    ],
)
def test_it_reads_the_protobuf_of_gateways_without_json(data: str, kind: T, told: dict[str, float]) -> None:
    (signal,) = envelope(data)
    assert (signal.type, signal.device, signal.ref) == (kind, str(NODE), "452664779")
    assert {name: signal.measurements[name] for name in told} == told
    assert envelope(data, topic="msh/2/c/LongFast/!7efeee00") == (signal,)


def test_it_reads_where_a_node_is_from_protobuf() -> None:
    (signal,) = envelope("22130803120f0d870eaf1c15f9b15ef9259837b16a")
    assert (signal.type, signal.lat, signal.lon) == (T.LOCATION, 48.1234567, -11.1234567)


def test_it_takes_no_number_from_an_encrypted_packet_whose_json_twin_may_be_a_press() -> None:
    (signal,) = envelope("2a03010203")
    assert (signal.type, signal.ref, signal.measurements) == (T.HEARTBEAT, None, {"undecoded": True})


@pytest.mark.parametrize("raw", [b"\xff\xff", b"\x0a\xff\xff\xff\xff\x0f", b"\x12\x00", b"{}", b"\x0a\x02\x22\x05"])
def test_it_says_that_an_envelope_of_nobody_could_not_be_read(raw: bytes) -> None:
    (signal,) = devices.decode("msh/2/e/LongFast/!7efeee00", raw)
    assert (signal.device, signal.type, signal.suspect) == (None, T.FAULT, Suspect.UNPARSEABLE)
