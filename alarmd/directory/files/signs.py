"""What stands in a cell beside what can be seen: signs without a width, quotation marks, Excel's own marks."""

from __future__ import annotations

import re
import unicodedata

from config.visible import visible

__all__ = ["bare", "folded", "visible"]

_EXCEL_TEXT = re.compile(r'="(?P<inner>[^"]*)"')
_EXCEL_APOSTROPHE = re.compile(r"['’](?=[\d+.=-])")
_WORD_QUOTES = (("“", "”"), ("„", "“"), ("«", "»"), ("＂", "＂"), ("「", "」"))


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
