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

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from types import MappingProxyType

import msgspec
import structlog

from alarmd import fairness, times
from alarmd.directory.proving import TEST_MODE
from alarmd.store import Store, Transaction

log = structlog.get_logger()

NOTHING_WAITS_LONGER = timedelta(minutes=10)  # a message, from one try to the next
NEWEST = 5_000  # rows of the outbox that are looked at: it is never emptied
AT_ONCE = 500  # of each column; a press waits for so many and not for a town's
NO_EARLIER = datetime(2026, 6, 1, tzinfo=UTC)
"""A machine whose clock says less has not been told the time yet (1970): by that one nothing is bounded."""
_BY: Mapping[str, str] = MappingProxyType(
    {
        "device_life.last_seen": "bound_last_seen",
        "device_proof.tested_at": "bound_tested_at",
        "device_proof.test_until": "bound_test_mode",
        "exposure.since": "bound_exposure",
        "note_to_self.value": "bound_note",
        "callback_seen.at": "bound_callback",
        "outbox.due_at": "bound_outbox_due",
        "outbox.queued_at": "bound_outbox",
        "outbox.turn_at": "bound_turn",
        "sender_pace.next_at": "bound_pace",
        "incident_behind.until": "bound_behind",
        "retired.at": "bound_retired",
        "quarantine.received_at": "bound_quarantine",
    }
)


class Ahead(msgspec.Struct, frozen=True, kw_only=True):
    """A time that lies ahead: of which column (``device_life.last_seen``), in which row, and what it says.

    Attributes:
        kind: Where the row's key has two parts, the other one.
    """

    what: str
    row: str | int
    at: str
    kind: str = ""


def ahead(tx: Transaction, now: datetime, *, set_back: bool = False) -> list[Ahead]:
    """What lies ahead of now and ought not to, at most `AT_ONCE` of each column; nothing where all is well.

    Args:
        tx: A transaction that reads: whole tables are looked through.
        now: The present.
        set_back: The clock is known to have gone back: then no test mode holds, for nobody knows how long it was meant
            to last, and no message waits for a time of the old clock, or has its turn by it.
    """
    rows = tx.all("times_ahead", **_limits(now, set_back=set_back), newest=NEWEST, most=AT_ONCE)
    return [Ahead(what=row["what"], row=row["row"], at=row["at"], kind=row["kind"]) for row in rows]


def bound(tx: Transaction, found: Sequence[Ahead], now: datetime, *, set_back: bool = False) -> None:
    """Have nothing of it lie ahead of now; what was written anew since it was found stays as it is.

    Args:
        tx: A transaction that may write.
        found: By `ahead`, with the same ``set_back``.
        now: The present.
        set_back: As above.
    """
    limits = _limits(now, set_back=set_back)
    for one in found:
        tx.run(_BY[one.what], row=one.row, kind=one.kind, **limits)


async def bound_all(store: Store, now: datetime, *, set_back: bool = False) -> int:
    """Find and bound all there is, a part at a time; returns how many times there were."""
    if now < NO_EARLIER:
        log.error("the clock has not been set: nothing is bounded by it", now=times.to_text(now))
        return 0
    count, most = 0, AT_ONCE
    while most >= AT_ONCE:  # with fewer it was all; what is put off meanwhile by the new clock is not meant
        found = await store.read(partial(ahead, now=now, set_back=set_back))
        most = max(Counter(one.what for one in found).values(), default=0)
        count += len(found)
        if found:
            await store.write(partial(bound, found=found, now=now, set_back=set_back))
    if count:
        log.warning("times lay ahead of now, and are bounded by it", count=count, now=times.to_text(now))
    return count


def _limits(now: datetime, *, set_back: bool) -> dict[str, str]:
    return {
        "now": times.to_text(now),
        "test_mode": times.to_text(now if set_back else now + TEST_MODE),
        "put_off": times.to_text(now if set_back else now + NOTHING_WAITS_LONGER),
        "turn": times.to_text(now if set_back else now + fairness.NOBODY_STANDS_LONGER),
    }
