"""What the desk itself texts, and who reads it where nobody else sits there.

A neighbour took the alarm before the desk was rung, and the operator texts "已打120": nobody at the desk can read that,
for who wrote it sits there. It is on record, and goes to those who have the alarm.
"""

from __future__ import annotations

from collections.abc import Iterable

from alarmd.engine import decode_state, is_readable
from alarmd.store import Transaction
from escalation.draft import ACTIVE
from escalation.incident import Incident, Standing, Status
from escalation.menu import Reading
from escalation.people import Candidate, Role, telephone_of
from escalation.wording import Heard

_WENT = ACTIVE | {Standing.OVERDUE, Standing.FOLLOWS}
_SEVERAL = 2  # open incidents, and it cannot be told which is meant


def of_unasked(tx: Transaction, reading: Reading, known: Iterable[Incident]) -> Incident | None:
    """The open incident that words from a telephone of the desk are about, though it was never told of it.

    That of the code; without a code the only one that is open.

    Args:
        tx: The transaction.
        reading: What it says; a mere key answers nothing, for nothing was asked.
        known: What that telephone was told of.
    """
    codes = {incident.code for incident in known}
    if reading.by_key or reading.several or reading.courtesy or reading.code in codes:
        return None
    if reading.code is None:
        rows = [] if codes else tx.all("incidents_open_few", most=_SEVERAL)
    else:
        rows = tx.all("incident_open_of_code", code=reading.code)
    found = [decode_state(row) for row in rows if is_readable(row)]
    return found[0] if len(found) == 1 and not found[0].plan.remind else None


def read_by(incident: Incident, who: Candidate, desk: Iterable[Candidate]) -> Heard:
    """Who reads what somebody in a case writes: the desk; what the desk writes, those who go; else it is on record.

    Args:
        incident: As it stands.
        who: Who wrote it.
        desk: Who sits at the desk now.
    """
    if any(telephone_of(one) != telephone_of(who) for one in desk):
        return Heard.PASSED_ON
    if who.role is not Role.DESK:
        return Heard.ON_RECORD
    standings = _WENT if incident.status is Status.CLOSED else ACTIVE
    others = (p.who for p in incident.participants if p.standing in standings and p.who.channels)
    told = any(telephone_of(one) != telephone_of(who) for one in others)
    return Heard.PASSED_TO_THEM if told else Heard.KEPT
