"""Whoever cannot go, cannot be reached or cannot be waited for: the next nearest is asked in their place."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from escalation.draft import ACTIVE, OUT, answer, chosen, contact, purpose
from escalation.incident import Answered, DeadlineKind, Participant, Purpose, Refused, Send, Standing, Status
from escalation.people import Candidate, Channel, Role
from escalation.plan import Who
from escalation.rooms.ambulance import Ambulance
from escalation.rooms.asking import Asking
from escalation.rooms.waits import LEAST_TIME_TO_ARRIVE, TOO_FAR
from escalation.telephones import of_one_telephone

_NO_REPLACEMENT = frozenset(
    {Who.AMBULANCE, Who.RESIDENT}
)  # a hand-off waits for its own people; she is asked by herself


class Declining(Asking, Ambulance):
    """Who will not come, and who comes instead."""

    def _cannot(self, participant: Participant, event: Answered) -> None:
        withdrew = participant.standing in ACTIVE | {Standing.OVERDUE}
        if participant.standing is Standing.DECLINED:
            return
        self.put(replace(participant, standing=Standing.DECLINED, arrive_by=None))
        self.clear(DeadlineKind.ARRIVAL, participant.who.id)
        self.log("incident.declined", **answer(participant, event), withdrew=withdrew)
        for other in of_one_telephone(self.incident, participant.who):
            if other.standing is Standing.ASKED:  # that telephone has said no
                self.put(replace(other, standing=Standing.DECLINED))
        if self.active() and self.is_taken():
            self._restate()
        elif withdrew:
            self._ask_again()
            self._go_on()
        else:
            self._instead(participant.step)

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

    def _instead(self, index: int) -> None:
        """Somebody of this step will not come: ask the next one, or go on when nobody of it is left."""
        steps = self.incident.plan.steps
        if index == self.incident.step and index < len(steps) and steps[index].contact not in _NO_REPLACEMENT:
            choice = self.people.choose(self.incident, index)
            fresh = [candidate for candidate in choice.chosen if self.find(candidate.id) is None]
            if fresh:  # a desk that is never silent offers those again who have just said no
                self.log(
                    "incident.step",
                    step=index + 1,
                    contact=contact(steps[index]),
                    chosen=chosen(replace(choice, chosen=(fresh[0],))),
                    instead=True,
                )
                self._ask(fresh[0], index)
                return
        here = [p for p in self.incident.participants if p.step == self.incident.step]
        if any(p.standing not in OUT | {Standing.FOLLOWS} for p in here) or self.incident.step >= len(steps):
            return
        if self.deadline(DeadlineKind.STEP):
            self._go_on()
        elif self._hand_off_waits() and index == self.incident.step:
            self._hand_off_again()  # the line's own number is dead: the desk is rung now, not when the time is over

    def _refused(self, event: Refused) -> None:
        participant = self.find(event.person)
        if participant is None or event.channel in participant.failed:
            return
        failed = (*participant.failed, event.channel)
        untried = [channel for channel in Channel if channel not in failed and channel not in participant.who.channels]
        if participant.who.role is Role.RESIDENT:
            untried = []  # who may lie on the floor is not asked in writing
        for other in of_one_telephone(self.incident, participant.who) if event.dead_number else ():
            if other.standing is Standing.ASKED:
                self.put(replace(other, standing=Standing.UNREACHABLE))
        unreachable = event.dead_number or (not untried and set(participant.who.channels) <= set(failed))
        standing = participant.standing
        if unreachable and standing is Standing.ASKED:
            standing = Standing.UNREACHABLE
        self.put(replace(participant, failed=failed, standing=standing))
        if standing is Standing.UNREACHABLE and participant.standing is Standing.ASKED:
            self.log("incident.gap", actor=event.person, name=participant.who.name, why="unreachable", code=event.code)
            if not self.is_taken():
                self._instead(participant.step)
        elif untried and participant.standing is Standing.ASKED and not self.is_taken():
            self.effects.append(Send(to=participant.who, channel=untried[0], purpose=purpose(participant.who)))

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
        if not self.is_taken():
            self._instead(participant.step)
