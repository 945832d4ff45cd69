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
_FRACTION: Final = re.compile(r"((?:[^/]+/)*\d+)[.,]0+")
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
        facts = {"address": address[:_LONGEST], "example": self.example}
        if (spoilt := _spoilt(address, facts)) is not None:
            return spoilt
        if not address or (self.pattern is not None and self.pattern.fullmatch(address)):
            return None
        if (alike := _look_alike(address, facts)) is not None:
            return alike
        if self.in_topic and (sign := next((one for one in "+#\0" if one in address), "")):
            return Fault(
                for_later("{address} holds {sign}, which no topic of a device has; write one device's own address"),
                facts | {"sign": sign},
            )
        if self.pattern is None or any(one.fullmatch(address) for one in self.alternatives):
            return None
        return self._misspelt(address, facts)

    def tail(self, address: str) -> Fault | None:
        """What of a name is the end of a topic that was copied along with it: ``bed_button/action``."""
        return _tail(address, {"address": address[:_LONGEST]}) if self._is_name(address) else None

    def _is_name(self, address: str) -> bool:
        return self.pattern is None or any(one.fullmatch(address) for one in self.alternatives)

    def ungrouped(self, text: str) -> str | None:
        """The digits alone of ``IMEI: 35-000000-210890-6``, ``350,000,002,108,906``, where they are as many as belong.

        Args:
            text: Visible, as written.

        Returns:
            None where they are not, or where there was nothing between them.
        """
        wanted = self.digits or (0 if self.hexadecimal else _IMEI)
        if not wanted or len(text) > _LONGEST:
            return None
        digits = _BETWEEN.sub("", _LABEL.sub("", text, count=1))
        fits = len(digits) == wanted and re.fullmatch(_DIGITS[self.hexadecimal], digits)
        return digits if fits and digits != text else None

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
        if self._is_name(address) and (dash := next((one for one in address if ord(one) in _HYPHENS), "")):
            return Fault(
                for_later("{address} holds a long dash ({sign}); is it {near} with a plain hyphen? please check it"),
                {"address": address[:_LONGEST], "sign": dash, "near": address.translate(_HYPHENS)[:_LONGEST]},
            )
        if _is_rounded(address):
            return Fault(
                for_later(
                    "{address} ends in zeros, as a long number does that a spreadsheet has rounded; please check it"
                ),
                {"address": address[:_LONGEST]},
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
    if _DATE.fullmatch(address):
        return Fault(
            for_later(
                "{address} is a date that a spreadsheet has made of it; format the column as text and write the "
                "address again, for example {example}"
            ),
            facts,
        )
    if _WORD_OF_A_CELL.fullmatch(address):
        return Fault(
            for_later(
                "{address} is a word of a spreadsheet's own and no address; format the column as text and write the "
                "address again, for example {example}"
            ),
            facts,
        )
    return None


def _tail(address: str, facts: Mapping[str, object]) -> Fault | None:
    """The end of a topic that was copied along with the name."""
    head, _, tail = address.rpartition("/")
    if head and tail.lower() in _TAILS:
        return Fault(
            for_later("{address} ends as a topic does; leave /{tail} away and write {near}"),
            {**facts, "tail": tail, "near": head[:_LONGEST]},
        )
    return None


def _look_alike(address: str, facts: Mapping[str, object]) -> Fault | None:
    """A Cyrillic or Greek letter in a Latin word: nobody sees it, and no device is called so."""
    if address.isascii():
        return None
    for word in re.findall(r"\w+", address):
        if not any("a" <= sign.lower() <= "z" for sign in word):
            continue
        strange = [sign for sign in word if sign in _LOOK_LATIN and _script(sign)]
        if strange:
            return Fault(
                for_later("{address} holds {sign}, which is a {script} letter that looks Latin; did you mean {near}?"),
                {
                    **facts,
                    "sign": strange[0],
                    "script": _script(strange[0]),
                    "near": address.translate(str.maketrans(_LOOK_LATIN))[:_LONGEST],
                },
            )
    return None


def _script(sign: str) -> str:
    return next((one.title() for one in ("CYRILLIC", "GREEK") if unicodedata.name(sign, "").startswith(one)), "")


def _is_rounded(address: str) -> bool:
    """Sixteen digits and more lose those behind the fifteenth, shorter ones what ``1.12E+11`` does not show."""
    digits = re.sub(r"[:-]", "", address.removeprefix("eui-"))
    if not (digits.isascii() and digits.isdecimal() and len(digits) >= _SPREADSHEET_LEAST):
        return False
    return len(digits) - len(digits.rstrip("0")) >= _ZEROS or (len(digits) > _IMEI and not digits[_IMEI:].strip("0"))


_SPREADSHEET_LEAST, _ZEROS = 12, 4
_BETWEEN: Final = re.compile(r"[\s.,:;_/'\u2019|-]")
_LABEL: Final = re.compile(
    r"\s{0,9}(?:imei|meid|dev[ _-]?eui|eui(?:64)?|mac(?:[ _-]?addr(?:ess)?)?|s/?n|id|no|设备号|序列号|编号|地址)"
    r"\s{0,9}(?:no|number|号|码|id)?\s{0,9}[.:：#=-]*\s{0,9}(?=[0-9a-f])",
    re.IGNORECASE,
)
_MONTH: Final = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec)[a-z]{0,6}"
_DATE: Final = re.compile(
    rf"\d{{4}}[-/.]\d{{1,2}}[-/.]\d{{1,2}}(?:[ T]\d{{1,2}}:\d{{2}}(?::\d{{2}})?)?|\d{{1,2}}[/.]\d{{1,2}}[/.]\d{{2,4}}"
    rf"|\d{{1,2}}-\d{{1,2}}-\d{{4}}|\d{{1,2}}[- ]{_MONTH}(?:[- ]\d{{2,4}})?|{_MONTH}[- ]\d{{1,4}}"
    r"|(?:\d{2,4}年)?\d{1,2}月(?:\d{1,2}日)?|\d{4}年\d{1,2}月",
    re.IGNORECASE,
)
_WORD_OF_A_CELL: Final = re.compile(
    r"true|false|wahr|falsch|vrai|faux|#(?:n/a|ref!|name\?|value!|null!|num!|div/0!|#+)", re.IGNORECASE
)
_TAILS: Final = frozenset({"action", "availability", "set", "get", "state", "status", "lwt", "result", "sensor"})
_LOOK_LATIN: Final[dict[str, str | int | None]] = dict(
    zip(
        "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0425\u0406\u0408\u0405"
        "\u03bf\u03bd\u03b1\u03b9\u03c1\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7",
        "aeopcyxijsABEKMHOPCTXIJSovaipABEZHIKMNOPTYX",
        strict=True,
    )
)
_IMEI, _IMEI_LEAST = 15, 13
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
