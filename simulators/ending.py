"""Whether a story ended as its scenario says, and how long everything took."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alarmd.journal import LogEntry
from simulators.scenario import Ending


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """How long after the press; None where it did not happen.

    Attributes:
        contacted: The first message was taken by a provider.
        accepted: The first person (or the dispatch centre) said yes.
        arrived: The first person was at the door.
        handed_over: The dispatch centre confirmed.
    """

    contacted: timedelta | None = None
    accepted: timedelta | None = None
    arrived: timedelta | None = None
    handed_over: timedelta | None = None


def times(log: Sequence[LogEntry]) -> Times:
    """The times of the first incident in this log."""
    opened = _first(log, "incident.opened")
    if opened is None:
        return Times()

    def after(*events: str) -> timedelta | None:
        found = [at for event in events if (at := _first(log, event)) is not None]
        return min(found) - opened if found else None

    return Times(
        contacted=after("message.sent"),
        accepted=after("incident.accepted", "handoff.accepted"),
        arrived=after("incident.arrived"),
        handed_over=after("handoff.accepted"),
    )


def _first(log: Sequence[LogEntry], event: str) -> datetime | None:
    return next((entry.at for entry in log if entry.event == event), None)


def _is(entry: LogEntry, wanted: str) -> bool:
    event, _, actor = wanted.partition(" ")
    return entry.event == event and actor in {"", entry.actor}


def missing(ending: Ending, log: Sequence[LogEntry]) -> list[str]:
    """What must come, in this order, and has not come yet."""
    left = list(ending.needs)
    for entry in log:
        if left and _is(entry, left[0]):
            left.pop(0)
    return left


def faults(ending: Ending, log: Sequence[LogEntry], touched: Sequence[str]) -> list[str]:
    """Everything in which the story differs from its scenario; empty = nothing.

    Args:
        ending: As the scenario says.
        log: The event log.
        touched: The ids of all people whose telephone rang or got a text.
    """
    found = [f"did not come: {wanted}" for wanted in missing(ending, log)]
    found += [f"must not come: {one}" for one in ending.never if any(_is(entry, one) for entry in log)]
    found += [f"must not be disturbed: {one}" for one in ending.untouched if one in touched]
    return found
