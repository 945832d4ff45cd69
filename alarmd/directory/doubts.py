"""What no single row shows, and what is imported all the same: it only looks as if two were mixed up."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from alarmd.directory.files.cells import Cells
from alarmd.directory.files.kinds import Kind, word
from config.wording import said, said_of
from escalation.people import Circle, Contact, Device, Resident, Responder, Role

Value = Circle | Resident | Responder | Device | Contact
_ONE = {Kind.CIRCLES: "circle", Kind.RESIDENTS: "resident", Kind.RESPONDERS: "responder", Kind.DEVICES: "device"}
_SHOWN = 4
_FAR_KM = 100.0  # nobody of the directory around so far: no responder comes from there, and most are a typing error
_OTHERS = 3  # of fewer nobody can say where they all live
_KM_PER_DEGREE = 111.0
_EARTH_KM = 6371.0


class Entry(NamedTuple):
    """Somebody or something of the directory: of the files, with its cells, or of the store."""

    kind: Kind
    value: Value
    cells: Cells | None


def look(files: Mapping[Kind, Sequence[tuple[Cells, Value]]], existing: Iterable[tuple[Kind, Value]]) -> None:
    """Warn, at the rows of the files, of what looks like a mistake.

    Args:
        files: The rows by kind.
        existing: What the store holds; those whom a file names again are taken from the file.
    """
    given = [Entry(kind, value, cells) for kind, rows in files.items() for cells, value in rows]
    ids = {(entry.kind, _id(entry.value)) for entry in given}
    everybody = [*given, *(Entry(k, v, None) for k, v in existing if (k, _id(v)) not in ids)]
    _same_number(everybody)
    _far_away(everybody)
    _alike_ids(everybody)


def _id(value: Value) -> str:
    return f"{value.resident}/{value.responder}" if isinstance(value, Contact) else value.id


def _same_number(everybody: Iterable[Entry]) -> None:
    """Whoever answers is taken for both; a couple with one telephone is right, a row copied and not changed is not."""
    holders: dict[str, list[Entry]] = defaultdict(list)
    for entry in everybody:
        if isinstance(entry.value, Resident | Responder | Circle) and entry.value.phone:
            holders[entry.value.phone].append(entry)
    for number, who in holders.items():
        given = [entry for entry in who if entry.cells is not None]
        if len(who) < 2 or not given:  # noqa: PLR2004 - it takes two
            continue
        last = given[-1]  # once for each number, at the last row that brought it
        others = [entry for entry in who if entry is not last]
        assert last.cells is not None
        last.cells.warn("phone", said("{number} is also the number of {others}", number=number, others=_named(others)))


def _named(entries: Sequence[Entry]) -> str:
    shown = [
        said("{kind} {id!r} ({name})", kind=word(_ONE[e.kind]), id=_id(e.value), name=e.value.name)
        for e in entries[:_SHOWN]
        if isinstance(e.value, Resident | Responder | Circle)
    ]
    more = len(entries) - _SHOWN
    return ", ".join(shown) + (said_of(" and {number} more", " and {number} more", more) if more > 0 else "")


def _far_away(everybody: Iterable[Entry]) -> None:
    """A position with nobody around, far from where all the others are."""
    placed = [(entry, place) for entry in everybody if (place := _place(entry.value)) is not None]
    if len(placed) <= _OTHERS:
        return
    cells: dict[tuple[int, int], int] = defaultdict(int)
    for _, (lat, lon) in placed:
        cells[_cell(lat, lon)] += 1
    lats, lons = sorted(lat for _, (lat, _) in placed), sorted(lon for _, (_, lon) in placed)
    middle = lats[len(lats) // 2], lons[len(lons) // 2]
    for entry, (lat, lon) in placed:
        if entry.cells is None or (isinstance(entry.value, Responder) and entry.value.role is Role.FAMILY):
            continue  # a daughter may live at the other end of the world
        if sum(cells.get(cell, 0) for cell in _around(lat, lon)) > 1:
            continue
        km = _km((lat, lon), middle)
        if km > _FAR_KM:
            entry.cells.warn(
                "lat",
                said(
                    "{lat}, {lon} is {km} km from where the others live, and nobody is near; is the position right?",
                    lat=f"{lat:g}",
                    lon=f"{lon:g}",
                    km=f"{km:,.0f}",
                ),
            )


def _place(value: Value) -> tuple[float, float] | None:
    if isinstance(value, Resident | Responder | Circle) and value.lat is not None and value.lon is not None:
        return value.lat, value.lon
    return None


def _cell(lat: float, lon: float) -> tuple[int, int]:
    """Cells that are nowhere narrower than `_FAR_KM`, nearly."""
    row = math.floor(lat * _KM_PER_DEGREE / _FAR_KM)
    width = _FAR_KM / (_KM_PER_DEGREE * max(math.cos(math.radians(row * _FAR_KM / _KM_PER_DEGREE)), 0.05))
    return row, math.floor(lon / width)


def _around(lat: float, lon: float) -> Iterator[tuple[int, int]]:
    step = _FAR_KM / _KM_PER_DEGREE
    for row in (-1, 0, 1):
        middle_row, column = _cell(lat + row * step, lon)
        yield from ((middle_row, column + aside) for aside in (-1, 0, 1))


def _km(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Along the great circle; to the kilometre is enough to wonder at."""
    (lat1, lon1), (lat2, lon2) = (tuple(map(math.radians, place)) for place in (a, b))
    half = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 2 * _EARTH_KM * math.asin(math.sqrt(min(1.0, half)))


def _alike_ids(everybody: Iterable[Entry]) -> None:
    """``Wang`` and ``wang`` are two; seldom does anybody mean it."""
    first: dict[tuple[Kind, str], Entry] = {}
    for entry in sorted(everybody, key=lambda e: e.cells is not None):
        if isinstance(entry.value, Contact):
            continue
        other = first.setdefault((entry.kind, entry.value.id.casefold()), entry)
        if other is not entry and _id(other.value) != entry.value.id and entry.cells is not None:
            entry.cells.warn(
                "id",
                said(
                    "{id!r} is another {kind} than {other!r}, for case counts; is it meant?",
                    id=entry.value.id,
                    kind=word(_ONE[entry.kind]),
                    other=_id(other.value),
                ),
            )
