"""The lines in which logins wait: who guesses waits, and nobody else does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from alarmd.door import logins
from alarmd.door.logins import Logins, TooManyError
from alarmd.peers import source


async def turns() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


class Crowd:
    """Logins that wait, and the order in which they are called."""

    def __init__(self, line: Logins) -> None:
        self.line = line
        self.called: list[tuple[str, str]] = []
        self.go_on = asyncio.Event()
        self.tasks: list[asyncio.Task[None]] = []

    async def comes(self, where: str, name: str) -> None:
        self.tasks.append(asyncio.create_task(self._login((where, name))))
        await turns()

    async def _login(self, pair: tuple[str, str]) -> None:
        async with self.line.turn(pair):
            self.called.append(pair)
            await self.go_on.wait()

    async def end(self) -> list[tuple[str, str]]:
        self.go_on.set()
        await asyncio.gather(*self.tasks)
        return self.called


async def test_it_serves_the_sources_in_turn() -> None:
    crowd = Crowd(Logins())
    for name in ("a", "b", "c"):
        await crowd.comes("town", name)
    await crowd.comes("farm", "d")
    assert crowd.called == [("town", "a")], "one at a time"
    assert await crowd.end() == [("town", "a"), ("town", "b"), ("farm", "d"), ("town", "c")]


async def test_it_serves_whom_it_knows_first_and_guessers_last() -> None:
    line = Logins()
    line.right(("home", "known"))
    for number in range(logins.MANY):
        line.wrong(("thief", f"guess {number}"))
    line.wrong(("house", "typo"))
    crowd = Crowd(line)
    await crowd.comes("any", "first")
    for where, name in (("house", "typo"), ("thief", "another"), ("new", "device"), ("home", "known")):
        await crowd.comes(where, name)
    assert [name for _, name in await crowd.end()] == ["first", "known", "device", "another", "typo"]


async def test_a_name_that_fails_again_and_again_waits_longer_each_time(
    monkeypatch: pytest.MonkeyPatch, time_passes: Callable[[float], None]
) -> None:
    line = Logins()
    pauses: list[float] = []

    async def pausing(seconds: float) -> None:
        pauses.append(round(seconds))
        time_passes(seconds)

    monkeypatch.setattr(asyncio, "sleep", pausing)
    for _ in range(8):
        async with line.turn(("thief", "d0")):
            line.wrong(("thief", "d0"))
    assert pauses == [1, 2, 4, 8, 10, 10]
    async with line.turn(("home", "d0")):
        assert pauses[6:] == [], "the device at home does not wait for who guesses elsewhere"
    time_passes(logins.FORGOTTEN_AFTER + 1)
    async with line.turn(("thief", "d0")):
        assert pauses[6:] == []


async def test_so_many_guesses_of_one_name_wait_and_no_more() -> None:
    crowd = Crowd(Logins())
    for _ in range(logins.AT_ONCE_OF_A_PAIR):
        await crowd.comes("thief", "d0")
    with pytest.raises(TooManyError):
        async with crowd.line.turn(("thief", "d0")):
            pass
    await crowd.comes("thief", "d1")
    assert len(await crowd.end()) == logins.AT_ONCE_OF_A_PAIR + 1


async def test_who_hangs_up_leaves_the_line() -> None:
    crowd = Crowd(Logins())
    for name in ("a", "b", "c"):
        await crowd.comes("town", name)
    crowd.tasks.pop(1).cancel()
    await turns()
    assert await crowd.end() == [("town", "a"), ("town", "c")]


async def test_it_says_how_long_the_honest_wait(time_passes: Callable[[float], None]) -> None:
    line = Logins()
    line.wrong(("thief", "d0"))
    crowd = Crowd(line)
    await crowd.comes("town", "a")
    assert line.waits() == (0, 0.0)
    await crowd.comes("town", "b")
    await crowd.comes("thief", "d0")
    time_passes(20)
    waiting, longest = line.waits()
    assert waiting == 1
    assert longest >= 20
    await crowd.end()


async def test_it_remembers_so_many_guessers_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logins, "REMEMBERED", 10)
    line = Logins()
    for number in range(100):
        line.wrong((f"source {number}", f"name {number}"))
    assert len(line._pairs) == len(line._sources) == 10


@pytest.mark.parametrize(
    ("address", "counted_as"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
    ],
)
def test_all_addresses_of_one_line_are_one_source(address: str, counted_as: str) -> None:
    assert source(address) == counted_as


async def test_time_forgives_a_failure_so_that_guesses_at_every_name_make_nobody_wait(
    time_passes: Callable[[float], None],
) -> None:
    line = Logins()
    for _ in range(50):
        line.wrong(("thief", "d0"))
        time_passes(2 * logins.LONGEST_PAUSE)
    loop = asyncio.get_running_loop()
    began = loop.time()
    async with line.turn(("thief", "d0")):
        assert loop.time() - began < 1


async def test_few_wait_behind_who_guesses_and_nobody_else_is_turned_away() -> None:
    line = Logins()
    for number in range(logins.MANY):
        line.wrong(("thief", f"guess {number}"))
    crowd = Crowd(line)
    await crowd.comes("town", "first")
    for number in range(logins.MOST_BEHIND_A_GUESSER):
        await crowd.comes("thief", f"n{number}")
        await crowd.comes("town", f"home {number}")
        await crowd.comes("town", f"other home {number}")
    with pytest.raises(TooManyError):
        async with line.turn(("thief", "one more")):
            pass
    assert len(await crowd.end()) == 3 * logins.MOST_BEHIND_A_GUESSER + 1
    async with line.turn(("thief", "one more")):
        pass


async def test_nobody_stands_behind_a_guess_at_their_own_name_that_waits_in_line() -> None:
    line = Logins()
    for _ in range(2):
        line.wrong(("house", "d0"))
    line._pairs["house", "d0"].last -= logins.LONGEST_PAUSE - 0.01
    crowd = Crowd(line)
    await crowd.comes("town", "first")
    await crowd.comes("house", "d0")
    for number in range(logins.MOST_BEHIND_A_GUESSER - 2):
        line.wrong(("house", f"n{number}"))
        await crowd.comes("house", f"n{number}")
    await crowd.comes("house", "d0")
    assert await crowd.end()
    assert crowd.called[:2] == [("town", "first"), ("house", "d0")]
    assert len(crowd.called) == logins.MOST_BEHIND_A_GUESSER + 1


async def test_of_one_name_one_is_checked_at_a_time() -> None:
    crowd = Crowd(Logins(at_once=3))
    for name in ("d0", "d0", "d0", "d1"):
        await crowd.comes("house", name)
    assert crowd.called == [("house", "d0"), ("house", "d1")]
    assert len(await crowd.end()) == 4
