"""A press always reaches somebody, whoever "has it"; and who has not checked in is asked about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from escalation.incident import Standing
from escalation.people import Role
from tests.simulation.eyes import Entry, Eyes, Rule
from tests.simulation.phones import Asked
from tests.simulation.town import CHECKS_IN_BY

WITHIN = 15.0
SAID_JUST_NOW = 90.0  # seconds: to one person the same is said once a minute, counted from when it arrived
CHECKED_WITHIN = 90.0
_CARRIES = {"ask", "again", "raised", "desk", "handoff", "handoff_update"}
_ENDS_IT = {"incident.closed", "incident.accepted", "incident.coming", "incident.arrived", "handoff.accepted"}


class APressReachesSomebody(Rule):
    """Eight presses after a confirmed hand-off, and no message: that she presses is news to somebody."""

    name = "a press reaches somebody within 15 s, whoever has it"

    def __init__(self, eyes: Eyes) -> None:
        super().__init__(eyes)
        self._waiting: dict[str, float] = {}
        self._said: dict[str, float] = {}

    def committed(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            incident = entry.incident or ""
            if entry.event in _ENDS_IT:
                self._waiting.pop(incident, None)
            if entry.event in {"message.sent", "message.delivered"} and entry.data.get("purpose") in _CARRIES:
                self._said[incident] = entry.seen  # later than it was sent, where the disk was full meanwhile
        for entry in entries:
            incident = entry.incident or ""
            pressed = entry.event in {"incident.opened", "incident.raised"}
            said_at = max(self._said.get(incident, -SAID_JUST_NOW), self.eyes.machine.leaped_at)  # by a clock set since
            lately = entry.seen - said_at < SAID_JUST_NOW
            if pressed and not lately and self._concerns_people(incident):
                self._waiting.setdefault(incident, entry.seen)

    def sends(self, asked: Asked, row: dict[str, Any]) -> None:
        if row["purpose"] in _CARRIES:
            self._said[row["incident"]] = self.eyes.now
            self._waiting.pop(row["incident"], None)

    def looks(self) -> None:
        for incident, since in list(self._waiting.items()):
            if min(self.eyes.now - since, self.eyes.well_for()) <= WITHIN:
                continue
            del self._waiting[incident]
            if self._has_somebody(incident):
                what = f"of the press of {since:.1f} s nobody was told, of {incident}"
                self.eyes.wrong(self.name, what, about=incident)

    def _concerns_people(self, incident: str) -> bool:
        """Not about a device, and not one of which only the resident is asked so far."""
        state = self.eyes.incident(incident)
        verifies = bool(state.participants) and all(p.who.role is Role.RESIDENT for p in state.participants)
        return not state.plan.remind and not verifies

    def _has_somebody(self, incident: str) -> bool:
        """Whether there is a desk, or anybody who has not just said no."""
        asked = self.eyes.incident(incident).participants
        helpers = [p for p in asked if p.who.role is not Role.RESIDENT and p.standing is not Standing.DECLINED]
        return self.eyes.town.has_desk or any(self.eyes.phones.number_of(p.who.id) for p in helpers)


class WhoHasNotCheckedInIsAskedAbout(Rule):
    """Whatever becomes of alarmd at that minute: nobody who did not check in is forgotten for the day."""

    name = "who has not checked in is asked about"

    def __init__(self, eyes: Eyes) -> None:
        super().__init__(eyes)
        self._leaped = False

    def looks(self) -> None:
        if self.eyes.machine.clock.wrong_by:
            self._leaped = True  # then it is another minute, or another day
        waited = min(self.eyes.now - CHECKS_IN_BY, self.eyes.machine.able_for)
        if not self.eyes.town.checks_in or self._leaped or waited < CHECKED_WITHIN:
            return
        if not self.eyes.machine.disk.query("SELECT 1 FROM signal WHERE type = 'no_check_in'"):
            self.eyes.wrong(self.name, f"tag-9, {waited:.0f} s after its time", about="tag-9")
