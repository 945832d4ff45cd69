"""News of the hand-off: who was handed the case hears what changed, and that it is taken back."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from escalation.draft import ACTIVE
from escalation.handoff import ON_THE_WAY
from escalation.incident import Closed, Effect, Handoff, HandoffState, Log, Purpose, Send, Standing
from escalation.people import Candidate, Channel, telephone_of
from escalation.plan import Who
from escalation.rooms.room import Room

NOBODY_TO_TELL = "nobody can be told of it"


class Updating(Room):
    """Keeping those who have the case up to date."""

    def _update_hand_off(self, *, but: str = "") -> None:
        """Those who were handed the case hear what is new, except from whom it is (``but``).

        Who takes no texts is called once they have the case; until then the next ring says how things stand.
        """
        handoff = self.incident.handoff
        if handoff is None or handoff.state not in {HandoffState.QUEUED, HandoffState.ACCEPTED}:
            return
        named = (p.who.id for p in self.incident.participants if p.standing in ON_THE_WAY)
        self.change(handoff=replace(handoff, named=tuple(dict.fromkeys((*handoff.named, *named)))))
        if self.told(Purpose.HANDOFF_UPDATE) or self.told(Purpose.HANDOFF):
            return  # its words are written at the end of the decision, and have this in them
        has_it = handoff.state is HandoffState.ACCEPTED
        to = self._tell_line(Purpose.HANDOFF_UPDATE, text=True, call=has_it, but=but)
        if to:
            self.change(handoff=replace(self._handoff(), version=handoff.version + 1))
            self.log("handoff.updated", version=handoff.version + 1, to=to)
        elif has_it and but not in (*handoff.asked, *(one.id for one in self.people.desk(self.incident).chosen)):
            self.log("incident.gap", why=NOBODY_TO_TELL, contact=Who.AMBULANCE.value)

    def _cancel_hand_off(self, event: Closed) -> None:
        """Tell those who were asked for it, and who has it, that it is taken back, and why."""
        version = self._handoff().version + 1
        self.change(handoff=replace(self._handoff(), state=HandoffState.CANCELLED, version=version))
        to = self._tell_line(Purpose.HANDOFF_CANCEL)
        if to:
            self.log("handoff.cancelled", actor=event.by, version=version, reason=event.reason, to=to)
        else:
            self.log("incident.gap", why=NOBODY_TO_TELL, contact=Who.AMBULANCE.value)

    def _handoff(self) -> Handoff:
        assert self.incident.handoff is not None
        return self.incident.handoff

    def _tell_line(self, purpose: Purpose, *, text: bool = False, call: bool = False, but: str = "") -> list[str]:
        """Tell whom it was queued to and who has not refused; else the desk, which passes it on.

        Args:
            purpose: Why.
            text: By text, and not by every channel.
            call: Call who takes no texts.
            but: Who knows it already.

        Returns:
            By id, who is told.
        """
        handoff, asked = self._handoff(), self.hand_off_asked()
        silent = {*handoff.refused, *self._without_a_number()}
        line = [p.who for p in self.incident.participants if p.who.id in asked and p.who.id not in silent]
        self._tell_each(line, purpose, text=text, call=call, but=but)
        if not self.told(purpose) and (call or not text):
            self._tell_each(self.people.desk(self.incident).chosen, purpose, text=text, call=call, but=but)
        return self.told(purpose)

    def _without_a_number(self) -> tuple[str, ...]:
        """Whom it was queued to and who has no number any more, such as a line that was taken out of the settings."""
        gone = tuple(who for who in self.people.gone(self.incident) if who in self.hand_off_asked())
        for who in gone:
            participant = self.find(who)
            if participant and participant.standing not in ACTIVE:
                self.put(replace(participant, standing=Standing.UNREACHABLE))
        return gone

    def told_is_sent(self, wanted: Iterable[Effect]) -> None:
        """An entry that says told has its message: a telephone is called about one thing, and that may be another.

        Args:
            wanted: What was to be sent, before each telephone was left with one call.
        """
        sends = [one for one in wanted if isinstance(one, Send)]
        telephones = {one.to.id: telephone_of(one.to) for one in sends}
        sent = {(one.purpose, telephone_of(one.to)) for one in self.effects if isinstance(one, Send)}
        for entry in [one for one in self.effects if isinstance(one, Log) and one.event == "handoff.updated"]:
            to = [who for who in entry.data["to"] if (Purpose.HANDOFF_UPDATE, telephones.get(who, who)) in sent]
            nth = self.effects.index(entry)
            self.effects[nth : nth + 1] = [replace(entry, data=entry.data | {"to": to})] if to else []
            if not to:  # who would be told hears it on the call about something else
                self.change(handoff=replace(self._handoff(), version=self._handoff().version - 1))

    def _tell_each(self, whom: Iterable[Candidate], purpose: Purpose, *, text: bool, call: bool, but: str) -> None:
        for who in whom:
            no_text = text and Channel.SMS not in self._able(who)
            if who.id != but and (call or not no_text):
                self.send(who, purpose, only=Channel.VOICE if no_text else Channel.SMS if text else None)
