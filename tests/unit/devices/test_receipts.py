"""A device of a cloud's protocol hears what its cloud would say."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.receipts import receipt

NOW = datetime(2026, 11, 21, 11, 30, tzinfo=UTC)
ALIYUN = "/sys/a1pk/btn12/thing/event/property/post"
ONENET = "$sys/pid/btn/thing/property/post"
TUYA = "tylink/6c01/thing/property/report"
UP, DOWN = "$thing/up", "$thing/down"


def said(topic: str, payload: Any) -> tuple[str, Any] | None:
    """The topic and the object of the receipt."""
    told = receipt(topic, json.dumps(payload).encode(), NOW)
    return (told.topic, json.loads(told.payload)) if told else None


@pytest.mark.parametrize("topic", [ALIYUN, "/sys/a1pk/btn12/thing/event/sos/post"])
def test_aliyun_hears_its_id_and_200(topic: str) -> None:
    told = {"id": "123", "version": "1.0", "params": {}, "method": "thing.event.property.post"}
    assert said(topic, told) == (
        f"{topic}_reply",
        {
            "id": "123",
            "code": 200,
            "data": {},
            "message": "success",
            "method": "thing.event.property.post",
            "version": "1.0",
        },
    )


def test_aliyun_hears_the_method_that_its_topic_means() -> None:
    told = said("/sys/a1pk/btn12/thing/event/sos/post", {"id": "123"})
    assert told is not None
    assert told[1]["method"] == "thing.event.sos.post"


def test_aliyun_hears_nothing_where_it_wants_nothing() -> None:
    assert said(ALIYUN, {"id": "1", "sys": {"ack": 0}, "params": {}}) is None
    assert said(ALIYUN, {"id": "1", "sys": {"ack": 1}, "params": {}}) is not None


def test_onenet_hears_its_id_and_200() -> None:
    assert said(ONENET, {"id": "7", "params": {}}) == (f"{ONENET}/reply", {"id": "7", "code": 200, "msg": "success"})


def test_tuya_hears_an_answer_only_where_it_asks_for_one() -> None:
    assert said(TUYA, {"msgId": "m1", "data": {}}) is None
    told = {"msgId": "m1", "time": 1795260600000, "code": 0}
    assert said(TUYA, {"msgId": "m1", "sys": {"ack": 1}, "data": {}}) == (f"{TUYA}_response", told)
    event = "tylink/6c01/thing/event/trigger"
    assert said(event, {"msgId": "m1", "sys": {"ack": 1}, "data": {}}) == (f"{event}_response", told)


@pytest.mark.parametrize(
    ("kind", "method", "answer"),
    [
        ("property", "report", "report_reply"),
        ("property", "report_info", "report_info_reply"),
        ("event", "event_post", "event_reply"),
        ("event", "events_post", "events_reply"),
    ],
)
def test_tencent_hears_its_token_on_the_way_down(kind: str, method: str, answer: str) -> None:
    told = said(f"{UP}/{kind}/P/d", {"method": method, "clientToken": "t-1", "params": {}})
    assert told is not None
    assert told[0] == f"{DOWN}/{kind}/P/d"
    assert told[1].items() >= {"method": answer, "clientToken": "t-1", "code": 0}.items()


@pytest.mark.parametrize(
    ("topic", "payload"),
    [
        (ALIYUN, {"params": {}}),
        (ALIYUN, {"id": "x" * 500}),
        (ALIYUN, {"id": {"a": 1}}),
        (ALIYUN, "no object"),
        (f"{ALIYUN}_reply", {"id": "1"}),
        (f"{ONENET}/reply", {"id": "1"}),
        (f"{TUYA}_response", {"msgId": "1", "sys": {"ack": 1}}),
        (f"{DOWN}/property/P/d", {"method": "report_reply", "clientToken": "1"}),
        (f"{UP}/property/P/d", {"method": "control_reply", "clientToken": "1"}),
        ("$oc/devices/d/sys/properties/report", {"id": "1"}),
        ("zigbee2mqtt/bed_button", {"id": "1"}),
    ],
)
def test_nobody_else_hears_anything(topic: str, payload: Any) -> None:
    assert said(topic, payload) is None


@given(st.sampled_from([ALIYUN, ONENET, TUYA, f"{UP}/event/P/d"]), st.binary(max_size=200))
def test_it_stands_any_bytes(topic: str, payload: bytes) -> None:
    receipt(topic, payload, NOW)
