"""TOML files as people write them: what is wrong by line, all of it at once, and what to write in its place."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from config import bounded, rights
from config.wording import said

_AT = re.compile(r"\(at line (?P<line>\d+), column \d+\)")
_QUOTES = re.compile("[“”„‟«»＂‘’‚＇]")
_FULL_WIDTH = re.compile("[＝［］，｛｝]")
_VALUE = re.compile(r"\s*[\w.\"'-]+\s*=(?P<value>.*)$")
_COLON = re.compile(r"\s*(?P<key>[\w.-]+)\s*[:：]\s*(?P<value>\S.*)$")
_SPOKEN_YES = {"yes": "true", "on": "true", "no": "false", "off": "false"}
_MOST = 30  # faults of one file; more is not a settings file


class Named(Protocol):
    """A file on disk, or one that is shipped inside the package."""

    def read_bytes(self) -> bytes:
        """Its content."""
        ...


class Fault(NamedTuple):
    """One fault: its line, from 1, or None for the whole file."""

    line: int | None
    text: str


class TomlError(Exception):
    """The file cannot be read; each fault by its line."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(fault.text for fault in faults))
        self.faults = faults

    def sentences(self, file: object) -> list[str]:
        """``alarmd.toml:12: ends with ';'``."""
        return [
            f"{file}:{fault.line}: {fault.text}" if fault.line else f"{file}: {fault.text}" for fault in self.faults
        ]


def read(file: Named) -> tuple[str, dict[str, Any]]:
    """The text of a file, and its tables.

    Raises:
        TomlError: It is not there, not UTF-8 or not TOML.
    """
    try:
        content = bounded.read(file, bounded.SETTINGS) if isinstance(file, Path) else file.read_bytes()
    except OSError as error:
        raise TomlError([Fault(None, rights.why_not(Path(str(file)), error))]) from None
    except bounded.TooLargeError:
        raise TomlError([Fault(None, said("is larger than any settings; is it the right file?"))]) from None
    text = _text(content)
    return text, parse(text)


def parse(text: str) -> dict[str, Any]:
    """The tables of a text.

    Raises:
        TomlError: It is not TOML.
    """
    lines = text.replace("\r\n", "\n").split("\n")
    found: list[Fault] = []
    while len(found) < _MOST:
        try:
            tables = tomllib.loads("\n".join(lines))
        except tomllib.TOMLDecodeError as error:
            at = _AT.search(str(error))
            number = int(at["line"]) if at else len(lines)
            if any(fault.line == number for fault in found) or not lines[number - 1].strip():
                if not found:
                    found.append(Fault(number, _meant(lines[number - 1], str(error))))
                break
            found.append(Fault(number, _meant(lines[number - 1], str(error))))
            lines[number - 1] = ""  # and on to the next fault
        except RecursionError:
            found.append(Fault(None, said("is nested too deeply")))
            break
        else:
            if found:
                break
            return tables
    raise TomlError(sorted(found, key=lambda fault: fault.line or 0))


def _text(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise TomlError([Fault(None, said("is UTF-16; save it as UTF-8"))])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise TomlError([Fault(line, said("is not UTF-8; save it as UTF-8"))]) from None


def _meant(line: str, error: str) -> str:
    """What is wrong with a line, and what to write."""
    before = line.partition("#")[0].rstrip()
    value = found["value"].strip() if (found := _VALUE.match(before)) else ""
    if "Cannot overwrite" in error or "Cannot declare" in error:
        return said("{line} stands twice; keep one", line=line.strip()[:80])
    return (
        _odd_signs(before)
        or _odd_value(value)
        or _odd_form(before)
        or said("is not TOML: {error}", error=_brief(error))
    )


def _brief(error: str) -> str:
    return _AT.sub("", error).replace("(at end of document)", "").strip()


def _odd_signs(before: str) -> str:
    """Signs that a word processor or an input method put there."""
    if quotes := _QUOTES.search(before):
        return said('has the quotation marks of a word processor ({quote}); write plain ones: "…"', quote=quotes[0])
    if sign := _FULL_WIDTH.search(before):
        plain = unicodedata.normalize("NFKC", sign[0])
        return said("has the full-width sign {sign}; write {plain}", sign=sign[0], plain=plain)
    if any(unicodedata.category(c) == "Cf" or c == "\u00a0" for c in before):
        return said("holds a sign that cannot be seen; write the line anew")
    return said("ends with ';'; leave it out") if before.endswith(";") else ""


def _odd_value(value: str) -> str:
    if value.startswith('"') and "\\" in value:
        return said("has a backslash in it; write the text in single quotes: '…'")
    if (word := value.casefold()) in {"true", "false", *_SPOKEN_YES}:
        return said("write {plain}", plain=_SPOKEN_YES.get(word, word))
    if value.count('"') == 1 or value.count("'") == 1:
        return said("a quotation mark is missing")
    if value and value[0] not in "\"'[{0123456789+-":
        return said('a text stands in quotes: "{value}"', value=value)
    return ""


def _odd_form(before: str) -> str:
    if re.match(r"\s*\[[^\]]*$", before):
        return said("the closing ] is missing")
    if colon := _COLON.match(before):
        return said("write it with =: {key} = {value}", key=colon["key"], value=colon["value"])
    return ""
