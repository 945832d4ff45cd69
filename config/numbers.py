"""Telephone numbers: read as people of a country write them, kept as E.164; public emergency numbers never slip in.

A number that a spreadsheet or a hand has spoilt is read where only one number can be meant, and then its reading says
so (`Reading.mended`); else it is refused. A wrong number rings a stranger at night, and nobody comes.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

import phonenumbers
from phonenumbers import PhoneNumberType, shortnumberinfo

from config.wording import for_later, said

# Rung in many countries, whatever the metadata of one of them says (FIELD.md, Phone facts).
_FIXED = frozenset({"000", "110", "111", "112", "113", "119", "120", "122", "911", "999"})
# In China an area code before the short number reaches that city's centre: 021 120.
_CHINESE_CENTRE = re.compile(r"0?(?:10|2\d|[3-9]\d{2})(?:110|119|120|122)")
_CHINA = 86
_LONGEST_SHORT_NUMBER = 7
_LEAST = 7  # digits of what may be a number of its own beside another one

_NOTHING = frozenset(
    [
        "-",
        "--",
        "---",
        "—",
        "——",
        "–",
        "/",
        "\\",
        "n/a",
        "na",
        "n.a.",
        "none",
        "nil",
        "null",
        "no",
        "x",
        "?",
        "0",
        "无",
        "没有",
        "暂无",
        "无电话",
        "无号码",
        "空",
        "不详",
        "未知",
        "没电话",
    ]
)
_EXCEL_TEXT = re.compile(r'="(?P<inner>[^"]*)"')
_SCIENTIFIC = re.compile(r"(?P<whole>\d)[.,](?P<rest>\d+)\s*[eE]\s*\+?(?P<power>\d+)|\d+\s*[eE]\s*\+\s*\d+")
_DECIMAL = re.compile(r"(?P<whole>\d{7,})[.,]0+")
_THOUSANDS = re.compile(r"\d{1,3}(?:([,.'’ ])\d{3})(?:\1\d{3}){2,}")
_BRACKETED = re.compile(r"[(\[<{【（](?P<inner>[^)\]>}】）]{0,80})[)\]>}】）]")
_LABEL = r"(?:tel|telephone|telefon|tlf|phone|mobile|mobil|mob|cell|home|office|work|fax|sms|m|t|p|h)"
_LABELLED = re.compile(rf"{_LABEL}\b\.?\s{{0,9}}[:.]?\s{{0,9}}(?=[+\d(])", re.IGNORECASE)
_EXTENSION = re.compile(
    r"(?:转|轉|分机|內線|内线|ext(?:ension)?\b\.?|\bx|#|durchwahl|ankn)\s{0,9}[:.]?\s{0,9}\d{1,6}\D{0,40}$",
    re.IGNORECASE,
)
_LETTERS = {"O": "0", "o": "0", "l": "1", "I": "1", "i": "1", "S": "5", "B": "8"}
_SERVICE_TYPES = frozenset(
    {
        PhoneNumberType.TOLL_FREE,
        PhoneNumberType.PREMIUM_RATE,
        PhoneNumberType.SHARED_COST,
        PhoneNumberType.PAGER,
        PhoneNumberType.UAN,
        PhoneNumberType.VOICEMAIL,
    }
)
_NO_DIGITS = re.compile(r"\D")
_CHINESE_MOBILE = re.compile(r"1[3-9]\d{9}")


class NumberError(ValueError):
    """A telephone number that cannot be used; its text says why."""


class EmergencyNumberError(NumberError):
    """A public emergency number: machines may ring it only where that was agreed in writing."""


class Reading(NamedTuple):
    """A number as understood.

    Attributes:
        number: In E.164, for example ``+8613800138001``.
        mended: Whether it was not written as one writes it, so that its writer ought to see what was understood.
        doubt: Why it may be nobody's all the same; empty where it looks like anybody's.
    """

    number: str
    mended: bool
    doubt: str


def is_nothing(text: str) -> bool:
    """Whether somebody wrote that there is no number: ``N/A``, ``无``, ``-``."""
    return _plain(text).casefold() in _NOTHING


def parse(text: str, country: str) -> str:
    """As `read`, the number only."""
    return read(text, country).number


def read(text: str, country: str) -> Reading:
    """Read a number in its country's or in international form.

    Args:
        text: As written, for example ``138 0013 8001`` or ``+86 138 0013 8001``.
        country: ISO 3166 code of the country whose national form is understood, for example ``CN``.

    Raises:
        EmergencyNumberError: It is a public emergency number, in whatever form.
        NumberError: It is no number anybody could have, or it may be more than one.
    """
    if is_emergency(text, country):
        raise EmergencyNumberError(
            said(
                "{text!r} is a public emergency number; it may be rung only as ambulance.phone or a desk phone, "
                "and only where ambulance.agreement names the written agreement",
                text=text,
            )
        )
    digits_only = text if _CHINESE_MOBILE.fullmatch(text) else _mended(text, country)
    number = _number(text, digits_only, country)
    _refuse_nobodys(text, digits_only, number, country)
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return Reading(e164, mended=not _is_as_written(text, number), doubt=_doubt(number))


def parse_agreed(text: str, country: str) -> str:
    """As `parse`, for destinations with a written agreement: an emergency number is kept as its digits."""
    if is_emergency(text, country):
        return ("+" if text.strip().startswith("+") else "") + _digits(text)
    return parse(text, country)


def is_emergency(text: str, country: str) -> bool:
    """Whether this reaches a public emergency service in any country: ``120``, ``+86120``, ``021-120``, ``+1 911``."""
    plain = _plain(text)
    plain = found["whole"] if (found := re.fullmatch(r"(?P<whole>\d+)[.,]0+", plain)) else plain
    return any(_is_emergency_short(digits) for digits in _dialled(plain, country)) or _is_chinese_centre(plain, country)


def is_assigned(number: str) -> bool:
    """Whether an E.164 number lies in a range known to be in use.

    Ranges are opened faster than their lists are printed, so an unknown one is a reason to ask, not to refuse.
    """
    return phonenumbers.is_valid_number(phonenumbers.parse(number))


def is_fixed_line(number: str) -> bool:
    """Whether an E.164 number is that of a telephone which stands in one place; False where a country does not say."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return False
    return bool(phonenumbers.number_type(parsed) == PhoneNumberType.FIXED_LINE)


def example(country: str) -> str:
    """A number of that country, for an error's sentence."""
    number = phonenumbers.example_number_for_type(country, PhoneNumberType.MOBILE)
    if number is None:
        return "+8613800138001"
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


# ---------------------------------------------------------------- what hands and spreadsheets do to it


def _plain(text: str) -> str:
    """Without invisible signs, full-width forms, Excel's marks of a text."""
    if text.isascii() and text[:1].isdecimal():
        return text.strip().rstrip("'")
    visible = "".join(" " if unicodedata.category(c) == "Zs" else c for c in text if unicodedata.category(c) != "Cf")
    plain = unicodedata.normalize("NFKC", visible).strip()
    if found := _EXCEL_TEXT.fullmatch(plain):
        plain = found["inner"].strip()
    return plain.lstrip("'`’‘").rstrip("'’").strip()


def _mended(text: str, country: str) -> str:
    """What is left once labels and a spreadsheet's traces are taken away; refuses what has lost digits."""
    plain = _plain(text)
    if found := _SCIENTIFIC.fullmatch(plain):
        plain = _unfolded(text, found)
    elif found := _DECIMAL.fullmatch(plain):
        plain = found["whole"]
    elif _THOUSANDS.fullmatch(plain) and not plain.startswith("0") and " " not in plain and "." not in plain:
        plain = re.sub(r"\D", "", plain)
    if re.match(r"[-−–]\s*\d", plain):
        raise NumberError(
            said("{text!r} is a negative number, as a spreadsheet works it out; write it anew", text=text)
        )
    plain = _BRACKETED.sub(_without_label, plain)
    if _EXTENSION.search(plain) and len(_digits(plain)) > _LEAST:
        raise NumberError(said("{text!r} has an extension, which cannot be dialled; give a direct number", text=text))
    _refuse_two(text, plain, country)
    plain = _LABELLED.sub("", plain)
    plain = _without_han(plain).strip(" :：,，.。;；、")
    _refuse_letters(text, plain)
    return plain


def _unfolded(text: str, found: re.Match[str]) -> str:
    """``1.3800138001E+10`` holds every digit; ``1.38001E+10`` has lost some for good."""
    if found["whole"] and len(found["rest"]) == int(found["power"]):
        return found["whole"] + found["rest"]
    raise NumberError(
        said(
            "{text!r} is how a spreadsheet shortens a long number: digits are lost; "
            "format the column as text and write the number again",
            text=text,
        )
    )


def _without_label(found: re.Match[str]) -> str:
    """``(儿子)`` goes, ``(021)`` and ``(0)`` stay."""
    return found[0] if any(c.isdecimal() for c in found["inner"]) else " "


def _without_han(plain: str) -> str:
    """Words beside the number go: ``儿子 138…``, ``138… 王先生``; between its digits they stay, and are refused."""
    return re.sub(r"^[^\W\d_a-zA-Z][^\W\da-zA-Z]*(?=\W*\d)|(?<=\d)\W*[^\W\d_a-zA-Z][^\W\da-zA-Z]*$", " ", plain)


def _refuse_letters(text: str, plain: str) -> None:
    letters = [c for c in plain if c.isalpha()]
    if not letters:
        return
    alike = next((c for c in letters if c in _LETTERS), None)
    if alike and all(c in _LETTERS for c in letters) and len(_digits(plain)) >= _LEAST:
        raise NumberError(
            said(
                "{text!r} has the letter {letter!r} where a digit ought to be: is it {digit}?",
                text=text,
                letter=alike,
                digit=_LETTERS[alike],
            )
        )
    raise NumberError(said("{text!r} is not a telephone number: it has letters in it", text=text))


def _refuse_two(text: str, plain: str, country: str) -> None:
    """Two numbers in one cell: whose is meant nobody knows, and run together they are a third one's."""
    for divider in (r"[/\\、;；|\n]|\bor\b|或|和|&|,|，", r"\s+"):
        parts = [part for part in re.split(divider, plain) if len(_digits(part)) >= _LEAST]
        if len(parts) > 1 and (divider != r"\s+" or all(_fits(part, country) for part in parts)):
            raise NumberError(
                said("{text!r} holds {count} numbers; keep one, the one that is answered", text=text, count=len(parts))
            )
    slashed = re.split(r"[/\\]", plain)
    if len(slashed) > 1 and len(_digits(slashed[0])) > _LEAST:  # 021-62540002/3
        raise NumberError(said("{text!r} holds more than one number; keep one, the one that is answered", text=text))


def _fits(text: str, country: str) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(text, country))
    except phonenumbers.NumberParseException:
        return False


# ---------------------------------------------------------------- whose number it is


def _number(text: str, plain: str, country: str) -> phonenumbers.PhoneNumber:
    try:
        number = _with_its_plus(text, plain, country) or phonenumbers.parse(plain, country)
    except phonenumbers.NumberParseException:
        raise NumberError(
            said("{text!r} is not a telephone number; write for example {example}", text=text, example=example(country))
        ) from None
    if number.extension:
        raise NumberError(said("{text!r} has an extension, which cannot be dialled; give a direct number", text=text))
    digits = _digits(plain)
    if number.country_code == _CHINA and not digits.startswith("0") and (wrong := _wrong_mobile(plain, digits)):
        raise NumberError(said(wrong, text=text, count=len(digits.removeprefix("86") if "+" in plain else digits)))
    # a number that can be rung only within its own town is of no use to a provider elsewhere
    possible = phonenumbers.is_possible_number_with_reason(number)
    if possible == phonenumbers.ValidationResult.IS_POSSIBLE_LOCAL_ONLY:
        raise NumberError(_without_area(text))
    if possible != phonenumbers.ValidationResult.IS_POSSIBLE:
        _refuse_foreign(text, plain, country)
        raise NumberError(
            said(
                "{text!r} has too many or too few digits for a telephone number; write for example {example}",
                text=text,
                example=example(country),
            )
        )
    return number


def _with_its_plus(text: str, plain: str, country: str) -> phonenumbers.PhoneNumber | None:
    """``4915123456789``, its + forgotten: the number it is with it; None where there is no doubt."""
    digits, code = _digits(plain), str(phonenumbers.country_code_for_region(country))
    metadata = phonenumbers.PhoneMetadata.metadata_for_region(country)
    if plain.startswith("+") or not digits.startswith(code) or metadata is None or metadata.national_prefix != "0":
        return None
    whole, home = phonenumbers.parse(f"+{digits}", None), phonenumbers.parse(digits, country)
    if not phonenumbers.is_valid_number(whole) or whole == home or not phonenumbers.is_valid_number(home):
        return None
    if phonenumbers.number_type(whole) is PhoneNumberType.MOBILE:
        return whole
    raise NumberError(
        said("{text!r} may be +{digits} or +{code}{digits}; write it with its +", text=text, digits=digits, code=code)
    )


def _wrong_mobile(plain: str, digits: str) -> str:
    """A Chinese mobile number has eleven digits; one of ten or twelve is somebody else's, or nobody's."""
    national = digits.removeprefix("86") if plain.startswith("+") else digits
    if re.match(r"1[3-9]", national) and len(national) in {9, 10, 12}:
        return for_later("{text!r} has {count} digits, and a mobile number of China has 11")
    return ""


def _refuse_nobodys(text: str, plain: str, number: phonenumbers.PhoneNumber, country: str) -> None:
    """Possible by its length, but in no range: refused where it cannot be right."""
    mobile = number.country_code == _CHINA and _CHINESE_MOBILE.fullmatch(str(number.national_number))
    if mobile or phonenumbers.is_valid_number(number):  # China opens a range of mobile numbers every few years
        return
    _refuse_foreign(text, plain, country)
    if number.country_code == _CHINA and re.fullmatch(r"[2-9]\d{6,7}", _digits(plain)):
        raise NumberError(_without_area(text))
    if number.country_code == _CHINA:
        raise NumberError(
            said(
                "{text!r} is no number of China: neither a mobile number nor one with an area code; "
                "write for example {example}",
                text=text,
                example=example("CN"),
            )
        )


def _without_area(text: str) -> str:
    return said("{text!r} can be rung only within its own town or network; write the whole number", text=text)


def _refuse_foreign(text: str, plain: str, country: str) -> None:
    """Without its + a foreign number would be dialled as somebody's at home."""
    digits = _digits(plain)
    if plain.startswith("+") or digits.startswith("0"):
        return
    try:
        abroad = phonenumbers.parse(f"+{digits}", None)
    except phonenumbers.NumberParseException:
        return
    if abroad.country_code != phonenumbers.country_code_for_region(country) and phonenumbers.is_valid_number(abroad):
        raise NumberError(
            said(
                "{text!r} is no number of {country}; if it is one of {other}, write +{digits}",
                text=text,
                country=country,
                other=phonenumbers.region_code_for_country_code(abroad.country_code or 0),
                digits=digits,
            )
        )


def _is_as_written(text: str, number: phonenumbers.PhoneNumber) -> bool:
    """Whether the digits, and nothing but what stands between digits, are the number in its national or full form."""
    if number.country_code == _CHINA and _CHINESE_MOBILE.fullmatch(text):
        return True  # as most are, and found out a hundred times faster
    written = unicodedata.normalize("NFKC", text).strip()
    if re.search(r"[^\d\s+()./-]|^[^\d+(]|^\d+\.0+$", written):
        return False
    digits = _digits(written)
    national = _digits(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL))
    whole = f"{number.country_code}{phonenumbers.national_significant_number(number)}"
    if written.startswith("+"):
        return digits == whole
    return digits in {national, f"00{whole}", f"011{whole}"} or (number.country_code == 1 and digits == whole)


def _doubt(number: phonenumbers.PhoneNumber) -> str:
    if not phonenumbers.is_valid_number(number):
        return said("it is in no range of numbers known to be in use; please check it")
    if phonenumbers.number_type(number) in _SERVICE_TYPES:
        return said("it is a service number, not a person's; please check that somebody answers it")
    return ""


# ---------------------------------------------------------------- public emergency numbers


def _digits(text: str) -> str:
    if text.isascii():
        return _NO_DIGITS.sub("", text)
    return "".join(str(int(c)) for c in text if c.isdecimal())  # full-width digits too


def _dialled(text: str, country: str) -> set[str]:
    """What is left of the number once international prefixes are taken away, in every way it can be read."""
    digits = _digits(text)
    found = {digits}
    international = digits if text.strip().startswith(("+", "＋")) else digits.removeprefix("00")
    if international != digits or text.strip().startswith(("+", "＋")):
        found |= {
            international[length:]
            for length in (1, 2, 3)
            if international[:length].isdigit()
            and int(international[:length]) in phonenumbers.COUNTRY_CODE_TO_REGION_CODE
        }
    code = str(phonenumbers.country_code_for_region(country))  # 86120, its + forgotten
    if digits.startswith(code):
        found.add(digits.removeprefix(code))
    return found


@lru_cache(maxsize=4096)
def _is_emergency_short(digits: str) -> bool:
    if not digits or len(digits) > _LONGEST_SHORT_NUMBER:
        return False
    return digits in _FIXED or any(
        shortnumberinfo.is_emergency_number(digits, region) for region in phonenumbers.SUPPORTED_SHORT_REGIONS
    )


def _is_chinese_centre(text: str, country: str) -> bool:
    digits = _digits(text)
    international = text.strip().startswith(("+", "＋")) or digits.startswith("00")
    chinese = digits.removeprefix("00").removeprefix(str(_CHINA)) if international else digits
    if not international and phonenumbers.country_code_for_region(country) != _CHINA:
        return False
    return _CHINESE_CENTRE.fullmatch(chinese) is not None
