"""Nobody's alarms bury those of others: shares of the phones, by incident, by telephone and by sender.

A provider takes one call a second; 1,500 alarms that one stolen password opens would hold up an honest press for
minutes. So each message has a turn. A few of one incident and to one telephone have it at once. The others are *ahead
of their share*: their turn comes a little later for each that waits already, messages within their share go first, and
only a few of them may be under way at a time. Residents go before devices that nobody registered; a user of the door
that opens incidents faster than any ward has its further ones stand behind those of others. While nothing waits, all
of this costs nobody anything: a turn is an order, not a time.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from alarmd import journal, times
from alarmd.store import Row, Transaction
from escalation.incident import Incident
from escalation.people import Channel

OF_INCIDENT, EACH_OF_INCIDENT = 8, timedelta(seconds=2)
"""Messages of one incident on one channel that have their turn at once, and what each further one stands behind."""
TO_NUMBER, EACH_TO_NUMBER = 3, timedelta(seconds=5)
"""The same for one telephone: the desk's may have a thousand calls waiting, and still hears them one by one."""
MOST_COUNTED = 200
STRANGERS_BEHIND = timedelta(minutes=5)
"""How much later a device that nobody registered has its turn than a resident, where messages have to wait."""
AT_ONCE, EACH_NEW = 20, timedelta(seconds=3)
"""New incidents of one sender that have their turn at once (a ward, a floor), and what each further one costs."""
NOBODY_STANDS_LONGER = MOST_COUNTED * EACH_NEW * 10
"""How far behind a turn may be at most."""
OF_DEVICE = "device:"
"""How the subject of an incident begins that is about a device nobody registered."""
TOLD_EVERY = timedelta(minutes=30)


def give_turn(
    tx: Transaction, *, attempt: str, incident: Incident, channel: Channel, destination: str, now: datetime
) -> None:
    """Give a message that was just queued its turn, if that is later than now.

    Args:
        tx: The transaction in which it was queued.
        attempt: Which.
        incident: Whose.
        channel: SMS or voice.
        destination: The telephone.
        now: The present.
    """
    of = tx.one("outbox_waits_of", incident=incident.id, channel=channel.value, most=MOST_COUNTED)
    to = tx.one("outbox_waits_to", destination=destination, channel=channel.value, most=MOST_COUNTED)
    assert of is not None
    assert to is not None
    behind = max(
        EACH_OF_INCIDENT * max(0, of["n"] - OF_INCIDENT),
        EACH_TO_NUMBER * max(0, to["n"] - TO_NUMBER),
    )
    if incident.subject.startswith(OF_DEVICE):
        behind = max(behind, STRANGERS_BEHIND)
    at = now + behind
    held = tx.one("incident_behind", incident=incident.id)
    if held is not None:
        at = max(at, times.from_text(held["until"]))
    if at > now:
        tx.run("outbox_turn", attempt=attempt, turn_at=times.to_text(at))


def stand_behind(tx: Transaction, incident: str, until: datetime) -> None:
    """Let the messages of a new incident give way until then; called before they are queued."""
    tx.run("incident_behind_put", incident=incident, until=times.to_text(until))


def opens(tx: Transaction, sender: str, now: datetime) -> tuple[datetime, bool]:
    """A sender opens an incident of a resident: until when it stands behind others, and whether the desk is to be told.

    Only who has a user of their own at the door is a sender here: a broker does not say who published.
    """
    row = tx.one("sender_pace", who=sender)
    next_at = max(now, times.from_text(row["next_at"])) if row else now
    next_at = min(next_at, now + NOBODY_STANDS_LONGER - EACH_NEW)
    told_at = row["told_at"] if row else ""
    until = max(now, next_at - (AT_ONCE - 1) * EACH_NEW)
    tell = until > now and not (told_at and timedelta(0) <= now - times.from_text(told_at) < TOLD_EVERY)
    if tell:
        told_at = times.to_text(now)
        data = {"sender": sender, "at_once": AT_ONCE, "each_seconds": EACH_NEW.total_seconds()}
        journal.append(tx, now, journal.Entry(event="sender.bounded", data=data))
    tx.run("sender_pace_put", who=sender, next_at=times.to_text(next_at + EACH_NEW), told_at=told_at)
    return until, tell


def is_ahead(row: Row, now: datetime) -> bool:
    """Whether a message's turn has not come yet."""
    return row["turn_at"] is not None and bool(row["turn_at"] > times.to_text(now))


def in_turn(rows: Iterable[Row], now: datetime, room: int) -> list[Row]:
    """Those of them that may go out now: all whose turn has come, and so many of the others."""
    found = []
    for row in rows:
        if is_ahead(row, now):
            if room <= 0:
                continue
            room -= 1
        found.append(row)
    return found
