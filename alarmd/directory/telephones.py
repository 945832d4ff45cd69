"""Whose number it is: the number behind an id, and who shares a number."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

from alarmd import times
from alarmd.directory import lookup
from alarmd.store import Transaction
from config.settings import Settings
from escalation.people import Candidate, Choice, Resident

LINE = "line"
DESK_PREFIX = "desk:"
CIRCLE_PREFIX = "circle:"
RESIDENT_PREFIX = "resident:"
PRESSED_LATELY = timedelta(hours=1)


def phone_of(tx: Transaction, settings: Settings, who: str) -> str:
    """The number behind a candidate's id, E.164; empty where there is none (any more)."""
    if who == LINE:
        return str(settings.ambulance.phone or "")
    if who.startswith(DESK_PREFIX):
        index = int(who.removeprefix(DESK_PREFIX))
        phones = settings.service.desk_phones
        return phones[index] if index < len(phones) else ""
    if who.startswith(RESIDENT_PREFIX):
        resident = lookup.resident(tx, who.removeprefix(RESIDENT_PREFIX))
        return resident.phone if resident else ""
    if who.startswith(CIRCLE_PREFIX):
        circle = lookup.circle(tx, who.removeprefix(CIRCLE_PREFIX))
        return circle.phone if circle else ""
    responder = lookup.responder(tx, who)
    return responder.phone if responder else ""


def holders(tx: Transaction, settings: Settings, phone: str) -> list[str]:
    """Whose number it is, by the ids of candidates; always in the same order."""
    if not phone:
        return []
    line = [LINE] if phone == settings.ambulance.phone else []
    desk = [f"{DESK_PREFIX}{n}" for n, number in enumerate(settings.service.desk_phones) if number == phone]
    return [*line, *desk, *(row["id"] for row in tx.all("directory_holders_of_number", phone=phone))]


def telephone(tx: Transaction, settings: Settings, phone: str) -> str:
    """What a telephone that several share is called: the first of them by id; empty where one person has it."""
    found = holders(tx, settings, phone)
    return found[0] if len(found) > 1 else ""


def with_telephones(tx: Transaction, settings: Settings, choice: Choice, phones: Mapping[str, str]) -> Choice:
    """A choice whose people know with whom they share a telephone.

    Args:
        tx: The transaction.
        settings: The service's.
        choice: As it was made.
        phones: The number of each of them.
    """

    def told(one: Candidate) -> Candidate:
        shared = telephone(tx, settings, phones.get(one.id, ""))
        return msgspec.structs.replace(one, telephone=shared) if shared else one

    return msgspec.structs.replace(choice, chosen=tuple(told(one) for one in choice.chosen))


def in_need(tx: Transaction, people: Mapping[str, str], resident: Resident | None, now: datetime) -> frozenset[str]:
    """Who of these people has an open alarm in their own home: on that number, or by name at that very position.

    An hour after somebody arrived there they count no more: they may have been helped, and nobody have closed it. Who
    presses again then is in need again.

    Args:
        tx: The transaction.
        people: The number of each, by id.
        resident: Whose alarm is asked for, and so is not looked at.
        now: The present.
    """
    pairs = json.dumps(list(people.items()))
    rows = tx.all(
        "alarms_of_their_own",
        people=pairs,
        resident=resident.id if resident else "",
        now=times.to_text(now),
        lately=times.to_text(now - PRESSED_LATELY),
    )
    return frozenset(row["person"] for row in rows)


def engaged(
    tx: Transaction, people: Mapping[str, str], *, incident: str, homes: list[str], now: datetime
) -> frozenset[str]:
    """Who of these people, or who else has their telephone, goes to another home's emergency.

    Args:
        tx: The transaction.
        people: The number of each, by id.
        incident: The one for which they are wanted.
        homes: Whom they may go to all the same, by the subjects of incidents: those of one home.
        now: The present.
    """
    rows = tx.all(
        "engagement_elsewhere",
        people=json.dumps(list(people)),
        phones=json.dumps([phone for phone in people.values() if phone]),
        incident=incident,
        homes=json.dumps(homes),
        now=times.to_text(now),
    )
    busy = {row["person"] for row in rows}
    phones = {row["phone"] for row in rows} - {""}
    return frozenset(who for who, phone in people.items() if who in busy or phone in phones)
