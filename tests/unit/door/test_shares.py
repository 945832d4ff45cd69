"""What one user may take of the door's time: a burst, a part of every second, and its connections by turns."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, cast

import pytest

from alarmd.door.shares import AT_ONCE, MOST_DEBT, PACKET, SHARE, TURN, Share, Shares
from alarmd.door.turns import Line


class Loop:
    """Time that passes when the test says so."""

    def __init__(self) -> None:
        self.now = 100.0
        self._timers: list[tuple[float, Callable[..., None], Any]] = []

    def time(self) -> float:
        return self.now

    def call_later(self, seconds: float, call: Callable[..., None], *args: object) -> object:
        self._timers.append((self.now + seconds, call, args))
        return self

    def pass_(self, seconds: float) -> None:
        until = self.now + seconds
        while due := sorted((one for one in self._timers if one[0] <= until), key=lambda one: one[0]):
            self._timers.remove(due[0])
            self.now = max(self.now, due[0][0])
            due[0][1](*due[0][2])
        self.now = until


class Talker:
    """A connection that always has one packet more to say."""

    def __init__(self, share: Share, said: list[Talker], costs: float = PACKET) -> None:
        self.share, self.said, self.costs = share, said, costs

    def may_go_on(self) -> None:
        while True:
            self.said.append(self)
            self.share.spend(self.costs)
            if self.share.is_spent():
                self.share.wait(self)
                return


@pytest.fixture
def loop() -> Loop:
    return Loop()


def share_of(loop: Loop) -> Share:
    return Share(cast(asyncio.AbstractEventLoop, loop))


def test_a_user_may_spend_much_at_once_and_then_so_much_of_every_second(loop: Loop) -> None:
    share, said = share_of(loop), list[Talker]()
    Talker(share, said).may_go_on()
    assert len(said) == pytest.approx(AT_ONCE / PACKET, rel=0.01)
    said.clear()
    loop.pass_(10)
    assert 10 * SHARE / (PACKET + TURN) * 0.9 <= len(said) <= 10 * SHARE / PACKET + 1


@pytest.mark.parametrize("connections", [1, 20, 1_000])
def test_it_is_the_same_however_many_connections_it_has(loop: Loop, connections: int) -> None:
    share, said = share_of(loop), list[Talker]()
    share.spend(AT_ONCE)
    share.spend(PACKET)
    talkers = [Talker(share, said) for _ in range(connections)]
    for one in talkers:
        share.wait(one)
    loop.pass_(10)
    assert len(said) <= 10 * SHARE / PACKET + 1
    assert set(said) == set(talkers)  # none of them waits for ever
    counts = [said.count(one) for one in talkers[:20]]
    assert max(counts) - min(counts) <= max(counts) // 2 + 2


def test_what_takes_long_is_paid_for_as_long_as_it_took(loop: Loop) -> None:
    share, said = share_of(loop), list[Talker]()
    share.spend(AT_ONCE + PACKET)
    share.wait(Talker(share, said, costs=0.1))
    loop.pass_(10)
    assert len(said) == pytest.approx(10 * SHARE / 0.1, abs=2)


def test_who_was_quiet_has_all_of_it_again_and_no_more(loop: Loop) -> None:
    share = share_of(loop)
    share.spend(AT_ONCE + 1)
    assert share.is_spent()
    loop.pass_(1000)
    assert share.is_quiet()
    share.spend(AT_ONCE)
    assert not share.is_spent()
    share.spend(PACKET)
    assert share.is_spent()


def test_a_connection_that_is_over_is_not_read_again(loop: Loop) -> None:
    share, said = share_of(loop), list[Talker]()
    share.spend(AT_ONCE + 1)
    gone = Talker(share, said)
    share.wait(gone)
    share.forget(gone)
    loop.pass_(100)
    assert said == []


def test_users_are_forgotten_only_where_nothing_is_lost_by_it(loop: Loop) -> None:
    shares = Shares(cast(asyncio.AbstractEventLoop, loop))
    spent = shares.come("d0")
    spent.spend(AT_ONCE + 1)
    shares.let_go("d0", Talker(spent, []))
    assert shares.come("d0") is spent
    loop.pass_(100)
    shares.let_go("d0", Talker(spent, []))
    assert shares.of("d0") is not spent


def test_connections_that_come_and_go_give_a_user_no_second_share(loop: Loop) -> None:
    shares = Shares(cast(asyncio.AbstractEventLoop, loop))
    stays, found = list[Talker](), set[Share]()
    for _ in range(10):
        stays.append(Talker(shares.come("d0"), []))
        loop.pass_(100)
        brief = Talker(shares.come("d0"), [])
        loop.pass_(100)
        shares.let_go("d0", brief)
        found.add(shares.of("d0"))
    assert {one.share for one in stays} == found
    assert len(found) == 1
    for one in stays:
        shares.let_go("d0", one)
    assert shares.of("d0") not in found


@pytest.mark.parametrize("stood_still", [4.0, 30.0, 3600.0])
def test_a_stand_still_of_the_machine_shuts_nobody_out(loop: Loop, stood_still: float) -> None:
    share, said = share_of(loop), list[Talker]()
    loop.now += stood_still
    share.spend(stood_still)
    share.wait(Talker(share, said))
    began = loop.now
    while not said:
        loop.pass_(0.01)
    assert loop.now - began <= MOST_DEBT / SHARE + 0.02
    assert loop.now - began >= MOST_DEBT / SHARE - 0.02, "what it took is paid for, to that bound"


def test_users_take_turns_in_a_line_however_many_connections_each_has() -> None:
    class One:
        def __init__(self, owner: str) -> None:
            self.owner = owner

        def take_turn(self) -> None:
            raise AssertionError

    line = Line()
    for owner in ("d0",) * 200 + ("d1", "d2", "d2"):
        line.append(One(owner))
    served = []
    while line:
        served.append(line.popleft().owner)
    assert served[:6] == ["d0", "d1", "d2", "d0", "d2", "d0"]
    assert served.count("d0") == 200
