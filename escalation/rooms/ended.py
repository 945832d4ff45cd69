"""The close, and what comes after it.

That is on record, and somebody reads it, for nobody else knows that it was not the end.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from escalation.draft import ACTIVE, OUT
from escalation.incident import (
    Answer,
    Answered,
    Closed,
    Event,
    HandedOver,
    HandoffState,
    Noted,
    Purpose,
    Refused,
    Reply,
    Said,
    Send,
    Standing,
    Status,
    Unsend,
)
from escalation.people import Candidate, Channel, Role, telephone_of
from escalation.rooms.ambulance import AT_THE_DESK, REJECTED, ordered
from escalation.rooms.telling import Telling

TAKEN_UP = "taken_up"  # why of `Said`: another incident has it by now
_OF_THE_DESK = {Answer.GO: "takes", Answer.CANNOT: "cannot_take"}  # it goes nowhere
_WENT = ACTIVE | {Standing.OVERDUE, Standing.FOLLOWS}
_NEVER_TOLD = frozenset({Role.DISPATCH, Role.RESIDENT})


class Ended(Telling):
    """An incident that is closed."""

    def _closed(self, event: Closed) -> None:
        handoff = self.incident.handoff
        self.log("incident.closed", actor=event.by, reason=event.reason)
        self.effects.append(Unsend())
        if handoff and (
            handoff.state is HandoffState.QUEUED or (handoff.state is HandoffState.ACCEPTED and event.cancel_ambulance)
        ):
            self._cancel_hand_off(event)
        for participant in self.incident.participants:
            if participant.standing not in OUT and participant.who.role is not Role.DISPATCH:
                by_call = participant.standing in _WENT and Channel.SMS not in self._able(participant.who)
                self.send(participant.who, Purpose.CLOSED, only=Channel.VOICE if by_call else Channel.SMS)
        self.change(
            status=Status.CLOSED,
            deadlines=(),
            closed_at=self.now,
            closed_by=event.by,
            close_reason=event.reason,
        )
        self.effects.append(Reply(status="closed"))

    def after_the_end(self, event: Event) -> None:
        """What comes after closing opens nothing again. What a person says then reaches the desk, and who closed it."""
        match event:
            case Answered():
                self._answered_late(event)
            case Noted():
                self._late(event.by, text=event.text)
            case HandedOver():
                self._handed_over_late(event)
            case Said():
                self._late(event.person, text=event.words, via=event.via)
                if event.why != TAKEN_UP:
                    self._reach(event.person, by=event.name, words=event.words, urgent=event.ambulance)
            case Refused():
                self._read_out_instead(event)
            case _:
                pass

    def _answered_late(self, event: Answered) -> None:
        role = self._role(event.person)
        if role is Role.DISPATCH and not event.by:  # the line goes nowhere: it takes a case, or it does not
            accepted = event.answer is not Answer.CANNOT
            self._handed_over_late(HandedOver(by=event.person, via=event.via, accepted=accepted))
            return
        at_desk = {"role": role.value} if role is Role.DESK else {}
        self._late(event.person, answer=event.answer, via=event.via, **at_desk)
        if not event.by and role is not Role.RESIDENT:
            said = _OF_THE_DESK.get(event.answer) if role is Role.DESK else None
            self._reach(event.person, answer=said or event.answer.value)

    def _handed_over_late(self, event: HandedOver) -> None:
        self._late(event.by, handed_over=event.accepted, via=event.via)
        if event.via != AT_THE_DESK:
            self._reach(event.by, answer=ordered(self._role(event.by) or Role.DESK) if event.accepted else REJECTED)

    def _role(self, who: str) -> Role | None:
        """What somebody is in the case; the desk's own people count also where they were never asked."""
        found = next((p.who for p in self.incident.participants if p.who.id == who), None) or self._at_desk(who)
        return found.role if found else None

    def _late(self, actor: str, **what: Any) -> None:
        self.log("incident.noted", actor=actor, **what, after_close=True)

    def _reach(self, whose: str, *, by: str = "", words: str = "", answer: str = "", urgent: bool = False) -> None:
        """The desk and who closed it; where there is neither, those who went."""
        speaker = self._who_is(whose)
        name = by or (speaker.name if speaker else whose)
        desk = self.people.desk(self.incident).chosen
        readers = _but(speaker, whose, (*desk, *self._who_closed()))
        from_desk = speaker is not None and speaker.role is Role.DESK
        if not readers:
            readers = _but(speaker, whose, (p.who for p in self.incident.participants if p.standing in _WENT))
        told = [one for one in readers if one.channels and one.role not in _NEVER_TOLD]
        for reader in told:
            for channel in self._how(reader, urgent=urgent):
                what = {"words": words, "by": name, "answer": answer, "whose": whose}
                self.effects.append(Send(to=reader, channel=channel, purpose=Purpose.SAID, **what))
        if not told and not from_desk:
            self.log("incident.gap", why="nobody at the desk to read it", contact="desk")

    def _who_is(self, who: str) -> Candidate | None:
        known = self.find(who)
        at_desk = (one for one in self.people.desk(self.incident).chosen if one.id == who)
        return known.who if known else next(at_desk, None) or self.people.person(self.incident, who)

    def _who_closed(self) -> tuple[Candidate, ...]:
        """A person of the case; an operator reads it at the desk."""
        by = self.incident.closed_by
        named = [p.who for p in self.incident.participants if by in {p.who.id, p.who.name}]
        known = None if named else self.people.person(self.incident, by)
        return (*named, *([known] if known else ()))

    def _how(self, reader: Candidate, *, urgent: bool) -> list[Channel]:
        """A text; a call where that telephone takes none; both where it is urgent."""
        closed = self.closed(reader)
        able = [channel for channel in reader.channels if channel not in closed]
        able = able or list(reader.channels)
        return able if urgent or Channel.SMS not in able else [Channel.SMS]


def _but(speaker: Candidate | None, whose: str, people: Iterable[Candidate]) -> list[Candidate]:
    """Each telephone once, without that of who has just said it."""
    own = telephone_of(speaker) if speaker else whose
    found: dict[str, Candidate] = {}
    for one in people:
        if telephone_of(one) != own and one.id != whose:
            found.setdefault(telephone_of(one), one)
    return list(found.values())
