"""Vital signs under the many names that gateways, bands and clouds give them, in the units of CONTRACT.md.

Numbers come as text, with float noise, or as the value a sensor shows when nobody wears it (0 beats, 127 %, 255). What
cannot be true of a living person is dropped: a reading that nobody took is no reading.

A bare word is no vital sign by itself: a water meter's ``pulse`` is no heart rate, the ``oxygen`` of the air no SpO2.
Such a word counts on what is worn or lain on: its family makes nothing else, the same message says more of a person, or
the device is registered so (`devices.setting.Setting.worn`).
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
_BARE: Final = frozenset(
    """pulse pulserate pr hr bpm heartbeat oxygen highpressure lowpressure 高压 低压""".split()  # noqa: SIM905 - a table of words
)
"""What meters, pumps, clocks and the air have, too."""
_COUNTED: Final = frozenset("count counter counts total width interval factor weight meter per".split())  # noqa: SIM905 - a table of words
_OF_A_PERSON: Final = frozenset(
    {
        "heart_rate",
        "spo2",
        "systolic",
        "diastolic",
        "body_temperature",
        "respiration_rate",
        "blood_glucose",
        "steps",
        "perfusion_index",
    }
)
_WEARING: Final = frozenset(
    """wear wearing worn wearstatus wearingstatus iswearing wearstate wristband inbed bedstatus bedstate onbed
    sleepstate 佩戴 佩戴状态 在床""".split()  # noqa: SIM905 - as above
)
"""Fields of what is worn or lain on."""
_BODY_WORDS: Final = re.compile(
    r"(?:^|_)(?:heart|blood|body|human|person|patient|resident|wrist|finger|hand|chest|arm|bed|mattress|pillow|watch|band"
    r"|bracelet|wristband|wearable|pendant|oximeter|cuff|sleep|patch)(?:_|$)"
)
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


def name_of(field: str, *, worn: bool) -> str | None:
    """The measurement that a field of this name holds, as alarmd calls it; None for others.

    Args:
        field: As sent.
        worn: Whether it is known to be said of a person, so that a bare word counts.
    """
    squeezed = key(field)
    return None if squeezed in _BARE and not worn else _NAMES.get(squeezed)


@lru_cache(maxsize=4096)  # as above
def bare(name: str) -> str | None:
    """The vital sign that a name is on what is worn or lain on, and nowhere else: of ``pulse``, ``water_pulse``."""
    if (squeezed := key(name)) in _BARE:
        return _NAMES[squeezed]
    words = re.split(r"[\W_]+", name[:64].lower())
    found = next((word for word in reversed(words) if word in _BARE), None)
    return None if found is None or _COUNTED.intersection(words) else _NAMES[found]


def is_worn(fields: Iterable[str]) -> bool:
    """Whether the fields of one message show that a person wears it or lies on it."""
    for field in fields:
        squeezed = key(field)
        if squeezed in _WEARING or (squeezed not in _BARE and _NAMES.get(squeezed) in _OF_A_PERSON):
            return True
    return False


@lru_cache(maxsize=4096)  # as above
def is_of_a_body(name: str) -> bool:
    """Whether a name itself says so: ``bed_pulse``, ``wrist pulse``."""
    return _BODY_WORDS.search(re.sub(r"[\W_]+", "_", name[:64].lower())) is not None


def on_a_body(measurements: Mapping[str, Any]) -> dict[str, Any]:
    """The measurements of what is worn or lain on, with its bare words as the vital signs that they are there."""
    found = {
        vital: figure
        for name, value in measurements.items()
        if (vital := bare(name)) is not None and vital not in measurements
        if (figure := sane(vital, value)) is not None
    }
    return {**measurements, **found} if found else dict(measurements)


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


def read(fields: Iterable[tuple[str, Any]], findings: Findings, *, worn: bool, unit: str = "") -> int:
    """Note every vital sign among the fields; how many there were.

    Args:
        fields: Name and value.
        findings: Where they go.
        worn: As for `name_of`.
        unit: As for `sane`.
    """
    found = 0
    for field, value in fields:
        name = name_of(field, worn=worn)
        if name is not None and (figure := sane(name, value, unit)) is not None:
            findings.measurements[name] = figure
            found += 1
    return found
