"""Every supervised device in memory: who was heard when, in some 200 bytes each, and who is overdue.

Nothing is scanned: a heartbeat writes a few numbers in place, and a wheel brings each device up once in its reporting
time. When one is overdue, the question is who else ought to have been heard and was not:

1. Where nothing came at all for longer than chance allows (`Group.patience`), everything is silent: one cause.
2. Else the same for its gateway, then for its street.
3. Where one of those has been heard since the device was due, that is not the cause.
4. As long as neither is certain the device waits, its own reporting time at most (see `_waits_until`); then it is its
   home that is silent.

After a start, and after the clock leapt, nobody is overdue before one reporting time has passed: `floor`.

Only registered devices tell whether a group is heard: alarmd's own test press, and a stranger's pendant, come through
while every home is silent.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from math import inf, isnan, nan

from alarmd.silence.found import Found, Registered, State
from alarmd.silence.group import NOBODY, Group, Scope
from alarmd.silence.wheel import Wheel

LONGEST_SLACK_S = 30.0
SLACK = 0.1
LOOKED_AT_ONCE = 20_000
LOOK_AGAIN_S = 10.0
STRANGERS_MOST = 200_000  # noted while nobody can say who is registered
QUICK_S = 600.0  # who reports so often is waited for as long again; who reports seldom, for a tenth of it


class Fleet:
    """All devices, by number.

    Args:
        floor: Since when anybody listens, seconds since 1970.
    """

    def __init__(self, floor: float) -> None:
        self.floor = floor
        self.everything = Group(Scope.ALL, "")
        self._numbers: dict[str, dict[str, int]] = {}
        self._addresses: list[str] = []
        self._families: list[str] = []
        self._family = array("b")
        self._seen = array("d")
        self._battery = array("f")
        self._promised = array("f")
        self._in_use_from: dict[int, float] = {}  # few have a day of activation
        self._home = array("i")
        self._gateway = array("i")
        self._street = array("i")
        self._state = bytearray()
        self._fresh = bytearray()
        self._dirty = array("i")
        self._gateways: list[Group] = []
        self._gateway_numbers: dict[str, int] = {}
        self._streets: list[Group] = []
        self._still: list[Group] = []  # those that are silent: a town has a gateway in each home
        self._wheel = Wheel()
        self._turning = bytearray()
        self._doubted: list[int] = []
        self._returned: list[tuple[int, float]] = []

    @classmethod
    def of(cls, devices: Iterable[Registered], floor: float) -> Fleet:
        """A fleet as registered."""
        fleet = cls(floor)
        homes: dict[str, int] = {}
        streets: dict[str, int] = {}
        for device in devices:
            fleet._add(device, homes.setdefault(device.home, len(homes)), streets)
        fleet._wind()
        return fleet

    def __len__(self) -> int:
        """How many devices there are."""
        return len(self._addresses)

    def has(self, family: str, address: str) -> bool:
        """Whether that device is one of them."""
        return address in self._numbers.get(family, ())

    def _add(self, device: Registered, home: int, streets: dict[str, int]) -> None:
        number = self._new(device.family, device.address, device.promised, home)
        self._seen[number] = device.seen_at or 0.0
        if device.in_use_from:
            self._in_use_from[number] = device.in_use_from
        self._battery[number] = nan if device.battery is None else device.battery
        if device.silent_at is not None:
            self._state[number] = State.SILENT
            if self._seen[number] > device.silent_at:  # its press was kept, and a kill -9 came before its return was
                self._state[number] = State.HEARD
                self._returned.append((number, self._seen[number]))
        if device.street:
            if device.street not in streets:
                streets[device.street] = len(self._streets)
                self._streets.append(Group(Scope.STREET, device.street))
            self._street[number] = streets[device.street]
            self._streets[self._street[number]].join(home, device.promised)

    def _new(self, family: str, address: str, promised: float, home: int) -> int:
        number = len(self._addresses)
        known = self._numbers.setdefault(family, {})
        if family not in self._families:
            self._families.append(family)
        known[address] = number
        self._addresses.append(address)
        self._family.append(self._families.index(family))
        self._seen.append(0.0)
        self._battery.append(nan)
        self._promised.append(promised)
        self._home.append(home)
        self._gateway.append(NOBODY)
        self._street.append(NOBODY)
        self._state.append(State.HEARD)
        self._fresh.append(0)
        self._turning.append(0)
        if promised != inf:
            self.everything.join(home, promised)
        return number

    def _wind(self) -> None:
        """Put everybody on the wheel anew, by when each is due now."""
        self._wheel = Wheel()
        self._turning = bytearray(len(self))
        for number in range(len(self)):
            self._put(number, self._late_from(number))

    def _put(self, number: int, due: float) -> None:
        """Have it looked at once that is over; it is never on the wheel twice."""
        if not self._turning[number] and due != inf:
            self._turning[number] = 1
            self._wheel.put(number, due)

    # ------------------------------------------------------------ heard

    def seen(self, family: str, address: str, at: float, battery: float | None, gateway: str = "") -> bool:
        """A fresh message came; returns whether the device is known."""
        known = self._numbers.get(family)
        number = known.get(address) if known is not None else None
        if number is None:
            return False
        self._seen[number] = at
        if self._promised[number] != inf:
            self.everything.heard = at
        if battery is not None:
            self._battery[number] = battery
        if not self._fresh[number]:
            self._fresh[number] = 1
            self._dirty.append(number)
        if gateway:
            self._through(number, gateway, at)
        if (street := self._street[number]) != NOBODY:
            self._streets[street].heard = at
        if self._state[number] == State.SILENT:
            self._state[number] = State.HEARD
            self._returned.append((number, at))
        return True

    def note(self, family: str, address: str) -> None:
        """Keep one that nobody registered, for its last-seen only."""
        if address not in self._numbers.get(family, ()) and len(self) < STRANGERS_MOST:
            self._new(family, address, inf, NOBODY)

    def hint(self, gateway: str, *, gone: bool) -> None:
        """Something other than silence says that a gateway is gone, or back."""
        if (number := self._gateway_numbers.get(gateway)) is not None:
            self._gateways[number].hinted = gone

    def _through(self, number: int, gateway: str, at: float) -> None:
        index = self._gateway_numbers.get(gateway)
        if index is None:
            index = self._gateway_numbers[gateway] = len(self._gateways)
            self._gateways.append(Group(Scope.GATEWAY, gateway))
        group = self._gateways[index]
        group.heard = at
        group.hinted = False
        if (before := self._gateway[number]) != index:
            if before != NOBODY:
                self._gateways[before].leave(self._promised[number])
            self._gateway[number] = index
            group.join(self._home[number], self._promised[number])

    def take_fresh(self) -> list[int]:
        """Those heard since the last call."""
        fresh = list(self._dirty)
        self._dirty = array("i")
        for number in fresh:
            self._fresh[number] = 0
        return fresh

    def give_back(self, numbers: Iterable[int]) -> None:
        """They were taken as fresh and could not be written."""
        for number in numbers:
            if not self._fresh[number]:
                self._fresh[number] = 1
                self._dirty.append(number)

    def put_back(self, returned: Iterable[tuple[int, float]]) -> None:
        """Their return could not be put on record."""
        self._returned = [*returned, *self._returned]

    def look_again(self, numbers: Iterable[int], now: float) -> None:
        """Their silence could not be put on record."""
        for number in numbers:
            self._put(number, now + 1)

    # ------------------------------------------------------------ overdue

    def listen_from(self, now: float) -> None:
        """The time before ``now`` counts for nothing: the clock leapt, or nobody listened.

        Nothing that was noted by a clock that was ahead stays ahead, also in the store: it is written anew.
        """
        self.floor = now
        ahead = [number for number in range(len(self)) if self._seen[number] > now]
        for number in ahead:
            self._seen[number] = now
        self.give_back(ahead)
        self._returned = [(number, min(at, now)) for number, at in self._returned]
        for group in self._groups():
            group.heard = min(group.heard, now)
            group.silent_since = None if group.silent_since is None else min(group.silent_since, now)
        self._wind()

    def look(self, now: float) -> Found:
        """Who is silent, who is back; cheap, and to be called every second or so."""
        found = Found()
        found.back, self._returned = self._returned, []
        for number, _ in found.back:
            self._put(number, self._late_from(number))
        self._resume(found, now)
        again = self._doubted
        self._doubted = []
        for number in again:
            if self._state[number] == State.DOUBTED:
                self._judge(number, now, found)
        for number in self._wheel.due(now, LOOKED_AT_ONCE):
            self._turning[number] = 0
            due = self._late_from(number)
            if due > now:
                self._put(number, due)
            else:
                self._judge(number, now, found)
        return found

    def _resume(self, found: Found, now: float) -> None:
        for group in [one for one in self._still if one.silent_since is not None and one.heard > one.silent_since]:
            group.silent_since = None
            self._still.remove(group)
            found.resumed.append(group)
            for number in self._members(group):  # they get one reporting time to be heard, too
                if self._state[number] == State.SILENT:
                    self._put(number, now + self._promised[number] + _slack(self._promised[number]))

    def _judge(self, number: int, now: float, found: Found) -> None:
        if self._late_from(number) > now:  # it was heard while it was doubted
            self._state[number] = State.HEARD
            self._put(number, self._late_from(number))
            return
        wait = False
        for group in self._groups_of(number):
            if group.silent_since is not None and group.heard <= group.silent_since:
                self._silent(number, group, found)
                return
            if group.heard > self._due(number):
                continue
            if now - max(group.heard, self.floor) > group.patience():
                group.silent_since = now
                self._still.append(group)
                self._silent(number, group, found)
                return
            wait = True
        if wait and now < self._waits_until(number):
            if self._state[number] == State.SILENT:
                self._put(number, now + LOOK_AGAIN_S)
            else:
                self._state[number] = State.DOUBTED
                self._doubted.append(number)
            return
        self._silent(number, None, found)

    def _silent(self, number: int, group: Group | None, found: Found) -> None:
        self._state[number] = State.SILENT
        found.silent.setdefault(group, []).append(number)

    def _waits_until(self, number: int) -> float:
        promised = self._promised[number]
        return self._late_from(number) + max(min(promised, QUICK_S), promised * SLACK)

    def _due(self, number: int) -> float:
        return max(self._seen[number], self.floor, self._in_use_from.get(number, 0.0)) + self._promised[number]

    def _late_from(self, number: int) -> float:
        return self._due(number) + _slack(self._promised[number])

    def _groups(self) -> Iterator[Group]:
        yield self.everything
        yield from self._gateways
        yield from self._streets

    def _groups_of(self, number: int) -> Iterator[Group]:
        if self.everything.several:
            yield self.everything
        if (gateway := self._gateway[number]) != NOBODY and self._gateways[gateway].several:
            yield self._gateways[gateway]
        if (street := self._street[number]) != NOBODY and self._streets[street].several:
            yield self._streets[street]

    def _members(self, group: Group) -> Iterator[int]:
        if group is self.everything:
            yield from range(len(self))
            return
        of, groups = (self._gateway, self._gateways) if group.scope is Scope.GATEWAY else (self._street, self._streets)
        wanted = groups.index(group)
        yield from (number for number, index in enumerate(of) if index == wanted)

    # ------------------------------------------------------------ one device

    def name(self, number: int) -> tuple[str, str]:
        """Its family and address."""
        return self._families[self._family[number]], self._addresses[number]

    def seen_at(self, number: int) -> float:
        """When it was last heard, seconds since 1970; 0 = never."""
        return self._seen[number]

    def battery(self, number: int) -> float | None:
        """Per cent, where known."""
        value = self._battery[number]
        return None if isnan(value) else round(value, 2)

    def unprotected_since(self, number: int) -> float:
        """From when on nothing is known of it, or from when on it was to be in use, if that is later."""
        return max(self._seen[number], self._in_use_from.get(number, 0.0)) or self.floor

    def moments(self) -> Iterator[float]:
        """Every time noted here that a clock showed; none lies ahead of now."""
        yield self.floor
        yield from self._seen
        yield from (at for _, at in self._returned)
        for group in self._groups():
            yield group.heard
            yield group.silent_since or 0.0

    # ------------------------------------------------------------ the next fleet

    def inherit(self, before: Fleet, new_since: float) -> None:
        """Take over what an earlier fleet heard; its devices may have other numbers here.

        Those that it did not have are new since ``new_since``: they have one reporting time to be heard.
        """
        self.floor = before.floor
        for number, address in enumerate(self._addresses):
            if not before.knows(self._families[self._family[number]], address):
                self._seen[number] = max(self._seen[number], new_since)
        self._take_over(self.everything, before.everything)
        streets = {street.name: street for street in before._streets}
        for street in self._streets:
            if (known_before := streets.get(street.name)) is not None:
                self._take_over(street, known_before)
        returned = dict(before._returned)
        for family, known in before._numbers.items():
            mine = self._numbers.get(family, {})
            for address, number in known.items():
                if (own := mine.get(address)) is not None:
                    self._inherit_one(own, before, number, returned.get(number))
        self._wind()

    def knows(self, family: str, address: str) -> bool:
        """Whether it is registered, and not only noted."""
        number = self._numbers.get(family, {}).get(address)
        return number is not None and self._promised[number] != inf

    def _take_over(self, group: Group, before: Group) -> None:
        group.heard = max(group.heard, before.heard)
        group.hinted = before.hinted
        if before.silent_since is not None and group.silent_since is None:
            group.silent_since = before.silent_since
            self._still.append(group)

    def _inherit_one(self, own: int, before: Fleet, number: int, returned: float | None) -> None:
        """What was heard of one device by the earlier fleet, whether or not it knew who that was.

        Who is silent by the store and was heard meanwhile is back: in the first second nobody knew that it was missed,
        and what was heard while the directory was read again is not on record yet. Who was silent here and is not by
        the store (that could not be written, or another hand closed it) is judged anew.
        """
        heard_at = before._seen[number]
        if self._state[own] == State.SILENT and before._state[number] != State.SILENT and heard_at > 0:
            self._state[own] = State.HEARD
            self._returned.append((own, returned or heard_at))
        self._seen[own] = max(heard_at, self._seen[own])
        if not isnan(before._battery[number]):
            self._battery[own] = before._battery[number]
        if before._fresh[number]:
            self.give_back([own])
        if (gateway := before._gateway[number]) != NOBODY:
            group = before._gateways[gateway]
            self._through(own, group.name, group.heard)
            mine = self._gateways[self._gateway[own]]
            mine.hinted = group.hinted
            self._take_over(mine, group)


def _slack(promised: float) -> float:
    """Radio and clocks are not exact: a tenth longer, thirty seconds at most."""
    return min(promised * SLACK, LONGEST_SLACK_S)
