"""Whose a message is that nothing may decode: in every family's messages the device is found by its words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from time import process_time
from typing import Any, cast

import pytest

import devices
from alarmd.intake import aside
from alarmd.intake.attempts import Known
from alarmd.intake.delivery import Delivery
from alarmd.store import Transaction
from devices import FAMILIES
from simulators import dialects

HERE = Path(__file__).parent.parent / "devices"
NOW = datetime(2026, 11, 21, tzinfo=UTC)
WORKED_OUT = {
    # Addresses that stand in no message, for their families work them out: the desk is told instead.
    "healthdata2mqtt": "a digest of the user",
    "meshtastic": "a node's number, which its gateway writes in hexadecimal",
    "happy_bubbles": "a beacon's numbers, which are sent in hexadecimal",
    "tasmota": "a name of one letter",
}


class Registered:
    """Stands for a store with these devices."""

    def __init__(self, *found: tuple[str, str]) -> None:
        self._found = found

    def each(self, query: str, *, family: str) -> Iterator[dict[str, str]]:
        assert (query, bool(family)) == ("devices_of_family", True)
        return iter([{"address": address, "kind": kind} for address, kind in self._found])


def found(family: str, topic: str, payload: bytes, *registered: tuple[str, str]) -> list[str]:
    one = Delivery(topic=topic, payload=payload, qos=1, retained=False, received_at=NOW, via="door")
    return aside.devices(cast("Transaction", Registered(*registered)), family, one)


def messages() -> Iterator[tuple[str, str, bytes]]:
    for path in sorted((*(HERE / "families").glob("*.jsonl"), *(HERE / "unseen").glob("*.jsonl"))):
        for line in path.read_text(encoding="utf-8").splitlines():
            said: dict[str, Any] = json.loads(line)
            payload = said["payload"]
            yield (
                path.stem,
                said["topic"],
                payload.encode() if isinstance(payload, str) else json.dumps(payload).encode(),
            )


def missed(*, beside_its_gateway: bool) -> set[tuple[str, str, str]]:
    """Family, topic and device of what was not found."""
    wrong = set()
    for family, topic, payload in messages():
        tells = FAMILIES[family].gateway
        gateway = tells(topic, payload) if beside_its_gateway and tells is not None else ""
        for signal in devices.decode(topic, payload, family=family):
            if signal.device is None or signal.device == gateway:
                continue
            registered = [(signal.device, "button"), *([(gateway, "gateway")] if gateway else [])]
            if signal.device not in found(family, topic, payload, *registered):
                wrong.add((family, topic, signal.device))
    return wrong


@pytest.mark.parametrize("beside", [False, True], ids=["alone", "beside its gateway"])
def test_it_finds_the_device_of_every_collected_message(*, beside: bool) -> None:
    wrong = missed(beside_its_gateway=beside)
    assert {one for one in wrong if one[0] not in WORKED_OUT} == set()
    assert len(wrong) < 30


@pytest.mark.parametrize("family", FAMILIES)
def test_it_finds_the_device_that_each_familys_simulator_speaks_for(family: str) -> None:
    spoken = dialects.dialect(family)
    address = FAMILIES[family].registered(spoken.device)
    told = [
        (one.topic, one.payload)
        for word in spoken.says
        for one in dialects.says(family, spoken.device, word, at=NOW)
        if any(signal.device == address for signal in devices.decode(one.topic, one.payload, family=family))
    ]
    assert told
    named = [address in found(family, topic, payload, (address, "button")) for topic, payload in told]
    assert all(named) or family in WORKED_OUT


ONLY = [
    # family, topic, payload, registered, of whom it is
    ("zigbee2mqtt", "zigbee2mqtt/bed", b'{"smoke":true,"action":"emergency"}', ["bed", "smoke", "emergency"], ["bed"]),
    ("zigbee2mqtt", "zigbee2mqtt/Bad Zimmer", b'{"sos":1}', ["Bad", "Bad Zimmer", "Zimmer"], ["Bad Zimmer"]),
    ("zigbee2mqtt", "zigbee2mqtt/护士/床头", b'{"sos":1}', ["床头", "护士/床头"], ["护士/床头"]),
    ("sparkplug_b", "spBv1.0/care/DDATA/gw1/room4", b"\x08", ["care/gw1", "care/gw1/room4"], ["care/gw1/room4"]),
    ("sparkplug_b", "spBv1.0/care/NDEATH/gw1", b"\x08", ["care/gw1", "care/gw1/room4"], ["care/gw1"]),
    (
        "rtl_433",
        "rtl_433/pi/events",
        b'{"model":"Honeywell-Security","id":73942,"alarm":1,"channel":10}',
        ["Honeywell-Security/1", "Honeywell-Security/10", "Honeywell-Security/73942"],
        ["Honeywell-Security/73942"],
    ),
    ("rtl_433", "rtl_433/pi/events", b'{"model":"Nexus-TH","id":42}', ["Nexus-TH/4", "Nexus-TH/42"], ["Nexus-TH/42"]),
    ("traccar", "traccar/events", b'{"id":5,"deviceId":3,"type":"alarm"}', ["3", "4"], ["3"]),
    ("tasmota", "tele/zb/SENSOR", b'{"ZbReceived":{"SOS Button":{"Device":"0x4B3A"}}}', ["SOS Button"], ["SOS Button"]),
    (
        "minew_g1",
        "/gw/x/status",
        b'[{"mac":"AC233FA03208"},{"mac":"AC233FA03209"}]',
        ["AC233FA03209"],
        ["AC233FA03209"],
    ),
]


@pytest.mark.parametrize(("family", "topic", "payload", "registered", "whose"), ONLY)
def test_it_finds_nobody_else(family: str, topic: str, payload: bytes, registered: list[str], whose: list[str]) -> None:
    assert found(family, topic, payload, *((one, "button") for one in registered)) == whose


def test_a_gateway_counts_where_nothing_behind_it_is_named() -> None:
    topic, gateway = "/gw/ac233fc001ea/status", ("AC233FC001EA", "gateway")
    assert found("minew_g1", topic, b"\xff\xfe", gateway, ("AC233FA03208", "button")) == ["AC233FC001EA"]
    assert found("minew_g1", topic, b'[{"mac":"AC233FA03208"}]', gateway, ("AC233FA03208", "button")) == [
        "AC233FA03208"
    ]


def test_a_message_that_names_nobody_is_that_of_an_unknown_device() -> None:
    one = Delivery(topic="rtl_433/pi/events", payload=b"x", qos=1, retained=False, received_at=NOW, via="door")
    signal = aside.of_nobody("rtl_433", one, Known.MESSAGE)
    assert (signal.device, devices.meaning(signal, None)) == ("rtl_433/pi/events", devices.SignalType.SOS)
    assert aside.of_nobody("rtl_433", replace(one, topic="\u200b"), Known.MESSAGE).device == "?"
    assert len(str(aside.of_nobody("rtl_433", replace(one, topic="t" * 60_000), Known.MESSAGE).device)) <= 200


@pytest.mark.parametrize("sign", ["a", '"', ":", '"id":', "_", " ", "/", "é", '":"', "a-"])
def test_whatever_is_sent_is_looked_through_in_time_that_grows_with_it(sign: str) -> None:
    town = [(f"Model-{n}/{n}", "button") for n in range(500)]
    begun = process_time()
    found("rtl_433", sign * 60_000, sign.encode() * 200_000, *town)
    assert process_time() - begun < 2.0
