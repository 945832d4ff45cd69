"""Files into the store: all or nothing per file, in the order in which they need each other.

1. Read every file, and each row to a value; gather every fault.
2. Check the references, against the store and against the other files given.
3. A file without a fault is written, unless one it needs was refused. What is there already is updated by its id, in
   the columns the file has; nothing is ever deleted because it is missing in a file.
4. One ``directory.changed`` for each file that changed something, or for each part of a large one.

All but the writing is done before the store is held: while it is, no press is acknowledged. A large file is written in
parts with a pause between them; an import that is killed on the way has written whole parts, and goes on when it is
run again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from alarmd import journal
from alarmd.directory import doubts, lookup, retiring
from alarmd.directory.checks import (
    File,
    check_references,
    check_twice,
    check_within,
    key_of,
    offered_ids,
    one_of,
)
from alarmd.directory.files.cells import Cells
from alarmd.directory.files.kinds import Fault, Kind, Table, word
from alarmd.directory.reading import parse_rows
from alarmd.directory.retiring import Gone
from alarmd.directory.rows import PARSERS, Context, Value
from alarmd.store import Transaction
from config.wording import said, said_of
from escalation.people import Contact, Device

_PEOPLE = (Kind.CIRCLES, Kind.RESIDENTS, Kind.RESPONDERS)  # whom references name, and who may be mixed up
_WORDS_SHOWN = 40
_IDS_IN_LOG = 200  # ids in one log entry; the counts are always whole
ROWS_AT_ONCE = 4000  # up to here a file is whole or not at all, whatever ends the import; a press waits a second


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one file or sheet. With faults nothing of it was written.

    Attributes:
        path: The file.
        kind: What it holds.
        sheet: Of a workbook.
        new: Keys that the store did not have.
        changed: Keys that the store had otherwise.
        same: How many are as they were.
        faults: What barred it.
        warnings: What looks odd, and was imported.
        mended: Cells that were read otherwise than they are written.
        notes: What was read otherwise than written, once for the whole file.
        missing: Keys that the store has and the file has not.
    """

    path: Path
    kind: Kind
    sheet: str = ""
    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    same: int = 0
    faults: tuple[Fault, ...] = ()
    warnings: tuple[Fault, ...] = ()
    mended: tuple[Fault, ...] = ()
    notes: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The file, and its sheet where it has several."""
        return f"{self.path} [{self.sheet}]" if self.sheet else str(self.path)


class Prepared(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be written, with a report for each table in the order of writing.

    Attributes:
        reports: What becomes of each file.
        directory: The directory's number when it was read; another one, and `write` refuses.
        files: The rows.
        returning: Retired people and devices that the files name, and that come back, by kind and id.
        swapped: Devices whose addresses change hands: they are written together.
    """

    reports: tuple[Report, ...]
    directory: str | None
    files: tuple[File, ...]
    returning: tuple[tuple[str, str], ...] = ()
    swapped: frozenset[str] = frozenset()


class ChangedMeanwhileError(Exception):
    """Somebody else changed the directory since it was read; prepare again."""


def load(tx: Transaction, tables: Sequence[Table], context: Context, *, now: datetime, actor: str) -> list[Report]:
    """`prepare` and `write` in one transaction, for a store that nobody else needs."""
    prepared = prepare(tx, tables, context)
    write(tx, prepared, now=now, actor=actor)
    context.duty.keep(tx)
    return list(prepared.reports)


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """What is written in one transaction.

    Attributes:
        kind: What it holds.
        file: The file's name, for the log.
        sheet: Of a workbook.
        rows: As `lookup.stored` makes them.
        new: Keys of those that the store did not have.
        changed: Keys of the others.
        freed: Devices whose addresses change hands within this part, and are freed before.
        same: How many of the file are as they were; told with its first part.
    """

    kind: Kind
    file: str
    sheet: str
    rows: tuple[dict[str, Any], ...]
    new: tuple[str, ...]
    changed: tuple[str, ...]
    freed: tuple[str, ...] = ()
    same: int = 0


def parts(prepared: Prepared, at_once: int = ROWS_AT_ONCE) -> Iterator[Part]:
    """What is to be written, in pieces that hold the store for a moment each; a press is kept between any two.

    Devices that exchange their addresses are in one part, however many they are.
    """
    for file, report in zip(prepared.files, prepared.reports, strict=True):
        new, changed = set(report.new), set(report.changed)
        touched = {key_of(value): value for _, value in file.rows if key_of(value) in new | changed}
        swapped = [key for key in touched if key in prepared.swapped]
        others = [key for key in touched if key not in prepared.swapped]
        pieces = [swapped] if swapped else []
        pieces += [others[start : start + at_once] for start in range(0, len(others), at_once)]
        for number, keys in enumerate(pieces):
            yield Part(
                kind=file.kind,
                file=report.path.name,
                sheet=report.sheet,
                rows=tuple(lookup.stored(touched[key]) for key in keys),
                new=tuple(key for key in keys if key in new),
                changed=tuple(key for key in keys if key in changed),
                freed=tuple(keys) if swapped and number == 0 else (),
                same=report.same if number == 0 else 0,
            )


def write(tx: Transaction, prepared: Prepared, *, now: datetime, actor: str) -> None:
    """Write all that is new or changed at once, for a store that nobody else needs.

    Raises:
        ChangedMeanwhileError: The directory is not as `prepare` saw it; nothing was written.
    """
    expected = take_back(tx, prepared, now=now, actor=actor)
    for part in parts(prepared):
        expected = write_part(tx, part, expected, now=now, actor=actor)


def take_back(tx: Transaction, prepared: Prepared, *, now: datetime, actor: str) -> str | None:
    """Begin: put those back who were retired and are named again; returns the directory's number.

    Args:
        tx: A transaction that may write.
        prepared: By `prepare`, in this transaction or an earlier one.
        now: The present, for the log.
        actor: Who imports, for the log.

    Raises:
        ChangedMeanwhileError: The directory is not as `prepare` saw it; nothing was written.
    """
    if _directory(tx) != prepared.directory:
        raise ChangedMeanwhileError
    sound = zip(prepared.files, prepared.reports, strict=True)
    named = {(one_of(f.kind), key_of(value)) for f, report in sound if not report.faults for _, value in f.rows}
    for kind, id_ in prepared.returning:
        if (kind, id_) in named:
            reason = said("named again in an imported file")
            retiring.bring_back(tx, retiring.What(kind), id_, by=actor, reason=reason, now=now)
    return _directory(tx)


def write_part(tx: Transaction, part: Part, expected: str | None, *, now: datetime, actor: str) -> str | None:
    """Write one part; returns the directory's number after it.

    Args:
        tx: A transaction that may write.
        part: Of `parts`.
        expected: The directory's number after the part before.
        now: The present, for the log.
        actor: Who imports, for the log.

    Raises:
        ChangedMeanwhileError: Somebody else changed the directory since then; nothing of this part was written.
    """
    if _directory(tx) != expected:
        raise ChangedMeanwhileError
    tx.many("directory_free_address", [{"id": key} for key in part.freed])
    tx.many(f"directory_put_{one_of(part.kind)}", part.rows)
    data = {
        "file": part.file,
        **({"sheet": part.sheet} if part.sheet else {}),
        "kind": part.kind.value,
        "new": len(part.new),
        "changed": len(part.changed),
        "same": part.same,
        "new_ids": list(part.new[:_IDS_IN_LOG]),
        "changed_ids": list(part.changed[:_IDS_IN_LOG]),
    }
    seq = journal.append(tx, now, journal.Entry(event="directory.changed", actor=actor, data=data))
    tx.run("note_set", name="directory", value=str(seq))
    return str(seq)


def _swapped(files: Sequence[File], devices: Mapping[str, Value]) -> frozenset[str]:
    """Devices that take the address of another one, and those who have to give theirs up before."""
    holder = {(one.family, one.address): key for key, one in devices.items() if isinstance(one, Device)}
    taken: set[str] = set()
    for file in files:
        for _, value in file.rows if file.kind is Kind.DEVICES else ():
            if isinstance(value, Device) and holder.get((value.family, value.address), value.id) != value.id:
                taken |= {value.id, holder[value.family, value.address]}
    return frozenset(taken)


def _directory(tx: Transaction) -> str | None:
    row = tx.one("note_get", name="directory")
    return row["value"] if row else None


def prepare(
    tx: Transaction,
    tables: Sequence[Table],
    context: Context,
    *,
    bring_back: bool = False,
    seen: Callable[[int], None] = lambda _: None,
) -> Prepared:
    """Check the files' rows, and find out which are new or changed.

    Args:
        tx: A transaction that reads.
        tables: As read; their order does not matter.
        context: What rows are checked against.
        bring_back: Whether retired people and devices whom the files name are to come back.
        seen: Called with how many more rows were read.
    """
    order = list(Kind)
    files = [_parse(table, context, seen) for table in sorted(tables, key=lambda t: order.index(t.kind))]
    gone = retiring.values(tx)
    returning = _with_retired(files, gone, bring_back=bring_back)
    existing = {kind: _existing(tx, kind) for kind in {*(file.kind for file in files), *_PEOPLE}}
    known = {kind: set(existing.get(kind, ())) for kind in Kind}
    for kind, id_ in returning:
        plural = Kind(f"{kind}s")
        existing.setdefault(plural, {})[id_] = gone[kind][id_][1]
    check_twice(files)
    offered = offered_ids(files)
    reports: list[Report] = []
    refused: dict[Kind, Path] = {}
    for file in files:
        file.rows = [(cells, _merge(existing[file.kind], value, file.table.columns)) for cells, value in file.rows]
        check_references(file, known, offered, refused, gone)
        check_within(file, existing[file.kind])
        if file.faults:
            refused[file.kind] = file.table.path
            continue
        known[file.kind] |= {key_of(value) for _, value in file.rows}
    rows = {file.kind: [row for other in files if other.kind is file.kind for row in other.rows] for file in files}
    doubts.look(rows, ((kind, value) for kind, values in existing.items() for value in values.values()))
    reports = [_report(file, existing[file.kind], rows[file.kind]) for file in files]
    return Prepared(
        reports=tuple(reports),
        directory=_directory(tx),
        files=tuple(files),
        returning=tuple(sorted(returning)),
        swapped=_swapped(files, existing.get(Kind.DEVICES, {})),
    )


def _with_retired(files: Sequence[File], gone: Gone, *, bring_back: bool) -> set[tuple[str, str]]:
    """Take out the rows of those who were retired, and say so; or name those who are to come back."""
    returning = {
        (one_of(file.kind), key_of(value))
        for file in files
        if bring_back and file.kind is not Kind.CONTACTS
        for _, value in file.rows
        if key_of(value) in gone.get(one_of(file.kind), {})
    }
    for file in files:
        kept = []
        for cells, value in file.rows:
            who = _whose(file.kind, value, gone, returning)
            if who is None:
                kept.append((cells, value))
                continue
            text = said(
                "{kind} {id!r} was retired on {day} by {by} ({reason}) and is left out; --bring-back takes them in",
                kind=word(who.kind),
                id=who.id,
                day=who.at.date().isoformat(),
                by=who.by,
                reason=who.reason,
            )
            file.left_out.append(Fault(cells.line, "", text))
        file.rows = kept
    return returning


def _whose(
    kind: Kind,
    value: Value,
    gone: Gone,
    returning: Collection[tuple[str, str]],
) -> retiring.Retired | None:
    """Who of those that a row is about was retired, and stays so."""
    about = [(one_of(kind), key_of(value))]
    if isinstance(value, Contact):
        about = [("resident", value.resident), ("responder", value.responder)]
    for one, id_ in about:
        if (one, id_) not in returning and (found := gone.get(one, {}).get(id_)):
            return found[0]
    return None


def _parse(table: Table, context: Context, seen: Callable[[int], None]) -> File:
    def parse(cells: Cells) -> Value:
        return PARSERS[table.kind](cells, context)

    rows, faults = parse_rows(table, parse, context.country, seen)
    return File(table=table, rows=rows, faults=faults)


def _merge(existing: Mapping[str, Value], value: Value, columns: Sequence[str]) -> Value:
    """A column that the file leaves out keeps what the store has."""
    stored = existing.get(key_of(value))
    if stored is None:
        return value
    return msgspec.structs.replace(stored, **{column: getattr(value, column) for column in columns})


def _existing(tx: Transaction, kind: Kind) -> dict[str, Value]:
    read: Mapping[Kind, Callable[[Transaction], Iterable[Value]]] = {
        Kind.CIRCLES: lookup.circles,
        Kind.RESIDENTS: lookup.residents,
        Kind.RESPONDERS: lookup.responders,
        Kind.DEVICES: lookup.devices,
        Kind.CONTACTS: lookup.contacts,
    }
    return {key_of(value): value for value in read[kind](tx)}


def _report(file: File, existing: Mapping[str, Value], rows: Sequence[tuple[Cells, Value]]) -> Report:
    table = file.table
    every = [cells for cells, _ in file.rows]
    keys = {key_of(value): value for _, value in file.rows}
    told = Report(
        path=table.path,
        kind=file.kind,
        sheet=table.sheet,
        warnings=tuple(sorted(fault for cells in every for fault in cells.warnings)),
        mended=tuple(sorted(fault for cells in every for fault in cells.mended)),
        notes=(*table.notes, *_translations(every), *map(str, file.left_out)),
    )
    if file.faults:
        return msgspec.structs.replace(told, faults=tuple(sorted(set(file.faults))))
    here = {key_of(value) for _, value in rows}
    return msgspec.structs.replace(
        told,
        new=tuple(key for key in keys if key not in existing),
        changed=tuple(key for key, value in keys.items() if key in existing and existing[key] != value),
        same=sum(1 for key, value in keys.items() if existing.get(key) == value),
        missing=tuple(key for key in existing if key not in here),
    )


def _translations(every: Iterable[Cells]) -> Iterable[str]:
    """Words that were understood in another language or spelling: each once."""
    found: dict[str, str] = {}
    for cells in every:
        found |= cells.translated
    if found:
        pairs = ", ".join(f"{theirs} = {ours}" for theirs, ours in list(found.items())[:_WORDS_SHOWN])
        more = len(found) - _WORDS_SHOWN
        pairs += said_of(" and {number} more", " and {number} more", more) if more > 0 else ""
        yield said("words were understood so: {pairs}", pairs=pairs)
