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
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from msgspec.structs import replace

from escalation.draft import ACTIVE, OUT, Draft, answer, chosen, contact, purpose, skipped
from escalation.incident import (
    Answer,
    Answered,
    Closed,
    DeadlineKind,
    DeviceReset,
    Due,
    Effect,
    Event,
    HandedOver,
    Handoff,
    HandoffState,
    Incident,
    Noted,
    Participant,
    People,
    Pressed,
    Purpose,
    Recovered,
    Refused,
    Repaired,
    Reply,
    Send,
    Standing,
    Status,
    Unsend,
)
from escalation.people import Candidate, Channel, Choice, Role
from escalation.plan import Plan, Step, Who

DESK_RINGS_EVERY = timedelta(seconds=60)
DESK_HOLDS = timedelta(minutes=15)  # who takes it at the desk holds it so long; holds expire (Newham 2017, FIELD.md)
AMBULANCE_ARRIVES = timedelta(minutes=30)
AFTERCARE_EVERY = timedelta(minutes=30)
LEAST_TIME_TO_ARRIVE = timedelta(minutes=5)
TIME_TO_DRESS = timedelta(minutes=2)
TOO_FAR = 2  # times the plan's reach: whoever lives farther away is welcome, but not waited for
PRESSES_THAT_BRING_THE_NEXT_STEP = 3
PRESSED_BY_A_PERSON = frozenset({"sos", "assist"})
RECOVERED_WAITS = 12  # times the plan's `remind`, until somebody is asked to close what works again


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
    story = _Story(incident, now, people)
    if incident.status is Status.CLOSED:
        story.after_the_end(event)
    else:
        story.tell(event)
    return story.incident, tuple(story.effects)


class _Story(Draft):
    """What becomes of an incident, event by event."""

    def tell(self, event: Event) -> None:  # noqa: C901 - one line for each thing that can happen
        match event:
            case Pressed() if self.incident.step < 0:
                self._opened(event)
            case Pressed():
                self._pressed_again(event)
            case DeviceReset():
                self.log("incident.noted", device=event.device, reset=True, signal=event.signal)
            case Due():
                self._due(event)
            case Answered():
                self._answered(event)
            case Refused():
                self._refused(event)
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
        self.never_without_a_clock()

    def after_the_end(self, event: Event) -> None:
        """What comes after closing is a fact on record, no more."""
        match event:
            case Answered():
                self.log("incident.noted", actor=event.person, answer=event.answer, via=event.via, after_close=True)
            case Noted():
                self.log("incident.noted", actor=event.by, text=event.text, after_close=True)
            case HandedOver():
                self.log("incident.noted", actor=event.by, handed_over=event.accepted, after_close=True)
            case _:
                pass

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
        self.log("incident.opened", **data)
        self._enter(0)

    def _pressed_again(self, event: Pressed) -> None:
        presses = self.incident.presses + 1
        self.change(presses=presses)
        self.log("incident.raised", presses=presses, signal=event.signal, device=event.device)
        if self.incident.plan.remind:
            self._troubled_again()
        elif self._verifies():
            pass  # the resident is being asked; a radar says "fall" again as long as it sees one
        elif self.active():
            for participant in self.active():
                self.send(participant.who, Purpose.RAISED, only=Channel.SMS)
        elif presses % PRESSES_THAT_BRING_THE_NEXT_STEP == 0:
            self._go_on()
        else:
            self._ring_again()

    # ------------------------------------------------------------ steps

    def _enter(self, index: int) -> None:
        steps = self.incident.plan.steps
        while index < len(steps):
            self.change(step=index)
            if self._is_left_out(steps[index]):
                index += 1
                continue
            choice = self.people.choose(self.incident, index)
            if choice.chosen:
                if steps[index].contact is Who.AMBULANCE:
                    self._hand_off(index, steps[index], choice)
                else:
                    self._ask_step(index, steps[index], choice)
                return
            self.log(
                "incident.gap", step=index + 1, contact=contact(steps[index]), why=choice.gap, skipped=skipped(choice)
            )
            index += 1
        self._desk_rings()

    def _is_left_out(self, step: Step) -> bool:
        """Who pressed has said it already and is not asked again; an ambulance that comes is not ordered again."""
        if step.contact is Who.RESIDENT:
            return self.incident.kind in PRESSED_BY_A_PERSON
        return step.contact is Who.AMBULANCE and self._handed_over_already()

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

    # ------------------------------------------------------------ what concerns a device and not a person

    def _troubled_again(self) -> None:
        """One more device of the same cause is no news; one after all were heard again is."""
        if self.incident.recovered_at is None:
            return
        self.change(recovered_at=None)
        for participant in self.active():
            self.send(participant.who, Purpose.RAISED, only=Channel.SMS)
        if not self.active():
            self._remind_desk()

    def _recovered(self, event: Recovered) -> None:
        self.change(recovered_at=self.now)
        self.log("incident.noted", recovered=True, what=event.what)
        if self.incident.plan.remind and not self.active():
            self.clear(DeadlineKind.STEP)
            self.effects.append(Unsend(purpose=Purpose.DESK))
            self.set(DeadlineKind.REPEAT, self.now + timedelta(seconds=self.incident.plan.remind * RECOVERED_WAITS))

    def _remind_desk(self) -> None:
        index = len(self.incident.plan.steps)
        self.change(step=index, status=Status.NOTIFYING)
        self.clear(DeadlineKind.STEP)
        choice = self.people.desk(self.incident)
        event = "incident.step" if choice.chosen else "incident.gap"
        self.log(event, step=index + 1, contact="desk", chosen=chosen(choice), until=None)
        for candidate in choice.chosen:
            self._ask(candidate, index)
        if not choice.chosen:
            self._ring_again()
        self.set(DeadlineKind.REPEAT, self.now + timedelta(seconds=self.incident.plan.remind or 0))

    def _desk_rings(self) -> None:
        if self.incident.plan.remind:
            self._remind_desk()
            return
        index = len(self.incident.plan.steps)
        first = self.incident.step < index
        self.change(step=index, status=Status.NOTIFYING)
        self.clear(DeadlineKind.STEP)
        choice = self.people.desk(self.incident)
        if first or not choice.chosen:
            event = "incident.step" if choice.chosen else "incident.gap"
            self.log(event, step=index + 1, contact="desk", chosen=chosen(choice), until=None)
        for candidate in choice.chosen:
            if first or not self.find(candidate.id):
                self._ask(candidate, index)
            else:
                self.send(candidate, Purpose.DESK, only=Channel.VOICE)
        if not choice.chosen:  # nobody sits at the desk: those who were asked are rung again
            self._ring_again()
        self.set(DeadlineKind.REPEAT, self.now + DESK_RINGS_EVERY)

    # ------------------------------------------------------------ asking the resident

    def _verifies(self) -> bool:
        """Whether only the resident has been asked so far."""
        steps = self.incident.plan.steps
        step = self.incident.step
        return (
            self.incident.status is Status.NOTIFYING
            and 0 <= step < len(steps)
            and steps[step].contact is Who.RESIDENT
            and all(p.who.role is Role.RESIDENT for p in self.incident.participants)
        )

    def _resident_answered(self, participant: Participant, event: Answered, *, asked: bool) -> None:
        """Their own key is a person's answer: well ends it, but only while nobody else was asked to come."""
        well, verifies = event.answer is Answer.WELL, asked and self._verifies()
        self.log("incident.noted", actor=participant.who.id, name=participant.who.name, via=event.via, well=well)
        if asked:
            self.put(replace(participant, standing=Standing.DECLINED))
        if well and verifies:
            self._closed(Closed(by=participant.who.id, reason="resident answered: well"))
        elif verifies:
            self._go_on()

    def _resident_is_silent(self) -> None:
        for participant in self.incident.participants:
            if participant.who.role is Role.RESIDENT and participant.standing is Standing.ASKED:
                self.put(replace(participant, standing=Standing.UNREACHABLE))
                self.log("incident.noted", name=participant.who.name, verify="no answer")
                self.effects.append(Unsend(purpose=Purpose.VERIFY))

    def _go_on(self) -> None:
        """The next step begins now; after the last one, the desk rings again."""
        self._resident_is_silent()
        self._enter(min(self.incident.step + 1, len(self.incident.plan.steps)))

    def _ask(self, candidate: Candidate, index: int) -> None:
        known = self.find(candidate.id)
        if known and known.standing not in ACTIVE:
            self.put(replace(known, who=candidate, step=index, standing=Standing.ASKED))
        elif not known:
            self.put(Participant(who=candidate, step=index))
        self.send(candidate, purpose(candidate))

    def _ask_again(self) -> None:
        """Those who were told that they need not go are needed after all."""
        for participant in self.incident.participants:
            if participant.standing is Standing.ASKED and participant.who.role is not Role.DISPATCH:
                self.send(participant.who, purpose(participant.who))

    def _ring_again(self) -> None:
        reachable = [p for p in self.incident.participants if p.who.channels]
        asked = [p for p in reachable if p.standing in {Standing.ASKED, Standing.OVERDUE}]
        for participant in asked or [p for p in reachable if p.standing is Standing.FOLLOWS]:
            self.send(participant.who, purpose(participant.who), only=Channel.VOICE)

    def _instead(self, index: int) -> None:
        """Somebody of this step will not come: ask the next one, or go on when nobody of it is left."""
        steps = self.incident.plan.steps
        if index == self.incident.step and index < len(steps) and steps[index].contact is not Who.AMBULANCE:
            choice = self.people.choose(self.incident, index)
            if choice.chosen:
                candidate = choice.chosen[0]
                self.log(
                    "incident.step",
                    step=index + 1,
                    contact=contact(steps[index]),
                    chosen=chosen(choice)[:1],
                    instead=True,
                )
                self._ask(candidate, index)
                return
        here = [p for p in self.incident.participants if p.step == self.incident.step]
        if any(p.standing not in OUT | {Standing.FOLLOWS} for p in here) or self.incident.step >= len(steps):
            return
        if self.deadline(DeadlineKind.STEP):
            self._go_on()
        elif self._hand_off_waits() and index == self.incident.step:
            self._hand_off_again()  # the line's own number is dead: the desk is rung now, not when the time is over

    # ------------------------------------------------------------ deadlines

    def _due(self, event: Due) -> None:
        if self.deadline(event.kind, event.person) is None:
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

    def _repaired(self, event: Repaired) -> None:
        self.log("watchdog.late", found=event.found)
        missed = [d for d in self.incident.deadlines if d.due_at <= self.now]
        for deadline in missed:
            self._due(Due(kind=deadline.kind, due_at=deadline.due_at, person=deadline.person))
        if missed:
            self._put_off_none()
            return
        self.change(deadlines=())
        handoff = self.incident.handoff
        if handoff and handoff.state is HandoffState.QUEUED:  # else the line would stay silent for as long as the rest
            self.set(DeadlineKind.HANDOFF, self.now + timedelta(seconds=self.incident.plan.steps[handoff.step].wait))
        if self.incident.status is Status.ARRIVED:
            self.set(DeadlineKind.AFTERCARE, self.now + AFTERCARE_EVERY)
        for participant in self.active():
            if participant.standing is not Standing.ARRIVED:
                self.set(DeadlineKind.ARRIVAL, self.now + DESK_HOLDS, participant.who.id)
        if not self.active():
            self._go_on()

    def _put_off_none(self) -> None:
        """No deadline lies farther ahead than it can have been meant to: the clock may have been set back."""
        longest_step = timedelta(seconds=longest_wait(self.incident.plan))
        for deadline in self.incident.deadlines:
            longest = max(longest_step, AFTERCARE_EVERY, AMBULANCE_ARRIVES)
            if participant := self.find(deadline.person):
                longest = max(longest, time_to_arrive(participant.who, self.incident.plan))
            if deadline.due_at > self.now + longest:
                self.set(deadline.kind, self.now + longest, deadline.person)

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
        self.log("incident.overdue", actor=event.person, name=participant.who.name, due_at=event.due_at)
        if participant.who.channels and participant.who.role is not Role.DISPATCH:
            self.send(participant.who, Purpose.AGAIN)
        if not self.active():
            self._ask_again()
            self._go_on()

    def _aftercare(self) -> None:
        choice = self.people.desk(self.incident)
        self.log("incident.overdue", what="aftercare", told=chosen(choice))
        reachable = [p for p in self.incident.participants if p.standing not in OUT and p.who.channels]
        active = tuple(p.who for p in reachable if p.standing in ACTIVE)
        told = choice.chosen or active or tuple(p.who for p in reachable)
        for candidate in told:
            self.send(candidate, Purpose.AFTERCARE)
        self.set(DeadlineKind.AFTERCARE, self.now + AFTERCARE_EVERY)

    # ------------------------------------------------------------ answers

    def _answered(self, event: Answered) -> None:
        participant = self.find(event.person)
        if participant is None:
            candidate = self.people.person(self.incident, event.person)
            if candidate is None:
                candidate = Candidate(
                    id=event.person, name=event.by or event.person, role=Role.DESK, language="", channels=()
                )
            participant = Participant(who=candidate, step=max(self.incident.step, 0))
        if participant.who.role is Role.RESIDENT:
            self._resident_answered(participant, event, asked=self.find(event.person) is not None)
            return
        match event.answer:
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
        first = not self.active()
        arrive_by = self.now + time_to_arrive(participant.who, self.incident.plan)
        self.put(replace(participant, standing=Standing.ACCEPTED, arrive_by=arrive_by))
        self.log("incident.accepted", **answer(participant, event), arrive_by=arrive_by, also=not first)
        self.set(DeadlineKind.ARRIVAL, arrive_by, participant.who.id)
        self.send(participant.who, Purpose.DETAILS, only=Channel.SMS)
        if first:
            self.change(status=Status.ACCEPTED)
            self._stand_still(except_for=participant.who.id)
            self.effects.append(Reply(status="accepted"))
        self._update_hand_off()

    def _cannot_be_waited_for(self, who: Candidate, event: Answered) -> bool:
        if event.by or who.role in {Role.DESK, Role.DISPATCH}:
            return False  # an operator who answers for somebody has asked them, and decides
        far = who.travel_seconds is not None and who.travel_seconds > TOO_FAR * self.incident.plan.reach_within
        return far or event.engaged

    def _follows(self, participant: Participant, event: Answered) -> None:
        """Welcome, but the others are asked all the same: a son a thousand kilometres away must not stop everything."""
        if participant.standing is Standing.FOLLOWS:
            return
        way = timedelta(seconds=participant.who.travel_seconds or self.incident.plan.reach_within)
        self.put(replace(participant, standing=Standing.FOLLOWS, arrive_by=self.now + way * 1.25))
        self.log("incident.follows", **answer(participant, event), engaged=event.engaged)
        self.send(participant.who, Purpose.DETAILS, only=Channel.SMS)
        self._update_hand_off()
        if not self.active():
            self._instead(participant.step)

    def _coming(self, participant: Participant, event: Answered) -> None:
        if participant.standing is Standing.COMING:
            return
        self.put(replace(participant, standing=Standing.COMING))
        self.log("incident.coming", **answer(participant, event))
        if self.incident.status is Status.ACCEPTED:
            self.change(status=Status.COMING)
            self.effects.append(Reply(status="coming"))

    def _cannot(self, participant: Participant, event: Answered) -> None:
        withdrew = participant.standing in ACTIVE | {Standing.OVERDUE}
        if participant.standing is Standing.DECLINED:
            return
        self.put(replace(participant, standing=Standing.DECLINED, arrive_by=None))
        self.clear(DeadlineKind.ARRIVAL, participant.who.id)
        self.log("incident.declined", **answer(participant, event), withdrew=withdrew)
        if self.active():
            self._restate()
        elif withdrew:
            self._ask_again()
            self._go_on()
        else:
            self._instead(participant.step)

    def _arrived(self, participant: Participant, event: Answered) -> None:
        if participant.standing is Standing.ARRIVED:
            return
        first = not self.active()
        self.put(replace(participant, standing=Standing.ARRIVED, arrive_by=None))
        self.log("incident.arrived", **answer(participant, event))
        self.clear(DeadlineKind.ARRIVAL)
        if first:
            self._stand_still(except_for=participant.who.id)
        if self.incident.status is not Status.ARRIVED:
            self.change(status=Status.ARRIVED)
            self.set(DeadlineKind.AFTERCARE, self.now + AFTERCARE_EVERY)
            self.effects.append(Reply(status="arrived"))
        self._update_hand_off()

    def _stand_still(self, *, except_for: str) -> None:
        """Somebody has taken it: nobody else need be asked, and who was asked is told."""
        self.clear(DeadlineKind.STEP)
        self.clear(DeadlineKind.REPEAT)
        self.effects.append(Unsend(purpose=Purpose.ASK))
        self.effects.append(Unsend(purpose=Purpose.DESK))
        self._resident_is_silent()
        for other in self.incident.participants:
            if other.standing is Standing.ASKED and other.who.id != except_for and other.who.role is not Role.DISPATCH:
                self.send(other.who, Purpose.TAKEN, only=Channel.SMS)

    def _restate(self) -> None:
        """After somebody withdrew, the status is that of the best who is left, and they are waited for again."""
        standings = {p.standing for p in self.active()}
        for standing, status in (
            (Standing.ARRIVED, Status.ARRIVED),
            (Standing.COMING, Status.COMING),
            (Standing.ACCEPTED, Status.ACCEPTED),
        ):
            if standing in standings:
                self.change(status=status)
                break
        for participant in self.active():
            known = self.deadline(DeadlineKind.ARRIVAL, participant.who.id)
            if participant.standing is not Standing.ARRIVED and known is None:
                self.set(DeadlineKind.ARRIVAL, self.now + LEAST_TIME_TO_ARRIVE, participant.who.id)

    def _refused(self, event: Refused) -> None:
        participant = self.find(event.person)
        if participant is None or event.channel in participant.failed:
            return
        failed = (*participant.failed, event.channel)
        untried = [channel for channel in Channel if channel not in failed and channel not in participant.who.channels]
        if participant.who.role is Role.RESIDENT:
            untried = []  # who may lie on the floor is not asked in writing
        unreachable = event.dead_number or (not untried and set(participant.who.channels) <= set(failed))
        standing = participant.standing
        if unreachable and standing is Standing.ASKED:
            standing = Standing.UNREACHABLE
        self.put(replace(participant, failed=failed, standing=standing))
        if standing is Standing.UNREACHABLE and participant.standing is Standing.ASKED:
            self.log("incident.gap", actor=event.person, name=participant.who.name, why="unreachable", code=event.code)
            if not self.active():
                self._instead(participant.step)
        elif untried and participant.standing is Standing.ASKED and not self.active():
            self.effects.append(Send(to=participant.who, channel=untried[0], purpose=purpose(participant.who)))

    # ------------------------------------------------------------ ambulance

    def _hand_off(self, index: int, step: Step, choice: Choice) -> None:
        before = self.incident.handoff
        version = before.version + 1 if before else 1  # one that was rejected is tried anew
        self.change(status=Status.NOTIFYING, handoff=Handoff(state=HandoffState.QUEUED, step=index, version=version))
        until = self.now + timedelta(seconds=step.wait)
        self.log("incident.step", step=index + 1, contact="ambulance", chosen=chosen(choice), until=until)
        self.log("handoff.queued", version=version, to=chosen(choice))
        for candidate in choice.chosen:
            known = self.find(candidate.id)
            if not known or known.standing not in ACTIVE:
                self.put(Participant(who=candidate, step=index))
            self.send(candidate, Purpose.HANDOFF)
        self.clear(DeadlineKind.STEP)
        self.clear(DeadlineKind.REPEAT)
        self.set(DeadlineKind.HANDOFF, until)

    def _hand_off_waits(self) -> bool:
        return self.incident.handoff is not None and self.incident.handoff.state is HandoffState.QUEUED

    def _handed_over_already(self) -> bool:
        return self.incident.handoff is not None and self.incident.handoff.state is HandoffState.ACCEPTED

    def _hand_off_again(self) -> None:
        handoff = self.incident.handoff
        if handoff is None or handoff.state is not HandoffState.QUEUED:
            return
        index = handoff.step
        self.change(handoff=replace(handoff, rings=handoff.rings + 1))
        line = [p.who for p in self.incident.participants if p.step == index]
        desk = [c for c in self.people.desk(self.incident).chosen if c.id not in {one.id for one in line}]
        self.log("handoff.queued", version=handoff.version, rings=handoff.rings + 1, to=[c.id for c in (*line, *desk)])
        for candidate in (*line, *desk):
            self.send(candidate, Purpose.HANDOFF, only=Channel.VOICE)
            if not self.find(candidate.id):
                self.put(Participant(who=candidate, step=index))
        self.set(DeadlineKind.HANDOFF, self.now + timedelta(seconds=self.incident.plan.steps[index].wait))
        if not self.active() and self.incident.step < len(self.incident.plan.steps) - 1:
            self._go_on()

    def _handed_over(self, event: HandedOver) -> None:
        handoff = self.incident.handoff or Handoff(state=HandoffState.QUEUED, step=max(self.incident.step, 0))
        if handoff.state is HandoffState.ACCEPTED:
            return
        self.clear(DeadlineKind.HANDOFF)
        if not event.accepted:
            self.change(handoff=replace(handoff, state=HandoffState.REJECTED))
            self.log("handoff.rejected", actor=event.by, via=event.via, reason=event.reason, version=handoff.version)
            if not self.active():
                self._go_on()
            return
        first = not self.active()
        self.change(handoff=replace(handoff, state=HandoffState.ACCEPTED, confirmed_by=event.by))
        self.log("handoff.accepted", actor=event.by, via=event.via, version=handoff.version)
        self.effects.append(Unsend(purpose=Purpose.HANDOFF))
        if first:
            self.change(status=Status.ACCEPTED)
            self._stand_still(except_for=event.by)
            self.effects.append(Reply(status="accepted"))
        line = Candidate(id="ambulance", name="ambulance", role=Role.DISPATCH, language="", channels=())
        arrive_by = self.now + AMBULANCE_ARRIVES
        self.put(
            Participant(who=line, step=max(self.incident.step, 0), standing=Standing.ACCEPTED, arrive_by=arrive_by)
        )
        if self.incident.status is not Status.ARRIVED:
            self.set(DeadlineKind.ARRIVAL, arrive_by, line.id)

    def _update_hand_off(self) -> None:
        handoff = self.incident.handoff
        if handoff is None or handoff.state not in {HandoffState.QUEUED, HandoffState.ACCEPTED}:
            return
        self.change(handoff=replace(handoff, version=handoff.version + 1))
        self.log("handoff.updated", version=handoff.version + 1)
        self._tell_line(Purpose.HANDOFF_UPDATE, only=Channel.SMS)

    def _tell_line(self, purpose: Purpose, only: Channel | None = None) -> None:
        index = self.incident.handoff.step if self.incident.handoff else -1
        for participant in self.incident.participants:
            if participant.who.role is Role.DISPATCH or (
                participant.step == index and participant.who.role is Role.DESK
            ):
                self.send(participant.who, purpose, only=only)

    # ------------------------------------------------------------ the end

    def _closed(self, event: Closed) -> None:
        handoff = self.incident.handoff
        self.log("incident.closed", actor=event.by, reason=event.reason)
        self.effects.append(Unsend())
        if handoff and (
            handoff.state is HandoffState.QUEUED or (handoff.state is HandoffState.ACCEPTED and event.cancel_ambulance)
        ):
            self.change(handoff=replace(handoff, state=HandoffState.CANCELLED, version=handoff.version + 1))
            self.log("handoff.cancelled", actor=event.by, version=handoff.version + 1)
            self._tell_line(Purpose.HANDOFF_CANCEL)
        for participant in self.incident.participants:
            if participant.standing not in OUT and participant.who.role is not Role.DISPATCH:
                self.send(participant.who, Purpose.CLOSED, only=Channel.SMS)
        self.change(
            status=Status.CLOSED,
            deadlines=(),
            closed_at=self.now,
            closed_by=event.by,
            close_reason=event.reason,
        )
        self.effects.append(Reply(status="closed"))


def longest_wait(plan: Plan) -> float:
    """The most seconds that any step or reminder of a plan may lie ahead."""
    return max([step.wait for step in plan.steps] + [(plan.remind or 0.0) * RECOVERED_WAITS])


def time_to_arrive(who: Candidate, plan: Plan) -> timedelta:
    """How long after accepting a person may take to the door.

    Half as long again as the way, and two minutes to dress, but five at least, and not longer than the plan's
    ``reach_within``; who is farther away than that gets a quarter more than the way, but nobody more than `TOO_FAR`
    times the reach. At the desk nobody travels: the hold expires after `DESK_HOLDS`.
    """
    if who.role in {Role.DESK, Role.DISPATCH} and who.travel_seconds is None:
        return max(DESK_HOLDS, timedelta(seconds=plan.remind or 0))
    reach = timedelta(seconds=plan.reach_within)
    if who.travel_seconds is None:
        return reach
    way = timedelta(seconds=who.travel_seconds)
    near = min(max(way * 1.5 + TIME_TO_DRESS, LEAST_TIME_TO_ARRIVE), reach)
    return max(near, min(way * 1.25, TOO_FAR * reach))
