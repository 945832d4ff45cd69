"""What a device of a cloud's own protocol waits for after each report: its id back, and that all is well.

Such firmware sends again, or gives up and starts anew, when nothing comes. Where alarmd stands in the cloud's place it
says so in the cloud's words, and means by it what a PUBACK means: the message is kept. Each family says it in its own
way; Huawei's IoTDA answers no report.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from devices.family import Message
from devices.shared import reading

LONGEST_ID: Final = 128


def report(topics: re.Pattern[str], topic: str, payload: bytes) -> dict[str, Any]:
    """What a report says; nothing where it is none, or cannot be read: without its id no answer is one."""
    if topics.fullmatch(topic) is None:
        return {}
    try:
        return reading.json_object(payload)
    except reading.UnreadableError:
        return {}


def is_wanted(said: dict[str, Any]) -> bool | None:
    """``sys.ack``; None where it does not say."""
    system = said.get("sys")
    ack = system.get("ack") if isinstance(system, dict) else None
    return None if ack is None else str(ack) in {"1", "True"}


def number(value: object) -> str | int | None:
    """An id as the device wrote it: it compares. None where that is none."""
    if isinstance(value, str):
        return value if 0 < len(value) <= LONGEST_ID else None
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 64 else None


def told(topic: str, answer: Mapping[str, object]) -> Message:
    """An answer as JSON."""
    return Message(topic, json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace"))
