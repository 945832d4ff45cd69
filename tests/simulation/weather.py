"""What goes wrong in a run: the seed chooses which kinds of trouble there are at all, and when each comes."""

from __future__ import annotations

import random

from escalation.people import Channel
from tests.simulation.devices import Broker, Door
from tests.simulation.disk import Fate
from tests.simulation.machine import Machine
from tests.simulation.people import Person
from tests.simulation.phones import Account, Phones
from tests.simulation.watch import Watch

TROUBLES = ("crashes", "clock", "disk", "stalls", "provider", "callbacks", "numbers", "broker", "door")
_REFUSED_AT_ONCE = {
    Channel.SMS: ("21211", "21610", "21612", "99999"),
    Channel.VOICE: ("21211", "21214", "21216", "99999"),
}
_FAILS_LATER = {
    Channel.SMS: ("30003", "30005", "30008", "30006", "30001", "30017"),
    Channel.VOICE: ("", "", "21214"),  # as a network that has no way just now: failed, and no code
}
_FOR_NOW = {"30003", "30008", "30001", "30017", "", "99999"}


class Weather:
    """Brings trouble until the time at which everything heals.

    Args:
        machine: Dies, stalls, and has its clock set.
        phones: Fail.
        door: Loses packets.
        broker: Restarts.
        watch: Must know of leaps of the clock.
        dice: Chooses.
        until: The world time of healing.
    """

    def __init__(
        self,
        *,
        machine: Machine,
        phones: Phones,
        door: Door,
        broker: Broker,
        watch: Watch,
        dice: random.Random,
        until: float,
    ) -> None:
        self.machine = machine
        self.phones = phones
        self.door = door
        self.broker = broker
        self.watch = watch
        self.dice = dice
        self.until = until
        harshness = dice.choice([0.2, 0.5, 0.8])
        self.troubles = [trouble for trouble in TROUBLES if dice.random() < harshness]
        machine.story.tell("weather", f"troubles: {', '.join(self.troubles) or 'none'}")
        for trouble in self.troubles:
            getattr(self, f"_{trouble}")()
        machine.loop.call_at(until, self._heal)

    def _times(self, most: int) -> list[float]:
        return sorted(self.dice.uniform(5.0, self.until) for _ in range(self.dice.randint(1, most)))

    def _at(self, moment: float, action: object, *args: object) -> None:
        self.machine.loop.call_at(moment, action, *args)  # type: ignore[arg-type]  # always callable

    # ------------------------------------------------------------ the machine

    def _crashes(self) -> None:
        for moment in self._times(6):
            self._at(moment, self._crash)

    def _crash(self) -> None:
        machine, dice = self.machine, self.dice
        machine.down_for = dice.choice([0.3, 2.0, 5.0, 20.0, dice.uniform(30.0, 400.0)])
        how = dice.choice(["now", "step", "step", "commit", "commit", "commit", "stop", "twice"])
        if how in {"now", "step"} and any(account.mode != "well" for account in self.phones.accounts):
            self.phones.dies_at_find = True
            machine.story.tell("weather", "the power will fail while a send is looked up")
        elif how == "now":
            machine.crash("the power fails")
        elif how == "stop":
            machine.terminate()
        elif how == "commit":
            machine.disk.fate = dice.choice(list(Fate))
            machine.story.tell("weather", f"the power will fail {machine.disk.fate}")
        elif machine.process is not None:
            machine.process.dies_in = dice.randint(0, 60)
            machine.story.tell("weather", f"the power will fail in {machine.process.dies_in} steps")
            machine.dies_in = dice.randint(1, 120) if how == "twice" else None

    def _clock(self) -> None:
        for moment in self._times(2):
            seconds = self.dice.choice([5.0, 60.0, 3600.0, 3 * 3600.0, self.dice.uniform(1.0, 14400.0)])
            self._at(moment, self._leap, seconds * self.dice.choice([-1, 1]))

    def _leap(self, seconds: float) -> None:
        self.machine.clock.leap(seconds)
        self.machine.story.count("clock set")
        self.machine.story.tell("weather", f"the clock is set by {seconds:+.0f} s")
        self.watch.leaped()

    def _stalls(self) -> None:
        for moment in self._times(3):
            self._at(moment, self._stall, self.dice.choice([1.0, 10.0, self.dice.uniform(20.0, 300.0)]))

    def _stall(self, seconds: float) -> None:
        if self.machine.process is None:
            return
        self.machine.story.tell("weather", f"the machine sleeps for {seconds:.0f} s")
        self.machine.story.count("stalls")
        self.machine.loop.hold(self.machine.process, seconds)
        self._at(self.machine.loop.time() + seconds, self.machine.disturbed)

    def _disk(self) -> None:
        for moment in self._times(3):
            seconds = self.dice.choice([1.0, 10.0, self.dice.uniform(10.0, 200.0)])
            self._at(moment, self._disk_is, self.dice.choice(["full", "broken", "slow"]))
            self._at(moment + seconds, self._disk_is, "well")

    def _disk_is(self, how: str) -> None:
        disk = self.machine.disk
        self.machine.story.tell("weather", f"the disk is {how}")
        self.machine.story.count(f"disk {how}")
        disk.slow = self.dice.choice([0.5, 3.0]) if how == "slow" else 0.0
        disk.fill(full=how == "full")
        disk.break_(broken=how == "broken")
        self.machine.disturbed()

    # ------------------------------------------------------------ the world

    def _provider(self) -> None:
        if self.dice.random() < 0.4:
            self.phones.accounts.append(Account("B"))
        for moment in self._times(3):
            account = self.dice.choice(self.phones.accounts)
            mode = self.dice.choice(["throttled", "errors", "dark", "deaf", "suspended", "hangs"])
            self._at(moment, self.phones.set_mode, account, mode)
            self._at(moment + self.dice.choice([5.0, 60.0, 400.0]), self.phones.set_mode, account, "well")

    def _callbacks(self) -> None:
        self.phones.repeats = self.dice.choice([0.0, 0.3, 0.9])
        self.phones.losses = self.dice.choice([0.0, 0.3, 1.0])
        self.phones.delay = self.dice.choice([0.1, 2.0, 30.0])

    def _numbers(self) -> None:
        for person in self.phones.people.values():
            for channel in Channel:
                key = person.number, channel
                if self.dice.random() < 0.15 and not person.is_staff:
                    code = self.phones.refusals[key] = self.dice.choice(_REFUSED_AT_ONCE[channel])
                elif self.dice.random() < 0.15:
                    code = self.phones.failures[key] = self.dice.choice(_FAILS_LATER[channel])
                else:
                    continue
                self.machine.story.tell(person.id, f"{channel} is refused: {code or 'without code'}")
                if code in _FOR_NOW and self.dice.random() < 0.5:
                    self.phones.passing.add(key)

    def _broker(self) -> None:
        for moment in self._times(3):
            if self.dice.random() < 0.5:
                self._at(moment, self.broker.disconnect, self.dice.uniform(0.5, 30.0))
            else:
                keeps, seconds = self.dice.random() < 0.5, self.dice.uniform(1.0, 60.0)
                self._at(moment, self._restart_broker, keeps, seconds)

    def _restart_broker(self, keeps: bool, seconds: float) -> None:  # noqa: FBT001 - handed on by the loop
        self.broker.restart(keeps=keeps, seconds=seconds)

    def _door(self) -> None:
        self.door.losses = self.dice.choice([0.1, 0.4])

    # ------------------------------------------------------------ the end of it

    def _heal(self) -> None:
        machine = self.machine
        machine.story.tell("weather", "everything heals; from now on time is let run")
        machine.disk.fate = None
        machine.dies_in = None
        self.phones.dies_at_find = False
        machine.down_for = 1.0
        if machine.process is not None:
            machine.process.dies_in = None
        self._disk_is("well")
        for account in self.phones.accounts:
            if account.mode != "well":
                self.phones.set_mode(account, "well")
        self.phones.losses = self.phones.repeats = self.door.losses = 0.0
        self.phones.heal()
        self._set_moods(list(self.phones.people.values()))

    def _set_moods(self, people: list[Person]) -> None:
        ending = self.dice.choice(["as they are", "as they are", "nobody answers", "everybody declines", "helpful"])
        mood = {"nobody answers": "ignores", "everybody declines": "declines", "helpful": "helpful"}.get(ending)
        self.machine.story.tell("weather", f"people: {ending}")
        for person in people:
            person.mood = mood or person.mood
