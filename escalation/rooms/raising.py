"""She presses again while somebody "has it": it always reaches somebody, for nobody knows what became of that."""

from __future__ import annotations

from msgspec.structs import replace

from escalation.incident import Purpose, Standing
from escalation.people import Channel, Role
from escalation.rooms.ambulance import Ambulance
from escalation.rooms.waits import PRESSES_THAT_BRING_THE_NEXT_STEP


class Raising(Ambulance):
    """Telling whoever has it, the desk, and in the end everybody."""

    def _pressed_though_taken(self, presses: int) -> None:
        """Whoever has it is told; where nobody of them can be, or they are at the door and still she presses, the desk.

        Who is there is called. After so many presses they may have left: the plan goes on, and they are asked too.
        """
        there = all(p.standing is Standing.ARRIVED for p in self.active())
        told = [p.who for p in self.active() if p.who.channels]
        for who in told:
            by_text = not there and Channel.SMS in self._able(who)  # else by telephone: a text that fails tells nobody
            self.send(who, Purpose.RAISED, only=Channel.SMS if by_text else None)
        if self._handed_over_already():
            self._update_hand_off()
        if there or not told:
            desk = [c for c in self.people.desk(self.incident).chosen if c.id not in {who.id for who in told}]
            for candidate in desk:
                self.send(candidate, Purpose.RAISED)
            if not desk and not told:
                self._raise_everybody()
        if there and presses % PRESSES_THAT_BRING_THE_NEXT_STEP == 0:
            for participant in self.active():
                self.put(replace(participant, standing=Standing.ASKED))
            self._go_on()

    def _raise_everybody(self) -> None:
        """The last resort: who has it cannot be reached, and there is no desk."""
        for participant in self.incident.participants:
            if participant.who.channels and participant.who.role not in {Role.DISPATCH, Role.RESIDENT}:
                self.send(participant.who, Purpose.RAISED)
