"""What an address looks like, family by family, and what a spreadsheet or a hand makes of it.

A device whose address is written wrongly is nobody's: its press opens nothing at its resident's. So what cannot be seen
(zero-width signs, a byte-order mark, Excel's apostrophe) is taken away wherever an address is read, and what cannot be
an address of its family is named, with what was probably meant. Pure: a fault is an English sentence and its facts,
said later in the reader's language.

Sources: LoRaWAN 1.0.3, 6.1.1 (DevEUI, EUI-64); 3GPP TS 23.003, 6.2 (IMEI, Luhn); The Things Stack, "ID and EUI
constraints"; OASIS MQTT 5.0, 4.7; Unicode's general categories.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple


def for_later(sentence: str, /) -> str:
    """Mark a literal that `config.wording.said` says later: this package knows no reader."""
    return sentence


class Fault(NamedTuple):
    """Why something cannot be an address: a sentence of the catalogue, and the facts in it."""

    sentence: str
    facts: Mapping[str, object] = {}


_FILLERS: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180e\u2800\u3164\uffa0")
"""Signs without a picture that Unicode counts among letters and symbols."""
_JOINER: Final = "\u200d"
_SELECTORS: Final = range(0xFE00, 0xFE10)
_WIDE: Final = range(0xFF01, 0xFF5F)
_HYPHENS: Final = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"), "-")
_FORMULA: Final = re.compile(r'=\s*"([^"]*)"')
_APOSTROPHES: Final = "'\u2018\u2019`\u00b4\uff07"
_POWER: Final = re.compile(r"[+-]?\d(?:[.,]\d+)?[eE]\+\d{1,3}|[+-]?\d[.,]\d+[eE]\d{1,3}")
_FRACTION: Final = re.compile(r"(\d+)[.,]0+")
_LONGEST: Final = 200


def visible(written: str) -> str:
    """The text without what nobody sees: invisible signs anywhere, blanks of any kind around it.

    A joiner between two pictures stays, for it makes another picture of them.
    """
    kept = []
    for at, sign in enumerate(written):
        if _is_seen(written, at, sign):
            kept.append(" " if sign != " " and unicodedata.category(sign) == "Zs" else sign)
    return "".join(kept).strip()


def _is_seen(written: str, at: int, sign: str) -> bool:
    if sign.isascii():
        return True
    if sign == _JOINER or ord(sign) in _SELECTORS:
        return at > 0 and unicodedata.category(written[at - 1]) in ("So", "Sk", "Mn")
    return sign not in _FILLERS and unicodedata.category(sign) not in ("Cf", "Zl", "Zp", "Co", "Cn")


def unquoted(written: str) -> str:
    """The visible text without what a spreadsheet puts around a number to keep it as text: ``'35…``, ``="35…"``."""
    text = visible(written)
    if match := _FORMULA.fullmatch(text):
        text = match[1].strip()
    if text[:1] in _APOSTROPHES and text[1:2].isalnum():
        text = text[1:].strip()
    if len(text) > 1 and text[0] == text[-1] == '"':
        text = text[1:-1].strip()
    return text


def plain_signs(text: str) -> str:
    """Full-width letters and digits, and hyphens that only look like one, as they are on a keyboard."""
    narrow = "".join(chr(ord(sign) - 0xFEE0) if ord(sign) in _WIDE else sign for sign in text)
    return narrow.translate(_HYPHENS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """What the addresses of a family look like.

    Attributes:
        words: For an installer, as a sentence of the catalogue.
        example: One that could be.
        pattern: What the one spelling of an address matches as a whole; None where any name may be one.
        digits: How many hexadecimal digits such an address has, 0 where it is not of digits alone.
        hexadecimal: Whether those digits reach to F.
        in_topic: Whether it is a part of a topic, in which ``+`` and ``#`` cannot stand.
        alternatives: Patterns of what else may be registered: gateways, names.
    """

    words: str
    example: str
    pattern: re.Pattern[str] | None = None
    digits: int = 0
    hexadecimal: bool = True
    in_topic: bool = False
    alternatives: tuple[re.Pattern[str], ...] = field(default=())

    def fault(self, address: str) -> Fault | None:
        """What is wrong with an address in its family's one spelling; None where nothing is."""
        if not address or (self.pattern is not None and self.pattern.fullmatch(address)):
            return None
        facts = {"address": address[:_LONGEST], "example": self.example}
        if (number := _spoilt(address, facts)) is not None:
            return number
        if self.in_topic and (sign := next((one for one in "+#\0" if one in address), "")):
            return Fault(
                for_later("{address} holds {sign}, which no topic of a device has; write one device's own address"),
                facts | {"sign": sign},
            )
        if self.pattern is None or any(one.fullmatch(address) for one in self.alternatives):
            return None
        return self._misspelt(address, facts)

    def _misspelt(self, address: str, facts: Mapping[str, object]) -> Fault:
        digits = re.sub(r"[\s:._-]", "", address)
        meant = digits.translate(_LOOK_ALIKE)
        if (
            self.digits
            and meant != digits
            and re.fullmatch(_DIGITS[self.hexadecimal], meant)
            and len(meant) == self.digits
        ):
            return Fault(
                for_later("{address} holds a letter that looks like a digit; did you mean {near}?"),
                {**facts, "near": meant},
            )
        if self.digits and re.fullmatch(_DIGITS[self.hexadecimal], digits):
            return Fault(
                for_later(
                    "{address} has {count} digits instead of {wanted}; a spreadsheet drops leading zeros and rounds "
                    "long numbers: format the column as text and write the address again, for example {example}"
                ),
                {**facts, "count": len(digits), "wanted": self.digits},
            )
        return Fault(for_later("{address} is no address of this family; write for example {example}"), facts)

    def doubt(self, address: str) -> Fault | None:
        """What looks odd about an address, which may be right all the same."""
        return self._odd_number(address) or _odd_name(address)

    def _odd_number(self, address: str) -> Fault | None:
        digits = re.sub(r"[:._-]", "", address)
        if self.digits > _EXACT and self.hexadecimal and digits.isdecimal() and digits.endswith("0"):
            return Fault(
                for_later(
                    "{address} is of decimal digits alone and ends in 0, as a spreadsheet leaves a long number "
                    "whose last digits it has lost; please check it"
                ),
                {"address": address},
            )
        if self.digits and digits.isdecimal() and digits.endswith("0000"):
            return Fault(
                for_later(
                    "{address} ends in zeros, as a spreadsheet leaves a number that it has rounded; please check it"
                ),
                {"address": address},
            )
        if not address.isascii() or not address.isdecimal() or not _IMEI_LEAST <= len(address) <= _IMEI + 1:
            return None
        if len(address) == _IMEI and not _luhn(address):
            return Fault(
                for_later(
                    "{address} has the length of an IMEI, but its last digit does not fit the others; please check it"
                ),
                {"address": address},
            )
        if len(address) != _IMEI and self.hexadecimal is False:
            return Fault(
                for_later("{address} has {count} digits, and an IMEI has 15; please check it"),
                {"address": address, "count": len(address)},
            )
        return None


def _odd_name(address: str) -> Fault | None:
    """A name that a spreadsheet or a word processor may have made of another one."""
    facts = {"address": address[:_LONGEST]}
    if _DATE.fullmatch(address):
        return Fault(
            for_later("{address} looks like a date, which a spreadsheet makes of texts such as 1-12; please check it"),
            facts,
        )
    if address.casefold() in _SPREADSHEETS_OWN:
        return Fault(for_later("{address} is a word that a spreadsheet writes by itself; please check it"), facts)
    if match := re.fullmatch(r"(.*/\d+)[.,]0+", address):
        return Fault(for_later("{address} ends in a fraction; is {near} meant?"), facts | {"near": match[1]})
    head, slash, tail = address.rpartition("/")
    if slash and tail in _BELOW_A_DEVICE:
        return Fault(for_later("{address} is a topic below a device's own; is {near} meant?"), facts | {"near": head})
    return _odd_sign(address, facts)


def _odd_sign(address: str, facts: Mapping[str, object]) -> Fault | None:
    if (hyphens := address.translate(_HYPHENS)) != address:
        return Fault(
            for_later("{address} holds a dash that is no hyphen; devices write {near}, please check it"),
            {**facts, "near": hyphens[:_LONGEST]},
        )
    if sign := _of_another_alphabet(address):
        return Fault(
            for_later("{address} holds {sign}, a letter of another alphabet that looks like one of the others"),
            {**facts, "sign": f"{sign} (U+{ord(sign):04X})"},
        )
    return None


def _of_another_alphabet(address: str) -> str:
    """A Cyrillic or Greek letter in a word of Latin ones, or the other way round; empty where there is none."""
    for word in re.findall(r"[^\W\d_]+", address):
        latin = [sign for sign in word if unicodedata.name(sign, "").startswith("LATIN")]
        other = [sign for sign in word if unicodedata.name(sign, "").startswith(("CYRILLIC", "GREEK"))]
        if latin and other:
            odd: list[str] = min(latin, other, key=len)
            return odd[0]
    return ""


def imei(text: str) -> str:
    """An IMEI as it stands on the box or as a spreadsheet writes it, as its digits; other texts as they are.

    ``IMEI: 350000002108958``, ``35-000000-210896-6``, ``350,000,002,108,941``.
    """
    if not (match := _IMEI_WRITTEN.fullmatch(text)):
        return text
    digits = re.sub(r"[ ,.'-]", "", match[1])
    return digits if len(digits) == _IMEI else text


def _spoilt(address: str, facts: Mapping[str, object]) -> Fault | None:
    """A number as a spreadsheet leaves it."""
    if _POWER.fullmatch(address):
        return Fault(
            for_later(
                "{address} is a number that a spreadsheet has rounded, so its last digits are lost; format the "
                "column as text and write the address again, for example {example}"
            ),
            facts,
        )
    if match := _FRACTION.fullmatch(address):
        return Fault(
            for_later("{address} is a number with a fraction; did you mean {near}?"), {**facts, "near": match[1]}
        )
    return None


_IMEI, _IMEI_LEAST = 15, 13
_EXACT = 15  # digits of a number that a spreadsheet keeps
_IMEI_WRITTEN: Final = re.compile(r"(?:IMEI\s{0,4}[:：#]?\s{0,4})?(\d[\d ,.'-]{13,24}\d)", re.IGNORECASE)
_MONTHS: Final = "jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec"
_DATE: Final = re.compile(
    rf"(?:{_MONTHS})-\d{{1,4}}|\d{{1,2}}-(?:{_MONTHS})(?:-\d{{2,4}})?|\d{{4}}[/-]\d{{1,2}}[/-]\d{{1,2}}|"
    r"\d{1,2}/\d{1,2}/\d{2,4}|(?:\d{4}年)?\d{1,2}月\d{1,2}日",
    re.IGNORECASE,
)
_SPREADSHEETS_OWN: Final = frozenset({"true", "false", "#n/a", "#name?", "#ref!", "#value!", "#null!", "nan", "null"})
_BELOW_A_DEVICE: Final = frozenset({"action", "availability", "get", "set", "state"})
_LOOK_ALIKE: Final = str.maketrans({"O": "0", "o": "0", "l": "1", "I": "1", "і": "1", "О": "0", "о": "0"})
_DIGITS: Final = {True: r"[0-9a-fA-F]+", False: r"[0-9]+"}


def _luhn(digits: str) -> bool:
    """3GPP TS 23.003, annex B."""
    doubled = [int(one) * (2 if at % 2 else 1) for at, one in enumerate(reversed(digits))]
    return sum(one // 10 + one % 10 for one in doubled) % 10 == 0


NAMES: Final = Addresses(
    words=for_later("the name that the device has there, exactly as it is written"), example="bed_button"
)
TOPIC_NAMES: Final = Addresses(
    words=for_later("the part of the topic that names the device, exactly as it is written"),
    example="bed_button",
    in_topic=True,
)
DEV_EUI: Final = Addresses(
    words=for_later("the devEUI, sixteen hexadecimal digits"),
    example="24e124136b502217",
    pattern=re.compile(r"[0-9a-f]{16}"),
    digits=16,
)
THINGS_ID: Final = Addresses(
    words=for_later("the device ID of the console (lower-case letters, digits and hyphens), or the devEUI"),
    example="eui-24e124136b502217",
    pattern=re.compile(r"[a-z0-9](?:-?[a-z0-9]){1,35}"),
)
MAC_COLONS: Final = Addresses(
    words=for_later("the hardware address (MAC), twelve hexadecimal digits"),
    example="DC:DA:0C:5A:80:64",
    pattern=re.compile(r"[0-9A-F]{2}(?::[0-9A-F]{2}){5}"),
    digits=12,
)
MAC: Final = Addresses(
    words=for_later("the hardware address (MAC), twelve hexadecimal digits"),
    example="AC233FC005D8",
    pattern=re.compile(r"[0-9A-F]{12}"),
    digits=12,
)
MAC_OR_NAME: Final = Addresses(
    words=for_later("the hardware address (MAC), twelve hexadecimal digits, or the name of a gateway or a beacon"),
    example="AABBCCDDEE01",
    pattern=re.compile(r"[0-9A-Fa-f]{12}|[0-9a-f]{2}(?::[0-9a-f]{2}){5}"),
    digits=12,
    alternatives=(re.compile(r"(?!(?:[0-9A-Fa-f]{1,2}[:.-]){3,}[0-9A-Fa-f]{1,2}$)(?![0-9A-Fa-f]{8,17}$).+"),),
)
IMEI: Final = Addresses(
    words=for_later("the IMEI, fifteen digits, or what the server knows the device by"),
    example="350000002108906",
    hexadecimal=False,
)
