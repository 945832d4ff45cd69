"""No time that came from a clock lies ahead of now: not in the store, whatever showed it.

A clock that was ahead and is set right leaves times that are yet to come: a device heard in two hours hides its silence
until then, a test mode of then swallows a real press. So what is remembered to act by is bounded by now: when the store
is opened, when it is looked through (`alarmd.auditor`), and where it is used. In memory the same is done as soon as the
clock is seen to go back (`Supervision.on_set_back`).

Deadlines are meant to lie ahead, each no farther than anybody can have meant. The event log, signals and incidents are
the record of what the clock showed; it stays as it is, and whoever reads it knows that the present is later than
nothing.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import structlog

from alarmd import times
from alarmd.directory.proving import TEST_MODE
from alarmd.store import Transaction

log = structlog.get_logger()

NOTHING_WAITS_LONGER = timedelta(minutes=10)  # a message, from one try to the next
NEWEST = 5_000  # rows of the outbox that are looked at: it is never emptied
NO_EARLIER = datetime(2026, 6, 1, tzinfo=UTC)
"""A machine whose clock says less has not been told the time yet (1970): by that one nothing is bounded."""
_BOUND = (
    "bound_last_seen",
    "bound_tested_at",
    "bound_test_mode",
    "bound_exposures",
    "bound_notes",
    "bound_callbacks",
    "bound_outbox",
    "bound_outbox_due",
    "bound_retired",
    "bound_quarantine",
)


class Ahead(msgspec.Struct, frozen=True, kw_only=True):
    """Times of one column that lie ahead: ``device_life.last_seen``, how many, and the latest."""

    what: str
    count: int
    latest: datetime


def ahead(tx: Transaction, now: datetime) -> list[Ahead]:
    """What lies ahead of now and ought not to; nothing where all is well."""
    limits = _limits(now, set_back=False)
    return [
        Ahead(what=row["what"], count=row["n"], latest=times.from_text(row["latest"]))
        for row in tx.all("times_ahead", **limits)
        if row["n"]
    ]


def bound(tx: Transaction, now: datetime, *, set_back: bool) -> None:
    """Have nothing lie ahead of now.

    Args:
        tx: A transaction that may write.
        now: The present.
        set_back: The clock is known to have gone back: then no test mode holds, for nobody knows how long it was meant
            to last, and no message waits for a time of the old clock.
    """
    if now < NO_EARLIER:
        log.error("the clock has not been set: nothing is bounded by it", now=times.to_text(now))
        return
    limits = _limits(now, set_back=set_back)
    for query in _BOUND:
        tx.run(query, **limits)


def _limits(now: datetime, *, set_back: bool) -> dict[str, str | int]:
    return {
        "now": times.to_text(now),
        "test_mode": times.to_text(now if set_back else now + TEST_MODE),
        "put_off": times.to_text(now if set_back else now + NOTHING_WAITS_LONGER),
        "newest": NEWEST,
    }
