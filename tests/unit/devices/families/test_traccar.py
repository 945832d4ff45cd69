"""Traccar: pendants, watches and trackers behind a server that names their alarms."""

from __future__ import annotations

import json
from typing import Any

import pytest

import devices
from devices import Signal, Suspect
from devices import SignalType as T

DEVICE = {"id": 385, "uniqueId": "350000002108909", "name": "Anna", "phone": "+4915112345678", "contact": "son@x.org"}
TAKEN = "2026-11-21T08:00:00.000+00:00"
ARRIVED = "2026-11-21T08:00:02.500+00:00"
PLACE = {"latitude": 48.8583, "longitude": 2.2951, "accuracy": 12.0, "speed": 1.9, "valid": True}


def position(alarm: str | None = None, *, at: str = TAKEN, **attributes: Any) -> dict[str, Any]:
    said = ({"alarm": alarm} if alarm else {}) | attributes
    times = {"serverTime": ARRIVED, "deviceTime": at, "fixTime": at}
    return {"id": 991, "deviceId": 385, "protocol": "minifinder2", "attributes": said, **times, **PLACE}


def forwarded(alarm: str | None = None, **attributes: Any) -> tuple[Signal, ...]:
    return send({"position": position(alarm, **attributes), "device": DEVICE}, "traccar/positions")


def event(kind: str, attributes: Any = None, **more: Any) -> tuple[Signal, ...]:
    said = {"id": 7001, "type": kind, "deviceId": 385, "eventTime": TAKEN, "attributes": attributes or {}, **more}
    return send({"event": said, "device": DEVICE})


def send(said: Any, topic: str = "traccar/events") -> tuple[Signal, ...]:
    return devices.decode(topic, json.dumps(said).encode())


@pytest.mark.parametrize(
    ("alarm", "kinds"),
    [
        ("sos", [T.SOS]),
        ("fallDown", [T.FALL]),
        ("accident", [T.SOS]),
        ("lowBattery", [T.BATTERY_LOW]),
        ("lowPower", [T.BATTERY_LOW]),
        ("powerCut", [T.MAINS_LOST]),
        ("powerRestored", [T.MAINS_BACK]),
        ("powerOff", [T.OFFLINE]),
        ("removing", [T.TAMPER]),
        ("tampering", [T.TAMPER]),
        ("geofenceExit", [T.WANDER]),
        ("fault", [T.FAULT]),
        ("vibration", [T.MOTION]),
        ("overspeed", [T.LOCATION]),
        ("lowBattery,sos", [T.SOS]),
        ("sos, fallDown", [T.SOS, T.FALL]),
        ("geofenceExit,sos,removing", [T.WANDER, T.SOS]),
        (None, [T.LOCATION]),
    ],
)
def test_it_reads_every_alarm_of_a_list(alarm: str | None, kinds: list[T]) -> None:
    signals = forwarded(alarm)
    assert [signal.type for signal in signals] == kinds
    assert {(one.device, one.lat, one.lon, one.accuracy_m) for one in signals} == {
        ("350000002108909", 48.8583, 2.2951, 12.0)
    }


@pytest.mark.parametrize("alarm", ["general", "crash2027"])
def test_it_takes_no_unknown_alarm_for_nothing(alarm: str) -> None:
    (signal,) = forwarded(alarm)
    assert (signal.type, signal.suspect, signal.text) == (T.FAULT, Suspect.UNKNOWN_CODE, f"alarm {alarm}")
    assert [one.type for one in forwarded(f"{alarm},sos")] == [T.SOS]
    assert event("alarm")[0].suspect is Suspect.UNKNOWN_CODE


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("deviceOnline", [T.ONLINE]),
        ("deviceOffline", [T.OFFLINE]),
        ("deviceUnknown", [T.OFFLINE]),
        ("deviceInactive", [T.OFFLINE]),
        ("geofenceExit", [T.WANDER]),
        ("geofenceEnter", [T.LOCATION]),
        ("deviceMoving", [T.MOTION]),
        ("deviceStopped", [T.MOTION]),
        ("commandResult", []),
        ("ignitionOn", []),
        ("deviceSomethingNew", [T.FAULT]),
    ],
)
def test_it_reads_every_event(kind: str, expected: list[T]) -> None:
    assert [signal.type for signal in event(kind)] == expected


def test_it_reads_one_alarm_on_both_topics_as_one() -> None:
    (told,) = event("alarm", {"alarm": "sos"}, positionId=991)
    (where,) = forwarded("sos")
    assert told.ref == where.ref
    assert where.ref is not None
    (later,) = send({"position": position("sos", at="2026-11-21T08:00:01.000+00:00"), "device": DEVICE})
    assert later.ref != where.ref


def test_it_reads_the_old_form_and_an_empty_array_for_attributes() -> None:
    (signal,) = send(
        {"id": 25183, "attributes": [], "deviceId": 3, "type": "geofenceExit", "eventTime": "2022-01-03T15:10:55+0000"}
    )
    assert (signal.type, signal.device) == (T.WANDER, "3")
    assert signal.at is not None
    (bare,) = send(position("sos"))
    assert (bare.type, bare.device) == (T.SOS, "385")


@pytest.mark.parametrize(
    ("taken", "archive", "kinds"),
    [
        ("2026-11-21T07:00:00.000+00:00", True, [T.SOS]),  # an hour in a tunnel
        ("2026-11-18T08:00:00.000+00:00", True, [T.LOCATION]),  # days in a drawer
        ("2010-03-01T00:00:00.000+00:00", False, [T.SOS]),  # a clock that lost its battery
    ],
)
def test_it_judges_buffered_records_by_their_own_time(taken: str, archive: object, kinds: list[T]) -> None:
    said = {"position": position("sos", at=taken, archive=archive), "device": DEVICE}
    signals = send(said)
    assert [signal.type for signal in signals] == kinds
    assert ("archive" in signals[0].measurements) is (kinds == [T.LOCATION])


def test_it_says_that_a_watchs_low_battery_may_hide_a_call_and_reads_its_status_bits_where_given() -> None:
    watch = position("lowBattery") | {"protocol": "watch"}
    (hidden,) = send({"position": watch, "device": DEVICE})
    assert (hidden.type, hidden.measurements["may_hide_sos"]) == (T.BATTERY_LOW, True)
    bits = position("lowBattery", status=0x00010001) | {"protocol": "watch"}
    assert [one.type for one in send({"position": bits, "device": DEVICE})] == [T.SOS]


def test_it_reads_vital_signs_and_battery() -> None:
    (signal,) = forwarded(None, heartRate=72, pressureHigh="120", pressureLow="79", batteryLevel=88, battery=3.9)
    assert signal.measurements == {"heart_rate": 72, "systolic": 120, "diastolic": 79, "battery_voltage": 3.9}
    assert signal.battery == 88
    assert "heart_rate" not in forwarded(None, heartRate=0)[0].measurements


def test_it_never_repeats_phone_numbers_names_or_addresses() -> None:
    said = {"event": {"type": "alarm", "id": 1, "attributes": {"alarm": "sos"}}, "device": DEVICE, "users": ["a@x.org"]}
    for private in ("+4915112345678", "Anna", "son@x.org", "a@x.org"):
        assert private not in repr(send(said))


@pytest.mark.parametrize("payload", [b"\xff", b"[]", b"{}", b'"sos"'])
def test_it_says_that_a_message_of_nobody_could_not_be_read(payload: bytes) -> None:
    (signal,) = devices.decode("traccar/events", payload)
    assert (signal.device, signal.type, signal.suspect) == (None, T.FAULT, Suspect.UNPARSEABLE)
