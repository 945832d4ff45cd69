"""Elderly-Care-Home-Alert-Engine: ``sensors/<id>/<metric>`` with a bare number, and nothing else, as payload.

Source: kemalerbakirci/Elderly-Care-Home-Alert-Engine, ``docs/iot-integration.md``. The sensor's name carries the
meaning (``patient_001_fall``, ``emergency_button_001``). That engine drops what is no number; here it is a call.
"""

from __future__ import annotations

import re
from typing import Final

from devices.family import Family
from devices.shared import chinese, reading, vitals
from devices.shared.finding import Findings, unreadable
from devices.signal import Signal, SignalType, Suspect

NAME: Final = "elderly_care_engine"
T = SignalType
_TOPIC = re.compile(r"sensors/([^/]+)/([^/]+)")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_NAN = frozenset({"nan", "none", "null", "inf", "-inf", "unavailable", "unknown"})
_DETECTED: Final = (
    ("fall", T.FALL),
    ("smoke", T.SMOKE),
    ("fire", T.SMOKE),
    ("heat", T.HEAT),
    ("gas", T.GAS),
    ("co", T.CO),
    ("monoxide", T.CO),
    ("water", T.WATER),
    ("leak", T.WATER),
    ("flood", T.WATER),
    ("intruder", T.INTRUDER),
    ("emergency", T.SOS),
    ("panic", T.SOS),
    ("sos", T.SOS),
)
_STATES: Final = (
    ("motion", T.MOTION, "motion"),
    ("occupancy", T.PRESENCE, "presence"),
    ("presence", T.PRESENCE, "presence"),
    ("bed", T.PRESENCE, "in_bed"),
    ("door", T.DOOR, "open"),
    ("window", T.DOOR, "open"),
)
_CALLS: Final = frozenset({"emergency", "panic", "sos", "help", "alarm"})
_FLAGS: Final = frozenset({"pressed", "detected", "motion", "status", "alarm", "presence", "occupancy", "open"})
_PEOPLE: Final = frozenset({"patient", "body", "resident"})


def matches(topic: str) -> bool:
    """Whether this is a sensor's topic (``alerts/…`` is what that engine says itself)."""
    return topic.startswith("sensors/") and _TOPIC.fullmatch(topic) is not None


def address(topic: str) -> str | None:
    """The sensor's id."""
    match = _TOPIC.fullmatch(topic)
    return match[1] if match else None


def decode(topic: str, payload: bytes, *, retained: bool = False) -> tuple[Signal, ...]:
    """Read one message; see `Family.decode`."""
    match = _TOPIC.fullmatch(topic)
    if match is None or not payload:
        return ()
    sensor, metric = match[1], match[2].lower()
    named = frozenset(reading.words(sensor.replace("_", " ")))
    if kind := chinese.kind_of(sensor):
        named |= {kind.value}
    value = _value(payload)
    findings = Findings()
    if metric in _FLAGS:
        on = reading.truth(value)
        if on is None:
            return unreadable(sensor, NAME, retained=retained)
        _flag(metric, named, findings, on=on)
    elif isinstance(value, float | int) and value in (0, 1) and _is_state(metric, named):
        _flag("pressed" if named & _CALLS else metric, named | {metric}, findings, on=value == 1)
    elif isinstance(value, float | int):
        _measure(metric, named, value, findings)
    elif reading.text(value, 16).lower() not in _NAN:
        return unreadable(sensor, NAME, retained=retained)
    return findings.signals(sensor, NAME, retained=retained)


def _is_state(metric: str, named: frozenset[str]) -> bool:
    """``patient_001_fall/value``: what is named after an alarm has no other figure than whether it happened."""
    alarms = {word for word, _ in _DETECTED} | _CALLS
    return metric in alarms or (metric in ("value", "state", "event", "triggered") and bool(named & alarms))


def _value(payload: bytes) -> object:
    """A number; else the word, or the ``value`` of a JSON object, as that engine's page warns against sending."""
    text = (
        payload[:200].decode("utf-8", "replace").strip("\x00 \t\r\n\"'") if len(payload) < reading.MAX_PAYLOAD else ""
    )
    if (figure := reading.number(text)) is not None:
        return figure
    if text.startswith("{"):
        try:
            said = reading.json_object(payload).get("value")
        except reading.UnreadableError:
            return None
        figure = reading.number(said)
        return said if figure is None else figure
    return "true" if text.lower() in ("pressed", "motion") else text or None


def _flag(metric: str, named: frozenset[str], findings: Findings, *, on: bool) -> None:
    if metric == "pressed":
        findings.measurements["pressed"] = on
        if on:
            findings.add(T.SOS if named & _CALLS else T.PRESS, gesture=None if named & _CALLS else "single")
        return
    for word, kind, name in _STATES:
        if word in named or word == metric:
            findings.measurements[name] = on
            findings.add(kind)
            return
    for word, kind in _DETECTED:
        if word in named:
            findings.measurements[kind.value] = on
            if on:
                findings.add(kind)
            return
    findings.measurements[metric] = on
    if on:
        findings.add(T.FAULT, suspect=Suspect.UNKNOWN_CODE, text=f"{metric}, nobody knows of what")


def _measure(metric: str, named: frozenset[str], value: float, findings: Findings) -> None:
    if "battery" in named or metric == "battery":
        findings.battery = reading.percent(value)
        return
    name, figure = _named(metric, named, value)
    if figure is not None:
        findings.measurements[name] = figure
        findings.add(T.MEASUREMENT)


def _named(metric: str, named: frozenset[str], value: float) -> tuple[str, float | int | None]:
    if metric in ("celsius", "fahrenheit", "temperature"):
        warmth = vitals.celsius(value) if metric == "fahrenheit" else vitals.tidy(value)
        if named & _PEOPLE:
            return "body_temperature", vitals.sane("body_temperature", warmth)
        return "temperature", warmth
    if metric in ("percentage", "percent"):
        name = next((word for word in ("spo2", "oxygen", "humidity") if word in named), "percentage")
        is_spo2 = name == "spo2" or (name == "oxygen" and _is_a_persons(named))
        return ("spo2", vitals.sane("spo2", value)) if is_spo2 else (name, vitals.tidy(value))
    if (vital := vitals.name_of(metric, worn=_is_a_persons(named))) is not None:
        return vital, vitals.sane(vital, value)
    return (metric if _NAME.fullmatch(metric) else "value"), vitals.tidy(value)


def _is_a_persons(named: frozenset[str]) -> bool:
    """Whether a sensor's name says that somebody wears it or lies on it."""
    return bool(named & _PEOPLE) or vitals.is_of_a_body("_".join(named))


FAMILY: Final = Family(
    name=NAME, subscriptions=("sensors/+/+",), matches=matches, decode=decode, address=address, rank=6
)
