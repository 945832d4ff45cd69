"""What of a text can be seen: a name of signs that nobody sees names nobody."""

from __future__ import annotations

import re
import unicodedata

# No letters of any language, though Unicode calls them so: they are as empty as they look.
_FILLERS = frozenset("\u115f\u1160\u3164\uffa0\u2800\u034f\u180e")
# Letters, hanzi and their punctuation, composed as they are: nearly every cell is made of them alone.
_ORDINARY = re.compile(r"[\x20-\x7e\u4e00-\u9fff\u3001\u3002\uff01-\uff5e]*")


def visible(text: str) -> str:
    """Without signs that nobody sees, every blank a plain one, composed (NFC), and nothing around it."""
    if text.isascii() or _ORDINARY.fullmatch(text):
        return text.strip()
    composed = unicodedata.normalize("NFC", text)
    return "".join(_seen(c) for c in composed).strip()


def shows_nothing(text: str) -> bool:
    """Whether nothing of it can be seen: no letter, digit or sign, only blanks, control signs and marks on nothing."""
    return not any(unicodedata.category(sign)[0] not in "CZM" for sign in visible(text))


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
