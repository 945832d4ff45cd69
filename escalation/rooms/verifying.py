"""Asking the resident, where the plan says that what a sensor said is verified first: no answer is a no."""

from __future__ import annotations

from msgspec.structs import replace

from escalation.incident import Answer, Answered, Closed, Participant, Purpose, Standing, Status, Unsend
from escalation.people import Role
from escalation.plan import Who
from escalation.rooms.ambulance import Ambulance


class Verifying(Ambulance):
    """The resident is rung, and their own key says that all is well or that help is needed."""

    def _verifies(self) -> bool:
        """Whether only the resident has been asked so far."""
        alone = all(p.who.role is Role.RESIDENT for p in self.incident.participants)
        return alone and self._asks_her()

    def _asks_her(self) -> bool:
        """Whether the step under way is hers, whoever else took part meanwhile."""
        steps, step = self.incident.plan.steps, self.incident.step
        is_hers = 0 <= step < len(steps) and steps[step].contact is Who.RESIDENT
        return is_hers and self.incident.status is Status.NOTIFYING

    def _resident_answered(self, participant: Participant, event: Answered, *, asked: bool) -> None:
        """Their own key is a person's answer: well ends it, but only while nobody else was asked to come.

        "I need help" is a press, whoever has it in hand.
        """
        well, verifies = event.answer is Answer.WELL, asked and self._verifies()
        self.log("incident.noted", actor=participant.who.id, name=participant.who.name, via=event.via, well=well)
        if asked:
            self.put(replace(participant, standing=Standing.DECLINED))
        if well and verifies:
            self._closed(Closed(by=participant.who.id, reason="resident answered: well"))
        elif verifies or (asked and self._asks_her()):
            self._go_on()  # whoever has said no to it meanwhile, nobody is asked any more
        elif well:  # others are asked: only they, or the desk, can say that it is enough
            self._desk_reads("", participant.who.name, but=participant.who.id, answer=Answer.WELL.value)
            self._who_goes_hears(participant.who.id, Answer.WELL.value)
        elif event.answer is Answer.CANNOT:
            self._raised(actor=participant.who.id, via=event.via)

    def _resident_is_silent(self) -> None:
        for participant in self.incident.participants:
            if participant.who.role is Role.RESIDENT and participant.standing is Standing.ASKED:
                self.put(replace(participant, standing=Standing.UNREACHABLE))
                self.log("incident.noted", name=participant.who.name, verify="no answer")
                self.effects.append(Unsend(purpose=Purpose.VERIFY))
