"""Planted defects of people, hand-offs and memory: those of which the field has taught; see `tests.simulation.defects`.

None of them leans on how alarmd does it right: each does the wrong thing beside it, so that it stays wrong however the
code is written.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

from msgspec.structs import replace

from alarmd import called_away, circle, leaps, messages, one_call, outbox, replies, switchboard, times
from alarmd.callers import Callers
from alarmd.engine import Engine
from alarmd.intake import budget
from alarmd.intake.check_ins import CheckIns
from alarmd.phone.callbacks import SendStatus, StatusUpdate
from alarmd.store import Transaction
from alarmd.supervision import Supervision
from escalation import wanted
from escalation.decide import _Story
from escalation.draft import Draft
from escalation.incident import (
    Answered,
    Due,
    Event,
    HandedOver,
    HandoffState,
    Incident,
    Purpose,
    Refused,
    Send,
    Standing,
)
from escalation.people import Channel, Choice
from escalation.plan import Plan, Who
from escalation.rooms.room import Room
from tests.simulation import machine, town
from tests.simulation.defect import Defect, Patch
from tests.simulation.rules import channels, elsewhere, handoffs, memory, numbers, reaching, telling


def neighbour_confirms(patch: Patch) -> None:
    """Whoever has not answered yet is rung with the hand-off too, hears the door's code, and confirms it."""
    asked = Draft.hand_off_asked

    def everybody(self: Draft) -> tuple[str, ...]:
        waiting = (p.who.id for p in self.incident.participants if p.standing is Standing.ASKED)
        return tuple(dict.fromkeys((*asked(self), *waiting)))

    patch.setattr(Draft, "hand_off_asked", everybody)


def one_no_ends_it_for_all(patch: Patch) -> None:
    """The first who refuses the hand-off has it rejected, whoever else was asked."""
    handed_over = _Story._handed_over

    def refuse(self: _Story, event: HandedOver) -> None:
        handed_over(self, event)
        handoff = self.incident.handoff
        if handoff is not None and not event.accepted and handoff.state is HandoffState.QUEUED:
            self.change(handoff=replace(handoff, state=HandoffState.REJECTED))

    patch.setattr(_Story, "_handed_over", refuse)


def fire_asks_a_few(patch: Patch) -> None:
    """The plan for a fire as it was: five neighbours, then the ambulance, and nobody else."""
    book = town.plan_book()
    fire = book["fire"]
    few: dict[str, Plan] = book | {"fire": replace(fire, steps=fire.steps[:2], keep_asking=False)}
    patch.setattr(machine, "plan_book", lambda: few)


def asked_for_herself(patch: Patch) -> None:
    """Who presses lives nearest of all to her own door."""
    choose = circle.EnginePeople.choose

    def chosen(self: circle.EnginePeople, incident: Incident, step: int) -> Choice:
        choice = choose(self, incident, step)
        herself = self.person(incident, "zhou-r")
        if incident.resident != "zhou" or incident.plan.steps[step].contact is not Who.NEAREST or herself is None:
            return choice
        others = tuple(one for one in choice.chosen if one.id != herself.id)
        return replace(choice, chosen=(herself, *others))

    patch.setattr(circle.EnginePeople, "choose", chosen)


def called_twice_at_once(patch: Patch) -> None:
    """Each call is queued for each of those who share the telephone, and the outbox lets both go out."""
    queue = messages.Messages.queue

    def twice(self: Any, tx: Transaction, incident: Incident, send: Send, now: datetime) -> None:
        queue(self, tx, incident, send, now)
        rows = tx.all(
            "outbox_of_case", incident=incident.id, destination=circle.phone_of(tx, self._settings, send.to.id)
        )
        fresh = [row for row in rows if row["queued_at"] == times.to_text(now) and row["channel"] == send.channel]
        if send.channel is Channel.VOICE and fresh:
            names = ("incident", "person", "channel", "purpose", "lane", "destination", "body", "language")
            again = {name: fresh[0][name] for name in names}
            tx.run("outbox_insert", attempt=self._ids.attempt(), now=times.to_text(now), **again)

    patch.setattr(messages.Messages, "queue", twice)
    patch.setattr(outbox, "is_engaged", lambda *_: False)


def two_alarms_ring_one_telephone(patch: Patch) -> None:
    """A call looks only at those of its own alarm."""
    patch.setattr(one_call.OneCall, "waits", lambda *_: None)


def taken_is_told_to_who_goes(patch: Patch) -> None:
    """His yes tells her, who has the same telephone, that nobody need go."""
    patch.setattr(messages.Messages, "_numbers_that_go", lambda *_: frozenset())
    patch.setattr(wanted, "_not_for", lambda _purpose: frozenset())


def key_counts_for_whom_it_was_sent(patch: Patch) -> None:
    """A key or a reply is that person's in whose name the telephone was rung or texted, and not that of who goes."""
    patch.setattr(replies, "ACTIVE", frozenset())
    for module in (replies, switchboard):
        patch.setattr(module, "meant", lambda _incident, person, _known=None: person)


def log_tells_and_nobody_is_told(patch: Patch) -> None:
    """The version is counted up, the entry names whom it was told, and that is all."""
    patch.setattr(_Story, "_tell_line", lambda self, *_args, **_named: list(self.hand_off_asked()))


def needed_elsewhere_and_waited_for(patch: Patch) -> None:
    """Who lies on their own floor, or stands at another door, is on the way."""
    patch.setattr(Engine, "_call_away", lambda *_: None)


def sent_to_two_homes(patch: Patch) -> None:
    """Whom the operator sends to a second home is on the way to both."""
    patch.setattr(called_away, "by_going", lambda *_: ())


def line_is_left_to_wait(patch: Patch) -> None:
    """Who was announced to the ambulance does not come, and the crew waits for their key."""
    cannot, overdue = _Story._cannot, _Story._overdue

    def silently(self: Any, then: Any, *args: Any) -> None:
        self._update_hand_off = lambda **_: None
        then(self, *args)
        del self._update_hand_off

    patch.setattr(_Story, "_cannot", lambda self, one, event: silently(self, cannot, one, event))
    patch.setattr(_Story, "_overdue", lambda self, event: silently(self, overdue, event))


def desk_that_said_no_is_rung_alone(patch: Patch) -> None:
    """Its no changes nothing: it is rung again and again, and nobody else."""
    patch.setattr(Room, "_desk_may_take_it", lambda self: bool(self.people.desk(self.incident).chosen))


def press_is_no_news(patch: Patch) -> None:
    """Somebody has it: what she presses now is counted, and nobody hears of it."""
    patch.setattr(_Story, "_pressed_though_taken", lambda *_: None)


def check_in_is_lost_by_a_start(patch: Patch) -> None:
    """What was due while alarmd was away is taken for asked about."""
    due = CheckIns.due

    def after_the_start(self: CheckIns, now: datetime, settings: Any) -> Iterator[tuple[str, str, datetime]]:
        known = list(settings)
        if self._looked_at is None:
            local = now.astimezone(self._zone)
            by = {key: one.check_in_by for key, one in known if one.check_in_by is not None}
            self._asked.update({key: local.date() for key, moment in by.items() if moment <= local.time()})
        yield from due(self, now, known)

    patch.setattr(CheckIns, "due", after_the_start)


def failure_closes_the_channel(patch: Patch) -> None:
    """A call or text that failed, for whatever reason, is taken for a number that takes none."""
    status = switchboard.Switchboard._status

    def close(self: Any, tx: Transaction, *, update: StatusUpdate) -> None:
        status(self, tx, update=update)
        row = tx.one("outbox_get", attempt=update.attempt)
        if update.status not in {SendStatus.FAILED, SendStatus.UNDELIVERED} or row is None or row["incident"] is None:
            return
        stored = tx.one("incident_get", id=row["incident"])
        assert stored is not None
        refused = Refused(person=row["person"], channel=Channel(row["channel"]), code="21614")
        self._engine.happen(tx, stored, refused, self._clock.now())

    patch.setattr(switchboard.Switchboard, "_status", close)


def memory_moves_first(patch: Patch) -> None:
    """What is remembered of a signal is remembered at once, whatever becomes of its transaction."""
    patch.setattr(Transaction, "once_committed", lambda _self, call: call())


def time_of_a_wrong_clock_stays(patch: Patch) -> None:
    """What was earned by a clock that was ahead is reckoned by that clock when it is right again."""
    spend, latest = budget._Purses.of, WeakKeyDictionary[Any, datetime]()

    def by_the_latest(self: Any, spender: Any, at: datetime) -> Any:
        purse, quiet = spend(self, spender, at)
        latest[self] = purse.at = max(latest.get(self, at), at)
        return purse, quiet

    patch.setattr(budget._Purses, "of", by_the_latest)


def time_of_a_wrong_clock_is_stored(patch: Patch) -> None:
    """What the store has of a clock that was ahead is left there when it is right again."""
    patch.setattr(leaps, "bound", lambda *_, **__: None)


def settings_come_with_the_first_look(patch: Patch) -> None:
    """The doors are open a second before it is known what is set for whom."""
    load = Supervision.load

    async def later(self: Any) -> None:
        if self.__dict__.setdefault("asked_once", False):
            await load(self)
        self.asked_once = True

    patch.setattr(Supervision, "load", later)


def end_is_the_end(patch: Patch) -> None:
    """What comes after the close leaves no entry but that something changed."""
    after = _Story.after_the_end

    def forget(self: _Story, event: Event) -> None:
        if not isinstance(event, Answered | HandedOver | Due):
            after(self, event)

    patch.setattr(_Story, "after_the_end", forget)


def words_after_the_end_reach_nobody(patch: Patch) -> None:
    """What is written of an alarm that is over is read by nobody."""
    patch.setattr(Callers, "read_out", lambda *_: None)
    send = messages.Messages.queue

    def queue(self: Any, tx: Transaction, incident: Incident, effect: Send, now: datetime) -> None:
        if effect.purpose is not Purpose.SAID:
            send(self, tx, incident, effect, now)

    patch.setattr(messages.Messages, "queue", queue)


OF_PEOPLE: dict[str, Defect] = {
    plant.__name__: Defect(plant, breaks, *lately)
    for plant, breaks, *lately in (
        (neighbour_confirms, handoffs.ConfirmedByWhomItWasQueuedTo.name, 7),
        (one_no_ends_it_for_all, handoffs.OneNoEndsItForNobodyElse.name, 2),
        (fire_asks_a_few, handoffs.FireAsksEverybody.name, 2),
        (asked_for_herself, handoffs.NeverHerOwnResponder.name, 2),
        (called_twice_at_once, numbers.OneCallAtATime.name),
        (two_alarms_ring_one_telephone, numbers.OneCallAtATime.name),
        (taken_is_told_to_who_goes, numbers.NeverTakenToWhoGoes.name, 35),
        (key_counts_for_whom_it_was_sent, numbers.AKeyCountsForWhoGoes.name, 142),
        (log_tells_and_nobody_is_told, telling.ToldHasItsMessage.name, 30),
        (needed_elsewhere_and_waited_for, elsewhere.NobodyWaitsForWhoIsNeededElsewhere.name, 1),
        (sent_to_two_homes, elsewhere.OnePersonGoesToOneHome.name, 107),
        (line_is_left_to_wait, telling.TheLineHearsWhoDoesNotCome.name),
        (press_is_no_news, reaching.APressReachesSomebody.name, 1),
        (desk_that_said_no_is_rung_alone, reaching.WhoNeverAnsweredIsRungAgain.name, 16),
        (check_in_is_lost_by_a_start, reaching.WhoHasNotCheckedInIsAskedAbout.name, 33),
        (failure_closes_the_channel, channels.ClosedOnlyByACodeThatCloses.name, 1),
        (memory_moves_first, memory.MemoryFollowsTheCommit.name),
        (time_of_a_wrong_clock_stays, memory.NoTimeLiesAhead.name, 31),
        (time_of_a_wrong_clock_is_stored, memory.NoTimeLiesAhead.name, 31),
        (settings_come_with_the_first_look, memory.KnowsItsSettings.name, 4),
        (end_is_the_end, telling.WhatComesAfterTheCloseIsOnRecord.name, 1),
        (words_after_the_end_reach_nobody, telling.WhatComesAfterTheCloseIsOnRecord.reaches, 1),
    )
}
