"""What must hold at every moment of a run, seen from outside: in the committed rows and at the providers' doors."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import timedelta

import msgspec

from alarmd import times
from alarmd.circle import LINE
from escalation.decide import longest_wait
from escalation.draft import ACTIVE
from escalation.incident import DeadlineKind, Incident, Purpose, Standing, Status
from escalation.people import Role
from escalation.rooms.waits import RECOVERED_WAITS
from tests.simulation.eyes import Entry, Eyes, Rule
from tests.simulation.phones import Asked, Taken

LOOKS_EVERY = 5.0
LATENESS = 12.0  # seconds: the timers look every five, a way to the disk takes milliseconds
FARTHEST = timedelta(minutes=31)  # nothing but a long way takes longer
SET_RIGHT = 75.0  # seconds in which a leap of the clock is noticed and mended
SETTLED_LATELY = 30.0  # seconds: who said yes may take it back while the others are being hung up on
AFTER_THE_FACT = 2.0  # seconds: what was being handed over when it was withdrawn
FIRST_CALL = 15.0
SILENCE = 300.0  # the longest step of a shipped plan, and a back-off that began in an outage
OUTBOX_LATENESS = 60.0
STARTS = 1.0  # seconds; its outbox works before it is ready, and a dead machine stays so for longer
LOOKED_UP_WITHIN = 15.0  # seconds after a start in which nothing hindered it
MOST_OF_ONE = 12  # times that one message is ever taken by a provider
_FINISHED = {Purpose.CLOSED, Purpose.HANDOFF_CANCEL, Purpose.SAID}  # what was said is never unsaid
_MAY_RING_IN_VAIN = {Purpose.ASK, Purpose.AGAIN, Purpose.DESK, Purpose.HANDOFF, Purpose.AFTERCARE}
_STILL_ASKED = {Standing.ASKED, Standing.OVERDUE, Standing.UNREACHABLE}
_TAKEN = {Status.ACCEPTED, Status.COMING, Status.ARRIVED}


class Watch:
    """Looks at every commit, at every request to a provider, and every few seconds."""

    def __init__(self, eyes: Eyes, rules: Sequence[Rule]) -> None:
        self.eyes = eyes
        self.rules = rules
        machine = self.machine = eyes.machine
        self.story = machine.story
        phones = self.phones = eyes.phones
        self.log = eyes.log
        self._last_leap = -1e9
        self._sent: dict[str, float] = {}  # incident → last request for it
        self._manned: dict[str, float] = {}  # incident → when somebody last was on the way
        self._opened: dict[str, float] = {}
        self._taken: dict[str, float] = {}
        self._closed: dict[str, float] = {}
        self._handed: dict[str, float] = {}
        self._by_attempt: dict[str, list[Asked]] = {}
        self._under_way: dict[str, float] = {}  # attempt → since the start that found it so
        machine.disk.on_commit = self.committed
        machine.on_up.append(self._nothing_vanished)
        machine.on_up.append(self._note_under_way)
        phones.on_send = self.sends
        phones.on_hang_up = self.hangs_up

    def leaped(self) -> None:
        """The clock was set."""
        self._last_leap = self.machine.leaped_at = self.machine.loop.time()
        self.machine.disturbed()

    # ------------------------------------------------------------ the log

    def committed(self) -> None:
        """Something is on the disk: read what is new in the log."""
        last = self.log[-1].seq if self.log else 0
        now, fresh = self.machine.loop.time(), list[Entry]()
        for row in self.machine.disk.query(
            "SELECT seq, at, event, incident, actor, data, hash FROM journal WHERE seq > ? ORDER BY seq", last
        ):
            entry = Entry(
                seen=now,
                seq=row["seq"],
                at=row["at"],
                event=row["event"],
                incident=row["incident"],
                actor=row["actor"],
                data=msgspec.json.decode(row["data"]),
                hash=row["hash"],
            )
            self.log.append(entry)
            self._note(entry)
            fresh.append(entry)
        for rule in self.rules if fresh else ():
            rule.committed(fresh)

    def _note(self, entry: Entry) -> None:
        brief = {k: v for k, v in entry.data.items() if k not in {"cause", "skipped", "attempt"}}
        attempt = entry.data.get("attempt", "")[:4]
        words = f"{entry.event} {entry.incident or ''} {entry.actor} {attempt} {brief}"
        self.story.tell("log", f"#{entry.seq} {words[:230]}")
        incident = entry.incident
        if incident is None:
            return
        match entry.event:
            case "incident.opened":
                self._opened[incident] = entry.seen
            case "incident.step":
                self._chosen_are_asked(entry, incident)
            case "incident.accepted" | "incident.coming" | "incident.arrived":
                self._taken[incident] = entry.seen
            case "handoff.queued":
                self._handed.pop(incident, None)  # taken back, and somebody else is asked for it
            case "handoff.accepted":
                self._taken[incident] = self._handed[incident] = entry.seen
            case "incident.closed":
                self._closed[incident] = entry.seen

    def _chosen_are_asked(self, entry: Entry, incident: str) -> None:
        """The telephone of whom a step chose has a row of the outbox from that same commit, or from before."""
        rows = self.machine.disk.query("SELECT DISTINCT destination, channel FROM outbox WHERE incident = ?", incident)
        queued = {(row["destination"], row["channel"]) for row in rows}
        (row,) = self.machine.disk.query("SELECT state FROM incident WHERE id = ?", incident)
        quiet = msgspec.json.decode(row["state"], type=Incident).plan.remind is not None
        for one in entry.data["chosen"]:
            for channel in ["sms"] if quiet else one["by"]:
                asked = (self.phones.number_of(one["id"]), channel) in queued
                if not asked and not self.phones.is_closed(one["id"], channel):
                    self.story.wrong("who is chosen is asked", f"{one['id']} by {channel}, entry {entry.seq}")

    def _nothing_vanished(self) -> None:
        if not self.log:
            return
        rows = self.machine.disk.query("SELECT hash FROM journal WHERE seq = ?", self.log[-1].seq)
        if not rows or rows[0]["hash"] != self.log[-1].hash:
            self.story.wrong("what was committed stays", f"entry {self.log[-1].seq} is gone or another")

    def _note_under_way(self) -> None:
        """What the last run was sending or looking up when it ended."""
        rows = self.machine.disk.query(
            "SELECT attempt FROM outbox WHERE state IN ('sending', 'unknown') AND channel <> 'device'"
        )
        self._under_way = {row["attempt"]: self.machine.loop.time() for row in rows}

    # ------------------------------------------------------------ the providers' doors

    def sends(self, asked: Asked) -> None:
        """alarmd asks a provider to send something."""
        now, attempt = self.machine.loop.time(), asked.message.attempt
        rows = self.machine.disk.query(
            "SELECT o.purpose, o.person, o.channel, o.incident, i.status FROM outbox o "
            "LEFT JOIN incident i ON i.id = o.incident WHERE o.attempt = ?",
            attempt,
        )
        if rows and rows[0]["incident"] is None:
            return  # somebody's words for the desk, of no alarm
        if not rows:
            self.story.wrong("what is sent was committed", f"attempt {attempt} is not in the outbox")
            return
        row = rows[0]
        for rule in self.rules:
            rule.sends(asked, dict(row))
        self._sent[row["incident"]] = now
        what = f"{row['purpose']} to {row['person']} of {row['incident']} ({attempt[:4]})"
        if row["status"] == Status.CLOSED and row["purpose"] not in _FINISHED:
            self._too_late(what, "close", self._closed.get(row["incident"]))
        elif row["status"] in _TAKEN and row["purpose"] in {Purpose.ASK, Purpose.DESK}:
            self._too_late(what, "acceptance", self._taken.get(row["incident"]))
        elif row["status"] in _TAKEN and row["purpose"] == Purpose.HANDOFF and row["incident"] in self._handed:
            self._too_late(what, "hand-off", self._handed[row["incident"]])
        self._not_blindly_again(asked, what)

    def hangs_up(self, taken: Taken) -> None:
        """alarmd asks a provider to end a call: one that asks somebody for what was done meanwhile."""
        (row,) = self.machine.disk.query(
            "SELECT o.purpose, o.person, o.incident, i.status, i.state FROM outbox o "
            "JOIN incident i ON i.id = o.incident WHERE o.attempt = ?",
            taken.attempt,
        )
        state = msgspec.json.decode(row["state"], type=Incident)
        if any(p.who.id == row["person"] and p.standing not in _STILL_ASKED for p in state.participants):
            return  # said yes or no by another way while it rang
        if row["purpose"] == Purpose.HANDOFF and state.handoff and row["person"] in state.handoff.refused:
            return  # refused it by another way
        settled = max(self._taken.get(row["incident"], -math.inf), self._closed.get(row["incident"], -math.inf))
        what = f"{row['purpose']} to {row['person']} of {row['incident']} ({taken.attempt[:4]}), {row['status']}"
        still_open = row["status"] not in {*_TAKEN, Status.CLOSED}
        handed = row["purpose"] == Purpose.HANDOFF and row["incident"] not in self._handed
        hanging = row["purpose"] not in _MAY_RING_IN_VAIN or row["person"] == LINE or (handed and still_open)
        if hanging or (still_open and self.machine.loop.time() - settled > SETTLED_LATELY):
            self.story.wrong("who is needed is not hung up on", what)

    def _too_late(self, what: str, after: str, since: float | None) -> None:
        now = self.machine.loop.time()
        if since is not None and now - since <= AFTER_THE_FACT:
            self.story.count(f"sent within {AFTER_THE_FACT:.0f} s after the {after}")
            return
        self.story.wrong("what is withdrawn is not sent", f"{what} {now - (since or 0):.1f} s after the {after}")

    def _not_blindly_again(self, asked: Asked, what: str) -> None:
        earlier = self._by_attempt.setdefault(asked.message.attempt, [])
        taken = [one for one in earlier if one.taken is not None]
        if taken and not (taken[-1].taken is not None and taken[-1].taken.failed):
            self.story.count("sent twice")
            finds = [
                one
                for one in self.phones.asked
                if one.what == "find" and one.message.attempt == asked.message.attempt and one.at >= taken[-1].at
            ]
            if not finds:
                self.story.wrong("an unknown outcome is looked up before it is sent again", what)
        reached = sum(
            not one.taken.failed for one in taken if one.taken is not None
        )  # else it is tried again, and shall be
        if reached >= MOST_OF_ONE:
            self.story.wrong("duplicates are bounded", f"{what} was taken {reached} times")
        earlier.append(asked)

    # ------------------------------------------------------------ every few seconds

    def look(self) -> None:
        """Look at everything that is open."""
        able = self.machine.able_for
        for row in self.machine.disk.query("SELECT id, due_at, state FROM incident WHERE status <> 'closed'"):
            incident = msgspec.json.decode(row["state"], type=Incident)
            self._has_a_clock(incident, row["due_at"])
            if able > LATENESS:
                self._is_in_time(incident, able)
            if self.machine.loop.time() - self._last_leap > SET_RIGHT and able > SET_RIGHT:
                self._is_not_put_off(incident)
            self._is_heard(incident, able)
        self._outbox_moves(able)
        self._under_way_is_looked_up(able)
        for rule in self.rules:
            rule.looks()

    def _has_a_clock(self, incident: Incident, due_at: str) -> None:
        if not incident.deadlines:
            self.story.wrong("no incident without a clock", f"{incident.id} has no deadline", about=incident.id)
            return
        first = times.to_text(min(d.due_at for d in incident.deadlines))
        if first != due_at:
            self.story.wrong("no incident without a clock", f"{incident.id} is due {first}, its row says {due_at}")
        if incident.status is Status.ARRIVED:
            return
        for participant in incident.participants:
            waited_for = any(d.person == participant.who.id for d in incident.deadlines)
            if participant.standing in {Standing.ACCEPTED, Standing.COMING} and not waited_for:
                self.story.wrong("who accepted is waited for", f"{participant.who.id} of {incident.id}")

    def _is_in_time(self, incident: Incident, able: float) -> None:
        now = self.machine.clock.now()
        for deadline in incident.deadlines:
            late = (now - deadline.due_at).total_seconds()
            if late > LATENESS:
                what = f"{deadline.kind} of {incident.id} is {late:.0f} s late; able for {able:.0f} s"
                self.story.wrong("every due step happens in time", what, about=f"{incident.id} {deadline.kind}")

    def _is_not_put_off(self, incident: Incident) -> None:
        now = self.machine.clock.now()
        ways = {p.who.id: timedelta(seconds=1.25 * (p.who.travel_seconds or 0)) for p in incident.participants}
        quiet = timedelta(seconds=longest_wait(incident.plan) if incident.plan.remind else 0.0)
        for deadline in incident.deadlines:
            ahead = deadline.due_at - now
            if ahead > max(FARTHEST, quiet, ways.get(deadline.person, FARTHEST)):
                what = f"{deadline.kind} {deadline.person} of {incident.id} is due in {ahead}"
                self.story.wrong("no deadline is put off", what, about=f"{incident.id} {deadline.kind}")

    def _has_somebody(self, incident: Incident) -> bool:
        """Whether there is anybody to ring at all: in a town without a desk a stranger's button may have nobody."""
        helpers = (p.who for p in incident.participants if p.who.role is not Role.RESIDENT)
        return self.eyes.town.has_desk or any(self.phones.number_of(who.id) for who in helpers)

    def _is_heard(self, incident: Incident, able: float) -> None:
        if not self._has_somebody(incident):
            self._opened[incident.id] = self.machine.loop.time()  # until an operator thinks of somebody
            return
        now = self.machine.loop.time()
        waits_on_person = {DeadlineKind.AFTERCARE} & {d.kind for d in incident.deadlines}
        if any(p.standing in ACTIVE for p in incident.participants) or waits_on_person:
            self._manned[incident.id] = now
            return
        if incident.status in {Status.ACCEPTED, Status.COMING}:
            self.story.wrong("nobody takes it, so it goes on", f"{incident.id} is {incident.status} by nobody")
        opened = self._opened.get(incident.id, now)
        since = max(self._sent.get(incident.id, opened), self._manned.get(incident.id, 0.0))
        silent = min(now - since, able, self.phones.well_for())
        refused = all(
            p.standing is Standing.DECLINED for p in incident.participants
        )  # at a desk, before anybody was rung
        waits = not (refused and not self.eyes.town.has_desk)
        if waits and incident.id not in self._sent and min(now - opened, able, self.phones.well_for()) > FIRST_CALL:
            self.story.wrong("a press reaches people", f"nobody is rung for {incident.id}", about=incident.id)
        self._goes_on(incident, min(now - max(opened, self._manned.get(incident.id, 0.0)), able))
        if silent > SILENCE + _reminded_every(incident):
            what = f"{incident.id}: nobody rung for {silent:.0f} s, and nobody is on the way"
            self.story.wrong("nobody is silent", what, about=incident.id)

    def _goes_on(self, incident: Incident, unmanned: float) -> None:
        """What nobody takes comes to the end of its plan, desk or hand-off, in no more than all steps' time."""
        steps = incident.plan.steps
        if incident.step >= len(steps) or incident.handoff is not None or incident.recovered_at is not None:
            return
        if unmanned > sum(step.wait for step in steps) + LATENESS * len(steps):
            what = f"{incident.id} is at step {incident.step + 1} after {unmanned:.0f} s without anybody"
            self.story.wrong("nobody takes it, so it goes on", what, about=incident.id)

    def _under_way_is_looked_up(self, able: float) -> None:
        """After a start everything that was under way is asked about within seconds, unless a callback named it."""
        now = self.machine.loop.time()
        if able <= LOOKED_UP_WITHIN or now - self._last_leap <= SET_RIGHT:
            return
        for attempt, since in list(self._under_way.items()):
            if now - since <= LOOKED_UP_WITHIN:
                continue
            del self._under_way[attempt]
            (row,) = self.machine.disk.query("SELECT state FROM outbox WHERE attempt = ?", attempt)
            asked = any(one.message.attempt == attempt and one.at >= since - STARTS for one in self.phones.asked)
            if row["state"] in {"sending", "unknown"} and not asked:
                what = f"{attempt} is {row['state']}, nobody asked about it for {now - since:.0f} s after the start"
                self.story.wrong("what was under way is looked up after a start", what, about=attempt)

    def _outbox_moves(self, able: float) -> None:
        if min(able, self.phones.well_for()) < OUTBOX_LATENESS * 2:
            return
        before = times.to_text(self.machine.clock.now() - timedelta(seconds=OUTBOX_LATENESS))
        for row in self.machine.disk.query("SELECT attempt, state, due_at FROM outbox WHERE due_at < ?", before):
            what = f"{row['attempt']} is {row['state']} and was due {row['due_at']}"
            self.story.wrong("what is queued goes out", what, about=row["attempt"])


def _reminded_every(incident: Incident) -> float:
    """Seconds; what concerns a device is said by text, and then now and then, and seldom once it works again."""
    every = incident.plan.remind or 0.0
    return every * RECOVERED_WAITS if incident.recovered_at is not None else every
