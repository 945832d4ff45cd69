"""The desk: it rings when no step is left, and is told when somebody arrived and nobody closes."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from escalation.draft import ACTIVE, OUT, chosen
from escalation.incident import Answer, Answered, DeadlineKind, Participant, Purpose, Status
from escalation.people import Channel, Role
from escalation.rooms.ambulance import AMBULANCE
from escalation.rooms.quiet import Quiet
from escalation.rooms.waits import AFTERCARE_EVERY, DESK_RINGS_EVERY
from escalation.telephones import others


class Desk(Quiet):
    """Whoever sits at the desk."""

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
            rung = tuple(one for one in choice.chosen if one.id != self.said_no)
            self.log(event, step=index + 1, contact="desk", chosen=chosen(replace(choice, chosen=rung)), until=None)
        free = others(choice.chosen, self.incident, self.hand_off_waits_for())
        for candidate in choice.chosen:
            if candidate.id == self.said_no:
                continue  # who has declined just now is not the replacement, and rung again with the others
            if candidate not in free:  # whom a hand-off waits for is rung in its words, and not in others besides
                self.send(candidate, Purpose.HANDOFF, only=Channel.VOICE)
            elif first or not self.find(candidate.id):
                self._ask(candidate, index)
            else:
                self.send(candidate, Purpose.DESK, only=Channel.VOICE)
        if not self._desk_may_take_it() and not self._ring_again(but=[candidate.id for candidate in choice.chosen]):
            self._ask_whom_there_is()  # no desk, or none that hears it and has not said no, and nobody asked who hears
        self.set(DeadlineKind.REPEAT, self.now + DESK_RINGS_EVERY)

    def _nobody_left(self) -> None:
        """The desk rings, unless it or the line has it and only more neighbours were looked for."""
        if self.active() and self.incident.plan.keep_asking:
            if self.told(Purpose.ASK) and not self.somebody_has_it():
                self._wait_for_the_last_asked()
                return
            self.change(step=len(self.incident.plan.steps), status=Status.ACCEPTED)
            self.clear(DeadlineKind.STEP)
            self.clear(DeadlineKind.REPEAT)
            return
        self._desk_rings()

    def _wait_for_the_last_asked(self) -> None:
        """They were asked anew just now: it is not taken before the last step has lasted once more."""
        last = self.incident.plan.steps[-1]
        self.change(step=len(self.incident.plan.steps) - 1, status=Status.NOTIFYING)
        self.set(DeadlineKind.STEP, self.now + timedelta(seconds=last.wait))
        if last.repeat:
            self.set(DeadlineKind.REPEAT, self.now + timedelta(seconds=last.repeat))

    def _answers_from_afar(self, participant: Participant, event: Answered) -> bool:
        """Who sits at the desk, or on the line, is neither on the way nor at the door, whatever they press."""
        who, has_it = participant.who, participant.standing in ACTIVE
        at_desk = who.role is Role.DESK and (event.answer is Answer.THERE or (event.answer is Answer.GO and has_it))
        on_the_line = who.role is Role.DISPATCH and who.id != AMBULANCE and event.answer is not Answer.CANNOT
        if at_desk or on_the_line:
            said = {"via": event.via, "by": event.by} if event.by else {"via": event.via}
            self.log("incident.noted", actor=who.id, name=who.name, answer=event.answer.value, from_afar=True, **said)
        if at_desk and event.answer is Answer.GO:
            self._has_it_still(participant, Status.ACCEPTED)
        return at_desk or on_the_line

    def _aftercare(self) -> None:
        choice = self.people.desk(self.incident)
        helpers = [p for p in self.incident.participants if p.who.role is not Role.RESIDENT]
        reachable = [p for p in helpers if p.standing not in OUT and p.who.channels]
        active = tuple(p.who for p in reachable if p.standing in ACTIVE)
        told = choice.chosen or active or tuple(p.who for p in reachable)
        gone = self.people.gone(self.incident)
        told = tuple(candidate for candidate in told if candidate.channels and candidate.id not in gone)
        self.log("incident.overdue", what="aftercare", told=chosen(replace(choice, chosen=told)))
        for candidate in told:
            self.send(candidate, Purpose.AFTERCARE)
        self.set(DeadlineKind.AFTERCARE, self.now + AFTERCARE_EVERY)
