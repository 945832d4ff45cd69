"""Opening-hours texts to shifts: whose day it is says OpenStreetMap's library, where a shift ends says its own day.

OpenStreetMap gives a day to the last rule that matches it, from midnight on, and so cuts off the shift that began the
evening before (`Mo-Su 20:00-08:00; PH off`: nobody at two in the morning of the holiday). A person on duty does not go
home at midnight: here each day's shifts are those of the rules that match the day they *begin* on, and go to their end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta, tzinfo
from enum import Enum

import msgspec
from opening_hours import (  # type: ignore[attr-defined] # its stubs forget the exceptions
    OpeningHours,
    ParserError,
    State,
    UnknownCountryError,
)

from escalation.holidays import Holidays
from escalation.on_call import Remark, Rota, merged, shift
from escalation.spelling import as_written_in_osm

LONGEST = 2_000  # characters; a text that is longer is no shift plan
_DAY = 24 * 60
_ONE_DAY = timedelta(days=1)
_OPEN_END = 12 * 60  # of `18:00+`: half a day
_LONGEST_SHIFT = timedelta(days=2)  # OpenStreetMap's times go to 48:00

# Where the sun is nobody knows of whom only the zone is known: the earliest and the latest in any season between
# Kashgar and Harbin, so that whoever is on duty "from sunset" is so early enough, and long enough. Minutes of the day.
_SUN = {"dawn": (180, 630), "sunrise": (210, 645), "sunset": (930, 1350), "dusk": (945, 1380)}

_COMMENT = re.compile(r'"[^"]*"')
_SEPARATOR = re.compile(r"(; | \|\| |, )")
_MODIFIER = re.compile(r"(?:^| )(closed|off|unknown|open)$")
_CLOCK = r"(?:\d\d:\d\d|\((?:dawn|sunrise|sunset|dusk)[+-]\d\d:\d\d\)|dawn|sunrise|sunset|dusk)"
_SPAN = rf"{_CLOCK}(?:-{_CLOCK})?\+?(?:/\d+(?::\d\d)?)?"
_TIMES = re.compile(rf"(?:^| ){_SPAN}(?:,{_SPAN})*$")
_ONE_SPAN = re.compile(rf"(?P<start>{_CLOCK})(?:-(?P<end>{_CLOCK}))?(?P<open>\+?)")
_SUN_CLOCK = re.compile(r"\(?(?P<event>\w+)(?:(?P<sign>[+-])(?P<hours>\d\d):(?P<minutes>\d\d)\))?")
_WEEKDAYS = re.compile(r"\b(?:PH|SH|Mo|Tu|We|Th|Fr|Sa|Su)\b")
_HOLIDAY = re.compile(r"(?P<which>PH|SH)(?: (?P<offset>[+-]\d+) days?)?")
_OUTSIDE_BRACKETS = re.compile(r",(?![^\[]{0,80}\])")


def for_later(sentence: str) -> str:
    """Mark a literal that is said by somebody who has a reader."""
    return sentence


class HoursError(Exception):
    """An opening-hours text that cannot be read; its remark says why."""

    def __init__(self, remark: Remark) -> None:
        super().__init__(remark.sentence)
        self.remark = remark


class _Joined(Enum):
    NORMAL = "; "
    ADDED = ", "
    FALLBACK = " || "


class _Span(msgspec.Struct, frozen=True):
    """Minutes from the midnight a shift's day begins with."""

    start: int
    end: int


class _Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One rule: which days, which times, and whether they are on duty."""

    joined: _Joined
    days: _Days
    spans: tuple[_Span, ...]
    on: bool
    timed: bool  # an `off` with times takes only those


class _Days(msgspec.Struct, frozen=True, kw_only=True):
    """Which days a rule matches.

    Attributes:
        wide: Years, months, weeks, and weekdays too where no holiday of ours stands among them; None = every day.
        weekdays: Of a rule in which holidays of ours stand beside weekdays.
        offsets: For each ``PH`` of ours, how many days later it is meant.
        doubtful: Whether the rule names holidays nobody knows.
        dated: Whether it names days by their date alone: a make-up workday is such a day as itself, not as the weekday
            that it stands for.
    """

    wide: OpeningHours | None
    weekdays: OpeningHours | None
    offsets: tuple[int, ...]
    doubtful: bool
    dated: bool = False

    @property
    def every(self) -> bool:
        """Whether it matches each day."""
        return self.wide is None and self.weekdays is None and not self.offsets and not self.doubtful

    def match(self, day: date, holidays: Holidays | None) -> bool:
        if self.wide is not None and not _is_on(self.wide, day):
            return False
        if self.weekdays is None and not self.offsets:
            return not self.doubtful
        if self.weekdays is not None and _is_on(self.weekdays, day):
            return True
        return holidays is not None and any(holidays.is_off(day - timedelta(days=n)) for n in self.offsets)


class Hours(msgspec.Struct, frozen=True, kw_only=True):
    """An opening-hours text that was understood.

    Attributes:
        text: As OpenStreetMap writes it.
        rules: In their order.
        holidays: The country's lists, where `PH` means those.
        remarks: What its writer should hear.
    """

    text: str
    rules: tuple[_Rule, ...]
    holidays: Holidays | None
    remarks: tuple[Remark, ...] = ()

    def unfolded(self, since: datetime, until: datetime, zone: tzinfo) -> Rota:
        """The shifts between two aware instants, by the wall clock of a zone."""
        day = (since.astimezone(zone) - _LONGEST_SHIFT).date()
        last = until.astimezone(zone).date()
        shifts: list[tuple[datetime, datetime]] = []
        while day <= last:
            midnight = datetime.combine(day, time.min)
            for span in self._of(day):
                start, end = midnight + timedelta(minutes=span.start), midnight + timedelta(minutes=span.end)
                shifts.append(shift(start, end, zone))
            day += _ONE_DAY
        starts, ends = merged(shifts)
        return Rota(
            since=int(since.timestamp()),
            until=int(until.timestamp()),
            starts=starts,
            ends=ends,
            remarks=self.remarks,
        )

    def _of(self, day: date) -> list[_Span]:
        """The shifts that begin on a day; on a make-up workday those of the weekday beside it, too."""
        spans = self._by_rules(day, day)
        beside = self.holidays.as_weekday(day) if self.holidays else None
        return spans + self._by_rules(beside, day) if beside else spans

    def _by_rules(self, weekday: date, dated: date) -> list[_Span]:
        """The shifts of one day as a weekday, and of another as a date."""
        spans: list[_Span] = []
        for rule in self.rules:
            if rule.days.doubtful and rule.on:
                spans = spans + list(rule.spans)  # nobody knows whether it is that day: towards help, and nothing ends
            if not rule.days.match(dated if rule.days.dated else weekday, self.holidays):
                continue
            if rule.joined is _Joined.FALLBACK:
                spans = spans + _without(rule.spans, spans) if rule.on else spans
            elif not rule.on:
                spans = _without(spans, rule.spans) if rule.timed else []
            elif rule.joined is _Joined.ADDED:
                spans = spans + list(rule.spans)
            else:
                spans = list(rule.spans)
        return spans


def read(text: str, country: str, holidays: Holidays | None) -> Hours:
    """Understand an opening-hours text.

    Args:
        text: As somebody wrote it.
        country: ISO 3166 code, for public holidays (``PH``).
        holidays: The country's lists, in place of the library's rules; None where the library's are good.

    Raises:
        HoursError: It cannot be understood.
    """
    if len(text) > LONGEST:
        sentence = for_later("opening hours of more than {most} characters are not read")
        raise HoursError(Remark(sentence=sentence, facts={"most": str(LONGEST)}, refused=True))
    parsed, remarks = _parsed(text)
    canonical = str(parsed)
    pieces = _SEPARATOR.split(_COMMENT.sub("", canonical))
    joined = [_Joined.NORMAL, *(_Joined(piece) for piece in pieces[1::2])]
    rules = [_rule(piece.strip(), how, country, holidays) for piece, how in zip(pieces[::2], joined, strict=True)]
    if not any(rule.on or rule.days.every for rule in rules):  # `PH off`: on duty but for that
        always = _Days(wide=None, weekdays=None, offsets=(), doubtful=False)
        rules.insert(0, _Rule(joined=_Joined.NORMAL, days=always, spans=(_Span(0, _DAY),), on=True, timed=False))
        remarks = (*remarks, Remark(sentence=for_later("says only when off duty: on duty at all other times")))
    hours = Hours(text=canonical, rules=tuple(rules), holidays=holidays)
    return msgspec.structs.replace(hours, remarks=(*remarks, *_remarks(hours, canonical)))


def _parsed(text: str) -> tuple[OpeningHours, tuple[Remark, ...]]:
    try:
        return OpeningHours(text), ()
    except ParserError as error:
        first = error
    written = as_written_in_osm(text)
    try:
        parsed = OpeningHours(written)
    except ParserError:
        raise HoursError(_pointing_at(text, str(first))) from None
    return parsed, (Remark(sentence=for_later("read as {hours}"), facts={"hours": str(parsed)}),)


def _pointing_at(text: str, error: str) -> Remark:
    """The library's drawing as half a sentence: what it stumbled over."""
    column = error.partition("--> 1:")[2].partition("\n")[0]
    rest = text[int(column) - 1 :] if column.isdecimal() else text
    sentence = for_later('opening hours not understood at "{rest}"; write for example Mo-Fr 08:00-18:00')
    return Remark(sentence=sentence, facts={"rest": rest}, refused=True)


def _rule(piece: str, joined: _Joined, country: str, holidays: Holidays | None) -> _Rule:
    modifier = _MODIFIER.search(piece)
    days = piece[: modifier.start()] if modifier else piece
    times = _TIMES.search(days)
    if times:
        days = days[: times.start()]
    return _Rule(
        joined=joined,
        days=_days(days.strip(), country, holidays),
        spans=_spans(times.group().strip()) if times else (_Span(0, _DAY),),
        on=modifier is None or modifier.group(1) not in {"closed", "off"},
        timed=times is not None,
    )


def _days(selector: str, country: str, holidays: Holidays | None) -> _Days:
    if selector in {"", "24/7"}:
        return _Days(wide=None, weekdays=None, offsets=(), doubtful=False)
    found = _WEEKDAYS.search(selector)
    wide, weekdays = (selector[: found.start()].strip(), selector[found.start() :]) if found else (selector, "")
    named = [_HOLIDAY.fullmatch(item) for item in _OUTSIDE_BRACKETS.split(weekdays)] if weekdays else []
    plain = [item for item, is_ in zip(_OUTSIDE_BRACKETS.split(weekdays), named, strict=False) if not is_]
    kept = [holiday for holiday in named if holiday]
    if not kept or (all(one["which"] == "PH" for one in kept) and holidays is None and _is_known(country)):
        wide_only = _whole_days(selector, country)
        return _Days(wide=wide_only, weekdays=None, offsets=(), doubtful=False, dated=not found)
    ours = tuple(int(one["offset"] or 0) for one in kept if one["which"] == "PH" and holidays is not None)
    return _Days(
        wide=_whole_days(wide, country) if wide else None,
        weekdays=_whole_days(",".join(plain), country) if plain else None,
        offsets=ours,
        doubtful=len(ours) < len(kept),
    )


def _is_known(country: str) -> bool:
    try:
        OpeningHours("PH", country=country)
    except UnknownCountryError:
        return False
    return bool(country)


def _whole_days(selector: str, country: str) -> OpeningHours:
    text = f"{selector} 00:00-24:00"
    try:
        return OpeningHours(text, country=country) if country else OpeningHours(text)
    except UnknownCountryError:
        return OpeningHours(text)


def _is_on(days: OpeningHours, day: date) -> bool:
    state, _ = days.state(datetime.combine(day, time(12)))
    return bool(state != State.CLOSED)


def _spans(times: str) -> tuple[_Span, ...]:
    return tuple(_span(found) for found in _ONE_SPAN.finditer(times))


def _span(found: re.Match[str]) -> _Span:
    start = _minutes(found["start"], late=False)
    if found["end"] is None:
        return _Span(start, start + _OPEN_END)
    end = _minutes(found["end"], late=True)
    if end <= start:
        end += _DAY
    return _Span(start, end + _OPEN_END if found["open"] else end)


def _minutes(clock: str, *, late: bool) -> int:
    if clock[0].isdigit():
        hours, minutes = clock.split(":")
        return int(hours) * 60 + int(minutes)
    found = _SUN_CLOCK.fullmatch(clock)
    assert found is not None  # _CLOCK lets nothing else through
    minutes_ = _SUN[found["event"]][late]
    shift_ = int(found["hours"]) * 60 + int(found["minutes"]) if found["sign"] else 0
    return minutes_ + (shift_ if found["sign"] == "+" else -shift_)


def _without(spans: list[_Span] | tuple[_Span, ...], cut: list[_Span] | tuple[_Span, ...]) -> list[_Span]:
    """The parts of spans that none of the others covers."""
    left = list(spans)
    for other in cut:
        left = [piece for span in left for piece in _cut(span, other)]
    return left


def _cut(span: _Span, other: _Span) -> Iterator[_Span]:
    if span.start < min(span.end, other.start):
        yield _Span(span.start, min(span.end, other.start))
    if max(span.start, other.end) < span.end:
        yield _Span(max(span.start, other.end), span.end)


# ---------------------------------------------------------------- what its writer should hear


def _remarks(hours: Hours, canonical: str) -> Iterator[Remark]:
    rules = hours.rules
    spills = [i for i, rule in enumerate(rules) if rule.on and any(span.end > _DAY for span in rule.spans)]
    if spills and any(rule.joined is _Joined.NORMAL for rule in rules[spills[0] + 1 :] + rules[: spills[-1]][1:]):
        yield Remark(
            sentence=for_later(
                "a shift that began goes to its end, also into a day for which another rule or off is written; "
                "OpenStreetMap itself would end it at midnight"
            )
        )
    if not any(rule.on for rule in rules):
        yield Remark(sentence=for_later("never on duty by these hours"))
    if any(word in canonical for word in _SUN):
        yield Remark(
            sentence=for_later(
                "the sun's times are taken widely (sunrise 03:30 to 10:45, sunset 15:30 to 22:30), "
                "for no place is known; write clock times"
            )
        )
    if any(open_ == "+" for text in [_COMMENT.sub("", canonical)] for open_ in re.findall(r"\d(\+)", text)):
        yield Remark(sentence=for_later("an open end (18:00+) counts for 12 hours"))
    if any(rule.days.doubtful for rule in rules):
        yield Remark(
            sentence=for_later(
                "holidays that alarmd does not know (SH, or PH of this country): hours on them count on every day, "
                "and off on them never"
            )
        )
