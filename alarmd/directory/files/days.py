"""Days as people write them; what may mean two days is refused."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta

from config.wording import said

_YEAR_FIRST = re.compile(
    r"(\d{4})\s{0,9}[-/.年]\s{0,9}(\d{1,2})\s{0,9}[-/.月]\s{0,9}(\d{1,2})\s{0,9}[日号]?(?:[T ]{1,9}00:00(?::00)?)?"
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_YEAR_LAST = re.compile(r"(\d{1,2})\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{4})")
_SERIAL = re.compile(r"(\d{5})(?:\.0+)?")
_LUNAR = re.compile(r"农历|阴历|旧历|闰|正月|腊月|冬月|初[一二三四五六七八九十]|民国")
_BEFORE_EXCEL = date(1899, 12, 30)  # day 0 of its count, as it counts from March 1900 on
_HAN = str.maketrans("〇○零一二三四五六七八九", "000123456789")
_HAN_DATE = re.compile(
    r"([〇○零一二三四五六七八九]{4})年([一二三四五六七八九十]{1,3})月([一二三四五六七八九十]{1,3})[日号]"
)
_TEN = 10
_MONTHS = 12


class Day:
    """A day that was read; ``mended`` where its writer ought to see how it was understood."""

    __slots__ = ("date", "mended")

    def __init__(self, day: date, *, mended: bool = False) -> None:
        self.date = day
        self.mended = mended


def read(text: str) -> Day:
    """Read ``1937-02-11``, ``1937/2/11``, ``1937.2.11``, ``1948年2月1日``, ``19370211``, ``23.2.1937``, Excel's 13557.

    Raises:
        ValueError: It is no day, or may be two; the text says so.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    if _LUNAR.search(plain):
        raise ValueError(said("{text!r} is of another calendar; write for example 1938-04-09", text=text))
    if found := _HAN_DATE.fullmatch(plain):
        return _day(text, int(found[1].translate(_HAN)), _han(found[2]), _han(found[3]))
    if found := _YEAR_FIRST.fullmatch(plain) or _COMPACT.fullmatch(plain):
        return _day(text, *(int(part) for part in found.groups()))
    if found := _YEAR_LAST.fullmatch(plain):
        one, two, year = (int(part) for part in found.groups())
        if one <= _MONTHS and two <= _MONTHS and one != two:
            raise ValueError(
                said("{text!r} may be two days; write it with the year first, for example 1938-04-09", text=text)
            )
        return _day(text, year, min(one, two), max(one, two), mended=True)
    if found := _SERIAL.fullmatch(plain):
        return Day(_BEFORE_EXCEL + timedelta(days=int(found[1])), mended=True)
    raise ValueError(said("{text!r} is not a date; write for example 1938-04-09", text=text))


def _day(text: str, year: int, month: int, day: int, *, mended: bool = False) -> Day:
    try:
        return Day(date(year, month, day), mended=mended)
    except ValueError:
        raise ValueError(said("{text!r} is not a date; write for example 1938-04-09", text=text)) from None


def _han(text: str) -> int:
    """十一 → 11, 二十 → 20, 三十一 → 31, 五 → 5."""
    if "十" not in text:
        return int(text.translate(_HAN))
    tens, _, ones = text.partition("十")
    return (int(tens.translate(_HAN)) if tens else 1) * _TEN + (int(ones.translate(_HAN)) if ones else 0)
