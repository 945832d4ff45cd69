"""What a device of a cloud's own protocol waits for after each report: its id back, and that all is well.

Such firmware sends again, or gives up and starts anew, when nothing comes. Where alarmd stands in the cloud's place it
says so in the cloud's words, and means by it what a PUBACK means: the message is kept.

Sources: Aliyun IoT 89301 (``…/post_reply``, ``sys.ack``); OneNET's thing-model topics (``…/reply``); TuyaLink,
"Properties, Actions, and Events" (``…_response``, only where ``sys.ack`` is 1); Tencent 1081/34916
(``$thing/down/…``). Huawei's IoTDA answers no report.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from devices.answers import Message
from devices.shared import reading

_TOPIC = re.compile(
    r"(?P<aliyun>/sys/[^/]+/[^/]+/thing/event/.+/post)"
    r"|(?P<onenet>\$sys/[^/]+/[^/]+/thing/(?:sub/)?(?:property|event|pack|history)/post)"
    r"|(?P<tuya>tylink/[^/]+/thing/(?:property/report|event/trigger|data/batch_report))"
    r"|\$thing/up/(?P<tencent>(?:property|event)/[^/]+/[^/]+)"
)
_TENCENT: Final[Mapping[str, str]] = {
    "report": "report_reply",
    "report_info": "report_info_reply",
    "event_post": "event_reply",
    "events_post": "events_reply",
}
LONGEST_ID: Final = 128


def receipt(topic: str, payload: bytes, at: datetime) -> Message | None:
    """What to publish once a message is kept; None where its sender waits for nothing.

    Pure and total, as decoding is.

    Args:
        topic: As received.
        payload: As received.
        at: When it was received; some clouds say the time.
    """
    found = _TOPIC.fullmatch(topic) if topic.startswith(("/sys/", "$", "tylink/")) else None
    if found is None:
        return None
    try:
        said = reading.json_object(payload)
    except reading.UnreadableError:
        return None  # without its id no answer is one
    if found["tencent"]:
        return _tencent(found["tencent"], said)
    if found["tuya"]:
        return _tuya(topic, said, at)
    return _onenet(topic, said) if found["onenet"] else _aliyun(topic, said)


def _aliyun(topic: str, said: dict[str, Any]) -> Message | None:
    number = _id(said.get("id"))
    if number is None or _acknowledgement_wanted(said) is False:
        return None
    method = reading.text(said.get("method"), LONGEST_ID) or topic[topic.index("/thing/") + 1 :].replace("/", ".")
    told = {"code": 200, "data": {}, "id": number, "message": "success", "method": method, "version": "1.0"}
    return _message(f"{topic}_reply", told)


def _onenet(topic: str, said: dict[str, Any]) -> Message | None:
    number = _id(said.get("id"))
    return None if number is None else _message(f"{topic}/reply", {"id": number, "code": 200, "msg": "success"})


def _tuya(topic: str, said: dict[str, Any], at: datetime) -> Message | None:
    number = _id(said.get("msgId"))
    if number is None or not _acknowledgement_wanted(said):
        return None
    return _message(f"{topic}_response", {"msgId": number, "time": int(at.timestamp() * 1000), "code": 0})


def _tencent(where: str, said: dict[str, Any]) -> Message | None:
    token, method = _id(said.get("clientToken")), _TENCENT.get(reading.text(said.get("method"), 32))
    if token is None or method is None:
        return None
    told: dict[str, object] = {"method": method, "clientToken": token, "code": 0, "status": "success"}
    if where.startswith("event/"):
        told["data"] = {}
    return _message(f"$thing/down/{where}", told)


def _acknowledgement_wanted(said: dict[str, Any]) -> bool | None:
    """``sys.ack``; None where it does not say."""
    system = said.get("sys")
    ack = system.get("ack") if isinstance(system, dict) else None
    return None if ack is None else str(ack) in {"1", "True"}


def _id(value: object) -> str | int | None:
    """As the device wrote it: it compares."""
    if isinstance(value, str):
        return value if 0 < len(value) <= LONGEST_ID else None
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 64 else None


def _message(topic: str, told: Mapping[str, object]) -> Message:
    return Message(topic, json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace"))
