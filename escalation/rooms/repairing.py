"""What the auditor found without a live deadline goes on; a clock that was set back puts nothing off."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from escalation.incident import DeadlineKind, Due, HandoffState, Repaired, Standing, Status
from escalation.rooms.room import Room
from escalation.rooms.waits import AFTERCARE_EVERY, AMBULANCE_ARRIVES, DESK_HOLDS, longest_wait, time_to_arrive


class Repairing(Room):
    """The way back to a clock."""

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
            self.set(DeadlineKind.HANDOFF, self.now + self.confirm_within(handoff.step))
        if self.incident.status is Status.ARRIVED:
            self.set(DeadlineKind.AFTERCARE, self.now + AFTERCARE_EVERY)
        for participant in self.active():
            if participant.standing is not Standing.ARRIVED:
                arrive_by = self.now + DESK_HOLDS
                self.put(replace(participant, arrive_by=arrive_by))
                self.set(DeadlineKind.ARRIVAL, arrive_by, participant.who.id)
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
                if participant and deadline.kind is DeadlineKind.ARRIVAL and participant.arrive_by:
                    self.put(replace(participant, arrive_by=self.now + longest))
