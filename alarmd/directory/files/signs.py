"""What stands in a cell beside what can be seen: signs without a width, quotation marks, Excel's own marks."""

from __future__ import annotations

import re
import unicodedata

# No letters of any language, though Unicode calls them so: they are as empty as they look.
_FILLERS = frozenset("\u115f\u1160\u3164\uffa0\u2800\u034f\u180e")
_EXCEL_TEXT = re.compile(r'="(?P<inner>[^"]*)"')
_EXCEL_APOSTROPHE = re.compile(r"['’](?=[\d+.=-])")
# Letters, hanzi and their punctuation, composed as they are: nearly every cell is made of them alone.
_ORDINARY = re.compile(r"[\x20-\x7e\u4e00-\u9fff\u3001\u3002\uff01-\uff5e]*")
_WORD_QUOTES = (("“", "”"), ("„", "“"), ("«", "»"), ("＂", "＂"), ("「", "」"))


def visible(text: str) -> str:
    """Without signs that nobody sees, every blank a plain one, composed (NFC), and nothing around it."""
    if text.isascii() or _ORDINARY.fullmatch(text):
        return text.strip()
    composed = unicodedata.normalize("NFC", text)
    return "".join(_seen(c) for c in composed).strip()


def _seen(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Zs":
        return " "
    if category in {"Zl", "Zp"}:
        return "\n"
    if category == "Cf" or character in _FILLERS or _is_variation_selector(character):
        return ""
    return character


def _is_variation_selector(character: str) -> bool:
    return "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"


def bare(text: str) -> str:
    """As `visible`, and without what Excel and Word put around a text: ``="…"``, a leading ``'``, ``“…”``."""
    text = visible(text)
    if not text or text[0].isalnum():
        return text
    if found := _EXCEL_TEXT.fullmatch(text):
        return found["inner"].strip()
    if _EXCEL_APOSTROPHE.match(text):
        return text[1:].strip()
    for opening, closing in _WORD_QUOTES:
        if len(text) > 1 and text.startswith(opening) and text.endswith(closing) and opening not in text[1:-1]:
            return text[1:-1].strip()
    return text


def folded(text: str) -> str:
    """For comparing words: one width, one case, no blanks around, ``-`` and blanks inside as ``_``."""
    plain = unicodedata.normalize("NFKC", text).casefold().strip()
    return re.sub(r"[\s\-]+", "_", plain)
