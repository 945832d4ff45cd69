"""Excel workbooks (.xlsx): each sheet's lines as text, numbers and days as they were meant, within bounds.

What openpyxl does not say of a sheet that it reads row by row (merged cells, hidden rows, formulas that were never
worked out) is looked for in the sheet's own XML.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from alarmd.directory.files.bounds import MOST_COLUMNS, Tally, letter, weigh
from alarmd.directory.files.kinds import Fault, Lines, UnreadableFileError
from alarmd.directory.files.signs import bare
from config.wording import said, said_of

EMPTY_LINES = 5_000  # so many, and nothing is looked for below
_CHUNK, _OVERLAP = 4_000_000, 20_000
_EXACT = 10**15  # Excel keeps fifteen digits
_ERRORS = frozenset({"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#GETTING_DATA", "#SPILL!"})
# Within one tag, and no further than any tag of a workbook goes: a damaged file has tags that never end.
_WITHIN = rb"[^<>]{0,600}?"
_MERGED = re.compile(rb"<(?:\w{1,20}:)?mergeCell\b" + _WITHIN + rb'\bref="([A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7})"')
_HIDDEN_ROW = re.compile(rb"<(?:\w{1,20}:)?row\b" + _WITHIN + rb'\br="(\d{1,7})"' + _WITHIN + rb'\bhidden="(?:1|true)"')
_UNCOMPUTED = re.compile(
    rb"<(?:\w{1,20}:)?c\b" + _WITHIN + rb'\br="([A-Z]{1,3}\d{1,7})"' + _WITHIN + rb">\s{0,100}"
    rb"<(?:\w{1,20}:)?f\b(?:[^<>]{0,600}/>|[^<>]{0,600}>[^<]*</(?:\w{1,20}:)?f>)\s{0,100}"
    rb"(?:<(?:\w{1,20}:)?v\s?/>|<(?:\w{1,20}:)?v>\s{0,100}</(?:\w{1,20}:)?v>)?\s{0,100}</(?:\w{1,20}:)?c>"
)


def sheets_of(path: Path, content: bytes) -> list[Lines]:
    """The lines of each sheet that holds anything, in the workbook's order.

    Raises:
        UnreadableFileError: It is no workbook, is protected, damaged, or larger than any directory.
    """
    _refuse_bombs(path, content)
    from openpyxl import load_workbook  # noqa: PLC0415 - a tenth of a second that only workbooks take

    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        tally = Tally(path)
        return [_lines(sheet, content, tally) for sheet in book.worksheets]
    except UnreadableFileError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever a broken archive makes the library stumble over
        raise UnreadableFileError(
            f"{path}: " + said("cannot be read as a workbook ({error}); save it anew as .xlsx", error=_brief(error))
        ) from None


def _brief(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0][:120]


def _refuse_bombs(path: Path, content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            weigh(path, archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, OSError, RuntimeError):  # also NotImplementedError
        raise UnreadableFileError(f"{path}: " + said("is a damaged workbook; save it anew as .xlsx")) from None


def _lines(sheet: Any, content: bytes, tally: Tally) -> Lines:
    marks = _Marks(content, sheet._worksheet_path)  # noqa: SLF001 - what the library keeps of where it reads
    sheet.reset_dimensions()  # what the file says of its size is often wrong
    faults: list[Fault] = list(marks.faults())
    lines: list[tuple[int, tuple[str, ...]]] = []
    empty, cut = 0, 0
    for number, padded in enumerate(sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS), 1):
        row = _without_padding(padded)
        if not row:
            empty += 1
            if empty >= EMPTY_LINES:
                cut = number
                break
            continue
        empty = 0
        tally.add(number, row)
        cells = _trimmed(_text(value) for value in row)
        faults += [Fault(number, letter(i), _is_error(cell)) for i, cell in enumerate(cells) if cell in _ERRORS]
        if any(cells):
            lines.append((number, cells))
    notes = list(marks.notes())
    if sheet.sheet_state != "visible":
        notes.append(said("the sheet is hidden, and was read"))
    if cut:
        notes.append(said("below line {line} nothing was read: only empty lines came before it", line=cut))
    width = max((len(cells) for _, cells in lines), default=0)  # a sheet has no short lines, only empty cells
    lines = [(number, cells + ("",) * (width - len(cells))) for number, cells in lines]
    return Lines(tuple(lines), tuple(notes), tuple(faults), sheet=str(sheet.title))


def _without_padding(row: tuple[object, ...]) -> tuple[object, ...]:
    """Without the empty cells at its end: each line comes as wide as the widest that is read."""
    width = len(row)
    while width and row[width - 1] is None:
        width -= 1
    return row[:width]


def _is_error(cell: str) -> str:
    return said("{cell} is an error of the spreadsheet; write the value", cell=cell)


def _trimmed(cells: Iterable[str]) -> tuple[str, ...]:
    found = list(cells)
    while found and not found[-1]:
        found.pop()
    return tuple(found)


def _text(value: object) -> str:
    """As a person would write it: ``13800138000`` and not ``13800138000.0``, a day without its midnight."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.isoformat("minutes")
    return bare(str(value)) if value is not None else ""


def _number(value: float) -> str:
    if isinstance(value, float) and not value.is_integer():
        return repr(value)
    if abs(value) >= _EXACT:  # digits are lost already; whoever reads the cell must see that
        return f"{value:.5E}"
    return str(int(value))


class _Marks:
    """What stands in a sheet's XML beside its values."""

    def __init__(self, content: bytes, part: str) -> None:
        self._merged: set[str] = set()
        self._hidden: set[int] = set()
        self._uncomputed: set[str] = set()
        with zipfile.ZipFile(io.BytesIO(content)) as archive, archive.open(part.lstrip("/")) as stream:
            before = b""
            while chunk := stream.read(_CHUNK):
                text = before + chunk
                self._merged |= {found.decode() for found in _MERGED.findall(text)}
                self._hidden |= {int(found) for found in _HIDDEN_ROW.findall(text)}
                self._uncomputed |= {found.decode() for found in _UNCOMPUTED.findall(text)}
                before = text[-_OVERLAP:]

    def faults(self) -> Iterator[Fault]:
        for cell in sorted(self._uncomputed, key=_place):
            column, line = _place(cell)[1:]
            yield Fault(line, column, said("holds a formula that was never worked out; write the value"))
        for span in sorted(self._merged, key=lambda s: _place(s.partition(":")[0])):
            first, _, last = span.partition(":")
            (_, column, top), (_, _, bottom) = _place(first), _place(last)
            if bottom > top:  # a title across columns harms nobody; one value across rows leaves the others empty
                text = said("is merged down to line {line}; unmerge it, and write the value in each line", line=bottom)
                yield Fault(top, column, text)

    def notes(self) -> Iterator[str]:
        if self._hidden:
            yield said_of("{number} hidden line was read", "{number} hidden lines were read", len(self._hidden))


def _place(cell: str) -> tuple[int, str, int]:
    """``(12, "C", 12)`` for ``C12``, to sort by line."""
    column = cell.rstrip("0123456789")
    return int(cell[len(column) :]), column, int(cell[len(column) :])
