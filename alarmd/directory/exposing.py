"""Who was unprotected from when to when, home by home, for whatever reason: the call list for after an outage.

Read from the store, so that it works while the daemon is down; it takes one home at a time out of the store, so that a
town's list begins at once.

What concerns everybody (alarmd, the broker, the store, the phones) is on record as ``exposure.opened`` and
``exposure.closed`` with ``who`` = ``everybody``. What concerns one home is known by supervision (silent devices), by
the directory (never tested, in test mode, SIM cards) and by rota and map (nobody on duty near enough).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from alarmd import times
from alarmd.directory import covering, paid
from alarmd.directory.proving import TEST_MODE, Why, in_test_mode, unproved
from alarmd.store import Row, Transaction
from config.settings import Settings

AWAY_AFTER = timedelta(seconds=60)  # a running daemon says every 20 s that it is alive


class Reason(StrEnum):
    """Why a home was unprotected."""

    AWAY = "alarmd"  # alarmd was not running
    BROKER = "broker"
    HEARING = "hearing"
    CANARY = "canary"
    WRITER = "writer"
    PHONES = "phones"
    ALL = "all"  # no device at all was heard
    GATEWAY = "gateway"
    STREET = "street"
    HOME = "home"
    SIM = paid.SCOPE
    UNTESTED = "untested"
    NEVER_HEARD = "never_heard"
    TESTING = "testing"
    NOBODY_NEAR = "nobody_near"
    NO_POSITION = "no_position"
    UNKNOWN = "unknown"


_UNPROVED = {Why.UNTESTED: Reason.UNTESTED, Why.NEVER_HEARD: Reason.NEVER_HEARD}


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """One time without protection.

    Attributes:
        why: Its reason.
        since: From when on; what was heard last, or worked last. None: always.
        until: Until when; None = still.
        devices: Which devices it was about; empty where it was about the whole home.
        incident: The desk's incident about it.
    """

    why: Reason
    since: datetime | None
    until: datetime | None
    devices: tuple[str, ...] = ()
    incident: str | None = None


class Home(msgspec.Struct, frozen=True, kw_only=True):
    """A resident to be rung, the first contact, and each time without protection."""

    resident: str
    name: str
    phone: str
    address: str
    contact: str
    contact_phone: str
    spans: tuple[Span, ...]


def exposures(tx: Transaction, *, since: datetime, now: datetime, settings: Settings) -> Iterator[Home]:
    """Every home that was unprotected at any time since then, in the order of their ids.

    Args:
        tx: A transaction that may only read.
        since: From when on.
        now: The present.
        settings: Zone, ways, limits.
    """
    everybody = of_everybody(tx, since=since, now=now)
    own: dict[str, list[Span]] = {}
    found: Iterable[tuple[str, Span]]
    for found in (
        _silent(tx, since, now),
        _unpaid(tx, since, now, settings),
        _not_proved(tx, now, settings),
        _testing(tx, now),
        _nobody_near(tx, since, now, settings),
    ):
        for resident, span in found:
            _join(own.setdefault(resident, []), span)
    for row in tx.each("exposed_homes"):
        shared = everybody if row["devices"] else ()
        spans = (*shared, *own.get(row["id"], ()))
        if spans:
            yield _home(row, tuple(sorted(spans, key=_order)))


def of_everybody(tx: Transaction, *, since: datetime, now: datetime) -> tuple[Span, ...]:
    """The times for which no home at all was protected, and why."""
    rows = tx.all("absences_since", since=times.to_text(since))
    over = [_of_everybody(row, min(times.from_text(row["until"]), now), now) for row in rows]
    still = [_of_everybody(row, None, now) for row in tx.all("absences_open")]
    if (away := _away_since(tx, since, now)) is not None:
        # what was open when it stopped is part of that time, and is closed by its next start
        still = [span for span in still if span.why is not Reason.AWAY]
        still.append(Span(why=Reason.AWAY, since=away, until=None))
    joined: list[Span] = []
    for span in sorted((*over, *still), key=_order):
        _join(joined, span)
    return tuple(joined)


def _away_since(tx: Transaction, since: datetime, now: datetime) -> datetime | None:
    """Since when alarmd does not run; None where it does, or never did.

    Where its clock was ahead when it stopped nobody knows since when, so it is for all of the time that is asked about.
    """
    row = tx.one("note_get", name="last_alive")
    if row is None:
        return None
    last = times.from_text(row["value"])
    if last - now > AWAY_AFTER:
        return min(since, now)
    return last if now - last > AWAY_AFTER else None


def _of_everybody(row: Row, until: datetime | None, now: datetime) -> Span:
    scope = row["scope"] or Reason.AWAY
    why = Reason(scope) if scope in set(Reason) else Reason.UNKNOWN
    return Span(why=why, since=min(times.from_text(row["since"]), now), until=until)


def _silent(tx: Transaction, since: datetime, now: datetime) -> Iterator[tuple[str, Span]]:
    for row in tx.each("exposures_since", since=times.to_text(since), now=times.to_text(now)):
        until = times.from_text(row["until"]) if row["until"] else None
        why = Reason(row["scope"]) if row["scope"] in set(Reason) else Reason.UNKNOWN
        begun = times.from_text(row["since"])
        devices = (row["device"],) if row["device"] else ()
        moved = until is None and bool(row["device"]) and row["lives_now"] != row["resident"]
        past = Span(why=why, since=begun, until=now if moved else until, devices=devices, incident=row["incident"])
        yield row["resident"], past
        if moved:
            yield row["lives_now"], Span(why=Reason.HOME, since=now, until=None, devices=devices)


def _unpaid(tx: Transaction, since: datetime, now: datetime, settings: Settings) -> Iterator[tuple[str, Span]]:
    """Whose SIM card was not paid for: until it was renewed, and still."""
    for row in tx.each("sim_exposures_since", since=times.to_text(since)):
        begun, over = times.from_text(row["since"]), times.from_text(row["until"])
        devices = tuple(msgspec.json.decode(row["devices"]))
        yield row["resident"], Span(why=Reason.SIM, since=begun, until=over, devices=devices)
    for row, until in paid.ended(tx, now, settings.zone):
        begun = paid.end_of(until, settings.zone)
        yield row["resident"], Span(why=Reason.SIM, since=begun, until=None, devices=(row["id"],))


def _not_proved(tx: Transaction, now: datetime, settings: Settings) -> Iterator[tuple[str, Span]]:
    for one in unproved(tx, now=now, zone=settings.zone):
        if one.why in _UNPROVED:
            yield one.resident, Span(why=_UNPROVED[one.why], since=None, until=None, devices=(one.device,))


def _testing(tx: Transaction, now: datetime) -> Iterator[tuple[str, Span]]:
    for row in tx.each("devices_in_test", now=times.to_text(now)):
        until = times.from_text(row["test_until"])
        if not in_test_mode(until, now):
            continue
        begun = min(now, until - TEST_MODE)
        yield row["resident"], Span(why=Reason.TESTING, since=begun, until=None, devices=(row["id"],))


def _nobody_near(tx: Transaction, since: datetime, now: datetime, settings: Settings) -> Iterator[tuple[str, Span]]:
    for bare in covering.bare_spells(tx, settings=settings, since=since, now=now):
        why = Reason.NOBODY_NEAR if bare.placed else Reason.NO_POSITION
        yield bare.resident, Span(why=why, since=bare.since, until=bare.until)


def _join(spans: list[Span], span: Span) -> None:
    """Add it; what overlaps with one of the same reason and incident is one time."""
    for i, before in enumerate(spans):
        if (before.why, before.incident) == (span.why, span.incident) and _overlap(before, span):
            until = None if before.until is None or span.until is None else max(before.until, span.until)
            since = None if before.since is None or span.since is None else min(before.since, span.since)
            devices = tuple(dict.fromkeys((*before.devices, *span.devices)))
            spans[i] = msgspec.structs.replace(before, since=since, until=until, devices=devices)
            return
    spans.append(span)


def _overlap(one: Span, other: Span) -> bool:
    first, second = sorted((one, other), key=_order)
    return first.until is None or second.since is None or second.since <= first.until


def _order(span: Span) -> tuple[str, str, str]:
    return (times.to_text(span.since) if span.since else "", span.why.value, "".join(span.devices))


def _home(row: Row, spans: tuple[Span, ...]) -> Home:
    return Home(
        resident=row["id"],
        name=row["name"],
        phone=row["phone"],
        address=row["address"],
        contact=row["contact"] or "",
        contact_phone=row["contact_phone"] or "",
        spans=spans,
    )
