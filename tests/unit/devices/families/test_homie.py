"""Homie: devices that describe themselves, whose properties their makers named."""

from __future__ import annotations

import pytest

import devices
from devices import SignalType as T
from devices import Suspect


@pytest.mark.parametrize("base", ["homie/room12", "homie/5/room12"])
@pytest.mark.parametrize(
    ("below", "payload", "expected"),
    [
        ("$state", "ready", [T.HEARTBEAT]),
        ("$state", "init", []),
        ("$state", "sleeping", []),
        ("$state", "disconnected", [T.OFFLINE]),
        ("$state", "lost", [T.OFFLINE]),
        ("$state", "alert", [T.FAULT]),
        ("$state", "confused", [T.FAULT]),
        ("$online", "false", [T.OFFLINE]),
        ("$online", "true", [T.HEARTBEAT]),
        ("$stats/battery", "80", [T.HEARTBEAT]),
        ("$stats/uptime", "120", [T.HEARTBEAT]),
        ("$alert/sensor", "no data from the strap", [T.FAULT]),
        ("$log/error", "sensor broken", [T.FAULT]),
        ("$log/info", "hello", []),
        ("$name", "Pull cord", []),
        ("$description", '{"nodes":{}}', []),
        ("$fw/version", "1.0.0", []),
        ("cord/$name", "SOS", []),
        ("cord/pulled/$settable", "true", []),
        ("cord/pulled/set", "true", []),
        ("cord/pulled", "true", [T.PRESS]),
        ("cord/pulled", "false", []),
        ("button/action", "double", [T.PRESS]),
        ("button/action", "released", []),
        ("button/state", "long-press", [T.PRESS]),
        ("room/sos", "true", [T.SOS]),
        ("radar/fall-detected", "true", [T.FALL]),
        ("radar/fall-detected", "false", [T.HEARTBEAT]),
        ("detector/smoke", "true", [T.SMOKE]),
        ("bath/leak", "true", [T.WATER]),
        ("bath/motion", "true", [T.MOTION]),
        ("flat/door", "true", [T.DOOR]),
        ("engine/temperature", "21.5", [T.MEASUREMENT]),
        ("band/heart-rate", "71", [T.MEASUREMENT]),
        ("band/battery", "50", [T.HEARTBEAT]),
        ("band/low-battery", "true", [T.BATTERY_LOW]),
        ("lamp/color", "255,0,0", [T.HEARTBEAT]),
    ],
)
def test_it_reads_every_topic_of_every_version(base: str, below: str, payload: str, expected: list[T]) -> None:
    signals = devices.decode(f"{base}/{below}", payload.encode())
    assert [signal.type for signal in signals] == expected
    assert all(signal.device == "room12" and signal.suspect is None for signal in signals)


def test_it_tells_gesture_battery_and_what_went_wrong() -> None:
    (press,) = devices.decode("homie/room12/button/action", b"double")
    assert (press.gesture, press.measurements["button"]) == ("double", "double")
    (level,) = devices.decode("homie/room12/$stats/battery", b"80")
    assert level.battery == 80
    (alert,) = devices.decode("homie/5/room12/$alert/strap", b"no data")
    assert alert.text == "no data"


def test_it_takes_the_text_false_for_false() -> None:
    (signal,) = devices.decode("homie/room12/room/smoke", b"false")
    assert (signal.type, signal.measurements) == (T.HEARTBEAT, {"smoke": False})


def test_it_takes_no_unknown_word_of_an_alarm_for_nothing() -> None:
    (signal,) = devices.decode("homie/room12/radar/fall", b"perhaps")
    assert (signal.type, signal.suspect) == (T.FAULT, Suspect.UNKNOWN_CODE)


@pytest.mark.parametrize("payload", [b"\xff\xfe", b"a\x01b"])
def test_it_takes_what_nobody_can_read_as_a_call(payload: bytes) -> None:
    (signal,) = devices.decode("homie/room12/cord/pulled", payload)
    assert (signal.type, signal.suspect, signal.device) == (T.SOS, Suspect.UNPARSEABLE, "room12")


@pytest.mark.parametrize("topic", ["homie/$broadcast/alert", "homie/5/$broadcast/security", "homie/room12"])
def test_it_leaves_broadcasts_alone(topic: str) -> None:
    assert devices.decode(topic, b"true", family="homie") == ()
    assert devices.FAMILIES["homie"].address(topic) is None
