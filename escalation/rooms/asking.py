"""Asking people: for the first time, again, and once more by ringing."""

from __future__ import annotations

from collections.abc import Collection

from msgspec.structs import replace

from escalation.draft import ACTIVE, OUT, chosen, purpose, skipped
from escalation.incident import Participant, Standing
from escalation.people import Candidate, Channel, Role, telephone_of
from escalation.plan import Who
from escalation.rooms.room import Room
from escalation.telephones import meant, others

_RUNG_AGAIN = (
    frozenset({Standing.ASKED, Standing.OVERDUE}),
    frozenset({Standing.FOLLOWS}),
    frozenset({Standing.DECLINED}),
    frozenset({Standing.UNREACHABLE}),
)


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
            asked = participant.standing is Standing.ASKED and participant.who.role is not Role.DISPATCH
            if asked and meant(self.incident, participant.who.id) == participant.who.id:
                self.send(participant.who, self.words_for(participant.who))

    def _ring_again(self, *, but: Collection[str] = ()) -> bool:
        """Those who have not answered; else those who follow; else, for silence is worse, those who said no.

        Whom the hand-off rings is rung in its words, and not in others besides.

        Args:
            but: By id, who is left out.

        Returns:
            Whether somebody was rung who may hear it and come; she who is asked at home does not.
        """
        waits_for = self.hand_off_waits_for()
        hand_off = {telephone_of(p.who) for p in self.incident.participants if p.who.id in waits_for}
        reachable = [
            p
            for p in self.incident.participants
            if p.who.channels
            and p.who.id not in but
            and p.who.role is not Role.DISPATCH
            and telephone_of(p.who) not in hand_off
            and meant(self.incident, p.who.id) == p.who.id
        ]
        for standings in _RUNG_AGAIN:
            again = [p for p in reachable if p.standing in standings]
            heard = any(p.who.role is not Role.RESIDENT and self.may_hear(p.who) for p in again)
            for participant in again:
                if participant.standing in OUT:
                    self.put(replace(participant, standing=Standing.ASKED))
                self.send(participant.who, purpose(participant.who), only=Channel.VOICE)
            if heard:
                return True
        return False

    def _unless_somebody_hears(self) -> None:
        """No step is left, the desk cannot hear it, and nor can anybody who is asked: the others are rung, and now."""
        if self.incident.plan.remind or self.incident.step < len(self.incident.plan.steps):
            return
        asked = [p.who for p in self.incident.participants if p.standing in _RUNG_AGAIN[0] and p.who.channels]
        helpers = [who for who in asked if who.role not in {Role.DISPATCH, Role.RESIDENT}]
        if any(self.may_hear(who) for who in (*helpers, *self.people.desk(self.incident).chosen)):
            return
        if not self._ring_again():
            self._ask_whom_there_is()

    def _ask_whom_there_is(self) -> bool:
        """The last resort: nobody is at the desk, and nobody was asked who could be rung again.

        Returns:
            Whether there was anybody.
        """
        choice = self.people.anybody(self.incident)
        fresh = others(choice.chosen, self.incident, [p.who.id for p in self.incident.participants])
        if not fresh:
            return False
        index = len(self.incident.plan.steps)
        self.log(
            "incident.step",
            step=index + 1,
            contact=Who.EVERYONE.value,
            chosen=chosen(replace(choice, chosen=tuple(fresh))),
            skipped=skipped(choice),
            until=None,
            last_resort=True,
            why=choice.gap,
        )
        for candidate in fresh:
            self._ask(candidate, index)
        return True
