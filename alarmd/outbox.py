"""Sends what was committed. A row says "sending" before the call goes out, so a crash leaves a question, never a lie.

1. A row is queued in the transaction that decided on it.
2. It is claimed (``sending``, with a time by which its result is due) and only then handed to a provider.
3. *Accepted* is sent, not delivered. *Rejected* is remedied by its code. *Unknown*, and whatever a crash left in
   ``sending``, waits a moment for the first callback to name it, is then looked up at the provider, and only then sent
   again (promise 4).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

import structlog

from alarmd import journal, times
from alarmd.clock import Clock
from alarmd.engine import Engine, decode_state
from alarmd.messages import log_message, still_wanted
from alarmd.phone.circuit import Circuits
from alarmd.phone.provider import Accepted, Outcome, Outgoing, PhoneProvider, Rejected, Remedy, Unknown
from alarmd.store import Row, Store, StoreError, Transaction
from alarmd.waking import Alarm
from alarmd.watch.names import CANARY_PURPOSE
from escalation.incident import Purpose, Refused
from escalation.people import Channel

log = structlog.get_logger()

# How many may be under way on each channel: for urgent ones, and for all. What waits stays in its row, where it can be
# overtaken or withdrawn; a provider that hangs holds up the urgent ones last.
ROOM = {"sms": (32, 8), "voice": (32, 8), "device": (64, 32)}
URGENT_LANE = 1
RESULT_DUE = timedelta(seconds=40)  # longer than any timeout of a provider's transport
ASK_AFTER = timedelta(seconds=5)  # the first callback usually names a lost send sooner
RETRY_LATER = timedelta(seconds=60)
BACK_OFF_FIRST, BACK_OFF_MOST = timedelta(seconds=2), timedelta(seconds=30)
AGAIN_MOST = timedelta(minutes=4)
TEMPORARY_TRIES = 3
GIVE_UP_AFTER = timedelta(minutes=30)
LOOK_AGAIN_S = 5.0
WORKED_LATELY = timedelta(minutes=5)
# Not this country, not that unverified number: another provider may, but for everybody else this one works.
ONE_DESTINATION = {"21215", "21219", "21408", "21608"}


class Publisher(Protocol):
    """Whoever can publish to devices: the door, the broker's client."""

    async def publish(self, topic: str, payload: bytes) -> bool:
        """Hand it over; False if that was not possible now."""
        ...


class Outbox:
    """Claims due rows, hands them over, and brings the results back to the engine.

    Args:
        store: Where the rows are.
        engine: Who is told of refusals.
        clock: Says what is due.
        providers: Phone providers in order of preference; never empty.
        publisher: For replies to devices.
        phones_changed: Called after a provider went down or came back.
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
        self._providers = providers
        self._publisher = publisher
        self._alarm = Alarm(clock)
        self._tasks: set[asyncio.Task[None]] = set()
        self._in_flight: dict[str, str] = {}  # attempt → channel
        self._phones_changed = phones_changed
        self._circuits = Circuits()
        self._held: set[str] = set()  # incidents whose device was told to keep trying
        self._news = False
        engine.on_commit(self._alarm.wake)

    async def run(self) -> None:
        """Send what is due until cancelled."""
        await self._store.write(self._after_a_crash)
        while True:
            self._tell_of_phones()
            try:
                sent = await self._send_due()
                next_due = None if sent else await self._store.read(_next_due)
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

    # ------------------------------------------------------------ claiming

    def _after_a_crash(self, tx: Transaction) -> None:
        """Whatever the last run left in "sending" may or may not have gone out."""
        now = self._clock.now()
        for row in tx.all("outbox_interrupted"):
            if row["channel"] == "device":
                _settle(tx, row, "queued", now, due_at=now)
            else:
                self._unknown(tx, row, Unknown(reason="alarmd stopped while sending"), now)

    async def _send_due(self) -> int:
        """Claim what is due and may go out now, most urgent first; returns how many rows were looked at."""
        looked_at = 0
        for channel, (urgent_room, room) in ROOM.items():
            under_way = sum(1 for kind in self._in_flight.values() if kind == channel)
            rows = await self._due(channel, limit=urgent_room - under_way, room=room - under_way)
            # together, so that the claims share one commit and the first call need not wait for the last
            await asyncio.gather(*(self._start(row) for row in rows))
            looked_at += len(rows)
        return looked_at

    async def _due(self, channel: str, *, limit: int, room: int) -> list[Row]:
        if limit <= 0:
            return []
        now = times.to_text(self._clock.now())
        rows = await self._store.read(lambda tx: tx.all("outbox_due", now=now, channel=channel, limit=limit))
        return [row for i, row in enumerate(rows) if i < room or row["lane"] <= URGENT_LANE]

    async def _start(self, row: Row) -> None:
        provider = self._provider_for(row)
        claimed = await self._store.write(partial(self._claim, row=row, provider=provider.name))
        if claimed is None:
            return
        self._in_flight[row["attempt"]] = row["channel"]
        task = asyncio.create_task(self._hand_over(claimed, provider, reconcile=row["state"] != "queued"))
        self._tasks.add(task)
        task.add_done_callback(partial(self._finished, row["attempt"]))

    def _finished(self, attempt: str, task: asyncio.Task[None]) -> None:
        self._in_flight.pop(attempt, None)
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("sending failed", attempt=attempt, error=repr(task.exception()))
        self._alarm.wake()

    def _claim(self, tx: Transaction, *, row: Row, provider: str) -> Row | None:
        """Write down that it is being sent (or looked up) now; None if it was withdrawn or settled meanwhile."""
        now = self._clock.now()
        fresh = tx.one("outbox_get", attempt=row["attempt"])
        if fresh is None or fresh["state"] != row["state"] or fresh["due_at"] != row["due_at"]:
            return None
        if row["attempt"] in self._in_flight:  # a provider's pace may hold it back for longer than any time-out
            _settle(tx, fresh, fresh["state"], now, due_at=now + RESULT_DUE)
            return None
        due_at = times.to_text(now + RESULT_DUE)
        if row["state"] == "queued":
            tx.run("outbox_claim", attempt=row["attempt"], provider=provider, due_at=due_at, now=times.to_text(now))
        else:
            _settle(tx, fresh, "unknown", now, due_at=now + RESULT_DUE)
        return fresh

    def _provider_for(self, row: Row) -> PhoneProvider:
        if row["channel"] == "device":  # goes by MQTT
            return self._providers[0]
        named = {provider.name: provider for provider in self._providers}
        if row["state"] != "queued":  # only the one that may have taken it can say so
            return named.get(row["provider"], self._providers[0])
        return named[self._circuits.pick(list(named), tries=row["tries"], now=self._clock.now())]

    # ------------------------------------------------------------ sending

    async def _hand_over(self, row: Row, provider: PhoneProvider, *, reconcile: bool) -> None:
        outcome: Outcome
        if row["channel"] == "device":
            taken = await self._publisher.publish(row["destination"], row["body"].encode())
            outcome = Accepted(sid="") if taken else _NOBODY_TO_PUBLISH
        else:
            message = _outgoing(row)
            if reconcile:
                outcome = await provider.find(message, since=times.from_text(row["queued_at"]))
            else:
                outcome = await provider.send(message)
        settle = partial(
            self._settle_outcome, attempt=row["attempt"], outcome=outcome, provider=provider.name, reconcile=reconcile
        )
        await self._store.write(settle)
        self._engine.committed()
        self._tell_of_phones()

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
                self._provider_down(tx, provider, "", outcome.reason, now)
                self._hold(tx, [row["incident"]], now)

    def _accepted(self, tx: Transaction, row: Row, outcome: Accepted, provider: str, now: datetime) -> None:
        _settle(tx, row, "sent", now, sid=outcome.sid)
        if row["channel"] == "device":  # went by MQTT: says nothing about any phone provider
            if row["purpose"] != CANARY_PURPOSE:
                log_message(tx, row, "message.sent", now)
            return
        self._provider_back(tx, provider, self._circuits.worked(provider, now), now)
        log_message(tx, row, "message.sent", now, provider=provider, sid=outcome.sid)

    def _unknown(self, tx: Transaction, row: Row, outcome: Unknown, now: datetime) -> None:
        _settle(tx, row, "unknown", now, due_at=now + ASK_AFTER)
        log_message(tx, row, "message.unknown", now, reason=outcome.reason)

    def _send_again(self, tx: Transaction, row: Row, reason: str, now: datetime) -> None:
        """At once the first time; then at growing distances, for each may have rung after all; not for ever."""
        tries: int = row["tries"]
        if now - times.from_text(row["queued_at"]) > GIVE_UP_AFTER:
            self._refuse(tx, row, "", Remedy.OTHER_CHANNEL, now, reason=reason)
            return
        wait = min(BACK_OFF_FIRST * 2 ** min(tries, 10), AGAIN_MOST) if tries > len(self._providers) else timedelta(0)
        if self._requeue(tx, row, now, due_at=now + wait):
            log_message(tx, row, "message.queued", now, again=True, reason=reason)

    def _requeue(self, tx: Transaction, row: Row, now: datetime, *, due_at: datetime, code: str = "") -> bool:
        """Back into the queue, unless the incident went on without this message while it was under way."""
        stored = tx.one("incident_get", id=row["incident"]) if row["channel"] != "device" else None
        if stored is not None and not still_wanted(decode_state(stored), Purpose(row["purpose"]), row["person"]):
            _settle(tx, row, "withdrawn", now, code=code)
            return False
        _settle(tx, row, "queued", now, due_at=due_at, code=code)
        return True

    def rejected(self, tx: Transaction, row: Row, outcome: Rejected, provider: str, now: datetime) -> None:
        """A message was refused, at once or by a later callback: remedy it by its code."""
        remedy = outcome.remedy
        if row["channel"] != "device" and (remedy is Remedy.BACK_OFF or outcome.code in ONE_DESTINATION):
            self._provider_put_off(tx, provider, outcome, now)
        elif remedy is Remedy.NEXT_PROVIDER:
            self._provider_down(tx, provider, outcome.code, outcome.reason, now)
        if remedy in {Remedy.NEXT_PROVIDER, Remedy.BACK_OFF}:
            self._hold(tx, [row["incident"]] if row["channel"] != "device" else [], now)
            self._back_off(tx, row, outcome, now)
            return
        again = remedy is Remedy.OTHER_CHANNEL_AND_RETRY and row["tries"] < TEMPORARY_TRIES
        self._refuse(tx, row, outcome.code, remedy, now, reason=outcome.reason)
        if again:
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
        if len(self._providers) > 1 and row["tries"] < len(self._providers):
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
        )
        self._engine.happen(tx, incident, event, now)

    # ------------------------------------------------------------ providers

    @property
    def phones_silent(self) -> bool:
        """Whether no phone provider is known to work."""
        return self._circuits.all_down([provider.name for provider in self._providers])

    async def asked(self, provider: str, fault: str | None) -> None:
        """Somebody asked a provider whether it works, with nothing to send: it said so, or what is wrong.

        What was really sent counts for more: a provider that accepted something a moment ago is not taken for down.
        """
        now = self._clock.now()
        if fault is None and not self._circuits.is_down(provider):
            return
        if fault is not None and self._circuits.worked_within(provider, WORKED_LATELY, now):
            return

        def work(tx: Transaction) -> None:
            if fault is None:
                self._provider_back(tx, provider, self._circuits.answered(provider, now), now)
            else:
                self._provider_down(tx, provider, "", fault, now)

        await self._store.write(work)
        self._engine.committed()
        self._tell_of_phones()

    def _provider_put_off(self, tx: Transaction, provider: str, outcome: Rejected, now: datetime) -> None:
        if self._circuits.put_off(provider, now):
            self._note_down(tx, provider, outcome.code, outcome.reason, now)

    def _provider_down(self, tx: Transaction, provider: str, code: str, reason: str, now: datetime) -> None:
        """It refuses to work, or does not answer: while there is another, nobody else's message waits for it."""
        if self._circuits.failed(provider, now):
            self._note_down(tx, provider, code, reason, now)

    def _note_down(self, tx: Transaction, provider: str, code: str, reason: str, now: datetime) -> None:
        silent = self.phones_silent
        data = {"provider": provider, "code": code, "reason": reason, "all": silent, "owner": "desk"}
        journal.append(tx, now, journal.Entry(event="provider.down", data=data))
        log.error("phone provider down", provider=provider, code=code, reason=reason, none_left=silent)
        self._news = True
        if silent:
            self._hold(tx, self._engine.unanswered(tx), now)

    def _hold(self, tx: Transaction, incidents: Sequence[str | None], now: datetime) -> None:
        """While nobody can be rung, the device is told so: it repeats, and may have other ways to make itself heard."""
        if not self.phones_silent:
            return
        for incident in incidents:
            if incident is not None and incident not in self._held:
                self._held.add(incident)
                self._engine.reply(tx, incident, "hold", now)

    def _provider_back(self, tx: Transaction, provider: str, after: timedelta | None, now: datetime) -> None:
        if after is None:
            return
        data = {"provider": provider, "after_seconds": round(after.total_seconds(), 3)}
        journal.append(tx, now, journal.Entry(event="provider.back", data=data))
        self._news = True
        held, self._held = self._held, set()
        for incident in sorted(held):
            self._engine.reply(tx, incident, "kept", now)

    def _tell_of_phones(self) -> None:
        if self._news:
            self._news = False
            self._phones_changed()


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


def _next_due(tx: Transaction) -> datetime | None:
    row = tx.one("outbox_next_due")
    return times.from_text(row["due_at"]) if row and row["due_at"] else None
