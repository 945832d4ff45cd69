"""How much a file of people and devices may hold, counted before anything is made of it.

A workbook of 300 kB can unpack to 300 MB, and a million cells can refer to one long text in it. The sender of a list
decides how much that is, and the machine that imports it answers presses meanwhile.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from alarmd.directory.files.kinds import UnreadableFileError
from config.wording import for_later, said

LARGEST = 32_000_000  # bytes of a file; a town's directory has a third of it
LARGEST_UNPACKED = 200_000_000  # bytes of a workbook; 50,000 residents have 80 MB
LONGEST_CELL = 32_767  # characters; no spreadsheet's cell holds more
MOST_COLUMNS = 256
MOST_LINES = 400_000
MOST_CELLS = 3_000_000  # that hold something
MOST_CHARACTERS = 20_000_000
MOST_PARTS = 2_000  # of a workbook
_MOST_PACKED = 100  # times; what is written by people and programs packs to a fiftieth at best
_PACKED_FREELY = 20_000_000  # bytes, for which nobody looks at how well they pack
_LARGEST_ROW, _MOST_TAGS_OF_A_ROW = 8_000_000, 300_000
_MOST_TAGS = 15_000_000  # of a sheet, or of the texts that its cells share
_LARGEST_OTHER, _MOST_TAGS_OF_OTHERS = 20_000_000, 500_000  # formats, themes, properties: held as a whole
_CHUNK = 1_000_000
_LOOKED_AT = 2_000  # bytes, in which a part says what it is
_ROW = re.compile(rb"<(?:\w{1,20}:)?(?:row|si)(?=[\s/>])")
_LARGER = for_later("unpacks to more than any directory needs; save only its people and devices as .xlsx")


class Tally:
    """Counts the cells of one file, over all its sheets.

    Args:
        where: How the file is called in the sentence that refuses it.
    """

    def __init__(self, where: object) -> None:
        self._where = where
        self._lines = self._cells = self._characters = 0

    def add(self, line: int, cells: Sequence[object]) -> None:
        """Count one more line.

        Raises:
            UnreadableFileError: It is more than any directory holds; the text says of what, and where.
        """
        if len(cells) > MOST_COLUMNS:
            text = said("has {count} columns; the most is {most}", count=len(cells), most=MOST_COLUMNS)
            raise self._refused(line, text)
        for i, cell in enumerate(cells):
            if not isinstance(cell, str) or not cell:
                self._cells += cell is not None and cell != ""
                continue
            self._cells += 1
            self._characters += len(cell)
            if len(cell) > LONGEST_CELL:
                text = said(
                    "the cell in column {column} holds {count} characters; the most is {most}",
                    column=letter(i),
                    count=len(cell),
                    most=LONGEST_CELL,
                )
                raise self._refused(line, text)
        self._lines += 1
        for count, most, what in (
            (self._lines, MOST_LINES, for_later("holds more than {most} lines; split the file")),
            (self._cells, MOST_CELLS, for_later("holds more than {most} cells; split the file")),
            (self._characters, MOST_CHARACTERS, for_later("holds more than {most} characters; split the file")),
        ):
            if count > most:
                raise UnreadableFileError(f"{self._where}: " + said(what, most=most))

    def _refused(self, line: int, text: str) -> UnreadableFileError:
        return UnreadableFileError(f"{self._where}: " + said("line {line}: {text}", line=line, text=text))


def letter(index: int) -> str:
    """``A`` to ``Z``, ``AA`` …, as spreadsheets call columns."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def weigh(path: Path, archive: zipfile.ZipFile) -> None:
    """Look through a workbook's parts, a little at a time, before any of them is read as what it is.

    Raises:
        UnreadableFileError: It would take more memory or time than any directory.
        zipfile.BadZipFile: It is damaged; so may be what else zipfile and zlib raise.
    """
    parts = archive.infolist()
    unpacked = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts)
    if len(parts) > MOST_PARTS or unpacked > min(LARGEST_UNPACKED, _PACKED_FREELY + _MOST_PACKED * packed):
        raise UnreadableFileError(f"{path}: " + said(_LARGER))
    for part in parts:
        with archive.open(part) as stream:
            if not _is_bounded(stream, part.file_size):
                raise UnreadableFileError(f"{path}: " + said(_LARGER))


def _is_bounded(stream: IO[bytes], size: int) -> bool:
    chunk = stream.read(_CHUNK)
    if b"<" not in chunk[:_LOOKED_AT]:
        return True  # a picture, which is not looked at
    rows = _ROW.search(chunk) is not None or b"<worksheet" in chunk[:_LOOKED_AT]
    if not rows and size > _LARGEST_OTHER:
        return False
    tags, tags_of_row, length_of_row = 0, 0, 0
    while chunk:
        pieces = _ROW.split(chunk)
        found = [piece.count(b"<") for piece in pieces]
        lengths = [len(piece) for piece in pieces]
        found[0] += tags_of_row
        lengths[0] += length_of_row
        if (max(found) > _MOST_TAGS_OF_A_ROW and rows) or (max(lengths) > _LARGEST_ROW and rows):
            return False
        if not all(_is_closed(piece) for piece in pieces[1:-1]):
            return False  # rows within rows, all of which would be held
        tags += chunk.count(b"<")
        if tags > (_MOST_TAGS if rows else _MOST_TAGS_OF_OTHERS):
            return False
        tags_of_row, length_of_row = found[-1], lengths[-1]
        chunk = stream.read(_CHUNK)
    return True


def _is_closed(piece: bytes) -> bool:
    """Whether a row, or a text, ends before the next one begins."""
    return b"row>" in piece or b"si>" in piece or piece[: piece.find(b">")].endswith(b"/")
