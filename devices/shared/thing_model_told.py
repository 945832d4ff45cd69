"""What the output of an event says where its own name says nothing, and the objects that firmware hides in text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from devices.shared import reading
from devices.shared import thing_model_words as tables
from devices.shared.finding import ALARMS
from devices.signal import SignalType

_MOST = 256
_LONGEST = 65_536
"""No object that firmware packs into a string comes near it."""
_KIND_FIELDS = (
    "type",
    "alarmtype",
    "alarm_type",
    "event",
    "eventtype",
    "event_type",
    "code",
    "reason",
    "alarm",
    "name",
    "message",
    "msg",
    "content",
    "alarmname",
    "alarmcontent",
    "alarm_name",
    "类型",
    "事件",
    "事件类型",
    "报警类型",
    "告警类型",
    "报警内容",
)


def opened(value: object) -> object:
    """What a JSON string holds, where some firmware packed an object into one; all else as it is."""
    if not isinstance(value, str) or len(value) > _LONGEST or value.lstrip()[:1] not in ("{", "["):
        return value
    try:
        return reading.json_value(value.encode("utf-8", "replace"))
    except reading.UnreadableError:
        return value


def output(value: object) -> Mapping[str, Any]:
    """The output parameters, which some firmware packs into an array or a string."""
    value = opened(value)
    if isinstance(value, list):
        value = next((one for one in value[:_MOST] if isinstance(one, dict)), None)
    return value if isinstance(value, dict) else {}


def told(fields: Mapping[str, Any]) -> SignalType | None:
    """What ``{"alarmType": "sos"}`` or ``{"sos": 1}`` says of an event that is only called ``alarm``, if anything."""
    for name, value in list(fields.items())[:16]:
        if name.lower() in _KIND_FIELDS and isinstance(value, str) and (kind := tables.event(value)):
            return kind
        if isinstance(value, dict | list) and (kind := _told_inside(output(value))):
            return kind
    return raised(fields)


def _told_inside(fields: Mapping[str, Any]) -> SignalType | None:
    for name, value in list(fields.items())[:16]:
        if name.lower() in _KIND_FIELDS and isinstance(value, str) and (kind := tables.event(value)):
            return kind
    return raised(fields)


def listed(value: object) -> list[SignalType | None]:
    """What each entry of ``["sos", "fall"]``, ``{"type": "sos"}`` or ``[{"type": "sos"}]`` says; None where unknown."""
    entries = opened(value)
    found = []
    for one in entries[:16] if isinstance(entries, list) else [entries]:
        if isinstance(one, dict):
            found.append(told(one))
        elif isinstance(one, str) and one.strip():
            found.append(tables.event(one[:64]))
    return found


def raised(fields: Mapping[str, Any]) -> SignalType | None:
    """The first alarm among flags that stand at yes; None where none does."""
    for name, value in list(fields.items())[:32]:
        kind = None if tables.is_setting(name) else tables.meaning(name)
        if kind in ALARMS and isinstance(value, bool | int | str) and reading.truth(value):
            return kind
    return None
