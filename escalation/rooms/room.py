"""What every room may ask of the main way: these turns are told in `escalation.decide`."""

from __future__ import annotations

from collections.abc import Collection

from escalation.draft import Draft
from escalation.incident import Closed, Due, Participant, Standing, Status
from escalation.people import Candidate


class Room(Draft):
    """A part of the story of an incident."""

    def may_hear(self, who: Candidate) -> bool:
        """Whether something may arrive at somebody's telephone: not where all that was sent there was refused."""
        known = self.with_telephone_of(who)
        return not known or any(p.standing is not Standing.UNREACHABLE and self.sound(p) for p in known)

    def _at_desk(self, who: str) -> Candidate | None:
        """A telephone or person of the desk, with the channels by which they are rung again."""
        return next((one for one in self.people.desk(self.incident).chosen if one.id == who), None)

    def _has_said_no(self, who: Candidate) -> bool:
        """Whether somebody at the desk has said no, be it to the alarm or to the hand-off."""
        known, handoff = self.find(who.id), self.incident.handoff
        declined = known is not None and known.standing is Standing.DECLINED
        return declined or (handoff is not None and who.id in handoff.refused)

    def _desk_may_take_it(self) -> bool:
        """Whether somebody sits at the desk who may hear it and has not said no."""
        desk = self.people.desk(self.incident).chosen
        return any(self.may_hear(one) and not self._has_said_no(one) for one in desk)

    def _ring_again(self, *, but: Collection[str] = ()) -> bool:
        """Those who have not answered are rung once more; whether anybody may hear it."""
        raise NotImplementedError

    def _go_on(self) -> None:
        """The next step begins now; after the last one, the desk rings again."""
        raise NotImplementedError

    def _desk_rings(self) -> None:
        """No step is left: the desk is rung, and whom there is where it cannot take it."""
        raise NotImplementedError

    def _raised(self, **said: object) -> None:
        """Help is asked for once more."""
        raise NotImplementedError

    def _due(self, event: Due) -> None:
        """A deadline came."""
        raise NotImplementedError

    def _stand_still(self, *, except_for: str) -> None:
        """Somebody has taken it: nobody else need be asked, and who was asked is told."""
        raise NotImplementedError

    def _has_it_still(self, participant: Participant, status: Status) -> None:
        """Others were asked besides; who has it says once more that they do."""
        raise NotImplementedError

    def _ask_again(self) -> None:
        """Those who were told that they need not go are needed after all."""
        raise NotImplementedError

    def _restate(self) -> None:
        """After somebody withdrew, the status is that of the best who is left, and they are waited for again."""
        raise NotImplementedError

    def _closed(self, event: Closed) -> None:
        """A person closed it."""
        raise NotImplementedError
