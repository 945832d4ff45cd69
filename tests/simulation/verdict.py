"""What must hold at the end of a run, by the log, the committed rows and the world's own record."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from alarmd import journal, times
from alarmd.store import Transaction
from devices.meaning import is_alarm
from devices.signal import SignalType
from escalation.incident import Answer, Answered, Closed, HandedOver, Incident
from escalation.replay import Cause, DifferentQuestionError, replay
from tests.simulation.devices import Press
from tests.simulation.eyes import Entry
from tests.simulation.people import VERIFY, WHICHEVER, Said
from tests.simulation.watch import Watch

SAME_PRESS = timedelta(seconds=10.5)  # a radio's repeats, and the way to the disk
GIVES_UP = timedelta(minutes=30)
# What says of the number itself that nothing arrives there; not alarmd's own table, which might be wrong.
CLOSING_BOTH = {"13223", "21211", "21214", "21217", "21401", "21421"}
CLOSING_ONE = {"13225", "21216", "21610", "21612", "21614", "21635", "30004", "30005", "30006"}
CLOSING = CLOSING_BOTH | CLOSING_ONE
_ALARMS = tuple(kind.value for kind in SignalType if is_alarm(kind))
_DIGITS = {Answer.GO: "1", Answer.CANNOT: "2", Answer.THERE: "3", Answer.WELL: "1"}
STAYS_SO = {"vital": timedelta(minutes=31), "fall": timedelta(minutes=10, seconds=11)}  # said once for as long
SAME_MESSAGE = timedelta(milliseconds=1)


class _Kept(NamedTuple):
    """A signal on the disk."""

    ref: str | None
    type: str
    received_at: datetime
    incident: str | None
    seen: float  # by the world's time, whatever the clock was set to


class Verdict:
    """Judges one run."""

    def __init__(self, watch: Watch) -> None:
        eyes = watch.eyes
        self.story = eyes.machine.story
        self.disk = eyes.machine.disk
        self.phones = eyes.phones
        self.rules = watch.rules
        self.log = eyes.log
        self.presses = eyes.presses
        self.said = eyes.record.said
        self.closed = eyes.closed

    def judge(self) -> None:
        """Everything."""
        self.chain_is_whole()
        self.log_tells_the_incidents()
        self.acknowledged_is_kept()
        self.only_people_answered()
        self.steps_are_told()
        self.outbox_tells_the_truth()
        self.channels_are_closed_by_codes()
        self.closed_by_a_person()
        for rule in self.rules:
            rule.ends()
        self.sum_up()

    def sum_up(self) -> None:
        """What there was to judge: a run in which nothing happens keeps every promise."""
        self.story.count("presses", len(self.presses))
        self.story.count("presses acknowledged", sum(press.acked_at is not None for press in self.presses))
        self.story.count("answers given", len(self.said))
        for event in ("opened", "accepted", "declined", "overdue", "arrived", "closed"):
            self.story.count(f"incidents {event}", sum(entry.event == f"incident.{event}" for entry in self.log))
        self.story.count("hand-offs confirmed", sum(entry.event == "handoff.accepted" for entry in self.log))
        self.story.count("repaired", sum("found" in entry.data for entry in self.log if entry.event == "watchdog.late"))

    def chain_is_whole(self) -> None:
        """The hash chain, as ``alarmd verify`` computes it."""
        verdict = journal.verify(Transaction(self.disk.eye))
        if verdict.bad_seq is not None or verdict.count != len(self.log):
            self.story.wrong("the log's chain is whole", f"{verdict}, {len(self.log)} entries were seen")

    def log_tells_the_incidents(self) -> None:
        """The causes in the log, told again, give the stored incidents."""
        causes: dict[str, list[tuple[datetime, Cause]]] = {}
        for entry in self.log:
            if entry.incident and "cause" in entry.data:
                cause = msgspec.convert(entry.data["cause"], Cause, strict=False)
                causes.setdefault(entry.incident, []).append((times.from_text(entry.at), cause))
        for row in self.disk.query("SELECT id, state FROM incident"):
            stored = msgspec.json.decode(row["state"], type=Incident)
            try:
                told = replay(causes.get(row["id"], ()))
            except (DifferentQuestionError, ValueError) as error:
                self.story.wrong("the log tells the incident", f"{row['id']}: {error}")
                continue
            if told != stored:
                self.story.wrong("the log tells the incident", f"{row['id']}: told {told}, stored {stored}")

    def acknowledged_is_kept(self) -> None:
        """Each press that alarmd acknowledged has its signal, and its signal an incident."""
        signals: dict[str, list[_Kept]] = {}
        seen = {entry.data["signal"]: entry.seen for entry in self.log if entry.event == "signal.kept"}
        for row in self.disk.query("SELECT seq, device, ref, type, received_at, incident FROM signal ORDER BY seq"):
            if row["type"] in _ALARMS:
                received_at = times.from_text(row["received_at"])
                kept = _Kept(row["ref"], row["type"], received_at, row["incident"], seen.get(row["seq"], 0.0))
                signals.setdefault(row["device"], []).append(kept)
                if row["incident"] is None:
                    self.story.wrong("acknowledged means kept", f"a signal of {row['device']} has no incident")
        for press in self.presses:
            if press.acked_at is None:
                continue
            of_it = [kept for device in press.device.split(" ") for kept in signals.get(device, ())]
            found = [kept.incident for kept in of_it if self._is_kept_as(press, kept)]
            if not any(found):
                what = f"{press.kind} of {press.at:.1f} s on {press.device} ({press.ref}), acked {press.acked_at:.1f} s"
                self.story.wrong("acknowledged means kept", what)

    def _is_kept_as(self, press: Press, kept: _Kept) -> bool:
        """Whether that signal is this press: it came with it, or it is one that this press repeats."""
        if any(abs(arrived - kept.received_at) <= SAME_MESSAGE for arrived in press.arrived):
            return True
        if press.kind == "cry":
            return True  # of that telephone and home; each text is taken, or the provider is told that it was not
        if press.ref is None:
            said_for = STAYS_SO.get(press.kind)
            if said_for is not None:
                return -SAME_PRESS <= timedelta(seconds=(press.acked_at or 0.0) - kept.seen) <= said_for
            return any(abs(received - kept.received_at) <= SAME_PRESS for received in press.received)
        same = kept.ref is not None and kept.ref.split(" ")[0] == press.ref
        return same and self._was_open(kept.incident, press.at)

    def _was_open(self, incident: str | None, at: float) -> bool:
        """Whether nobody had closed it by then: a number that comes again later is a new press."""
        closed = next((e.seen for e in self.log if e.event == "incident.closed" and e.incident == incident), None)
        return closed is None or closed >= at

    def only_people_answered(self) -> None:
        """Each answer in the log was given by that person, once."""
        left = [said._replace(person=self.phones.owner(said.person)) for said in self.said]
        rows = self.disk.query("SELECT i.id, r.address FROM incident i JOIN resident r ON r.id = i.resident")
        home = {row["id"]: row["address"] for row in rows}
        there = [(said, home.get(said.incident, "")) for said in left if said.digit == _DIGITS[Answer.THERE]]
        for entry in self.log:
            if not entry.incident or "cause" not in entry.data:
                continue
            event = msgspec.convert(entry.data["cause"], Cause, strict=False).event
            if isinstance(event, Answered):
                person, digit, via = event.person, _DIGITS[event.answer], event.via
            elif isinstance(event, HandedOver):
                person, digit, via = event.by, "1" if event.accepted else "2", event.via
            else:
                continue
            person = self.phones.owner(person)
            given = next((s for s in left if _matches(s, entry, person, digit, via)), None)
            if given is None:  # who stands at a home's door stands there for each of its alarms
                if any(
                    where
                    and where == home.get(entry.incident)
                    and _matches(said._replace(incident=entry.incident), entry, person, digit, via)
                    for said, where in there
                ):
                    continue
                what = f"{person} {digit} by {via} for {entry.incident} (entry {entry.seq})"
                self.story.wrong("only a person is an answer", what)
            else:
                left.remove(given)

    def steps_are_told(self) -> None:
        """No step is begun before the one before it was, or was told to be a gap."""
        told: dict[str, set[int]] = {}
        handed = {entry.incident for entry in self.log if entry.event == "handoff.accepted"}
        for entry in self.log:
            if entry.event not in {"incident.step", "incident.gap"} or "step" not in entry.data or not entry.incident:
                continue
            if entry.data.get("last_resort"):  # beside the steps: whom no step would ask
                continue
            step, steps = entry.data["step"], told.setdefault(entry.incident, set())
            beside = entry.data.get("contact") == "ambulance"  # somebody called for it: the other steps go on
            if step > 1 and not beside and step - 1 not in steps and entry.incident not in handed:
                self.story.wrong("no step is skipped in silence", f"{entry.incident}: {step} follows {sorted(steps)}")
            steps.add(step)

    def outbox_tells_the_truth(self) -> None:
        """What it calls sent was taken by the provider; what it calls refused was refused, or given up after long."""
        taken = {one.sid: one for account in self.phones.accounts for one in account.taken}
        refusals = {e.data.get("attempt"): e for e in self.log if e.event == "message.refused"}
        sids: Counter[str] = Counter()
        query = (
            "SELECT attempt, person, channel, destination, state, sid, queued_at FROM outbox WHERE channel <> 'device'"
        )
        for row in self.disk.query(query):
            what = f"{row['attempt']} to {row['person']} by {row['channel']}"
            match row["state"]:
                case "sent" | "delivered":
                    sids[row["sid"]] += 1
                    real = taken.get(row["sid"])
                    if real is None or (real.to, real.channel) != (row["destination"], row["channel"]):
                        self.story.wrong("what is called sent was taken", f"{what}: {row['sid']!r}")
                    elif sids[row["sid"]] > 1 and not self._was_taken(row["attempt"]):
                        self.story.wrong("what is called sent was taken", f"{what}: {row['sid']} is another's")
                case "refused" | "failed" if not self._was_refused(row["attempt"]):
                    entry = refusals.get(row["attempt"])
                    waited = entry and times.from_text(entry.at) - times.from_text(row["queued_at"])
                    if not waited or abs(waited) < GIVES_UP:
                        self.story.wrong("what is called refused was refused", what)
                case _:
                    pass

    def channels_are_closed_by_codes(self) -> None:
        """A channel is closed to somebody only by a code that says so of the number."""
        closing = {
            (entry.incident, entry.actor, entry.data["channel"])
            for entry in self.log
            if entry.event == "message.refused" and entry.data.get("code") in CLOSING
        }
        for row in self.disk.query("SELECT id, state FROM incident"):
            for participant in msgspec.json.decode(row["state"], type=Incident).participants:
                for channel in participant.failed:
                    if (row["id"], participant.who.id, channel.value) not in closing:
                        what = f"{row['id']}: {participant.who.id} by {channel}"
                        self.story.wrong("a channel is closed only by a code that closes it", what)

    def _was_taken(self, attempt: str) -> bool:
        """Two calls to one number at one time can be mistaken for each other: a provider's list names no attempt."""
        return any(one.attempt == attempt for account in self.phones.accounts for one in account.taken)

    def _was_refused(self, attempt: str) -> bool:
        mine = (one for one in self.phones.asked if one.message.attempt == attempt)
        return any(one.outcome.startswith("refused") or (one.taken and one.taken.failed) for one in mine)

    def closed_by_a_person(self) -> None:
        """Nothing closes but by an operator who says why."""
        for row in self.disk.query("SELECT id, closed_by, close_reason FROM incident WHERE status = 'closed'"):
            by_herself = row["closed_by"].startswith("resident:") and self._said_well(row["id"], row["closed_by"])
            if not (row["id"] in self.closed or by_herself) or not row["closed_by"] or not row["close_reason"]:
                self.story.wrong("only a person closes", row["id"])
        for entry in self.log:
            if entry.event == "incident.closed":
                event = (
                    msgspec.convert(entry.data["cause"], Cause, strict=False).event if "cause" in entry.data else None
                )
                if event is not None and not isinstance(event, Closed):
                    self.story.wrong("only a person closes", f"{entry.incident} by {event}")

    def _said_well(self, incident: str, person: str) -> bool:
        """Whether the resident herself pressed the key for *all is well* when she was asked."""
        who = self.phones.owner(person)
        return any(s[1:] == (who, incident, "1", "voice", VERIFY) for s in self.said)


def _matches(said: Said, entry: Entry, person: str, digit: str, via: str) -> bool:
    return (
        (said.person, said.digit, said.via) == (person, digit, via)
        and said.incident in {entry.incident, WHICHEVER}
        and said.at <= entry.seen
    )
