"""What a device means by how it is set: gestures, polarity, night."""

from __future__ import annotations

from datetime import time

import pytest

import devices
from devices.setting import DEFAULT_LIMITS, NOTHING, Limit, Setting, broken, is_within
from devices.signal import Signal, SignalType, Suspect

T = SignalType
NIGHT = (time(22), time(6))
AT_THREE, AT_NOON = time(3), time(12)


def said(kind: SignalType, gesture: str | None = None, suspect: Suspect | None = None) -> Signal:
    return Signal(device="b", family="alarmd", type=kind, gesture=gesture, suspect=suspect)


def shown(kind: SignalType, **measured: bool) -> Signal:
    return Signal(device="b", family="alarmd", type=kind, measurements=dict(measured))


def test_each_gesture_means_what_the_installer_said() -> None:
    button = Setting(gestures={"single": "sos", "double": "assist", "long": "cancel", "triple": "nothing"})
    meant = [button.meaning(said(T.PRESS, g), "button", AT_NOON) for g in ("single", "double", "long", "triple")]
    assert meant == [T.SOS, T.ASSIST, T.CANCEL, NOTHING]


def test_a_gesture_that_nobody_named_is_left_to_the_kind() -> None:
    assert Setting(gestures={"long": "cancel"}).meaning(said(T.PRESS, "double"), "button", AT_NOON) is None


def test_what_cannot_be_read_is_never_a_gesture() -> None:
    button = Setting(gestures={"single": "nothing"})
    assert button.meaning(said(T.PRESS, suspect=Suspect.UNKNOWN_CODE), "button", AT_NOON) is None


@pytest.mark.parametrize(
    ("measured", "local", "meant"),
    [
        ({"open": True}, AT_THREE, T.WANDER),
        ({"contact": False}, AT_THREE, T.WANDER),
        ({"open": False}, AT_THREE, None),
        ({"contact": True}, AT_THREE, None),
        ({"open": True}, AT_NOON, None),
    ],
)
def test_a_door_is_an_alarm_only_when_it_opens_at_night(
    measured: dict[str, bool], local: time, meant: SignalType | None
) -> None:
    assert Setting(night=NIGHT).meaning(shown(T.DOOR, **measured), "door", local) is meant


def test_a_door_at_night_may_be_an_intruder() -> None:
    assert Setting(night=NIGHT, at_night="intruder").meaning(shown(T.DOOR, open=True), "door", AT_THREE) is T.INTRUDER


def test_a_contact_that_is_wired_the_other_way_is_turned_round() -> None:
    door = Setting(night=NIGHT, invert=("contact",))
    assert door.meaning(door.applied(shown(T.DOOR, contact=True)), "door", AT_THREE) is T.WANDER


@pytest.mark.parametrize("word", ["contact", "open"])
def test_a_contact_is_turned_round_by_either_name_for_every_family(word: str) -> None:
    """Zigbee2MQTT's `contact` is told as `open`: turned round by the word of devices.toml it changed nothing."""
    door = Setting(night=NIGHT, invert=(word,))
    (shut,) = devices.decode("zigbee2mqtt/hall_door", b'{"contact":false}')
    (opened,) = devices.decode("zigbee2mqtt/hall_door", b'{"contact":true}')
    assert door.meaning(door.applied(shut), "door", AT_THREE) is None
    assert door.meaning(door.applied(opened), "door", AT_THREE) is T.WANDER


@pytest.mark.parametrize("name", ["bed_pad", "room_12"])
def test_a_bed_pad_is_an_empty_bed_and_nobody_who_wanders_whatever_its_name(name: str) -> None:
    """OWON's opens when somebody lies down; of the name alone one was a bed, of the kind alone a door."""
    bed, turned = Setting(night=NIGHT), Setting(night=NIGHT, invert=("contact",))
    (left,) = devices.decode(f"zigbee2mqtt/{name}", b'{"contact":true}')
    (lying,) = devices.decode(f"zigbee2mqtt/{name}", b'{"contact":false}')
    assert bed.meaning(left, "bed", AT_THREE) is T.BED_EXIT
    assert bed.meaning(left, "bed", AT_NOON) is None
    assert bed.meaning(lying, "bed", AT_THREE) is None
    assert turned.meaning(turned.applied(lying), "bed", AT_THREE) is T.BED_EXIT


def test_a_mat_that_is_wired_to_a_contact_opens_when_the_bed_is_left() -> None:
    bed = Setting(night=NIGHT)
    left = Signal(device="mat", family="rtl_433", type=T.DOOR, measurements={"open": True})
    assert bed.wants(left)
    assert bed.meaning(left, "bed", AT_THREE) is T.BED_EXIT


def test_an_empty_bed_at_night_is_an_alarm_and_at_noon_daily_life() -> None:
    bed = Setting(night=NIGHT)
    assert bed.meaning(shown(T.PRESENCE, occupancy=False), "bed", AT_THREE) is T.BED_EXIT
    assert bed.meaning(said(T.BED_EXIT), "bed", AT_THREE) is T.BED_EXIT
    assert bed.meaning(said(T.BED_EXIT), "bed", AT_NOON) is None


def test_a_bed_strap_that_speaks_like_a_motion_detector_is_understood_by_its_kind() -> None:
    bed, left = Setting(night=NIGHT), shown(T.MOTION, occupancy=False)
    assert bed.wants(left)
    assert bed.meaning(left, "bed", AT_THREE) is T.BED_EXIT
    assert bed.meaning(left, "motion", AT_THREE) is None
    assert bed.meaning(shown(T.MOTION, occupancy=True), "bed", AT_THREE) is None


def test_a_span_of_the_day_may_reach_over_midnight() -> None:
    assert is_within(time(23), *NIGHT)
    assert not is_within(time(6), *NIGHT)
    assert is_within(time(12), time(9), time(17))


def test_a_vital_sign_is_held_against_its_own_limit_or_the_published_one() -> None:
    signal = Signal(device="b", family="alarmd", type=T.MEASUREMENT, measurements={"heart_rate": 45, "spo2": 91})
    assert {name: outside for name, (_, _, outside) in broken(signal, {}).items()} == {
        "heart_rate": False,
        "spo2": True,
    }
    assert broken(signal, {"heart_rate": Limit(low=50)})["heart_rate"][2]
    assert set(DEFAULT_LIMITS) == {"heart_rate", "spo2", "respiration_rate", "systolic", "body_temperature"}
