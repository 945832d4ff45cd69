"""Finding the family of a topic."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import devices
from devices import FAMILIES, UnknownFamilyError, registry


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


def under_our_own_topics(pattern: str) -> Iterator[str]:
    """Topics that a filter matches and that begin as our own do; none where its prefix is not free."""
    levels = ["x" if level in ("+", "#") else level for level in pattern.split("/")]
    free = [level in ("+", "#") for level in pattern.split("/")]
    for depth in range(1, 5):
        own = ["alarmd", "v1", "btn0", "deeper"][:depth]
        if all(free[at] or levels[at] == own[at] for at in range(min(depth, len(levels)))) and len(levels) >= depth:
            yield "/".join(own + levels[depth:])


def test_our_own_topics_are_read_by_our_own_family_only() -> None:
    free = set()
    for family in registry.FAMILIES.values():
        for pattern in family.subscriptions:
            for topic in under_our_own_topics(pattern):
                if not topic.startswith("alarmd/v1/"):
                    continue
                if family.name != "alarmd" and family.matches(topic):
                    free.add(family.name)
                read_by = registry.family_of(topic)
                assert read_by is None or read_by.name == "alarmd", (topic, family.name)
                assert registry.family_of(topic, [family.name]) is None or family.name == "alarmd"
    assert {"shelly_gen2", "theengs_ble"} <= free, "there are families whose prefix is free"


@pytest.mark.parametrize(
    ("topic", "payload"),
    [
        ("alarmd/v1/btn0/events/rpc", b'{"method":"NotifyEvent","params":{"events":[{"event":"single_push"}]}}'),
        ("alarmd/v1/btn0/application/a/device/24e124535b316056/event/up", b'{"object":{"press":"long"}}'),
        ("alarmd/v1/btn0/BTtoMQTT/AABBCCDDEEFF", b'{"id":"AA:BB:CC:DD:EE:FF","button":"press"}'),
        ("alarmd/v1/btn0/RESULT", b'{"ZbReceived":{"0x1234":{"Power":2}}}'),
        ("alarmd/v1/tele/btn0/SENSOR", b'{"ZbReceived":{"0x1234":{"Power":2}}}'),
        ("alarmd/v1/btn0/status/input:0", b'{"state":true}'),
    ],
)
def test_a_button_speaks_for_no_device_of_another_family(topic: str, payload: bytes) -> None:
    assert registry.decode(topic, payload) == ()


def test_an_operator_may_assign_any_topic_all_the_same() -> None:
    said = registry.decode("alarmd/v1/shelly/events/rpc", b'{"method":"NotifyStatus"}', family="shelly_gen2")
    assert all(signal.family == "shelly_gen2" for signal in said)
