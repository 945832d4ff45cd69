"""What a family reads without being told is also what it subscribes to: else a broker never brings it."""

from __future__ import annotations

import pytest

import devices


def matched(wanted: str, topic: str) -> bool:
    filters, levels = wanted.split("/"), topic.split("/")
    for place, part in enumerate(filters):
        if part == "#":
            return True
        if place >= len(levels) or part not in ("+", levels[place]):
            return False
    return len(filters) == len(levels)


@pytest.mark.parametrize(
    ("family", "topic"),
    [
        ("meshtastic", "msh/2/json/LongFast/!7efeee00"),
        ("meshtastic", "msh/EU_868/2/json/LongFast/!7efeee00"),
        ("meshtastic", "msh/EU_868/DE/2/json/LongFast/!7efeee00"),
        ("meshtastic", "msh/EU_868/DE/Berlin/2/stat/!7efeee00"),
        ("onenet", "$sys/123456/gw/thing/sub/property/post"),
        ("onenet", "$sys/123456/gw/thing/sub/logout"),
        ("aliyun_iot", "/a1B2c3D4e5F/btn12/thing/event/SOS/post"),
        ("aliyun_iot", "/a1B2c3D4e5F/btn12/user/update"),
        ("ha_mqtt_room", "espresense/rooms/hall/button"),
    ],
)
def test_it_subscribes_to_what_it_reads(family: str, topic: str) -> None:
    assert devices.FAMILIES[family].matches(topic)
    assert any(matched(wanted, topic) for wanted in devices.FAMILIES[family].subscriptions)
