"""On-call texts asked directly, as nothing does that somebody waits for: unfolded in place, around one instant."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from config.holidaybook import holidays
from escalation.on_call import ALWAYS, Duty, Rota
from escalation.rota import Task, unfolded

SHANGHAI = ZoneInfo("Asia/Shanghai")


def rota(
    on_call: str,
    at: datetime,
    *,
    zone: tzinfo = SHANGHAI,
    country: str = "CN",
    calendars: Mapping[str, str] | None = None,
    days: int = 10,
) -> Rota:
    """The rota of some days around an instant."""
    since, until = at.astimezone(UTC) - timedelta(days=days), at.astimezone(UTC) + timedelta(days=days)
    task = Task(on_call=on_call, since=since, until=until, calendar=(calendars or {}).get(on_call))
    return unfolded(task, zone=zone, country=country, holidays=holidays(country))


def on_duty(
    on_call: str,
    at: datetime,
    *,
    zone: tzinfo = SHANGHAI,
    country: str = "CN",
    calendars: Mapping[str, str] | None = None,
) -> Duty:
    """Whether somebody with that text is on duty then."""
    if not on_call.strip():
        return ALWAYS
    return rota(on_call, at, zone=zone, country=country, calendars=calendars).duty(at)
