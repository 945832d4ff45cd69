"""``devices.toml``: what is set for each device, checked key by key: a mistake is a sentence and not a surprise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from config import planbook, toml
from config.faults import nearest
from config.wording import said
from devices import SignalType
from devices.setting import ANSWERS, AT_NIGHT, DEFAULT_LIMITS, GESTURE_MEANINGS, Limit, Setting
from escalation.plan import PlanError, seconds

_KEYS = (
    "gestures",
    "invert",
    "limits",
    "night",
    "at_night",
    "check_in_by",
    "answers",
    "answer_topic",
    "answer_payloads",
    "sim_until",
    "active_from",
)
_LIMIT_KEYS = ("low", "high", "for")


class DeviceBookError(Exception):
    """The file cannot be used; its text names the file, the key and what is allowed there."""


def read(path: Path) -> dict[str, Setting]:
    """The settings by device id.

    Raises:
        DeviceBookError: One of them is faulty; none is used then.
    """
    try:
        _, raw = toml.read(path)
    except toml.TomlError as error:
        raise DeviceBookError("\n".join(error.sentences(path))) from None
    tables = raw.get("device")
    if set(raw) != {"device"} or not isinstance(tables, dict):
        raise DeviceBookError(f"{path}: " + said("holds [device.<id>] tables only"))
    try:
        return {name: _setting(table, f"device.{name}") for name, table in tables.items()}
    except PlanError as error:
        raise DeviceBookError(f"{path}: {planbook.told(error)}") from None
    except _FaultError as error:
        raise DeviceBookError(f"{path}: {error}") from None


class _FaultError(Exception):
    pass


def _setting(raw: object, where: str) -> Setting:
    table = _table(raw, where)
    _known(table, _KEYS, where)
    at_night = _word(table.get("at_night", SignalType.WANDER), AT_NIGHT, f"{where}.at_night")
    return Setting(
        gestures={
            str(gesture): _word(meant, GESTURE_MEANINGS, f"{where}.gestures.{gesture}")
            for gesture, meant in _table(table.get("gestures", {}), f"{where}.gestures").items()
        },
        invert=tuple(str(name) for name in _list(table.get("invert", []), f"{where}.invert")),
        limits=_limits(table.get("limits", {}), f"{where}.limits"),
        night=_night(table["night"], f"{where}.night") if "night" in table else None,
        at_night=at_night,
        check_in_by=_time(table["check_in_by"], f"{where}.check_in_by") if "check_in_by" in table else None,
        answers=tuple(
            _word(one, ANSWERS, f"{where}.answers") for one in _list(table.get("answers", []), f"{where}.answers")
        ),
        answer_topic=_topic(table.get("answer_topic", ""), f"{where}.answer_topic"),
        answer_payloads={
            _word(status, ANSWERS, f"{where}.answer_payloads"): str(payload)
            for status, payload in _table(table.get("answer_payloads", {}), f"{where}.answer_payloads").items()
        },
        sim_until=_date(table["sim_until"], f"{where}.sim_until") if "sim_until" in table else None,
        active_from=_date(table["active_from"], f"{where}.active_from") if "active_from" in table else None,
    )


def _limits(raw: object, where: str) -> dict[str, Limit]:
    limits: dict[str, Limit] = {}
    for name, one in _table(raw, where).items():
        at = f"{where}.{name}"
        _word(name, (*DEFAULT_LIMITS, "diastolic", "blood_glucose"), at)
        table = _table(one, at)
        _known(table, _LIMIT_KEYS, at)
        low, high = (_number(table.get(key), f"{at}.{key}") for key in ("low", "high"))
        if low is not None and high is not None and low >= high:
            raise _FaultError(f"{at}: " + said("low {low} must be below high {high}", low=f"{low:g}", high=f"{high:g}"))
        lasting = table.get("for", 0)
        limits[name] = Limit(low=low, high=high, seconds=seconds(lasting, f"{at}.for") if lasting else 0.0)
    return limits


def _night(raw: object, where: str) -> tuple[time, time]:
    start, _, end = str(raw).partition("-")
    try:
        return time.fromisoformat(start.strip()), time.fromisoformat(end.strip())
    except ValueError:
        raise _FaultError(
            f"{where}: " + said("{text!r} is not a span of the day; write for example 22:00-06:00", text=raw)
        ) from None


def _time(raw: object, where: str) -> time:
    try:
        return time.fromisoformat(str(raw))
    except ValueError:
        raise _FaultError(
            f"{where}: " + said("{text!r} is not a time of the day; write for example 10:00", text=raw)
        ) from None


def _date(raw: object, where: str) -> date:
    if isinstance(raw, date) and not isinstance(raw, datetime):
        return raw
    try:
        return date.fromisoformat(str(raw))
    except ValueError:
        raise _FaultError(
            f"{where}: " + said("{text!r} is not a day; write for example 2027-03-01", text=str(raw))
        ) from None


def _topic(raw: object, where: str) -> str:
    topic = str(raw)
    if any(wild in topic for wild in "+#\0") or topic.startswith("$"):
        raise _FaultError(
            f"{where}: " + said("{topic!r} is not a topic to publish to; write it without + # and $", topic=topic)
        )
    return topic


def _number(raw: object, where: str) -> float | None:
    if raw is None:
        return None
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        raise _FaultError(f"{where}: " + said("{text!r} is not a number", text=raw))
    return float(raw)


def _word(raw: object, allowed: Iterable[str], where: str) -> str:
    words = [str(word) for word in allowed]
    if raw not in words:
        raise _FaultError(
            f"{where}: "
            + said(
                "{text!r} is none of {words}; {hint}", text=raw, words=", ".join(words), hint=nearest(str(raw), words)
            )
        )
    return str(raw)


def _known(table: Mapping[str, Any], keys: tuple[str, ...], where: str) -> None:
    for key in table:
        if key not in keys:
            raise _FaultError(f"{where}: " + said("unknown key {key!r}", key=key) + f"; {nearest(key, keys)}")


def _table(raw: object, where: str) -> dict[str, Any]:
    if not isinstance(raw, dict):
        raise _FaultError(f"{where}: " + said("must be a table"))
    return raw


def _list(raw: object, where: str) -> list[Any]:
    if not isinstance(raw, list):
        raise _FaultError(f"{where}: " + said("must be a list"))
    return raw
