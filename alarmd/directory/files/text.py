"""Text files: their encoding, what divides their columns, their lines of cells."""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import re
from collections.abc import Callable, Iterable
from pathlib import Path

from alarmd.directory.files.bounds import Tally, letter
from alarmd.directory.files.kinds import Fault, Lines, UnreadableFileError
from alarmd.directory.files.signs import bare, visible
from config.wording import said, said_of

_DIVIDERS = (",", ";", "\t", "|", "，")
_SEP_LINE = re.compile(r'"?sep=(?P<divider>.)"?\s*', re.IGNORECASE)
_LOOKED_AT = 12  # lines in which the columns' names are looked for
# GB 2312's punctuation and its hanzi of the first level, by lead byte: what nearly every Chinese text is made of.
_COMMON_LEADS = (*range(0xA1, 0xA4), *range(0xB0, 0xD8))
_BIG5_COMMON = range(0xA1, 0xC7)
_MOSTLY = 0.75
_ENOUGH = 200_000  # characters, to tell an encoding by


def lines_of(path: Path, content: bytes, score: Callable[[Iterable[str]], int]) -> Lines:
    """The lines of a text file.

    Args:
        path: For an error's sentence.
        content: Of the file.
        score: How many of these cells name a column; finds what divides the columns.

    Raises:
        UnreadableFileError: It is in no encoding that is read, or not CSV.
    """
    text, encoding = _decoded(path, content)
    notes = [said("read as {encoding}", encoding=encoding)] if encoding else []
    skipped, first, rest = 0, *text.partition("\n")[::2]
    divider = ""
    if found := _SEP_LINE.fullmatch(first.rstrip("\r")):
        divider, text, skipped = found["divider"], rest, 1
    divider = divider or _divider(text, score)
    if divider != ",":
        shown = {"\t": said("tabs")}.get(divider, repr(divider))
        notes.append(said("its columns are divided by {divider}", divider=shown))
    rows = _rows(path, text, divider, skipped)
    lines, hidden, formulas = [], 0, []
    tally = Tally(path)
    for number, cells in rows:
        tally.add(number, _trimmed(cells))
        cleaned = tuple(bare(cell) for cell in cells)
        hidden += sum(1 for before, after in zip(cells, cleaned, strict=True) if not before.isascii() and _hid(before))
        formulas += [Fault(number, letter(i), _formula(c)) for i, c in enumerate(cleaned) if _is_formula(c)]
        if any(cleaned):
            lines.append((number, cleaned))
    if hidden:
        notes.append(
            said_of(
                "{number} cell held signs that cannot be seen; they were left out",
                "{number} cells held signs that cannot be seen; they were left out",
                hidden,
            )
        )
    return Lines(tuple(lines), tuple(notes), tuple(formulas))


def _trimmed(cells: list[str]) -> list[str]:
    """Without the empty ones at the end, which spreadsheets save by the hundred."""
    last = next((i for i in range(len(cells) - 1, -1, -1) if cells[i]), -1)
    return cells[: last + 1]


def _hid(cell: str) -> bool:
    seen = visible(cell)
    return len(seen) < len(cell.strip()) and seen != "".join(cell.split())


def _is_formula(cell: str) -> bool:
    return re.match(r"=\s*[-+(\w]", cell) is not None


def _formula(cell: str) -> str:
    return said("{cell!r} is a formula and not its result; write the value", cell=cell[:40])


# ---------------------------------------------------------------- encoding


def _decoded(path: Path, content: bytes) -> tuple[str, str]:
    """The text, and its encoding where it is not UTF-8."""
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF32_LE, "utf-32"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if content.startswith(mark):
            return _strictly(path, content, name), "" if name == "utf-8-sig" else name.upper()
    if (wide := _wide(content)) is not None:
        return _strictly(path, content, wide), "UTF-16"
    try:
        return content.decode("utf-8"), ""
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
    if _is_chinese(content, "gb18030", _COMMON_LEADS):
        return content.decode("gb18030"), "GB18030 (GBK)"
    where = f"{path}: " + said("line {line}: {text}", line=line, text="")
    if _is_chinese(content, "big5", tuple(_BIG5_COMMON)):
        raise UnreadableFileError(where + said("is not UTF-8 but looks like Big5; save it as “CSV UTF-8”"))
    raise UnreadableFileError(where + said("is not UTF-8; save it as “CSV UTF-8”, or as .xlsx"))


def _strictly(path: Path, content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError:
        raise UnreadableFileError(
            f"{path}: " + said("is broken {encoding}; save it as “CSV UTF-8”", encoding=encoding.upper())
        ) from None


def _wide(content: bytes) -> str | None:
    """UTF-16 without its mark: every second byte of its commas and line ends is zero."""
    sample = content[:4096]
    if len(sample) < 4 or b"\0" not in sample:  # noqa: PLR2004 - two signs
        return None
    little, big = sample[1::2].count(0), sample[0::2].count(0)
    for name, ours, theirs in (("utf-16-le", little, big), ("utf-16-be", big, little)):
        if (
            ours > 4 * theirs
            and ours > len(sample) / 20
            and "\n" in content.decode(name, "replace").replace("\r", "\n")
        ):
            return name
    return None


def _is_chinese(content: bytes, encoding: str, leads: tuple[int, ...]) -> bool:
    """Whether it can be that encoding, and is mostly made of what its texts are made of."""
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        return False
    foreign = list(itertools.islice((c for c in text if not c.isascii()), _ENOUGH))
    common = sum(1 for c in foreign if _is_common(c, encoding, leads))
    return bool(foreign) and common / len(foreign) >= _MOSTLY


def _is_common(character: str, encoding: str, leads: tuple[int, ...]) -> bool:
    code = character.encode(encoding)
    least = 0xA1 if encoding == "gb18030" else 0x40
    return len(code) == 2 and code[0] in leads and code[1] >= least  # noqa: PLR2004 - both have two bytes


# ---------------------------------------------------------------- columns


def _divider(text: str, score: Callable[[Iterable[str]], int]) -> str:
    """What divides the columns: with it, some line near the top names the most of them."""
    top = [line for line in text[:65_536].splitlines() if line.strip()][:_LOOKED_AT]
    found = {divider: max((score(_split(line, divider)) for line in top), default=0) for divider in _DIVIDERS}
    best = max(_DIVIDERS, key=lambda divider: found[divider])
    return best if found[best] > max(1, found[","]) or (found[best] > found[","] and found[","] == 0) else ","


def _split(line: str, divider: str) -> list[str]:
    try:
        return next(iter(csv.reader([line], delimiter=divider)), [])
    except csv.Error:
        return line.split(divider)


def _rows(path: Path, text: str, divider: str, skipped: int) -> Iterable[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=divider, strict=True, skipinitialspace=True)
    start = 1
    try:
        for cells in reader:
            yield start + skipped, cells
            start = reader.line_num + 1
    except csv.Error as error:
        where = said("line {line}: {text}", line=start + skipped, text="")
        raise UnreadableFileError(
            f"{path}: {where}" + said("is not CSV: {error}; a quote inside a text is doubled", error=error)
        ) from None
