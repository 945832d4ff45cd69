"""The device goes on while help is under way: who goes, the desk and the ambulance are told where it is by now."""

from __future__ import annotations

from escalation.draft import ACTIVE
from escalation.incident import Located, Purpose, Standing
from escalation.people import Channel, Role
from escalation.rooms.ambulance import Ambulance
from escalation.whereabouts import has_moved

_TOLD = ACTIVE | {Standing.OVERDUE, Standing.FOLLOWS}


class Moving(Ambulance):
    """Where the person is by now."""

    def _located(self, event: Located) -> None:
        before = self.incident.fix
        if before is not None and not has_moved(before, event.fix):
            return
        self.change(fix=event.fix)
        self.log("incident.noted", device=event.device, moved=True, fix=event.fix)
        going = [p.who for p in self.incident.participants if p.standing in _TOLD and p.who.role is not Role.DISPATCH]
        desk = self.people.desk(self.incident).chosen
        for who in {one.id: one for one in (*going, *desk)}.values():
            if who.channels:
                self.send(who, Purpose.MOVED, only=Channel.SMS)
        self._update_hand_off()
