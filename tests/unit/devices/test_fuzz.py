"""Whatever arrives on whatever topic: an answer, soon, and no exception."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import devices
from devices import FAMILIES, Signal, SignalType, Suspect
from devices.shared.reading import MAX_PAYLOAD

SAMPLES = [
    json.loads(line)
    for path in sorted((Path(__file__).parent / "families").glob("*.jsonl"))
    for line in path.read_text(encoding="utf-8").splitlines()
]
TOPICS = sorted({sample["topic"] for sample in SAMPLES})
TOPICS_OF = {
    family: sorted({sample["topic"] for sample in SAMPLES if sample["family"] == family})[:8] for family in FAMILIES
}
LEVELS = st.sampled_from(
    [
        "alarmd",
        "v1",
        "signal",
        "zigbee2mqtt",
        "bridge",
        "action",
        "state",
        "event",
        "application",
        "device",
        "up",
        "",
        "$x",
        "é",
        "\x00",
    ]
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=30)
    | st.sampled_from(["emergency", "sos", "2026-11-21T08:00:00Z", "fall", "alarm", "NaN", "1_hold", "87%"])
)
KEYS = st.text(max_size=12) | st.sampled_from(
    [
        "type",
        "ref",
        "at",
        "battery",
        "measurements",
        "action",
        "sos",
        "contact",
        "last_seen",
        "fall_status",
        "object",
        "history",
        "events",
        "time",
        "data",
        "deviceInfo",
        "location",
        "alarm",
        "timestamp",
        "button_event",
        "status",
        "level",
        "device",
        # the envelopes of gateways and clouds
        "params",
        "value",
        "items",
        "payload",
        "services",
        "properties",
        "paras",
        "subDevices",
        "identity",
        "device_list",
        "Telemetry",
        "dp",
        "d",
    ]
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=6), max_leaves=20
)
SECONDS = 1.0
"""What one message may take at the very most here, beside other work on a small machine."""


MOST_DEVICES = 500
"""What one message of a gateway that reports many devices may name."""


def check(topic: str, payload: bytes) -> None:
    """The whole promise of `devices.decode`, of the topic's own family and of every other."""
    for family in (None, *FAMILIES):
        started = time.perf_counter()
        signals = devices.decode(topic, payload, family=family)
        assert time.perf_counter() - started < SECONDS
        assert isinstance(signals, tuple)
        assert len(signals) <= len(SignalType) or len({one.device for one in signals}) <= MOST_DEVICES
        for signal in signals:
            assert isinstance(signal, Signal)
            assert msgspec.json.decode(msgspec.json.encode(signal), type=Signal) == signal
            json.dumps(signal.measurements, allow_nan=False)
        assert signals == devices.decode(topic, payload, family=family)


@given(topic=st.lists(LEVELS, max_size=7).map("/".join) | st.text(max_size=60), payload=st.binary(max_size=200))
@example(topic="application//device//event/up", payload=b"")
@example(topic="zigbee2mqtt//action", payload=b"\x00")
def test_it_answers_for_any_topic_and_any_bytes(topic: str, payload: bytes) -> None:
    check(topic, payload)


@given(topic=st.sampled_from(TOPICS), value=VALUES)
@example(topic="alarmd/v1/x/signal", value={"ref": 10**5000 // 10**4900, "measurements": {"": 2**200}})
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_it_answers_for_any_json(topic: str, value: Any) -> None:
    check(topic, json.dumps(value).encode())


@given(sample=st.sampled_from(SAMPLES), data=st.data())
def test_it_answers_for_damaged_messages(sample: dict[str, Any], data: st.DataObject) -> None:
    payload = sample["payload"]
    raw = bytearray(payload.encode() if isinstance(payload, str) else json.dumps(payload).encode())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, max(len(raw) - 1, 0)))
        raw[at : at + data.draw(st.integers(0, 8))] = data.draw(st.binary(max_size=6))
    check(sample["topic"], bytes(raw))


@given(sample=st.sampled_from([s for s in SAMPLES if isinstance(s["payload"], dict)]), key=KEYS, value=VALUES)
def test_it_answers_for_one_strange_field_among_true_ones(sample: dict[str, Any], key: str, value: Any) -> None:
    check(sample["topic"], json.dumps(sample["payload"] | {key: value}).encode())


NASTY = {
    "deep array": b"[" * 10_000,
    "deep object": b'{"object":' * 10_000,
    "deep and closed": b'{"a":' * 900 + b"1" + b"}" * 900,
    "megabyte of blanks": b" " * 1_000_000,
    "megabyte of digits": b"9" * 1_000_000,
    "long number": b'{"battery":' + b"9" * 200_000 + b"}",
    "long exponent": b'{"battery":1e999999999}',
    "not a number": b'{"battery":NaN,"lat":Infinity,"lon":-Infinity}',
    "invalid utf-8": b'{"action":"\xff\xfe","text":"\xc3\x28"}',
    "lone surrogate": b'{"action":"\\ud800","type":"\\udfff","ref":"\\ud800"}',
    "duplicate keys": b'{"type":"sos","type":"test","action":"sos","action":"","object":{},"object":1}',
    "json in a string": b'"{\\"action\\":\\"emergency\\"}"',
    "string in a string": b'"\\"\\\\\\"emergency\\\\\\"\\""',
    "many fields": json.dumps({f"k{i}": i for i in range(15_000)}).encode(),
    "many wide events": json.dumps({"object": {"events": [{"alarm_type": "fall"}] * 9_000}}).encode(),
    "repeated decisive keys": b"{" + b'"type":1,"action":1,' * 12_000 + b'"z":1}',
    "utf-16": '{"action":"emergency"}'.encode("utf-16"),
    "nul bytes": b"\x00" * 1000,
    "html": b"<html><body>504</body></html>",
    "almost too long": b'{"text":"' + b"x" * (MAX_PAYLOAD - 11) + b'"}',
}


@pytest.mark.parametrize("name", NASTY)
@pytest.mark.parametrize(
    "topic", ["alarmd/v1/x/signal", "zigbee2mqtt/x", "zigbee2mqtt/x/action", "application/a/device/b/event/up"]
)
def test_it_answers_for_nasty_messages_in_time(topic: str, name: str) -> None:
    check(topic, NASTY[name])


@pytest.mark.parametrize("name", NASTY)
def test_it_answers_for_nasty_messages_of_every_family_in_time(name: str) -> None:
    for family, topics in TOPICS_OF.items():
        for topic in topics:
            started = time.perf_counter()
            signals = devices.decode(topic, NASTY[name], family=family)
            assert time.perf_counter() - started < SECONDS, topic
            assert len(signals) <= len(SignalType), topic


@pytest.mark.parametrize("name", ["deep array", "deep object", "megabyte of blanks", "nul bytes", "html", "utf-16"])
@pytest.mark.parametrize(
    "topic",
    [
        "alarmd/v1/x/signal",
        "zigbee2mqtt/x",
        "application/a/device/x/event/up",
        "tele/x/SENSOR",
        "x/events/rpc",
        "shellies/x/input_event/0",
    ],
)
def test_it_takes_what_nobody_can_read_as_a_call_for_help(topic: str, name: str) -> None:
    (signal,) = devices.decode(topic, NASTY[name])
    assert (signal.device, signal.type, signal.suspect) == ("x", SignalType.SOS, Suspect.UNPARSEABLE)
