"""What devices say: one small pure module per family, from ``(topic, payload)`` to `Signal` values.

No I/O, no clock, no settings. Start at `registry.decode`; a new family is one module with a `Family` value in it.
"""

from __future__ import annotations

from devices.family import Family
from devices.meaning import KINDS, LIFE_SAFETY_KINDS, is_alarm, is_life, is_technical, meaning
from devices.registry import FAMILIES, UnknownFamilyError, decode, family_of
from devices.signal import Signal, SignalType, Suspect

__all__ = [
    "FAMILIES",
    "KINDS",
    "LIFE_SAFETY_KINDS",
    "Family",
    "Signal",
    "SignalType",
    "Suspect",
    "UnknownFamilyError",
    "decode",
    "family_of",
    "is_alarm",
    "is_life",
    "is_technical",
    "meaning",
]
