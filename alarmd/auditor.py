"""A second pair of eyes, apart from the timers.

It looks for any open incident without a live deadline, repairs it and shouts.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from alarmd import journal, leaps, times
from alarmd.clock import Clock
from alarmd.engine import Engine, decode_state, is_readable
from alarmd.store import Row, StoreError, Transaction
from alarmd.waking import Alarm
from escalation.decide import longest_wait
from escalation.incident import Repaired

log = structlog.get_logger()

EVERY_S = 20.0
TOO_LATE = timedelta(seconds=30)  # a deadline nobody fired
TOO_FAR = timedelta(hours=6)  # a deadline nobody can have meant
SET_BACK = timedelta(seconds=30)  # by how much the clock must have gone back; less does no harm
AT_ONCE = 200


class Auditor:
    """Audits every `EVERY_S` seconds, and keeps the note by which the next start knows how long alarmd was away."""

    def __init__(self, *, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._alarm = Alarm(clock)
        self.repaired = 0

    def set_back(self, _now: datetime, _by: timedelta) -> None:
        """The clock went back: audit at once."""
        self._alarm.wake()

    async def run(self) -> None:
        """Audit until cancelled; the first time, at the start, what is only overdue is left to the timers."""
        first = True
        while True:
            try:
                await self.audit(leave_overdue=first)
            except StoreError as error:
                log.error("the auditor cannot reach the store", error=str(error))  # noqa: TRY400 - its text says it all
            first = False
            await self._alarm.until(None, at_most=EVERY_S)

    async def audit(self, *, leave_overdue: bool = False) -> int:
        """Look once; returns how many incidents had to be repaired.

        Args:
            leave_overdue: Look for what can never fire only, such as after a clock that was set back.
        """
        now = self._clock.now()
        store = self._engine.store
        seq, latest, alive_at = await store.read(_shown)
        set_back = _was_set_back(now, latest, alive_at)
        await leaps.bound_all(store, now, set_back=set_back)
        before = "" if leave_overdue else times.to_text(now - TOO_LATE)
        found = await store.write(lambda tx: _look(tx, now, before, set_back=set_back))
        held_up: StoreError | None = None
        for incident_id, due_at in found:
            log.error("incident without a live deadline", incident=incident_id, due_at=due_at)
            try:
                await self._engine.apply(incident_id, Repaired(found=f"due at {due_at}"))
            except StoreError as error:
                held_up = error
            except Exception as error:
                log.exception("not repaired", incident=incident_id, error=repr(error))
        if held_up is not None:
            raise held_up
        # Only now: after a crash, or when the disk has room again, the clock must still be known to have been set back.
        await store.write(lambda tx: _note(tx, now, seq))
        self.repaired += len(found)
        return len(found)

    async def note_absence(self) -> timedelta | None:
        """At the start: put on record from when to when nobody watched.

        Returns:
            How long that was; None at the very first start.
        """
        now = self._clock.now()
        store = self._engine.store
        _, latest, alive_at = await store.read(_shown)
        await leaps.bound_all(store, now, set_back=_was_set_back(now, latest, alive_at))

        def work(tx: Transaction) -> timedelta | None:
            _close_what_was_open(tx, now)
            return _record_absence(tx, alive_at, now) if alive_at else None

        return await store.write(work)


def _shown(tx: Transaction) -> tuple[int, datetime | None, datetime | None]:
    """The log's last entry; the latest time that the clock showed in it since the last audit; and when that was."""
    last, since, alive = tx.one("journal_last"), tx.one("journal_since_audit"), tx.one("note_get", name="last_alive")
    latest = times.from_text(since["latest"]) if since and since["latest"] else None
    return (last["seq"] if last else 0), latest, times.from_text(alive["value"]) if alive else None


def _note(tx: Transaction, now: datetime, seq: int) -> None:
    tx.run("note_set", name="last_alive", value=times.to_text(now))
    tx.run("note_set", name="audited", value=str(seq))


def _look(tx: Transaction, now: datetime, before: str, *, set_back: bool) -> list[tuple[str, str]]:
    found = tx.all("incidents_without_live_deadline", before=before, beyond=times.to_text(now + TOO_FAR), limit=AT_ONCE)
    rows = {row["id"]: row for row in found if not _is_meant(row, now)}
    if set_back:
        rows |= {row["id"]: row for row in tx.all("incidents_open") if is_readable(row)}
    return [(row["id"], row["due_at"]) for row in rows.values()]


def _was_set_back(now: datetime, latest: datetime | None, alive_at: datetime | None) -> bool:
    """Whether the clock went back: then whatever was due by the old time would come as late as the clock went back.

    That is every open incident: also what was overdue and could not be done, and what hides behind a nearer deadline.
    One that was set since then goes on a little early, which does no harm. The clock may have been set on and back
    again since the last audit, so the log is asked, too.
    """
    shown = [moment for moment in (latest, alive_at) if moment is not None]
    if not shown or max(shown) - now <= SET_BACK:
        return False
    log.error("the clock was set back", was=times.to_text(max(shown)), now=times.to_text(now))
    return True


def _is_meant(row: Row, now: datetime) -> bool:
    """Whether a far deadline is what the plan says: a step may wait overnight."""
    if row["due_at"] < times.to_text(now + TOO_FAR) or not is_readable(row):
        return False
    longest = longest_wait(decode_state(row).plan)
    return bool(row["due_at"] <= times.to_text(now + timedelta(seconds=longest)))


def _close_what_was_open(tx: Transaction, now: datetime) -> None:
    """What was silent for everybody when the last run ended was so until now; this run finds out for itself."""
    for row in tx.all("absences_open"):
        data = {"who": "everybody", "scope": row["scope"], "from": min(row["since"], times.to_text(now))}
        data["to"] = times.to_text(now)
        journal.append(tx, now, journal.Entry(event="exposure.closed", data=data))


def _record_absence(tx: Transaction, last_alive: datetime, now: datetime) -> timedelta:
    away = now - last_alive
    set_back = away < -SET_BACK
    if away > timedelta(seconds=2 * EVERY_S) or set_back:
        why = "alarmd was not running"
        data = {
            "who": "everybody",
            "why": f"{why}; since when, its clock cannot tell: it was ahead" if set_back else why,
            "from": times.to_text(min(last_alive, now)),
            "to": times.to_text(now),
        }
        journal.append(tx, now, journal.Entry(event="exposure.closed", data=data))
    return away
