"""The native topics: whatever a small device manages to send, help comes."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

import devices
from devices import Signal, SignalType, Suspect
from devices.families.alarmd import LONGEST

TOPIC = "alarmd/v1/bed-12/signal"


def said(payload: Any) -> Signal:
    raw = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    (signal,) = devices.decode(TOPIC, raw)
    return signal


def test_it_reads_a_whole_signal() -> None:
    signal = said(
        {
            "ref": "a1",
            "type": "vital",
            "at": "2026-11-21T16:00:00+08:00",
            "battery": 87,
            "lat": 31.2,
            "lon": 121.4,
            "accuracy_m": 15,
            "measurements": {"heart_rate": 41, "worn": True, "posture": "lying"},
            "text": "心率低",
        }
    )
    assert signal == Signal(
        device="bed-12",
        family="alarmd",
        type=SignalType.VITAL,
        at=datetime(2026, 11, 21, 8, 0, tzinfo=UTC),
        ref="a1",
        battery=87,
        lat=31.2,
        lon=121.4,
        accuracy_m=15.0,
        measurements={"heart_rate": 41, "worn": True, "posture": "lying"},
        text="心率低",
    )


@pytest.mark.parametrize("kind", SignalType)
def test_it_knows_every_type_in_any_case(kind: SignalType) -> None:
    assert said({"type": kind.value.upper()}).type is kind


@pytest.mark.parametrize("payload", [{}, {"ref": "1"}, {"type": None}, {"type": ""}])
def test_it_takes_a_missing_type_as_a_call_for_help(payload: dict[str, Any]) -> None:
    signal = said(payload)
    assert (signal.type, signal.suspect) == (SignalType.SOS, None)


@pytest.mark.parametrize("kind", ["hilfe", 7, True, ["sos"], {"a": 1}])
def test_it_takes_an_unknown_type_as_a_call_for_help_and_says_so(kind: Any) -> None:
    signal = said({"ref": "1", "type": kind})
    assert (signal.type, signal.suspect, signal.ref) == (SignalType.SOS, Suspect.UNKNOWN_CODE, "1")


def test_it_shows_the_unknown_word_to_whoever_answers() -> None:
    assert said({"type": "hilfe"}).text == "hilfe"
    assert said({"type": "hilfe", "text": "kitchen"}).text == "kitchen"


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"help",
        b"\x00\xff\x01",
        b"[]",
        b'["sos"]',
        b"12",
        b"null",
        b'{"type":"hea',
        b"[" * 10_000,
        b" " * 1_000_000,
    ],
    ids=["empty", "word", "binary", "array", "list", "number", "null", "cut", "deep", "megabyte"],
)
def test_it_takes_garbage_as_a_call_for_help(payload: bytes) -> None:
    signal = said(payload)
    assert (signal.device, signal.type, signal.suspect) == ("bed-12", SignalType.SOS, Suspect.UNPARSEABLE)


def test_it_does_not_choose_between_two_types_in_one_message() -> None:
    assert said(b'{"type":"sos","type":"heartbeat"}').suspect is Suspect.UNPARSEABLE
    assert said(b'{"type":"test","measurements":{"type":"x"}}').type is SignalType.TEST


@pytest.mark.parametrize(
    ("ref", "kept"), [("a", "a"), (7, "7"), (1.5, "1.5"), (True, "true"), (None, None), ("", None), ([1], None)]
)
def test_it_makes_text_of_any_reference(ref: Any, kept: str | None) -> None:
    assert said({"ref": ref}).ref == kept


@pytest.mark.parametrize(
    "field",
    [
        b'"battery":NaN',
        b'"battery":-Infinity',
        b'"battery":1e400',
        b'"battery":101',
        b'"battery":null',
        b'"battery":"low"',
        b'"lat":91,"lon":0',
        b'"lat":31.2',
        b'"lat":0,"lon":0',
        b'"accuracy_m":5',
        b'"at":"yesterday"',
        b'"at":"2026-11-21T08:00:00"',
        b'"at":99999999999999999999',
        b'"measurements":[1]',
        b'"measurements":{"heart_rate":NaN}',
        b'"measurements":{"heart_rate":"nan"}',
        b'"gesture":"double"',
    ],
)
def test_it_drops_the_field_and_never_the_alarm(field: bytes) -> None:
    signal = said(b'{"type":"fall",' + field + b"}")
    assert signal == Signal(device="bed-12", family="alarmd", type=SignalType.FALL)


def test_it_reads_numbers_that_came_as_text() -> None:
    signal = said(
        {
            "type": "sos",
            "battery": "87%",
            "lat": "31.2",
            "lon": "121.4",
            "accuracy_m": "15",
            "measurements": {"spo2": "88"},
        }
    )
    assert (signal.battery, signal.lat, signal.lon, signal.accuracy_m) == (87, 31.2, 121.4, 15)
    assert signal.measurements == {"spo2": 88}


@pytest.mark.parametrize(
    "at", [1795248000, 1795248000000, "1795248000", "2026-11-21T08:00:00Z", "2026-11-21T08:00:00.000000000Z"]
)
def test_it_reads_time_in_the_ways_devices_tell_it(at: Any) -> None:
    assert said({"at": at}).at == datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("gesture", "kept"),
    [
        ("hold", "long"),
        ("Double", "double"),
        ("double_click", "double"),
        ("long press", "long"),
        ("single", "single"),
        ("", None),
        ("twist", "twist"),
    ],
)
def test_it_keeps_the_gesture_of_a_press(gesture: str, kept: str | None) -> None:
    assert said({"type": "press", "gesture": gesture}).gesture == kept


def test_it_reads_through_small_sins_of_firmware() -> None:
    assert said(b'\xef\xbb\xbf{"type":"fall"}\x00\x00').type is SignalType.FALL
    assert said(b'"{\\"type\\":\\"fall\\"}"').type is SignalType.FALL
    assert said(b'{"type":"fall","text":"\xff\xfe"}').type is SignalType.FALL


def test_it_lets_no_control_characters_into_the_log() -> None:
    assert said({"text": "line\nline\x1b[31m\u2028end"}).text == "line line [31m end"
    assert said(b'{"text":"\\ud800x"}').text == "x"


def test_it_bounds_what_it_keeps() -> None:
    signal = said({"text": "x" * 10_000, "ref": "r" * 10_000, "measurements": {str(i): i for i in range(1000)}})
    assert len(signal.text) == 500
    assert len(signal.ref or "") == 200
    assert len(signal.measurements) == 64


def test_it_knows_a_call_from_a_device_without_a_name() -> None:
    (signal,) = devices.decode("alarmd/v1//signal", b"?")
    assert (signal.device, signal.type) == (None, SignalType.SOS)


def test_it_does_not_listen_to_its_own_replies() -> None:
    assert devices.decode("alarmd/v1/bed-12/reply", b'{"status":"kept"}') == ()
    assert devices.decode("alarmd/v1/bed-12/reply", b'{"status":"kept"}', family="alarmd") == ()


@pytest.mark.parametrize("more", [0, 1, 200_000])
def test_a_message_that_is_too_long_is_a_call_for_help(more: int) -> None:
    head = b'{"type":"heartbeat","text":"'
    payload = head + b"x" * (LONGEST - len(head) - 2) + b'"}'
    assert len(payload) == LONGEST
    assert said(payload).type is SignalType.HEARTBEAT
    longer = said(payload[:-2] + b"x" * more + b'"}')
    assert (longer.type, longer.suspect) == (
        (SignalType.SOS, Suspect.UNPARSEABLE) if more else (SignalType.HEARTBEAT, None)
    )
