"""Every collected message of every family says what its label says."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import devices
from devices import Signal

SAMPLES = Path(__file__).parent / "families"
WRONG_LABELS = {
    # topic and last_seen (or meaning) of the line: what it says instead, and why the label cannot be had.
    ("zigbee2mqtt/0x0015bc00390037cd", "2022-07-13T15:59:35.569Z"): (
        ["sos"],
        "the label judges it as a repeat of the line before; alone it is an alarm (its if_first_seen)",
    ),
    ("home/alarm/event", "ignore: sos_repeat"): (
        ["sos"],
        "a Repeat whose Event was lost is the only word of it (its if_first_seen); an open incident takes it in",
    ),
    ("/gw/ac233fc001ea/status", "measurement: batch"): (
        ["online", "location", "measurement"],
        "its facts name three devices: each needs a sign of life of its own, or two of them would count as lost",
    ),
    ("bedroom12/binary_sensor/call_cord/state", "ignore: retained_replay"): (
        ["press"],
        "told as a stored copy, like Home Assistant's: the engine makes no alarm of it and keeps it on record",
    ),
    **dict.fromkeys(
        (
            ("tele/sonoffRFBridge/RESULT", "measurement: door"),
            ("tele/sonoffrf/RESULT", "measurement: motion"),
            ("tele/sonoff/RESULT", "ignore: unknown_rf"),
            ("tele/sonoffbridge/RESULT", "ignore: unknown_rf"),
        ),
        (
            ["press"],
            "a bare radio code: only the registration knows what sends it, and from a stranger a press opens nothing",
        ),
    ),
}
COUNTERS = ("packet", "event_cnt", "code")
"""Numbers that come round again, or are the sender's only name: told, and no key that would swallow a later press."""
FACTS: dict[str, Callable[[Signal], Any]] = {
    "battery_pct": lambda signal: signal.battery,
    "lat": lambda signal: signal.lat,
    "lon": lambda signal: signal.lon,
    "dedupe_key": lambda signal: (
        signal.ref or next((str(signal.measurements[name]) for name in COUNTERS if name in signal.measurements), None)
    ),
    "buttons": lambda signal: {name: word for name, word in signal.measurements.items() if name[:-1] == "button"},
    "rssi": lambda signal: signal.measurements.get("rssi"),
    "bp_sys": lambda signal: signal.measurements.get("systolic"),
    "bp_dia": lambda signal: signal.measurements.get("diastolic"),
    "pulse_bpm": lambda signal: signal.measurements.get("heart_rate"),
    "heart_rate_bpm": lambda signal: signal.measurements.get("heart_rate"),
    "spo2_pct": lambda signal: signal.measurements.get("spo2"),
    "glucose": lambda signal: signal.measurements.get("blood_glucose"),
    "weight_kg": lambda signal: signal.measurements.get("weight"),
    "room": lambda signal: signal.measurements.get("room"),
    "implausible": lambda signal: signal.measurements.get("implausible"),
    "zone": lambda signal: signal.measurements.get("zone"),
    "steps": lambda signal: signal.measurements.get("steps"),
    "battery_v": lambda signal: signal.measurements.get("battery_voltage"),
    "co2_ppm": lambda signal: signal.measurements.get("co2"),
    "low_battery": lambda signal: signal.measurements.get("battery_low"),
    "device": lambda signal: signal.device,
    "temperature_c": lambda signal: signal.measurements.get("body_temperature", signal.measurements.get("temperature")),
    "humidity_pct": lambda signal: signal.measurements.get("humidity"),
    "respiration_rpm": lambda signal: signal.measurements.get("respiration_rate"),
    "button": lambda signal: signal.measurements.get("button"),
    "open": lambda signal: signal.measurements.get("open"),
    "in_bed": lambda signal: signal.measurements.get("in_bed"),
    "tamper": lambda signal: signal.measurements.get("tamper"),
    "battery_low": lambda signal: signal.measurements.get("battery_low"),
    "alarm_id": lambda signal: signal.measurements.get("alarm_id"),
    "value": lambda signal: next(
        signal.measurements[name] for name in ("occupancy", "motion", "presence") if name in signal.measurements
    ),
}


def lines() -> list[Any]:
    found = []
    for path in sorted(SAMPLES.glob("*.jsonl")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            sample = json.loads(line) | {"read_by": path.stem}  # one family may read another's messages, too
            found.append(pytest.param(sample, id=f"{path.stem}-{number}-{sample['model'].replace(' ', '_')}"))
    return found


def decoded(sample: dict[str, Any], *, family: str | None = None) -> tuple[Signal, ...]:
    payload = sample["payload"]
    raw = payload.encode() if isinstance(payload, str) else json.dumps(payload).encode()
    return devices.decode(sample["topic"], raw, retained=bool(sample.get("mqtt", {}).get("retain")), family=family)


def expected(sample: dict[str, Any]) -> list[str]:
    payload = sample["payload"]
    seen = payload.get("last_seen") if isinstance(payload, dict) else None
    wrong = WRONG_LABELS.get((sample["topic"], str(seen))) or WRONG_LABELS.get((sample["topic"], sample["meaning"]))
    signals: list[str] = wrong[0] if wrong else sample["signals"]
    return signals


def moment(stated: str | float) -> datetime:
    """ISO 8601, with nine digits after the point as ChirpStack writes, or Unix seconds or milliseconds."""
    if isinstance(stated, str):
        return datetime.fromisoformat(stated.replace("023242+", "023+"))
    return datetime.fromtimestamp(stated / 1000 if stated > 100_000_000_000 else stated, tz=UTC)


@pytest.mark.parametrize("sample", lines())
def test_it_says_what_the_label_says(sample: dict[str, Any]) -> None:
    assert [signal.type.value for signal in decoded(sample)] == expected(sample), sample["meaning"]


@pytest.mark.parametrize("sample", lines())
def test_it_says_the_same_when_the_family_is_named(sample: dict[str, Any]) -> None:
    assert decoded(sample, family=sample["read_by"]) == decoded(sample)


@pytest.mark.parametrize("sample", lines())
def test_it_brings_the_facts_along(sample: dict[str, Any]) -> None:
    facts = sample.get("facts", {})
    if expected(sample) != sample["signals"] and "needs_config" in facts:
        return  # the facts follow from the label
    for signal in decoded(sample):
        assert signal.family == sample["read_by"]
        for name, value in facts.items():
            if name in FACTS:
                found = FACTS[name](signal)
                if name == "dedupe_key":  # a counter that starts again, or a number as text, is only part of the ref
                    assert found is not None
                    assert str(value) in found
                elif name == "device":  # a node's number is an address as text
                    assert found == str(value)
                else:
                    assert found == value, name
        if facts.get("event_time"):
            stated = moment(facts["event_time"])
            assert signal.at is not None
            assert abs((signal.at - stated).total_seconds()) < 0.001
        assert signal.retained is bool(sample.get("mqtt", {}).get("retain"))


def test_it_keeps_samples_of_every_family() -> None:
    assert {path.stem for path in SAMPLES.glob("*.jsonl")} == set(devices.FAMILIES)
