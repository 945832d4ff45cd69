"""Who is on duty at a given instant: shifts unfolded beforehand, and the one rule for their wall times.

An on-call text (an opening-hours text, or a calendar) is unfolded into a `Rota` by `escalation.rota`, which may take a
while and never happens while somebody waits for it. Asking a rota is a search among numbers.

One rule for all wall times (FIELD.md, On-call time): a shift starts at the first occurrence of its wall time and ends
at the last; a wall time that does not exist means the instant after the clocks went forward. Two people too many on
duty for an hour in autumn are safe, nobody is not.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo

import msgspec

CALENDAR = "ics:"
_SECOND = timedelta(seconds=1)


class Duty(msgspec.Struct, frozen=True, kw_only=True):
    """Whether somebody is on duty. What cannot be read is on duty: a wrong calendar must not silence a person."""

    on: bool
    readable: bool = True


class Remark(msgspec.Struct, frozen=True, kw_only=True):
    """What the keeper of an on-call text should hear of it.

    Attributes:
        sentence: In English, with ``{name}`` for each fact; said in the reader's language by whoever has a reader.
        facts: What is put in.
        refused: Whether such a text is not to be imported at all.
    """

    sentence: str
    facts: Mapping[str, str] = msgspec.field(default_factory=dict)
    refused: bool = False


class Rota(msgspec.Struct, frozen=True, kw_only=True):
    """When somebody is on duty, within a time that was unfolded. All instants are whole seconds since 1970.

    Attributes:
        since: The first instant that was looked at.
        until: The instant after the last one.
        starts: Of each shift; they are in order and do not touch.
        ends: Of the same shifts.
        readable: False: on duty all the time, because nobody knows.
        remarks: For whoever keeps the text.
    """

    since: int
    until: int
    starts: Sequence[int] = ()
    ends: Sequence[int] = ()
    readable: bool = True
    remarks: tuple[Remark, ...] = ()

    def covers(self, at: datetime) -> bool:
        """Whether that instant was looked at."""
        return self.since <= at.timestamp() < self.until

    def duty(self, at: datetime) -> Duty:
        """Whether somebody with this rota is on duty then; beyond what was unfolded nobody knows, and so they are."""
        if not self.readable or not self.covers(at):
            return Duty(on=True, readable=False)
        moment = at.timestamp()
        last = bisect_right(self.starts, moment) - 1
        return Duty(on=last >= 0 and moment < self.ends[last])


ALWAYS = Duty(on=True)
UNKNOWN = Duty(on=True, readable=False)


def unknown(on_call: str, at: datetime) -> Duty:
    """The duty of somebody of whom no rota is at hand: empty = always, anything else cannot be told."""
    del at
    return UNKNOWN if on_call.strip() else ALWAYS


def merged(shifts: Iterable[tuple[datetime, datetime]]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Shifts as the two columns of a `Rota`: in order, those that touch made one, empty ones left out."""
    starts: list[int] = []
    ends: list[int] = []
    for start, end in sorted((int(start.timestamp()), int(end.timestamp())) for start, end in shifts):
        if end <= start:
            continue
        if ends and start <= ends[-1]:
            ends[-1] = max(ends[-1], end)
        else:
            starts.append(start)
            ends.append(end)
    return tuple(starts), tuple(ends)


def is_inline(on_call: str) -> bool:
    """Whether an on-call text carries its calendar itself, instead of naming a file."""
    return on_call.removeprefix(CALENDAR).lstrip().upper().startswith("BEGIN:VCALENDAR")


def shift(start: datetime, end: datetime, zone: tzinfo) -> tuple[datetime, datetime]:
    """The instants of a shift between two wall times of one zone."""
    return instant(start, zone, last=False), instant(end, zone, last=True)


def instant(wall: datetime, zone: tzinfo, *, last: bool) -> datetime:
    """The instant of a wall-clock time.

    Args:
        wall: Naive.
        zone: The zone of the wall clock.
        last: Where the wall time comes twice: its last occurrence (a shift's end), else the first (its start).

    Returns:
        An aware UTC datetime; for a wall time that does not exist, the instant after the gap.
    """
    first, second = wall.replace(tzinfo=zone, fold=0), wall.replace(tzinfo=zone, fold=1)
    before, after = first.utcoffset(), second.utcoffset()
    assert before is not None  # a time zone always knows its offset
    assert after is not None
    if before >= after:  # ordinary, or twice
        return (second if last else first).astimezone(UTC)
    # a gap: the offset before it was the smaller; close in on the moment at which it changes
    low, high = wall - after, wall - before
    while high - low > _SECOND:
        middle = low + (high - low) // 2
        low, high = (middle, high) if _offset(middle, zone) == before else (low, middle)
    return high.replace(microsecond=0, tzinfo=UTC)


def _offset(utc: datetime, zone: tzinfo) -> timedelta | None:
    return zone.utcoffset(zone.fromutc(utc.replace(tzinfo=zone)))
