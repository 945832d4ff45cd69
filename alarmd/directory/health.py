"""How each device is, and who was unprotected from when to when: what supervision knows, read from the store."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from alarmd import times
from alarmd.directory.proving import TRIGGER_KINDS
from alarmd.store import Row, Transaction
from devices.promises import promised

LOW_BATTERY = 20.0  # per cent


class State(StrEnum):
    """How a device stands; the first that is true."""

    TESTING = "testing"  # in test mode: what it sends now alarms nobody
    SILENT = "silent"
    NEVER_HEARD = "never heard"
    NOT_TESTED = "not tested"  # a trigger whose test never arrived: its home is not protected
    LOW_BATTERY = "low battery"
    WELL = "well"


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """One device.

    Attributes:
        promised: Seconds within which it is to be heard again.
        last_seen: When it last was.
        battery: Per cent; None where it never said.
        silent_since: When it was last heard before the silence that is going on.
        incident: The desk's incident about that.
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


class Exposure(msgspec.Struct, frozen=True, kw_only=True):
    """One resident who was unprotected for some time, for a call list.

    Attributes:
        resident: Whose home; None where it concerned everybody, because alarmd itself was away.
        devices: Which devices were silent.
        since: From when on; the last that was heard.
        until: Until when; None = still.
        scope: With what they were silent: all, gateway, street or home; ``alarmd`` where alarmd was away.
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


def health(tx: Transaction, *, now: datetime, resident: str | None = None) -> list[Health]:
    """Every device, or one resident's."""
    return [_health(row, now) for row in tx.each("devices_health", resident=resident)]


def exposures(tx: Transaction, *, since: datetime) -> list[Exposure]:
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
    for row in tx.each("exposures_since", since=times.to_text(since)):
        one = _exposure(row)
        of_home = homes.setdefault((row["resident"], row["incident"]), [])
        if of_home and _overlap(of_home[-1], one):
            of_home[-1] = _joined(of_home[-1], one)
        else:
            of_home.append(one)
    return found + [one for of_home in homes.values() for one in of_home]


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


def _health(row: Row, now: datetime) -> Health:
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
        state=_state(row, last_seen, timedelta(seconds=within), now),
        silent_since=times.from_text(row["silent_since"]) if row["silent_since"] else None,
        incident=row["incident"],
    )


def _state(row: Row, last_seen: datetime | None, within: timedelta, now: datetime) -> State:
    lost = last_seen is not None and now - last_seen > 2 * within  # alarmd does not run, or only just began to
    standing = (
        (State.TESTING, row["test_until"] and times.from_text(row["test_until"]) > now),
        (State.SILENT, row["silent_since"] or lost),
        (State.NEVER_HEARD, last_seen is None),
        (State.NOT_TESTED, row["tested_at"] is None and row["kind"] in TRIGGER_KINDS),
        (State.LOW_BATTERY, row["battery"] is not None and row["battery"] < LOW_BATTERY),
    )
    return next((state for state, is_so in standing if is_so), State.WELL)
