"""What is set where a device is registered: what its gestures mean, its polarity, its limits, its night.

Defaults are few and published; everything else stands in ``devices.toml`` beside the other files (docs/files.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time
from types import MappingProxyType
from typing import Final

import msgspec
from msgspec.structs import replace

from devices import families
from devices.shared import vitals
from devices.signal import Signal, SignalType

NOTHING: Final = "nothing"
GESTURE_MEANINGS: Final = (
    SignalType.SOS,
    SignalType.ASSIST,
    SignalType.CANCEL,
    SignalType.CHECK_IN,
    SignalType.TEST,
    NOTHING,
)
AT_NIGHT: Final = (SignalType.WANDER, SignalType.INTRUDER)
ANSWERS: Final = ("kept", "accepted", "coming", "arrived", "closed")
_OCCUPIED: Final = ("presence", "occupancy", "occupied", "in_bed", "bed")
WORN_KINDS: Final = frozenset({"wearable", "watch", "pendant", "bed", "vital"})
"""Kinds of devices that are worn, lain on, or held to the body to measure it."""
_CALLED: Final = MappingProxyType(dict.fromkeys(("contact", "open", "in_bed"), ("contact", "open", "in_bed")))
"""What a contact says has three names, of which the family tells one: whoever writes one means it."""


class Limit(msgspec.Struct, frozen=True, kw_only=True):
    """Outside of it a vital sign is an alarm.

    Attributes:
        low: The least that is well; None = no such limit.
        high: The greatest that is well.
        seconds: How long it has to stay outside; 0 = one reading is enough.
    """

    low: float | None = None
    high: float | None = None
    seconds: float = 0.0

    def broken_by(self, value: float) -> bool:
        """Whether that is outside."""
        return (self.low is not None and value < self.low) or (self.high is not None and value > self.high)


DEFAULT_LIMITS: Final[Mapping[str, Limit]] = MappingProxyType(
    {
        "heart_rate": Limit(low=41, high=130, seconds=60),
        "spo2": Limit(low=92, seconds=60),
        "respiration_rate": Limit(low=9, high=24, seconds=60),
        "systolic": Limit(low=91, high=219),
        "body_temperature": Limit(low=35.1, high=39.0),
    }
)
"""What NEWS2 (Royal College of Physicians, 2017) gives a single red score, and 39.1 °C, which it gives two points.

A device that measures all the time has to stay outside for a minute: a hand that moves is no emergency.
"""


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """What devices.toml says of one device.

    Attributes:
        gestures: Gesture to meaning, one of `GESTURE_MEANINGS`; a gesture that is not named means what the kind says.
        invert: Measurements whose yes is no: a contact that is wired the other way round.
        limits: Measurement to limit; in place of the default of that measurement.
        night: From when to when, in the service's own time; None = there is no night here.
        at_night: What an opened door means then.
        check_in_by: By when it is to have checked in (or been pressed) each day; None = it need not.
        answers: What the device is shown of an incident, of `ANSWERS`.
        answer_topic: Where that is published, in place of the family's own topic.
        answer_payloads: What is published for each, in place of the family's own payloads (`devices.answers`).
        sim_until: The last day for which its SIM card is paid, prepaid or by contract; None = it has none, or no end.
        active_from: The day on which it is to be in use; before it nobody misses it. None = from its registration on.
        worn: Whether it is worn or lain on, by its registered kind and not by devices.toml: only there a bare ``pulse``
            is a heart rate.
    """

    gestures: dict[str, str] = msgspec.field(default_factory=dict)
    invert: tuple[str, ...] = ()
    limits: dict[str, Limit] = msgspec.field(default_factory=dict)
    night: tuple[time, time] | None = None
    at_night: str = SignalType.WANDER
    check_in_by: time | None = None
    answers: tuple[str, ...] = ()
    answer_topic: str = ""
    answer_payloads: dict[str, str] = msgspec.field(default_factory=dict)
    sim_until: date | None = None
    active_from: date | None = None
    worn: bool = False

    def wants(self, signal: Signal) -> bool:
        """Whether what is else only a sign of life may mean something here."""
        if signal.type is SignalType.CHECK_IN:
            return self.check_in_by is not None
        return self.night is not None and signal.type in {SignalType.DOOR, SignalType.PRESENCE, SignalType.MOTION}

    def applied(self, signal: Signal) -> Signal:
        """The signal with its polarity put right, and with a bare word as the vital sign that it is on a person."""
        if self.worn and signal.measurements:
            signal = replace(signal, measurements=vitals.on_a_body(signal.measurements))
        names = {name for word in self.invert for name in _CALLED.get(word, (word,))}
        turned = {name: not value for name, value in signal.measurements.items() if name in names and _is_flag(value)}
        return replace(signal, measurements=signal.measurements | turned) if turned else signal

    def meaning(self, signal: Signal, kind: str, local: time) -> SignalType | str | None:
        """What the signal means by this setting; `NOTHING`, or None where the setting does not say.

        Args:
            signal: With its polarity put right.
            kind: As registered.
            local: The service's wall clock.
        """
        if signal.type is SignalType.PRESS and signal.suspect is None:
            meant = self.gestures.get(signal.gesture or "single")
            return None if meant is None else NOTHING if meant == NOTHING else SignalType(meant)
        if signal.type is SignalType.CHECK_IN and self.check_in_by is not None:
            return SignalType.CHECK_IN
        if self.night is None or not is_within(local, *self.night):
            return None
        if kind == "bed":
            return SignalType.BED_EXIT if _is_left(signal) else None
        if signal.type is SignalType.DOOR and is_open(signal):
            return SignalType(self.at_night)
        return None


def of_kind(setting: Setting, kind: str) -> Setting:
    """The setting of a device that is registered as that kind."""
    worn = kind in WORN_KINDS
    return setting if worn is setting.worn else replace(setting, worn=worn)


def is_within(moment: time, start: time, end: time) -> bool:
    """Whether a moment lies in a span of the day, which may reach over midnight."""
    return start <= moment < end if start <= end else moment >= start or moment < end


def is_open(signal: Signal) -> bool:
    """Whether a door is open; one that does not say counts as open."""
    if isinstance(value := signal.measurements.get("open"), bool):
        return value
    closed = signal.measurements.get("contact")
    return not closed if isinstance(closed, bool) else True


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _is_left(signal: Signal) -> bool:
    """Whether a bed is empty; a strap behind Zigbee2MQTT says so as a motion detector does, a mat as a door does."""
    if signal.type is SignalType.DOOR:
        family = families.of(signal.family)
        return is_open(signal) is not (family is not None and family.pad_opens_when_occupied)
    if signal.type is SignalType.BED_EXIT:
        return True
    told = signal.type in {SignalType.PRESENCE, SignalType.MOTION}
    return told and any(signal.measurements.get(name) is False for name in _OCCUPIED)


def broken(signal: Signal, limits: Mapping[str, Limit]) -> dict[str, tuple[float, Limit, bool]]:
    """Each measurement of the signal that has a limit: its value, the limit, and whether it is outside."""
    found: dict[str, tuple[float, Limit, bool]] = {}
    for name, value in signal.measurements.items():
        limit = limits.get(name) or DEFAULT_LIMITS.get(name)
        if limit is not None and isinstance(value, int | float) and not isinstance(value, bool):
            found[name] = (float(value), limit, limit.broken_by(value))
    return found
