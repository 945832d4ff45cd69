"""The log is the record: what it says was told, was told; and what is said after the end is on it too."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from alarmd import times
from escalation.incident import HandoffState, Incident
from tests.simulation.eyes import Entry, Eyes, Rule
from tests.simulation.people import Words
from tests.simulation.town import STAFF

RINGS_FOR = timedelta(seconds=60)
HEARD_LATER = 5.0  # seconds from the commit to the answer to the provider
WAITS_OR_HAS_IT = {HandoffState.QUEUED, HandoffState.ACCEPTED}
_TELLS_WHO_COMES = {"handoff", "handoff_update"}
_SAYS = {"handoff.queued": "handoff", "handoff.updated": "handoff_update", "handoff.cancelled": "handoff_cancel"}


class ToldHasItsMessage(Rule):
    """Nobody reads in the log that the ambulance was told, when nothing was ever queued."""

    name = "an entry that says told has its message"

    def committed(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            purpose = _SAYS.get(entry.event)
            if purpose is None and entry.event == "incident.overdue" and entry.data.get("told"):
                purpose = "aftercare"
            if purpose is not None and not self._is_queued(entry, purpose):
                self.eyes.wrong(self.name, f"{entry.event} of {entry.incident} (entry {entry.seq})")

    def _is_queued(self, entry: Entry, purpose: str) -> bool:
        at = times.from_text(entry.at)
        rings = entry.event == "handoff.queued"  # a call that is under way is not begun anew
        rows = self.eyes.machine.disk.query(
            "SELECT state, status, channel, queued_at, changed_at FROM outbox WHERE incident = ? AND purpose = ?",
            entry.incident,
            purpose,
        )
        return any(
            row["queued_at"] >= times.to_text(at)
            or row["state"] in {"queued", "sending", "unknown"}
            or ((rings or _still_rings(row)) and row["changed_at"] >= times.to_text(at - RINGS_FOR))
            for row in rows
        )


def _still_rings(row: Any) -> bool:
    """A call says at pick-up what is so then: one that rings carries the news of this moment too."""
    return row["channel"] == "voice" and row["state"] == "sent" and row["status"] in {"", "ringing"}


class TheLineHearsWhoDoesNotCome(Rule):
    """Whom the ambulance was told of, and who then does not come, it hears of again."""

    name = "the line hears who does not come after all"

    def __init__(self, eyes: Eyes) -> None:
        super().__init__(eyes)
        self._before: dict[str, Incident] = {}

    def committed(self, entries: Sequence[Entry]) -> None:
        touched = {entry.incident for entry in entries if entry.incident}
        updated = {entry.incident for entry in entries if entry.event in {"handoff.updated", "handoff.queued"}}
        for entry in entries:
            withdrew = entry.event == "incident.declined" and entry.data.get("withdrew")
            overdue = entry.event == "incident.overdue" and entry.actor not in {"", "ambulance"}
            if entry.actor.startswith((*STAFF, "operator:")):
                continue  # at a desk nobody is on the way
            if (withdrew or overdue) and entry.incident not in updated and self._was_told(entry):
                self.eyes.wrong(self.name, f"{entry.actor} of {entry.incident} (entry {entry.seq})")
        for incident in touched:
            self._before[incident] = self.eyes.incident(incident)

    def _was_told(self, entry: Entry) -> bool:
        """Whether the hand-off stood before, and stands, and there was an update since that person said yes."""
        before, after = self._before.get(entry.incident or ""), self.eyes.incident(entry.incident or "")
        if before is None or before.handoff is None or after.handoff is None:
            return False
        if before.handoff.state not in WAITS_OR_HAS_IT or after.handoff.state not in WAITS_OR_HAS_IT:
            return False
        mine = [e for e in self.eyes.log if e.incident == entry.incident and e.seq < entry.seq]
        said_yes = max((e.seq for e in mine if e.event == "incident.accepted" and e.actor == entry.actor), default=None)
        if said_yes is None:
            return False
        since = [e for e in mine if e.seq > said_yes and e.data.get("purpose") in _TELLS_WHO_COMES]
        failed = {e.data.get("attempt") for e in mine if e.event == "message.refused"}
        texts = (e for e in since if e.event == "message.queued" and e.data.get("channel") == "sms")
        picked_up = (e for e in since if e.event == "message.answered" and e.data.get("answered_by") == "human")
        return any(e.data.get("attempt") not in failed for e in texts) or any(picked_up)


class WhatComesAfterTheCloseIsOnRecord(Rule):
    """A key or a text after the end is a fact; and "she is not breathing" is read by somebody, closed or not."""

    name = "what is said after the close is on record"
    reaches = "words after the close reach somebody"

    def ends(self) -> None:
        closed = {e.incident: e.seen for e in self.eyes.log if e.event == "incident.closed"}
        for heard_at, said in self.eyes.record.heard:
            after = said.at > closed.get(said.incident, said.at) + 1.0
            if after and not self._entries(said.incident, said.person, said.at, heard_at):
                self.eyes.wrong(self.name, f"{said.person} {said.digit} by {said.via} for {said.incident}")
        for heard_at, words in self.eyes.record.read:
            if words.incident in closed and words.at > closed[words.incident] + 1.0:
                self._words(words, words.at, heard_at)

    def _words(self, words: Words, since: float, until: float) -> None:
        incident, person = words.incident, words.person
        writer = self.eyes.phones.people[self.eyes.phones.number_of(person)]
        if writer.homes:
            return  # whoever lives where help may be needed has cried for it
        if not self._entries(incident, person, since, until):
            self.eyes.wrong(self.name, f"{person}'s words for {incident}")
        if not self.eyes.town.has_desk or writer.is_staff:
            return
        queued = [e for e in self.eyes.log if e.event == "message.queued" and since <= e.seen <= until + HEARD_LATER]
        joined = "SELECT 1 FROM outbox WHERE purpose = 'said' AND instr(body, ?)"  # to what waited for the same reader
        is_told = any(e.data.get("purpose") == "said" for e in queued) or self.eyes.machine.disk.query(
            joined, words.body
        )
        if not is_told:
            self.eyes.wrong(self.reaches, f"{person}'s for {incident}")

    def _entries(self, incident: str, person: str, since: float, until: float) -> list[Entry]:
        return [
            entry
            for entry in self.eyes.log
            if entry.incident == incident
            and since <= entry.seen <= until + HEARD_LATER
            and self.eyes.phones.owner(entry.actor) == person
            and (entry.event != "message.answered" or entry.data.get("heard"))  # not that they picked up
            and entry.event != "incident.changed"  # it says nothing to who reads it
        ]
