"""Vital signs under the many names that gateways, bands and clouds give them, in the units of CONTRACT.md.

Numbers come as text, with float noise, or as the value a sensor shows when nobody wears it (0 beats, 127 %, 255). What
cannot be true of a living person is dropped: a reading that nobody took is no reading.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Final

from devices.shared import reading
from devices.shared.finding import Findings

Number = float | int

_NAMES: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        ("heartrate", "hr", "bpm", "pulse", "pulserate", "pr", "heartbeat", "heartratevalue", "xinlv"), "heart_rate"
    ),
    **dict.fromkeys(
        ("spo2", "spo2value", "bloodoxygen", "bloodoxygenvalue", "oxygensaturation", "oxygen", "xueyang"), "spo2"
    ),
    **dict.fromkeys(
        (
            "systolic",
            "bphigh",
            "bpsys",
            "sbp",
            "highpressure",
            "systolicpressure",
            "bloodpressurehigh",
            "sysbp",
            "bloodpressuresystolic",
            "systolicbloodpressure",
            "highbloodpressure",
        ),
        "systolic",
    ),
    **dict.fromkeys(
        (
            "diastolic",
            "bplow",
            "bpdia",
            "dbp",
            "lowpressure",
            "diastolicpressure",
            "bloodpressurelow",
            "diabp",
            "bloodpressurediastolic",
            "diastolicbloodpressure",
            "lowbloodpressure",
        ),
        "diastolic",
    ),
    **dict.fromkeys(("bodytemperature", "bodytemp", "tiwen"), "body_temperature"),
    **dict.fromkeys(("respirationrate", "respiratoryrate", "breathingrate", "breathrate", "huxi"), "respiration_rate"),
    **dict.fromkeys(("bloodglucose", "glucose", "bloodsugar"), "blood_glucose"),
    **dict.fromkeys(("weight", "bodyweight"), "weight"),
    **dict.fromkeys(("uricacid",), "uric_acid"),
    **dict.fromkeys(("cholesterol",), "cholesterol"),
    **dict.fromkeys(("pi", "perfusionindex"), "perfusion_index"),
    **dict.fromkeys(("resistance", "impedance"), "impedance"),
    **dict.fromkeys(("steps", "step", "stepcount", "步数", "计步"), "steps"),
    **dict.fromkeys(("心率", "脉搏", "心率值"), "heart_rate"),
    **dict.fromkeys(("血氧", "血氧饱和度", "血氧值"), "spo2"),
    **dict.fromkeys(("收缩压", "高压"), "systolic"),
    **dict.fromkeys(("舒张压", "低压"), "diastolic"),
    **dict.fromkeys(("呼吸", "呼吸率", "呼吸频率"), "respiration_rate"),
    "体温": "body_temperature",
    "血糖": "blood_glucose",
    "体重": "weight",
}
_LIVING: Final[Mapping[str, tuple[float, float]]] = {
    "heart_rate": (1, 250),
    "spo2": (1, 100),
    "systolic": (30, 300),
    "diastolic": (10, 250),
    "body_temperature": (20, 45),
    "respiration_rate": (1, 100),
    "blood_glucose": (0.1, 1500),
    "weight": (0.5, 500),
    "uric_acid": (0.1, 5000),
    "cholesterol": (0.1, 1000),
    "perfusion_index": (0, 1000),
    "impedance": (1, 100_000),
    "steps": (0, 200_000),
}
"""Name to the least and the greatest that can be a measurement at all: bounds of sense, not of health."""

_FAHRENHEIT = (80, 115)
"""No body is this warm in °C, and none colder than this in °F."""
_POUND = 0.45359237
_SQUEEZE = re.compile(r"[^a-z0-9\u4e00-\u9fff]+")


@lru_cache(maxsize=4096)  # the few hundred names that a fleet sends for ever; bounded against made-up ones
def key(name: str) -> str:
    """``"Heart_Rate"``, ``"heartRate"`` and ``"heart rate"`` to ``"heartrate"``."""
    return _SQUEEZE.sub("", name[:64].lower())


def name_of(field: str) -> str | None:
    """The measurement that a field of this name holds, as alarmd calls it; None for others."""
    return _NAMES.get(key(field))


def sane(name: str, value: object, unit: str = "") -> Number | None:
    """The value in alarmd's unit, without float noise; None for a sentinel, and for what is no number.

    Args:
        name: One of alarmd's own names, such as ``"heart_rate"``.
        value: As sent: a number, or text that holds one.
        unit: ``"lb"``, ``"F"`` where the device says so; a body temperature in °F is known by its size, too.
    """
    figure = reading.number(value)
    if figure is None:
        return None
    if name == "weight" and unit.strip().lower() in ("lb", "lbs"):
        figure = figure * _POUND
    if name == "body_temperature" and _FAHRENHEIT[0] <= figure <= _FAHRENHEIT[1]:
        figure = celsius(figure)
    low, high = _LIVING.get(name, (float("-inf"), float("inf")))
    return tidy(figure) if low <= figure <= high else None


def tidy(figure: Number) -> Number:
    """Three decimals: what firmware writes as 79.30000305 was measured as 79.3."""
    return figure if isinstance(figure, int) else round(figure, 3)


def celsius(fahrenheit: Number) -> float:
    """°F to °C."""
    return round((fahrenheit - 32) / 1.8, 2)


def read(fields: Iterable[tuple[str, Any]], findings: Findings, *, unit: str = "") -> int:
    """Note every vital sign among the fields; how many there were."""
    found = 0
    for field, value in fields:
        name = name_of(field)
        if name is not None and (figure := sane(name, value, unit)) is not None:
            findings.measurements[name] = figure
            found += 1
    return found
