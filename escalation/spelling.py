"""On-call times as people write them, to the spelling of OpenStreetMap: only for what its library refuses.

Whoever reads the result says what was understood. What could mean two things is left as it is, and refused.
"""

from __future__ import annotations

import re
import unicodedata

_NOON = 12
_WORDS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), meaning)
    for pattern, meaning in (
        (r"[–—−~〜]|至|到|\b(?:to|until|till|through)\b", "-"),
        (r"、|和|及|与|&|\band\b", ","),
        (r"。", ""),
        (r"[;；]", ";"),
        (r"法定节假日|节假日|法定假日|公共假日|公众假期|假期|假日|\b(?:public|bank) holidays?\b", " PH "),
        (r"不值班|不上班|休息|不在|放假|休|\b(?:closed|except)\b", " off "),
        (r"工作日|平日|\bweekdays?\b|\bworking days?\b", " Mo-Fr "),
        (r"双休日|周末|\bweekends?\b", " Sa,Su "),
        (r"每天|每日|天天|\b(?:daily|every ?day)\b", " Mo-Su "),
        (r"全天|24 ?小时|\ball day\b|\b24 ?h(?:ours)?\b", " 00:00-24:00 "),
        (r"次日|第二天|隔天|翌日", ""),
        *(
            (rf"(?:周|星期|礼拜)[{character}]", f" {day} ")
            for character, day in zip("一二三四五六", ("Mo", "Tu", "We", "Th", "Fr", "Sa"), strict=True)
        ),
        (r"(?:周|星期|礼拜)[日天]", " Su "),
        *(
            (rf"\b{day}(?:{rest})?s?\b\.?", f" {day[:2].capitalize()} ")
            for day, rest in (
                ("mon", "day"),
                ("tue", "s|sday|day"),
                ("wed", "s|nesday"),
                ("thu", "r|rs|rsday"),
                ("fri", "day"),
                ("sat", "urday"),
                ("sun", "day"),
            )
        ),
    )
)
_CHINESE_CLOCK = re.compile(
    r"(?:(?P<part>凌晨|早上|早晨|清晨|早|上午|中午|下午|傍晚|晚上|夜里|晚) ?)?(?P<hour>\d{1,2}) ?(?:[点时]|(?=:\d\d))"
    r"(?:(?P<half>半)|:?(?P<minute>\d{1,2}) ?分?)?"
)
_LATE = frozenset({"下午", "傍晚", "晚上", "晚", "中午"})
_CHINESE_DAY = re.compile(r"[一二三四五六日天]")
_CHINESE_RANGE = re.compile(r"((?:周|星期|礼拜)[一二三四五六])[-–—~至到](?=[一二三四五六日天])")
_CHINESE_LIST = re.compile(r"(?:周|星期|礼拜)[一二三四五六日天](?:[、,和及][一二三四五六日天])+")
_HOURS = re.compile(
    r"(?<![\d:.-])(?P<h1>\d{1,2})(?:[:.](?P<m1>\d\d))? ?(?P<p1>[ap]\.?m\.?)? ?- ?"
    r"(?P<h2>\d{1,2})(?:[:.](?P<m2>\d\d))? ?(?P<p2>[ap]\.?m\.?)?(?![\d:])",
    re.IGNORECASE,
)
_DAY_COLON = re.compile(r"(?<=[A-Za-z]) {0,9}: {0,9}(?=\d)")
_DAYS_COMMA = re.compile(r" ?, ?(?=(?:PH|SH|Mo|Tu|We|Th|Fr|Sa|Su)\b)")
_AFTER_TIMES = re.compile(r"(?<=\d) ?, ?(?=(?:PH|SH|Mo|Tu|We|Th|Fr|Sa|Su)\b)")


def as_written_in_osm(text: str) -> str:
    """A text in OpenStreetMap's spelling as far as it is plain what it means; else much as it was."""
    text = unicodedata.normalize("NFKC", text).strip().strip("\"'“”")
    text = _CHINESE_RANGE.sub(r"\1-周", text)
    text = _CHINESE_LIST.sub(lambda found: ",".join(f"周{day}" for day in _CHINESE_DAY.findall(found.group())), text)
    for pattern, meaning in _WORDS:
        text = pattern.sub(meaning, text)
    text = _CHINESE_CLOCK.sub(_chinese_clock, text)
    text = _HOURS.sub(_hours, text)
    text = _DAY_COLON.sub(" ", text)
    text = re.sub(r"\s+", " ", text)
    text = re.sub(r" ?- ?", "-", text)
    text = _AFTER_TIMES.sub(", ", text)
    text = _DAYS_COMMA.sub(lambda found: found.group() if found.string[found.start() - 1].isdigit() else ",", text)
    text = re.sub(r"(?<=[A-Za-z]) ?, ?(?=\d)", " ", text)
    text = re.sub(r"\boff(?:\W+off\b)+", "off", text)
    return re.sub(r" ?; ?", "; ", text).strip(" ;,")


def _chinese_clock(found: re.Match[str]) -> str:
    hour = int(found["hour"])
    if found["part"] in _LATE and hour < _NOON and not (found["part"] == "中午" and hour > _NOON - 3):
        hour += _NOON
    minute = 30 if found["half"] else int(found["minute"] or 0)
    return f"{hour:02}:{minute:02}"


def _hours(found: re.Match[str]) -> str:
    start, end = _hour(found["h1"], found["p1"]), _hour(found["h2"], found["p2"])
    plain = found["m1"] is None and found["m2"] is None and not found["p1"] and not found["p2"]
    if plain and end <= start <= _NOON:
        return found.group()  # "10-6": in the evening or in the morning?
    if found["p2"] and not found["p1"] and start <= _NOON:
        return found.group()  # "8-6pm": so too
    return f"{start:02}:{found['m1'] or '00'}-{end:02}:{found['m2'] or '00'}"


def _hour(text: str, part: str | None) -> int:
    hour = int(text)
    if not part:
        return hour
    return hour % _NOON + (_NOON if part[0].lower() == "p" else 0)
