"""What a call is about by the time it is taken, and which keys its menu offers: both as the incident stands then.

A telephone rings for up to a minute, and the story goes on meanwhile. Nobody is asked what is answered already, and
nobody is sent where another went.
"""

from __future__ import annotations

from escalation.draft import TAKEN
from escalation.incident import Handoff, HandoffState, Incident, Purpose, Standing, Status
from escalation.menu import HANDOFF_PURPOSES, Key
from escalation.people import Candidate, Role
from escalation.texts.facts import took_it
from escalation.texts.scenes import Heard

_ASKING = frozenset({Purpose.ASK, Purpose.DESK, Purpose.AGAIN, Purpose.DETAILS})
_AFTER_THE_END = frozenset({Purpose.VERIFY, Purpose.SAID})  # said and read all the same
_ASKED = frozenset({Key.GO, Key.CANNOT})
_GOING = frozenset({Key.GO, Key.CANNOT, Key.THERE})
_STAYS = frozenset({Key.THERE, Key.CANNOT})
_HANDOFF = frozenset({Key.CONFIRM, Key.REJECT})
_HEARD = frozenset({Key.HEARD})
_VERIFY = frozenset({Key.WELL, Key.CANNOT})


def about(incident: Incident, purpose: Purpose, who: Candidate) -> Purpose | None:
    """In which words a call is taken that was placed for ``purpose``; None where it is no longer needed."""
    if purpose in HANDOFF_PURPOSES:
        return _about_hand_off(incident, purpose, who)
    if incident.status is Status.CLOSED:
        return purpose if purpose in _AFTER_THE_END else Purpose.CLOSED
    asks = menu_of(incident, purpose, who)
    taken = incident.status in TAKEN
    if taken and asks is Purpose.AGAIN and who.role is not Role.DESK:
        return Purpose.DETAILS  # overdue, and another has it: she does not "still wait"; they may come all the same
    return Purpose.TAKEN if taken and asks in {Purpose.ASK, Purpose.DESK, Purpose.AGAIN} else asks


def menu_of(incident: Incident, purpose: Purpose, who: Candidate) -> Purpose:
    """Whose menu is heard on such a call: who has said yes is not asked for it again.

    That another has taken it meanwhile takes nobody's keys away: who was listening to the question may answer it.
    """
    if purpose in HANDOFF_PURPOSES:
        return _about_hand_off(incident, purpose, who) or purpose
    if purpose not in _ASKING:
        return purpose
    standing = standing_of(incident, who.id)
    if standing is Standing.OVERDUE:
        return Purpose.AGAIN
    if took_it(standing):
        return Purpose.DETAILS
    return Purpose.DESK if who.role is Role.DESK else Purpose.ASK


def offered(purpose: Purpose, who: Candidate, standing: Standing) -> frozenset[Key]:
    """The keys that a menu offers, besides the star; none where it has no menu.

    Args:
        purpose: As `menu_of` has it.
        who: Who hears it.
        standing: How they stand.
    """
    if purpose in HANDOFF_PURPOSES:
        return _HANDOFF if purpose is Purpose.HANDOFF else _HEARD
    if purpose is Purpose.VERIFY:
        return _VERIFY
    if purpose not in {*_ASKING, Purpose.RAISED}:
        return frozenset()
    if not took_it(standing) or who.role is Role.DESK:
        return _ASKED
    return _STAYS if standing is Standing.ARRIVED else _GOING


def standing_of(incident: Incident, who: str) -> Standing:
    """How somebody stands to an incident; who was never asked counts as being asked now."""
    return next((p.standing for p in incident.participants if p.who.id == who), Standing.ASKED)


def hand_off_heard(incident: Incident, who: str, *, accepted: bool) -> Heard:
    """What became of somebody's yes or no to the hand-off, as the incident stands after it."""
    handoff = incident.handoff
    if handoff is not None and handoff.state is HandoffState.ACCEPTED:
        if not accepted:
            return Heard.REJECTED_LATE
        return Heard.HANDED_OVER if handoff.confirmed_by == who else Heard.CONFIRMED_BEFORE
    return Heard.NOT_NEEDED if accepted else Heard.REJECTED


def ambulance_heard(incident: Incident, *, read: bool) -> Heard:
    """What is answered to a call for the ambulance, as the hand-off stands after it; ``read``: the desk reads it."""
    state = incident.handoff.state if incident.handoff else HandoffState.REJECTED
    if state is HandoffState.ACCEPTED and standing_of(incident, "ambulance") is Standing.OVERDUE:
        state = HandoffState.REJECTED  # it has not come in time, and no other could be asked for
    if state is HandoffState.QUEUED:
        return Heard.AMBULANCE if read else Heard.AMBULANCE_ASKED
    if state is HandoffState.ACCEPTED:
        return Heard.AMBULANCE_COMES if read else Heard.ON_RECORD
    return Heard.PASSED_ON if read else Heard.CALL_YOURSELF


def called_off(handoff: Handoff, who: str) -> bool:
    """Whether an operator called it off, who knows why; somebody's own no is not the end of it for the others."""
    by_operator = not handoff.asked or any(one not in handoff.asked for one in handoff.refused)
    return handoff.state is HandoffState.REJECTED and who not in handoff.refused and by_operator


def _about_hand_off(incident: Incident, purpose: Purpose, who: Candidate) -> Purpose | None:
    handoff = incident.handoff
    if handoff is None:
        return None
    if handoff.state is HandoffState.CANCELLED:
        return Purpose.HANDOFF_CANCEL
    if incident.status is Status.CLOSED:
        return Purpose.CLOSED
    if purpose is Purpose.HANDOFF:
        return Purpose.HANDOFF if _was_asked(handoff, who) and not called_off(handoff, who.id) else None
    if handoff.state is HandoffState.QUEUED and _was_asked(handoff, who):
        return Purpose.HANDOFF
    return purpose if handoff.state is HandoffState.ACCEPTED else None


def _was_asked(handoff: Handoff, who: Candidate) -> bool:
    return who.id in handoff.asked or not handoff.asked  # those of an older incident were not kept
