"""The desk: it rings when no step is left, and is told when somebody arrived and nobody closes."""

from __future__ import annotations

from escalation.draft import ACTIVE, OUT, chosen
from escalation.incident import DeadlineKind, Purpose, Status
from escalation.people import Channel, Role
from escalation.rooms.quiet import Quiet
from escalation.rooms.waits import AFTERCARE_EVERY, DESK_RINGS_EVERY


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
            self.log(event, step=index + 1, contact="desk", chosen=chosen(choice), until=None)
        for candidate in choice.chosen:
            if first or not self.find(candidate.id):
                self._ask(candidate, index)
            else:
                self.send(candidate, Purpose.DESK, only=Channel.VOICE)
        if not choice.chosen:  # nobody sits at the desk: those who were asked are rung again
            self._ring_again()
        self.set(DeadlineKind.REPEAT, self.now + DESK_RINGS_EVERY)

    def _aftercare(self) -> None:
        choice = self.people.desk(self.incident)
        self.log("incident.overdue", what="aftercare", told=chosen(choice))
        helpers = [p for p in self.incident.participants if p.who.role is not Role.RESIDENT]
        reachable = [p for p in helpers if p.standing not in OUT and p.who.channels]
        active = tuple(p.who for p in reachable if p.standing in ACTIVE)
        told = choice.chosen or active or tuple(p.who for p in reachable)
        for candidate in told:
            self.send(candidate, Purpose.AFTERCARE)
        self.set(DeadlineKind.AFTERCARE, self.now + AFTERCARE_EVERY)
