"""CSV files, cell by cell: what is in them, and each fault by line and column."""

from __future__ import annotations

import csv
import difflib
import io
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

import msgspec

from config import numbers
from escalation.people import Circle, Contact, Device, Resident, Responder
from escalation.plan import PlanError, seconds

Word = TypeVar("Word", bound=StrEnum)
Made = TypeVar("Made")
_YES = {"yes", "y", "true", "1", "是", "有"}
_NO = {"no", "n", "false", "0", "", "否", "无", "没有"}
_MULTILINE = {"access", "notes", "conditions", "medication", "allergies", "mobility", "address"}


class Kind(StrEnum):
    """What a file holds, in the order in which files given together are imported."""

    CIRCLES = "circles"
    RESIDENTS = "residents"
    RESPONDERS = "responders"
    DEVICES = "devices"
    CONTACTS = "contacts"


COLUMNS: Mapping[Kind, tuple[str, ...]] = {
    Kind.CIRCLES: Circle.__struct_fields__,
    Kind.RESIDENTS: Resident.__struct_fields__,
    Kind.RESPONDERS: Responder.__struct_fields__,
    Kind.DEVICES: Device.__struct_fields__,
    Kind.CONTACTS: Contact.__struct_fields__,
}
REQUIRED: Mapping[Kind, tuple[str, ...]] = {
    Kind.CIRCLES: ("id", "name", "tier"),
    Kind.RESIDENTS: ("id", "name"),
    Kind.RESPONDERS: ("id", "name", "role"),
    Kind.DEVICES: ("id", "family", "address", "resident", "kind"),
    Kind.CONTACTS: ("resident", "responder", "rank"),
}


class Fault(msgspec.Struct, frozen=True, order=True):
    """Something wrong in a file: line 1 is the header; column is empty where the whole line is meant."""

    line: int
    column: str
    text: str

    def __str__(self) -> str:
        """``line 5, lat: 'abc' is not a number``."""
        return f"line {self.line}{f', {self.column}' if self.column else ''}: {self.text}"


class UnreadableFileError(Exception):
    """The file cannot be read at all; its text says why and what to do."""


class Table(msgspec.Struct, frozen=True):
    """A file's rows as text, and what is wrong with its form."""

    path: Path
    kind: Kind
    columns: tuple[str, ...]
    rows: tuple[tuple[int, dict[str, str]], ...]
    faults: tuple[Fault, ...] = ()


def read(path: Path) -> Table:
    """Read a CSV file.

    Raises:
        UnreadableFileError: It is not there, not UTF-8, not CSV, or none of the five files.
    """
    reader = csv.reader(io.StringIO(_text(path), newline=""), strict=True)
    lines: list[tuple[int, list[str]]] = []
    start = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                lines.append((start, [cell.strip() for cell in cells]))
            start = reader.line_num + 1
    except csv.Error as error:
        raise UnreadableFileError(
            f"{path}: line {start}: is not CSV: {error}; a quote inside a text is doubled"
        ) from None
    if not lines:
        raise UnreadableFileError(f"{path}: is empty; its first line names the columns")
    (header_line, header), *body = lines
    kind = _kind(path, header)
    header_faults = [Fault(header_line, column, text) for column, text in _header_faults(kind, header)]
    rows = tuple((line, dict(zip(header, cells, strict=True))) for line, cells in body if len(cells) == len(header))
    faults = [
        Fault(
            line, "", f"has {len(cells)} cells where the header has {len(header)}; a text with a comma stands in quotes"
        )
        for line, cells in body
        if len(cells) != len(header)
    ]
    return Table(path, kind, tuple(header), () if header_faults else rows, (*header_faults, *faults))


class Cells:
    """One row, read cell by cell; what is wrong is gathered, not raised.

    Args:
        line: The row's line in the file.
        cells: Text by column.
        country: Whose national telephone numbers and coordinates are expected.
    """

    def __init__(self, line: int, cells: Mapping[str, str], country: str) -> None:
        self.line = line
        self.faults: list[Fault] = []
        self.warnings: list[Fault] = []
        self._cells = cells
        self._country = country

    def fault(self, column: str, text: str) -> None:
        """Say what is wrong with a cell."""
        self.faults.append(Fault(self.line, column, text))

    def warn(self, column: str, text: str) -> None:
        """Say what looks odd about a cell, and import it all the same."""
        self.warnings.append(Fault(self.line, column, text))

    def has(self, column: str) -> bool:
        """Whether the file has that column at all."""
        return column in self._cells

    def text(self, column: str, *, required: bool = False) -> str:
        """A text; empty where the column is left out."""
        text = self._cells.get(column, "")
        if required and not text:
            self.fault(column, "is missing")
        if any(unicodedata.category(c) == "Cc" and not (c in "\r\n\t" and column in _MULTILINE) for c in text):
            self.fault(column, f"{text!r} holds a control character")
        return text

    def word(
        self, column: str, words: type[Word], *, default: Word, required: bool = False, barred: Sequence[Word] = ()
    ) -> Word:
        """One of a list of words; ``barred`` are those that exist but are not for files."""
        allowed = [word.value for word in words if word not in barred]
        text = self.text(column, required=required)
        if not text:
            return default
        if text not in allowed:
            self.fault(column, f"{text!r} is not known; {nearest(text, allowed)}")
            return default
        return words(text)

    def one_of(self, column: str, allowed: Iterable[str]) -> str:
        """A required word of a list."""
        text = self.text(column, required=True)
        choices = list(allowed)
        if text and text not in choices:
            self.fault(column, f"{text!r} is not known; {nearest(text, choices)}")
        return text

    def words(self, column: str) -> tuple[str, ...]:
        """A ``;``-list."""
        parts = self.text(column).replace("；", ";").split(";")
        return tuple(part.strip() for part in parts if part.strip())

    def whole(self, column: str, *, least: int) -> int | None:
        """A whole number; None where the cell is empty."""
        text = self.text(column)
        if not text:
            return None
        try:
            value = int(text)
        except ValueError:
            self.fault(column, f"{text!r} is not a whole number")
            return None
        if value < least:
            self.fault(column, f"{value} is too small; the least is {least}")
        return value

    def lasting(self, column: str) -> int | None:
        """Whole seconds, written ``3600``, ``25h`` or ``1h30m``; None where the cell is empty."""
        text = self.text(column)
        if not text:
            return None
        try:
            return max(1, round(seconds(int(text) if text.isdecimal() else text, column)))
        except PlanError:
            self.fault(column, f"{text!r} is not a time above zero; write seconds, or for example 15m or 25h")
            return None

    def yes(self, column: str) -> bool:
        """Yes or no; empty = no."""
        text = self.text(column).lower()
        if text not in _YES | _NO:
            self.fault(column, f"{text!r} is neither yes nor no (also: true, false, 1, 0, 是, 否)")
        return text in _YES

    def phone(self, column: str = "phone") -> str:
        """A telephone number in E.164; empty where the cell is."""
        text = self.text(column)
        if not text:
            return ""
        try:
            number = numbers.parse(text, self._country)
        except numbers.EmergencyNumberError:
            self.fault(column, f"{text!r} is a public emergency number; nobody can be registered under it")
            return ""
        except numbers.NumberError as error:
            self.fault(column, str(error))
            return ""
        if not numbers.is_assigned(number):
            self.warn(column, f"{text!r} is in no range of numbers known to be in use; please check it")
        return number

    def position(self) -> tuple[float | None, float | None]:
        """``lat`` and ``lon``: both, or neither."""
        lat, lon = self._degrees("lat"), self._degrees("lon")
        if lat is None or lon is None:
            if (lat is None) != (lon is None) and bool(self.text("lat")) != bool(self.text("lon")):
                self.fault("lat" if lat is None else "lon", "is missing; a position has both lat and lon")
            return None, None
        if not -90 <= lat <= 90:  # noqa: PLR2004 - degrees
            self.fault("lat", f"{lat:g} is not a latitude (-90 to 90){self._swapped(lat, lon)}")
        elif not -180 <= lon <= 180:  # noqa: PLR2004
            self.fault("lon", f"{lon:g} is not a longitude (-180 to 180)")
        elif hint := self._swapped(lat, lon):
            self.fault("lat", f"{lat:g}, {lon:g} is not in China{hint}")
        elif lat == lon == 0:
            self.fault("lat", "0, 0 is a place in the Atlantic; leave both empty where the position is not known")
        return lat, lon

    def _swapped(self, lat: float, lon: float) -> str:
        swapped = self._country == "CN" and not _in_china(lat, lon) and _in_china(lon, lat)
        return "; lat and lon look swapped" if swapped else ""

    def _degrees(self, column: str) -> float | None:
        text = self.text(column)
        try:
            value = float(text) if text else None
        except ValueError:
            value = float("nan")
        if value is not None and not abs(value) < float("inf"):
            self.fault(column, f"{text!r} is not a number of degrees; write for example 31.2304")
            return None
        return value


def nearest(text: str, allowed: Iterable[str]) -> str:
    """``did you mean …?``, or the list of what is allowed."""
    choices = list(allowed)
    near = difflib.get_close_matches(text, choices, 1, cutoff=0.5)
    return f"did you mean {near[0]!r}?" if near else f"allowed: {', '.join(choices)}"


def parse_rows(
    table: Table, parse: Callable[[Cells], Made], country: str
) -> tuple[list[tuple[Cells, Made]], list[Fault]]:
    """Run a parser over every row; returns what it made, and the faults of all rows."""
    parsed = []
    faults = list(table.faults)
    for line, cells in table.rows:
        row = Cells(line, cells, country)
        parsed.append((row, parse(row)))
        faults += row.faults
    return parsed, faults


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UnreadableFileError(f"{path}: {error.strerror}") from None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UnreadableFileError(f"{path}: line {line}: is not UTF-8{_guess(content)}") from None


def _guess(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return " but UTF-16; save it as “CSV UTF-8”"
    try:
        content.decode("gb18030")
    except UnicodeDecodeError:
        return "; save it as “CSV UTF-8”"
    return " but looks like GB18030 (GBK), as older Excel writes it; save it as “CSV UTF-8”"


def _kind(path: Path, header: list[str]) -> Kind:
    if len(header) == 1 and any(mark in header[0] for mark in ";\t|"):
        raise UnreadableFileError(
            f"{path}: line 1: the columns are not divided by commas; save it as comma-separated CSV"
        )
    fitting = [kind for kind in Kind if set(REQUIRED[kind]) <= set(header) <= set(COLUMNS[kind])]
    if len(fitting) == 1:
        return fitting[0]
    named = [kind for kind in Kind if kind.value.removesuffix("s") in path.stem.lower()]
    if len(named) == 1:
        return named[0]
    best = max(Kind, key=lambda kind: len(set(header) & set(COLUMNS[kind])))
    if fitting or not set(header) & set(COLUMNS[best]):
        raise UnreadableFileError(
            f"{path}: line 1: neither header nor name says what it holds; name it {', '.join(f'{k}.csv' for k in Kind)}"
        )
    return best


def _header_faults(kind: Kind, header: list[str]) -> Iterable[tuple[str, str]]:
    for column in dict.fromkeys(header):
        if header.count(column) > 1:
            yield column, "stands twice in the header"
        if column not in COLUMNS[kind]:
            yield column, f"is not a column of {kind}.csv; {nearest(column, COLUMNS[kind])}"
    for column in REQUIRED[kind]:
        if column not in header:
            yield column, f"is missing in the header; {kind}.csv needs {', '.join(REQUIRED[kind])}"


def _in_china(lat: float, lon: float) -> bool:
    return 3 <= lat <= 54 and 73 <= lon <= 136  # noqa: PLR2004 - its southernmost reef to its northernmost river
