"""One number, one conversation: a telephone is one, however many people or offices stand behind it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import msgspec

from alarmd import times
from escalation.draft import ACTIVE
from escalation.incident import Answered, Incident
from escalation.people import Channel
from escalation.replay import Cause
from tests.simulation.eyes import Entry, Eyes, Rule
from tests.simulation.phones import Asked

JUST_NOW = 2.0  # seconds: what was being handed over when somebody said yes
FIRST_WORD = 5.0  # seconds after which a call of which no word came may be rung again
RINGS_FOR = 50.0  # seconds after which one whose end nobody reported may
WAITS = {0: 60.0}  # seconds that a hand-off's call waits for those of other alarms
WAITS_UNTOLD, WITH_IT = 8.0, timedelta(seconds=5)
WAITS_ELSE = 180.0  # and any other; after that it may be placed beside them
LOOKED_FOR = timedelta(hours=2)  # a clock that is set further than that hides a call
_KNOWN = {"sent", "delivered"}
_OVER = {"completed", "unanswered", "failed", "ended"}


class OneCallAtATime(Rule):
    """Two calls at once to one telephone, of one alarm or of two: the second meets the busy sign and is not heard."""

    name = "never two calls at once to one number"

    def sends(self, asked: Asked, row: dict[str, Any]) -> None:
        if asked.message.channel is not Channel.VOICE:
            return
        for other in reversed(self.eyes.phones.asked):
            if self.eyes.now - other.at > 3600:
                return
            if other.what != "send" or (other.message.to, other.message.channel) != (asked.message.to, Channel.VOICE):
                continue
            if other.message.attempt != asked.message.attempt and self._is_on(
                other, row["incident"], asked.message.attempt
            ):
                what = f"{row['purpose']} to {row['person']} of {row['incident']} ({asked.message.attempt[:4]})"
                self.eyes.wrong(self.name, f"{what}, and {other.message.attempt[:4]} is under way", about=what)

    def _is_on(self, other: Asked, incident: str, attempt: str) -> bool:
        """Whether alarmd knows that the other call goes on; one whose outcome nobody knows may be rung."""
        taken = other.taken
        if other.outcome != "?" and (taken is None or taken.over or taken.ended.is_set()):  # hung up before it rang
            return False
        rows = self.eyes.machine.disk.query(
            "SELECT incident, state, status, changed_at, queued_at FROM outbox "
            "WHERE attempt = ? AND incident IS NOT NULL",
            other.message.attempt,
        )
        if rows and rows[0]["incident"] != incident and not self._waits(incident, attempt, other.message.to):
            return False
        if not rows or other.outcome == "?":  # being handed over, if it was not cut off in it
            return bool(rows) and rows[0]["state"] == "sending"
        now = self.eyes.machine.clock.now()  # of a call that was on when the clock was set, alarmd cannot know
        if now - times.from_text(rows[0]["queued_at"]) > LOOKED_FOR:
            return False
        age = (now - times.from_text(rows[0]["changed_at"])).total_seconds()
        if rows[0]["status"] in _OVER or (rows[0]["status"] and 0 <= age < JUST_NOW):
            return False  # a doubled request's is nobody's word; or nothing was heard yet when this one was claimed
        reported = bool(rows[0]["status"]) or age < FIRST_WORD
        return rows[0]["state"] in _KNOWN and reported and age < RINGS_FOR

    def _waits(self, incident: str, attempt: str, number: str) -> bool:
        """Whether this call waits for those of other alarms: some seconds only where nothing is texted with it."""
        query = self.eyes.machine.disk.query
        row = query("SELECT lane, queued_at FROM outbox WHERE attempt = ?", attempt)[0]
        since = (self.eyes.machine.clock.now() - times.from_text(row["queued_at"])).total_seconds()
        texted = query(
            "SELECT 1 FROM outbox WHERE incident = ? AND destination = ? AND channel = 'sms' "
            "AND queued_at >= ? AND state NOT IN ('refused', 'failed', 'withdrawn')",
            incident,
            number,
            times.to_text(times.from_text(row["queued_at"]) - WITH_IT),
        )
        return since < (WAITS.get(row["lane"], WAITS_ELSE) if texted else WAITS_UNTOLD)


class NeverTakenToWhoGoes(Rule):
    """A couple: his yes must not tell her telephone, which is his, that nobody need go."""

    name = "taken is never told to a number that goes"

    def __init__(self, eyes: Eyes) -> None:
        super().__init__(eyes)
        self._goes: dict[tuple[str, str], float] = {}

    def committed(self, entries: Sequence[Entry]) -> None:
        for entry in entries:  # of one commit: who said yes in it may have been told before they did
            if entry.event in {"incident.accepted", "incident.coming", "incident.arrived"}:
                self._goes[entry.incident or "", self.eyes.phones.owner(entry.actor)] = entry.seen
        for entry in entries:
            later = self._goes.get((entry.incident or "", self.eyes.phones.owner(entry.actor)))
            if entry.event == "message.queued" and entry.data.get("purpose") == "taken" and later != entry.seen:
                self._judge(entry.incident or "", entry.actor, self.eyes.phones.number_of(entry.actor), 0.0)

    def sends(self, asked: Asked, row: dict[str, Any]) -> None:
        if row["purpose"] == "taken":
            self._judge(row["incident"], row["person"], asked.message.to, JUST_NOW)

    def _judge(self, incident: str, person: str, number: str, patience: float) -> None:
        going = [p.who.id for p in self.eyes.incident(incident).participants if p.standing in ACTIVE]
        there = [one for one in going if self.eyes.phones.number_of(one) == number]
        since = self._goes.get((incident, self.eyes.phones.owner(person)), -JUST_NOW)
        if there and self.eyes.now - since >= patience:
            self.eyes.wrong(
                self.name, f"{person} of {incident}, whose telephone {there[0]} has", about=incident + number
            )


class AKeyCountsForWhoGoes(Rule):
    """Of those who share a telephone, what is said there is said by the one who goes."""

    name = "a key of a shared telephone counts for the active one"

    def __init__(self, eyes: Eyes) -> None:
        super().__init__(eyes)
        self._before: dict[str, Incident] = {}

    def committed(self, entries: Sequence[Entry]) -> None:
        decisions = Counter(entry.incident for entry in entries if "cause" in entry.data)
        for entry in entries:
            if entry.incident is not None and decisions[entry.incident] == 1 and "cause" in entry.data:
                self._judge(entry, entry.incident)
        for incident in decisions:
            if incident is not None:
                self._before[incident] = self.eyes.incident(incident)

    def _judge(self, entry: Entry, incident: str) -> None:
        before = self._before.get(incident)
        event = msgspec.convert(entry.data["cause"], Cause, strict=False).event
        if before is None or not isinstance(event, Answered) or event.by or event.via == "link":
            return
        number = self.eyes.phones.number_of(event.person)
        active = {p.who.id for p in before.participants if p.standing in ACTIVE}
        sharing = {one for one in active if number and self.eyes.phones.number_of(one) == number}
        if sharing and event.person not in active:
            what = f"{event.answer} is {event.person}'s of {incident}, and {sorted(sharing)} goes (entry {entry.seq})"
            self.eyes.wrong(self.name, what)
