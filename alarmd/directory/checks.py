"""What is wrong across rows and between files: ids twice, references to nobody, loops, addresses twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from alarmd.directory.files.cells import Cells
from alarmd.directory.files.kinds import Fault, Kind, Table, word
from alarmd.directory.retiring import Gone, Value
from config.wording import said
from escalation.people import Circle, Contact, Device, Resident, Responder


class File(msgspec.Struct, kw_only=True):
    """A file on its way in."""

    table: Table
    rows: list[tuple[Cells, Value]]
    faults: list[Fault]
    left_out: list[Fault] = msgspec.field(default_factory=list)

    @property
    def kind(self) -> Kind:
        """What it holds."""
        return self.table.kind


def key_of(value: Value) -> str:
    """What a row is known by: its id, or a contact's two."""
    return f"{value.resident}/{value.responder}" if isinstance(value, Contact) else value.id


def one_of(kind: Kind) -> str:
    """The word for one of them: ``resident``."""
    return kind.value.removesuffix("s")


def check_twice(files: Sequence[File]) -> None:
    """The same id twice, in one file or in two of a kind."""
    seen: dict[tuple[Kind, str], tuple[str, int]] = {}
    for file in files:
        for cells, value in file.rows:
            key = (file.kind, key_of(value))
            column = "responder" if isinstance(value, Contact) else "id"
            if key in seen and key[1].strip("/"):
                name, line = seen[key]
                where = said("line {line}", line=line)
                where = where if name == file.table.name else f"{name} {where}"
                pair = isinstance(value, Contact)
                what = said("this pair of resident and responder") if pair else repr(key[1])
                text = said("{what} stands in {where} already", what=what, where=where)
                file.faults.append(Fault(cells.line, column, text))
            seen.setdefault(key, (file.table.name, cells.line))


def offered_ids(files: Sequence[File]) -> dict[Kind, set[str]]:
    """The ids that the files themselves bring: two circles of one file may name each other."""
    offered: dict[Kind, set[str]] = {kind: set() for kind in Kind}
    for file in files:
        offered[file.kind] |= {key_of(value) for _, value in file.rows}
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


def check_references(
    file: File,
    known: Mapping[Kind, set[str]],
    offered: Mapping[Kind, set[str]],
    refused: Mapping[Kind, Path],
    gone: Gone,
) -> None:
    """Whether whom a row names is in the store, or comes with these files."""
    for cells, value in file.rows:
        for column, kind, id_ in _references(value):
            if not id_ or id_ in known[kind] or (kind is file.kind and id_ in offered[kind]):
                continue
            one = one_of(kind)
            if kind in refused:
                text = said(
                    "{kind} {id!r} is not in the store, and {file} was refused",
                    kind=word(one),
                    id=id_,
                    file=refused[kind],
                )
            elif id_ in gone.get(one, {}):
                text = said("{kind} {id!r} is retired", kind=word(one), id=id_)
            else:
                text = said(
                    "there is no {kind} {id!r}; import {file} first or together with this file",
                    kind=word(one),
                    id=id_,
                    file=f"{kind}.csv",
                )
            file.faults.append(Fault(cells.line, column, text))


def check_within(file: File, existing: Mapping[str, Value]) -> None:
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


def _check_loops(file: File, existing: Mapping[str, Value]) -> None:
    parents = {key: value.parent for key, value in existing.items() if isinstance(value, Circle)}
    parents |= {value.id: value.parent for _, value in file.rows if isinstance(value, Circle)}
    for cells, value in file.rows:
        assert isinstance(value, Circle)
        seen, above = {value.id}, value.parent
        while above and above not in seen:
            seen.add(above)
            above = parents.get(above, "")
        if above == value.id:
            text = said("circle {id!r} is above itself: its parents form a loop", id=value.id)
            file.faults.append(Fault(cells.line, "parent", text))


def _check_addresses(file: File, existing: Mapping[str, Value]) -> None:
    in_file = {value.id for _, value in file.rows if isinstance(value, Device)}
    owners = {
        (value.family, value.address): said("device {id!r} of the store", id=key)
        for key, value in existing.items()
        if isinstance(value, Device) and key not in in_file
    }
    for cells, value in file.rows:
        assert isinstance(value, Device)
        owner = owners.get((value.family, value.address))
        if owner and value.address:
            text = said(
                "{family} {address!r} belongs to {owner} already",
                family=value.family,
                address=value.address,
                owner=owner,
            )
            file.faults.append(Fault(cells.line, "address", text))
        mine = said("device {id!r} in line {line}", id=value.id, line=cells.line)
        owners.setdefault((value.family, value.address), mine)


def _check_ranks(file: File, existing: Mapping[str, Value]) -> None:
    ranks = {key: value for key, value in existing.items() if isinstance(value, Contact)}
    ranks |= {key_of(value): value for _, value in file.rows if isinstance(value, Contact)}
    first = Counter(value.resident for value in ranks.values() if value.rank == 1)
    for cells, value in file.rows:
        assert isinstance(value, Contact)
        if value.rank == 1 and first[value.resident] > 1:
            cells.warn(
                "rank",
                said(
                    "resident {id!r} has several contacts of rank 1; the one to call back is not clear",
                    id=value.resident,
                ),
            )
