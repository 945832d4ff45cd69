"""How long a text message is for the network (3GPP TS 23.038): GSM-7 160/153 septets, UCS-2 70/67 units a segment."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Encoding(StrEnum):
    """How the network carries a text; one character outside GSM-7 puts the whole text into UCS-2."""

    GSM7 = "gsm-7"
    UCS2 = "ucs-2"


class Length(msgspec.Struct, frozen=True, kw_only=True):
    """The size of a text: ``units`` are septets or UTF-16 units, ``count`` segments."""

    encoding: Encoding
    units: int
    count: int


_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("^{}\\[~]|€\f")  # sent behind an escape: two septets each
_ALONE = {Encoding.GSM7: 160, Encoding.UCS2: 70}
_JOINED = {Encoding.GSM7: 153, Encoding.UCS2: 67}
_BEYOND_BMP = 0xFFFF


def encoding(text: str) -> Encoding:
    """Which alphabet the whole text needs."""
    return Encoding.GSM7 if all(c in _BASIC or c in _EXTENDED for c in text) else Encoding.UCS2


def _cost(character: str, carried: Encoding) -> int:
    if carried is Encoding.GSM7:
        return 2 if character in _EXTENDED else 1
    return 2 if ord(character) > _BEYOND_BMP else 1


def units(text: str, carried: Encoding) -> int:
    """Septets or UTF-16 units of the text in that encoding."""
    return sum(_cost(character, carried) for character in text)


def split(text: str) -> list[str]:
    """The segments as a handset receives them; an escaped or surrogate pair is never torn apart."""
    carried = encoding(text)
    if units(text, carried) <= _ALONE[carried]:
        return [text]
    parts, size = [""], 0
    for character in text:
        cost = _cost(character, carried)
        if size + cost > _JOINED[carried]:
            parts.append("")
            size = 0
        parts[-1] += character
        size += cost
    return parts


def segments(text: str) -> Length:
    """The encoding, units and number of segments of a text."""
    carried = encoding(text)
    return Length(encoding=carried, units=units(text, carried), count=len(split(text)))


def leads(core: str, whole: str) -> bool:
    """True if ``core``, the beginning of ``whole``, lies all in its first segment."""
    return len(split(whole)[0]) >= len(core)
