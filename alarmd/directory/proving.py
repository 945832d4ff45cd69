"""That each trigger works: shown by a real message of its own, in a test mode of the whole home that ends by itself.

A home is protected once a test of each of its triggers has arrived (Borlänge 2025: seven pendants that were never
linked were found by presses that failed).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum

import msgspec

from alarmd import journal, times
from alarmd.directory import paid
from alarmd.event_names import Event
from alarmd.journal import LogEntry
from alarmd.naming import named
from alarmd.store import Row, Transaction
from config import wording
from config.wording import for_later
from devices.meaning import CALL_KINDS, LIFE_SAFETY_KINDS, is_alarm
from devices.signal import SignalType
from escalation.people import Channel, Device

TRIGGER_KINDS = (CALL_KINDS | LIFE_SAFETY_KINDS | {"water", "intruder", "bed"}) - {"keypad"}
"""Kinds whose message is to bring somebody. A door or a gateway is none."""
TEST_MODE = timedelta(minutes=15)
"""The longest that a home is in test mode without being put into it anew; no clock makes it longer."""
TEST_CALL = "test_call"
"""The purpose of a call that an installer asked for."""
TEST_CALL_LANE = 4
_STRENGTHS = ("linkquality", "rssi", "snr", "lqi")


class Why(StrEnum):
    """Why a device does not protect its home."""

    UNTESTED = for_later("no test has arrived from")  # a trigger's
    NEVER_HEARD = for_later("nothing was ever heard (so it is not activated) from")
    SIM_ENDED = for_later("the SIM card is no longer paid for of")


class Unproved(msgspec.Struct, frozen=True, kw_only=True):
    """A device for which its home is not protected.

    Attributes:
        sim_until: The last day for which its SIM card was paid, where that is why.
    """

    device: str
    kind: str
    room: str
    resident: str
    name: str
    why: Why = Why.UNTESTED
    sim_until: date | None = None

    def __str__(self) -> str:
        """``bed-button (button, bedroom)``."""
        until = wording.said("paid until {day}", day=self.sim_until) if self.sim_until else ""
        facts = wording.said(", ").join(filter(None, (named(self.kind), self.room, until)))
        return wording.said("{sentence} ({facts})", sentence=self.device, facts=facts)


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """What came when a trigger was tried.

    Attributes:
        seq: The entry of the event log.
        meant: What it would have been, were it no test.
        battery: Per cent; None where the message does not say.
        strength: What it says of its radio, as it says it.
    """

    seq: int
    at: datetime
    meant: str
    battery: float | None
    strength: str = ""


def unproved(tx: Transaction, resident: str | None = None, *, now: datetime, zone: tzinfo) -> Iterator[Unproved]:
    """Triggers whose test never arrived, what was never heard, and what has no paid SIM card: of all, or of one."""
    for row in tx.each("devices_unproved", resident=resident):
        if row["kind"] in TRIGGER_KINDS:
            yield _unproved(row, Why.UNTESTED)
        elif row["last_seen"] is None:
            yield _unproved(row, Why.NEVER_HEARD)
    for row, until in paid.ended(tx, now, zone, resident):
        yield _unproved(row, Why.SIM_ENDED, until)


def said(found: Iterable[Unproved]) -> list[str]:
    """One sentence for each reason, with its devices."""
    of: dict[Why, list[str]] = {}
    for one in found:
        of.setdefault(one.why, []).append(str(one))
    return [f"{wording.said(why.value)} {wording.said(', ').join(devices)}" for why, devices in of.items()]


def _unproved(row: Row, why: Why, sim_until: date | None = None) -> Unproved:
    return Unproved(
        device=row["id"],
        kind=row["kind"],
        room=row["room"],
        resident=row["resident"],
        name=row["name"],
        why=why,
        sim_until=sim_until,
    )


def begin(tx: Transaction, resident: str, *, by: str, now: datetime, lasts: timedelta = TEST_MODE) -> None:
    """From now on an alarm of any device of this home is a test, until that is over, `TEST_MODE` at the longest."""
    tx.run("proof_begin", resident=resident, by=by, until=times.to_text(now + min(lasts, TEST_MODE)))


def end(tx: Transaction, resident: str) -> None:
    """Alarms of this home are alarms again."""
    tx.run("proof_end", resident=resident)


def in_test_mode(until: datetime | None, now: datetime) -> bool:
    """Whether it is in test mode; one that would last longer than test mode may was begun by a clock that was ahead."""
    return until is not None and now < until <= now + TEST_MODE


def found(tx: Transaction, entries: Iterator[LogEntry], device: str) -> Proof | None:
    """The first entry that is a test of that device."""
    for entry in entries:
        if entry.device == device and (proof := tested(tx, entry)) is not None:
            return proof
    return None


def tested(tx: Transaction, entry: LogEntry) -> Proof | None:
    """What an entry proves of its device; None where it is no test."""
    if entry.event != Event.SIGNAL_KEPT or entry.data.get("type") != SignalType.TEST:
        return None
    meant = str(entry.data.get("tested") or "test")
    battery = entry.data.get("battery")
    return Proof(seq=entry.seq, at=entry.at, meant=meant, battery=battery, strength=strength(tx, entry))


def is_call(said: str) -> bool:
    """Whether that type of signal asks people to come."""
    return said in set(SignalType) and is_alarm(SignalType(said))


def strength(tx: Transaction, entry: LogEntry) -> str:
    """What the kept signal says of its radio, for example ``rssi -71``."""
    row = tx.one("signal_data", seq=entry.data.get("signal"))
    measured = msgspec.json.decode(row["data"]).get("measurements", {}) if row else {}
    return ", ".join(f"{name} {measured[name]:g}" for name in _STRENGTHS if isinstance(measured.get(name), int | float))


def call(tx: Transaction, number: str, *, person: str, attempt: str, language: str, now: datetime) -> None:
    """Have the running daemon place a test call."""
    tx.run(
        "outbox_insert",
        attempt=attempt,
        incident=None,
        person=person,
        channel=Channel.VOICE.value,
        purpose=TEST_CALL,
        lane=TEST_CALL_LANE,
        destination=number,
        body="",
        language=language,
        now=times.to_text(now),
    )


def give(tx: Transaction, device: Device, proof: Proof, *, by: str, seconds: float, now: datetime) -> None:
    """Its test has arrived: it is commissioned."""
    tx.run("proof_give", device=device.id, at=times.to_text(min(proof.at, now)), by=by)
    data = {"signal": proof.seq, "meant": proof.meant, "battery": proof.battery, "seconds": round(seconds, 1)}
    data |= {"strength": proof.strength} if proof.strength else {}
    entry = journal.Entry(
        event=Event.DEVICE_COMMISSIONED, resident=device.resident, device=device.id, actor=by, data=data
    )
    journal.append(tx, now, entry)
