"""A press always reaches somebody, whoever "has it"; and who has not checked in is asked about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from escalation.draft import ACTIVE
from escalation.incident import HandoffState, Incident, Standing
from escalation.people import Channel, Role
from tests.simulation.eyes import Entry, Eyes, Rule
from tests.simulation.phones import Asked
from tests.simulation.town import CHECKS_IN_BY

WITHIN = 15.0
SAID_JUST_NOW = 90.0  # seconds: to one person the same is said once a minute, counted from when it arrived
CHECKED_WITHIN = 90.0
RUNG_AGAIN = 200.0  # seconds: every minute, after those that wait for another alarm's call
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


class WhoNeverAnsweredIsRungAgain(Rule):
    """The desk has said no and nobody has it: who has not answered yet is not left alone for the desk's sake."""

    name = "where the desk has said no, who never answered is rung again"

    def __init__(self, eyes: Eyes) -> None:
        super().__init__(eyes)
        self._since: dict[str, float] = {}
        self._rung: dict[tuple[str, str], float] = {}

    def sends(self, asked: Asked, row: dict[str, Any]) -> None:
        if asked.message.channel is Channel.VOICE:
            self._rung[row["incident"], asked.message.to] = self.eyes.now

    def looks(self) -> None:
        rows = self.eyes.machine.disk.query("SELECT id, state FROM incident WHERE status = 'notifying'")
        open_ = {row["id"]: msgspec.json.decode(row["state"], type=Incident) for row in rows}
        left = {name: one for name, one in open_.items() if self._is_left_to_the_desk(one)}
        self._since = {name: self._since.get(name, self.eyes.now) for name in left}
        for name, incident in left.items():
            since = max(self._since[name], self.eyes.now - self.eyes.well_for(), self.eyes.machine.leaped_at)
            for number in self._not_answered(incident):
                if self.eyes.now - max(since, self._rung.get((name, number), 0.0)) > RUNG_AGAIN:
                    self.eyes.wrong(self.name, f"{number} of {name}", about=name)

    def _is_left_to_the_desk(self, incident: Incident) -> bool:
        """Whether no step is left, nobody has it or is asked for the ambulance, and the desk has said no."""
        desk = [p.standing for p in incident.participants if p.who.role is Role.DESK]
        rung = incident.handoff is not None and incident.handoff.state is HandoffState.QUEUED
        over = incident.step >= len(incident.plan.steps) and not incident.plan.remind and not rung
        nobody = not any(p.standing in ACTIVE for p in incident.participants)
        return over and nobody and bool(desk) and all(one is Standing.DECLINED for one in desk)

    def _not_answered(self, incident: Incident) -> set[str]:
        """The telephones that were asked, take calls, and have said nothing."""
        stay = {Role.DESK, Role.DISPATCH, Role.RESIDENT}
        asked = [p for p in incident.participants if p.standing is Standing.ASKED and p.who.role not in stay]
        by_voice = [
            p for p in asked if Channel.VOICE in p.who.channels and Channel.VOICE not in (*p.failed, *p.doubtful)
        ]
        numbers = {self.eyes.phones.number_of(p.who.id) for p in by_voice}
        said = {self.eyes.phones.number_of(p.who.id) for p in incident.participants if p.standing is not Standing.ASKED}
        return {number for number in numbers - said if number}


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
