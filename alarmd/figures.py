"""The figures that centres are held to (FIELD.md), computed from the event log.

The standards (EN 50134-7, the TSA's code) ask how soon an *operator* answers an alarm. alarmd asks neighbours first, so
both are counted, apart: the operators at the desk, and the people asked to come. What is no alarm of a resident at home
(tests, simulated phones, what concerns a device, devices that nobody registered) is counted beside, and in no figure.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from enum import StrEnum

import msgspec

from alarmd.event_names import Event
from alarmd.journal import LogEntry
from alarmd.phone.console import SIMULATED
from alarmd.silence.recording import SILENT
from alarmd.silence.sims import ENDED, ENDING
from devices.meaning import is_technical
from devices.signal import SignalType
from escalation.people import Role
from escalation.plan import TECHNICAL

ANSWER_S = (60.0, 180.0)  # TSA code: 97.5 % and 99 %; the older European figure is 98.5 % in 60 s
AT_THE_DOOR_S = 900.0  # the care circle's quarter of an hour
WAITED_S = 5.0  # between the press and its receipt: less is the way of every press
_OLDEST_S = 7 * 86_400.0  # a device whose clock says more is not believed
_PHONE = {"sms", "voice"}
_AT_THE_DESK = ("operator:", "desk:")
_BY_A_PERSON = {
    Event.INCIDENT_ACCEPTED,
    Event.INCIDENT_FOLLOWS,
    Event.INCIDENT_DECLINED,
    Event.INCIDENT_COMING,
    Event.INCIDENT_ARRIVED,
    Event.INCIDENT_CLOSED,
    Event.HANDOFF_ACCEPTED,
    Event.HANDOFF_REJECTED,
}
"""Only a person is an answer (promise 3): also who says "I cannot" was reached."""


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """How many of how many; ``percent`` is None of nothing."""

    count: int
    of: int

    @property
    def percent(self) -> float | None:
        """Per cent, unrounded."""
        return 100 * self.count / self.of if self.of else None


class Spread(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds, over the alarms in which it happened: half not above p50, nine in ten not above p90."""

    count: int
    p50: float | None
    p90: float | None
    p99: float | None


class Apart(msgspec.Struct, frozen=True, kw_only=True):
    """What is in no figure.

    Attributes:
        tests: Messages of devices that were tests, or came in test mode.
        commissioned: Triggers that were proved.
        simulated: Alarms that rang simulated phones only.
        technical: Incidents that concern a device, such as its silence or its SIM card.
        unregistered: Alarms of devices that nobody registered: they go to the desk alone.
    """

    tests: int = 0
    commissioned: int = 0
    simulated: int = 0
    technical: int = 0
    unregistered: int = 0


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What one month looked like. Times count from receipt, unless the name says *from the press*.

    Attributes:
        incidents: Alarms of residents that were opened in it.
        by_kind: The same by the signal that opened them.
        first_contact: Until a phone provider took the first text or call.
        desk_asked: Alarms that were put to the desk.
        answered: Until the first operator answered: accepted, declined, confirmed or refused a hand-off, closed, or
            entered what a responder said.
        answered_in_60: Answered by an operator in a minute, of all; where none answered it counts as not.
        answered_in_180: In three.
        answered_once_asked: From asking the desk until the first operator answered.
        responder: Until the first of the people asked to come answered, yes or no.
        accepted: Somebody went, or the ambulance took it.
        accepting: Until then.
        arrived: Somebody said they were at the door.
        arriving: Until then.
        arrived_in_15_min: At the door in a quarter of an hour, of all.
        handed_over: The ambulance took it.
        late: Alarms that were received some time after the press: a gateway or a broker was away.
        waited: How long those had waited.
        answered_from_the_press: As ``answered``, of these, counted from the press as the device tells it.
        accepting_from_the_press: As ``accepting``, of these, from the press.
        arriving_from_the_press: As ``arriving``, of these, from the press.
        arrived_in_15_min_of_the_press: As ``arrived_in_15_min``, of all, from the press.
        raised: Pressed more than once.
        overdue: Somebody accepted and did not come in time.
        gaps: Steps that found nobody to ask, and people who could not be reached.
        still_open: Not closed yet.
        messages_refused: Texts and calls of these alarms that were refused.
    """

    incidents: int
    by_kind: dict[str, int]
    first_contact: Spread
    desk_asked: int
    answered: Spread
    answered_in_60: Share
    answered_in_180: Share
    answered_once_asked: Spread
    responder: Spread
    accepted: Share
    accepting: Spread
    arrived: Share
    arriving: Spread
    arrived_in_15_min: Share
    handed_over: Share
    late: int
    waited: Spread
    answered_from_the_press: Spread
    accepting_from_the_press: Spread
    arriving_from_the_press: Spread
    arrived_in_15_min_of_the_press: Share
    raised: int
    overdue: int
    gaps: int
    still_open: int
    messages_refused: int


class Month(msgspec.Struct, frozen=True, kw_only=True):
    """All of it, the same by centre, and what is in no figure."""

    all: Figures
    centres: dict[str, Figures]
    apart: Apart


class _Said(StrEnum):
    """Things of which the first time counts, besides the events themselves."""

    CONTACT = "contact"
    DESK_ASKED = "desk asked"
    OPERATOR = "operator"
    RESPONDER = "responder"
    TAKEN = "taken"
    LATE = "late"


class _Case:
    """What one incident's entries say; the first time of each thing."""

    __slots__ = ("centre", "first", "gaps", "kind", "opened", "real", "refused", "simulated", "waited")

    def __init__(self, entry: LogEntry, centre: str) -> None:
        self.opened = entry.at
        self.kind = str(entry.data.get("kind", "unknown"))
        self.centre = centre
        self.waited = _waited(entry)
        self.first: dict[str, float] = {}
        self.gaps = self.refused = 0
        self.real = self.simulated = False

    def add(self, entry: LogEntry, operators: Collection[str]) -> None:
        seconds = max(0.0, (entry.at - self.opened).total_seconds())
        self.first.setdefault(entry.event, seconds)
        for what in _means(entry, operators):
            self.first.setdefault(what, seconds)
        if entry.event == Event.MESSAGE_SENT and entry.data.get("channel") in _PHONE:
            is_simulated = entry.data.get("provider") == SIMULATED
            self.real, self.simulated = self.real or not is_simulated, self.simulated or is_simulated
        self.gaps += entry.event == Event.INCIDENT_GAP
        self.refused += entry.event == Event.MESSAGE_REFUSED


def _means(entry: LogEntry, operators: Collection[str]) -> Iterable[_Said]:
    data = entry.data
    if entry.event in _BY_A_PERSON or (entry.event == Event.INCIDENT_NOTED and "text" in data):
        if _by_an_operator(entry, operators):
            yield _Said.OPERATOR
        elif entry.event.startswith("incident.") and data.get("role") != Role.DISPATCH:
            yield _Said.RESPONDER
    if entry.event in {Event.INCIDENT_ACCEPTED, Event.HANDOFF_ACCEPTED}:
        yield _Said.TAKEN
    if entry.event == Event.INCIDENT_OVERDUE and "what" not in data:  # not a reminder to close
        yield _Said.LATE
    if entry.event == Event.MESSAGE_QUEUED and _is_operator(entry.actor, operators):
        yield _Said.DESK_ASKED
    if _reached_a_provider(entry):
        yield _Said.CONTACT


def _by_an_operator(entry: LogEntry, operators: Collection[str]) -> bool:
    """An operator's own answer, or a responder's that an operator heard and entered."""
    data = entry.data
    return data.get("role") == Role.DESK or data.get("via") == "desk" or _is_operator(entry.actor, operators)


def _is_operator(actor: str, operators: Collection[str]) -> bool:
    return actor.startswith(_AT_THE_DESK) or actor in operators


def _reached_a_provider(entry: LogEntry) -> bool:
    """A text or call that really went out; without a provider it is only written to the daemon's log."""
    data = entry.data
    return entry.event == Event.MESSAGE_SENT and data.get("channel") in _PHONE and data.get("provider") != SIMULATED


def _waited(opened: LogEntry) -> float:
    """Seconds between the press, as the device tells it, and its receipt; 0 where it does not, or is not believed."""
    pressed = opened.data.get("pressed_at")
    try:
        seconds = (opened.at - datetime.fromisoformat(str(pressed))).total_seconds() if pressed else 0.0
    except (ValueError, TypeError):
        return 0.0
    return seconds if WAITED_S <= seconds <= _OLDEST_S else 0.0


def _of_a_device(entry: LogEntry) -> bool:
    kind, data = str(entry.data.get("kind")), entry.data
    technical = kind in set(SignalType) and is_technical(SignalType(kind))
    return kind in {SILENT, ENDING, ENDED} or technical or data.get("plan") == TECHNICAL


def month(
    entries: Iterable[LogEntry],
    start: datetime,
    end: datetime,
    *,
    operators: Collection[str] = (),
    centre_of: Callable[[str], str] = lambda _: "",
) -> Month:
    """Read the log once, in constant memory but for the month's incidents.

    Args:
        entries: In order, from ``start`` on; those after ``end`` still belong to incidents opened before it.
        start: The month's beginning, aware.
        end: Its end, exclusive.
        operators: Ids of responders who work at the desk.
        centre_of: The centre a resident belongs to; empty where none is known.
    """
    cases: dict[str, _Case] = {}
    beside: Counter[str] = Counter()
    for entry in entries:
        if start <= entry.at < end:
            if entry.event == Event.SIGNAL_KEPT and entry.data.get("type") == SignalType.TEST:
                beside["tests"] += 1
            beside["commissioned"] += entry.event == Event.DEVICE_COMMISSIONED
            if entry.event == Event.INCIDENT_OPENED and entry.incident is not None:
                if _of_a_device(entry):
                    beside["technical"] += 1
                elif entry.resident is None:
                    beside["unregistered"] += 1
                else:
                    cases.setdefault(entry.incident, _Case(entry, centre_of(entry.resident)))
        if entry.incident in cases:
            cases[entry.incident].add(entry, operators)
    counted = [case for case in cases.values() if case.real or not case.simulated]
    beside["simulated"] = len(cases) - len(counted)
    centres = sorted({case.centre for case in counted if case.centre})
    return Month(
        all=_sum_up(counted),
        centres={name: _sum_up([case for case in counted if case.centre == name]) for name in centres},
        apart=Apart(**beside),
    )


def figures(entries: Iterable[LogEntry], start: datetime, end: datetime) -> Figures:
    """The month as a whole; see `month`."""
    return month(entries, start, end).all


def _sum_up(cases: Sequence[_Case]) -> Figures:
    late = [case for case in cases if case.waited]

    def seconds(what: str, since: str = "") -> list[float]:
        known = (case.first for case in cases if what in case.first and (not since or since in case.first))
        return sorted(max(0.0, first[what] - (first[since] if since else 0.0)) for first in known)

    def from_the_press(what: str, of: Sequence[_Case] = late) -> list[float]:
        return sorted(case.first[what] + case.waited for case in of if what in case.first)

    def within(what: str, limit: float = math.inf) -> Share:
        return Share(count=sum(s <= limit for s in seconds(what)), of=len(cases))

    in_time = sum(s <= AT_THE_DOOR_S for s in from_the_press(Event.INCIDENT_ARRIVED, cases))
    return Figures(
        incidents=len(cases),
        by_kind=dict(Counter(case.kind for case in cases).most_common()),
        first_contact=_spread(seconds(_Said.CONTACT)),
        desk_asked=len(seconds(_Said.DESK_ASKED)),
        answered=_spread(seconds(_Said.OPERATOR)),
        answered_in_60=within(_Said.OPERATOR, ANSWER_S[0]),
        answered_in_180=within(_Said.OPERATOR, ANSWER_S[1]),
        answered_once_asked=_spread(seconds(_Said.OPERATOR, since=_Said.DESK_ASKED)),
        responder=_spread(seconds(_Said.RESPONDER)),
        accepted=within(_Said.TAKEN),
        accepting=_spread(seconds(_Said.TAKEN)),
        arrived=within(Event.INCIDENT_ARRIVED),
        arriving=_spread(seconds(Event.INCIDENT_ARRIVED)),
        arrived_in_15_min=within(Event.INCIDENT_ARRIVED, AT_THE_DOOR_S),
        handed_over=within(Event.HANDOFF_ACCEPTED),
        late=len(late),
        waited=_spread(sorted(case.waited for case in late)),
        answered_from_the_press=_spread(from_the_press(_Said.OPERATOR)),
        accepting_from_the_press=_spread(from_the_press(_Said.TAKEN)),
        arriving_from_the_press=_spread(from_the_press(Event.INCIDENT_ARRIVED)),
        arrived_in_15_min_of_the_press=Share(count=in_time, of=len(cases)),
        raised=len(seconds(Event.INCIDENT_RAISED)),
        overdue=len(seconds(_Said.LATE)),
        gaps=sum(case.gaps for case in cases),
        still_open=sum(Event.INCIDENT_CLOSED not in case.first for case in cases),
        messages_refused=sum(case.refused for case in cases),
    )


def _spread(ordered: Sequence[float]) -> Spread:
    return Spread(
        count=len(ordered),
        p50=_rank(ordered, 0.50),
        p90=_rank(ordered, 0.90),
        p99=_rank(ordered, 0.99),
    )


def _rank(ordered: Sequence[float], share: float) -> float | None:
    """Nearest rank: a time that really occurred."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else None
