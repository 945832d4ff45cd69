"""An open alarm that a text may be about, as `alarmd.replies` sees it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from alarmd import one_home
from alarmd.store import Row
from escalation import menu
from escalation.calls import standing_of
from escalation.incident import Answer, HandoffState, Incident, Purpose, Standing, Status
from escalation.menu import Reading
from escalation.people import Candidate, Role

QUESTIONS = frozenset({Purpose.ASK, Purpose.DESK, Purpose.AGAIN, Purpose.RAISED})
"""What a telephone is asked by a text with keys of its own."""
_ON_THE_WAY = frozenset({Standing.ACCEPTED, Standing.COMING, Standing.OVERDUE, Standing.FOLLOWS})
_ASKS_ANEW = QUESTIONS | {Purpose.AFTERCARE}


class Case(msgspec.Struct, frozen=True):
    """An open incident of which somebody was told, and the message that they answer.

    ``rows``: all that this telephone was sent of it, for any of its people; ``beside``: the other alarms of
    that home to which they go, where they say that they are there.
    """

    incident: Incident
    row: Row
    who: Candidate
    rows: tuple[Row, ...] = ()
    beside: tuple[one_home.Other, ...] = ()

    @property
    def purpose(self) -> Purpose:
        """What they were asked or told by it."""
        return Purpose(self.row["purpose"])

    @property
    def standing(self) -> Standing:
        """How they stand to the incident."""
        return standing_of(self.incident, self.who.id)


def is_about(case: Case | None, cases: Sequence[Case], reading: Reading, body: str) -> bool:
    """Whether a helper's cry is for the home of an open case, and not for their own, if they are a resident too.

    A code says which alarm is meant. Without one it is words for somebody else, from somebody who was asked, has
    answered or not; what people say of their own body stays a cry of their own.
    """
    if case is not None and reading.code is not None and case.incident.status is not Status.CLOSED:
        return True
    return bool(cases) and menu.speaks_of_another(body) and not menu.speaks_of_oneself(body)


def is_taken_back(case: Case, reading: Reading) -> bool:
    """Whether the words say that the ambulance does not come, from who has it or was asked for it."""
    handoff, who = case.incident.handoff, case.who
    if handoff is None or not reading.off or who.role not in {Role.DESK, Role.DISPATCH}:
        return False
    if handoff.state is HandoffState.ACCEPTED:
        return handoff.confirmed_by == who.id
    return handoff.state is HandoffState.QUEUED and who.id in handoff.asked


def does_not_come(case: Case, reading: Reading) -> bool:
    """Whether somebody who goes writes in words of their own that they cannot."""
    at_a_desk = case.who.role in {Role.DESK, Role.DISPATCH, Role.RESIDENT}
    return reading.fails and case.standing in _ON_THE_WAY and not at_a_desk


def concerns_the_hand_off(case: Case, answer: Answer | None) -> bool:
    """Whether who confirmed it takes it back: other texts may have gone to them since. The line goes nowhere else.

    Not where they were asked something else since: who says no to a new press has not called the ambulance off.
    """
    handoff, who = case.incident.handoff, case.who
    if handoff is None or who.role is not Role.DESK:
        return who.role is Role.DISPATCH
    confirmed = handoff.state is HandoffState.ACCEPTED and handoff.confirmed_by == who.id
    return confirmed and answer is Answer.CANNOT and case.purpose not in _ASKS_ANEW
