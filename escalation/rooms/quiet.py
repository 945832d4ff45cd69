"""Quiet plans, for what concerns a device and not a person: the desk is reminded by text, nobody is woken."""

from __future__ import annotations

from datetime import timedelta

from escalation.draft import chosen
from escalation.incident import DeadlineKind, Purpose, Recovered, Status, Unsend
from escalation.people import Channel
from escalation.rooms.asking import Asking
from escalation.rooms.waits import RECOVERED_WAITS


class Quiet(Asking):
    """Trouble that comes back, what works again, and the desk that is reminded."""

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
