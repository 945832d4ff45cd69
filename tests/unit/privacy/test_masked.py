"""What topics carry of people does not reach a log."""

from __future__ import annotations

import time

import pytest

from alarmd.privacy import mask_entry, masked, nickname
from alarmd.silence.group import Group, Scope


@pytest.mark.parametrize(
    ("topic", "logged"),
    [
        ("health/weight/wang.xiuying@example.org", "health/weight/…@…"),
        ("vega/861234567890123/up", "vega/…0123/up"),
        ("id/11010519380409002X", "id/…9002X"),
        ("zigbee2mqtt/0xa4c13899607febd1", "zigbee2mqtt/0xa4c13899607febd1"),
        ("health/steps/john_at_example_com", "health/steps/…@…"),
        ("owntracks/wang%40example.org/phone", "owntracks/…@…/phone"),
        ("19121212-1212", "…1212"),
        ("call +46 701 234 567 now", "call …4567 now"),
        ("zigbee2mqtt/0x0000158800012345", "zigbee2mqtt/0x0000158800012345"),
        ("8f14e45f-ceea-467f-a0e6-123456789012", "8f14e45f-ceea-467f-a0e6-123456789012"),
        ("zigbee2mqtt/button_at_front_door", "zigbee2mqtt/button_at_front_door"),
        ("application/7/device/24e124535b316056/event/up", "application/7/device/24e124535b316056/event/up"),
    ],
)
def test_it_leaves_out_what_belongs_to_a_person(topic: str, logged: str) -> None:
    assert masked(topic) == logged


def test_it_is_never_longer_than_a_line() -> None:
    assert len(masked("a" * 5000)) == 200


@pytest.mark.parametrize("address", ["button-7", "0x00158d0001234567", "24e124535b316056", "Küche"])
def test_an_ordinary_address_stays_readable(address: str) -> None:
    assert nickname(address, 12) == address


def test_two_devices_never_have_the_same_nickname() -> None:
    addresses = ["861234567894711", "869999999994711", "a@example.org", "b@example.org", "...4711 (1)", "x" * 500]
    names = [nickname(address, number) for number, address in enumerate(addresses, 1)]
    assert names[0] == "...4711 (1)"
    assert len(set(names)) == len(addresses)


def test_a_gateway_called_by_its_imei_is_not_named_whole() -> None:
    one, other = Group(Scope.GATEWAY, "861234567894711"), Group(Scope.GATEWAY, "869999999994711")
    assert one.subject.startswith("gateway:...4711 (")
    assert one.subject != other.subject
    assert Group(Scope.GATEWAY, "zigbee2mqtt").subject == "gateway:zigbee2mqtt"


def test_it_shortens_every_text_of_a_line_of_the_process_log() -> None:
    line = {"event": "door.refused", "client": "861234567894711", "why": ["of a@example.org"], "port": 18830}
    assert mask_entry(None, "", line) == {
        "event": "door.refused",
        "client": "…4711",
        "why": ["of …@…"],
        "port": 18830,
    }


def test_a_long_line_costs_no_time() -> None:
    started = time.process_time()
    masked("a" * 65_000 + "@" * 500, length=None)
    assert time.process_time() - started < 2.0
