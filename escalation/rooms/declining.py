"""Whoever cannot go, cannot be reached or cannot be waited for: the next nearest is asked in their place."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from escalation.draft import ACTIVE, OUT, answer, chosen, contact
from escalation.incident import Answered, DeadlineKind, Participant, Purpose, Refused, Send, Standing, Status
from escalation.people import Candidate, Channel, Role
from escalation.plan import Who
from escalation.rooms.ambulance import Ambulance
from escalation.rooms.asking import Asking
from escalation.rooms.waits import LEAST_TIME_TO_ARRIVE, TOO_FAR
from escalation.telephones import of_one_telephone, others

_NO_REPLACEMENT = frozenset(
    {Who.AMBULANCE, Who.RESIDENT}
)  # a hand-off waits for its own people; she is asked by herself


class Declining(Asking, Ambulance):
    """Who will not come, and who comes instead."""

    def _cannot(self, participant: Participant, event: Answered) -> None:
        withdrew = participant.standing in ACTIVE | {Standing.OVERDUE}
        if participant.standing is Standing.DECLINED:
            return
        self.said_no = participant.who.id
        self.put(replace(participant, standing=Standing.DECLINED, arrive_by=None))
        self.clear(DeadlineKind.ARRIVAL, participant.who.id)
        self.log("incident.declined", **answer(participant, event), withdrew=withdrew)
        for other in of_one_telephone(self.incident, participant.who):
            self._has_said_it_too(other, event)
        if withdrew or participant.standing is Standing.FOLLOWS:
            self._update_hand_off(but=participant.who.id)
        if participant.standing is Standing.ARRIVED and all(p.standing is not Standing.ARRIVED for p in self.active()):
            self.clear(DeadlineKind.AFTERCARE)  # nobody is there whom it would be about
        desk_says_no = not withdrew and self._is_no_of_the_desk(participant)
        enough = self.is_enough_without(participant) if withdrew else self.somebody_has_it() and not desk_says_no
        overdue = participant.standing is Standing.OVERDUE and not self.is_taken()
        if enough and self.is_taken():
            self._restate()
        elif (withdrew and not overdue) or desk_says_no:
            self._ask_again()
            self._go_on()
        else:
            self._instead(participant.step)

    def _has_said_it_too(self, other: Participant, event: Answered) -> None:
        """A no is the telephone's: of a couple that goes neither does. An operator who says it says who is meant."""
        goes = other.standing in ACTIVE | {Standing.OVERDUE} and not event.by
        if goes:
            self.clear(DeadlineKind.ARRIVAL, other.who.id)
            self.log("incident.declined", **answer(other, event), withdrew=True)
        if goes or other.standing is Standing.ASKED:
            self.put(replace(other, standing=Standing.DECLINED, arrive_by=None))

    def _is_no_of_the_desk(self, participant: Participant) -> bool:
        """Whether she pressed again, nobody goes, and the desk that was rung for it says no."""
        raised = self.incident.presses > self.incident.counted_from
        return participant.who.role is Role.DESK and self.is_taken() and raised and self.nobody_goes()

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
            fresh = others(choice.chosen, self.incident, [p.who.id for p in self.incident.participants])
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
        waited_for = (p for p in here if p.standing not in OUT | {Standing.FOLLOWS})
        if self._was_last_at_the_desk():
            self._desk_rings()
            return
        if self.incident.step >= len(steps) or not all(self._has_no_way(p) for p in waited_for):
            return
        if self.deadline(DeadlineKind.STEP):
            self._go_on()
        elif self._hand_off_waits() and index == self.incident.step:
            self._hand_off_again()  # the line's own number is dead: the desk is rung now, not when the time is over

    def _was_last_at_the_desk(self) -> bool:
        """Whether no step is left, and of the desk the last one who could take it has just said no."""
        last = self.incident.step >= len(self.incident.plan.steps) and not self.incident.plan.remind
        return last and self._at_desk(self.said_no) is not None and not self._desk_may_take_it()

    def _refused(self, event: Refused) -> bool:
        """A message cannot arrive; whether that is news of that telephone."""
        participant = self._who_was_told(event)
        if participant is None or event.channel in participant.failed:
            return False
        if event.for_now:
            doubtful = dict.fromkeys((*participant.doubtful, event.channel))
            participant = replace(participant, doubtful=tuple(doubtful))
        else:
            participant = replace(participant, failed=(*participant.failed, event.channel))
        known = self.find(event.person)
        self.put(participant)
        untried = self._untried(participant)
        asked = participant.standing is Standing.ASKED
        lost = [one for one in self.with_telephone_of(participant.who) if self._is_lost(one, event)]
        if lost:
            if known != participant or not event.for_now:
                self._cannot_be_reached(lost, event)
        elif asked and untried and not self.is_taken():
            words = self.words_for(participant.who)
            self.effects.append(Send(to=participant.who, channel=untried[0], purpose=words))
        elif event.purpose is Purpose.DETAILS and not event.for_now:
            self._tell_the_way(participant)
        return known != participant

    def _who_was_told(self, event: Refused) -> Participant | None:
        """Who sits at the desk may have been told of it before they were asked."""
        known = self.find(event.person)
        reader = None if known else self._at_desk(event.person)
        return Participant(who=reader, step=len(self.incident.plan.steps)) if reader else known

    def _is_lost(self, one: Participant, event: Refused) -> bool:
        """Whether somebody who is asked cannot hear it; a telephone that takes nothing takes nothing for all of it."""
        without_a_way = event.dead_number or (not self._untried(one) and self._has_no_way(one))
        return one.standing is Standing.ASKED and without_a_way

    def _untried(self, participant: Participant) -> list[Channel]:
        """Channels that nobody thought of for them; who may lie on the floor is not asked in writing."""
        if participant.who.role is Role.RESIDENT:
            return []
        who = participant.who
        seen = {*who.channels, *self.closed(who), *self.doubtful(who)}
        return [channel for channel in Channel if channel not in seen]

    def _has_no_way(self, participant: Participant) -> bool:
        """Whether nothing arrives at them, be it for good or for now."""
        return not self.sound(participant)

    def _cannot_be_reached(self, lost: list[Participant], event: Refused) -> None:
        """The next one is asked; for whom it is only for now, they are rung again as long as they have not said no."""
        for one in lost:
            who = one.who
            for_good = event.dead_number or {*who.channels, *self.doubtful(who)} <= self.closed(who)
            if for_good:
                self.put(replace(one, standing=Standing.UNREACHABLE))
            for_now = {} if for_good else {"for_now": True}
            self.log("incident.gap", actor=who.id, name=who.name, why="unreachable", code=event.code, **for_now)
        waited_for = self.hand_off_waits_for()
        if any(one.who.id in waited_for for one in lost) and not self._still_waits_for_somebody():
            self._hand_off_again()  # the line's own number is dead: the desk is rung now, not when the time is over
        if not self.is_taken():
            for step in dict.fromkeys(one.step for one in lost):
                self._instead(step)
            self._unless_somebody_hears()

    def _details(self, participant: Participant, event: Answered) -> None:
        """The address and the way in, in writing; by voice to who can never be texted and has not just heard it."""
        if Channel.SMS in self._able(participant.who):  # neither closed, nor left out by the step that asked them
            self.send(participant.who, Purpose.DETAILS, only=Channel.SMS)
        elif event.via != "voice":
            self._tell_the_way(participant)

    def _tell_the_way(self, participant: Participant) -> None:
        goes = participant.standing in ACTIVE | {Standing.FOLLOWS}
        if goes and participant.who.channels and Channel.VOICE not in self.closed(participant.who):
            self.effects.append(Send(to=participant.who, channel=Channel.VOICE, purpose=Purpose.DETAILS))

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
        self._details(self.find(participant.who.id) or participant, event)
        self._update_hand_off(but=participant.who.id)
        if not self.is_taken():
            self._instead(participant.step)
