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


def test_it_leaves_the_protobuf_twins_alone() -> None:
    assert devices.family_of("msh/EU_868/2/e/LongFast/!7efeee00") is None
