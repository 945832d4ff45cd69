"""Somebody goes to one door, and then has an alarm of their own or is at another: nobody waits for them here."""

from __future__ import annotations

from msgspec.structs import replace

from escalation.draft import TAKEN
from escalation.incident import CalledAway, DeadlineKind, Elsewhere, Participant, Standing
from escalation.people import Role
from escalation.rooms.declining import Declining

_GOES = frozenset({Standing.ACCEPTED, Standing.COMING})
_DOES_NOT_COME = _GOES | {Standing.FOLLOWS, Standing.OVERDUE}
_STAYS = frozenset({Role.DESK, Role.DISPATCH, Role.RESIDENT})


class Leaving(Declining):
    """Who is needed elsewhere."""

    def _called_away(self, event: CalledAway) -> None:
        """Whom the plan counts on no more; what they say themselves afterwards stands before it.

        Who is at another door, or goes there, may come later, and is welcome. Who has arrived here has been here.
        """
        participant = self.find(event.person)
        if participant is None or participant.who.role in _STAYS:
            return
        if event.why is not Elsewhere.OWN_ALARM:
            if participant.standing in _GOES:
                self._comes_later(participant, event)
        elif participant.standing in _DOES_NOT_COME:
            self._does_not_come(participant, event)
        elif participant.standing is Standing.ASKED:
            self._is_in_need(participant, event)

    def _comes_later(self, participant: Participant, event: CalledAway) -> None:
        self.put(replace(participant, standing=Standing.FOLLOWS, arrive_by=None))
        self.log("incident.follows", **_told(participant, event), engaged=True)
        self._without(participant, event)

    def _does_not_come(self, participant: Participant, event: CalledAway) -> None:
        self.put(replace(participant, standing=Standing.DECLINED, arrive_by=None))
        self.log("incident.declined", **_told(participant, event), withdrew=True)
        self._without(participant, event)

    def _without(self, participant: Participant, event: CalledAway) -> None:
        self.clear(DeadlineKind.ARRIVAL, participant.who.id)
        in_need = event.why is Elsewhere.OWN_ALARM  # who lies on the floor tells no ambulance of it
        self._update_hand_off(but="" if in_need else participant.who.id)
        if self.is_enough_without(participant) and self.is_taken():
            self._restate()
        elif participant.standing in _GOES:
            self._ask_again()
            self._go_on()
        elif not self.is_taken():
            self._instead(participant.step)

    def _is_in_need(self, participant: Participant, event: CalledAway) -> None:
        """Who has yet to answer may lie on the floor: the next one is asked. Their telephone rings on."""
        self.put(replace(participant, standing=Standing.UNREACHABLE))
        self.log("incident.gap", **_told(participant, event), why=event.why.value)
        if self.incident.status not in TAKEN:
            self._instead(participant.step)


def _told(participant: Participant, event: CalledAway) -> dict[str, str]:
    who = participant.who
    return {
        "actor": who.id,
        "name": who.name,
        "role": who.role.value,
        "because": event.why.value,
        "elsewhere": event.incident,
    }
