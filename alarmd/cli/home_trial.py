"""A home in test mode: each trigger is waited for, in any order, and whatever else comes meanwhile is named.

The whole home is in test mode, for an installer presses what is nearest, not what the list says. The test mode is a
lease of a minute that is renewed while the command lives: however it ends (a closed terminal, a lost connection, a dead
machine), a minute later a press rings people again.
"""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from alarmd.cli.countdown import Countdown
from alarmd.cli.liveness import Liveness
from alarmd.cli.telling_parts import clean
from alarmd.clock import SystemClock
from alarmd.directory import lookup, proving
from alarmd.directory.health import LOW_BATTERY
from alarmd.directory.proving import TEST_MODE, TRIGGER_KINDS, Proof
from alarmd.event_names import Event
from alarmd.following import Follower
from alarmd.journal import LogEntry
from alarmd.naming import named
from alarmd.store import StoreError, Transaction, writing
from config.wording import said
from escalation.people import Device, Resident

LOOK_EVERY_S = 0.2
LEASE = timedelta(minutes=1)
_RENEW_EVERY_S = 15.0
OLD_S = 60.0  # a message that says it is older was on its way before anybody pressed here
_OFTEN, _OFTEN_WITHIN_S = 3, 60.0
_STRANGERS = 6  # other homes' devices that are named; in a large town something is always pressed
_FLAT = 10  # characters of an address: its end names the flat


class HomeTrial:
    """Waits for the triggers of one home.

    Args:
        url: The store's.
        home: Whose home.
        devices: All of it.
        wanted: The triggers that are waited for.
        by: Who installs.
        patience: Seconds to wait for the next one.
        talk: Where things are said.
        alive: Whether the daemon is there.

    Attributes:
        proofs: What came, by device.
        seconds: How long after the beginning, by device.
        faults: Why presses could not come, each sentence once.
    """

    def __init__(
        self,
        *,
        url: str,
        home: Resident,
        devices: Sequence[Device],
        wanted: Sequence[Device],
        by: str,
        patience: float,
        talk: Countdown,
        alive: Liveness,
    ) -> None:
        self.proofs: dict[str, Proof] = {}
        self.seconds: dict[str, float] = {}
        self.faults: list[str] = []
        self._url, self._home, self._by, self._patience = url, home, by, patience
        self._devices = {device.id: device for device in devices}
        self._wanted = [device.id for device in wanted]
        self._families = {device.family for device in wanted}
        self._talk, self._alive = talk, alive
        self._clock = SystemClock()
        self._named: set[str] = set()
        self._pressed: dict[str, list[float]] = {}
        self._older: dict[str, datetime] = {}
        self._fault = ""
        self._renewed_at = float("-inf")
        self._begun = self._clock.now()
        self._until = 0.0

    @property
    def waiting(self) -> list[str]:
        """What has not come yet."""
        return [id_ for id_ in self._wanted if id_ not in self.proofs]

    def run(self) -> None:
        """Put the home into test mode, wait, and take it out again, whatever happens."""
        with Follower(self._url) as log:
            row = log.tx.one("journal_last")
            after = int(row["seq"]) if row else 0
            self._begun, start = self._clock.now(), time.monotonic()
            at_the_latest = start + TEST_MODE.total_seconds()
            self._until = min(start + self._patience, at_the_latest)
            try:
                self._renew()
                self._invite()
                while self.waiting and (left := self._until - time.monotonic()) > 0:
                    before = len(self.proofs)
                    for entry in log.read(after=after):
                        after = entry.seq
                        self._look(log.tx, entry)
                    if len(self.proofs) > before:
                        self._until = min(time.monotonic() + self._patience, at_the_latest)
                    self._watch()
                    self._renew()
                    self._talk.left(left, said("waiting for {devices}", devices=", ".join(map(clean, self.waiting))))
                    time.sleep(LOOK_EVERY_S)
            finally:
                self._end()

    def _invite(self) -> None:
        self._talk.say(
            said(
                "{name}: in test mode. Trigger each of these once, in any order; nobody is asked to come:",
                name=clean(self._home.name),
            )
        )
        for id_ in self._wanted:
            self._talk.say(f"  {clean(described(self._devices[id_]))}")

    # ------------------------------------------------------------ what comes

    def _look(self, tx: Transaction, entry: LogEntry) -> None:
        if entry.event == Event.SIGNAL_QUARANTINED:
            self._unread(entry)
        if entry.event != Event.SIGNAL_KEPT:
            return
        device = self._devices.get(str(entry.device))
        if device is None:
            self._another(tx, entry)
        elif (proof := proving.tested(tx, entry)) is not None:
            self._tested(device, entry, proof)
        elif proving.is_call(str(entry.data.get("type"))):
            self._talk.say(
                said(
                    "  {device} said {type} and the home was not in test mode: people are asked to come, tell the desk",
                    device=clean(device.id),
                    type=named(entry.data.get("type")),
                ),
                "bold red",
                aloud=True,
            )

    def _tested(self, device: Device, entry: LogEntry, proof: Proof) -> None:
        if self._is_older(device, entry):
            return
        if device.id in self.proofs:
            self._again(device, proof)
            return
        seconds = (proof.at - self._begun).total_seconds()
        after = said("{what} came after {seconds} s", what=named(proof.meant), seconds=f"{seconds:.1f}")
        beside = "" if device.id in self._wanted else said(" (not waited for)")
        came = said("; ").join(filter(None, (after, _battery(proof), proof.strength))) + beside
        self._talk.say("  " + said("{sentence}: {more}", sentence=clean(device.id), more=came), "green")
        self._pressed[device.id] = [time.monotonic()]
        self.proofs[device.id], self.seconds[device.id] = proof, seconds
        if device.kind in TRIGGER_KINDS:
            self._write(lambda tx: proving.give(tx, device, proof, by=self._by, seconds=seconds, now=self._clock.now()))

    def _is_older(self, device: Device, entry: LogEntry) -> bool:
        """It says that it was pressed before the test, and so it waited somewhere; pressed anew, its clock is wrong."""
        try:
            at = datetime.fromisoformat(str(entry.data["at"]))
            old = (self._begun - at).total_seconds() > OLD_S
        except (KeyError, ValueError, TypeError):
            return False
        before = self._older.setdefault(device.id, at)
        if not old or at > before:
            return False
        words = said(
            "  {device}: what came was pressed at {time}, as it says, before this test: trigger it once more",
            device=clean(device.id),
            time=f"{at:%Y-%m-%d %H:%M:%S} UTC",
        )
        self._talk.say(words, "yellow")
        return True

    def _again(self, device: Device, proof: Proof) -> None:
        """In test mode nobody is called, so whoever is in the flat must see that somebody there may mean it."""
        now = time.monotonic()
        recent = [at for at in self._pressed[device.id] if now - at < _OFTEN_WITHIN_S]
        self._pressed[device.id] = [*recent, now]
        meant = self.proofs[device.id].meant
        if proof.meant == meant and len(self._pressed[device.id]) < _OFTEN:
            return
        self._talk.say(
            said(
                "  {device}: {what} again. Does {name} need help? Press Ctrl-C, then the button: it rings people",
                device=clean(device.id),
                what=named(proof.meant),
                name=clean(self._home.name),
            ),
            "bold red",
            aloud=True,
        )

    def _another(self, tx: Transaction, entry: LogEntry) -> None:
        """Another home's device, or one of none: else the installer only sees that nothing comes."""
        type_, name = str(entry.data.get("type")), clean(str(entry.device))
        if entry.device is None or name in self._named or not proving.is_call(type_) or len(self._named) >= _STRANGERS:
            return
        if entry.resident is None:
            self._named.add(name)
            words = said(
                "  {device} ({family}) said {type} and is registered nowhere: is it one of these? The desk is rung",
                device=name,
                family=entry.data.get("family"),
                type=named(type_),
            )
            self._talk.say(words, "yellow")
        elif entry.data.get("family") in self._families and (other := lookup.resident(tx, entry.resident)) is not None:
            self._named.add(name)
            words = said(
                "  {device} said {type} and is registered for {who}: were they exchanged? "
                "People are asked to come there, tell the desk",
                device=name,
                type=named(type_),
                who=_briefly(other),
            )
            self._talk.say(words, "bold yellow", aloud=True)

    def _unread(self, entry: LogEntry) -> None:
        topic = clean(str(entry.data.get("topic")))
        if topic not in self._named and len(self._named) < _STRANGERS:
            self._named.add(topic)
            words = said("  a message under {topic} cannot be placed ({reason}): is it one of these?")
            self._talk.say(words.format(topic=topic, reason=entry.data.get("reason")), "yellow")

    # ------------------------------------------------------------ the daemon, and test mode

    def _watch(self) -> None:
        fault = self._alive.fault()
        if fault == self._fault:
            return
        if fault:
            self.faults.append(fault)
            self._talk.say(
                said("  {fault}. What is pressed now comes later, or never", fault=fault), "bold red", aloud=True
            )
        else:
            self._talk.say(said("  the daemon answers again: go on"), "green")
        self._fault = fault

    def _renew(self) -> None:
        if time.monotonic() - self._renewed_at < _RENEW_EVERY_S:
            return
        now = self._clock.now()
        if self._write(lambda tx: proving.begin(tx, self._home.id, by=self._by, now=now, lasts=LEASE)):
            self._renewed_at = time.monotonic()

    def _end(self) -> None:
        if not self._write(lambda tx: proving.end(tx, self._home.id)):
            self._talk.say(
                said("  test mode ends by itself within a minute; until then a press rings nobody"), "bold red"
            )

    def _write(self, work: Callable[[Transaction], None]) -> bool:
        try:
            with writing(self._url) as tx:
                work(tx)
        except (StoreError, sqlite3.Error) as error:
            self._talk.say(said("  the store takes nothing: {error}", error=error), "bold red", aloud=True)
            return False
        return True


def described(device: Device) -> str:
    """``bed (button, bedroom)``."""
    facts = said(", ").join(filter(None, (named(device.kind), device.room)))
    return said("{sentence} ({facts})", sentence=device.id, facts=facts)


def _battery(proof: Proof) -> str:
    if proof.battery is None:
        return said("it does not tell its battery")
    if proof.battery < LOW_BATTERY:
        return said("battery {percent} %: LOW, change it now", percent=f"{proof.battery:.0f}")
    return said("battery {percent} %", percent=f"{proof.battery:.0f}")


def _briefly(other: Resident) -> str:
    """Enough to go and look, and no more: ``李…, 5号楼402``."""
    pieces = [piece.strip() for piece in re.split(r"[,，;；]", other.address) if piece.strip()]
    whole = other.address.strip()
    flat = pieces[0] if len(pieces) > 1 else whole if len(whole) <= _FLAT else f"…{whole[-_FLAT:]}"
    return clean(f"{other.name[:1]}… ({other.id}){f', {flat}' if flat else ''}")
