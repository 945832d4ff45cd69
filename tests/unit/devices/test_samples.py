"""Every collected message of every family says what its label says."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import devices
from devices import Signal

SAMPLES = Path(__file__).parent / "samples"
WRONG_LABELS = {
    # topic and last_seen of the line: what it says instead, and why the label cannot be had.
    ("zigbee2mqtt/0x0015bc00390037cd", "2022-07-13T15:59:35.569Z"): (
        ["sos"],
        "the label judges it as a repeat of the line before; alone it is an alarm (its if_first_seen)",
    ),
}
FACTS = {
    "battery_pct": lambda signal: signal.battery,
    "lat": lambda signal: signal.lat,
    "lon": lambda signal: signal.lon,
    "dedupe_key": lambda signal: signal.ref,
    "bp_sys": lambda signal: signal.measurements.get("systolic"),
    "bp_dia": lambda signal: signal.measurements.get("diastolic"),
    "pulse_bpm": lambda signal: signal.measurements.get("heart_rate"),
    "heart_rate_bpm": lambda signal: signal.measurements.get("heart_rate"),
    "spo2_pct": lambda signal: signal.measurements.get("spo2"),
    "glucose": lambda signal: signal.measurements.get("blood_glucose"),
    "weight_kg": lambda signal: signal.measurements.get("weight"),
    "room": lambda signal: signal.measurements.get("room"),
    "implausible": lambda signal: signal.measurements.get("implausible"),
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
            sample = json.loads(line)
            found.append(pytest.param(sample, id=f"{path.stem}-{number}-{sample['model'].replace(' ', '_')}"))
    return found


def decoded(sample: dict[str, Any], *, family: str | None = None) -> tuple[Signal, ...]:
    payload = sample["payload"]
    raw = payload.encode() if isinstance(payload, str) else json.dumps(payload).encode()
    return devices.decode(sample["topic"], raw, retained=bool(sample.get("mqtt", {}).get("retain")), family=family)


def expected(sample: dict[str, Any]) -> list[str]:
    payload = sample["payload"]
    seen = payload.get("last_seen") if isinstance(payload, dict) else None
    wrong = WRONG_LABELS.get((sample["topic"], str(seen)))
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
    assert decoded(sample, family=sample["family"]) == decoded(sample)


@pytest.mark.parametrize("sample", lines())
def test_it_brings_the_facts_along(sample: dict[str, Any]) -> None:
    facts = sample.get("facts", {})
    for signal in decoded(sample):
        assert signal.family == sample["family"]
        for name, value in facts.items():
            if name in FACTS:
                found = FACTS[name](signal)
                if name == "dedupe_key":  # a counter that starts again, or a number as text, is only part of the ref
                    assert found is not None
                    assert str(value) in found
                else:
                    assert found == value, name
        if "event_time" in facts:
            stated = moment(facts["event_time"])
            assert signal.at is not None
            assert abs((signal.at - stated).total_seconds()) < 0.001
        assert signal.retained is bool(sample.get("mqtt", {}).get("retain"))


def test_it_keeps_samples_of_every_family() -> None:
    assert {path.stem for path in SAMPLES.glob("*.jsonl")} == set(devices.FAMILIES)
