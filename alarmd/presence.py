"""Who goes to a home, or is at its door, by whichever of its open alarms they were sent.

A couple, each with a button, or one resident with a button and a smoke detector: the second alarm is another incident,
and a helper who stands at that door is there for both. Texts and calls of the second alarm say so.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec
from msgspec.structs import replace

from alarmd.directory import lookup
from alarmd.store import Transaction
from escalation.incident import Incident, Participant, Standing
from escalation.people import Role, telephone_of

THERE_FOR = timedelta(hours=1)
"""How long who arrived is taken to be there still, where the other alarm was not closed (as for *engaged*)."""
_COMES = (Standing.ARRIVED, Standing.COMING, Standing.ACCEPTED)
_SAID_OTHERWISE = frozenset({*_COMES, Standing.DECLINED, Standing.OVERDUE, Standing.FOLLOWS})
_GOES_NOWHERE = frozenset({Role.DESK, Role.DISPATCH, Role.RESIDENT})


def of_the_home(tx: Transaction, incident: Incident, now: datetime) -> Incident:
    """The incident as it is to be told: with those who go to that home for another of its alarms.

    What somebody said of this alarm itself stands; and of one telephone the one who was asked is meant.

    Args:
        tx: The transaction.
        incident: Of which something is told; nothing here is stored.
        now: The present.
    """
    if incident.resident is None or incident.plan.remind:
        return incident
    said = [p for p in incident.participants if p.standing in _SAID_OTHERWISE]
    ids = {p.who.id for p in said}
    phones = {telephone_of(p.who) for p in said}
    there: dict[str, Participant] = {}
    elsewhere = ((p, other) for other in others_of_the_home(tx, incident) for p in other.participants)
    for found in (p for p, other in elsewhere if _comes(p, other, now)):
        if found.who.id in ids or telephone_of(found.who) in phones:
            continue
        known = there.get(found.who.id)
        if known is None or _COMES.index(found.standing) < _COMES.index(known.standing):
            there[found.who.id] = found
    if not there:
        return incident
    rest = tuple(p for p in incident.participants if p.who.id not in there)
    return replace(incident, participants=(*rest, *there.values()))


def others_of_the_home(tx: Transaction, incident: Incident) -> Iterator[Incident]:
    """The other open alarms of that home that are about people, not about a device."""
    for home in () if incident.resident is None else lookup.of_one_home(tx, incident.resident):
        for row in tx.all("incidents_open_of_subject", subject=home):
            if row["id"] == incident.id:
                continue
            try:
                other = msgspec.json.decode(row["state"], type=Incident)
            except msgspec.MsgspecError:
                continue  # what cannot be read is not told on; the auditor shouts about it
            if not other.plan.remind:
                yield other


def _comes(participant: Participant, incident: Incident, now: datetime) -> bool:
    if participant.who.role in _GOES_NOWHERE or participant.standing not in _COMES:
        return False
    since = participant.arrived_at or incident.opened_at
    return participant.standing is not Standing.ARRIVED or now - since < THERE_FOR
