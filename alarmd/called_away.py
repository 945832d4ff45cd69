"""Who goes to one door and is needed elsewhere: found where their own alarm opens, or they arrive at another home.

Nobody says "I cannot" who lies on the floor, and who stands at another door has both hands full. So the incidents that
count on them are looked for in the transaction of that alarm, or of that arrival, and go on at once.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

import msgspec

from alarmd import times
from alarmd.circle import phone_of
from alarmd.directory import lookup
from alarmd.store import Transaction
from config.settings import Settings
from escalation.draft import ACTIVE, NEVER_CLOSED
from escalation.incident import CalledAway, Elsewhere, Incident, Standing
from escalation.people import Role

ASKED_LATELY = timedelta(hours=6)
"""Of what a telephone was told longer ago, nobody is asked any more."""
_TRAVELS_NOT = NEVER_CLOSED | {Role.RESIDENT}


def by_their_own_alarm(
    tx: Transaction, settings: Settings, incident: Incident, now: datetime
) -> Iterator[tuple[str, CalledAway]]:
    """Which incidents count on somebody whose own alarm this is, and on whom: by telephone, or by name and position.

    Args:
        tx: The transaction.
        settings: Whose numbers are whose.
        incident: Of a resident, about a person.
        now: The present.
    """
    resident = lookup.resident(tx, incident.resident) if incident.resident else None
    if resident is None or incident.plan.remind:
        return
    people = {row["id"]: row["phone"] for row in tx.all("responders_who_live_as", resident=resident.id)}
    phones = {resident.phone, *people.values()} - {""}
    yield from _counting_on(tx, settings, incident, people, phones, Elsewhere.OWN_ALARM, now)


def by_arriving(
    tx: Transaction, settings: Settings, before: Incident, after: Incident, now: datetime
) -> Iterator[tuple[str, CalledAway]]:
    """Which incidents of other homes count on somebody who has just arrived here, and on whom."""
    were = {p.who.id for p in before.participants if p.standing is Standing.ARRIVED}
    came = [
        p.who.id
        for p in after.participants
        if p.standing is Standing.ARRIVED and p.who.id not in were and p.who.role not in _TRAVELS_NOT
    ]
    if came:  # also where it was a device that they went for: at that door they are
        people = {who: phone_of(tx, settings, who) for who in came}
        phones = set(people.values()) - {""}
        yield from _counting_on(tx, settings, after, people, phones, Elsewhere.OTHER_DOOR, now)


def by_going(
    tx: Transaction, settings: Settings, before: Incident, after: Incident, now: datetime
) -> Iterator[tuple[str, CalledAway]]:
    """Which incidents of other homes count on somebody who goes here from now on, and on whom.

    One person is on the way to one home. Who says so themselves, and is on the way to another, follows here
    (`escalation.rooms.declining`); it is an operator who sends them here instead, and for a device nobody leaves.
    """
    if after.plan.remind:
        return
    went = {p.who.id for p in before.participants if p.standing in ACTIVE}
    going = [
        p.who.id
        for p in after.participants
        if p.standing in ACTIVE and p.who.id not in went and p.who.role not in _TRAVELS_NOT
    ]
    if going:
        people = {who: phone_of(tx, settings, who) for who in going}
        phones = set(people.values()) - {""}
        yield from _counting_on(tx, settings, after, people, phones, Elsewhere.OTHER_HOME, now)


def _counting_on(
    tx: Transaction,
    settings: Settings,
    incident: Incident,
    people: Mapping[str, str],
    phones: set[str],
    why: Elsewhere,
    now: datetime,
) -> Iterator[tuple[str, CalledAway]]:
    """Those with that telephone are meant too: one number is one person who goes."""
    homes = {incident.subject, *(lookup.of_one_home(tx, incident.resident) if incident.resident else ())}
    rows = tx.all(
        "incidents_of_people",
        people=json.dumps(list(people)),
        phones=json.dumps(sorted(phones)),
        but=incident.id,
        since=times.to_text(now - ASKED_LATELY),
    )
    for row in rows:
        try:
            other = msgspec.json.decode(row["state"], type=Incident)
        except msgspec.MsgspecError:
            continue  # what cannot be read is not told on; the auditor shouts about it
        if other.subject in homes:
            continue  # at that door they are
        for participant in other.participants:
            who = participant.who
            if who.role not in _TRAVELS_NOT and (who.id in people or phone_of(tx, settings, who.id) in phones):
                yield other.id, CalledAway(person=who.id, why=why, incident=incident.id)
