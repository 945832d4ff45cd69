"""ChirpStack set to protobuf says the same as ChirpStack set to JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import devices
from devices.families import chirpstack
from devices.signal import SignalType as T
from devices.signal import Suspect

LINES = (Path(__file__).parent / "protobuf" / "chirpstack.jsonl").read_text(encoding="utf-8").splitlines()
TWINS: list[dict[str, Any]] = [json.loads(line) for line in LINES]
UP = bytes.fromhex(TWINS[0]["hex"])


def topic(event: str) -> str:
    return f"application/17c82e96/device/24e124538b223213/event/{event}"


@pytest.mark.parametrize("twin", TWINS, ids=lambda twin: str(twin["event"]))
def test_the_bytes_say_what_their_json_says(twin: dict[str, Any]) -> None:
    where, raw, text = topic(twin["event"]), bytes.fromhex(twin["hex"]), json.dumps(twin["json"]).encode()
    assert devices.decode(where, raw) == devices.decode(where, text)
    assert chirpstack.gateway(where, raw) == chirpstack.gateway(where, text)


def test_a_press_is_a_press() -> None:
    (signal,) = devices.decode(topic("up"), UP)
    assert (signal.type, signal.gesture, signal.battery) == (T.PRESS, "long", 100)
    assert signal.ref == "3ac7e3c4-4401-4b8d-9386-a5c902f9202d"
    assert chirpstack.gateway(topic("up"), UP) == "0016c001f153a14c"


@pytest.mark.parametrize("raw", [UP[:-1], UP[:50], b"\n\x24" + b"a" * 36, b"\n", b"\xff\x00{", b"\n[1]"])
def test_what_is_no_event_calls(raw: bytes) -> None:
    (signal,) = devices.decode(topic("up"), raw)
    assert (signal.type, signal.suspect) == (T.SOS, Suspect.UNPARSEABLE)


def test_json_that_begins_with_a_line_feed_is_json() -> None:
    text = json.dumps(TWINS[0]["json"])
    assert devices.decode(topic("up"), f"\n\n  {text}".encode()) == devices.decode(topic("up"), UP)


def test_a_nest_without_end_is_not_followed() -> None:
    value = b""
    for _ in range(500):
        inner = b"\x12" + _size(value) + value
        entry = b"\x0a\x01a" + inner
        value = b"\x2a" + _size(s := b"\x0a" + _size(entry) + entry) + s
    entry = b"\x0a\x01a\x12" + _size(value) + value
    packed = b"\x0a" + _size(entry) + entry
    (signal,) = devices.decode(topic("up"), UP + b"\x5a" + _size(packed) + packed)
    assert signal.suspect is Suspect.UNPARSEABLE


@given(st.integers(0, len(UP) - 1), st.integers(0, 255))
def test_a_flipped_byte_never_breaks_it(at: int, byte: int) -> None:
    raw = UP[:at] + bytes((byte,)) + UP[at + 1 :]
    devices.decode(topic("up"), raw)
    chirpstack.gateway(topic("up"), raw)


def _size(value: bytes) -> bytes:
    number, out = len(value), b""
    while number > 0x7F:
        out += bytes((number & 0x7F | 0x80,))
        number >>= 7
    return out + bytes((number,))
