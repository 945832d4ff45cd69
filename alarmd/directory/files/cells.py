"""One row, read cell by cell; what is wrong with it is gathered, not raised."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import TypeVar

from alarmd.directory.files import days, words
from alarmd.directory.files.kinds import Fault
from alarmd.directory.files.signs import bare, visible
from config import numbers
from config.wording import said
from escalation.plan import PlanError, seconds

Word = TypeVar("Word", bound=StrEnum)
_MULTILINE = {"access", "notes", "conditions", "medication", "allergies", "mobility", "address"}
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_CHINESE_TIME = re.compile(r"(?<!\d)(\d{1,9})\s{0,9}(?:个)?(秒钟?|分钟?|小时|时|天|日)")
_UNITS = {"秒": (1, "s"), "分": (1, "m"), "小": (1, "h"), "时": (1, "h"), "天": (24, "h"), "日": (24, "h")}
_LISTED = re.compile(r"[;；、,，|\n]")
_ID_SPOILT = re.compile(r"\d[.,]\d+[eE]\+\d+")
_ID_DECIMAL = re.compile(r"(\d+)\.0")
_DECIMAL_COMMA = re.compile(r"-?\d{1,3},\d+")


class Cells:
    """One row of a file.

    Args:
        line: The row's line in the file.
        cells: Text by column.
        country: Whose national telephone numbers and coordinates are expected.
        headings: How the file itself calls a column, where that is another word.

    Attributes:
        line: The row's line in the file.
        faults: What bars the import.
        warnings: What looks odd, and is imported all the same.
        mended: What was read otherwise than it is written, with what was understood.
        translated: Words in another language or spelling, and alarmd's own.
    """

    def __init__(
        self, line: int, cells: Mapping[str, str], country: str, headings: Mapping[str, str] | None = None
    ) -> None:
        self.line = line
        self.faults: list[Fault] = []
        self.warnings: list[Fault] = []
        self.mended: list[Fault] = []
        self.translated: dict[str, str] = {}
        self._cells = cells
        self._country = country
        self._headings = headings or {}

    def fault(self, column: str, text: str) -> None:
        """Say what is wrong with a cell."""
        self.faults.append(Fault(self.line, self._heading(column), text))

    def warn(self, column: str, text: str) -> None:
        """Say what looks odd about a cell, and import it all the same."""
        self.warnings.append(Fault(self.line, self._heading(column), text))

    def mend(self, column: str, text: str) -> None:
        """Say how a cell was understood that is not written as one writes it."""
        self.mended.append(Fault(self.line, self._heading(column), text))

    def has(self, column: str) -> bool:
        """Whether the file has that column at all."""
        return column in self._cells

    def text(self, column: str, *, required: bool = False) -> str:
        """A text without signs that nobody sees; empty where the column is left out."""
        text = visible(self._cells.get(column, ""))
        if required and not text:
            self.fault(column, said("is missing"))
        if any(not (c in "\r\n\t" and column in _MULTILINE) for c in _CONTROL.findall(text)):
            self.fault(column, said("{text!r} holds a control character", text=text))
        return text

    def id(self, column: str, *, required: bool = False) -> str:
        """Who or what is meant: the same id however a spreadsheet writes it."""
        text = bare(self.text(column, required=required))
        if _ID_SPOILT.fullmatch(text):
            self.fault(
                column,
                said(
                    "{text!r} is how a spreadsheet shortens a long number: digits are lost; "
                    "format the column as text and write the number again",
                    text=text,
                ),
            )
        if found := _ID_DECIMAL.fullmatch(text):
            self.mend(column, said("{text!r} is read as {meant}", text=text, meant=found[1]))
            return found[1]
        return text

    def word(
        self, column: str, choices: type[Word], *, default: Word, required: bool = False, barred: Sequence[Word] = ()
    ) -> Word:
        """One of a list of words; ``barred`` are those that exist but are not for files."""
        allowed = [word.value for word in choices if word not in barred]
        text = self.text(column, required=required)
        if not text:
            return default
        found = self._meant(column, text, allowed)
        return choices(found) if found else default

    def one_of(self, column: str, allowed: Iterable[str]) -> str:
        """A required word of a list."""
        text = self.text(column, required=True)
        return (self._meant(column, text, list(allowed)) or text) if text else text

    def words(self, column: str) -> tuple[str, ...]:
        """A list, divided by ``;`` or by what people write in its place."""
        return tuple(dict.fromkeys(part.strip() for part in _LISTED.split(self.text(column)) if part.strip()))

    def of_list(self, column: str, own: Sequence[str]) -> tuple[str, ...]:
        """A list of alarmd's own words, in whatever language, and of others, which are said."""
        found = []
        for word in self.words(column):
            meant = words.meant(column, word, own)
            if not meant:
                hint = words.nearest(word, own)
                self.warn(column, said("{text!r} is not one of alarmd's own; {hint}", text=word, hint=hint))
            elif meant != word:
                self.translated[word] = meant
            found.append(meant or word)
        return tuple(dict.fromkeys(found))

    def language(self, column: str, known: Sequence[str]) -> str:
        """A language that alarmd speaks; empty = the service's."""
        text = self.text(column)
        if not text or text in known:
            return text
        found = words.language(text)
        if found not in known:
            hint = words.nearest(text, known)
            self.fault(column, said("{text!r} is not known; {hint} (empty = the service's)", text=text, hint=hint))
            return ""
        self.translated[text] = found
        return found

    def hours(self, column: str) -> str:
        """On-call hours; those in Chinese as opening hours are written."""
        text = self.text(column)
        found = words.hours(text)
        if found != text:
            self.translated[text] = found
        return found

    def whole(self, column: str, *, least: int) -> int | None:
        """A whole number; None where the cell is empty."""
        text = self.text(column)
        if not text:
            return None
        try:
            value = int(text.removesuffix(".0"))
        except ValueError:
            self.fault(column, said("{text!r} is not a whole number", text=text))
            return None
        if value < least:
            self.fault(column, said("{value} is too small; the least is {least}", value=value, least=least))
        return value

    def lasting(self, column: str) -> int | None:
        """Whole seconds, written ``3600``, ``25h`` or ``1h30m``; None where the cell is empty."""
        text = self.text(column)
        if not text:
            return None
        try:
            plain = _CHINESE_TIME.sub(_in_units, text)
            return max(1, round(seconds(int(plain) if plain.isdecimal() else plain, column)))
        except PlanError:
            self.fault(
                column,
                said("{text!r} is not a time above zero; write seconds, or for example 15m or 25h", text=text),
            )
            return None

    def yes(self, column: str) -> bool:
        """Yes or no; empty = no."""
        text = self.text(column).casefold()
        if text not in words.YES | words.NO:
            self.fault(column, said("{text!r} is neither yes nor no (also: true, false, 1, 0, 是, 否)", text=text))
        return text in words.YES

    def day(self, column: str) -> date | None:
        """A day; None where the cell is empty or no day."""
        text = self.text(column)
        if not text:
            return None
        try:
            found = days.read(text)
        except ValueError as error:
            self.fault(column, str(error))
            return None
        if found.mended:
            self.mend(column, said("{text!r} is read as {meant}", text=text, meant=found.date.isoformat()))
        return found.date

    def phone(self, column: str = "phone") -> str:
        """A telephone number in E.164; empty where the cell is."""
        text = self.text(column)
        if not text or numbers.is_nothing(text):
            return ""
        try:
            found = numbers.read(text, self._country)
        except numbers.EmergencyNumberError:
            self.fault(
                column, said("{text!r} is a public emergency number; nobody can be registered under it", text=text)
            )
            return ""
        except numbers.NumberError as error:
            self.fault(column, str(error))
            return ""
        if found.doubt:
            self.warn(
                column,
                said("{text!r} is read as {number}: {doubt}", text=text, number=found.number, doubt=found.doubt),
            )
        elif found.mended:
            self.mend(column, said("{text!r} is read as {meant}", text=text, meant=found.number))
        return found.number

    def position(self) -> tuple[float | None, float | None]:
        """``lat`` and ``lon``: both, or neither."""
        lat, lon = self._degrees("lat"), self._degrees("lon")
        if lat is None or lon is None:
            if (lat is None) != (lon is None) and bool(self.text("lat")) != bool(self.text("lon")):
                self.fault("lat" if lat is None else "lon", said("is missing; a position has both lat and lon"))
            return None, None
        before = len(self.faults)
        swapped = said("lat and lon look swapped") if self._swapped(lat, lon) else ""
        hint = f"; {swapped}" if swapped else ""
        if not -90 <= lat <= 90:  # noqa: PLR2004 - degrees
            self.fault("lat", said("{lat} is not a latitude (-90 to 90)", lat=f"{lat:g}") + hint)
        elif not -180 <= lon <= 180:  # noqa: PLR2004
            self.fault("lon", said("{lon} is not a longitude (-180 to 180)", lon=f"{lon:g}"))
        elif swapped:
            self.fault("lat", said("{lat}, {lon} is not in China", lat=f"{lat:g}", lon=f"{lon:g}") + hint)
        elif lat == lon == 0:
            self.fault("lat", said("0, 0 is a place in the Atlantic; leave both empty where the position is not known"))
        return (lat, lon) if len(self.faults) == before else (None, None)

    def _meant(self, column: str, text: str, allowed: Sequence[str]) -> str:
        if text in allowed:
            return text
        found = words.meant(column, text, allowed)
        if not found:
            self.fault(column, said("{text!r} is not known; {hint}", text=text, hint=words.nearest(text, allowed)))
        elif text.casefold() != found:
            self.translated[text] = found
        return found

    def _heading(self, column: str) -> str:
        return self._headings.get(column, column)

    def _swapped(self, lat: float, lon: float) -> bool:
        return self._country == "CN" and not _in_china(lat, lon) and _in_china(lon, lat)

    def _degrees(self, column: str) -> float | None:
        text = unicodedata.normalize("NFKC", self.text(column)).removesuffix("°").strip()
        text = text.replace(",", ".") if _DECIMAL_COMMA.fullmatch(text) else text
        try:
            value = float(text) if text else None
        except ValueError:
            value = float("nan")
        if value is not None and not abs(value) < float("inf"):
            self.fault(column, said("{text!r} is not a number of degrees; write for example 31.2304", text=text))
            return None
        return value


def _in_china(lat: float, lon: float) -> bool:
    return 3 <= lat <= 54 and 73 <= lon <= 136  # noqa: PLR2004 - its southernmost reef to its northernmost river


def _in_units(found: re.Match[str]) -> str:
    """``30分钟`` as ``30m``, ``1天`` as ``24h``."""
    times, unit = _UNITS[found[2][0]]
    return f"{int(found[1]) * times}{unit}"
