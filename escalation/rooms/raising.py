"""Help is asked for again: by her, while somebody "has it", or by others of whom nobody knows more than the sender.

It always reaches somebody, for nobody knows what became of that.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from msgspec.structs import replace

from escalation.draft import ACTIVE, OUT
from escalation.incident import (
    DeadlineKind,
    Joined,
    Others,
    Participant,
    Purpose,
    Refused,
    Reply,
    Send,
    Standing,
    Status,
)
from escalation.people import Channel, Role
from escalation.rooms.asking import Asking
from escalation.rooms.telling import Telling
from escalation.rooms.waits import DESK_RINGS_EVERY, PRESSES_THAT_BRING_THE_NEXT_STEP
from escalation.telephones import others

ONE_BY_ONE = 5  # other addresses of which the desk is told each by itself, and at once
COUNTED_FROM = 10  # messages; from then on the desk is told each time they have doubled
TOLD_AGAIN = timedelta(minutes=5)


class Raising(Asking, Telling):
    """Telling whoever has it, the desk, and in the end everybody."""

    def _joined(self, event: Joined) -> None:
        """A further device that nobody registered: each of the first few is told and rung like the first one.

        One stolen password can think up a thousand addresses: what it says beyond these is counted, and told each time
        it has doubled.
        """
        known = self.incident.others or Others()
        others = replace(known, addresses=known.addresses + event.new, messages=known.messages + event.messages)
        single = event.new and others.addresses <= ONE_BY_ONE
        again = known.told_at is not None and self.now - known.told_at >= TOLD_AGAIN
        tell = single or again or others.messages >= max(COUNTED_FROM, 2 * known.told)
        more = others.messages - known.told - 1
        if tell:
            others = replace(others, told=others.messages, told_at=self.now)
        self.change(presses=self.incident.presses + event.messages, others=others)
        counted = {"addresses": others.addresses, "messages": others.messages}
        self.log(
            "incident.raised", presses=self.incident.presses, signal=event.signal, device=event.device, others=counted
        )
        if not tell:
            return
        words = f"{event.text} … (+{more})" if more > 0 else event.text
        self._desk_reads(words, event.device)
        if not self.is_taken():
            self._ring_again()
        elif single:  # whoever took it has gone to one door, and this may be another
            for reader in self.people.desk(self.incident).chosen:
                if Channel.VOICE in reader.channels:
                    send = Send(to=reader, channel=Channel.VOICE, purpose=Purpose.SAID, words=words, by=event.device)
                    self.effects.append(send)

    def _pressed_though_taken(self) -> None:
        """Whoever has it is told; where nobody of them can be, or they are at the door and still she presses, the desk.

        Who is there is called. After so many presses since they came, or since it was taken where nobody goes, others
        are asked besides; nobody who says that they are at the door is said to have left.
        """
        told = self._tell_who_has_it()
        there = any(p.standing is Standing.ARRIVED for p in self.active())
        if self._handed_over_already():
            self._update_hand_off()
        if there or not any(self.sound(p) for p in told):
            self._raise_at_desk([p.who.id for p in told])
        if self.is_taken() and self._asks_besides():
            self._ask_again()
            self._go_on()

    def _brings_the_next_step(self) -> bool:
        """Whether she has pressed so often by now, since somebody came or took it at the desk."""
        return (self.incident.presses - self.incident.counted_from) % PRESSES_THAT_BRING_THE_NEXT_STEP == 0

    def _asks_besides(self) -> bool:
        """Whether others are asked although somebody has it: who is there, or sits at a desk, is not enough."""
        there = any(p.standing is Standing.ARRIVED and p.who.role is not Role.DISPATCH for p in self.active())
        return (there or self.nobody_goes()) and self._brings_the_next_step()

    def _has_it_still(self, participant: Participant, status: Status) -> None:
        """Others were asked besides, since she pressed on; who has it says once more that they do."""
        if self.is_taken() or self.incident.plan.keep_asking:
            return
        self.change(status=status, counted_from=self.incident.presses)
        self._stand_still(except_for=participant.who.id)
        self.effects.append(Reply(status=status.value))

    def _tell_who_has_it(self) -> list[Participant]:
        """That she presses again: who is at the door is called, who is on the way gets a text."""
        told = [p for p in self.active() if p.who.channels]
        for participant in told:
            by_text = participant.standing is not Standing.ARRIVED and Channel.SMS in self.sound(participant)
            # else by telephone: a text that fails tells nobody
            self.send(participant.who, Purpose.RAISED, only=Channel.SMS if by_text else None)
        return told

    def _raised_in_vain(self, refused: Refused) -> None:
        """Who has it could not be told that she presses again: they are called, else the desk is."""
        participant = self.find(refused.person)
        if refused.purpose is not Purpose.RAISED or participant is None:
            return
        if participant.standing in ACTIVE and Channel.VOICE in self.sound(participant):
            self.effects.append(Send(to=participant.who, channel=Channel.VOICE, purpose=Purpose.RAISED))
        elif participant.standing in ACTIVE:
            self._raise_at_desk([participant.who.id])
        elif self.is_taken() and not self._is_heard_of():
            self._raise_everybody([participant.who.id])

    def _is_heard_of(self) -> bool:
        """Whether who has it, or the desk, may hear that she presses again."""
        to = (*(p.who for p in self.active() if p.who.channels), *self.people.desk(self.incident).chosen)
        return any(self.may_hear(who) for who in to)

    def _raise_at_desk(self, but: Sequence[str]) -> None:
        """The desk is rung; where there is none, everybody who was asked."""
        desk = others(self.people.desk(self.incident).chosen, self.incident, but)
        for candidate in desk:
            known = self.find(candidate.id)
            if known and known.standing is Standing.DECLINED:  # that no was said before she pressed again
                self.put(replace(known, standing=Standing.ASKED))
            self.send(candidate, Purpose.RAISED)
        if not any(self.may_hear(candidate) for candidate in desk):
            self._raise_everybody(but)

    def _raise_everybody(self, but: Sequence[str]) -> None:
        """The last resort: who has it cannot be reached, or needs more help, and there is no desk."""
        for who in others([p.who for p in self.incident.participants], self.incident, but):
            participant = self.find(who.id)
            if participant and who.channels and who.role not in {Role.DISPATCH, Role.RESIDENT}:
                if participant.standing in OUT:  # their no was for an alarm that another had
                    self.put(replace(participant, standing=Standing.ASKED))
                self.send(who, Purpose.RAISED)
        told = self.told(Purpose.RAISED)
        if any(self.may_hear(p.who) for p in self.incident.participants if p.who.id in told):
            return
        if self._ask_whom_there_is():  # who has it is not enough
            self.change(status=Status.NOTIFYING)  # else the outbox would take it back
            if self.incident.step + 1 < len(self.incident.plan.steps):
                self._go_on()  # the plan has more to ask, and an ambulance to call
            if not self.deadline(DeadlineKind.STEP) and not self._hand_off_waits():
                self.change(step=len(self.incident.plan.steps), status=Status.NOTIFYING)
                self.set(DeadlineKind.REPEAT, self.now + DESK_RINGS_EVERY)
