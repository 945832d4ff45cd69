"""OwnTracks: where a phone is, and whether somebody asked it to tell."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

import devices
from devices import Signal, Suspect
from devices import SignalType as T

TOPIC = "owntracks/anna/phone"
TAKEN = 1795248000


def message(below: str = "", **said: Any) -> tuple[Signal, ...]:
    return devices.decode(TOPIC + below, json.dumps({"tst": TAKEN} | said).encode())


def location(**said: Any) -> Signal:
    (signal,) = message(_type="location", lat=48.9, lon=2.3, acc=15, batt=80, **said)
    return signal


def test_it_reads_where_the_phone_is() -> None:
    signal = location(vel=4, t="p")
    assert (signal.type, signal.device, signal.lat, signal.lon) == (T.LOCATION, "anna/phone", 48.9, 2.3)
    assert (signal.accuracy_m, signal.battery, signal.measurements["speed_kmh"]) == (15.0, 80, 4)
    assert signal.at == datetime.fromtimestamp(TAKEN, tz=UTC)


@pytest.mark.parametrize(
    ("trigger", "kind"),
    [
        ("u", T.PRESS),
        ("p", T.LOCATION),
        ("t", T.LOCATION),
        ("v", T.LOCATION),
        ("c", T.LOCATION),
        ("b", T.LOCATION),
        ("r", T.LOCATION),
        ("9", T.BATTERY_LOW),
        ("e", T.MAINS_LOST),
        ("E", T.MAINS_BACK),
        ("I", T.LOCATION),
        ("i", T.LOCATION),
        ("L", T.LOCATION),
    ],
)
def test_it_knows_the_apps_only_button_and_the_trackers_alarms_by_case(trigger: str, kind: T) -> None:
    assert location(t=trigger).type is kind


def test_it_takes_leaving_a_region_for_wandering() -> None:
    (left,) = message("/event", _type="transition", event="leave", desc="Home", lat=48.9, lon=2.3, acc=10)
    assert (left.type, left.text, left.measurements["inside"], left.lat) == (T.WANDER, "Home", False, 48.9)
    (back,) = message("/event", _type="transition", event="enter", desc="Home")
    assert (back.type, back.measurements["inside"]) == (T.LOCATION, True)


def test_it_does_not_take_the_time_of_connecting_for_the_time_of_the_loss() -> None:
    (signal,) = message(_type="lwt")
    assert (signal.type, signal.at) == (T.OFFLINE, None)


def test_it_tells_how_to_mend_what_is_encrypted() -> None:
    (signal,) = message(_type="encrypted", data="AbCd")
    assert (signal.type, signal.suspect) == (T.FAULT, None)
    assert "encryption" in signal.text


@pytest.mark.parametrize(
    ("below", "said", "expected"),
    [
        ("/step", {"_type": "steps", "steps": 900}, [T.MEASUREMENT]),
        ("/beacon", {"_type": "beacon", "rssi": -70, "acc": 2.5}, [T.PRESENCE]),
        ("/info", {"_type": "card", "name": "Anna", "face": "x"}, []),
        ("/cmd", {"_type": "cmd", "action": "reportLocation"}, []),
        ("/waypoint", {"_type": "waypoint", "desc": "Home", "lat": 1, "lon": 2}, []),
        ("/waypoints", {"_type": "waypoints"}, []),
        ("/dump", {"_type": "configuration"}, []),
        ("", {"_type": "status"}, []),
        ("", {"_type": "new-thing"}, [T.FAULT]),
    ],
)
def test_it_reads_every_type_of_message(below: str, said: dict[str, Any], expected: list[T]) -> None:
    assert [signal.type for signal in message(below, **said)] == expected


@pytest.mark.parametrize("payload", [b"\xff", b"[]", b"{}", b"J1,5B4C,x"])
def test_it_takes_what_nobody_can_read_as_a_call(payload: bytes) -> None:
    (signal,) = devices.decode(TOPIC, payload)
    assert (signal.type, signal.suspect, signal.device) == (T.SOS, Suspect.UNPARSEABLE, "anna/phone")


def test_it_takes_null_island_for_no_place() -> None:
    (signal,) = message(_type="location", lat=0, lon=0)
    assert (signal.type, signal.lat) == (T.HEARTBEAT, None)


def test_it_finds_the_phone_on_a_topic_of_ones_own() -> None:
    said = {"_type": "location", "topic": "owntracks/anna/phone", "lat": 1.0, "lon": 2.0, "t": "u"}
    (signal,) = devices.decode("bridge/http", json.dumps(said).encode(), family="owntracks")
    assert (signal.type, signal.device) == (T.PRESS, "anna/phone")
