"""Sparkplug B: the bytes, the births and deaths, and metrics that people named."""

from __future__ import annotations

import json
import struct
from datetime import UTC, datetime
from typing import Any

import pytest

import devices
from devices import Signal, Suspect
from devices import SignalType as T
from devices.families.sparkplug_b.wire import read
from devices.shared.reading import UnreadableError

NOW = 1795248000000
_VALUES = {bool: 14, str: 15, float: 13}


def varint(value: int) -> bytes:
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def field(number: int, value: Any) -> bytes:
    if isinstance(value, bytes):
        return varint(number << 3 | 2) + varint(len(value)) + value
    if isinstance(value, str):
        return field(number, value.encode())
    if isinstance(value, float):
        return varint(number << 3 | 1) + struct.pack("<d", value)
    return varint(number << 3) + varint(int(value))


def metric(name: str | None, value: Any, **more: int) -> bytes:
    numbers = {"alias": 2, "timestamp": 3, "datatype": 4, "historical": 5, "null": 7}
    out = field(1, name) if name else b""
    out += b"".join(field(numbers[key], said) for key, said in more.items())
    return out + field(_VALUES.get(type(value), 11), value)


def payload(*metrics: bytes, seq: int | None = 3) -> bytes:
    tail = b"" if seq is None else field(3, seq)
    return field(1, NOW) + b"".join(field(2, one) for one in metrics) + tail


def said(kind: str, *metrics: bytes, **more: Any) -> tuple[Signal, ...]:
    device = "/pendant" if kind.startswith("D") else ""
    return devices.decode(f"spBv1.0/home/{kind}/floor1{device}", payload(*metrics, **more))


@pytest.mark.parametrize(
    ("kind", "metrics", "expected"),
    [
        ("NBIRTH", [metric("bdSeq", 7)], [T.ONLINE]),
        ("NDEATH", [metric("bdSeq", 7)], [T.OFFLINE]),
        ("DBIRTH", [metric("Room 4/Temperature", 21.5)], [T.ONLINE]),
        ("DBIRTH", [metric("Room 4/FallDetected", value=True)], [T.FALL]),
        ("DDEATH", [], [T.OFFLINE]),
        ("DDATA", [metric("Room 4/PullCord", value=True)], [T.PRESS]),
        ("DDATA", [metric("Room 4/PullCord", value=False)], []),
        ("DDATA", [metric("SOS", value=True)], [T.SOS]),
        ("DDATA", [metric("Emergency Signal", value=True)], [T.SOS]),
        ("DDATA", [metric("fall_detected", value=True), metric("SOS", value=True)], [T.FALL, T.SOS]),
        ("DDATA", [metric("Temperature", 21.5)], [T.MEASUREMENT]),
        ("DDATA", [metric("Front Door", value=True)], [T.DOOR]),
        ("DDATA", [metric("Battery", 55)], [T.HEARTBEAT]),
        ("DDATA", [metric("Fall", "perhaps")], [T.FAULT]),
        ("NDATA", [metric("Node Control/Rebirth", value=True)], [T.HEARTBEAT]),
        ("NCMD", [metric("Node Control/Rebirth", value=True)], []),
        ("DCMD", [metric("SOS", value=True)], []),
    ],
)
def test_it_reads_every_message_type(kind: str, metrics: list[bytes], expected: list[T]) -> None:
    assert [signal.type for signal in said(kind, *metrics)] == expected


def test_it_reads_names_times_keys_and_values() -> None:
    (signal,) = said("DDATA", metric("Room 4/Temperature", 21.5), metric("Battery", 55))
    assert (signal.device, signal.battery, signal.measurements) == ("home/floor1/pendant", 55, {"temperature": 21.5})
    assert signal.at == datetime.fromtimestamp(NOW / 1000, tz=UTC)
    assert signal.ref == "2026-11-21T08:00:00+00:00 3"
    assert said("DDATA", metric("SOS", value=True), seq=None)[0].ref is None


def test_it_tells_which_birth_a_death_belongs_to() -> None:
    (born,), (dead,) = said("NBIRTH", metric("bdSeq", 7)), said("NDEATH", metric("bdSeq", 7), seq=None)
    assert born.measurements["bd_seq"] == dead.measurements["bd_seq"] == 7
    assert (dead.device, dead.ref) == ("home/floor1", None)


def test_it_takes_an_unreadable_death_for_a_death_and_unreadable_data_for_a_call() -> None:
    (dead,) = devices.decode("spBv1.0/home/NDEATH/floor1", b"\xff\xff")
    assert (dead.type, dead.suspect) == (T.OFFLINE, None)
    (data,) = devices.decode("spBv1.0/home/DDATA/floor1/pendant", b"\xff\xff")
    assert (data.type, data.suspect, data.device) == (T.SOS, Suspect.UNPARSEABLE, "home/floor1/pendant")


def test_it_judges_historical_metrics_by_their_own_time() -> None:
    hour_ago = {"historical": 1, "timestamp": NOW - 3_600_000}
    (kept,) = said("DDATA", metric("SOS", value=True, **hour_ago))
    assert (kept.type, kept.at) == (T.SOS, datetime.fromtimestamp(NOW / 1000 - 3600, tz=UTC))
    (old,) = said("DDATA", metric("SOS", value=True, historical=1, timestamp=NOW - 3 * 86_400_000))
    assert (old.type, old.measurements) == (T.HEARTBEAT, {"historical": True})


def test_it_says_that_a_metric_by_alias_cannot_be_heard() -> None:
    (signal,) = said("DDATA", metric(None, value=True, alias=5))
    assert (signal.type, signal.measurements["undecoded"]) == (T.HEARTBEAT, True)
    assert "alias" in signal.text


def test_it_passes_over_null_metrics() -> None:
    (signal,) = said("DDATA", metric("SOS", value=True, null=1))
    assert signal.type is T.HEARTBEAT


def test_it_reads_the_same_from_json() -> None:
    raw = json.dumps({"timestamp": NOW, "metrics": [{"name": "PullCord", "value": True}], "seq": 3}).encode()
    (signal,) = devices.decode("spBv1.0/home/DDATA/floor1/pendant", raw)
    assert signal == said("DDATA", metric("PullCord", value=True))[0]


@pytest.mark.parametrize(
    ("datatype", "stored", "value"), [(1, 0xFF, -1), (3, 0xFFFFFFFE, -2), (7, 5, 5), (4, 2**64 - 3, -3)]
)
def test_it_reads_signed_numbers(datatype: int, stored: int, value: int) -> None:
    (found,) = read(payload(metric("x", stored, datatype=datatype)))["metrics"]
    assert found["value"] == value


@pytest.mark.parametrize(
    "raw", [b"\x0a\xff", b"\x0b", b"\x08" + b"\x80" * 20, b"\x02\x01x", b"\x00\x00", b"\x18\x00" * 30_000]
)
def test_it_reads_no_bytes_that_are_no_protobuf(raw: bytes) -> None:
    with pytest.raises(UnreadableError):
        read(raw)


def test_it_leaves_hosts_alone() -> None:
    assert devices.decode("spBv1.0/STATE/scada", b'{"online":true}', family="sparkplug_b") == ()
    assert devices.family_of("spBv1.0/STATE/scada") is None
