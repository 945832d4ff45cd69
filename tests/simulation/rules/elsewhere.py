"""Who is needed elsewhere is waited for by nobody: an alarm of their own, or another home's door."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from escalation.incident import Incident, Standing
from escalation.people import Role
from tests.simulation.eyes import Entry, Eyes, Rule

_GOES = {Standing.ACCEPTED, Standing.COMING}
_TRAVELS_NOT = {Role.DESK, Role.DISPATCH, Role.RESIDENT}
_SETS_OUT = {"incident.accepted", "incident.coming"}


class OnePersonGoesToOneHome(Rule):
    """An operator sends the neighbour of one alarm to another one, and both homes waited for her."""

    name = "one person is on the way to one home"

    def committed(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            if entry.event in _SETS_OUT and entry.data.get("role") not in _TRAVELS_NOT:
                here = self.eyes.incident(entry.incident or "")
                mine = next((one for one in here.participants if one.who.id == entry.actor), None)
                if mine is not None and mine.standing in _GOES and not here.plan.remind:
                    self._judge(entry, here, self.eyes.phones.number_of(entry.actor))

    def _judge(self, entry: Entry, here: Incident, number: str) -> None:
        rows = self.eyes.machine.disk.query("SELECT state FROM incident WHERE status <> 'closed' AND id <> ?", here.id)
        for row in rows if number else ():
            other = msgspec.json.decode(row["state"], type=Incident)
            for one in other.participants:
                goes = one.standing in _GOES and one.who.role not in _TRAVELS_NOT and not other.plan.remind
                same = self.eyes.phones.number_of(one.who.id) == number
                if goes and same and not are_one_home(self.eyes, here, other):
                    self.eyes.wrong(self.name, f"{one.who.id} to {other.id} and {here.id} (entry {entry.seq})")


class NobodyWaitsForWhoIsNeededElsewhere(Rule):
    """A neighbour on the way falls herself, and the first home waited for her until she was overdue."""

    name = "nobody waits for who is needed elsewhere"

    def committed(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            if entry.incident is None:
                continue
            incident = self.eyes.incident(entry.incident)
            if entry.event == "incident.opened" and incident.resident and not incident.plan.remind:
                self._judge(entry, incident, f"resident:{incident.resident}", entries)
            if entry.event == "incident.arrived" and entry.data.get("role") not in _TRAVELS_NOT:
                self._judge(entry, incident, entry.actor, entries)

    def _judge(self, entry: Entry, here: Incident, who: str, entries: Sequence[Entry]) -> None:
        since = {(e.incident, e.actor) for e in entries if e.seq > entry.seq and e.event in _SETS_OUT}  # of one commit
        number = self.eyes.phones.number_of(who)
        rows = self.eyes.machine.disk.query("SELECT state FROM incident WHERE status <> 'closed' AND id <> ?", here.id)
        for row in rows if number else ():
            other = msgspec.json.decode(row["state"], type=Incident)
            for one in other.participants:
                waits = one.standing in _GOES and one.who.role not in _TRAVELS_NOT
                same = self.eyes.phones.number_of(one.who.id) == number
                left = (other.id, one.who.id) in since
                if waits and same and not left and not are_one_home(self.eyes, here, other):
                    self.eyes.wrong(self.name, f"{one.who.id} of {other.id}, for {here.id} (entry {entry.seq})")


def are_one_home(eyes: Eyes, one: Incident, other: Incident) -> bool:
    """Whether two alarms are at one door."""
    at = "SELECT address FROM resident WHERE id IN (?, ?) GROUP BY address"
    found = eyes.machine.disk.query(at, one.subject, other.subject)
    both_known = one.resident is not None and other.resident is not None
    return one.subject == other.subject or (both_known and len(found) == 1)
