"""How often a device promises to be heard: what it is registered with, else its family's habit, else its kind's class.

The classes are reporting times as EN 50136 has them (evalink's table, FIELD.md): 30 minutes for what hangs on the mains
or is charged every day (SP3), 25 hours for what lives on a battery for years (DP1). What only speaks when it is pressed
promises nothing; it is supervised by the weekly test that JGJ/T 484-2019 asks for.
"""

from __future__ import annotations

from typing import Final

from devices import families
from devices.family import Reports

SP3_S: Final = 30 * 60
DP1_S: Final = 25 * 3600
WEEKLY_S: Final = 7 * 24 * 3600

_MAINS: Final = frozenset({"gateway", "keypad", "fall", "bed", "watch", "wearable", "vital"})
_PRESSED: Final = frozenset({"button", "pendant", "cord"})
_ALWAYS_ON: Final = frozenset({"gateway", "fall"})

LEAST_S: Final = 30
"""No network brings a sign of life so surely that a shorter silence says anything."""
MOST_S: Final = 31 * 24 * 3600
_HASTY_S: Final = 20 * 60


def is_hasty(family: str, report_every: int) -> bool:
    """Whether a time is far below what the family's devices keep: hours or minutes, probably, written as seconds."""
    return _reports(family) is Reports.ON_BATTERY and report_every < _HASTY_S


def promised(family: str, kind: str, report_every: int | None) -> int:
    """The seconds within which a device is to be heard again.

    Args:
        family: As in devices.csv.
        kind: As in devices.csv.
        report_every: What it is registered with, seconds; None = nothing.
    """
    if report_every:
        return report_every
    reports = _reports(family)
    if reports is Reports.WHEN_PRESSED and kind in _PRESSED:
        return WEEKLY_S
    if reports is Reports.ON_BATTERY and kind not in _ALWAYS_ON:
        return DP1_S
    return SP3_S if kind in _MAINS else DP1_S


def _reports(family: str) -> Reports:
    known = families.of(family)
    return Reports.AS_ITS_KIND if known is None else known.reports
