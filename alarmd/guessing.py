"""Texts that guess at codes: a sender's number is easily forged, and a code has four digits.

Wrong codes are counted by number and incident. After a few, no text from that number is an answer in that incident any
more, with the right code neither, and one without a code neither: it must come by a key in a call that we place, or by
the desk's hand. The incident goes on as if nobody had answered, the desk is told, and the number's owner is rung. What
the texts say is read all the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from alarmd import journal
from alarmd.store import Transaction
from escalation.incident import Incident, Status

WRONG_CODES = 3
"""Of one number in one incident, until its texts are no answers any more: a tired person mistypes twice."""


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
