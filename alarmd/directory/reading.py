"""Files of people and devices, read: CSV of any kind, and Excel workbooks."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import msgspec

from alarmd.directory.files import bounds, headings, text, workbook
from alarmd.directory.files.cells import Cells
from alarmd.directory.files.kinds import COLUMNS, REQUIRED, Fault, Kind, Table, UnreadableFileError
from alarmd.directory.files.words import nearest
from config.wording import for_later, said

__all__ = [
    "COLUMNS",
    "REQUIRED",
    "Cells",
    "Fault",
    "Kind",
    "Table",
    "UnreadableFileError",
    "nearest",
    "parse_rows",
    "read",
    "tables",
]

Made = TypeVar("Made")
NOTES_SHEETS = frozenset({"说明", "notes", "how to", "lists", "词表"})  # of the empty workbook; nobody is in them

_OLD_OFFICE = bytes.fromhex("d0cf11e0a1b11ae1")
_TO_XLSX = for_later("is {what}, which is not read; open it and save it as .xlsx, or as “CSV UTF-8”")
_OTHER_FORMS = (
    (b"%PDF", for_later("a PDF")),
    (b"{\\rtf", for_later("a text document")),
    (b"<!DOCTYPE", for_later("a web page")),
    (b"<html", for_later("a web page")),
    (b"<table", for_later("a web page")),
)
_IN_ARCHIVES = (
    (b"mimetypeapplication/vnd.oasis", for_later("an OpenDocument file (.ods)")),
    (b"content.xml", for_later("an OpenDocument file (.ods)")),
    (b"Index/Document.iwa", for_later("a Numbers document")),
    (b"word/document.xml", for_later("a Word document")),
    (b"ppt/presentation.xml", for_later("a presentation")),
    (b"xl/workbook.bin", for_later("a binary workbook (.xlsb)")),
)


def read(path: Path) -> Table:
    """Read a file of one table.

    Raises:
        UnreadableFileError: It is not there, cannot be read, or holds none of the five kinds, or several.
    """
    found = tables(path)
    if len(found) > 1:
        raise UnreadableFileError(f"{path}: " + said("holds several sheets"))
    return found[0]


def tables(path: Path) -> list[Table]:
    """Read a file: a table for a text file, one for each sheet of a workbook that holds people or devices.

    Raises:
        UnreadableFileError: It is not there, cannot be read, or holds none of the five kinds.
    """
    content = _content(path)
    if content.startswith(b"PK\x03\x04"):
        return _of_workbook(path, content)
    return [headings.table_of(path, text.lines_of(path, content, headings.score))]


def parse_rows(
    table: Table, parse: Callable[[Cells], Made], country: str, seen: Callable[[int], None] = lambda _: None
) -> tuple[list[tuple[Cells, Made]], list[Fault]]:
    """Run a parser over every row; returns what it made, and the faults of all rows.

    Args:
        table: The rows.
        parse: Makes a value of one.
        country: Whose numbers are expected.
        seen: Called with the count now and then.
    """
    parsed = []
    faults = list(table.faults)
    for count, (line, cells) in enumerate(table.rows, 1):
        row = Cells(line, cells, country, table.headings)
        parsed.append((row, parse(row)))
        faults += row.faults
        if count % 500 == 0:
            seen(count)
    return parsed, faults


def _content(path: Path) -> bytes:
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            raise UnreadableFileError(f"{path}: " + said("is not a file"))
        if path.stat().st_size > bounds.LARGEST:
            raise UnreadableFileError(f"{path}: " + said("is larger than any directory; split it"))
        content = path.read_bytes()
    except OSError as error:
        raise UnreadableFileError(f"{path}: {error.strerror}") from None
    if content.startswith(_OLD_OFFICE):
        raise UnreadableFileError(
            f"{path}: "
            + said(
                "is an old or a protected workbook (.xls, .et); save it as .xlsx without a password, and import that"
            )
        )
    start = content[:256].lstrip().lower()
    for mark, what in _OTHER_FORMS:
        if start.startswith(mark.lower()):
            raise UnreadableFileError(f"{path}: " + said(_TO_XLSX, what=said(what)))
    return content


def _of_workbook(path: Path, content: bytes) -> list[Table]:
    for mark, what in _IN_ARCHIVES:
        if mark in content[:200] or mark in content[-100_000:]:
            raise UnreadableFileError(f"{path}: " + said(_TO_XLSX, what=said(what)))
    sheets = [sheet for sheet in workbook.sheets_of(path, content) if sheet.lines]
    meant = [sheet for sheet in sheets if sheet.sheet.casefold() not in NOTES_SHEETS]
    found: list[Table] = []
    left_out: list[str] = []
    for sheet in meant:
        try:
            found.append(headings.table_of(path, sheet, sheet_only=len(meant) > 1))
        except UnreadableFileError:
            if len(meant) == 1:
                raise
            left_out.append(sheet.sheet)
    found = [table for table in found if table.rows or table.faults] or found[:1]
    if not found:
        raise UnreadableFileError(
            f"{path}: " + said("holds no sheet of residents, devices, responders, contacts or circles")
        )
    return [_telling(found[0], left_out), *found[1:]]


def _telling(table: Table, left_out: list[str]) -> Table:
    if not left_out:
        return table
    note = said(
        "sheets left out, for neither name nor headings say what they hold: {sheets}", sheets=", ".join(left_out)
    )
    return msgspec.structs.replace(table, notes=(*table.notes, note))
