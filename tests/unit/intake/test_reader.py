"""Which family reads a topic, as an operator may assign it."""

from __future__ import annotations

from datetime import UTC, datetime

from alarmd.intake.delivery import Delivery
from alarmd.intake.reader import Reader
from devices.signal import SignalType


def message(topic: str, payload: str = '{"action":"emergency"}') -> Delivery:
    now = datetime(2026, 11, 21, tzinfo=UTC)
    return Delivery(topic=topic, payload=payload.encode(), qos=1, retained=False, received_at=now, via="door")


def test_an_assigned_topic_is_read_by_its_family_whatever_it_looks_like() -> None:
    reader = Reader(assigned={"house/7/#": "zigbee2mqtt"})
    (signal,) = reader.decode(message("house/7/bed_button"))
    assert (signal.family, signal.type) == ("zigbee2mqtt", SignalType.SOS)
    assert reader.knows("house/7/bed_button")
    assert not reader.knows("house/8/bed_button")


def test_it_subscribes_to_the_families_topics_and_to_the_assigned_ones() -> None:
    reader = Reader(["alarmd"], {"house/7/#": "zigbee2mqtt"})
    assert reader.filters == ["alarmd/v1/+/signal", "house/7/#"]


def test_the_first_assignment_that_matches_counts() -> None:
    reader = Reader(assigned={"house/7/bed": "tasmota", "house/#": "zigbee2mqtt"})
    assert reader.decode(message("house/7/bed")) == ()
