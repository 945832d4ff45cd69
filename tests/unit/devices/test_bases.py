"""A gateway speaks for devices behind its own base topic, and for no others of its family."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import devices
from alarmd.door.topics import matches
from devices import FAMILIES, answers, bases

HERE = Path(__file__).parent


def messages() -> Iterator[tuple[str, str, bytes]]:
    for path in (*(HERE / "families").glob("*.jsonl"), *(HERE / "unseen").glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            said = json.loads(line)
            payload = said["payload"]
            raw = payload.encode() if isinstance(payload, str) else json.dumps(payload).encode()
            yield path.stem, said["topic"], raw


def named(family: str, topic: str, payload: bytes) -> set[str]:
    found = devices.decode(topic, payload, families=[family])
    return {signal.device for signal in found if signal.device is not None}


def test_no_prefix_of_a_gateways_own_gives_a_device_of_the_usual_base() -> None:
    """Whatever stands before a topic, or in the place of its first level, another device is meant."""
    wrong, tried = set(), 0
    for family, topic, payload in messages():
        for device in named(family, topic, payload):
            for moved in (f"home2/{topic}", "/".join(["home2", *topic.split("/")[1:]]), f"home2/flat3/{topic}"):
                if device not in named(family, moved, payload):
                    continue
                tried += 1
                for pattern in ("home2/#", moved, f"{moved.rpartition('/')[0]}/+"):
                    base = bases.fixed(pattern)
                    if bases.known_as(FAMILIES[family], moved, device, base) == device:
                        wrong.add((family, moved, device, base))
    assert tried > 300
    assert wrong == set()


def test_who_may_publish_what_the_family_usually_does_speaks_for_plain_addresses() -> None:
    wrong = set()
    for family, topic, payload in messages():
        one = FAMILIES[family]
        for device in named(family, topic, payload):
            for pattern in (*one.subscriptions, "#"):
                base = bases.fixed(pattern)
                if matches(pattern, topic) and bases.known_as(one, topic, device, base) != device:
                    wrong.add((family, pattern))
    assert wrong <= {("zigbee2mqtt", "zigbee/#"), ("zigbee2mqtt", "z2m/#")}


KNOWN = [
    # family, topic, address, base of its user, what it is known by
    ("zigbee2mqtt", "zigbee2mqtt/bed", "bed", "zigbee2mqtt", "bed"),
    ("zigbee2mqtt", "zigbee2mqtt/bed", "bed", "", "bed"),
    ("zigbee2mqtt", "zigbee2mqtt/floor1/bed", "floor1/bed", "zigbee2mqtt/floor1", "floor1/bed"),
    ("zigbee2mqtt", "zigbee2mqtt_2/bed", "bed", "zigbee2mqtt_2", "zigbee2mqtt_2//bed"),
    ("zigbee2mqtt", "zigbee/bed", "bed", "zigbee", "zigbee//bed"),
    ("zigbee2mqtt", "home2/zigbee2mqtt/bed", "bed", "home2/zigbee2mqtt", "home2/zigbee2mqtt//bed"),
    ("sparkplug_b", "spBv1.0/g2/DDATA/gw/bed", "g2/gw/bed", "spBv1.0/g2", "g2/gw/bed"),
    ("shelly_gen2", "flat2/shelly/events/rpc", "flat2/shelly", "flat2", "flat2/shelly"),
    ("esphome", "bad12/binary_sensor/x/state", "bad12", "bad12", "bad12"),
    ("tasmota", "tele/NAME/SENSOR", "NAME", "tele/NAME", "NAME"),
    ("tasmota", "floor2/tele/NAME/SENSOR", "NAME", "floor2", "floor2//NAME"),
    ("minew_g1", "/gw/A1/status", "AC233FA03208", "/gw", "AC233FA03208"),
    ("minew_g1", "/gw/A1/status", "AC233FA03208", "/gw/A1", "/gw/A1//AC233FA03208"),
    (
        "chirpstack",
        "application/1/device/24e124136b502217/event/up",
        "24e124136b502217",
        "application/1",
        "application/1//24e124136b502217",
    ),
    ("rtl_433", "rtl_433/pi2/events", "X10-Security/9a", "rtl_433/pi2", "rtl_433/pi2//X10-Security/9a"),
]


@pytest.mark.parametrize(("family", "topic", "device", "base", "known"), KNOWN)
def test_a_device_is_known_by_the_base_of_who_speaks_for_it(
    family: str, topic: str, device: str, base: str, known: str
) -> None:
    assert bases.known_as(FAMILIES[family], topic, device, base) == known
    one = FAMILIES[family]
    assert one.registered(known) == known
    assert one.address_fault(known) is None
    assert one.address_doubt(known) == one.address_doubt(device)


def test_behind_a_base_an_address_is_written_as_anywhere() -> None:
    theengs = FAMILIES["theengs_ble"]
    assert theengs.registered(" home2//aa:bb:cc:dd:ee:01 ") == f"home2//{theengs.registered('aa:bb:cc:dd:ee:01')}"
    assert theengs.address_fault("home2//aa:bb:cc:dd:ee") is not None
    wild = theengs.address_fault("home/+//aa:bb:cc:dd:ee:01")
    assert wild is not None
    assert wild.facts["sign"] == "+"


@pytest.mark.parametrize(
    ("pattern", "base"),
    [
        ("home2/#", "home2"),
        ("#", ""),
        ("+/zigbee2mqtt/#", ""),
        ("/gw/A/status", "/gw/A"),
        ("CM4_BLE_GW_TX", ""),
        ("home/gw2/+/x", "home/gw2"),
    ],
)
def test_the_base_of_a_filter_is_what_is_fixed_in_it(pattern: str, base: str) -> None:
    assert bases.fixed(pattern) == base


def test_who_is_behind_a_base_is_answered_where_a_topic_says_so() -> None:
    assert answers.answer("zigbee2mqtt", "home2//bed", "accepted") is None
    told = answers.answer("zigbee2mqtt", "home2//bed", "accepted", topic="home2/zigbee2mqtt/bed/set")
    usual = answers.answer("zigbee2mqtt", "bed", "accepted")
    assert told
    assert usual
    assert (told.topic, told.payload) == ("home2/zigbee2mqtt/bed/set", usual.payload)
