"""Minew G1: one message tells of every beacon that a gateway heard."""

from __future__ import annotations

import json
from typing import Any

import pytest

import devices
from devices import Signal, Suspect
from devices import SignalType as T

TOPIC = "/gw/ac233fc001ea/status"
GATEWAY = {"timestamp": "2026-11-21T08:00:00Z", "type": "Gateway", "mac": "AC233FC001EA", "gatewayFree": 98}


def heard(*entries: Any) -> dict[str | None, Signal]:
    return {signal.device: signal for signal in devices.decode(TOPIC, json.dumps(entries).encode())}


def beacon(mac: str = "AC233FA03208", **said: Any) -> dict[str, Any]:
    return {"timestamp": "2026-11-21T08:00:00Z", "type": "Unknown", "mac": mac, "rssi": -79} | said


def test_it_gives_every_device_a_signal_of_its_own() -> None:
    found = heard(GATEWAY, beacon(), beacon("AC233FA018E3", type="S1", battery=100, temperature=26.69, humidity=65.14))
    assert {device: signal.type for device, signal in found.items()} == {
        "AC233FC001EA": T.ONLINE,
        "AC233FA03208": T.LOCATION,
        "AC233FA018E3": T.MEASUREMENT,
    }
    assert found["AC233FA03208"].measurements == {"rssi": -79, "gateway": "AC233FC001EA"}
    assert found["AC233FA018E3"].battery == 100


@pytest.mark.parametrize(
    ("raw", "battery", "measured"),
    [
        ("0201060303E1FF0D16E1FFA10264000832A03F23AC", 100, {}),
        ("0201060303E1FF1016E1FFA1015A1A8041400832A03F23AC", 90, {"temperature": 26.5, "humidity": 65.25}),
        ("0201060303E1FF1016E1FFA1015AFF8041400832A03F23AC", 90, {"temperature": -0.5, "humidity": 65.25}),
        ("0201060303E1FF0D16E1FFA1", None, {}),
        ("no hex at all", None, {}),
    ],
)
def test_it_reads_the_makers_own_advertisements(raw: str, battery: int | None, measured: dict[str, float]) -> None:
    signal = heard(beacon(rawData=raw))["AC233FA03208"]
    assert signal.battery == battery
    assert {name: signal.measurements.get(name) for name in measured} == measured
    assert signal.type is (T.MEASUREMENT if measured else T.LOCATION)


def test_it_takes_an_ibeacons_battery_of_zero_for_not_told() -> None:
    assert heard(beacon(type="iBeacon", battery=0))["AC233FA03208"].battery is None


def test_it_reads_a_button_that_the_gateways_software_names() -> None:
    assert heard(beacon(button=1))["AC233FA03208"].type is T.PRESS
    assert heard(beacon(button=0))["AC233FA03208"].type is T.LOCATION
    assert heard(beacon(buttonEvent="double"))["AC233FA03208"].gesture == "double"
    assert heard(beacon(alarm=1))["AC233FA03208"].suspect is Suspect.UNKNOWN_CODE
    assert heard(beacon(tamper=True))["AC233FA03208"].type is T.TAMPER


def test_it_joins_the_advertisements_of_one_beacon() -> None:
    found = heard(beacon(), beacon(rawData="16E1FFA1085A0832A03F23AC"), beacon(button=True))
    assert [(one.type, one.battery) for one in found.values()] == [(T.PRESS, 90)]


def test_it_lets_no_crowd_of_telephones_hide_who_called() -> None:
    crowd = [beacon(f"{number:012X}") for number in range(900)]
    found = heard(*crowd, beacon("AC233FA03208", button=1))
    assert len(found) == 500
    assert found["AC233FA03208"].type is T.PRESS


@pytest.mark.parametrize("payload", [b"\xff", b"7", b"[1]", b'[{"type":"Gateway"}]'])
def test_it_takes_what_nobody_can_read_for_the_gateways_own(payload: bytes) -> None:
    (signal,) = devices.decode(TOPIC, payload)
    assert (signal.device, signal.suspect) == ("AC233FC001EA", Suspect.UNPARSEABLE)


def test_it_takes_an_empty_report_for_nothing() -> None:
    assert devices.decode(TOPIC, b"[]") == ()


@pytest.mark.parametrize("written", ["ac233fc001ea", "AC:23:3F:C0:01:EA", " ac-23-3f-c0-01-ea "])
def test_it_writes_macs_one_way(written: str) -> None:
    assert devices.FAMILIES["minew_g1"].canonical(written) == "AC233FC001EA"
