"""From the many fields of one message to the one thing it says.

A home device packs its whole state into every message: battery, door, tamper and smoke in one object. alarmd says what
is most urgent in it, and lets the rest ride along as measurements:

1. every alarm it names, each kind once (a message with smoke and CO is two alarms);
2. else the first technical fact;
3. else the first piece of information;
4. else a sign of life, or nothing where the family says that the message means nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from devices.signal import Signal, SignalType, Suspect

Value = float | int | bool | str

ALARMS: frozenset[SignalType] = frozenset(
    {
        SignalType.SOS,
        SignalType.ASSIST,
        SignalType.PRESS,
        SignalType.CANCEL,
        SignalType.FALL,
        SignalType.INACTIVITY,
        SignalType.NO_CHECK_IN,
        SignalType.CHECK_IN,
        SignalType.SMOKE,
        SignalType.HEAT,
        SignalType.GAS,
        SignalType.CO,
        SignalType.WATER,
        SignalType.INTRUDER,
        SignalType.BED_EXIT,
        SignalType.WANDER,
        SignalType.VITAL,
    }
)
"""What is never left out because something else was said in the same message."""

TECHNICAL_ORDER: tuple[SignalType, ...] = (
    SignalType.TAMPER,
    SignalType.MAINS_LOST,
    SignalType.BATTERY_LOW,
    SignalType.FAULT,
    SignalType.OFFLINE,
    SignalType.TEST,
    SignalType.MAINS_BACK,
    SignalType.BATTERY_OK,
)
INFORMATION_ORDER: tuple[SignalType, ...] = (
    SignalType.DOOR,
    SignalType.LOCATION,
    SignalType.PRESENCE,
    SignalType.MOTION,
    SignalType.MEASUREMENT,
    SignalType.ONLINE,
    SignalType.HEARTBEAT,
)
_RANK = {kind: rank for rank, kind in enumerate((*TECHNICAL_ORDER, *INFORMATION_ORDER))}


class Found(msgspec.Struct, frozen=True):
    """One thing found in a message."""

    type: SignalType
    gesture: str | None = None
    suspect: Suspect | None = None
    text: str = ""
    at: datetime | None = None


@dataclass(slots=True)
class Findings:
    """What was found so far in one message; lives only while that message is read."""

    found: list[Found] = field(default_factory=list)
    measurements: dict[str, Value] = field(default_factory=dict)
    battery: float | None = None
    at: datetime | None = None
    ref: str | None = None
    position: tuple[float, float] | None = None
    accuracy_m: float | None = None
    text: str = ""
    quiet: bool = False
    """The message is known to mean nothing (an empty action, a keypad's arming), so it is not even a heartbeat."""
    worn: bool = False
    """The message shows that a person wears the device or lies on it, so that a bare ``pulse`` is a heart rate."""
    codec: Mapping[str, object] | None = None
    """What a codec made of the device's bytes, to be searched once more where nothing but life was found in it."""

    def add(
        self, kind: SignalType, *, suspect: Suspect | None = None, text: str = "", gesture: str | None = None
    ) -> None:
        """Note one more thing said."""
        self.found.append(Found(kind, gesture, suspect, text))

    def signals(self, device: str | None, family: str, *, retained: bool) -> tuple[Signal, ...]:
        """Say it, by the order in this module's docstring."""
        return tuple(
            Signal(
                device=device,
                family=family,
                type=one.type,
                at=one.at or self.at,
                ref=self.ref if index == 0 or self.ref is None else f"{self.ref}#{one.type}",
                gesture=one.gesture,
                battery=self.battery,
                lat=self.position[0] if self.position else None,
                lon=self.position[1] if self.position else None,
                accuracy_m=self.accuracy_m,
                measurements=self.measurements,
                text=one.text or self.text,
                retained=retained,
                suspect=one.suspect,
            )
            for index, one in enumerate(self._chosen())
        )

    def _chosen(self) -> Iterable[Found]:
        alarms: dict[SignalType, Found] = {}
        for one in self.found:
            if one.type in ALARMS:
                alarms.setdefault(one.type, one)
        if alarms:
            return alarms.values()
        if self.found:
            return (min(self.found, key=lambda one: (one.suspect is None, _RANK[one.type])),)
        return () if self.quiet else (Found(SignalType.HEARTBEAT),)


def unreadable(device: str | None, family: str, *, retained: bool) -> tuple[Signal, ...]:
    """Promise 4: what cannot be read from a device is a call for help until somebody knows better."""
    return (Signal(device=device, family=family, type=SignalType.SOS, retained=retained, suspect=Suspect.UNPARSEABLE),)


def unaddressed(family: str, *, retained: bool) -> tuple[Signal, ...]:
    """What cannot be read on a topic that many devices share: nobody knows whose it was, but somebody should look."""
    note = "a message on a topic that devices share could not be read"
    return (
        Signal(
            device=None,
            family=family,
            type=SignalType.FAULT,
            text=note,
            retained=retained,
            suspect=Suspect.UNPARSEABLE,
        ),
    )
