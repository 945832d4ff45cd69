"""The hand-off to the ambulance: a person confirms it by key; until then the line or the desk rings."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from escalation.draft import ACTIVE, chosen
from escalation.incident import (
    DeadlineKind,
    HandedOver,
    Handoff,
    HandoffState,
    Participant,
    Purpose,
    Reply,
    Standing,
    Status,
    Unsend,
)
from escalation.people import Candidate, Channel, Choice, Role
from escalation.plan import Step
from escalation.rooms.room import Room
from escalation.rooms.waits import AMBULANCE_ARRIVES

AMBULANCE = "ambulance"  # who is on the way once the hand-off is confirmed


class Ambulance(Room):
    """Handing over, once more, updated."""

    def _hand_off(self, index: int, step: Step, choice: Choice, *, beside: bool = False) -> None:
        """Ring whoever takes it. ``beside``: somebody called for it, and the step that is under way goes on."""
        before = self.incident.handoff
        version = before.version + 1 if before else 1  # one that was rejected is tried anew
        self.change(handoff=Handoff(state=HandoffState.QUEUED, step=index, version=version))
        if not self.active():
            self.change(status=Status.NOTIFYING)
        until = self.now + timedelta(seconds=step.wait)
        self.log("incident.step", step=index + 1, contact="ambulance", chosen=chosen(choice), until=until)
        self.log("handoff.queued", version=version, to=chosen(choice))
        for candidate in choice.chosen:
            known = self.find(candidate.id)
            if not known or known.standing not in ACTIVE:
                self.put(Participant(who=candidate, step=index))
            self.send(candidate, Purpose.HANDOFF)
        if not beside:
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
        self.set(DeadlineKind.HANDOFF, self.now + self.confirm_within(index))
        if not self.active() and self.incident.step < len(self.incident.plan.steps) - 1:
            self._go_on()

    def _handed_over(self, event: HandedOver) -> None:
        handoff = self.incident.handoff or Handoff(state=HandoffState.QUEUED, step=max(self.incident.step, 0))
        confirmed = handoff.state is HandoffState.ACCEPTED
        takes_back = not event.accepted and (event.by == handoff.confirmed_by or event.via == "desk")
        if confirmed and not takes_back:  # somebody else's "I cannot" comes late, and undoes nothing
            return
        self.clear(DeadlineKind.HANDOFF)
        if not event.accepted:
            self._not_handed_over(handoff, event, confirmed=confirmed)
            return
        first = not self.active()
        self.change(handoff=replace(handoff, state=HandoffState.ACCEPTED, confirmed_by=event.by))
        self.log("handoff.accepted", actor=event.by, via=event.via, version=handoff.version)
        self.effects.append(Unsend(purpose=Purpose.HANDOFF))
        if first:
            self.change(status=Status.ACCEPTED)
            self._stand_still(except_for=event.by)
            self.effects.append(Reply(status="accepted"))
        line = Candidate(id=AMBULANCE, name=AMBULANCE, role=Role.DISPATCH, language="", channels=())
        arrive_by = self.now + AMBULANCE_ARRIVES
        self.put(
            Participant(who=line, step=max(self.incident.step, 0), standing=Standing.ACCEPTED, arrive_by=arrive_by)
        )
        if self.incident.status is not Status.ARRIVED:
            self.set(DeadlineKind.ARRIVAL, arrive_by, line.id)

    def _not_handed_over(self, handoff: Handoff, event: HandedOver, *, confirmed: bool) -> None:
        """Refused; or taken back by whoever had confirmed it, who pressed the wrong key or was called off."""
        self.change(handoff=replace(handoff, state=HandoffState.REJECTED))
        self.log(
            "handoff.rejected",
            actor=event.by,
            via=event.via,
            reason=event.reason,
            version=handoff.version,
            **({"withdrew": True} if confirmed else {}),
        )
        coming = self.find(AMBULANCE)
        if confirmed and coming is not None:
            self.put(replace(coming, standing=Standing.DECLINED, arrive_by=None))
            self.clear(DeadlineKind.ARRIVAL, AMBULANCE)
        if confirmed and self.active():
            self._restate()
        elif not self.active():
            if confirmed:
                self._ask_again()
            self._go_on()

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
