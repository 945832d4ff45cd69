"""Files into the store: all or nothing per file, in the order in which they need each other.

1. Read every file, and each row to a value; gather every fault.
2. Check the references, against the store and against the other files given.
3. A file without a fault is written, unless one it needs was refused. What is there already is updated by its id, in
   the columns the file has; nothing is ever deleted because it is missing in a file.
4. One ``directory.changed`` for each file that changed something.

All but the writing is done before the store is held: while it is, no press is acknowledged.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import msgspec

from alarmd import journal
from alarmd.directory import lookup
from alarmd.directory.reading import Cells, Fault, Kind, Table, parse_rows
from alarmd.directory.rows import PARSERS, Context, Value
from alarmd.store import Transaction
from escalation.people import Circle, Contact, Device, Resident, Responder

_IDS_IN_LOG = 200  # ids in one log entry; the counts are always whole


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one file. With faults nothing of it was written."""

    path: Path
    kind: Kind
    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    same: int = 0
    faults: tuple[Fault, ...] = ()
    warnings: tuple[Fault, ...] = ()


class _File(msgspec.Struct, kw_only=True):
    """A file on its way in."""

    table: Table
    rows: list[tuple[Cells, Value]]
    faults: list[Fault]

    @property
    def kind(self) -> Kind:
        return self.table.kind


class Prepared(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be written, with a report for each table in the order of writing.

    Attributes:
        reports: What becomes of each file.
        directory: The directory's number when it was read; another one, and `write` refuses.
        files: The rows.
    """

    reports: tuple[Report, ...]
    directory: str | None
    files: tuple[_File, ...]


class ChangedMeanwhileError(Exception):
    """Somebody else changed the directory since it was read; prepare again."""


def load(tx: Transaction, tables: Sequence[Table], context: Context, *, now: datetime, actor: str) -> list[Report]:
    """`prepare` and `write` in one transaction, for a store that nobody else needs."""
    prepared = prepare(tx, tables, context)
    write(tx, prepared, now=now, actor=actor)
    context.duty.keep(tx)
    return list(prepared.reports)


def write(tx: Transaction, prepared: Prepared, *, now: datetime, actor: str) -> None:
    """Write what is new or changed.

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
    for file, report in zip(prepared.files, prepared.reports, strict=True):
        if not report.faults:
            _write(tx, file, report, now=now, actor=actor)


def _directory(tx: Transaction) -> str | None:
    row = tx.one("note_get", name="directory")
    return row["value"] if row else None


def prepare(tx: Transaction, tables: Sequence[Table], context: Context) -> Prepared:
    """Check the files' rows, and find out which are new or changed.

    Args:
        tx: A transaction that reads.
        tables: As read; their order does not matter.
        context: What rows are checked against.
    """
    order = list(Kind)
    files = [_parse(table, context) for table in sorted(tables, key=lambda t: order.index(t.kind))]
    known = _known(tx)
    existing = {kind: _existing(tx, kind) for kind in {file.kind for file in files}}
    _check_twice(files)
    offered = _offered(files)
    reports: list[Report] = []
    refused: dict[Kind, Path] = {}
    for file in files:
        file.rows = [(cells, _merge(existing[file.kind], value, file.table.columns)) for cells, value in file.rows]
        _check_references(file, known, offered, refused)
        _check_within(file, existing[file.kind])
        report = _report(file, existing[file.kind])
        reports.append(report)
        if report.faults:
            refused[file.kind] = file.table.path
            continue
        known[file.kind] |= {_key(value) for _, value in file.rows}
    return Prepared(reports=tuple(reports), directory=_directory(tx), files=tuple(files))


def _parse(table: Table, context: Context) -> _File:
    def parse(cells: Cells) -> Value:
        return PARSERS[table.kind](cells, context)

    rows, faults = parse_rows(table, parse, context.country)
    return _File(table=table, rows=rows, faults=faults)


def _key(value: Value) -> str:
    return f"{value.resident}/{value.responder}" if isinstance(value, Contact) else value.id


def _merge(existing: Mapping[str, Value], value: Value, columns: Sequence[str]) -> Value:
    """A column that the file leaves out keeps what the store has."""
    stored = existing.get(_key(value))
    if stored is None:
        return value
    return msgspec.structs.replace(stored, **{column: getattr(value, column) for column in columns})


def _known(tx: Transaction) -> dict[Kind, set[str]]:
    """The ids that references may name."""
    return {
        Kind.CIRCLES: {c.id for c in lookup.circles(tx)},
        Kind.RESIDENTS: {r.id for r in lookup.residents(tx)},
        Kind.RESPONDERS: {r.id for r in lookup.responders(tx)},
        Kind.DEVICES: set(),
        Kind.CONTACTS: set(),
    }


def _existing(tx: Transaction, kind: Kind) -> dict[str, Value]:
    read: Mapping[Kind, Callable[[Transaction], Iterable[Value]]] = {
        Kind.CIRCLES: lookup.circles,
        Kind.RESIDENTS: lookup.residents,
        Kind.RESPONDERS: lookup.responders,
        Kind.DEVICES: lookup.devices,
        Kind.CONTACTS: lookup.contacts,
    }
    return {_key(value): value for value in read[kind](tx)}


def _check_twice(files: Sequence[_File]) -> None:
    """The same id twice, in one file or in two of a kind."""
    seen: dict[tuple[Kind, str], tuple[Path, int]] = {}
    for file in files:
        for cells, value in file.rows:
            key = (file.kind, _key(value))
            column = "responder" if isinstance(value, Contact) else "id"
            if key in seen and key[1].strip("/"):
                path, line = seen[key]
                where = f"line {line}" if path == file.table.path else f"{path} line {line}"
                what = "this pair of resident and responder" if isinstance(value, Contact) else repr(key[1])
                file.faults.append(Fault(cells.line, column, f"{what} stands in {where} already"))
            seen.setdefault(key, (file.table.path, cells.line))


def _offered(files: Sequence[_File]) -> dict[Kind, set[str]]:
    """The ids that the files themselves bring: two circles of one file may name each other."""
    offered: dict[Kind, set[str]] = {kind: set() for kind in Kind}
    for file in files:
        offered[file.kind] |= {_key(value) for _, value in file.rows}
    return offered


def _references(value: Value) -> Iterable[tuple[str, Kind, str]]:
    match value:
        case Circle():
            yield "parent", Kind.CIRCLES, value.parent
        case Resident() | Responder():
            yield "circle", Kind.CIRCLES, value.circle
        case Device():
            yield "resident", Kind.RESIDENTS, value.resident
        case Contact():
            yield "resident", Kind.RESIDENTS, value.resident
            yield "responder", Kind.RESPONDERS, value.responder


def _check_references(
    file: _File, known: Mapping[Kind, set[str]], offered: Mapping[Kind, set[str]], refused: Mapping[Kind, Path]
) -> None:
    for cells, value in file.rows:
        for column, kind, id_ in _references(value):
            if not id_ or id_ in known[kind] or (kind is file.kind and id_ in offered[kind]):
                continue
            one = kind.value.removesuffix("s")
            if kind in refused:
                text = f"{one} {id_!r} is not in the store, and {refused[kind]} was refused"
            else:
                text = f"there is no {one} {id_!r}; import {kind}.csv first or together with this file"
            file.faults.append(Fault(cells.line, column, text))


def _check_within(file: _File, existing: Mapping[str, Value]) -> None:
    """What no single row shows."""
    match file.kind:
        case Kind.CIRCLES:
            _check_loops(file, existing)
        case Kind.DEVICES:
            _check_addresses(file, existing)
        case Kind.CONTACTS:
            _check_ranks(file, existing)
        case _:
            pass


def _check_loops(file: _File, existing: Mapping[str, Value]) -> None:
    parents = {key: value.parent for key, value in existing.items() if isinstance(value, Circle)}
    parents |= {value.id: value.parent for _, value in file.rows if isinstance(value, Circle)}
    for cells, value in file.rows:
        assert isinstance(value, Circle)
        seen, above = {value.id}, value.parent
        while above and above not in seen:
            seen.add(above)
            above = parents.get(above, "")
        if above == value.id:
            file.faults.append(
                Fault(cells.line, "parent", f"circle {value.id!r} is above itself: its parents form a loop")
            )


def _check_addresses(file: _File, existing: Mapping[str, Value]) -> None:
    in_file = {value.id for _, value in file.rows if isinstance(value, Device)}
    owners = {
        (value.family, value.address): f"device {key!r} of the store"
        for key, value in existing.items()
        if isinstance(value, Device) and key not in in_file
    }
    for cells, value in file.rows:
        assert isinstance(value, Device)
        owner = owners.get((value.family, value.address))
        if owner and value.address:
            file.faults.append(
                Fault(cells.line, "address", f"{value.family} {value.address!r} belongs to {owner} already")
            )
        owners.setdefault((value.family, value.address), f"device {value.id!r} in line {cells.line}")


def _check_ranks(file: _File, existing: Mapping[str, Value]) -> None:
    ranks = {key: value for key, value in existing.items() if isinstance(value, Contact)}
    ranks |= {_key(value): value for _, value in file.rows if isinstance(value, Contact)}
    first = Counter(value.resident for value in ranks.values() if value.rank == 1)
    for cells, value in file.rows:
        assert isinstance(value, Contact)
        if value.rank == 1 and first[value.resident] > 1:
            cells.warn(
                "rank", f"resident {value.resident!r} has several contacts of rank 1; the one to call back is not clear"
            )


def _report(file: _File, existing: Mapping[str, Value]) -> Report:
    warnings = tuple(sorted(fault for cells, _ in file.rows for fault in cells.warnings))
    if file.faults:
        return Report(path=file.table.path, kind=file.kind, faults=tuple(sorted(set(file.faults))), warnings=warnings)
    keys = {_key(value): value for _, value in file.rows}
    return Report(
        path=file.table.path,
        kind=file.kind,
        new=tuple(key for key in keys if key not in existing),
        changed=tuple(key for key, value in keys.items() if key in existing and existing[key] != value),
        same=sum(1 for key, value in keys.items() if existing.get(key) == value),
        warnings=warnings,
    )


def _write(tx: Transaction, file: _File, report: Report, *, now: datetime, actor: str) -> None:
    touched = {*report.new, *report.changed}
    if not touched:
        return
    rows = [_stored(value) for _, value in file.rows if _key(value) in touched]
    if file.kind is Kind.DEVICES:  # two devices may have exchanged their addresses
        tx.many("directory_free_address", [{"id": key} for key in report.changed])
    tx.many(f"directory_put_{file.kind.value.removesuffix('s')}", rows)
    data = {
        "file": report.path.name,
        "kind": report.kind.value,
        "new": len(report.new),
        "changed": len(report.changed),
        "same": report.same,
        "new_ids": list(report.new[:_IDS_IN_LOG]),
        "changed_ids": list(report.changed[:_IDS_IN_LOG]),
    }
    seq = journal.append(tx, now, journal.Entry(event="directory.changed", actor=actor, data=data))
    tx.run("note_set", name="directory", value=str(seq))


def _stored(value: Value) -> dict[str, Any]:
    row = msgspec.structs.asdict(value)
    for column, cell in row.items():
        if isinstance(cell, tuple):
            row[column] = ";".join(cell)
        elif isinstance(cell, date):
            row[column] = cell.isoformat()
    return row
