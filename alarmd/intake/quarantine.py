"""What nobody could read, or what belongs to nobody, is kept raw: somebody can look at it, and it is no secret loss."""

from __future__ import annotations

from datetime import datetime, timedelta

from alarmd import journal, times
from alarmd.intake.delivery import Delivery
from alarmd.privacy import masked
from alarmd.store import Transaction

SAME_NOISE = timedelta(hours=1)
QUARANTINE_BYTES = 4096
QUARANTINE_ROWS = 10_000


def quarantine(tx: Transaction, delivery: Delivery, reason: str, now: datetime) -> None:
    """Keep a message raw, and say so in the log.

    The same topic for the same reason is told once an hour, with how often it came: a gateway that talks to itself must
    not fill the disk.
    """
    many = delivery.like.messages
    topic, since = delivery.topic[:1024], times.to_text(now - SAME_NOISE)
    again = tx.one("quarantine_recent", topic=topic, reason=reason, since=since, until=times.to_text(now))
    if again is not None:
        last = delivery.payload[:QUARANTINE_BYTES]
        tx.run("quarantine_again", id=again["id"], size=len(delivery.payload), payload=last, times=many)
        return
    tx.run(
        "quarantine_insert",
        received_at=times.to_text(delivery.received_at),
        topic=topic,
        reason=reason,
        size=len(delivery.payload),
        payload=delivery.payload[:QUARANTINE_BYTES],
        repeats=many - 1,
    )
    tx.run("quarantine_trim", keep=QUARANTINE_ROWS)
    data = {"topic": masked(delivery.topic), "reason": reason, "size": len(delivery.payload), "via": delivery.via}
    data |= delivery.like.facts()
    journal.append(tx, now, journal.Entry(event="signal.quarantined", data=data))
