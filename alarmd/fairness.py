"""Nobody's alarms bury those of others: shares of the phones, by incident, by telephone and by sender.

A provider takes one call a second; 1,500 alarms that one stolen password opens would hold up an honest press for
minutes. So each message has a turn. A few of one incident and to one telephone have it at once. The others are *ahead
of their share*: their turn comes a little later for each that waits already, messages within their share go first, and
only a few of them may be under way at a time. Residents go before devices that nobody registered; a user of the door
that opens incidents faster than any ward has its further ones stand behind those of others. A telephone that writes
faster than people do has its words gathered, and read once a minute. While nothing waits, all
of this costs nobody anything: a turn is an order, not a time.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from alarmd import journal, times
from alarmd.privacy import masked
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
TEXTS_AT_ONCE, EACH_TEXT = 4, timedelta(seconds=60)
"""Texts of one telephone about no incident that the desk gets at once, and how often one does after that."""
MOST_OF_WRITER = 700
"""Characters of what waits of one telephone for one reader; a carrier takes a segment of 67 a second."""
HELD_BACK = 2
"""The lane of texts of a telephone that writes faster: behind everybody who is asked to help."""
OF_DEVICE = "device:"
"""How the subject of an incident begins that is about a device nobody registered."""
OF_WRITER = "sms:"
"""How the name of a sender begins that is a telephone."""
TOLD_EVERY = timedelta(minutes=30)


class Pace(NamedTuple):
    """How far somebody is ahead of what one may ask for.

    Attributes:
        until: When it would be their turn.
        tell: Whether the desk is to be told.
    """

    until: datetime
    tell: bool


def give_turn(
    tx: Transaction, *, attempt: str, incident: Incident | None, channel: Channel, destination: str, now: datetime
) -> None:
    """Give a message that was just queued its turn, if that is later than now.

    Args:
        tx: The transaction in which it was queued.
        attempt: Which.
        incident: Whose; None where it is about none.
        channel: SMS or voice.
        destination: The telephone.
        now: The present.
    """
    to = tx.one("outbox_waits_to", destination=destination, channel=channel.value, most=MOST_COUNTED)
    assert to is not None
    at = now + EACH_TO_NUMBER * max(0, to["n"] - TO_NUMBER)
    if incident is not None:
        at = max(at, _turn_of_incident(tx, incident, channel, now))
    if at > now:
        tx.run("outbox_turn", attempt=attempt, turn_at=times.to_text(at))


def _turn_of_incident(tx: Transaction, incident: Incident, channel: Channel, now: datetime) -> datetime:
    of = tx.one("outbox_waits_of", incident=incident.id, channel=channel.value, most=MOST_COUNTED)
    assert of is not None
    at: datetime = now + EACH_OF_INCIDENT * max(0, of["n"] - OF_INCIDENT)
    if incident.subject.startswith(OF_DEVICE):
        at = max(at, now + STRANGERS_BEHIND)
    held = tx.one("incident_behind", incident=incident.id)
    return at if held is None else max(at, times.from_text(held["until"]))


def stand_behind(tx: Transaction, incident: str, until: datetime) -> None:
    """Let the messages of a new incident give way until then; called before they are queued."""
    tx.run("incident_behind_put", incident=incident, until=times.to_text(until))


def opens(tx: Transaction, sender: str, now: datetime) -> Pace:
    """A sender opens an incident of a resident: until when it stands behind others, and whether the desk is to be told.

    Only who has a user of their own at the door is a sender here: a broker does not say who published.
    """
    return _paced(tx, sender, sender, AT_ONCE, EACH_NEW, now)


def writes(tx: Transaction, number: str, now: datetime) -> Pace:
    """A telephone has the desk read something about no incident: from when on, and whether the desk is to be told.

    A number is easily forged, and needs no code for words. What it writes meanwhile joins what waits.
    """
    return _paced(tx, f"{OF_WRITER}{number}", f"{OF_WRITER}{masked(number)}", TEXTS_AT_ONCE, EACH_TEXT, now)


def hold_back(tx: Transaction, attempt: str, pace: Pace, now: datetime) -> None:
    """Let a text of a telephone that writes too fast wait until its turn, in which it gathers what comes meanwhile."""
    if pace.until > now:
        tx.run("outbox_held_back", attempt=attempt, due_at=times.to_text(pace.until), lane=HELD_BACK)


def _paced(tx: Transaction, who: str, shown: str, at_once: int, each: timedelta, now: datetime) -> Pace:
    row = tx.one("sender_pace", who=who)
    next_at = max(now, times.from_text(row["next_at"])) if row else now
    next_at = min(next_at, now + NOBODY_STANDS_LONGER - each)
    told_at = row["told_at"] if row else ""
    until = max(now, next_at - (at_once - 1) * each)
    tell = until > now and not (told_at and timedelta(0) <= now - times.from_text(told_at) < TOLD_EVERY)
    if tell:
        told_at = times.to_text(now)
        data = {"sender": shown, "at_once": at_once, "each_seconds": each.total_seconds()}
        journal.append(tx, now, journal.Entry(event="sender.bounded", data=data))
    tx.run("sender_pace_put", who=who, next_at=times.to_text(next_at + each), told_at=told_at)
    return Pace(until, tell)


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
