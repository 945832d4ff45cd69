"""What a free name means: of a sensor that somebody called ``bath_pull_cord``, of a code such as ``Fire alarm``.

Installers name things in their own words. These tables know the common ones in English, German, French, Spanish, Dutch
and Chinese; what they do not know stays with the family that asked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from devices.shared import chinese, vitals
from devices.signal import SignalType

T = SignalType

_ORDER: Final[tuple[tuple[SignalType, str], ...]] = (
    (T.DOOR, r"(?:emergency|fire)_(?:exit|door)(?:_door)?|notausgang|安全出口"),
    (T.BATTERY_LOW, r"low_?batt(?:ery)?|batt(?:ery)?_(?:is_)?low|battery_problem"),
    (T.TAMPER, r"tamper(?:ed|ing)?|sabotage"),
    (T.SMOKE, r"smoke|fire|rauch(?:melder)?|feuer|fum[ée]e|incendie|humo|rook|烟|烟雾|火警"),
    (T.CO, r"co|carbon_?monoxide|kohlenmonoxid|一氧化碳"),
    (T.GAS, r"gas|natgas|methane|lpg|燃气|煤气"),
    (T.HEAT, r"heat_?(?:alarm|detector)?|overheat(?:ing)?"),
    (T.WATER, r"water|leak(?:age)?|wleak|flood|moisture|wet|wasser|leck|fuite|agua|水浸|漏水"),
    (
        T.FALL,
        (
            r"fall|fallen|falling|fall_?detected|falldown|sturz|sturzmelder|gest[üu]rzt|vallen|gevallen|caduta"
            r"|chute|ca[ií]da|跌倒|摔倒"
        ),
    ),
    (T.INACTIVITY, r"inactivity|inactive|no_?motion|motionless"),
    (
        T.SOS,
        (
            r"sos|panic|emergency|medical|notruf|hausnotruf|notfall|hilfe|help|urgence|secours|emergencia"
            r"|emergenza|aiuto|ayuda|nood|noodknop|noodoproep|紧急|求助|呼救"
        ),
    ),
    (
        T.PRESS,
        (
            r"call|cord|pull_?cord|pull|button|pendant|bell|doorbell|nurse|knopf|taster|ruf|klingel|zugschalter"
            r"|zugtaster|zugschnur|schnur|bouton|appel|tirette|sonnette|knop|drukknop|trekkoord|koord|deurbel|呼叫"
            r"|按钮|拉绳"
        ),
    ),
    (
        T.DOOR,
        (
            r"door|window|contact|opening|gate|t[üu]r|tuer|haust[üu]r|haustuer|fenster|porte|fen[êe]tre|puerta"
            r"|ventana|deur|raam|门|窗"
        ),
    ),
    (T.BED_EXIT, r"bed_?exit|out_?of_?bed|离床"),
    (T.MOTION, r"motion|pir|movement|moving|bewegung|mouvement|beweging|移动|人体移动"),
    (
        T.PRESENCE,
        r"presence|occupancy|occupied|person|people|people_?exist|has_?target|bed|in_?bed|anwesenheit|存在|有人|床",
    ),
    (T.TEST, r"test|self_?test"),
)
_PATTERNS: Final = tuple((kind, re.compile(rf"(?:^|_)(?:{words})(?:_|$)")) for kind, words in _ORDER)
_SEPARATORS: Final = re.compile(r"[^\w\u4e00-\u9fff]+|_+")
_CAMEL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_DIGITS: Final = re.compile(r"\d+")
_NO_CO: Final = "co2"
"""Carbon dioxide is air to be aired, carbon monoxide is an alarm: this one keeps its digit."""
_LONGEST: Final = 120

UNITS: Final[Mapping[str, str]] = {
    "temperature": "temperature",
    "temp": "temperature",
    "humidity": "humidity",
    "heart_rate": "heart_rate",
    "heartrate": "heart_rate",
    "heart": "heart_rate",
    "bpm": "heart_rate",
    "pulse": "heart_rate",
    "respiratory_rate": "respiration_rate",
    "respiration_rate": "respiration_rate",
    "breath_rate": "respiration_rate",
    "breathing_rate": "respiration_rate",
    "breath": "respiration_rate",
    "spo2": "spo2",
    "blood_oxygen": "spo2",
    "oxygen": "spo2",
    "oxygen_saturation": "spo2",
    "systolic": "systolic",
    "diastolic": "diastolic",
    "body_temperature": "body_temperature",
    "weight": "weight",
    "steps": "steps",
    "pressure": "pressure",
    "illuminance": "illuminance",
    "distance": "distance",
    "co2": "co2",
}
"""The last words of a sensor's name and the measurement that they mean."""
_NEEDS_A_BODY: Final = frozenset({"pulse", "bpm", "oxygen", "oxygen_saturation"})
"""What a water meter, a pump and the air have, too: a vital sign where the name is that of what is worn or lain on."""


def plain(name: str) -> str:
    """A name as lower-case words joined by ``_``, without digits: ``Bath-PullCord 2`` is ``bath_pull_cord``."""
    words = _SEPARATORS.sub("_", _CAMEL.sub("_", name[:_LONGEST])).lower()
    return "_".join(
        part for part in (word if word == _NO_CO else _DIGITS.sub("", word) for word in words.split("_")) if part
    )


def kind_of(name: str) -> SignalType | None:
    """What a sensor of this name tells of when it is on, or what a code of these words says; None if nobody knows."""
    words = plain(name)
    for kind, pattern in _PATTERNS:
        if pattern.search(words):
            return kind
    return chinese.kind_of(words)


def measurement_of(name: str) -> str | None:
    """The measurement a sensor of this name gives, in the words of CONTRACT.md; None for one of its own."""
    parts = _SEPARATORS.sub("_", _CAMEL.sub("_", name[:_LONGEST])).lower().strip("_").split("_")
    for length in (2, 1):
        for start in range(len(parts) - length, -1, -1):
            words = "_".join(parts[start : start + length])
            if found := UNITS.get(words):
                return found if words not in _NEEDS_A_BODY or vitals.is_of_a_body(name) else None
    return None
