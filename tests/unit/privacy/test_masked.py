"""What topics carry of people does not reach a log."""

from __future__ import annotations

import pytest

from alarmd.privacy import masked


@pytest.mark.parametrize(
    ("topic", "logged"),
    [
        ("health/weight/wang.xiuying@example.org", "health/weight/…@…"),
        ("vega/861234567890123/up", "vega/…0123/up"),
        ("id/11010519380409002X", "id/…9002X"),
        ("zigbee2mqtt/0xa4c13899607febd1", "zigbee2mqtt/0xa4c13899607febd1"),
        ("application/7/device/24e124535b316056/event/up", "application/7/device/24e124535b316056/event/up"),
    ],
)
def test_it_leaves_out_what_belongs_to_a_person(topic: str, logged: str) -> None:
    assert masked(topic) == logged


def test_it_is_never_longer_than_a_line() -> None:
    assert len(masked("a" * 5000)) == 200
