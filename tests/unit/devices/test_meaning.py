"""What a signal means depends on what its device is for."""

from __future__ import annotations

import pytest

from devices import KINDS, LIFE_SAFETY_KINDS, Signal, SignalType, Suspect, is_alarm, is_life, is_technical, meaning
from devices.meaning import CALL_KINDS

T = SignalType


def signal(kind: SignalType, suspect: Suspect | None = None, *, retained: bool = False) -> Signal:
    return Signal(device="bed-12", family="alarmd", type=kind, suspect=suspect, retained=retained)


@pytest.mark.parametrize("kind", KINDS)
def test_it_makes_a_call_of_a_press_only_where_people_press_for_help(kind: str) -> None:
    assert meaning(signal(T.PRESS), kind) is (T.SOS if kind in CALL_KINDS else None)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("suspect", [Suspect.UNPARSEABLE, Suspect.UNKNOWN_CODE])
def test_it_fails_towards_help_where_a_life_may_hang_on_it(kind: str, suspect: Suspect) -> None:
    for said in (T.SOS, T.FAULT):
        assert meaning(signal(said, suspect), kind) is (T.SOS if kind in LIFE_SAFETY_KINDS else T.FAULT)


@pytest.mark.parametrize("kind", [*KINDS, None])
def test_it_keeps_an_emergency_that_is_only_doubted_for_its_battery(kind: str | None) -> None:
    assert meaning(signal(T.SOS, Suspect.ODD_BATTERY), kind) is T.SOS


@pytest.mark.parametrize(
    "said",
    [
        T.SOS,
        T.ASSIST,
        T.FALL,
        T.SMOKE,
        T.HEAT,
        T.GAS,
        T.CO,
        T.WATER,
        T.INTRUDER,
        T.INACTIVITY,
        T.NO_CHECK_IN,
        T.WANDER,
        T.VITAL,
    ],
)
def test_it_lets_alarms_mean_themselves(said: SignalType) -> None:
    for kind in KINDS:
        assert meaning(signal(said), kind) is said
    assert is_alarm(said)
    assert not is_technical(said)


@pytest.mark.parametrize("said", [T.BATTERY_LOW, T.MAINS_LOST, T.TAMPER, T.FAULT, T.OFFLINE])
def test_it_keeps_word_about_the_device_apart(said: SignalType) -> None:
    assert meaning(signal(said), "button") is said
    assert is_technical(said)
    assert not is_alarm(said)


@pytest.mark.parametrize(
    "said",
    [
        T.HEARTBEAT,
        T.ONLINE,
        T.LOCATION,
        T.MEASUREMENT,
        T.MOTION,
        T.PRESENCE,
        T.DOOR,
        T.BED_EXIT,
        T.CHECK_IN,
        T.TEST,
        T.BATTERY_OK,
        T.MAINS_BACK,
    ],
)
def test_it_opens_nothing_for_daily_life(said: SignalType) -> None:
    assert all(meaning(signal(said), kind) is None for kind in (*KINDS, None))


@pytest.mark.parametrize(
    ("kind", "meant"),
    [("pendant", T.SOS), ("cord", T.SOS), ("smoke", T.SMOKE), ("water", T.WATER), ("door", None), ("bed", None)],
)
def test_it_knows_a_pendant_that_sends_what_a_door_sends(kind: str, meant: SignalType | None) -> None:
    """Visonic and Honeywell pendants are contacts to the radio; only the registration tells them from doors."""
    opened, closed = (
        Signal(device="Visonic-Powercode/6f4770", family="rtl_433", type=T.DOOR, measurements={"open": is_open})
        for is_open in (True, False)
    )
    assert meaning(opened, kind) is meant
    assert meaning(closed, kind) is None
    assert meaning(opened, None) is None


def test_it_takes_a_reset_as_a_fact() -> None:
    assert meaning(signal(T.CANCEL), "button") is T.CANCEL
    assert not is_alarm(T.CANCEL)


@pytest.mark.parametrize("said", [T.SOS, T.ASSIST, T.FALL, T.SMOKE, T.GAS, T.CO, T.WATER])
def test_it_hears_a_stranger_who_says_so_plainly(said: SignalType) -> None:
    assert meaning(signal(said), None) is said


@pytest.mark.parametrize("said", [T.PRESS, T.CANCEL, T.BATTERY_LOW, T.FAULT, T.INACTIVITY, T.WANDER])
def test_it_makes_nothing_of_what_only_a_registration_could_explain(said: SignalType) -> None:
    assert meaning(signal(said), None) is None
    assert meaning(signal(T.SOS, Suspect.UNPARSEABLE), None) is None


def test_it_takes_fresh_word_for_life_and_nothing_else() -> None:
    assert is_life(signal(T.HEARTBEAT))
    assert is_life(signal(T.SOS))
    assert not is_life(signal(T.HEARTBEAT, retained=True))
    assert not is_life(signal(T.OFFLINE))


def test_it_counts_only_known_kinds_as_life_safety() -> None:
    assert set(KINDS) > LIFE_SAFETY_KINDS > CALL_KINDS
