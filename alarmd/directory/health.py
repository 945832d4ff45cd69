"""How each device is, and who was unprotected from when to when: what supervision knows, read from the store."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum

import msgspec

from alarmd import times
from alarmd.directory import paid
from alarmd.directory.proving import TRIGGER_KINDS
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


class Exposure(msgspec.Struct, frozen=True, kw_only=True):
    """One resident who was unprotected for some time, for a call list.

    Attributes:
        resident: Whose home; None where it concerned everybody, because alarmd itself was away.
        devices: Which devices were silent.
        since: From when on; the last that was heard.
        until: Until when; None = still.
        scope: With what they were silent: all, gateway, street or home; ``alarmd`` where alarmd was away; ``sim`` where
            nobody paid for their SIM card.
    """

    resident: str | None
    name: str
    phone: str
    address: str
    devices: tuple[str, ...]
    since: datetime
    until: datetime | None
    scope: str
    incident: str | None = None


def each(tx: Transaction, *, now: datetime, zone: tzinfo, resident: str | None = None) -> Iterator[Health]:
    """As `health`, one at a time as they are read."""
    since = times.to_text(now - TROUBLE_FOR)
    for row in tx.each("devices_health", resident=resident, trouble_since=since):
        yield _health(row, now, zone)


def health(tx: Transaction, *, now: datetime, zone: tzinfo, resident: str | None = None) -> list[Health]:
    """Every device, or one resident's; days begin in ``zone``."""
    return list(each(tx, now=now, zone=zone, resident=resident))


def exposures(tx: Transaction, *, since: datetime, now: datetime, zone: tzinfo) -> list[Exposure]:
    """Who was unprotected at any time since then, home by home; first the times for which that was everybody."""
    found = [
        Exposure(
            resident=None,
            name="",
            phone="",
            address="",
            devices=(),
            since=times.from_text(row["since"]),
            until=times.from_text(row["until"]),
            scope="alarmd",
        )
        for row in tx.each("absences_since", since=times.to_text(since))
    ]
    homes: dict[tuple[str, str | None], list[Exposure]] = {}
    silent = (_exposure(row) for row in tx.each("exposures_since", since=times.to_text(since)))
    for one in itertools.chain(silent, _unpaid(tx, since, now, zone)):
        of_home = homes.setdefault((str(one.resident), paid.SCOPE if one.scope == paid.SCOPE else one.incident), [])
        if of_home and _overlap(of_home[-1], one):
            of_home[-1] = _joined(of_home[-1], one)
        else:
            of_home.append(one)
    return found + [one for of_home in homes.values() for one in of_home]


def _unpaid(tx: Transaction, since: datetime, now: datetime, zone: tzinfo) -> list[Exposure]:
    """Whose SIM card was not paid for: until it was renewed, and still."""
    found: list[Exposure] = []
    for row in tx.each("sim_exposures_since", since=times.to_text(since)):
        span = msgspec.json.decode(row["data"])
        begun, over = times.from_text(span["from"]), times.from_text(span["to"])
        found.append(_of_sim(row, tuple(span["devices"]), begun, over))
    found += [_of_sim(row, (row["id"],), paid.end_of(until, zone), None) for row, until in paid.ended(tx, now, zone)]
    return sorted(found, key=lambda one: (str(one.resident), one.since))


def _of_sim(row: Row, devices: tuple[str, ...], since: datetime, until: datetime | None) -> Exposure:
    return Exposure(
        resident=row["resident"],
        name=row["name"],
        phone=row["phone"],
        address=row["address"],
        devices=devices,
        since=since,
        until=until,
        scope=paid.SCOPE,
    )


def _overlap(before: Exposure, one: Exposure) -> bool:
    return before.until is None or one.since <= before.until


def _joined(before: Exposure, one: Exposure) -> Exposure:
    until = None if before.until is None or one.until is None else max(before.until, one.until)
    devices = tuple(dict.fromkeys((*before.devices, *one.devices)))
    return msgspec.structs.replace(before, devices=devices, until=until)


def _exposure(row: Row) -> Exposure:
    return Exposure(
        resident=row["resident"],
        name=row["name"],
        phone=row["phone"],
        address=row["address"],
        devices=(row["device"],),
        since=times.from_text(row["since"]),
        until=times.from_text(row["until"]) if row["until"] else None,
        scope=row["scope"],
        incident=row["incident"],
    )


def _health(row: Row, now: datetime, zone: tzinfo) -> Health:
    setting = msgspec.json.decode(row["setting"], type=Setting) if row["setting"] else Setting()
    last_seen = times.from_text(row["last_seen"]) if row["last_seen"] else None
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
        silent_since=times.from_text(row["silent_since"]) if row["silent_since"] else None,
        incident=row["incident"],
        sim_until=setting.sim_until,
        active_from=setting.active_from,
        trouble=row["trouble_text"] or row["trouble"] or "",
        trouble_at=times.from_text(row["trouble_at"]) if row["trouble_at"] else None,
    )


def _state(row: Row, setting: Setting, within: timedelta, now: datetime) -> State:
    """How it stands at a time of the service's own zone."""
    today = now.date()
    last_seen = times.from_text(row["last_seen"]) if row["last_seen"] else None
    lost = last_seen is not None and now - last_seen > 2 * within  # alarmd does not run, or only just began to
    standing = (
        (State.TESTING, row["test_until"] and times.from_text(row["test_until"]) > now),
        (State.SILENT, row["silent_since"] or lost),
        (State.NOT_ACTIVATED, last_seen is None and setting.active_from is not None and today < setting.active_from),
        (State.NEVER_HEARD, last_seen is None),
        (State.SIM_ENDED, setting.sim_until is not None and setting.sim_until < today),
        (State.NOT_TESTED, row["tested_at"] is None and row["kind"] in TRIGGER_KINDS),
        (State.LOW_BATTERY, row["battery"] is not None and row["battery"] < LOW_BATTERY),
        (State.SIM_ENDING, setting.sim_until is not None and setting.sim_until - paid.NOTICE <= today),
    )
    return next((state for state, is_so in standing if is_so), State.WELL)
