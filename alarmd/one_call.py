"""One number, one call: two alarms never ring one telephone at the same moment.

The second call would meet the busy sign, and a plan whose step does not repeat would leave that alarm with a text only.
So it waits in its row, looks again every moment, and is placed once the first has ended: the more urgent first. Its
words are decided when it is taken, and where its alarm needs it no more it is withdrawn like any other. The text that
goes with it waits for nothing, nor do the plan's steps. Where no text goes with it, it waits for some
seconds only: a press reaches somebody soon, and a switchboard has more lines than one.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from alarmd import times
from alarmd.messages import FIRST_WORD, RINGS_FOR
from alarmd.store import Row, Transaction
from escalation.people import Channel

LOOKS_AGAIN = timedelta(seconds=2)
"""How often the next call to a telephone that is engaged looks whether it is free."""
EACH_AHEAD, MOST_AHEAD = timedelta(seconds=0.5), 16
"""What each call that stands before it adds to that: a thousand that wait for one desk do not all look at once."""
URGENT_AT_MOST, AT_MOST = timedelta(minutes=1), timedelta(minutes=3)
"""How long a hand-off's call, and any other, waits for those of other alarms. Then it is placed beside them."""
UNTOLD_AT_MOST, WITH_IT = timedelta(seconds=8), timedelta(seconds=5)
"""And where no text was queued with it, or since."""
_TRIED_FOR = timedelta(
    hours=2
)  # nothing is tried for longer than half an hour, and a clock may be set ahead by an hour
_FIRST_LANE = 0


class OneCall:
    """Which calls wait for one of another alarm, and since when; a start forgets it, and they begin to wait anew."""

    def __init__(self) -> None:
        self._since: dict[str, datetime] = {}

    def waits(self, tx: Transaction, row: Row, now: datetime) -> timedelta | None:
        """How long a call that is about to be placed has to wait before it looks again; None where it may go out.

        Args:
            tx: The transaction that would claim it.
            row: Its row of the outbox, as it stands now.
            now: The present.
        """
        if row["channel"] != Channel.VOICE or row["incident"] is None:
            return None
        if not self._may_wait(row, now, at_most=_at_most(tx, row)):
            return None
        if self._is_engaged(tx, row, now):
            ahead = tx.one("outbox_calls_before", **_place(row), most=MOST_AHEAD)
            assert ahead is not None
            return self._hold(row, now, LOOKS_AGAIN + EACH_AHEAD * ahead["n"])
        if self._somebody_is_more_urgent(tx, row):
            return self._hold(row, now, LOOKS_AGAIN)
        self._since.pop(row["attempt"], None)
        return None

    def _hold(self, row: Row, now: datetime, wait: timedelta) -> timedelta:
        self._since = {one: at for one, at in self._since.items() if abs(now - at) < _TRIED_FOR}
        self._since.setdefault(row["attempt"], now)
        return wait

    def _may_wait(self, row: Row, now: datetime, *, at_most: timedelta) -> bool:
        since = self._since.get(row["attempt"])
        if since is None or since > now:  # a clock that was set back
            self._since.pop(row["attempt"], None)
            return True
        if now - since < at_most:
            return True
        del self._since[row["attempt"]]
        return False

    def _is_engaged(self, tx: Transaction, row: Row, now: datetime) -> bool:
        span = {
            "lately": times.to_text(now - _TRIED_FOR),
            "since": times.to_text(now - RINGS_FOR),
            "moment": times.to_text(now - FIRST_WORD),
        }
        it = {"incident": row["incident"], "destination": row["destination"]}
        return tx.one("outbox_call_of_another", **it, **span) is not None

    def _somebody_is_more_urgent(self, tx: Transaction, row: Row) -> bool:
        """Whether one that waits for this telephone as well goes first, now that it is free."""
        if row["lane"] == _FIRST_LANE or not self._since:
            return False
        before = tx.all("outbox_calls_more_urgent", destination=row["destination"], lane=row["lane"])
        return any(one["attempt"] in self._since for one in before)


def _at_most(tx: Transaction, row: Row) -> timedelta:
    with_it = times.to_text(times.from_text(row["queued_at"]) - WITH_IT)
    told = {"incident": row["incident"], "destination": row["destination"], "since": with_it}
    if tx.one("outbox_texted_there", **told) is None:
        return UNTOLD_AT_MOST
    return URGENT_AT_MOST if row["lane"] == _FIRST_LANE else AT_MOST


def _place(row: Row) -> dict[str, object]:
    return {"destination": row["destination"], "lane": row["lane"], "queued_at": row["queued_at"]}
