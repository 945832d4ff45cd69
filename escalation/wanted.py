"""Whether a message is still wanted: between the decision to send it and its leaving somebody may have answered."""

from __future__ import annotations

from escalation.calls import standing_of
from escalation.draft import NEVER_CLOSED
from escalation.incident import HandoffState, Incident, Purpose, Standing, Status
from escalation.telephones import meant

_TOO_LATE_ONCE = {
    Purpose.HANDOFF: frozenset(HandoffState) - {HandoffState.QUEUED},
    Purpose.HANDOFF_UPDATE: frozenset({HandoffState.REJECTED}),
    Purpose.HANDOFF_REFUSED: frozenset({HandoffState.ACCEPTED}),
}
_NOT_FOR = {
    Purpose.VERIFY: frozenset({Standing.DECLINED, Standing.UNREACHABLE}),
    Purpose.ASK: frozenset({Standing.DECLINED}),
    Purpose.DETAILS: frozenset({Standing.ASKED, Standing.DECLINED, Standing.UNREACHABLE}),
    Purpose.AGAIN: frozenset({Standing.DECLINED, Standing.ARRIVED}),
    Purpose.RAISED: frozenset({Standing.DECLINED}),
    Purpose.TAKEN: frozenset({Standing.ACCEPTED, Standing.COMING, Standing.ARRIVED, Standing.FOLLOWS}),
}


def still_wanted(incident: Incident, purpose: Purpose, person: str) -> bool:
    """Whether a message that did not go out when it was wanted need still go out, as the incident stands now."""
    if came_too_late(incident, purpose):
        return False
    if purpose is Purpose.RAISED and _is_at_the_desk(incident, person):
        return True  # that she presses again is news to whom it may concern, also after their no
    # who has that telephone too may have answered
    return standing_of(incident, meant(incident, person)) not in _not_for(purpose)


def _is_at_the_desk(incident: Incident, person: str) -> bool:
    return any(p.who.id == person and p.who.role in NEVER_CLOSED for p in incident.participants)


def came_too_late(incident: Incident, purpose: Purpose) -> bool:
    """Whether what a message asks for was done meanwhile, or what it says is so no more.

    It is over, somebody has accepted, nobody goes any more, or the line has it.
    """
    if incident.status is Status.CLOSED:
        return purpose not in {Purpose.CLOSED, Purpose.HANDOFF_CANCEL, Purpose.SAID}
    if purpose in {Purpose.ASK, Purpose.DESK, Purpose.VERIFY}:
        return incident.status not in {Status.OPENED, Status.NOTIFYING}
    if purpose is Purpose.TAKEN:
        return incident.status in {Status.OPENED, Status.NOTIFYING}
    state = incident.handoff.state if incident.handoff else HandoffState.REJECTED
    return state in _TOO_LATE_ONCE.get(purpose, ())


def _not_for(purpose: Purpose) -> frozenset[Standing]:
    """Who need not be told any more; a resident who did not answer in time is not, either: others are.

    Who says no is not asked again, and gets no details of a home. Who goes is not told to stay. A desk that says no is
    rung all the same while there is nobody else.
    """
    return _NOT_FOR.get(purpose, frozenset())
