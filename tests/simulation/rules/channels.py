"""A telephone is given up only for what the provider says of it, and not for a call that failed."""

from __future__ import annotations

from escalation.people import Channel
from tests.simulation.eyes import Rule
from tests.simulation.town import STAFF

# Twilio's own words (https://www.twilio.com/docs/api/errors): not a number, or nothing can be reached there.
NO_NUMBER = {"21211", "21214", "21217", "21401", "21421", "13223", "13224"}
# Its owner stopped them, it takes none, it is a landline, it blocks them, the network does not know it, no way to it.
NO_TEXTS = {"21610", "21612", "21614", "30004", "30005", "30006"}
NO_CALLS = {"21216"}  # it may not be called
CLOSES = {Channel.SMS: NO_NUMBER | NO_TEXTS, Channel.VOICE: NO_NUMBER | NO_CALLS}


class ClosedOnlyByACodeThatCloses(Rule):
    """Not by "failed" without a code, not by a handset that is switched off just now."""

    name = "a channel is closed only by a code that closes it"

    def ends(self) -> None:
        for row in self.eyes.machine.disk.query("SELECT id FROM incident"):
            self._judge(row["id"])

    def _judge(self, incident: str) -> None:
        for participant in self.eyes.incident(incident).participants:
            number = self.eyes.phones.number_of(participant.who.id)
            for channel in participant.failed:
                told = self.eyes.phones.codes.get((number, channel), set())
                every = told | (self.eyes.phones.codes.get((number, _other(channel)), set()) & NO_NUMBER)
                if participant.who.id.startswith(STAFF) and channel is Channel.VOICE:
                    continue  # they are rung all the same
                if number and not every & CLOSES[channel]:
                    what = f"{channel} to {participant.who.id} of {incident}: told {sorted(told)}"
                    self.eyes.wrong(self.name, what, about=what[:40])


def _other(channel: Channel) -> Channel:
    return Channel.SMS if channel is Channel.VOICE else Channel.VOICE
