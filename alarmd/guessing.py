"""Texts that guess at codes: a sender's number is easily forged, and a code has four digits.

Wrong codes are counted by number and incident. After a few, no text from that number is an answer in that incident any
more, with the right code neither, and one without a code neither: it must come by a key in a call that we place, or by
the desk's hand. The incident goes on as if nobody had answered, the desk is told, and the number's owner is rung, also
who is asked by text only: who forges the number must not silence them. A few times, for each text could be the
forger's. What the texts say is read all the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from alarmd import journal, times
from alarmd.store import Transaction
from escalation.incident import Incident, Purpose, Status
from escalation.people import Role

WRONG_CODES = 3
"""Of one number in one incident, until its texts are no answers any more: a tired person mistypes twice."""
MOST_CALLS, CALLS_APART = 3, timedelta(minutes=2)
"""How often an owner is rung because of texts that would have been answers, and how long there is between two calls."""
_SAYS_WHAT_TO_DO = frozenset(Purpose) - {Purpose.SAID, Purpose.MOVED, Purpose.CLOSED, Purpose.AFTERCARE}


def count(tx: Transaction, number: str, incidents: Sequence[Incident], now: datetime) -> None:
    """A code came that no open alarm of this number has."""
    for incident in incidents:
        if incident.status is Status.CLOSED:
            continue
        tx.run("wrong_code_add", incident=incident.id, number=number)
        wrong = codes(tx, number, incident)
        if is_told(wrong):
            continue  # on record with what the desk reads of it
        data = {"why": "wrong_code", "via": "sms", "codes": wrong, "barred": wrong >= WRONG_CODES}
        entry = journal.Entry(event="message.unread", incident=incident.id, resident=incident.resident, data=data)
        journal.append(tx, now, entry)


def is_barred(tx: Transaction, number: str, incident: Incident) -> bool:
    """Whether texts from this number are no answers in that incident."""
    return codes(tx, number, incident) >= WRONG_CODES


def is_told(wrong: int) -> bool:
    """Whether the desk is told of that many: of each of the first, and then each time they have doubled."""
    return wrong <= WRONG_CODES or wrong & (wrong - 1) == 0


def codes(tx: Transaction, number: str, incident: Incident) -> int:
    """How many wrong ones came from that number in that incident."""
    row = tx.one("wrong_codes", incident=incident.id, number=number)
    return int(row["codes"]) if row is not None else 0


def answers(tx: Transaction, number: str, incident: Incident) -> bool:
    """One more text of a number that is barred would have been an answer; returns whether the desk is told of it."""
    tx.run("wrong_code_answer", incident=incident.id, number=number)
    row = tx.one("wrong_codes", incident=incident.id, number=number)
    return row is not None and is_told(int(row["answers"]))


def may_ring(tx: Transaction, number: str, incident: Incident, now: datetime) -> bool:
    """Whether a number's owner is rung now; it is counted."""
    row = tx.one("wrong_codes", incident=incident.id, number=number)
    if row is None or row["rung"] >= MOST_CALLS:
        return False
    if row["rung_at"] and timedelta(0) <= now - times.from_text(row["rung_at"]) < CALLS_APART:
        return False
    tx.run("wrong_code_rung", incident=incident.id, number=number, now=times.to_text(now))
    return True


def rung_for(purpose: Purpose, role: Role) -> Purpose:
    """What the call to a number's owner is about: what they were asked, also where they were sent news last."""
    if purpose in _SAYS_WHAT_TO_DO:
        return purpose
    return Purpose.DESK if role in {Role.DESK, Role.DISPATCH} else Purpose.ASK
