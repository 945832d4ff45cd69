"""What simulated devices say is what alarmd's own decoders read, in every family."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

import devices
from devices.registry import named
from simulators import dialects

NOW = datetime(2026, 11, 21, 3, 12, tzinfo=UTC)
BLU = "shellyplus1-a8032ab1fbb0/bthomedevice:200"
MEANT = {
    "sos": "sos",
    "press": "sos",
    "fall": "fall",
}
ALL = [(family, signal) for family, spoken in dialects.DIALECTS.items() for signal in spoken.says if family != "alarmd"]
NATIVE = [("alarmd", signal) for signal in MEANT]
INFORMATION = {"heartbeat", "online", "location", "measurement", "presence", "door"}


def decoded(episode: dialects.Episode) -> Iterator[devices.Signal]:
    for said in episode:
        yield from devices.decode(said.topic, said.payload)


@pytest.mark.parametrize(("family", "signal"), [one for one in ALL + NATIVE if one[1] in MEANT])
def test_it_means_the_call_that_was_intended_and_no_other(family: str, signal: str) -> None:
    spoken = dialects.dialect(family)
    found = list(decoded(dialects.says(family, spoken.device, signal, at=NOW)))
    meant = {devices.meaning(one, spoken.kind) for one in found if one.device == spoken.device}
    assert {one for one in meant if one and devices.is_alarm(one)} == {MEANT[signal]}
    assert {one.family for one in found} == {family}
    assert not [one for one in found if one.suspect]
    assert {one.device for one in found} <= {spoken.device, *spoken.others(spoken.device)}


@pytest.mark.parametrize(("family", "signal"), [one for one in ALL if one[1] not in MEANT])
def test_it_means_no_call_where_none_was_intended(family: str, signal: str) -> None:
    spoken = dialects.dialect(family)
    found = list(decoded(dialects.says(family, spoken.device, signal, at=NOW)))
    assert found
    assert {str(one.type) for one in found} <= INFORMATION
    assert {devices.meaning(one, spoken.kind) for one in found} == {None}
    if signal == "vital":
        # a bare word such as bpm is a vital sign on what is worn or lain on, and that is set where it is registered
        assert any(one.measurements.keys() & {"heart_rate", "body_temperature", "bpm"} for one in found)
    if signal == "location":
        assert any(one.lat == pytest.approx(39.9571) for one in found)


@pytest.mark.parametrize("family", [one.family for one in dialects.DIALECTS.values() if one.will])
def test_its_last_will_says_that_it_or_its_gateway_is_gone(family: str) -> None:
    spoken = dialects.dialect(family)
    assert spoken.will is not None
    said = spoken.will(spoken.device)
    assert [str(one.type) for one in devices.decode(said.topic, said.payload)] == ["offline"]


@pytest.mark.parametrize("family", dialects.FAMILIES)
def test_what_it_says_when_it_comes_up_calls_nobody(family: str) -> None:
    spoken = dialects.dialect(family)
    born = spoken.hello(dialects.Turn(device=spoken.device, at=NOW))
    assert {str(one.type) for one in decoded(born)} <= {"online", "heartbeat"}


@pytest.mark.parametrize("family", dialects.FAMILIES)
def test_a_fleet_of_it_has_addresses_of_its_own(family: str) -> None:
    spoken = dialects.dialect(family)
    addresses = [spoken.addressed("sim", number) for number in range(300)]
    assert len(set(addresses)) == 300
    assert [named(family).canonical(one) for one in addresses[:3]] == addresses[:3]
    if "heartbeat" in spoken.says:
        found = decoded(dialects.says(family, addresses[7], "heartbeat", at=NOW))
        assert {one.device for one in found} & {addresses[7], *spoken.others(addresses[7])}


@pytest.mark.parametrize(
    ("family", "flaw"), [(one.family, flaw) for one in dialects.DIALECTS.values() for flaw in one.flaws]
)
def test_a_flaw_is_a_call_all_the_same(family: str, flaw: str) -> None:
    spoken = dialects.dialect(family)
    found = list(decoded(dialects.says(family, spoken.device, flaw=flaw, at=NOW)))
    assert any((meant := devices.meaning(one, spoken.kind)) and devices.is_alarm(meant) for one in found)


def test_a_bluetooth_button_behind_a_shelly_is_a_device_of_its_own() -> None:
    found = list(decoded(dialects.says("shelly_gen2", BLU, at=NOW)))
    assert [(str(one.type), one.device) for one in found if one.type == "press"] == [("press", BLU)]


def test_a_radio_code_comes_through_the_bridge_four_times() -> None:
    found = list(decoded(dialects.says("tasmota", "BC7DE4", at=NOW)))
    assert [(str(one.type), one.device) for one in found] == [("press", "BC7DE4")] * 4


def test_what_happens_later_is_said_later() -> None:
    for family, signal in ALL:
        episode = dialects.says(family, dialects.dialect(family).device, signal, at=NOW)
        assert [said.after for said in episode] == sorted(said.after for said in episode)


def test_it_never_says_the_same_reference_twice() -> None:
    assert len({dialects.says("alarmd", "b", at=NOW)[0].ref for _ in range(100)}) == 100


def test_it_speaks_every_family_that_alarmd_reads() -> None:
    assert set(dialects.FAMILIES) == set(devices.FAMILIES)


def test_it_names_the_families_it_has() -> None:
    with pytest.raises(ValueError, match=r"'enocean'; there are alarmd, aliyun_iot, ava4_gateway, "):
        dialects.says("enocean", "b", at=NOW)


def test_it_names_the_signals_a_family_has() -> None:
    with pytest.raises(ValueError, match="it can say sos, press, fall, vital, heartbeat"):
        dialects.says("zigbee2mqtt", "b", "smoke", at=NOW)


def test_it_names_the_flaws_a_family_has() -> None:
    with pytest.raises(ValueError, match="it has latched, cached action, empty battery"):
        dialects.says("zigbee2mqtt", "b", flaw="melted", at=NOW)


def test_it_says_how_an_address_of_the_family_looks() -> None:
    with pytest.raises(ValueError, match="write for example 8895854"):
        dialects.says("openmqttgateway", "bed_button", at=NOW)
