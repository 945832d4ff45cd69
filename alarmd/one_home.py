"""Two alarms of one home: a couple, each with a button; who stands at their door stands at the door of both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from alarmd import presence
from alarmd.directory import lookup
from alarmd.store import Transaction
from escalation.draft import ACTIVE
from escalation.incident import Incident, Participant, Standing
from escalation.people import Candidate, Role, telephone_of

_GOES = ACTIVE | {Standing.OVERDUE, Standing.FOLLOWS}
_GOES_NOWHERE = frozenset({Role.DESK, Role.DISPATCH, Role.RESIDENT})


class Other(NamedTuple):
    """Another open alarm of the same home, and as whom somebody goes there (their id)."""

    incident: Incident
    person: str


def others_they_go_to(tx: Transaction, incident: Incident, who: Candidate) -> list[Other]:
    """The other open alarms of that home to which somebody goes, or another of their telephone.

    Args:
        tx: The transaction.
        incident: Of which alarm something is said.
        who: Who says it.
    """
    if who.role in _GOES_NOWHERE:
        return []
    goes = ((other, _as_whom(other, who)) for other in presence.others_of_the_home(tx, incident))
    return [Other(other, one.who.id) for other, one in goes if one is not None]


def are_one(tx: Transaction, incidents: Sequence[Incident]) -> bool:
    """Whether alarms are all of one home."""
    first = incidents[0].resident if incidents else None
    if first is None:
        return False
    home = set(lookup.of_one_home(tx, first))
    return all(incident.resident in home for incident in incidents)


def _as_whom(incident: Incident, who: Candidate) -> Participant | None:
    same = [p for p in incident.participants if p.standing in _GOES and p.who.role not in _GOES_NOWHERE]
    by_id = next((p for p in same if p.who.id == who.id), None)
    return by_id or next((p for p in same if telephone_of(p.who) == telephone_of(who)), None)
