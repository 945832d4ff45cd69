"""The ambulance: who can order it, whom a no concerns, and what a fire asks of everybody."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from alarmd import times
from escalation.draft import ACTIVE
from escalation.incident import HandoffState, Standing
from escalation.people import Role
from tests.simulation.eyes import Entry, Eyes, Rule
from tests.simulation.people import HANDOFFS

HELPED_FOR = timedelta(hours=1)  # after an arrival that nobody closed, unless there are new presses
TOGETHER = 30.0  # seconds: everyone is asked with the hand-off, not after its time
AT_THE_DESK = "desk"  # an operator said so
_BESIDE = {Role.DISPATCH, Role.RESIDENT}  # an operator who takes it decides


class ConfirmedByWhomItWasQueuedTo(Rule):
    """A neighbour who is rung beside the hand-off orders no ambulance."""

    name = "a hand-off is confirmed only by whom it was queued to or an operator"

    def committed(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            if entry.event == "handoff.accepted" and entry.data["via"] != AT_THE_DESK:
                self._judge(entry)

    def _judge(self, entry: Entry) -> None:
        phones = self.eyes.phones
        number, who = phones.number_of(entry.actor), phones.owner(entry.actor)
        asked = self.eyes.machine.disk.query(  # a desk that was written how it stands may say that it ordered one anew
            "SELECT 1 FROM outbox WHERE incident = ? AND purpose IN ('handoff', 'handoff_update') AND destination = ?",
            entry.incident,
            number,
        )
        what = f"{entry.actor} by {entry.data['via']} for {entry.incident} (entry {entry.seq})"
        if not asked or not phones.people[number].is_staff:  # nobody else is asked to order one
            self.eyes.wrong(self.name, f"{what} was never to be asked")
        elif entry.data["via"] == "voice" and not any(
            s.person == who and s.incident == entry.incident and s.digit == "1" and s.purpose in HANDOFFS
            for s in self.eyes.record.said
        ):
            self.eyes.wrong(self.name, f"{what} pressed 1 in no call about it")


class OneNoEndsItForNobodyElse(Rule):
    """Line and desk are asked together: the desk's no is the desk's."""

    name = "one refusal of a hand-off ends it for nobody else"

    def __init__(self, eyes: Eyes) -> None:
        super().__init__(eyes)
        self._asked: dict[str, set[str]] = {}
        self._refused: dict[str, set[str]] = {}

    def committed(self, entries: Sequence[Entry]) -> None:
        phones = self.eyes.phones
        for entry in entries:
            incident = entry.incident or ""
            if entry.event == "handoff.queued" and "rings" not in entry.data and _is_new(entry):
                self._asked[incident], self._refused[incident] = set(), set()
            elif entry.event == "message.queued" and entry.data.get("purpose") == "handoff":
                self._asked.setdefault(incident, set()).add(phones.owner(entry.actor))
            elif entry.event == "handoff.rejected":
                self._refused.setdefault(incident, set()).add(phones.owner(entry.actor))
        for entry in entries:
            if entry.event == "handoff.rejected" and entry.data["via"] != AT_THE_DESK:
                self._judge(entry, entry.incident or "")

    def _judge(self, entry: Entry, incident: str) -> None:
        state = self.eyes.incident(incident)
        if state.handoff is None or state.handoff.state is not HandoffState.REJECTED:
            return
        gone = {self.eyes.phones.owner(p.who.id) for p in state.participants if p.standing is Standing.UNREACHABLE}
        waiting = self._asked.get(incident, set()) - self._refused[incident] - gone
        if waiting:
            self.eyes.wrong(self.name, f"{entry.actor} of {incident}, and {sorted(waiting)} were asked too")


def _is_new(entry: Entry) -> bool:
    """Whether it is queued as its step says; to the desk, which takes up what the line refused, it names ids only."""
    return all(isinstance(one, dict) for one in entry.data.get("to", ()))


class FireAsksEverybody(Rule):
    """Neighbours are at a fire before the brigade: everyone is asked with it, and it stands nobody down."""

    name = "in a fire everybody is asked together with the hand-off"

    def __init__(self, eyes: Eyes) -> None:
        super().__init__(eyes)
        self._since: dict[str, float] = {}
        self._asked: set[str] = set()

    def committed(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            incident = entry.incident or ""
            match entry.event:
                case "incident.step" | "incident.gap" if entry.data.get("contact") == "everyone":
                    self._asked.add(incident)
                case "incident.closed":
                    self._since.pop(incident, None)
                case "handoff.queued" if self.eyes.incident(incident).kind == "smoke":
                    self._since.setdefault(incident, entry.seen)
                case "message.queued" if entry.data.get("purpose") == "taken":
                    self._stood_down(entry, incident)

    def _stood_down(self, entry: Entry, incident: str) -> None:
        state = self.eyes.incident(incident)
        if state.kind != "smoke":
            return
        going = [p for p in state.participants if p.standing in ACTIVE and p.who.role not in _BESIDE]
        if not going and not any(p.who.id.startswith("operator:") for p in state.participants):
            self.eyes.wrong(self.name, f"{entry.actor} of {incident} need not go, and nobody of the neighbours goes")

    def looks(self) -> None:
        for incident, since in list(self._since.items()):
            if incident in self._asked or self._somebody_goes(incident):
                del self._since[incident]
            elif min(self.eyes.now - since, self.eyes.well_for()) > TOGETHER:
                del self._since[incident]
                self.eyes.wrong(self.name, f"{incident}: only the ambulance was", about=incident)

    def _somebody_goes(self, incident: str) -> bool:
        return any(
            p.standing in ACTIVE and p.who.role not in _BESIDE for p in self.eyes.incident(incident).participants
        )


class NeverHerOwnResponder(Rule):
    """Who lies on the floor is not rung to look after herself; nor after somebody else, unless nobody else is left."""

    name = "the resident is never asked as her own responder"

    def committed(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            if entry.event == "incident.step" and entry.data["contact"] not in {"resident", "desk", "ambulance"}:
                for one in entry.data["chosen"]:
                    self._judge(entry, one["id"])

    def _judge(self, entry: Entry, chosen: str) -> None:
        number = self.eyes.phones.number_of(chosen)
        homes = self.eyes.phones.people[number].homes if number else ()
        rows = self.eyes.machine.disk.query(
            "SELECT i.resident FROM incident i WHERE id = ? OR (status <> 'closed' AND opened_at < ? AND kind IN "
            "('sos', 'assist', 'fall', 'wander', 'smoke', 'inactivity', 'vital') AND (status <> 'arrived' OR EXISTS "
            "(SELECT 1 FROM signal s WHERE s.incident = i.id AND s.received_at > ?) OR EXISTS "
            "(SELECT 1 FROM journal j WHERE j.incident = i.id AND j.event = 'incident.arrived' AND j.at > ?)))",
            entry.incident,
            "" if entry.data.get("last_resort") else entry.at,
            *[times.to_text(times.from_text(entry.at) - HELPED_FOR)] * 2,
        )
        if hers := {row["resident"] for row in rows} & set(homes):
            self.eyes.wrong(self.name, f"{chosen} for {entry.incident}, herself {sorted(hers)} (entry {entry.seq})")
