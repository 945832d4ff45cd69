"""Lines and tables as they come: coloured on a terminal, fitted to its width, and nothing loaded or kept for them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from alarmd.cli import width

WIDE = 200  # columns where nobody looks: what is cut off in a file or pipe is lost
_CODES = {
    "": "",
    "default": "",
    "bold": "1",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "blue": "34",
    "magenta": "35",
    "cyan": "36",
    "bright_black": "90",
}
_GAP = 2
_NARROWEST = 6  # three Chinese signs


class Part(NamedTuple):
    """A piece of a line, and how it is shown: ``bold red``, as in rich."""

    text: str
    style: str = ""


def is_seen() -> bool:
    """Whether somebody looks: stdout is a terminal."""
    return sys.stdout.isatty()


def write(*parts: Part) -> None:
    """Write one line, however long it is."""
    sys.stdout.write("".join(map(_painted, parts)) + "\n")
    if is_seen():
        sys.stdout.flush()


def _painted(part: Part) -> str:
    if not part.style or not is_seen() or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return part.text
    codes = ";".join(filter(None, (_CODES.get(word, "") for word in part.style.split())))
    return f"\x1b[{codes}m{part.text}\x1b[0m" if codes else part.text


def paragraph(text: str, style: str = "", *, indent: int = 0) -> None:
    """Write a sentence; where somebody looks, in lines that break between its words and names."""
    room = width.columns() if is_seen() or "COLUMNS" in os.environ else 0
    for line in width.wrapped(text, room - indent, torn=False) if room else (text,):
        write(Part(" " * indent + line, style))


class Column(NamedTuple):
    """A column of a table.

    Attributes:
        title: In the reader's language.
        least: How narrow it may become; narrower than its title where there is no other way.
        most: How wide it becomes where there is room.
        whole: Never cut or broken: an id that somebody has to copy. It runs over where it is longer than the column.
        weight: Where there is no room, the column of the highest weight goes first, to a line of its own. 0 stays.
    """

    title: str
    least: int
    most: int
    whole: bool = False
    weight: int = 0


class Table:
    """A table whose columns are measured before its first row is known, so that each row is written as it comes.

    Args:
        columns: From left to right.
        room: The terminal's width; None = as it is, and wide where nobody looks.
    """

    def __init__(self, columns: Sequence[Column], room: int | None = None) -> None:
        self._columns = columns
        self._room = room if room is not None else width.columns() if is_seen() or "COLUMNS" in os.environ else WIDE
        self._below = self._set_aside()
        self._beside = [n for n in range(len(columns)) if n not in self._below]
        self._widths = self._measured()

    def head(self) -> None:
        """Write the titles."""
        shown = [Part(column.title, "bright_black") for column in self._columns]
        self.row(shown, below=False)

    def row(self, cells: Sequence[Part], *, below: bool = True) -> None:
        """Write a row; what has no room of its own stands below it with its title."""
        wide = [width.wide(cells[n].text) for n in self._beside]
        if all(self._columns[n].whole or used <= self._widths[n] for n, used in zip(self._beside, wide, strict=True)):
            write(*self._line([cells[n] for n in self._beside], wide))  # as nearly every row of a town's thousands
        else:
            folded = [self._folded(cells[n].text, n) for n in self._beside]
            for level in range(max(map(len, folded))):
                parts = [
                    Part(lines[level] if level < len(lines) else "", cells[n].style)
                    for n, lines in zip(self._beside, folded, strict=True)
                ]
                write(*self._line(parts, [width.wide(part.text) for part in parts]))
        for n in self._below if below else ():
            if cells[n].text:
                title, indent = f"{self._columns[n].title} ", " " * (2 * _GAP)
                for line in width.wrapped(title + cells[n].text, self._room - len(indent)):
                    write(Part(indent + line, cells[n].style))

    def _line(self, parts: list[Part], wide: list[int]) -> list[Part]:
        """The parts with the blanks between them; none behind the last that is not empty."""
        shown: list[Part] = []
        blanks = 0
        for n, part, used in zip(self._beside, parts, wide, strict=True):
            if part.text:
                shown += (Part(" " * blanks), part) if blanks else (part,)
                blanks = 0
            blanks += max(0, self._widths[n] - used) + _GAP
        return shown

    def _folded(self, text: str, n: int) -> list[str]:
        return [text] if self._columns[n].whole else width.wrapped(text, self._widths[n], torn=False)

    def _needed(self, below: Iterable[int]) -> int:
        beside = [column.least for n, column in enumerate(self._columns) if n not in below]
        return sum(beside) + _GAP * (len(beside) - 1)

    def _set_aside(self) -> list[int]:
        """Which columns stand below their row, because all of them beside one another would be too narrow."""
        below: list[int] = []
        heaviest = sorted(range(len(self._columns)), key=lambda n: -self._columns[n].weight)
        for n in heaviest:
            if self._needed(below) <= self._room or not self._columns[n].weight:
                break
            below.append(n)
        return sorted(below)

    def _measured(self) -> list[int]:
        widths = [column.least for column in self._columns]
        beside = self._beside
        spare = self._room - self._needed(self._below)
        while spare < 0 and (broad := [n for n in beside if not self._columns[n].whole and widths[n] > _NARROWEST]):
            widths[max(broad, key=lambda n: widths[n])] -= 1  # a very small window: every column gives some
            spare += 1
        while spare > 0 and (growing := [n for n in beside if widths[n] < self._columns[n].most]):
            for n in growing[:spare]:
                widths[n] += 1
            spare -= len(growing[:spare])
        return widths
