"""The figures that centres are held to (FIELD.md), computed from the event log and nothing else."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from alarmd.journal import LogEntry
from alarmd.phone.console import SIMULATED
from alarmd.silence.recording import SILENT
from alarmd.silence.sims import ENDED, ENDING

ANSWER_S = (60.0, 180.0)  # TSA code: 97.5 % and 99 %
AT_THE_DOOR_S = 900.0  # the care circle's quarter of an hour
# Only a person is an answer (promise 3): also who says "I cannot" was reached.
_ANSWERS = {
    "incident.accepted",
    "incident.declined",
    "incident.coming",
    "incident.arrived",
    "handoff.accepted",
    "handoff.rejected",
}
_PHONE = {"sms", "voice"}


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """How many of how many; ``percent`` is None of nothing."""

    count: int
    of: int

    @property
    def percent(self) -> float | None:
        """Per cent, unrounded."""
        return 100 * self.count / self.of if self.of else None


class Spread(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds from the alarm, over the incidents in which it happened; None where it never did."""

    count: int
    p50: float | None
    p99: float | None


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What one month looked like.

    Attributes:
        incidents: Opened in it.
        by_kind: The same by the signal that opened them.
        first_contact: Until the phone provider took the first text or call.
        answered: Until the first person answered.
        answered_in_60: Answered in a minute, of all; unanswered ones count as not.
        answered_in_180: Answered in three.
        accepted: Somebody went, or the ambulance took it.
        accepting: Until then.
        arrived: Somebody said they were at the door.
        arriving: Until then.
        arrived_in_15_min: At the door in a quarter of an hour, of all.
        handed_over: The ambulance took it.
        raised: Pressed more than once.
        overdue: Somebody accepted and did not come in time.
        gaps: Steps that found nobody to ask, and people who could not be reached.
        still_open: Not closed yet.
        messages_refused: Texts and calls of these incidents that were refused.
    """

    incidents: int
    by_kind: dict[str, int]
    first_contact: Spread
    answered: Spread
    answered_in_60: Share
    answered_in_180: Share
    accepted: Share
    accepting: Spread
    arrived: Share
    arriving: Spread
    arrived_in_15_min: Share
    handed_over: Share
    raised: int
    overdue: int
    gaps: int
    still_open: int
    messages_refused: int


class _Case:
    """What one incident's entries say; the first time of each thing."""

    __slots__ = ("first", "gaps", "kind", "opened", "refused")

    def __init__(self, opened: datetime, kind: str) -> None:
        self.opened = opened
        self.kind = kind
        self.first: dict[str, float] = {}
        self.gaps = 0
        self.refused = 0

    def add(self, entry: LogEntry) -> None:
        seconds = max(0.0, (entry.at - self.opened).total_seconds())
        self.first.setdefault(entry.event, seconds)
        if entry.event in _ANSWERS:
            self.first.setdefault("answer", seconds)
        if _reached_a_provider(entry):
            self.first.setdefault("contact", seconds)
        if entry.event in {"incident.accepted", "handoff.accepted"}:
            self.first.setdefault("taken", seconds)
        if entry.event == "incident.overdue" and "what" not in entry.data:  # not a reminder to close
            self.first.setdefault("late", seconds)
        self.gaps += entry.event == "incident.gap"
        self.refused += entry.event == "message.refused"


def _reached_a_provider(entry: LogEntry) -> bool:
    """A text or call that really went out; without a provider it is only written to the daemon's log."""
    data = entry.data
    return entry.event == "message.sent" and data.get("channel") in _PHONE and data.get("provider") != SIMULATED


def figures(entries: Iterable[LogEntry], start: datetime, end: datetime) -> Figures:
    """Read the log once, in constant memory but for the month's incidents.

    Args:
        entries: In order, from ``start`` on; those after ``end`` still belong to incidents opened before it.
        start: The month's beginning, aware.
        end: Its end, exclusive.
    """
    cases: dict[str, _Case] = {}
    for entry in entries:
        if entry.incident is None:
            continue
        if entry.event == "incident.opened" and entry.data.get("kind") in {SILENT, ENDING, ENDED}:
            continue  # of a device, not of a person
        if entry.event == "incident.opened" and start <= entry.at < end:
            cases.setdefault(entry.incident, _Case(entry.at, str(entry.data.get("kind", "unknown"))))
        if entry.incident in cases:
            cases[entry.incident].add(entry)
    return _sum_up(list(cases.values()))


def _sum_up(cases: Sequence[_Case]) -> Figures:
    def seconds(what: str) -> list[float]:
        return sorted(case.first[what] for case in cases if what in case.first)

    def within(what: str, limit: float = math.inf) -> Share:
        return Share(count=sum(s <= limit for s in seconds(what)), of=len(cases))

    return Figures(
        incidents=len(cases),
        by_kind=dict(Counter(case.kind for case in cases).most_common()),
        first_contact=_spread(seconds("contact")),
        answered=_spread(seconds("answer")),
        answered_in_60=within("answer", ANSWER_S[0]),
        answered_in_180=within("answer", ANSWER_S[1]),
        accepted=within("taken"),
        accepting=_spread(seconds("taken")),
        arrived=within("incident.arrived"),
        arriving=_spread(seconds("incident.arrived")),
        arrived_in_15_min=within("incident.arrived", AT_THE_DOOR_S),
        handed_over=within("handoff.accepted"),
        raised=len(seconds("incident.raised")),
        overdue=len(seconds("late")),
        gaps=sum(case.gaps for case in cases),
        still_open=sum("incident.closed" not in case.first for case in cases),
        messages_refused=sum(case.refused for case in cases),
    )


def _spread(ordered: Sequence[float]) -> Spread:
    return Spread(count=len(ordered), p50=_rank(ordered, 0.50), p99=_rank(ordered, 0.99))


def _rank(ordered: Sequence[float], share: float) -> float | None:
    """Nearest rank: a time that really occurred."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else None
