"""What devices say: one small pure module per family, from ``(topic, payload)`` to `Signal` values.

No I/O, no clock, no settings. Start at `registry.decode`; a new family is one module with a `Family` value in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from devices.meaning import KINDS, LIFE_SAFETY_KINDS, is_alarm, is_life, is_technical, meaning
from devices.signal import Signal, SignalType, Suspect

if TYPE_CHECKING:
    from devices.family import Family
    from devices.registry import FAMILIES, UnknownFamilyError, decode, family_of

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


def __getattr__(name: str) -> Any:
    """What every family is needed for: who lists devices does not wait until all families are loaded."""
    if name not in __all__:
        raise AttributeError(name)
    from devices import registry  # noqa: PLC0415 - see above

    return getattr(registry, name)
