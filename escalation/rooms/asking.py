"""Asking people: for the first time, again, and once more by ringing."""

from __future__ import annotations

from msgspec.structs import replace

from escalation.draft import ACTIVE, purpose
from escalation.incident import Participant, Standing
from escalation.people import Candidate, Channel, Role
from escalation.rooms.room import Room


class Asking(Room):
    """Who is asked, and how often."""

    def _ask(self, candidate: Candidate, index: int) -> None:
        known = self.find(candidate.id)
        if known and known.standing not in ACTIVE:
            self.put(replace(known, who=candidate, step=index, standing=Standing.ASKED))
        elif not known:
            self.put(Participant(who=candidate, step=index))
        self.send(candidate, purpose(candidate))

    def _ask_again(self) -> None:
        """Those who were told that they need not go are needed after all."""
        for participant in self.incident.participants:
            if participant.standing is Standing.ASKED and participant.who.role is not Role.DISPATCH:
                self.send(participant.who, purpose(participant.who))

    def _ring_again(self) -> None:
        reachable = [p for p in self.incident.participants if p.who.channels]
        asked = [p for p in reachable if p.standing in {Standing.ASKED, Standing.OVERDUE}]
        for participant in asked or [p for p in reachable if p.standing is Standing.FOLLOWS]:
            self.send(participant.who, purpose(participant.who), only=Channel.VOICE)
