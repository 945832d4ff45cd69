"""What a family reads without being told is also what it subscribes to: else a broker never brings it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import devices

SAMPLES = Path(__file__).parent / "samples"
ALARMS = {"sos", "assist", "press", "fall", "smoke", "heat", "gas", "co", "water", "intruder"}
OWN_BASE = "zigbee2mqtte/"
"""A base topic of an installer's own, which no wildcard can name; `alarmd check` hears it and says what to set."""


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
        ("zigbee2mqtt", "zigbee/smoke_detector"),
        ("zigbee2mqtt", "site/3/zigbee2mqtt/bed_button"),
        ("tasmota", "/SonoffZigbeeBridge/898E/tele/SENSOR"),
        ("tasmota", "bath12/stat/BUTTON1"),
        ("tasmota", "house/bath12/tele/SENSOR"),
        ("openmqttgateway", "rf_2/433_2/433toMQTT"),
        ("openmqttgateway", "flat12/OMG_bath/SRFBtoMQTT"),
        ("theengs_ble", "flat12/OMG_bath/BTtoMQTT/A4C1388B1F2E"),
        ("shelly_gen2", "house/bath/shellyplus1-a8032ab12345/events/rpc"),
    ],
)
def test_it_subscribes_to_what_it_reads(family: str, topic: str) -> None:
    assert devices.FAMILIES[family].matches(topic)
    assert any(matched(wanted, topic) for wanted in devices.FAMILIES[family].subscriptions)


def test_it_subscribes_to_every_alarm_among_the_samples() -> None:
    wanted = [topic for family in devices.FAMILIES.values() for topic in family.subscriptions]
    samples = [json.loads(one) for path in SAMPLES.glob("*.jsonl") for one in path.read_text("utf-8").splitlines()]
    topics = {sample["topic"] for sample in samples if ALARMS.intersection(sample["signals"])}
    deaf = {topic for topic in topics if not any(matched(one, topic) for one in wanted)}
    assert {topic for topic in deaf if not topic.startswith(OWN_BASE)} == set()
