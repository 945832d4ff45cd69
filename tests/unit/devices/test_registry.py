"""Finding the family of a topic."""

from __future__ import annotations

import pytest

import devices
from devices import FAMILIES, UnknownFamilyError


@pytest.mark.parametrize(
    ("topic", "name", "address"),
    [
        ("alarmd/v1/bed-12/signal", "alarmd", "bed-12"),
        ("zigbee2mqtt/bed/action", "zigbee2mqtt", "bed"),
        ("zigbee2mqtt/bridge/event", "zigbee2mqtt", None),
        ("application/a/device/24E124538B223213/event/up", "chirpstack", "24e124538b223213"),
        ("eu868/application/a/device/24e124538b223213/event/log", "chirpstack", "24e124538b223213"),
    ],
)
def test_it_finds_family_and_device_by_the_topic_alone(topic: str, name: str, address: str | None) -> None:
    family = devices.family_of(topic)
    assert family is not None
    assert (family.name, family.address(topic)) == (name, address)


@pytest.mark.parametrize(
    "topic", ["", "/", "#", "alarmd/v1/bed-12/reply", "home/kitchen/light", "application/a/device/b/command/down"]
)
def test_it_leaves_strange_topics_alone(topic: str) -> None:
    assert devices.family_of(topic) is None
    assert devices.decode(topic, b'{"type":"sos"}') == ()


def test_it_listens_only_to_the_families_that_were_asked_for() -> None:
    assert devices.decode("alarmd/v1/x/signal", b"{}", families=["zigbee2mqtt"]) == ()
    assert len(devices.decode("alarmd/v1/x/signal", b"{}", families=["zigbee2mqtt", "alarmd"])) == 1


def test_it_names_the_families_there_are_when_asked_for_another() -> None:
    with pytest.raises(UnknownFamilyError, match=r"'zigbee'; there are: alarmd, .*zigbee2mqtt"):
        devices.decode("a", b"", families=["zigbee"])
    with pytest.raises(UnknownFamilyError):
        devices.decode("a", b"", family="zigbee")


def test_it_marks_stored_copies_in_every_family() -> None:
    for topic in ("alarmd/v1/x/signal", "zigbee2mqtt/x", "application/a/device/b/event/up"):
        assert all(signal.retained for signal in devices.decode(topic, b'{"type":"sos"}', retained=True))


@pytest.mark.parametrize("name", FAMILIES)
def test_it_can_subscribe_to_what_it_reads(name: str) -> None:
    family = FAMILIES[name]
    assert family.name == name
    assert family.subscriptions
    for filter_ in family.subscriptions:
        filled = [
            filter_.replace("+", level).replace("#", rest) for level in ("x", "shelly1") for rest in ("x", "x/events")
        ]
        assert any(map(family.matches, filled)), filter_
