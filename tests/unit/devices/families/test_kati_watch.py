"""Kati watches: one topic for all, and who speaks is in the payload."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

import devices
from devices import Signal, Suspect
from devices import SignalType as T

IMEI = "350000003456789"
PLACE = {"GPS": {"latitude": 22.5678, "longitude": 112.3456}, "WiFi": "[{'SSID':'x'}]", "LBS": {"MCC": "520"}}


def message(about: str, **said: Any) -> tuple[Signal, ...]:
    return devices.decode(f"iMEDE_watch/{about}", json.dumps({"IMEI": IMEI} | said).encode())


@pytest.mark.parametrize(
    ("about", "status", "kind"),
    [
        ("sos", "SOS", T.SOS),
        ("SOS", "SOS", T.SOS),
        ("sos", None, T.SOS),
        ("sos", "unheard of", T.SOS),
        ("fallDown", "FALL DOWN", T.FALL),
        ("falldown", None, T.FALL),
        ("alarm", "SOS", T.SOS),
        ("alarm", "FALL DOWN", T.FALL),
    ],
)
def test_it_reads_a_call_whatever_the_case_of_its_topic(about: str, status: str | None, kind: T) -> None:
    (signal,) = message(about, status=status, location=PLACE)
    assert (signal.type, signal.device, signal.lat, signal.ref) == (kind, IMEI, 22.5678, None)


def test_it_reads_vital_signs_and_drops_what_no_living_person_has() -> None:
    (signal,) = message(
        "VitalSign",
        heartRate=72,
        bloodPressure={"bp_sys": 122, "bp_dia": 74},
        bodyTemperature="36.6",
        spO2=0,
        battery=67,
        location=PLACE,
        timeStamps="16/06/2025 12:30:45",
    )
    assert signal.measurements == {"heart_rate": 72, "systolic": 122, "diastolic": 74, "body_temperature": 36.6}
    assert (signal.type, signal.battery, signal.at) == (T.MEASUREMENT, 67, None)  # nobody knows the clock's zone


def test_it_tells_the_latest_of_a_batch_of_old_records_with_its_own_time() -> None:
    records = [{"timestamp": 1795240000 + 60 * i, "heartRate": 80 + i} for i in (0, 2, 1)]
    (signal,) = message("AP55", num_datas=3, data=records)
    assert (signal.type, signal.measurements["heart_rate"], signal.measurements["records"]) == (T.MEASUREMENT, 82, 3)
    assert signal.at == datetime.fromtimestamp(1795240120, tz=UTC)


def test_it_reads_a_batch_without_times_and_a_batch_without_records() -> None:
    assert message("AP55", data=[{"heartRate": 70}, {"heartRate": 71}])[0].measurements["heart_rate"] == 71
    assert message("AP55", data=[])[0].type is T.HEARTBEAT
    assert message("AP55", data="none")[0].type is T.HEARTBEAT


@pytest.mark.parametrize(
    ("about", "said", "kind"),
    [
        ("hb", {"battery": 67, "step": 999}, T.HEARTBEAT),
        ("location", {"location": PLACE}, T.LOCATION),
        ("location", {"location": {"GPS": {"latitude": 0, "longitude": 0}}}, T.HEARTBEAT),
        ("location", {"location": {"LBS": {"MCC": "520"}}}, T.HEARTBEAT),
        ("onlineTrigger", {"status": "online"}, T.HEARTBEAT),
        ("onlineTrigger", {"status": "offline"}, T.OFFLINE),
        ("sleepdata", {"sleep": {"time": "2200@0700", "data": "0011", "num": 145}}, T.MEASUREMENT),
        ("somethingNew", {"battery": 5}, T.HEARTBEAT),
    ],
)
def test_it_reads_every_topic(about: str, said: dict[str, Any], kind: T) -> None:
    (signal,) = message(about, **said)
    assert (signal.type, signal.device) == (kind, IMEI)


@pytest.mark.parametrize(("about", "kind"), [("sos", T.SOS), ("fallDown", T.FALL), ("hb", T.SOS)])
def test_it_finds_the_watch_in_a_message_whose_wifi_list_broke_the_json(about: str, kind: T) -> None:
    broken = b'{"status":"SOS","WiFi":"[{"SSID":"x"}]","IMEI":"350000003456789"}'
    (signal,) = devices.decode(f"iMEDE_watch/{about}", broken)
    assert (signal.type, signal.suspect, signal.device) == (kind, Suspect.UNPARSEABLE, IMEI)


def test_it_says_that_a_message_of_nobody_could_not_be_read() -> None:
    (signal,) = devices.decode("iMEDE_watch/sos", b"\xff")
    assert (signal.device, signal.type, signal.suspect) == (None, T.FAULT, Suspect.UNPARSEABLE)
    (nobody,) = devices.decode("iMEDE_watch/hb", b'{"battery":5}')
    assert (nobody.device, nobody.suspect) == (None, Suspect.UNPARSEABLE)
