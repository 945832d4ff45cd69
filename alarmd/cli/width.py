"""How wide a text stands on a terminal, and where it breaks: a Chinese sign takes two columns, and needs no blank."""

from __future__ import annotations

import shutil
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

_WIDE = frozenset("WF")
_NOTHING = frozenset({"Mn", "Me", "Cf", "Cc"})
_NOT_FIRST = frozenset("，。、；：！？）》」』”’】%,.;:!?)]}")  # no line begins with these
_NARROWEST = 40
_SIGNS_KNOWN = 8192  # a table of a town's names asks for the same few thousand signs again and again


def columns() -> int:
    """The terminal's width, or `$COLUMNS`; 80 where nobody knows."""
    return max(_NARROWEST, shutil.get_terminal_size((80, 24)).columns)


def wide(text: str) -> int:
    """How many columns a text takes."""
    return len(text) if text.isascii() else sum(map(_sign, text))


@lru_cache(maxsize=_SIGNS_KNOWN)
def _sign(sign: str) -> int:
    if unicodedata.category(sign) in _NOTHING:
        return 0
    return 2 if unicodedata.east_asian_width(sign) in _WIDE else 1


def padded(text: str, width: int) -> str:
    """The text with blanks up to that width."""
    return text + " " * max(0, width - wide(text))


def cut(text: str, width: int) -> str:
    """The text, or its beginning and an ellipsis, in no more than ``width`` columns; no sign is torn."""
    if wide(text) <= width:
        return text
    room, kept = width - 1, []
    for sign in text:
        room -= _sign(sign)
        if room < 0:
            break
        kept.append(sign)
    return "".join(kept) + "…"


def wrapped(text: str, width: int, *, torn: bool = True) -> list[str]:
    """The text in lines of at most ``width`` columns, broken at blanks and between Chinese signs.

    Args:
        text: A line.
        width: Columns.
        torn: Whether a word that is wider than the line is torn. Otherwise it runs over: an id has to be copied whole.
    """
    if wide(text) <= width:
        return [text.rstrip(" ")]
    lines: list[str] = []
    line, used = "", 0
    for whole in _pieces(text):
        piece = whole
        if line and used + wide(piece.rstrip(" ")) > width:
            lines.append(line.rstrip(" "))
            line, used, piece = "", 0, piece.lstrip(" ")
        while torn and wide(piece.rstrip(" ")) > width:  # a word wider than the line
            head = _fitting(piece, width)
            lines.append(head)
            piece = piece[len(head) :]
        line += piece
        used += wide(piece)
    if line.strip():
        lines.append(line.rstrip(" "))
    return lines or [""]


def _fitting(text: str, width: int) -> str:
    room, n = width, 0
    while n < len(text) and (room := room - _sign(text[n])) >= 0:
        n += 1
    return text[: max(1, n)]


def _pieces(text: str) -> Iterator[str]:
    """What is not torn: words with the blanks behind them, single Chinese signs with the punctuation behind them."""
    piece = ""
    for sign in text:
        breaks = piece and (
            (piece[-1] == " " and sign != " ")
            or ((_sign(sign) > 1 or _sign(piece[-1]) > 1) and sign not in _NOT_FIRST and sign != " ")
        )
        if breaks:
            yield piece
            piece = ""
        piece += sign
    if piece:
        yield piece
