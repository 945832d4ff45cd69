"""Which rows of the outbox are due and have room, and which must not go out after all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from alarmd import fairness, times
from alarmd.circle import CIRCLE_PREFIX, RESIDENT_PREFIX
from alarmd.engine import decode_state, is_readable
from alarmd.messages import FIRST_WORD, RINGS_FOR
from alarmd.store import Row, Transaction
from escalation.incident import Purpose
from escalation.people import Channel
from escalation.wanted import still_wanted

# How many may be under way on each channel: for urgent ones, and for all. What waits stays in its row, where it can be
# overtaken or withdrawn; a provider that hangs holds up the urgent ones last.
ROOM = {"sms": (32, 8), "voice": (32, 8), "device": (64, 32)}
URGENT_LANE = 1
# Of those, how many may be ahead of their share (alarmd.fairness): an honest alarm waits behind no more than these,
# and what is not urgent has some room beside them.
AHEAD = 6
_RETIRED_AS: Mapping[str, str] = MappingProxyType({CIRCLE_PREFIX: "circle", RESIDENT_PREFIX: "resident"})


def next_due(tx: Transaction) -> datetime | None:
    """When the next one is due."""
    row = tx.one("outbox_next_due")
    return times.from_text(row["due_at"]) if row and row["due_at"] else None


def due(tx: Transaction, *, now: datetime, free: Counter[str], ahead: Counter[str]) -> list[Row]:
    """What is due and has room, the urgent of each channel first; of what is ahead of its share only a few at once."""
    found = []
    for channel, (urgent_room, room) in ROOM.items():
        left = free[channel]
        may_be_ahead = AHEAD - ahead[channel]
        asked = {"now": times.to_text(now), "channel": channel, "limit": left, "all_of_them": may_be_ahead > 0}
        rows = tx.all("outbox_due", **asked) if left > 0 else []
        room -= urgent_room - left  # noqa: PLW2901 - what is under way takes it from both
        rows = [row for i, row in enumerate(rows) if i < room or row["lane"] <= URGENT_LANE]
        found += fairness.in_turn(rows, now, may_be_ahead)
    return found


def too_late(tx: Transaction, *, attempts: Sequence[str]) -> set[str]:
    """Which of them their incident needs no more, as it stands now."""
    return {
        row["attempt"]
        for attempt in attempts
        if (row := tx.one("outbox_with_state", attempt=attempt)) is not None
        and is_readable(row)
        and not still_wanted(decode_state(row), Purpose(row["purpose"]), row["person"])
    }


def is_engaged(tx: Transaction, row: Row, now: datetime) -> bool:
    """Whether a call would meet another of the same alarm at that telephone: it waits until that one has ended.

    A call whose end nobody reports holds nobody up for longer than it rings.
    """
    if row["channel"] != Channel.VOICE or row["incident"] is None:
        return False
    span = {"since": times.to_text(now - RINGS_FOR), "moment": times.to_text(now - FIRST_WORD)}
    it = {"incident": row["incident"], "destination": row["destination"], "attempt": row["attempt"]}
    return tx.one("outbox_call_goes_on", **it, **span) is not None


def is_retired(tx: Transaction, row: Row) -> bool:
    """Whether a text or call is for somebody who was retired since it was queued: they are neither rung nor texted.

    So it is with a message of no incident, of a closed one, refused for now, or of unknown outcome.
    """
    if row["channel"] == "device":
        return False
    person = str(row["person"])
    kind, id_ = next(
        ((kind, person.removeprefix(prefix)) for prefix, kind in _RETIRED_AS.items() if person.startswith(prefix)),
        ("responder", person),
    )
    return tx.one("retired_of", kind=kind, id=id_) is not None
