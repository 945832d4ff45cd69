"""The text of a calendar before it is parsed: bounded, and without what no shift needs.

The parser takes a millisecond for each event, and five years of shifts are thousands, nearly all of them over. What
is over by its written date, reminders, descriptions and guests are left out line by line, in one pass.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime

import msgspec

LARGEST = 2_000_000  # characters; a care service's whole year is a tenth of it
MOST_EVENTS = 10_000
_LONGEST_LINE = 500_000
_KEPT = re.compile(
    r"(?:BEGIN|END|UID|DTSTART|DTEND|DURATION|RRULE|RDATE|EXRULE|EXDATE|RECURRENCE-ID|STATUS|SUMMARY|SEQUENCE"
    r"|TZID|TZOFFSETFROM|TZOFFSETTO|TZNAME|VERSION|PRODID)[;:]",
    re.IGNORECASE,
)
_SERIES = re.compile(r"(?:RRULE|RDATE|EXRULE|RECURRENCE-ID)[;:]", re.IGNORECASE)
_DATED = re.compile(r"(?:DTSTART|DTEND)(?:;[^:]*)?:(\d{8})", re.IGNORECASE)
_FOLD = re.compile(r"\r?\n[ \t]")
_INNER = ("BEGIN:VALARM", "END:VALARM")


def for_later(sentence: str) -> str:
    """Mark a literal that is said by somebody who has a reader."""
    return sentence


NOT_A_CALENDAR = for_later("the calendar is not iCalendar (RFC 5545)")


class CalendarTextError(Exception):
    """A calendar that is not even tried; a sentence and its facts."""

    def __init__(self, sentence: str, facts: Mapping[str, str] | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.facts = dict(facts or {})


class Slim(msgspec.Struct, frozen=True):
    """What is left of a calendar.

    Attributes:
        text: To be parsed.
        events: How many events the whole calendar has.
        far_ahead: How many single events begin later than anything that was kept.
    """

    text: str
    events: int
    far_ahead: int


def slim(text: str, since: datetime, until: datetime) -> Slim:
    """Leave out what no shift between two instants needs.

    Args:
        text: Of the whole calendar.
        since: Single events that are over by then are left out.
        until: Single events that begin after it are left out, and counted.

    Raises:
        CalendarTextError: It is too large, or no calendar.
    """
    if len(text) > LARGEST:
        raise CalendarTextError(
            for_later("a calendar of more than {most} characters is not read"), {"most": str(LARGEST)}
        )
    if "\n" not in text:  # a CSV cell may carry \n for a line's end
        text = text.replace("\\n", "\r\n")
    if "BEGIN:VCALENDAR" not in text[:1000].upper():
        raise CalendarTextError(NOT_A_CALENDAR)
    first, last = f"{since:%Y%m%d}", f"{until:%Y%m%d}"
    kept: list[str] = []
    events = far_ahead = 0
    for block in _blocks(_FOLD.sub("", text)):
        if block[0].upper() != "BEGIN:VEVENT":
            kept += block
            continue
        events += 1
        when = _when(block)
        if when is not None and max(when) > last and min(when) > last:
            far_ahead += 1
        elif when is None or max(when) >= first:
            kept += block
    if events > MOST_EVENTS:
        raise CalendarTextError(
            for_later("a calendar of more than {most} events is not read"), {"most": str(MOST_EVENTS)}
        )
    return Slim("\r\n".join(kept) + "\r\n", events, far_ahead)


def _blocks(text: str) -> Iterator[list[str]]:
    """Each event as its lines, and each line that stands in none; without reminders and what is not needed."""
    event: list[str] = []
    inner = False
    for raw in text.splitlines():
        line = raw.strip()
        upper = line[:16].upper()
        if upper.startswith(_INNER):
            inner = upper.startswith("BEGIN")
        elif inner or not _KEPT.match(line) or len(line) > _LONGEST_LINE:
            continue
        elif upper.startswith("BEGIN:VEVENT"):
            event = [line]
        elif event:
            event.append(line)
            if upper.startswith("END:VEVENT"):
                yield event
                event = []
        else:
            yield [line]
    if event:
        yield event


def _when(block: list[str]) -> list[str] | None:
    """The dates of a single event, as they are written; None for a series, or where one of them cannot be read."""
    if any(_SERIES.match(line) for line in block):
        return None
    dated = [line for line in block if line[:7].upper().startswith(("DTSTART", "DTEND"))]
    found = [match.group(1) for line in dated if (match := _DATED.match(line))]
    return found if found and len(found) == len(dated) and len(found) > 1 else None
