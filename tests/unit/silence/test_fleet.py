"""Who is silent, and by what cause: second by second, for devices that promise and keep, or do not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from alarmd.silence.fleet import Fleet
from alarmd.silence.found import Registered
from alarmd.silence.group import Group, Scope

START = 1_790_000_000.0


class Town:
    """Devices that report as they promised, until the story cuts them off."""

    def __init__(self, devices: Iterable[Registered], *, behind: str = "") -> None:
        self.devices = list(devices)
        self.fleet = Fleet.of(self.devices, START)
        self.behind = behind
        self.now = START
        self.off: set[str] = set()
        self.silent: list[tuple[Scope | None, set[str]]] = []
        self.back: set[str] = set()
        self.resumed: list[Group] = []

    def passes(self, seconds: int) -> Town:
        for _ in range(seconds):
            self.now += 1
            for i, device in enumerate(self.devices):
                if device.address not in self.off and (self.now - START + i * 7) % device.promised == 0:
                    self.heard(device)
            self.look()
        return self

    def heard(self, device: Registered) -> None:
        self.fleet.seen(device.family, device.address, self.now, 80.0, self.behind)

    def look(self) -> None:
        found = self.fleet.look(self.now)
        for group, numbers in found.silent.items():
            names = {self.fleet.name(number)[1] for number in numbers}
            self.silent.append((group.scope if group else None, names))
        self.back |= {self.fleet.name(number)[1] for number, _ in found.back}
        self.resumed += found.resumed

    def cut(self, *addresses: str) -> Town:
        self.off |= set(addresses or {device.address for device in self.devices})
        return self

    def causes(self) -> list[Scope | None]:
        """Each cause once, in the order of finding."""
        return list(dict.fromkeys(scope for scope, _ in self.silent))

    def who(self) -> set[str]:
        return {name for _, names in self.silent for name in names}


def homes(count: int, *, street: str = "", promised: float = 60) -> list[Registered]:
    return [
        Registered(family="alarmd", address=f"button{n}", home=f"home{n}", street=street, promised=promised)
        for n in range(count)
    ]


def test_who_keeps_the_promise_is_never_silent() -> None:
    assert not Town(homes(20)).passes(600).silent


def test_one_device_that_is_not_heard_is_one_cause_and_is_found_within_its_reporting_time_again() -> None:
    town = Town(homes(20)).passes(120).cut("button3").passes(60 + 6 + 5)
    assert town.silent == [(None, {"button3"})]


def test_everything_silent_is_one_cause_before_any_home_is() -> None:
    town = Town(homes(20)).passes(120).cut().passes(200)
    assert town.causes() == [Scope.ALL]
    assert len(town.who()) == 20


def test_a_dead_gateway_is_one_cause_while_the_others_are_heard() -> None:
    town = Town(homes(30)).passes(1)
    for n, device in enumerate(town.devices):
        town.fleet.seen(device.family, device.address, town.now, None, "bridge" if n < 10 else "other")
    town.passes(120).cut(*(f"button{n}" for n in range(10))).passes(200)
    assert town.causes() == [Scope.GATEWAY]
    assert town.who() == {f"button{n}" for n in range(10)}


def test_a_street_without_power_is_one_cause() -> None:
    lane = [
        Registered(family="alarmd", address=f"lane{n}", home=f"lane{n}", street="lane", promised=60) for n in range(10)
    ]
    town = Town([*homes(20), *lane]).passes(120).cut(*(f"lane{n}" for n in range(10))).passes(200)
    assert town.causes() == [Scope.STREET]


def test_a_last_will_alone_silences_nothing_but_brings_certainty_sooner() -> None:
    town = Town(homes(4, promised=600), behind="bridge").passes(620)
    town.fleet.hint("bridge", gone=True)
    assert not town.passes(300).silent
    unsure, sure = (Town(homes(4, promised=600), behind="bridge").passes(605).cut() for _ in range(2))
    sure.fleet.hint("bridge", gone=True)
    assert sure.passes(640).causes() == [Scope.GATEWAY]
    assert unsure.passes(640).causes() == []
    assert unsure.passes(600).causes() == [Scope.ALL]


def test_after_a_start_nobody_is_silent_before_one_reporting_time_has_passed() -> None:
    long_ago = [Registered(family="alarmd", address="old", home="h", street="", promised=60, seen_at=START - 86400)]
    town = Town(long_ago).cut().passes(66)
    assert not town.silent
    assert town.passes(2).silent == [(None, {"old"})]


def test_a_machine_that_slept_calls_nobody_silent() -> None:
    town = Town(homes(3)).passes(120)
    town.now += 7200
    town.fleet.listen_from(town.now)
    town.look()
    assert not town.passes(300).silent


def test_who_is_heard_again_is_back_and_can_fall_silent_again() -> None:
    town = Town(homes(5)).passes(120).cut("button1").passes(100)
    town.off.clear()
    town.passes(60)
    assert town.back == {"button1"}
    town.cut("button1").passes(150)
    assert [scope for scope, _ in town.silent] == [None, None]


def test_after_an_outage_only_those_are_left_that_do_not_come_back() -> None:
    town = Town(homes(10)).passes(120).cut().passes(200)
    town.off = {"button7"}
    town.silent.clear()
    town.passes(60)
    assert [group.scope for group in town.resumed] == [Scope.ALL]
    assert town.back == {f"button{n}" for n in range(10) if n != 7}
    assert town.passes(150).silent == [(None, {"button7"})]


def test_a_new_fleet_remembers_what_the_old_one_heard_and_gives_newcomers_time() -> None:
    town = Town(homes(3)).passes(300)
    newcomer = Registered(family="alarmd", address="new", home="new", street="", promised=60)
    fleet = Fleet.of([*town.devices, newcomer], town.now)
    fleet.inherit(town.fleet, town.now)
    assert not fleet.look(town.now + 1).silent
    fleet.look(town.now + 70)  # is it alone?
    late = fleet.look(town.now + 140)
    assert "new" in {fleet.name(number)[1] for numbers in late.silent.values() for number in numbers}


def test_a_clock_that_was_ahead_hides_no_silence_once_it_is_set_right() -> None:
    """What had been put down for the wrong time came up only when that came: nobody was missed for two hours."""
    town = Town(homes(5))
    town.now += 7200  # it was ahead from the first moment on
    town.fleet.listen_from(town.now)
    town.passes(120).cut("button1").passes(30)
    town.now -= 7200
    town.fleet.listen_from(town.now)
    assert max(town.fleet.moments()) <= town.now
    town.passes(60 + 6 + 10)
    assert town.silent == [(None, {"button1"})]
    town.off.clear()
    town.passes(61)
    assert town.back == {"button1"}
    assert max(town.fleet.moments()) <= town.now


def test_who_came_back_by_a_clock_that_was_ahead_is_back_by_now() -> None:
    town = Town(homes(5)).passes(120).cut("button1").passes(100)
    town.now += 7200
    town.heard(town.devices[1])
    town.now -= 7200
    town.fleet.listen_from(town.now)
    found = town.fleet.look(town.now)
    assert [at for _, at in found.back] == [town.now]


def test_what_was_heard_by_a_clock_that_was_ahead_is_written_anew() -> None:
    town = Town(homes(2)).passes(60)
    town.fleet.take_fresh()
    town.now += 7200
    town.heard(town.devices[0])
    town.fleet.take_fresh()
    town.now -= 7200
    town.fleet.listen_from(town.now)
    assert [town.fleet.name(number)[1] for number in town.fleet.take_fresh()] == ["button0"]


def test_strangers_and_alarmds_own_press_do_not_make_a_silent_town_a_heap_of_silent_homes() -> None:
    town = Town(homes(60)).passes(120).cut()
    for _ in range(200):
        assert not town.fleet.seen("alarmd", "$canary-alarmd", town.now, None)
        assert not town.fleet.seen("alarmd", "stranger", town.now, None, "bridge")
        town.passes(1)
    assert town.causes() == [Scope.ALL]
    assert len(town.who()) == 60


def test_whoever_was_noted_before_the_directory_was_read_tells_nothing_of_all_the_others() -> None:
    before = Fleet(START)
    before.note("alarmd", "$canary-alarmd")
    before.seen("alarmd", "$canary-alarmd", START + 1, None)
    town = Town(homes(60))
    town.fleet.inherit(before, 0.0)
    assert town.fleet.everything.heard == 0


def silent(device: Registered) -> Registered:
    return replace(device, silent_at=START + 1e6)  # noticed after all that was heard


def test_who_is_missed_and_is_heard_in_the_first_second_is_back() -> None:
    """It said so before the directory was read, and then not for 25 hours: all that time it stayed silent."""
    missed = silent(homes(1, promised=90_000)[0])
    before = Fleet(START)
    before.note("alarmd", "button0")
    before.seen("alarmd", "button0", START + 1, 80.0)
    before.take_fresh()
    fleet = Fleet.of([missed], START)
    fleet.inherit(before, 0.0)
    assert fleet.look(START + 2).back == [(0, START + 1)]


def test_who_is_heard_while_the_directory_is_read_again_is_back() -> None:
    town = Town(homes(5)).passes(120).cut("button1").passes(100)
    town.heard(town.devices[1])  # the store still has it for silent
    fleet = Fleet.of([silent(one) if one.address == "button1" else one for one in town.devices], START)
    fleet.inherit(town.fleet, town.now)
    assert fleet.look(town.now + 1).back == [(1, town.now)]


def test_whose_return_could_not_be_put_on_record_is_back_after_the_directory_was_read_again() -> None:
    town = Town(homes(5)).passes(120).cut("button1").passes(100)
    town.heard(town.devices[1])
    town.fleet.put_back(town.fleet.look(town.now).back)
    fleet = Fleet.of([silent(one) if one.address == "button1" else one for one in town.devices], START)
    fleet.inherit(town.fleet, town.now)
    assert [number for number, _ in fleet.look(town.now + 1).back] == [1]


def test_whose_silence_could_not_be_put_on_record_is_silent_after_the_directory_was_read_again() -> None:
    town = Town(homes(5)).passes(120).cut("button1").passes(100)
    fleet = Fleet.of(town.devices, START)  # the store knows nothing of it
    fleet.inherit(town.fleet, town.now)
    silent_now = [fleet.look(town.now + seconds).silent for seconds in (1, 2)]
    assert silent_now == [{None: [1]}, {}]


def test_a_silent_street_is_the_same_after_the_directory_was_read_again_and_is_heard_again() -> None:
    lane = [
        Registered(family="alarmd", address=f"lane{n}", home=f"lane{n}", street="lane", promised=60) for n in range(10)
    ]
    town = Town([*homes(20), *lane]).passes(120).cut(*(f"lane{n}" for n in range(10))).passes(200)
    fleet = Fleet.of([silent(one) if one.street else one for one in town.devices], START)
    fleet.inherit(town.fleet, town.now)
    town.fleet = fleet
    town.off.clear()
    town.passes(61)
    assert [group.scope for group in town.resumed] == [Scope.STREET]


def test_before_it_is_to_be_in_use_nobody_misses_it_and_a_date_that_was_mended_counts() -> None:
    """A year too late by a typing error, and nobody missed it for a year, mended or not."""
    mistyped = replace(homes(1)[0], in_use_from=START + 365 * 86_400)
    town = Town([*homes(3)[1:], mistyped]).cut("button0").passes(300)
    assert not town.silent
    mended = replace(mistyped, in_use_from=START + 240)
    fleet = Fleet.of([*homes(3)[1:], mended], START)
    fleet.inherit(town.fleet, town.now)
    town.fleet = fleet
    town.passes(60)
    assert town.silent == [(None, {"button0"})]
    assert fleet.unprotected_since(2) == START + 240


def test_a_gateways_last_will_is_taken_back_by_its_own_word() -> None:
    unsure, taken_back = (Town(homes(4, promised=600), behind="bridge").passes(605).cut() for _ in range(2))
    unsure.fleet.hint("bridge", gone=True)
    taken_back.fleet.hint("bridge", gone=True)
    taken_back.fleet.hint("bridge", gone=False)
    assert unsure.passes(640).causes() == [Scope.GATEWAY]
    assert taken_back.passes(640).causes() == []
