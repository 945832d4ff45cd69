"""Planted defects: what other systems did wrong, done to alarmd for the length of one test.

Each must be found by the simulation; a harness that cannot fail proves nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, cast

from alarmd import auditor, hanging_up, journal, messages, outbox, outbox_rows, switchboard, timers, times
from alarmd.engine import Engine
from alarmd.intake import futures, intake, keeping
from alarmd.phone import webhooks
from alarmd.phone.callbacks import SendStatus, StatusUpdate
from alarmd.phone.provider import Remedy, Unknown
from alarmd.store import Row, Transaction
from devices.meaning import meaning
from escalation import responders
from escalation.decide import _Story
from escalation.incident import Answer, Answered, Closed, DeadlineKind, Due, Event, Incident, Participant, Send
from escalation.rooms import asking
from tests.simulation.defect import Defect, Patch
from tests.simulation.defects_of_people import OF_PEOPLE


def acked_before_commit(patch: Patch) -> None:
    """Acknowledged into memory: whoever loses power next loses the press."""
    keep = intake.Intake._submit

    def acknowledge(self: intake.Intake, *args: Any) -> asyncio.Future[None]:
        keep(self, *args).add_done_callback(lambda kept: kept.exception())
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        done.set_result(None)
        return done

    patch.setattr(intake.Intake, "_submit", acknowledge)


def acked_although_not_kept(patch: Patch) -> None:
    """A full disk, and the device is told that all is well."""

    def resolve(future: asyncio.Future[None], error: Exception | None) -> None:
        if not future.done():
            future.set_result(None)

    patch.setattr(futures, "resolve", resolve)


def unregistered_ignored(patch: Patch) -> None:
    """A device that nobody registered says SOS, and is taken for noise."""
    patch.setattr(keeping, "meaning", lambda signal, kind: meaning(signal, kind) if kind else None)


def dedupe_too_wide(patch: Patch) -> None:
    """A second press minutes later is taken for a repeat of the first."""
    patch.setattr(keeping, "SAME_PRESS", timedelta(minutes=15))


def timers_in_memory(patch: Patch) -> None:
    """Deadlines set before the start are forgotten until something else happens."""
    run, set_deadline = timers.Timers.run, Engine._save

    async def forgetful_run(self: Any) -> None:
        self.known = self._engine.__dict__.setdefault("known", set())
        await run(self)

    def save(self: Any, tx: Transaction, incident: Incident, *, revision: int) -> None:
        self.__dict__.setdefault("known", set()).add(incident.id)
        set_deadline(self, tx, incident, revision=revision)

    async def fire(self: Any) -> int:
        now = times.to_text(self._clock.now())
        rows = await self._engine.store.read(lambda tx: tx.all("incidents_due", now=now, limit=64))
        results = await self._fire_each([row["id"] for row in rows if row["id"] in self.known])
        return sum(result for result in results.values() if isinstance(result, int))

    patch.setattr(timers.Timers, "run", forgetful_run)
    patch.setattr(timers.Timers, "fire", fire)
    patch.setattr(timers, "_next_due", lambda _tx: None)
    patch.setattr(Engine, "_save", save)


def failed_after_a_crash(patch: Patch) -> None:
    """What was being sent when the machine died is marked failed for ever."""

    def after_a_crash(self: outbox.Outbox, tx: Transaction) -> None:
        for row in tx.all("outbox_under_way", soon=times.to_text(self._clock.now())):
            outbox._settle(tx, row, "failed", self._clock.now())

    patch.setattr(outbox.Outbox, "_after_a_crash", after_a_crash)


def look_up_forgotten_by_a_start(patch: Patch) -> None:
    """A start takes up what was being sent; what was being looked up waits for the end of the last run's patience."""
    take_up = outbox.Outbox._after_a_crash

    class Half:
        def __init__(self, tx: Transaction) -> None:
            self._tx = tx

        def __getattr__(self, name: str) -> Any:
            return getattr(self._tx, name)

        def all(self, query: str, **values: Any) -> list[Row]:
            return [row for row in self._tx.all(query, **values) if row["state"] == "sending"]

    patch.setattr(outbox.Outbox, "_after_a_crash", lambda self, tx: take_up(self, cast("Transaction", Half(tx))))


def unknown_is_sent(patch: Patch) -> None:
    """No answer from the provider is taken for yes."""

    def unknown(self: outbox.Outbox, tx: Transaction, row: Row, outcome: Unknown, now: datetime) -> None:
        outbox._settle(tx, row, "sent", now)

    patch.setattr(outbox.Outbox, "_unknown", unknown)


def sent_again_blindly(patch: Patch) -> None:
    """No answer from the provider is taken for no."""

    def unknown(self: outbox.Outbox, tx: Transaction, row: Row, outcome: Unknown, now: datetime) -> None:
        outbox._settle(tx, row, "queued", now, due_at=now)

    patch.setattr(outbox.Outbox, "_unknown", unknown)


def step_skipped(patch: Patch) -> None:
    """The next step but one begins."""
    patch.setattr(
        _Story, "_go_on", lambda self: self._enter(min(self.incident.step + 2, len(self.incident.plan.steps)))
    )


def delivered_is_an_answer(patch: Patch) -> None:
    """A text that reached a handset is taken for somebody who goes."""
    status = switchboard.Switchboard._status

    def deliver(self: Any, tx: Transaction, *, update: StatusUpdate) -> None:
        status(self, tx, update=update)
        row = tx.one("outbox_get", attempt=update.attempt)
        if update.status is SendStatus.DELIVERED and row is not None and row["purpose"] == "ask":
            event = Answered(person=row["person"], answer=Answer.GO, via="sms")
            self._happen(tx, row["incident"], event, self._clock.now())

    patch.setattr(switchboard.Switchboard, "_status", deliver)


def voicemail_is_an_answer(patch: Patch) -> None:
    """A call that was taken, by whatever, is taken for somebody who goes."""
    taken = switchboard.Switchboard._answered

    def answered(self: Any, tx: Transaction, *, attempt: str, sid: str, answered_by: str) -> Any:
        row = tx.one("outbox_get", attempt=attempt)
        if row is not None and row["purpose"] == "ask":
            event = Answered(person=row["person"], answer=Answer.GO, via="voice")
            self._happen(tx, row["incident"], event, self._clock.now())
        return taken(self, tx, attempt=attempt, sid=sid, answered_by=answered_by)

    patch.setattr(switchboard.Switchboard, "_answered", answered)


def deadline_dropped_on_accept(patch: Patch) -> None:
    """Who said yes is believed for ever."""
    accept = _Story._accepted

    def accepted(self: _Story, participant: Participant, event: Answered) -> None:
        accept(self, participant, event)
        self.clear(DeadlineKind.ARRIVAL, participant.who.id)

    patch.setattr(_Story, "_accepted", accepted)


def overdue_not_escalated(patch: Patch) -> None:
    """Who does not come is noted, and nobody else is asked."""
    overdue = _Story._overdue

    def note(self: Any, event: Due) -> None:
        self._go_on = lambda: None
        overdue(self, event)
        del self._go_on

    patch.setattr(_Story, "_overdue", note)


def journal_entry_missing(patch: Patch) -> None:
    """One kind of entry never reaches the log."""
    append = journal.append

    def forget(tx: Transaction, now: datetime, entry: journal.Entry) -> int:
        return 0 if entry.event == "incident.declined" else append(tx, now, entry)

    patch.setattr(journal, "append", forget)


def queued_after_the_commit(patch: Patch) -> None:
    """The incident is stored first, and whom to ring in a transaction of its own after it."""

    def queue(self: Any, tx: Transaction, incident: Incident, send: Send, now: datetime) -> None:
        later = self.store.submit(lambda after: self._messages.queue(after, incident, send, now))
        later.add_done_callback(lambda done: self.committed() if done.exception() is None else None)

    patch.setattr(Engine, "_queue", queue)


def withdrawn_all_the_same_sent(patch: Patch) -> None:
    """What nobody need be told any more is told."""
    patch.setattr(messages.Messages, "withdraw", lambda *_: None)
    for module in (outbox, outbox_rows):
        patch.setattr(module, "still_wanted", lambda *_: True)


def desk_silent_after_decline(patch: Patch) -> None:
    """The desk said no once, and is never rung again."""
    patch.setattr(responders._Sieve, "_last_resort", lambda _self, _found, _skipped: ([], ""))
    patch.setattr(asking, "_RUNG_AGAIN", asking._RUNG_AGAIN[:2])


def failed_once_is_closed(patch: Patch) -> None:
    """Whatever was refused, be it for a moment, is never tried again."""
    patch.setattr(Remedy, "closes", property(lambda _: True))


def repeated_callbacks_count_twice(patch: Patch) -> None:
    """The provider asks its webhook again, and one key is two answers."""

    async def once(self: webhooks.Answers, digest: str, make: Callable[[], Any]) -> Any:
        return await make()

    patch.setattr(webhooks.Answers, "once", once)
    patch.setattr(switchboard, "_first_time", lambda *_: True)


def clock_set_back_unnoticed(patch: Patch) -> None:
    """Deadlines set by the old time come hours late."""
    patch.setattr(auditor, "_was_set_back", lambda *_: False)


def reset_closes(patch: Patch) -> None:
    """The device's reset is taken for the end."""
    tell = _Story.tell

    def told(self: _Story, event: Event) -> None:
        tell(self, event)
        if type(event).__name__ == "DeviceReset":
            self._closed(Closed(by="device", reason="reset"))

    patch.setattr(_Story, "tell", told)


def desk_not_reminded(patch: Patch) -> None:
    """A device is silent: the desk is told once, and never again."""
    patch.setattr(_Story, "_remind_desk", lambda self: self.set(DeadlineKind.REPEAT, self.now + timedelta(seconds=60)))


def hung_up_on_whom_it_needs(patch: Patch) -> None:
    """Every phone that rings is taken for one that rings in vain."""
    look = hanging_up.HangUps.look

    async def everywhere(self: hanging_up.HangUps) -> None:
        rows = await self._store.read(lambda tx: tx.all("incidents_unanswered"))
        self._watched |= {row["id"]: self._clock.now() + hanging_up.LOOKS_FOR for row in rows}
        await look(self)

    patch.setattr(hanging_up, "still_wanted", lambda *_: False)
    patch.setattr(hanging_up.HangUps, "look", everywhere)


DEFECTS: dict[str, Defect] = {
    plant.__name__: Defect(plant, breaks, *lately)
    for plant, breaks, *lately in (
        (acked_before_commit, "acknowledged means kept", 30),
        (acked_although_not_kept, "acknowledged means kept", 30),
        (unregistered_ignored, "acknowledged means kept"),
        (dedupe_too_wide, "acknowledged means kept", 1),
        (timers_in_memory, "every due step happens in time", 14),
        (failed_after_a_crash, "what is called refused was refused", 29),
        (look_up_forgotten_by_a_start, "what was under way is looked up after a start", 30),
        (unknown_is_sent, "what is called sent was taken", 16),
        (sent_again_blindly, "an unknown outcome is looked up before it is sent again", 16),
        (step_skipped, "no step is skipped in silence"),
        (delivered_is_an_answer, "only a person is an answer"),
        (voicemail_is_an_answer, "only a person is an answer"),
        (deadline_dropped_on_accept, "who accepted is waited for", 1),
        (overdue_not_escalated, "nobody takes it, so it goes on", 1),
        (journal_entry_missing, "the log tells the incident"),
        (queued_after_the_commit, "who is chosen is asked"),
        (withdrawn_all_the_same_sent, "what is withdrawn is not sent", 13),
        (desk_silent_after_decline, "nobody is silent", 72),
        (failed_once_is_closed, "a channel is closed only by a code that closes it", 1),
        (repeated_callbacks_count_twice, "only a person is an answer", 1),
        (clock_set_back_unnoticed, "no deadline is put off", 7),
        (reset_closes, "only a person closes", 1),
        (desk_not_reminded, "nobody is silent", 20),
        (hung_up_on_whom_it_needs, "who is needed is not hung up on"),
    )
} | OF_PEOPLE
