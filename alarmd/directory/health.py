"""How each device is: what supervision knows, read from the store."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum

import msgspec

from alarmd import times
from alarmd.directory import paid
from alarmd.directory.proving import TRIGGER_KINDS, in_test_mode
from alarmd.store import Row, Transaction
from devices.promises import promised
from devices.setting import Setting

LOW_BATTERY = 20.0  # per cent
TROUBLE_FOR = timedelta(days=7)  # a device says that something is wrong, and often not that it is well again


class State(StrEnum):
    """How a device stands; the first that is true."""

    TESTING = "testing"  # in test mode: what it sends now alarms nobody
    SILENT = "silent"
    NOT_ACTIVATED = "not activated"  # it is to be in use from a later day on
    NEVER_HEARD = "never heard"
    SIM_ENDED = "SIM ended"  # it is no longer paid for: it may fall silent any moment
    NOT_TESTED = "not tested"  # a trigger whose test never arrived: its home is not protected
    LOW_BATTERY = "low battery"
    SIM_ENDING = "SIM ending"  # within two weeks
    WELL = "well"


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """One device.

    Attributes:
        promised: Seconds within which it is to be heard again.
        last_seen: When it last was.
        battery: Per cent; None where it never said.
        silent_since: When it was last heard before the silence that is going on.
        incident: The desk's incident about that.
        sim_until: The last day for which its SIM card is paid; None where that is not known, or it has none.
        active_from: The day from which on it is to be in use.
        trouble: What it last said is wrong with it (battery, mains, tamper, a fault in its words), within a week.
        trouble_at: When that came.
    """

    id: str
    family: str
    address: str
    resident: str
    name: str
    kind: str
    room: str
    promised: int
    last_seen: datetime | None
    battery: float | None
    state: State
    silent_since: datetime | None = None
    incident: str | None = None
    sim_until: date | None = None
    active_from: date | None = None
    trouble: str = ""
    trouble_at: datetime | None = None


def each(tx: Transaction, *, now: datetime, zone: tzinfo, resident: str | None = None) -> Iterator[Health]:
    """As `health`, one at a time as they are read."""
    since = times.to_text(now - TROUBLE_FOR)
    for row in tx.each("devices_health", resident=resident, trouble_since=since):
        yield _health(row, now, zone)


def health(tx: Transaction, *, now: datetime, zone: tzinfo, resident: str | None = None) -> list[Health]:
    """Every device, or one resident's; days begin in ``zone``."""
    return list(each(tx, now=now, zone=zone, resident=resident))


def _health(row: Row, now: datetime, zone: tzinfo) -> Health:
    setting = msgspec.json.decode(row["setting"], type=Setting) if row["setting"] else Setting()
    last_seen = _by(now, row["last_seen"])
    within = promised(row["family"], row["kind"], row["report_every"])
    return Health(
        id=row["id"],
        family=row["family"],
        address=row["address"],
        resident=row["resident"],
        name=row["name"],
        kind=row["kind"],
        room=row["room"],
        promised=within,
        last_seen=last_seen,
        battery=row["battery"],
        state=_state(row, setting, timedelta(seconds=within), now.astimezone(zone)),
        silent_since=_by(now, row["silent_since"]),
        incident=row["incident"],
        sim_until=setting.sim_until,
        active_from=setting.active_from,
        trouble=row["trouble_text"] or row["trouble"] or "",
        trouble_at=_by(now, row["trouble_at"]),
    )


def _by(now: datetime, text: str | None) -> datetime | None:
    """A time that is over: by a clock that was ahead, it was by now."""
    return min(times.from_text(text), now) if text else None


def _state(row: Row, setting: Setting, within: timedelta, now: datetime) -> State:
    """How it stands at a time of the service's own zone."""
    today = now.date()
    last_seen = _by(now, row["last_seen"])
    lost = last_seen is not None and now - last_seen > 2 * within  # alarmd does not run, or only just began to
    standing = (
        (State.TESTING, row["test_until"] and in_test_mode(times.from_text(row["test_until"]), now)),
        (State.SILENT, row["silent_since"] or lost),
        (State.NOT_ACTIVATED, last_seen is None and setting.active_from is not None and today < setting.active_from),
        (State.NEVER_HEARD, last_seen is None),
        (State.SIM_ENDED, setting.sim_until is not None and setting.sim_until < today),
        (State.NOT_TESTED, row["tested_at"] is None and row["kind"] in TRIGGER_KINDS),
        (State.LOW_BATTERY, row["battery"] is not None and row["battery"] < LOW_BATTERY),
        (State.SIM_ENDING, setting.sim_until is not None and setting.sim_until - paid.NOTICE <= today),
    )
    return next((state for state, is_so in standing if is_so), State.WELL)
