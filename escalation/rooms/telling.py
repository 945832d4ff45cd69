"""What people in the case write beside their answers: the desk reads it, and a call for the ambulance hands over."""

from __future__ import annotations

from escalation.incident import Purpose, Refused, Said, Send
from escalation.people import Channel, Role
from escalation.rooms.ambulance import Ambulance
from escalation.telephones import others


class Telling(Ambulance):
    """Passing words on."""

    def _said(self, event: Said) -> None:
        about = {"ambulance": True} if event.ambulance else {}
        self.log(
            "message.unread",
            actor=event.person,
            name=event.name,
            via=event.via,
            why=event.why,
            text=event.words,
            **about,
        )
        self._desk_reads(event.words, event.name or event.person, but=event.person)
        if event.ambulance:
            self._ambulance_is_called_for(event)

    def _read_out_instead(self, refused: Refused) -> None:
        """What the desk cannot be sent in writing is read out to it, whether or not it takes part in the case."""
        if not refused.words or refused.channel is not Channel.SMS or refused.for_now:
            return
        for reader in self.people.desk(self.incident).chosen:
            if reader.id == refused.person and Channel.VOICE in reader.channels:
                send = Send(to=reader, channel=Channel.VOICE, purpose=Purpose.SAID, words=refused.words)
                self.effects.append(send)

    def _ambulance_is_called_for(self, event: Said) -> None:
        """Who stands at the door knows best: the hand-off begins now, beside whatever step is under way."""
        self.change(heard=event.words)
        handoff = self.incident.handoff
        comes = self._handed_over_already() and not self._ambulance_is_overdue()
        if comes or self._hand_off_waits():
            self._update_hand_off()
            return
        self._hand_off_beside()
        if self.incident.handoff is handoff and not self.people.desk(self.incident).chosen:
            self._all_hear(event)

    def _all_hear(self, event: Said) -> None:
        """The last resort: nobody can order an ambulance here, so all who were asked hear the words."""
        for who in others([p.who for p in self.incident.participants], self.incident, (event.person,)):
            if who.role in {Role.DISPATCH, Role.RESIDENT}:
                continue
            for channel in self._able(who):
                by = event.name or event.person
                self.effects.append(
                    Send(to=who, channel=channel, purpose=Purpose.SAID, words=event.words, by=by, whose=event.person)
                )
