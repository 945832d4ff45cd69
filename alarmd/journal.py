"""The event log: append-only, hash-chained, one JSON object a line (CONTRACT.md, Event log).

An entry's ``hash`` is the SHA-256, in hexadecimal, of the entry without ``hash`` as canonical JSON: keys sorted, no
spaces, UTF-8, nothing escaped that need not be. ``prev`` is the hash of the entry before, so whoever changes, adds or
removes one must change all that follow.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec

from alarmd import times
from alarmd.store import Row, Transaction
from config.wording import for_later

GENESIS = "0" * 64
LOGIN = "login"
"""The fact by whose login something was done; on whose word, the entry's ``actor`` says."""
_NO_LIMIT = -1
_ALL: dict[str, Any] = {"incident": None, "resident": None, "since": None}
_TAIL = "journal.tail"  # seq and hash of the last entry, as far as this commit knows them
_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be logged; the names are those of CONTRACT.md."""

    event: str
    incident: str | None = None
    resident: str | None = None
    device: str | None = None
    actor: str = ""
    data: dict[str, Any] = msgspec.field(default_factory=dict)


class LogEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry as stored."""

    seq: int
    at: datetime
    event: str
    incident: str | None
    resident: str | None
    device: str | None
    actor: str
    data: dict[str, Any]
    prev: str
    hash: str

    def as_json(self) -> str:
        """The entry as one line for machines."""
        fields = {name: getattr(self, name) for name in self.__struct_fields__}
        return json.dumps(fields | {"at": times.to_text(self.at)}, ensure_ascii=False, separators=(",", ":"))


_MISSING = for_later("entry {seq} is missing")
_NOT_NEXT = for_later("does not follow the entry before it")
_NOT_JSON = for_later("its data is not JSON")
_CHANGED = for_later("was changed after it was written")
FAULTS = (_MISSING, _NOT_NEXT, _NOT_JSON, _CHANGED)
"""Every sentence that `Verdict.why` may hold, before its facts are put in."""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What `verify` found: how many entries are right, and the first wrong one."""

    count: int
    bad_seq: int | None = None
    why: str = ""


def append(tx: Transaction, now: datetime, entry: Entry) -> int:
    """Add an entry inside a transaction; returns its ``seq``."""
    seq, prev = tx.memo.get(_TAIL) or _last(tx)
    seq += 1
    at = times.to_text(now)
    facts = entry.data | {LOGIN: tx.login} if tx.login else entry.data
    data = _canonical(msgspec.to_builtins(facts))
    # The same text that `_canonical` makes of all fields, with the data, which is most of it, written only once.
    whole = (
        f'{{"actor":{_canonical(entry.actor)},"at":"{at}","data":{data},"device":{_canonical(entry.device)},'
        f'"event":{_canonical(entry.event)},"incident":{_canonical(entry.incident)},"prev":"{prev}",'
        f'"resident":{_canonical(entry.resident)},"seq":{seq}}}'
    )
    digest = hashlib.sha256(whole.encode()).hexdigest()
    tx.run(
        "journal_append",
        seq=seq,
        at=at,
        event=entry.event,
        incident=entry.incident,
        resident=entry.resident,
        device=entry.device,
        actor=entry.actor,
        data=data,
        prev=prev,
        hash=digest,
    )
    tx.memo[_TAIL] = seq, digest
    return seq


def _last(tx: Transaction) -> tuple[int, str]:
    row = tx.one("journal_last")
    return (row["seq"], row["hash"]) if row else (0, GENESIS)


def read(
    tx: Transaction,
    *,
    after: int = 0,
    incident: str | None = None,
    resident: str | None = None,
    since: datetime | None = None,
    limit: int = _NO_LIMIT,
) -> Iterator[LogEntry]:
    """Entries in order, one at a time.

    Args:
        tx: A transaction on the store.
        after: Only entries with a larger ``seq``.
        incident: Only those of this incident.
        resident: Only those of this resident.
        since: Only those not older.
        limit: At most so many; negative means all.
    """
    since_text = times.to_text(since) if since else None
    for row in tx.each(
        "journal_read", after=after, incident=incident, resident=resident, since=since_text, limit=limit
    ):
        yield _entry(row)


def lines(
    tx: Transaction,
    *,
    after: int,
    upto: int,
    incident: str | None,
    resident: str | None,
    since: datetime | None,
    limit: int,
) -> list[tuple[int, str]]:
    """Entries of a stretch of the log as `LogEntry.as_json` writes them, each with its ``seq``; their data is not read.

    Args:
        tx: A transaction on the store.
        after: Only entries with a larger ``seq``.
        upto: And with none larger than this.
        incident: Only those of this incident.
        resident: Only those of this resident.
        since: Only those not older.
        limit: At most so many.
    """
    since_text = times.to_text(since) if since else None
    rows = tx.each(
        "journal_stretch",
        after=after,
        upto=upto,
        incident=incident,
        resident=resident,
        since=since_text,
        limit=limit,
    )
    return [(row["seq"], _line(row)) for row in rows]


def _line(row: Row) -> str:
    fields = {name: row[name] for name in ("seq", "at", "event", "incident", "resident", "device", "actor")}
    head = json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
    return f'{head[:-1]},"data":{row["data"]},"prev":"{row["prev"]}","hash":"{row["hash"]}"}}'


def verify(tx: Transaction, *, last: int | None = None) -> Verdict:
    """Re-compute the whole chain, in constant memory; or only so many of its last entries.

    ``count`` is then the number of entries up to the last right one, as if all before were right.
    """
    end = tx.one("journal_last")
    skipped = max(0, end["seq"] - last) if end and last is not None else 0
    before = next(tx.each("journal_read", **_ALL, after=skipped - 1, limit=1), None) if skipped else None
    prev, count = (before["hash"], skipped) if before else (GENESIS, 0)
    for row in tx.each("journal_read", **_ALL, after=count or -1, limit=_NO_LIMIT):
        why = _fault(row, expected_seq=count + 1, prev=prev)
        if why:
            return Verdict(count=count, bad_seq=row["seq"], why=why)
        prev, count = row["hash"], count + 1
    return Verdict(count=count)


def _fault(row: Row, *, expected_seq: int, prev: str) -> str:
    if row["seq"] != expected_seq:
        return _MISSING.format(seq=expected_seq)
    if row["prev"] != prev:
        return _NOT_NEXT
    fields = {key: row[key] for key in row.keys() if key != "hash"}  # noqa: SIM118 - sqlite3.Row iterates over values
    try:
        fields["data"] = json.loads(row["data"])
    except ValueError:
        return _NOT_JSON
    if _digest(fields) != row["hash"]:
        return _CHANGED
    return ""


def _entry(row: Row) -> LogEntry:
    return LogEntry(
        seq=row["seq"],
        at=times.from_text(row["at"]),
        event=row["event"],
        incident=row["incident"],
        resident=row["resident"],
        device=row["device"],
        actor=row["actor"],
        data=json.loads(row["data"]),
        prev=row["prev"],
        hash=row["hash"],
    )


def _digest(fields: dict[str, Any]) -> str:
    return hashlib.sha256(_canonical(fields).encode()).hexdigest()


def _canonical(value: Any) -> str:
    if value is None:
        return "null"
    return _ENCODER.encode(value)
