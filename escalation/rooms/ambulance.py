"""The hand-off to the ambulance: a person confirms it by key; until then the line or the desk rings."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import timedelta

from msgspec.structs import replace

from escalation.calls import called_off
from escalation.draft import ACTIVE, DEFAULT_CONFIRM, chosen
from escalation.handoff import ON_THE_WAY
from escalation.incident import (
    DeadlineKind,
    HandedOver,
    Handoff,
    HandoffState,
    Participant,
    Purpose,
    Reply,
    Send,
    Standing,
    Status,
    Unsend,
)
from escalation.people import Candidate, Channel, Choice, Role
from escalation.plan import Step, Who
from escalation.rooms.updating import NOBODY_TO_TELL, Updating
from escalation.rooms.waits import AMBULANCE_ARRIVES
from escalation.telephones import meant, others

AT_THE_DESK = "desk"  # an operator said so
DESK_PREFIX = "desk:"  # of the ids of the desk's telephones
AMBULANCE = "ambulance"  # who is on the way once the hand-off is confirmed
CALLED_OFF = "called_off"  # what had been confirmed does not come after all
CONFIRMED, ORDERED, REJECTED = "handed_over", "ordered", "rejected"  # what was answered to it, for whoever reads it


def ordered(role: Role) -> str:
    """How it is said that the ambulance has it: its own line has taken it, everybody else has called for it."""
    return CONFIRMED if role is Role.DISPATCH else ORDERED


class Ambulance(Updating):
    """Handing over, once more, updated."""

    def _hand_off(self, index: int, step: Step, choice: Choice, *, beside: bool = False) -> None:
        """Ring whoever takes it. ``beside``: somebody called for it, and the step that is under way goes on."""
        before = self.incident.handoff
        version = before.version + 1 if before else 1  # one that was rejected is tried anew
        asked = tuple(candidate.id for candidate in choice.chosen)
        named = tuple(p.who.id for p in self.incident.participants if p.standing in ON_THE_WAY)
        handoff = Handoff(state=HandoffState.QUEUED, step=index, version=version, asked=asked, named=named)
        self.change(handoff=handoff)
        if not beside or not self.is_taken():
            self.change(status=Status.NOTIFYING)
        until = self.now + timedelta(seconds=step.wait)
        self.log("incident.step", step=index + 1, contact="ambulance", chosen=chosen(choice), until=until)
        self.log("handoff.queued", version=version, to=chosen(choice))
        for candidate in choice.chosen:
            known = self.find(candidate.id)
            if known is None:
                self.put(Participant(who=candidate, step=index))
            elif known.standing not in ACTIVE:
                self.put(replace(known, who=candidate, step=index, standing=Standing.ASKED))
            self.send(candidate, Purpose.HANDOFF)
        if not beside:
            self.clear(DeadlineKind.STEP)
            self.clear(DeadlineKind.REPEAT)
        self.set(DeadlineKind.HANDOFF, until)

    def _hand_off_beside(self) -> None:
        """It begins now, beside whatever step is under way, by the plan's own step for it or else at the desk."""
        steps = self.incident.plan.steps
        index = next((i for i, step in enumerate(steps) if step.contact is Who.AMBULANCE), len(steps))
        if index < len(steps):
            step, choice = steps[index], self.people.choose(self.incident, index)
        else:
            step = Step(contact=Who.AMBULANCE, wait=DEFAULT_CONFIRM.total_seconds())
            choice = self.people.desk(self.incident)
        if not choice.chosen:
            self.log("incident.gap", step=index + 1, contact="ambulance", why=choice.gap or "nobody to ask")
            return
        self._hand_off(index, step, choice, beside=True)

    def _hand_off_waits(self) -> bool:
        return self.incident.handoff is not None and self.incident.handoff.state is HandoffState.QUEUED

    def _handed_over_already(self) -> bool:
        return self.incident.handoff is not None and self.incident.handoff.state is HandoffState.ACCEPTED

    def _ring_hand_off(self, *, but: Collection[str] = ()) -> None:
        """Whoever it waits for is rung once more."""
        waits_for = self.hand_off_waits_for()
        for participant in self.incident.participants:
            if participant.who.id in waits_for and participant.who.id not in but:
                self.send(participant.who, Purpose.HANDOFF, only=Channel.VOICE)

    def _hand_off_is_heard(self) -> bool:
        """Whether somebody for whom it waits may hear it."""
        waits_for, gone = self.hand_off_waits_for(), self.people.gone(self.incident)
        to = [p.who for p in self.incident.participants if p.who.id in waits_for and p.who.id not in gone]
        return any(self.may_hear(who) for who in to)

    def _is_of_it(self, candidate: Candidate, step: int) -> None:
        """Who is rung for it takes part, by the channels they have now."""
        known = self.find(candidate.id)
        self.put(replace(known, who=candidate) if known else Participant(who=candidate, step=step))

    def _hand_off_again(self) -> None:
        handoff = self.incident.handoff
        if handoff is None or handoff.state is not HandoffState.QUEUED:
            return
        asked = self.hand_off_asked()
        desk = others(self.people.desk(self.incident).chosen, self.incident, asked)
        for candidate in desk:
            self._is_of_it(candidate, handoff.step)
        handoff = replace(handoff, rings=handoff.rings + 1, asked=(*asked, *(c.id for c in desk)))
        self.change(handoff=handoff)
        gone = self._without_a_number()
        to = [who for who in self.hand_off_waits_for() if who not in gone]
        if to:
            self.log("handoff.queued", version=handoff.version, rings=handoff.rings, to=to)
        else:
            self.log("incident.gap", why=NOBODY_TO_TELL, contact=Who.AMBULANCE.value)
        self._ring_hand_off(but={*gone, *(candidate.id for candidate in desk)})
        for candidate in desk:
            if candidate.id in to:  # who has to order it needs the facts in writing too
                self.send(candidate, Purpose.HANDOFF)
        self.set(DeadlineKind.HANDOFF, self.now + self.confirm_within(handoff.step))
        # only from its own step: a hand-off that still rings does not hurry the steps behind it
        # and from the last one only where nobody hears it
        is_last = self.incident.step >= len(self.incident.plan.steps) - 1
        if not self.is_taken() and handoff.step == self.incident.step and not (is_last and self._hand_off_is_heard()):
            self._go_on()
        elif not self.is_taken() and handoff.step == self.incident.step and not self._desk_may_take_it():
            self._ring_again()  # a line that is silent, and no desk: those who never answered are not forgotten

    def _handed_over(self, event: HandedOver) -> None:
        handoff = self.incident.handoff or Handoff(state=HandoffState.QUEUED, step=max(self.incident.step, 0))
        if event.via != AT_THE_DESK and (called_off(handoff, event.by) or event.by not in self.hand_off_asked()):
            self.log("incident.noted", actor=event.by, via=event.via, handed_over=event.accepted, asked=False)
            return  # nobody ordered an ambulance who was not asked to
        anew = event.accepted and self._ambulance_is_overdue()
        if _was_said_before(handoff, event) and not anew:
            return
        confirmed = handoff.state is HandoffState.ACCEPTED and not anew
        takes_back = not event.accepted and (event.by == handoff.confirmed_by or event.via == AT_THE_DESK)
        if confirmed and not takes_back:  # somebody else's "I cannot" comes late, and undoes nothing
            self.log("incident.noted", actor=event.by, via=event.via, handed_over=event.accepted, late=True)
            besides = tuple(who for who in handoff.besides if who != event.by)
            refused = tuple(who for who in handoff.refused if who != event.by)
            self.change(handoff=replace(handoff, besides=besides))
            if event.accepted:
                self.change(handoff=replace(handoff, besides=(*besides, event.by), refused=refused))
                self._it_is_ordered(event.by, twice=True)
            return
        if not event.accepted:
            self._not_handed_over(handoff, event, confirmed=confirmed)
            return
        self.clear(DeadlineKind.HANDOFF)
        first = not self.is_taken()
        asked = self.hand_off_asked()  # an operator's no before it may be said again
        refused = tuple(who for who in handoff.refused if who != event.by and who in asked)
        self.change(
            handoff=replace(handoff, state=HandoffState.ACCEPTED, confirmed_by=event.by, refused=refused, besides=())
        )
        self.log("handoff.accepted", actor=event.by, via=event.via, version=handoff.version)
        self.effects.append(Unsend(purpose=Purpose.HANDOFF))
        if not first:
            self._it_is_ordered(event.by, twice=False)
        if first and not self._goes_on_asking():
            self.change(status=Status.ACCEPTED)
            if self.incident.plan.keep_asking:  # a fire: everybody was asked, and nobody is told to stay
                self.clear(DeadlineKind.STEP)
                self.clear(DeadlineKind.REPEAT)
                self.effects.append(Unsend(purpose=Purpose.DESK))
            else:
                self._stand_still(except_for=event.by)
        if first:
            self.effects.append(Reply(status="accepted"))
        line = Candidate(id=AMBULANCE, name=AMBULANCE, role=Role.DISPATCH, language="", channels=())
        arrive_by = self.now + AMBULANCE_ARRIVES
        self.put(
            Participant(who=line, step=max(self.incident.step, 0), standing=Standing.ACCEPTED, arrive_by=arrive_by)
        )
        self.set(DeadlineKind.ARRIVAL, arrive_by, line.id)

    def _goes_on_asking(self) -> bool:
        """Whether the plan asks neighbours although the line has it, and has somebody left to ask."""
        return self.incident.plan.keep_asking and self.incident.step < len(self.incident.plan.steps)

    def _not_handed_over(self, handoff: Handoff, event: HandedOver, *, confirmed: bool) -> None:
        """A no is that person's own: it waits for the others it was queued to. An operator's no speaks for all."""
        data = {"via": event.via, "reason": event.reason, "version": handoff.version}
        self.said_no = event.by
        self.log("handoff.rejected", actor=event.by, **data, **({"withdrew": True} if confirmed else {}))
        waited = handoff.state is HandoffState.QUEUED
        if confirmed and self._another_has_it(handoff, event.by):
            return
        if waited and event.via != AT_THE_DESK:
            self.change(handoff=replace(handoff, asked=self.hand_off_asked(), refused=(*handoff.refused, event.by)))
            if self._still_waits_for_somebody():
                self._tell_desk_of_refusal(event.by)
                return
        own = event.via != AT_THE_DESK
        alone = self.is_taken() or handoff.step != self.incident.step  # no step behind it takes it up
        if own and waited and alone and self._desk_takes_it_up():
            return
        self.clear(DeadlineKind.HANDOFF)
        handoff = self.incident.handoff or handoff
        refused = tuple(dict.fromkeys((*handoff.refused, event.by)))
        self.change(handoff=replace(handoff, state=HandoffState.REJECTED, asked=self.hand_off_asked(), refused=refused))
        if confirmed:
            self._who_goes_hears(event.by, CALLED_OFF)
            self._who_stayed_hears(event.by)
            if not own:
                self._tell_desk_of_refusal(event.by)
            self._ambulance_is_off(event.by if own else "")
        elif waited and alone and own:
            self._tell_desk_of_refusal(event.by)
        elif waited and not alone:
            if own:
                self._desk_hears_of_refusal(event.by)
            self._go_on()

    def _another_has_it(self, handoff: Handoff, by: str) -> bool:
        """Whether another says too that they ordered one: it stays theirs, and nobody is told that it is off."""
        left = tuple(who for who in handoff.besides if who != by)
        if by not in {handoff.confirmed_by, *handoff.besides} or not (left or by in handoff.besides):
            return False
        has_it, besides = (left[0], left[1:]) if by == handoff.confirmed_by else (handoff.confirmed_by, left)
        refused = tuple(dict.fromkeys((*handoff.refused, by)))
        self.change(handoff=replace(handoff, confirmed_by=has_it, besides=besides, refused=refused))
        speaker = self.find(by)
        for reader in others(self.people.desk(self.incident).chosen, self.incident, (by,)):
            what = {"by": speaker.who.name if speaker else by, "answer": REJECTED, "whose": by}
            self.effects.append(Send(to=reader, channel=Channel.SMS, purpose=Purpose.SAID, **what))
        return True

    def _ambulance_is_overdue(self) -> bool:
        """Whether one that was confirmed has not come in time: another can be ordered, by anybody."""
        coming = self.find(AMBULANCE)
        return coming is not None and coming.standing is Standing.OVERDUE

    def _waits_again(self, by: str) -> bool:
        """Taken back, and somebody it was queued to has not refused: they are rung with it again."""
        self.change(handoff=replace(self._handoff(), state=HandoffState.QUEUED, confirmed_by=""))
        if not self._still_waits_for_somebody():
            self.change(handoff=replace(self._handoff(), state=HandoffState.REJECTED))
            return False
        self.log("handoff.queued", version=self._handoff().version, to=list(self.hand_off_waits_for()))
        self._ring_hand_off()
        self._desk_hears_of_refusal(by)
        self.set(DeadlineKind.HANDOFF, self.now + self.confirm_within(self._handoff().step))
        return True

    def _desk_takes_it_up(self) -> bool:
        """The desk is rung with a hand-off that everybody else has refused or taken back, unless it was among them."""
        handoff = self.incident.handoff
        asked = self.hand_off_asked()
        desk = others(self.people.desk(self.incident).chosen, self.incident, asked)
        if handoff is None or not desk:
            return False
        now_asked = (*asked, *(candidate.id for candidate in desk))
        self.change(handoff=replace(handoff, state=HandoffState.QUEUED, asked=now_asked, confirmed_by=""))
        self.log("handoff.queued", version=handoff.version, to=[candidate.id for candidate in desk])
        for candidate in desk:
            self._is_of_it(candidate, handoff.step)
            self.send(candidate, Purpose.HANDOFF)
        self.set(DeadlineKind.HANDOFF, self.now + self.confirm_within(handoff.step))
        return True

    def _still_waits_for_somebody(self) -> bool:
        waits_for = self.hand_off_waits_for()
        return any(p.who.id in waits_for and p.standing is not Standing.UNREACHABLE for p in self.incident.participants)

    def _ambulance_is_off(self, by: str) -> None:
        """Taken back: by who had confirmed it (``by``) and has no car, or by an operator, who knows why."""
        coming = self.find(AMBULANCE)
        if coming is not None:
            self.put(replace(coming, standing=Standing.DECLINED, arrive_by=None))
            self.clear(DeadlineKind.ARRIVAL, AMBULANCE)
        if by:
            refused = dict.fromkeys((*self._handoff().refused, by))
            self.change(handoff=replace(self._handoff(), asked=self.hand_off_asked(), refused=tuple(refused)))
            if not self._waits_again(by) and not self._desk_takes_it_up():
                self._tell_desk_of_refusal(by)
        if self.is_taken() and self.somebody_has_it():
            self._restate()
            return
        self._ask_again()
        self._go_on()

    def _tell_desk_of_refusal(self, who: str) -> None:
        """The desk reads it; where nobody else is there and nobody is rung for it, those who go: they can ring."""
        if self._desk_hears_of_refusal(who) or self._hand_off_waits():
            return
        going = others((p.who for p in self.active() if p.who.channels), self.incident, (who,))
        for candidate in going:
            self.send(candidate, Purpose.HANDOFF_REFUSED)
        if not going:
            self.log("incident.gap", why=NOBODY_TO_TELL, contact=Who.AMBULANCE.value)

    def _desk_hears_of_refusal(self, who: str) -> bool:
        desk = others(self.people.desk(self.incident).chosen, self.incident, (who,))
        for candidate in desk:
            self.send(candidate, Purpose.HANDOFF_REFUSED, only=Channel.SMS)
        return bool(desk)

    def _desk_reads(self, words: str, by: str, *, but: str = "", answer: str = "") -> None:
        """Have the desk read what somebody says: their words, or which key they pressed (``answer``).

        What the desk itself says, and nobody else there can read, is for whoever has it.

        Args:
            words: What was written.
            by: Who says it, by name.
            but: The same, by id.
            answer: What a key said, as `escalation.texts.afterwards` knows it.
        """
        desk = self.people.desk(self.incident).chosen
        readers = others(desk, self.incident, (but,))
        if not readers and self._sits_at_desk(but, desk):
            readers = others([p.who for p in self.active() if p.who.channels], self.incident, (but,))
        elif not readers:
            self.log("incident.gap", why="nobody at the desk to read it", contact="desk")
        for reader in readers:
            no_text = Channel.SMS in self.closed(reader) and Channel.VOICE in reader.channels
            channel = Channel.VOICE if no_text else Channel.SMS
            what = {"words": words, "by": by, "answer": answer, "whose": but if answer else ""}
            self.effects.append(Send(to=reader, channel=channel, purpose=Purpose.SAID, **what))

    def _it_is_ordered(self, by: str, *, twice: bool) -> None:
        """Somebody says that the ambulance has it: who goes to the door hears so; of a second one, the desk.

        Two that were ordered by two people are both on their way until somebody calls one off.
        """
        speaker = self.find(by)
        name = speaker.who.name if speaker else by
        said = ordered(speaker.who.role if speaker else Role.DESK)
        if twice:
            self._desk_reads("", name, but=by, answer=said)
            return
        self._who_goes_hears(by, said)

    def _sits_at_desk(self, who: str, desk: Iterable[Candidate]) -> bool:
        known = self.find(who)
        is_of_desk = known is not None and known.who.role is Role.DESK
        return is_of_desk or who.startswith(DESK_PREFIX) or any(one.id == who for one in desk)

    def _who_stayed_hears(self, by: str) -> None:
        """Who was told that the ambulance comes and nobody need go is told that it does not, if somebody else goes.

        Where nobody goes they are asked anew.
        """
        if not self.is_taken() or not self.somebody_has_it_but(AMBULANCE):
            return
        speaker = self.find(by)
        name = speaker.who.name if speaker else by
        for one in self.incident.participants:
            stays = one.standing is Standing.ASKED and one.who.role not in {Role.DESK, Role.DISPATCH, Role.RESIDENT}
            if stays and one.who.id == meant(self.incident, one.who.id) and Channel.SMS in self._able(one.who):
                said = {"by": name, "answer": CALLED_OFF, "whose": by}
                self.effects.append(Send(to=one.who, channel=Channel.SMS, purpose=Purpose.SAID, **said))

    def _who_goes_hears(self, by: str, answer: str) -> None:
        """Those who go are texted what became of the ambulance, and who says so."""
        speaker = self.find(by)
        name = speaker.who.name if speaker else by
        for reader in others([p.who for p in self.active() if p.who.channels], self.incident, (by,)):
            self.effects.append(
                Send(to=reader, channel=Channel.SMS, purpose=Purpose.SAID, by=name, answer=answer, whose=by)
            )


def _was_said_before(handoff: Handoff, event: HandedOver) -> bool:
    """Whether the same person gave the same answer before, by another key, text or call: it counts once."""
    if event.accepted:
        return handoff.state is HandoffState.ACCEPTED and event.by in {handoff.confirmed_by, *handoff.besides}
    return event.by in handoff.refused
