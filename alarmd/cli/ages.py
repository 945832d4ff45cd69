"""How long something lasts or is ago."""

from __future__ import annotations

from datetime import timedelta


def age(passed: timedelta) -> str:
    """A stretch of time as ``4:09`` or ``1:04:09``; what is negative as nothing."""
    total = max(0, int(passed.total_seconds()))
    hours, minutes, seconds = total // 3600, total // 60 % 60, total % 60
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
