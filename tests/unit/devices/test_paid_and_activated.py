"""SIM card, credit and activation, where a family says such things: health of the device, and never an alarm."""

from __future__ import annotations

import json
from typing import Any

import pytest

import devices
from devices import SignalType as T

SENT = {"eventTime": "2026-11-21T08:00:00.000+00:00", "type": "deviceOnline", "id": 1, "deviceId": 385}
ALIYUN = "/sys/p/watch7/thing/event"


def types(topic: str, said: Any) -> list[T]:
    return [signal.type for signal in devices.decode(topic, json.dumps(said).encode())]


@pytest.mark.parametrize(
    ("device", "told"),
    [
        ({"disabled": True}, T.FAULT),
        ({"expirationTime": "2026-11-01T00:00:00.000+00:00"}, T.FAULT),
        ({"expirationTime": "2027-03-01T00:00:00.000+00:00", "disabled": False}, T.ONLINE),
        ({"expirationTime": None}, T.ONLINE),
    ],
)
def test_it_tells_whose_account_in_traccar_is_over(device: dict[str, Any], told: T) -> None:
    assert types("traccar/events", {"event": SENT, "device": {"uniqueId": "35"} | device}) == [told]


def test_whose_account_is_over_calls_for_help_all_the_same() -> None:
    said = {"event": SENT | {"type": "alarm", "attributes": {"alarm": "sos"}}, "device": {"id": 3, "disabled": True}}
    assert types("traccar/events", said) == [T.SOS]


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("SimArrears", 1, T.FAULT),
        ("SimArrears", 0, T.MEASUREMENT),
        ("simStatus", "expired", T.FAULT),
        ("simStatus", "normal", T.MEASUREMENT),
        ("卡状态", "已欠费", T.FAULT),
        ("ICCID", "89860000000000000000", T.MEASUREMENT),
    ],
)
def test_a_product_tells_that_its_card_is_not_paid_for(name: str, value: object, told: T) -> None:
    assert types(f"{ALIYUN}/property/post", {"params": {name: value}}) == [told]


@pytest.mark.parametrize("event", ["SimArrearsAlarm", "sim_expired", "SIM卡欠费"])
def test_an_event_of_it_is_no_call_for_help(event: str) -> None:
    (signal,) = devices.decode(f"{ALIYUN}/{event}/post", b'{"params":{"value":{}}}')
    assert (signal.type, signal.suspect) == (T.FAULT, None)


@pytest.mark.parametrize(
    ("topic", "said"),
    [
        ("application/a/device/0101010101010101/event/join", {"devAddr": "00189440"}),
        ("v3/app1@tenant1/devices/dev1/join", {"join_accept": {"session_key_id": "x"}}),
    ],
)
def test_a_device_that_joins_is_activated_for_it_was_heard(topic: str, said: dict[str, Any]) -> None:
    assert types(topic, said) == [T.HEARTBEAT]


def test_an_activation_that_is_refused_is_a_fault() -> None:
    said = {"level": "ERROR", "code": "OTAA", "description": "DevNonce has already been used"}
    assert types("application/a/device/0101010101010101/event/log", said) == [T.FAULT]
