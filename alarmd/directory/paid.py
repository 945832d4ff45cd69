"""Until when the SIM card of each device is paid for, as devices.toml says; who was without one, from when to when."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from alarmd import journal, times
from alarmd.store import Row, Transaction
from devices.setting import Setting

SCOPE = "sim"
"""Why somebody is unprotected: in the event log and in `alarmd exposure`."""
NOTICE = timedelta(days=14)
"""So long before its end the desk is told."""


def end_of(until: date, zone: tzinfo) -> datetime:
    """From when on a SIM card is no longer paid for: the midnight after its last day."""
    return datetime.combine(until + timedelta(days=1), time(), zone).astimezone(UTC)


def ended(tx: Transaction, now: datetime, zone: tzinfo, resident: str | None = None) -> Iterator[tuple[Row, date]]:
    """Devices whose SIM card is no longer paid for, and the last day it was: of everybody, or of one resident."""
    for row in tx.each("sims", resident=resident):
        until = date.fromisoformat(row["until"])
        if end_of(until, zone) <= now:
            yield row, until


def renewed(tx: Transaction, device: str, before: Setting | None, after: Setting, now: datetime, zone: tzinfo) -> None:
    """Put on record from when to when a device had no paid SIM card, if this setting is what ends it."""
    if before is None or before.sim_until is None or (since := end_of(before.sim_until, zone)) > now:
        return
    if after.sim_until is not None and end_of(after.sim_until, zone) <= now:
        return
    row = tx.one("sim_resident", device=device)
    resident = str(row["resident"]) if row else None
    span = {"from": times.to_text(since), "to": times.to_text(now)}
    data = {"scope": SCOPE, "devices": [device], "count": 1, "residents": [resident]} | span
    journal.append(tx, now, journal.Entry(event="exposure.closed", resident=resident, device=device, data=data))
