"""What a family reads without being told is also what it subscribes to: else a broker never brings it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import devices

SAMPLES = Path(__file__).parent / "families"
UNSEEN = Path(__file__).parent / "unseen"
SHIPPED = Path(__file__).parents[3] / "config" / "deployments" / "mosquitto" / "alarmd.acl"
ALARMS = {"sos", "assist", "press", "fall", "smoke", "heat", "gas", "co", "water", "intruder"}
NOT_ITS_OWN = "alarmd/v1/a/b/signal"
"""An address of two levels: read so that nobody's press is lost, but a device's own name has one."""
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
        ("shelly_gen2", "house/shellyplus1-a8032ab12345/status/input:0"),
        ("shelly_gen1", "house/shellies/button1/input_event/0"),
        *(
            ("rtl_433", f"{before}rtl_433{host}/{what}")
            for before in ("", "house/", "house/attic/")
            for host in ("", "/pi", "/pi/868")
            for what in ("events", "states", "availability", "devices/Generic-Remote/1234/cmd")
        ),
        ("esphome", "house/bath/binary_sensor/cord/state"),
        ("esphome", "house/bath/status"),
        ("home_assistant", "house/homeassistant/binary_sensor/cord/state"),
        ("happy_bubbles", "house/happy-bubbles/ble/hall/raw/aabbccddeeff"),
        ("openmqttgateway", "house/attic/OMG/433toMQTT"),
        ("openmqttgateway", "house/OMG/LWT"),
        ("kati_watch", "imede_watch/SOS"),
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


def spoken() -> list[tuple[str, str]]:
    """Family and topic of every collected or assembled message that says anything, without being told whose it is."""
    found = set()
    for path in (*SAMPLES.glob("*.jsonl"), *UNSEEN.glob("*.jsonl")):
        for said in map(json.loads, path.read_text("utf-8").splitlines()):
            topic, payload = said["topic"], said["payload"]
            family = devices.family_of(topic)
            raw = payload.encode() if isinstance(payload, str) else json.dumps(payload).encode()
            if family and not said.get("named") and devices.decode(topic, raw, family=family.name):
                found.add((family.name, topic))
    return sorted(one for one in found if one[1] != NOT_ITS_OWN and not one[1].startswith(OWN_BASE))


@pytest.mark.parametrize("family", devices.FAMILIES)
def test_every_topic_that_is_read_is_subscribed_to(family: str) -> None:
    topics = [topic for name, topic in spoken() if name == family]
    assert topics, "a family of which nothing is read"
    wanted = devices.FAMILIES[family].subscriptions
    assert [topic for topic in topics if not any(matched(one, topic) for one in wanted)] == []


def test_the_access_list_that_is_shipped_lets_alarmd_hear_every_one() -> None:
    of_alarmd = SHIPPED.read_text("utf-8").partition("user alarmd\n")[2].partition("\nuser ")[0]
    read = [line.removeprefix("topic read ") for line in of_alarmd.splitlines() if line.startswith("topic read ")]
    assert [topic for _, topic in spoken() if not any(matched(one, topic) for one in read)] == []


@pytest.mark.parametrize("family", devices.FAMILIES)
def test_the_access_list_lets_a_familys_gateway_say_what_is_read(family: str) -> None:
    if family == "alarmd":
        return  # its devices have patterns of their own
    own = SHIPPED.read_text("utf-8").partition(f"\nuser {family}\n")[2].partition("\nuser ")[0].splitlines()
    may = [line.rpartition(" ")[2] for line in own if line.startswith("topic readwrite ")]
    assert set(devices.FAMILIES[family].subscriptions) <= set(may)
