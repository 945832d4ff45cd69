"""Who is needed elsewhere is waited for by nobody: an alarm of their own, or another home's door."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from escalation.incident import Incident, Standing
from escalation.people import Role
from tests.simulation.eyes import Entry, Rule

_GOES = {Standing.ACCEPTED, Standing.COMING}
_TRAVELS_NOT = {Role.DESK, Role.DISPATCH, Role.RESIDENT}


class NobodyWaitsForWhoIsNeededElsewhere(Rule):
    """A neighbour on the way falls herself, and the first home waited for her until she was overdue."""

    name = "nobody waits for who is needed elsewhere"

    def committed(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            if entry.incident is None:
                continue
            incident = self.eyes.incident(entry.incident)
            if entry.event == "incident.opened" and incident.resident and not incident.plan.remind:
                self._judge(entry, incident, f"resident:{incident.resident}")
            if entry.event == "incident.arrived" and entry.data.get("role") not in _TRAVELS_NOT:
                self._judge(entry, incident, entry.actor)

    def _judge(self, entry: Entry, here: Incident, who: str) -> None:
        number = self.eyes.phones.number_of(who)
        rows = self.eyes.machine.disk.query("SELECT state FROM incident WHERE status <> 'closed' AND id <> ?", here.id)
        for row in rows if number else ():
            other = msgspec.json.decode(row["state"], type=Incident)
            for one in other.participants:
                waits = one.standing in _GOES and one.who.role not in _TRAVELS_NOT
                same = self.eyes.phones.number_of(one.who.id) == number
                if waits and same and not self._are_one_home(here, other):
                    self.eyes.wrong(self.name, f"{one.who.id} of {other.id}, for {here.id} (entry {entry.seq})")

    def _are_one_home(self, one: Incident, other: Incident) -> bool:
        at = "SELECT address FROM resident WHERE id IN (?, ?) GROUP BY address"
        return one.subject == other.subject or len(self.eyes.machine.disk.query(at, one.subject, other.subject)) == 1
