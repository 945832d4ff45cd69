"""The story of an incident, told in one place.

`decide` is pure: the same incident, event, time and people always give the same result, so a journal replayed through
it gives the stored incident. In the order in which it happens:

1. A press opens the incident and its first step begins: the people of that step are asked, all channels at once.
2. Nobody to ask in a step is a gap: it is logged, and the next step begins at once.
3. Somebody says "I go": the others are told, the steps stand still, and their time to arrive begins to run.
4. They say so again ("on my way"), they arrive, or they do not: then they are asked again and the next step begins.
5. Somebody says "I can't", or cannot be reached: the next nearest is asked in their place, or the next step begins.
6. The ambulance step rings the line or the desk until a person confirms the hand-off.
7. After the last step the desk rings until a person takes the incident.
8. Only a person closes it, and says why.

Where the plan says so, what a sensor said is verified first: the resident is rung, and their own key says that all is
well or that help is needed. No answer is a no. A press is never verified.

That is the main way of one press, and it stands here. The rooms beside it are `escalation.rooms`: asking, verifying
(the resident), declining (and who comes instead), leaving (who is needed elsewhere), ambulance (the hand-off), telling
(the desk what people write), moving (a device that goes on while help is under way), ended (the close, and what comes
after it), desk, quiet (plans for what concerns a device), repairing, and waits (how long for what).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from msgspec.structs import replace

from escalation.draft import answer, chosen, contact, skipped
from escalation.incident import (
    Answer,
    Answered,
    CalledAway,
    Closed,
    DeadlineKind,
    DeviceReset,
    Due,
    Effect,
    Event,
    HandedOver,
    Incident,
    Joined,
    Located,
    Noted,
    Participant,
    People,
    Pressed,
    Purpose,
    Recovered,
    Refused,
    Repaired,
    Reply,
    Said,
    Standing,
    Status,
    Unsend,
)
from escalation.people import Candidate, Channel, Choice, Role, telephone_of
from escalation.plan import Plan, Step, Who
from escalation.rooms.desk import Desk
from escalation.rooms.ended import Ended
from escalation.rooms.leaving import Leaving
from escalation.rooms.moving import Moving
from escalation.rooms.raising import Raising
from escalation.rooms.repairing import Repairing
from escalation.rooms.verifying import Verifying
from escalation.rooms.waits import AFTERCARE_EVERY, longest_wait, time_to_arrive
from escalation.telephones import COMES, meant, one_each

__all__ = ["decide", "longest_wait", "opening"]

PRESSED_BY_A_PERSON = frozenset({"sos", "assist"})


def opening(
    *,
    id: str,  # noqa: A002 - the incident's own word for it
    code: str,
    subject: str,
    resident: str | None,
    device: str,
    kind: str,
    plan: Plan,
    now: datetime,
    suspect: str = "",
    pressed_at: datetime | None = None,
) -> Incident:
    """An incident to which nothing has happened yet; the first `Pressed` goes through `decide` like any event."""
    return Incident(
        id=id,
        code=code,
        subject=subject,
        resident=resident,
        device=device,
        kind=kind,
        opened_at=now,
        plan=plan,
        presses=0,
        suspect=suspect,
        pressed_at=pressed_at,
    )


def decide(incident: Incident, event: Event, now: datetime, people: People) -> tuple[Incident, tuple[Effect, ...]]:
    """What becomes of the incident, and what follows.

    Args:
        incident: As stored.
        event: What happened.
        now: The present, aware UTC, read once for this decision.
        people: Who can be asked at this moment.

    Returns:
        The incident as it is to be stored, and the effects to be committed with it. An open one always has a deadline.
    """
    if incident.opened_at > now:  # the clock was ahead then, and was set right
        incident = replace(incident, opened_at=now)
    story = _Story(incident, now, people)
    if incident.status is Status.CLOSED:
        story.after_the_end(event)
    else:
        story.tell(event)
        story.device_hears_of_less(incident.status)
        wanted, story.effects = story.effects, one_each(story.effects, story.incident)
        story.told_is_sent(wanted)
    return story.incident, tuple(story.effects)


class _Story(Verifying, Leaving, Desk, Ended, Moving, Raising, Repairing):
    """What becomes of an incident, event by event."""

    def tell(self, event: Event) -> None:  # noqa: C901, PLR0912 - one line for each thing that can happen
        match event:
            case Pressed() if self.incident.step < 0:
                self._opened(event)
            case Pressed():
                self._pressed_again(event)
            case Joined():
                self._joined(event)
            case DeviceReset():
                self.log("incident.noted", device=event.device, reset=True, signal=event.signal)
            case Due():
                self._due(event)
            case Answered():
                self._answered(event)
            case CalledAway():
                self._called_away(event)
            case Refused():
                self._read_out_instead(event)
                if self._refused(event):
                    self._raised_in_vain(event)
            case HandedOver():
                self._handed_over(event)
            case Noted():
                self.log("incident.noted", actor=event.by, text=event.text)
            case Closed():
                self._closed(event)
            case Repaired():
                self._repaired(event)
            case Recovered():
                self._recovered(event)
            case Said():
                self._said(event)
            case Located():
                self._located(event)
        self.never_without_a_clock()

    # ------------------------------------------------------------ pressing

    def _opened(self, event: Pressed) -> None:
        self.change(presses=1)
        data: dict[str, Any] = {
            "kind": self.incident.kind,
            "code": self.incident.code,
            "plan": self.incident.plan.name,
            "signal": event.signal,
        }
        if event.suspect:
            data["suspect"] = event.suspect
        if event.pressed_at:
            data["pressed_at"] = event.pressed_at
        if event.text:
            data["text"] = event.text
        self._in_her_words(event)
        if event.fix:
            self.change(fix=event.fix)
            data["fix"] = event.fix
        self.log("incident.opened", **data, **self._or_of(event))
        self._enter(0)

    def _in_her_words(self, event: Pressed) -> None:
        """What she wrote goes with the hand-off."""
        if event.device == Channel.SMS and event.text:
            self.change(heard=event.text)

    def _pressed_again(self, event: Pressed) -> None:
        self._in_her_words(event)
        if event.fix is not None:
            self.change(fix=event.fix)
        at, also = event.pressed_at, self._or_of(event)
        if at is None:
            self._raised(signal=event.signal, device=event.device, **also)
            return
        if at < (self.incident.pressed_at or self.incident.opened_at):
            self.change(pressed_at=at)  # one that waited: help was asked for earlier than anybody here knew
        self._raised(signal=event.signal, device=event.device, pressed_at=at, **also)

    def _or_of(self, event: Pressed) -> dict[str, Any]:
        """Whose cry it may be too, by the telephone it came from; for the log."""
        self.change(also=tuple(dict.fromkeys((*self.incident.also, *event.also))))
        return {"also": list(event.also)} if event.also else {}

    def _raised(self, **said: Any) -> None:
        """Help is asked for once more, by a device or in the resident's own words."""
        presses = self.incident.presses + 1
        self.change(presses=presses)
        besides = self.is_taken() and self._asks_besides() and not self.incident.plan.remind
        has_it: dict[str, Any] = {"besides": [p.who.id for p in self.active()]} if besides else {}
        self.log("incident.raised", presses=presses, **said, **has_it)
        if self.incident.plan.remind:
            self._troubled_again()
        elif self._verifies():
            pass  # the resident is being asked; a radar says "fall" again as long as it sees one
        elif self.is_taken():
            self._pressed_though_taken()
        elif self._brings_the_next_step():
            self._ring_again()  # nobody knows yet whether the next step reaches anybody
            self._go_on()
            if self.is_taken():  # no step was left, and the line has it
                self._pressed_though_taken()
            else:
                self._tell_who_has_it()  # somebody may be on the way, and others are asked all the same
        else:
            heard = self._ring_again()
            self._ring_hand_off()
            if heard or self._hand_off_is_heard():
                self._tell_who_has_it()
            else:
                self._pressed_though_taken()

    # ------------------------------------------------------------ steps

    def _enter(self, index: int) -> None:
        """The first step from this one on that has somebody to ask, and those that begin together with it."""
        steps = self.incident.plan.steps
        begun: int | None = None
        while index < len(steps) and not (begun is not None and not steps[index].together):
            self.change(step=index)
            begun = index if self._begin(index, steps[index]) else begun
            index += 1
        if begun is None:
            self._nobody_left()
        else:
            self.change(step=begun)

    def _begin(self, index: int, step: Step) -> bool:
        """Whether a step has somebody to ask who may hear it; whom it has is asked in any case."""
        if self._is_left_out(step):
            return False
        choice = self.people.choose(self.incident, index)
        is_heard = any(self.may_hear(candidate) for candidate in choice.chosen)
        if not choice.chosen:
            self.log("incident.gap", step=index + 1, contact=contact(step), why=choice.gap, skipped=skipped(choice))
        elif step.contact is Who.AMBULANCE:
            self._hand_off(index, step, choice, beside=not is_heard)  # then the next step does not wait for it
        else:
            self._ask_step(index, step, choice)
        return is_heard

    def _is_left_out(self, step: Step) -> bool:
        """Who pressed has said it already and is not asked again; an ambulance that comes is not ordered again.

        Nor is one that is being ordered, because somebody called for it before the plan did.
        """
        if step.contact is Who.RESIDENT:
            return self.incident.kind in PRESSED_BY_A_PERSON
        return step.contact is Who.AMBULANCE and (self._handed_over_already() or self._hand_off_waits())

    def _ask_step(self, index: int, step: Step, choice: Choice) -> None:
        until = self.now + timedelta(seconds=step.wait)
        self.log(
            "incident.step",
            step=index + 1,
            contact=contact(step),
            chosen=chosen(choice),
            skipped=skipped(choice),
            until=until,
        )
        for candidate in choice.chosen:
            self._ask(candidate, index)
        self.change(status=Status.NOTIFYING)
        self.set(DeadlineKind.STEP, until)
        self.clear(DeadlineKind.REPEAT)
        if step.repeat:
            self.set(DeadlineKind.REPEAT, self.now + timedelta(seconds=step.repeat))

    def _go_on(self) -> None:
        """The next step begins now; after the last one, the desk rings again."""
        self._resident_is_silent()
        self._enter(min(self.incident.step + 1, len(self.incident.plan.steps)))

    # ------------------------------------------------------------ answers

    def _who_answers(self, event: Answered) -> Participant:
        """Of the people of a telephone the one who goes is meant; an operator says who."""
        person = event.person if event.by else meant(self.incident, event.person)
        participant = self.find(person)
        if participant is not None:
            return participant
        candidate = self.people.person(self.incident, person) or self._at_desk(person)
        goes = self.find(meant(self.incident, person, candidate)) if candidate and not event.by else None
        if goes is not None:
            return goes
        if candidate is None:
            candidate = Candidate(id=person, name=event.by or person, role=Role.DESK, language="", channels=())
        return Participant(who=candidate, step=max(self.incident.step, 0))

    def _answered(self, event: Answered) -> None:
        participant = self._who_answers(event)
        event = replace(event, person=participant.who.id)
        if participant.who.role is Role.RESIDENT:
            self._resident_answered(participant, event, asked=self.find(event.person) is not None)
            return
        match event.answer:
            case _ if self._answers_from_afar(participant, event):
                pass
            case Answer.GO if participant.standing is Standing.ARRIVED:
                pass
            case Answer.GO if participant.standing in {Standing.ACCEPTED, Standing.COMING}:
                self._coming(participant, event)
            case Answer.GO if self._cannot_be_waited_for(participant.who, event):
                self._follows(participant, event)
            case Answer.GO:
                self._accepted(participant, event)
            case Answer.CANNOT:
                self._cannot(participant, event)
            case Answer.THERE:
                self._arrived(participant, event)

    def _accepted(self, participant: Participant, event: Answered) -> None:
        first = not self.is_taken()
        arrive_by = self.now + time_to_arrive(participant.who, self.incident.plan)
        self.put(replace(participant, standing=Standing.ACCEPTED, arrive_by=arrive_by))
        self.log("incident.accepted", **answer(participant, event), arrive_by=arrive_by, also=not first)
        self.set(DeadlineKind.ARRIVAL, arrive_by, participant.who.id)
        self._details(replace(participant, standing=Standing.ACCEPTED), event)
        if first:
            if self.nobody_goes():
                self.change(counted_from=self.incident.presses)
            if not (participant.who.role is Role.DESK and self._goes_on_asking()):  # who sits at a desk goes to no fire
                self.change(status=Status.ACCEPTED)
                self._stand_still(except_for=participant.who.id)
            self.effects.append(Reply(status="accepted"))
        self._update_hand_off(but=participant.who.id)

    def _coming(self, participant: Participant, event: Answered) -> None:
        if participant.standing is Standing.COMING:
            return
        self.put(replace(participant, standing=Standing.COMING))
        self.log("incident.coming", **answer(participant, event))
        if self.incident.status is Status.ACCEPTED:
            self.change(status=Status.COMING)
            self.effects.append(Reply(status="coming"))

    def _arrived(self, participant: Participant, event: Answered) -> None:
        if participant.standing is Standing.ARRIVED:
            who = participant.who
            self.log("incident.noted", actor=who.id, name=who.name, answer=event.answer.value, via=event.via)
            self._has_it_still(participant, Status.ARRIVED)
            return
        first = not self.is_taken()
        self.put(replace(participant, standing=Standing.ARRIVED, arrive_by=None, arrived_at=self.now))
        self.log("incident.arrived", **answer(participant, event))
        self.clear(DeadlineKind.ARRIVAL, participant.who.id)
        if first:
            self._stand_still(except_for=participant.who.id)
        if self.incident.status is not Status.ARRIVED:
            self.change(status=Status.ARRIVED, counted_from=self.incident.presses)
            self.set(DeadlineKind.AFTERCARE, self.now + AFTERCARE_EVERY)
            self.effects.append(Reply(status="arrived"))
        self._update_hand_off(but=participant.who.id)

    def _stand_still(self, *, except_for: str) -> None:
        """Somebody has taken it: nobody else need be asked, and who was asked is told."""
        self.clear(DeadlineKind.STEP)
        self.clear(DeadlineKind.REPEAT)
        self.effects.append(Unsend(purpose=Purpose.ASK))
        self.effects.append(Unsend(purpose=Purpose.DESK))
        self._resident_is_silent()
        comes = {
            telephone_of(p.who) for p in self.incident.participants if p.standing in COMES or p.who.id == except_for
        }
        asked = [p.who for p in self.incident.participants if p.standing is Standing.ASKED]
        still_needed = self.hand_off_waits_for()  # who has yet to order an ambulance
        for who in asked:
            if who.id not in still_needed and who.role is not Role.DISPATCH and telephone_of(who) not in comes:
                self.send(who, Purpose.TAKEN, only=Channel.SMS)
        if self.incident.plan.keep_asking and self.incident.handoff is None:
            self._hand_off_beside()  # a neighbour who goes to a fire does not put it out

    # ------------------------------------------------------------ deadlines

    def _due(self, event: Due) -> None:
        deadline = self.deadline(event.kind, event.person)
        if deadline is None or deadline.due_at > self.now:
            return  # another event overtook it
        self.clear(event.kind, event.person)
        match event.kind:
            case DeadlineKind.STEP:
                self._go_on()
            case DeadlineKind.REPEAT:
                self._repeat()
            case DeadlineKind.ARRIVAL:
                self._overdue(event)
            case DeadlineKind.HANDOFF:
                self._hand_off_again()
            case DeadlineKind.AFTERCARE:
                self._aftercare()

    def _repeat(self) -> None:
        steps = self.incident.plan.steps
        if self.incident.step >= len(steps):
            self._desk_rings()
            return
        self._ring_again()
        every = steps[self.incident.step].repeat
        if every:
            self.set(DeadlineKind.REPEAT, self.now + timedelta(seconds=every))

    def _overdue(self, event: Due) -> None:
        participant = self.find(event.person)
        if participant is None:
            return
        self.put(replace(participant, standing=Standing.OVERDUE, arrive_by=None))
        about = {"name": participant.who.name, "role": participant.who.role.value}
        self.log("incident.overdue", actor=event.person, **about, due_at=event.due_at)
        if participant.who.role is not Role.DISPATCH:
            if self.incident.status is not Status.ARRIVED:  # else nobody waits for them
                self.send(participant.who, Purpose.AGAIN)
            self._update_hand_off(but=participant.who.id)
        if not self.is_enough_without(participant):
            self._ask_again()
            self._go_on()
        elif self.is_taken():
            self._restate()  # who is overdue is coming no more
