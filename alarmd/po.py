"""Reads gettext's ``.po`` files: a catalogue as its translators wrote it (docs/adr/0009-gettext-from-po.md).

By hand, for the library that does it takes longer to load than the file takes to read, and every command waits for it.
https://www.gnu.org/software/gettext/manual/html_node/PO-Files.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from gettext import c2py
from typing import NamedTuple

_LINE = re.compile(r'(?:(?P<key>msgctxt|msgid_plural|msgid|msgstr(?:\[\d+\])?)\s+)?"(?P<text>(?:[^"\\]|\\.)*)"$')
_ESCAPE = re.compile(r"\\(.)")
_PLURAL = re.compile(r"plural\s*=\s*([^;\n]+)")
_LANGUAGE = re.compile(r"^Language:\s*(\S+)", re.MULTILINE)
_MEANT = {"n": "\n", "t": "\t", "r": "\r"}


class BrokenCatalogueError(Exception):
    """A line of a catalogue cannot be read; the text says which."""


class Words(NamedTuple):
    """A catalogue: the English sentence to the translated one, for plurals to each of its forms.

    Attributes:
        sentences: By the English one (for one, where there is another for many).
        form: Which of the forms a number takes.
        language: Its tag, for example ``zh-CN``.
    """

    sentences: dict[str, tuple[str, ...]]
    form: Callable[[int], int] = int
    language: str = "en"

    def gettext(self, message: str, /) -> str:
        """The sentence in this language; the English one where nobody has translated it."""
        found = self.sentences.get(message)
        return found[0] if found else message

    def ngettext(self, one: str, many: str, number: int, /) -> str:
        """As `gettext`, by number."""
        found = self.sentences.get(one)
        if not found:
            return one if number == 1 else many
        return found[min(self.form(number), len(found) - 1)]


def read(lines: Iterable[str]) -> Words:
    """Read a catalogue.

    Args:
        lines: Of the file; entries marked fuzzy (a translator has to look at them again) and empty ones are left out.

    Returns:
        Its words.

    Raises:
        BrokenCatalogueError: A line is none of such a file.
    """
    found: dict[str, tuple[str, ...]] = {}
    head = ""
    for entry, fuzzy in _entries(lines):
        message = entry.get("msgid", "")
        forms = tuple(text for key, text in entry.items() if key.startswith("msgstr"))
        if message and not fuzzy and all(forms) and forms:
            found[message] = forms
        elif not message:
            head = "".join(forms)
    plural, language = _PLURAL.search(head), _LANGUAGE.search(head)
    return Words(
        found, c2py(plural[1]) if plural else int, language[1].replace("_", "-") if language else Words({}).language
    )


def _entries(lines: Iterable[str]) -> Iterator[tuple[dict[str, str], bool]]:
    entry: dict[str, str] = {}
    fuzzy, marked, key = False, False, ""
    for number, raw in enumerate(lines, 1):
        line = raw.strip()
        if line.startswith("#"):
            marked = marked or (line.startswith("#,") and "fuzzy" in line)
            continue
        if not line:
            continue
        match = _LINE.match(line)
        if match is None or not (match["key"] or key):
            raise BrokenCatalogueError(f"line {number}: {line}")
        if match["key"] in {"msgid", "msgctxt"} and any(known.startswith("msgstr") for known in entry):
            yield entry, fuzzy
            entry = {}
        if match["key"]:
            key = match["key"]
            if key == "msgid":
                fuzzy, marked = marked, False
            entry[key] = ""
        entry[key] += _ESCAPE.sub(lambda found: _MEANT.get(found[1], found[1]), match["text"])
    if entry:
        yield entry, fuzzy
