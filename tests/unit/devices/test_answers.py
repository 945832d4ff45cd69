"""What a device is shown, and that alarmd never takes its own answer for a signal."""

from __future__ import annotations

import json

import pytest

from devices import registry
from devices.answers import answer

STATUSES = ("kept", "accepted", "coming", "arrived", "closed")
FAMILIES = ("zigbee2mqtt", "shelly_gen1", "shelly_gen2", "tasmota", "esphome")


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("status", STATUSES)
def test_alarmd_never_takes_its_own_answer_for_a_signal(family: str, status: str) -> None:
    told = answer(family, "bed_button", status)
    assert told is not None
    assert registry.decode(told.topic, told.payload) == ()


@pytest.mark.parametrize("family", FAMILIES)
def test_the_lamp_is_on_while_somebody_is_expected_and_off_at_the_end(family: str) -> None:
    shown = {status: answer(family, "x", status) for status in STATUSES}
    assert shown["kept"] == shown["coming"] == shown["arrived"] != shown["closed"]


def test_another_lamp_may_be_named() -> None:
    told = answer(
        "zigbee2mqtt", "bed_button", "kept", topic="zigbee2mqtt/lamp/set", payloads={"kept": '{"state":"ON"}'}
    )
    assert told == ("zigbee2mqtt/lamp/set", b'{"state":"ON"}')
    assert answer("zigbee2mqtt", "bed_button", "coming", payloads={"kept": "x"}) is None


def test_a_lorawan_device_is_sent_its_own_bytes() -> None:
    topic = "application/1/device/24e124535b316056/command/down"
    told = answer("chirpstack", "24e124535b316056", "kept", topic=topic, payloads={"kept": "080100ff"})
    assert told is not None
    assert json.loads(told.payload) == {
        "devEui": "24e124535b316056", "confirmed": False, "fPort": 85, "data": "CAEA/w=="
    }  # fmt: skip
    assert registry.decode(*told) == ()
    assert answer("chirpstack", "24e124535b316056", "kept") is None
    assert answer("chirpstack", "24e124535b316056", "kept", topic=topic, payloads={"kept": "no hex"}) is None


def test_a_family_that_shows_nothing_is_told_nothing() -> None:
    assert answer("owntracks", "x", "kept") is None
