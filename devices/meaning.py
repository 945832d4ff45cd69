"""What a signal means in a home, given how its device is registered there.

A button says only "pressed"; that it hangs round a neck is known from ``kind`` in devices.csv.
"""

from __future__ import annotations

from typing import Final

from devices.signal import Signal, SignalType, Suspect

KINDS: Final[tuple[str, ...]] = (
    "button",
    "pendant",
    "cord",
    "wearable",
    "watch",
    "fall",
    "smoke",
    "heat",
    "gas",
    "co",
    "water",
    "intruder",
    "door",
    "motion",
    "bed",
    "vital",
    "keypad",
    "gateway",
    "sensor",
)
"""What ``kind`` in devices.csv may say."""

CALL_KINDS: Final = frozenset({"button", "pendant", "cord", "wearable", "watch"})
"""Kinds that somebody presses to get help."""

LIFE_SAFETY_KINDS: Final = CALL_KINDS | {"fall", "smoke", "heat", "gas", "co", "keypad"}
"""Kinds from which an unreadable message is an alarm, because a readable one could have been."""

_UNAMBIGUOUS: Final = frozenset(
    {
        SignalType.SOS,
        SignalType.ASSIST,
        SignalType.FALL,
        SignalType.SMOKE,
        SignalType.HEAT,
        SignalType.GAS,
        SignalType.CO,
        SignalType.WATER,
        SignalType.INTRUDER,
    }
)
"""Alarms that mean the same from any device, registered or not."""

_ALARMS: Final = _UNAMBIGUOUS | {
    SignalType.INACTIVITY,
    SignalType.NO_CHECK_IN,
    SignalType.WANDER,
    SignalType.VITAL,
}
_TECHNICAL: Final = frozenset(
    {SignalType.BATTERY_LOW, SignalType.MAINS_LOST, SignalType.TAMPER, SignalType.FAULT, SignalType.OFFLINE}
)
_OPENED: Final = {
    **dict.fromkeys(CALL_KINDS, SignalType.SOS),
    "fall": SignalType.FALL,
    "smoke": SignalType.SMOKE,
    "heat": SignalType.HEAT,
    "gas": SignalType.GAS,
    "co": SignalType.CO,
    "water": SignalType.WATER,
    "intruder": SignalType.INTRUDER,
}
"""What an opening means of a device that is no door: radio pendants and detectors send what contacts send."""
_UNKNOWN: Final = frozenset({Suspect.UNPARSEABLE, Suspect.UNKNOWN_CODE})
"""Doubts about what was said. An odd battery only casts doubt on why it was said: that stays an alarm."""


def meaning(signal: Signal, kind: str | None) -> SignalType | None:
    """What a signal opens, joins or reports.

    Args:
        signal: As decoded. Whether it is a stored copy or a repeat is the engine's to judge.
        kind: The device's kind, one of `KINDS`; None for a device nobody registered.

    Returns:
        An alarm type (see `is_alarm`) that opens or joins an incident, ``cancel`` (a fact on it), a technical type (see
        `is_technical`), or None for life and information only.
    """
    if signal.suspect in _UNKNOWN:
        if kind is None:
            return None
        return SignalType.SOS if kind in LIFE_SAFETY_KINDS else SignalType.FAULT
    if kind is None:
        return signal.type if signal.type in _UNAMBIGUOUS else None
    if signal.type in (SignalType.PRESS, SignalType.DOOR):
        return _by_kind(signal, kind)
    if signal.type in _ALARMS or signal.type in _TECHNICAL or signal.type is SignalType.CANCEL:
        return signal.type
    return None


def _by_kind(signal: Signal, kind: str) -> SignalType | None:
    """What says nothing by itself: a press, and an opening."""
    if signal.type is SignalType.PRESS:
        return SignalType.SOS if kind in CALL_KINDS else None
    return _OPENED.get(kind) if signal.measurements.get("open") is True else None


def is_alarm(kind: SignalType) -> bool:
    """Whether a meaning opens or joins an incident for people."""
    return kind in _ALARMS or kind is SignalType.BED_EXIT  # which is daily life, unless it was set otherwise


def is_technical(kind: SignalType) -> bool:
    """Whether a meaning is about the device and not about the person."""
    return kind in _TECHNICAL


def is_life(signal: Signal) -> bool:
    """Whether the signal shows that its device is alive now: a stored copy does not, nor does word of its absence."""
    return not signal.retained and signal.type is not SignalType.OFFLINE
