"""Telephone numbers: read as people of a country write them, kept as E.164; public emergency numbers never slip in."""

from __future__ import annotations

import re
from functools import lru_cache

import phonenumbers
from phonenumbers import shortnumberinfo

# Rung in many countries, whatever the metadata of one of them says (FIELD.md, Phone facts).
_FIXED = frozenset({"000", "110", "111", "112", "113", "119", "120", "122", "911", "999"})
# In China an area code before the short number reaches that city's centre: 021 120.
_CHINESE_CENTRE = re.compile(r"0?(?:10|2\d|[3-9]\d{2})(?:110|119|120|122)")
_CHINA = 86
_LONGEST_SHORT_NUMBER = 7


class NumberError(ValueError):
    """A telephone number that cannot be used; its text says why."""


class EmergencyNumberError(NumberError):
    """A public emergency number: machines may ring it only where that was agreed in writing."""


def parse(text: str, country: str) -> str:
    """Read a number in its country's or in international form.

    Args:
        text: As written, for example ``138 0013 8001`` or ``+86 138 0013 8001``.
        country: ISO 3166 code of the country whose national form is understood, for example ``CN``.

    Returns:
        The number in E.164, for example ``+8613800138001``.

    Raises:
        EmergencyNumberError: It is a public emergency number, in whatever form.
        NumberError: It is no number anybody could have.
    """
    if is_emergency(text, country):
        raise EmergencyNumberError(
            f"{text!r} is a public emergency number; it may be rung only as ambulance.phone or a desk phone, "
            "and only where ambulance.agreement names the written agreement"
        )
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        raise NumberError(f"{text!r} is not a telephone number; write for example {example(country)}") from None
    if number.extension:
        raise NumberError(f"{text!r} has an extension, which cannot be dialled; give a direct number")
    # a number that can be rung only within its own town is of no use to a provider elsewhere
    if phonenumbers.is_possible_number_with_reason(number) != phonenumbers.ValidationResult.IS_POSSIBLE:
        raise NumberError(
            f"{text!r} has too many or too few digits for a telephone number; write for example {example(country)}"
        )
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def parse_agreed(text: str, country: str) -> str:
    """As `parse`, for destinations with a written agreement: an emergency number is kept as its digits."""
    if is_emergency(text, country):
        return ("+" if text.strip().startswith("+") else "") + _digits(text)
    return parse(text, country)


def is_emergency(text: str, country: str) -> bool:
    """Whether this reaches a public emergency service in any country: ``120``, ``+86120``, ``021-120``, ``+1 911``."""
    return any(_is_emergency_short(digits) for digits in _dialled(text, country)) or _is_chinese_centre(text, country)


def is_assigned(number: str) -> bool:
    """Whether an E.164 number lies in a range known to be in use.

    Ranges are opened faster than their lists are printed, so an unknown one is a reason to ask, not to refuse.
    """
    return phonenumbers.is_valid_number(phonenumbers.parse(number))


def example(country: str) -> str:
    """A number of that country, for an error's sentence."""
    number = phonenumbers.example_number_for_type(country, phonenumbers.PhoneNumberType.MOBILE)
    if number is None:
        return "+8613800138001"
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _digits(text: str) -> str:
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
