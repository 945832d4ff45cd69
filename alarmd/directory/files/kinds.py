"""What a file may hold, its columns, and what can be wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

import msgspec

from config.wording import for_later, said
from escalation.people import Circle, Contact, Device, Resident, Responder


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


_WORDS: Mapping[str, str] = {
    "circle": for_later("circle"),
    "resident": for_later("resident"),
    "responder": for_later("responder"),
    "device": for_later("device"),
    "contact": for_later("contact"),
    Kind.CIRCLES: for_later("circles"),
    Kind.RESIDENTS: for_later("residents"),
    Kind.RESPONDERS: for_later("responders"),
    Kind.DEVICES: for_later("devices"),
    Kind.CONTACTS: for_later("contacts"),
}


def word(kind: str) -> str:
    """What one of a kind, or all of it, is called in the reader's language: ``resident``, ``residents``."""
    return said(_WORDS[kind])


class Fault(msgspec.Struct, frozen=True, order=True):
    """Something wrong in a file, or odd: column is empty where the whole line is meant."""

    line: int
    column: str
    text: str

    def __str__(self) -> str:
        """``line 5, lat: 'abc' is not a number``."""
        if not self.column:
            return said("line {line}: {text}", line=self.line, text=self.text)
        return said("line {line}, {column}: {text}", line=self.line, column=self.column, text=self.text)


class UnreadableFileError(Exception):
    """The file cannot be read at all; its text says why and what to do."""


class Lines(msgspec.Struct, frozen=True):
    """A file or sheet as lines of cells, before anybody knows what they mean.

    Attributes:
        lines: Each with its number, from 1; empty ones are left out.
        notes: What was read otherwise than written, once for the whole.
        faults: Cells that hold nothing readable.
        sheet: Its name, where the file has several.
    """

    lines: tuple[tuple[int, tuple[str, ...]], ...]
    notes: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()
    sheet: str = ""


class Table(msgspec.Struct, frozen=True):
    """A file's rows as text, and what is wrong with its form.

    Attributes:
        path: The file.
        kind: What it holds.
        columns: As alarmd calls them, in the file's order.
        rows: Each with its line.
        faults: Of its form.
        notes: What was read otherwise than written, once for the whole file.
        sheet: Of a workbook; empty for a file of one table.
        headings: A column's heading as it is written in the file, where that is another word.
    """

    path: Path
    kind: Kind
    columns: tuple[str, ...]
    rows: tuple[tuple[int, dict[str, str]], ...]
    faults: tuple[Fault, ...] = ()
    notes: tuple[str, ...] = ()
    sheet: str = ""
    headings: Mapping[str, str] = msgspec.field(default_factory=dict)

    @property
    def name(self) -> str:
        """How reports call it: ``people.xlsx [居民]``."""
        return f"{self.path} [{self.sheet}]" if self.sheet else str(self.path)
