"""Sends what was committed. A row says "sending" before the call goes out, so a crash leaves a question, never a lie.

1. A row is queued in the transaction that decided on it.
2. It is claimed (``sending``, with a time by which its result is due) and only then handed to a provider.
3. *Accepted* is sent, not delivered. *Rejected* is remedied by its code. *Unknown*, and whatever a crash left in
   ``sending``, waits a moment for the first callback to name it, is then looked up at the provider, and only then sent
   again (promise 4).
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

import structlog

from alarmd import fairness, outbox_rows, readdressing, times
from alarmd.clock import Clock
from alarmd.engine import Engine, decode_state
from alarmd.messages import log_message
from alarmd.one_call import OneCall
from alarmd.outbox_rows import ROOM, URGENT_LANE, is_engaged, is_retired, too_late
from alarmd.phone.failover import Failover
from alarmd.phone.provider import Accepted, Outcome, Outgoing, PhoneProvider, Rejected, Remedy, Unknown
from alarmd.store import Row, Store, StoreError, Transaction
from alarmd.waking import Alarm
from alarmd.watch.names import CANARY_PURPOSE
from escalation.incident import Purpose, Refused
from escalation.people import Channel
from escalation.wanted import still_wanted

log = structlog.get_logger()

RESULT_DUE = timedelta(seconds=40)  # longer than any timeout of a provider's transport
ENGAGED_FOR = timedelta(seconds=2)  # until a telephone is looked at again that another call of the same alarm holds
ASK_AFTER = timedelta(seconds=5)  # the first callback usually names a lost send sooner
RETRY_LATER = timedelta(seconds=60)
BACK_OFF_FIRST, BACK_OFF_MOST = timedelta(seconds=2), timedelta(seconds=30)
AGAIN_MOST = timedelta(minutes=4)
TEMPORARY_TRIES = 3
GIVE_UP_AFTER = timedelta(minutes=30)
LOOK_AGAIN_S = 5.0
# Not this country, not that unverified number: another provider may, but for everybody else this one works.
ONE_DESTINATION = {"21215", "21219", "21408", "21608"}


class Publisher(Protocol):
    """Whoever can publish to devices: the door, the broker's client."""

    async def publish(self, topic: str, payload: bytes) -> bool:
        """Hand it over; False if that was not possible now."""
        ...


_READ_OUT = frozenset({Purpose.SAID, Purpose.HANDOFF_REFUSED, Purpose.MOVED})
"""What the desk reads, and hears where its telephone takes no texts."""


class Outbox:
    """Claims due rows, hands them over, and brings the results back to the engine.

    Args:
        store: Where the rows are.
        engine: Who is told of refusals.
        clock: Says what is due.
        providers: Phone providers in order of preference; never empty.
        publisher: For replies to devices.
        phones_changed: Called after a provider went down or came back.

    Attributes:
        handed_over: Set once the first message of this run has been handed over, whatever came of it.
    """

    def __init__(
        self,
        *,
        store: Store,
        engine: Engine,
        clock: Clock,
        providers: Sequence[PhoneProvider],
        publisher: Publisher,
        phones_changed: Callable[[], None] = lambda: None,
    ) -> None:
        self._store = store
        self._engine = engine
        self._clock = clock
        self.failover = Failover(store=store, engine=engine, clock=clock, providers=providers, changed=phones_changed)
        self._publisher = publisher
        self._alarm = Alarm(clock)
        self._tasks: set[asyncio.Task[None]] = set()
        self._in_flight: dict[str, tuple[str, bool]] = {}  # attempt → channel, and whether it is ahead of its share
        self._one_call = OneCall()
        self.handed_over = asyncio.Event()
        engine.on_commit(self._alarm.wake)

    async def run(self) -> None:
        """Send what is due until cancelled."""
        await self._store.write(self._after_a_crash)
        while True:
            self.failover.tell()
            try:
                sent = await self._send_due()
                next_due = None if sent else await self._store.read(outbox_rows.next_due, urgent=True)
            except StoreError as error:
                log.error("the outbox cannot reach the store", error=str(error))  # noqa: TRY400 - its text says it all
                sent, next_due = 0, None
            if not sent:
                # What is due already waits for room: whoever finishes wakes us.
                later = next_due if next_due is not None and next_due > self._clock.now() else None
                await self._alarm.until(later, at_most=LOOK_AGAIN_S)

    async def drain(self, seconds: float) -> None:
        """At the stop: let what was handed over finish, for a bounded time."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)

    async def abandon(self) -> None:
        """After `drain`, before the providers' connections close: what still goes on is looked up after the start."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # ------------------------------------------------------------ claiming

    def _after_a_crash(self, tx: Transaction) -> None:
        """What the last run left under way may or may not have gone out; what it waited for is gone with it.

        A look-up that was going on is begun anew within seconds, and what a provider or the missing connection put off
        is tried again at once: who was to be asked again when has been forgotten, and it surely rang nowhere. Only what
        may have rung already keeps its growing distances.
        """
        now = self._clock.now()
        soon = now + ASK_AFTER
        for row in tx.all("outbox_under_way", soon=times.to_text(soon)):
            if row["state"] == "unknown":
                _settle(tx, row, "unknown", now, due_at=soon)
            elif row["state"] == "queued" or row["channel"] == "device":
                _settle(tx, row, "queued", now, due_at=now, code=row["code"])
            else:
                self._unknown(tx, row, Unknown(reason="alarmd stopped while sending"), now)

    async def _send_due(self) -> int:
        """Claim what is due and may go out now, most urgent first; returns how many rows were looked at."""
        free = Counter({channel: urgent for channel, (urgent, _) in ROOM.items()})
        free.subtract(channel for channel, _ in self._in_flight.values())
        ahead = Counter(channel for channel, is_ahead in self._in_flight.values() if is_ahead)
        due = await self._store.read(
            partial(outbox_rows.due, now=self._clock.now(), free=free, ahead=ahead), urgent=True
        )
        if not due:
            return 0
        if any(row["lane"] <= URGENT_LANE for row in due):
            self._engine.way.claim()
        asked = [(row, self._provider_of(row)) for row in due]
        # one transaction for all: texts, calls and replies leave after the same commit
        claimed = await self._store.write(partial(self._claim_all, asked=asked))
        if len(claimed) < len(asked):  # somebody with no number any more: others may have been asked in their place
            self._engine.committed()
        fresh = [row for row, _ in claimed if row["state"] == "queued" and row["channel"] != "device"]
        outdated = await self._outdated([row["attempt"] for row in fresh])
        for row, provider in claimed:
            if row["attempt"] not in outdated:
                self._start(row, provider)
        return len(due)

    async def _outdated(self, attempts: list[str]) -> set[str]:
        """Which of the claimed need not go out any more: a slow disk leaves time for somebody to accept meanwhile."""
        if not attempts:
            return set()
        try:
            outdated = await self._store.read(partial(too_late, attempts=attempts), urgent=True)
            if outdated:
                await self._store.write(partial(_withdraw, attempts=outdated, now=self._clock.now()))
        except StoreError as error:  # who cannot be asked about is rung once too often, not once too little
            log.error("claimed messages go out unchecked", error=str(error))  # noqa: TRY400 - its text says it all
            return set()
        return outdated

    def _start(self, row: Row, provider: PhoneProvider) -> None:
        if row["lane"] <= URGENT_LANE:
            self._engine.way.claim()
        self._in_flight[row["attempt"]] = row["channel"], fairness.is_ahead(row, self._clock.now())
        task = asyncio.create_task(self._hand_over(row, provider, reconcile=row["state"] != "queued"))
        self._tasks.add(task)
        task.add_done_callback(partial(self._finished, row["attempt"]))

    def _provider_of(self, row: Row) -> PhoneProvider:
        if row["state"] == "queued" and row["channel"] != "device":
            return self.failover.pick(tries=row["tries"])
        return self.failover.named(row["provider"])  # only the one that may have taken it can say so

    def _finished(self, attempt: str, task: asyncio.Task[None]) -> None:
        self._in_flight.pop(attempt, None)
        self._tasks.discard(task)
        self.handed_over.set()
        if not task.cancelled() and task.exception() is not None:
            log.error("sending failed", attempt=attempt, error=repr(task.exception()))
        self._alarm.wake()

    def _claim_all(
        self, tx: Transaction, *, asked: Sequence[tuple[Row, PhoneProvider]]
    ) -> list[tuple[Row, PhoneProvider]]:
        claims = [(self._claim(tx, row=row, provider=provider.name), provider) for row, provider in asked]
        return [(row, provider) for row, provider in claims if row is not None]

    def _claim(self, tx: Transaction, *, row: Row, provider: str) -> Row | None:
        """Write down that it is being sent (or looked up) now; None if it was withdrawn or settled meanwhile."""
        now = self._clock.now()
        fresh = tx.one("outbox_get", attempt=row["attempt"])
        if fresh is None or fresh["state"] != row["state"] or fresh["due_at"] != row["due_at"]:
            return None
        if row["attempt"] in self._in_flight:  # a provider's pace may hold it back for longer than any time-out
            _settle(tx, fresh, fresh["state"], now, due_at=now + RESULT_DUE)
            return None
        if row["state"] == "queued" and is_retired(tx, fresh):
            _settle(tx, fresh, "withdrawn", now, code=fresh["code"])
            return None
        if row["state"] == "queued":
            try:
                fresh = readdressing.current(
                    tx, fresh, settings=self._engine.settings, messages=self._engine.messages, now=now
                )
            except readdressing.NowhereError as error:
                self._refuse(tx, fresh, "", Remedy.DEAD_NUMBER, now, reason=str(error))
                return None
        if (held := self._waits(tx, fresh, now)) is not None:
            tx.run("outbox_held", attempt=row["attempt"], due_at=times.to_text(now + held))
            return None
        due_at = times.to_text(now + RESULT_DUE)
        if row["state"] == "queued":
            tx.run("outbox_claim", attempt=row["attempt"], provider=provider, due_at=due_at, now=times.to_text(now))
        else:
            _settle(tx, fresh, "unknown", now, due_at=now + RESULT_DUE)
        return fresh

    def _waits(self, tx: Transaction, row: Row, now: datetime) -> timedelta | None:
        """How long a call waits for others to that telephone: one number, one conversation."""
        if row["state"] != "queued":
            return None
        return ENGAGED_FOR if is_engaged(tx, row, now) else self._one_call.waits(tx, row, now)

    # ------------------------------------------------------------ sending

    async def _hand_over(self, row: Row, provider: PhoneProvider, *, reconcile: bool) -> None:
        outcome: Outcome
        if row["channel"] == "device":
            taken = await self._publisher.publish(row["destination"], row["body"].encode())
            outcome = Accepted(sid="") if taken else _NOBODY_TO_PUBLISH
        else:
            message = _outgoing(row)
            if reconcile:
                outcome = await self.failover.look_up(provider, message, since=times.from_text(row["queued_at"]))
            else:
                outcome = await provider.send(message)
        settle = partial(
            self._settle_outcome, attempt=row["attempt"], outcome=outcome, provider=provider.name, reconcile=reconcile
        )
        await self._store.write(settle)
        self._engine.committed()
        self.failover.tell()

    def _settle_outcome(
        self, tx: Transaction, *, attempt: str, outcome: Outcome, provider: str, reconcile: bool
    ) -> None:
        now = self._clock.now()
        row = tx.one("outbox_get", attempt=attempt)
        if row is None or row["state"] not in {"sending", "unknown"}:
            return  # a callback was faster and named it already
        match outcome:
            case Accepted() if reconcile and tx.one("outbox_sid_of_another", sid=outcome.sid, attempt=attempt):
                self._send_again(tx, row, "what was found belongs to another message", now)
            case Accepted() if reconcile and outcome.sid and outcome.sid == row["sid"]:
                self._send_again(tx, row, "what was found is an earlier try", now)
            case Accepted():
                self._accepted(tx, row, outcome, provider, now)
            case Rejected() if reconcile:
                self._send_again(tx, row, outcome.reason, now)
            case Rejected():
                self.rejected(tx, row, outcome, provider, now)
            case Unknown() if reconcile:
                self._send_again(tx, row, outcome.reason, now)
            case Unknown():
                self._unknown(tx, row, outcome, now)
                self.failover.failed(tx, provider, "", outcome.reason, now)
                self.failover.hold(tx, [row["incident"]], now)

    def _accepted(self, tx: Transaction, row: Row, outcome: Accepted, provider: str, now: datetime) -> None:
        _settle(tx, row, "sent", now, sid=outcome.sid)
        if row["channel"] == "device":  # went by MQTT: says nothing about any phone provider
            if row["purpose"] != CANARY_PURPOSE:
                log_message(tx, row, "message.sent", now)
            return
        self.failover.worked(tx, provider, now)
        log_message(tx, row, "message.sent", now, provider=provider, sid=outcome.sid)

    def _unknown(self, tx: Transaction, row: Row, outcome: Unknown, now: datetime) -> None:
        _settle(tx, row, "unknown", now, due_at=now + ASK_AFTER)
        log_message(tx, row, "message.unknown", now, reason=outcome.reason)

    def _send_again(self, tx: Transaction, row: Row, reason: str, now: datetime) -> None:
        """At once the first time; then at growing distances, for each may have rung after all; not for ever."""
        tries: int = row["tries"]
        if now - times.from_text(row["queued_at"]) > GIVE_UP_AFTER:
            self._refuse(tx, row, "", Remedy.OTHER_CHANNEL_ONCE, now, reason=reason)  # nothing is known of the number
            return
        wait = (
            min(BACK_OFF_FIRST * 2 ** min(tries, 10), AGAIN_MOST)
            if tries > len(self.failover.providers)
            else timedelta(0)
        )
        if self._requeue(tx, row, now, due_at=now + wait):
            log_message(tx, row, "message.queued", now, again=True, reason=reason)

    def _requeue(self, tx: Transaction, row: Row, now: datetime, *, due_at: datetime, code: str = "") -> bool:
        """Back into the queue, unless the incident went on without it while it was under way, or its person left."""
        stored = tx.one("incident_get", id=row["incident"]) if row["channel"] != "device" else None
        wanted = stored is None or still_wanted(decode_state(stored), Purpose(row["purpose"]), row["person"])
        if not wanted or is_retired(tx, row):
            _settle(tx, row, "withdrawn", now, code=code)
            return False
        _settle(tx, row, "queued", now, due_at=due_at, code=code)
        return True

    def rejected(self, tx: Transaction, row: Row, outcome: Rejected, provider: str, now: datetime) -> None:
        """A message was refused, at once or by a later callback: remedy it by its code."""
        remedy = outcome.remedy
        if row["channel"] != "device" and (remedy is Remedy.BACK_OFF or outcome.code in ONE_DESTINATION):
            self.failover.put_off(tx, provider, outcome, now)
        elif remedy is Remedy.NEXT_PROVIDER:
            self.failover.failed(tx, provider, outcome.code, outcome.reason, now)
        if remedy in {Remedy.NEXT_PROVIDER, Remedy.BACK_OFF}:
            self.failover.hold(tx, [row["incident"]] if row["channel"] != "device" else [], now)
            self._back_off(tx, row, outcome, now)
            return
        self._refuse(tx, row, outcome.code, remedy, now, reason=outcome.reason)
        if remedy is Remedy.OTHER_CHANNEL_AND_RETRY and _is_worth_another_try(row, now):
            self._requeue(tx, row, now, due_at=now + RETRY_LATER, code=outcome.code)

    def _back_off(self, tx: Transaction, row: Row, outcome: Rejected, now: datetime) -> None:
        """The provider cannot just now: soon again, by another if there is one; not for ever."""
        if now - times.from_text(row["queued_at"]) > GIVE_UP_AFTER:
            # The provider failed, not the person: nobody is called unreachable for it.
            _settle(tx, row, "refused", now, code=outcome.code)
            log_message(tx, row, "message.refused", now, code=outcome.code, reason=outcome.reason, gave_up=True)
            return
        wait = min(BACK_OFF_FIRST * 2 ** min(row["tries"], 10), BACK_OFF_MOST)
        if outcome.retry_after is not None:
            wait = max(wait, timedelta(seconds=min(outcome.retry_after, 60.0)))
        if len(self.failover.providers) > 1 and row["tries"] < len(self.failover.providers):
            wait = timedelta(0)
        self._requeue(tx, row, now, due_at=now + wait, code=outcome.code)
        log_message(
            tx, row, "message.refused", now, code=outcome.code, reason=outcome.reason, again_in=wait.total_seconds()
        )

    def _refuse(self, tx: Transaction, row: Row, code: str, remedy: Remedy, now: datetime, *, reason: str = "") -> None:
        """A message will not arrive: settle it, log it, and let the incident go another way at once."""
        _settle(tx, row, "refused" if row["state"] == "sending" else "failed", now, code=code)
        log_message(tx, row, "message.refused", now, code=code, reason=reason, remedy=remedy.value)
        if row["channel"] == "device" or row["incident"] is None:
            return
        incident = tx.one("incident_get", id=row["incident"])
        assert incident is not None
        event = Refused(
            person=row["person"],
            channel=Channel(row["channel"]),
            code=code,
            dead_number=remedy is Remedy.DEAD_NUMBER,
            for_now=not remedy.closes,
            purpose=Purpose(row["purpose"]),
            words=row["body"] if row["purpose"] in _READ_OUT and row["channel"] == Channel.SMS else "",
        )
        self._engine.happen(tx, incident, event, now)


def _is_worth_another_try(row: Row, now: datetime) -> bool:
    """A few times; who goes needs the way and the door's code for as long as they may be under way."""
    if row["purpose"] == Purpose.DETAILS:
        return now - times.from_text(row["queued_at"]) < GIVE_UP_AFTER
    return bool(row["tries"] < TEMPORARY_TRIES)


_NOBODY_TO_PUBLISH = Rejected(code="mqtt", reason="no connection to publish on", remedy=Remedy.BACK_OFF)


def _outgoing(row: Row) -> Outgoing:
    return Outgoing(
        attempt=row["attempt"],
        channel=Channel(row["channel"]),
        to=row["destination"],
        body=row["body"],
        language=row["language"],
    )


def _settle(
    tx: Transaction,
    row: Row,
    state: str,
    now: datetime,
    *,
    due_at: datetime | None = None,
    sid: str = "",
    code: str = "",
) -> None:
    tx.run(
        "outbox_settle",
        attempt=row["attempt"],
        state=state,
        due_at=due_at and times.to_text(due_at),
        sid=sid,
        code=code,
        now=times.to_text(now),
    )


def _withdraw(tx: Transaction, *, attempts: set[str], now: datetime) -> None:
    for attempt in sorted(attempts):
        row = tx.one("outbox_get", attempt=attempt)
        if row is not None and row["state"] in {"sending", "unknown"}:
            _settle(tx, row, "withdrawn", now)
