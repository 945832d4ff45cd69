"""A decision being made: the incident as it changes and the effects so far, with the small hands that `decide` uses."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from msgspec.structs import replace

from escalation.incident import (
    Answered,
    Deadline,
    DeadlineKind,
    Effect,
    HandoffState,
    Incident,
    Log,
    Participant,
    People,
    Purpose,
    Reply,
    Send,
    Standing,
    Status,
)
from escalation.people import Candidate, Channel, Choice, Role, telephone_of
from escalation.plan import Step, Who

ACTIVE = frozenset({Standing.ACCEPTED, Standing.COMING, Standing.ARRIVED})
OUT = frozenset({Standing.DECLINED, Standing.UNREACHABLE})
TAKEN = frozenset({Status.ACCEPTED, Status.COMING, Status.ARRIVED})
KEPT = "kept"  # what a device is told of which nothing more is known than that it was heard
_FAR = {status: place for place, status in enumerate(Status)}
NEVER_CLOSED = frozenset({Role.DESK, Role.DISPATCH})  # they are rung again by voice, whatever became of the last call
AT_THE_LATEST = timedelta(seconds=60)
DEFAULT_CONFIRM = timedelta(seconds=120)  # the hand-off of a plan that has no step for it


class Draft:
    """The incident as it will be stored, and what will be committed with it."""

    def __init__(self, incident: Incident, now: datetime, people: People) -> None:
        self.incident = incident
        self.effects: list[Effect] = []
        self.now = now
        self.people = people
        self.said_no = ""  # by id, who declines by what is told

    def never_without_a_clock(self) -> None:
        """The last guard of promise 2: an open incident always has a deadline."""
        if self.incident.status is not Status.CLOSED and not self.incident.deadlines:
            kind = DeadlineKind.AFTERCARE if self.incident.status is Status.ARRIVED else DeadlineKind.REPEAT
            self.set(kind, self.now + AT_THE_LATEST)

    def device_hears_of_less(self, before: Status) -> None:
        """A lamp that says "coming" goes back to what is so when nobody is coming any more."""
        after = self.incident.status
        if before not in TAKEN or after is Status.CLOSED or _FAR[after] >= _FAR[before]:
            return
        self.effects.append(Reply(status=after.value if after in TAKEN else KEPT))

    def change(self, **fields: Any) -> None:
        """Change the incident's fields."""
        self.incident = replace(self.incident, **fields)

    def log(self, event: str, actor: str = "", **data: Any) -> None:
        """Have an entry written to the event log."""
        self.effects.append(Log(event=event, actor=actor, data=data))

    def send(self, to: Candidate, purpose: Purpose, only: Channel | None = None) -> None:
        """Have somebody told, through each of their channels that has not refused, or through one only.

        News for which ``only`` is SMS is not worth a call at night; a call to who cannot be called becomes a text. When
        every channel of theirs has refused, the others are tried, and then all again: silence is worse than one more
        refusal.
        """
        able = self._able(to)
        only = Channel.SMS if self.incident.plan.remind and Channel.SMS in able else only
        if only is not None and (only in able or only is Channel.SMS):
            also = [Channel.SMS] if self._takes_only_texts(to) and only is Channel.VOICE else []
            able = [channel for channel in able if channel in {only, *also}]
        self.effects.extend(Send(to=to, channel=channel, purpose=purpose) for channel in able)

    def sound(self, participant: Participant) -> frozenset[Channel]:
        """By which of their channels something may arrive: none that has refused for good, or lately for now."""
        return frozenset(participant.who.channels) - self.closed(participant.who) - self.doubtful(participant.who)

    def closed(self, who: Candidate) -> frozenset[Channel]:
        """What somebody's telephone has refused for good, in whose name soever it was told."""
        return frozenset(channel for one in self.with_telephone_of(who) for channel in one.failed)

    def doubtful(self, who: Candidate) -> frozenset[Channel]:
        """What somebody's telephone could not take for now."""
        return frozenset(channel for one in self.with_telephone_of(who) for channel in one.doubtful)

    def with_telephone_of(self, who: Candidate) -> list[Participant]:
        """Everybody of the case who has that telephone, themselves among them."""
        return [one for one in self.incident.participants if telephone_of(one.who) == telephone_of(who)]

    def _takes_only_texts(self, to: Candidate) -> bool:
        """Whether somebody who is called whatever became of the last call can only be texted."""
        return to.role in NEVER_CLOSED and self.closed(to) == {Channel.VOICE}

    def _able(self, to: Candidate) -> list[Channel]:
        failed = self.closed(to)
        if to.role in NEVER_CLOSED:
            failed -= {Channel.VOICE}
        able = [channel for channel in to.channels if channel not in failed]
        if self._takes_only_texts(to) and Channel.SMS not in able:
            able = [*able, Channel.SMS]
        doubtful = self.doubtful(to)
        if to.channels and to.role is not Role.RESIDENT and set(able) <= doubtful:
            able = [channel for channel in Channel if channel not in failed]  # none of their own is sound
        return able or list(to.channels)  # who may lie on the floor is not asked in writing

    def told(self, purpose: Purpose) -> list[str]:
        """By id, who is sent something for that reason by this decision: an entry that says told has its message."""
        sent = (e.to.id for e in self.effects if isinstance(e, Send) and e.purpose is purpose)
        return list(dict.fromkeys(sent))

    def words_for(self, who: Candidate) -> Purpose:
        """In which words somebody is asked once more: in those of the hand-off, while it waits for them."""
        return Purpose.HANDOFF if who.id in self.hand_off_waits_for() else purpose(who)

    def hand_off_waits_for(self) -> tuple[str, ...]:
        """By id, who was asked to confirm the hand-off and has not said no; nobody where it waits for nobody."""
        handoff = self.incident.handoff
        if handoff is None or handoff.state is not HandoffState.QUEUED:
            return ()
        return tuple(who for who in self.hand_off_asked() if who not in handoff.refused)

    def hand_off_asked(self) -> tuple[str, ...]:
        """To whom the hand-off was queued, by id."""
        handoff = self.incident.handoff
        if handoff is None or handoff.asked or handoff.state is HandoffState.REJECTED:
            return handoff.asked if handoff else ()
        return tuple(  # an incident that was opened before the hand-off kept them
            p.who.id for p in self.incident.participants if p.step == handoff.step and p.who.role in NEVER_CLOSED
        )

    def is_taken(self) -> bool:
        """Whether somebody has it in hand, so that nobody else need be asked."""
        return self.incident.status in TAKEN

    def find(self, who: str) -> Participant | None:
        """A participant by id."""
        return next((p for p in self.incident.participants if p.who.id == who), None)

    def put(self, participant: Participant) -> None:
        """Add a participant, or replace them in their place."""
        known = {p.who.id: p for p in self.incident.participants}
        self.change(participants=tuple((known | {participant.who.id: participant}).values()))

    def active(self) -> list[Participant]:
        """Who has taken it and has not failed."""
        return [p for p in self.incident.participants if p.standing in ACTIVE]

    def nobody_goes(self) -> bool:
        """Whether all who have taken it sit at a desk: nobody is on the way or there, and no ambulance."""
        return all(p.who.role is Role.DESK for p in self.active())

    def is_enough_without(self, gone: Participant) -> bool:
        """Whether others need not be asked now that somebody drops out who had taken it.

        Who sits at a desk goes nowhere, and reckoned with who went.
        """
        return self.somebody_has_it() and (gone.who.role in NEVER_CLOSED or not self.nobody_goes())

    def somebody_has_it(self) -> bool:
        """Whether others need not be asked; in a fire only by who goes: no desk and no ambulance puts it out."""
        if not self.incident.plan.keep_asking:
            return bool(self.active())
        return any(p.who.role not in NEVER_CLOSED for p in self.active())

    def somebody_has_it_but(self, gone: str) -> bool:
        """Whether somebody else than that person goes or has it."""
        return any(p.who.id != gone for p in self.active())

    def deadline(self, kind: DeadlineKind, person: str = "") -> Deadline | None:
        """A live deadline."""
        return next((d for d in self.incident.deadlines if d.kind is kind and d.person == person), None)

    def confirm_within(self, step: int) -> timedelta:
        """How long the hand-off of that step waits for a person to confirm it."""
        steps = self.incident.plan.steps
        return timedelta(seconds=steps[step].wait) if step < len(steps) else DEFAULT_CONFIRM

    def set(self, kind: DeadlineKind, due_at: datetime, person: str = "") -> None:
        """Set a deadline; there is one of each kind and person."""
        self.clear(kind, person)
        self.change(deadlines=(*self.incident.deadlines, Deadline(kind=kind, due_at=due_at, person=person)))

    def clear(self, kind: DeadlineKind, person: str | None = None) -> None:
        """Clear the deadlines of a kind, of one person or of all."""
        kept = tuple(
            d for d in self.incident.deadlines if d.kind is not kind or (person is not None and d.person != person)
        )
        self.change(deadlines=kept)


def purpose(who: Candidate) -> Purpose:
    """In which words somebody is asked."""
    if who.role is Role.DISPATCH:
        return Purpose.HANDOFF
    if who.role is Role.RESIDENT:
        return Purpose.VERIFY
    return Purpose.DESK if who.role is Role.DESK else Purpose.ASK


def contact(step: Step) -> str:
    """Whom a step means, as the plan writes it."""
    return f"role:{step.role}" if step.contact is Who.ROLE else step.contact.value


def chosen(choice: Choice) -> list[dict[str, Any]]:
    """The chosen, for the log."""
    return [
        {
            "id": c.id,
            "name": c.name,
            "by": [str(b) for b in c.channels],
            "travel_seconds": c.travel_seconds and round(c.travel_seconds),
        }
        for c in choice.chosen
    ]


def skipped(choice: Choice) -> list[dict[str, Any]]:
    """The others and why, for the log."""
    return [
        {"id": s.id, "name": s.name, "why": s.why.value} | ({"shared_with": s.shared_with} if s.shared_with else {})
        for s in choice.skipped
    ]


def answer(participant: Participant, event: Answered) -> dict[str, Any]:
    """Who answered and how, for the log."""
    data: dict[str, Any] = {
        "actor": participant.who.id,
        "name": participant.who.name,
        "role": participant.who.role.value,
        "via": event.via,
    }
    return data | {"by": event.by} if event.by else data
