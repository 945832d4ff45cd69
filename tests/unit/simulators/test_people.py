"""People with habits, and the lines that tell of them."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from alarmd.clock import SystemClock
from alarmd.journal import LogEntry
from simulators.bell import Bell
from simulators.habits import Habit, Scripted, Takes, code_in
from simulators.live_call import LiveCall
from simulators.telling import Teller
from simulators.town import Handset, Happened, Happening, Text, Town

WANG = "+8613800000001"
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def text(body: str, sid: str = "SM1") -> Text:
    return Text(sid=sid, sender="+862055500100", number=WANG, body=body, at=NOON)


def handset(*bodies: str) -> Handset:
    found = Town(SystemClock()).handset(WANG)
    found.texts.extend(text(body) for body in bodies)
    return found


@pytest.mark.parametrize(
    ("bodies", "code"),
    [
        ((), ""),
        (("有事请来",), ""),
        (("回复“1 4821”=我去，“2 4821”=去不了",), "4821"),
        (('Reply "1 4821" = I go', 'Reply "3 0391" when there'), "0391"),
        (("回复“1 4821”=我去", "缺少代码。请回复数字加短信里的代码，例如“1 1234”。"), "4821"),
    ],
)
def test_it_reads_the_code_off_the_texts(bodies: tuple[str, ...], code: str) -> None:
    assert code_in(handset(*bodies)) == code


async def ring(town: Town, number: int) -> LiveCall:
    call = LiveCall(sid=f"CA{number}", caller="+862055500100", number=WANG, bell=town.bell)
    assert town.ring(call)
    return call


async def test_it_presses_another_key_in_each_call() -> None:
    town = Town(SystemClock(1000))
    town.handset(WANG, person=Scripted(Habit(takes=Takes.ANSWERS, keys=("2", "1"))))
    for number, key in enumerate(("2", "1", "1")):
        call = await ring(town, number)
        assert await call.until_answered(60, town.clock)
        call.listen(on=True)
        call.ask()
        assert await call.next_key(60, town.clock) == key
        call.end("completed")
    await town.close()


async def test_it_takes_no_second_call_while_it_talks() -> None:
    town = Town(SystemClock(1000))
    await ring(town, 1)
    second = LiveCall(sid="CA2", caller="+862055500100", number=WANG, bell=town.bell)
    assert not town.ring(second)
    await town.close()


async def test_a_key_pressed_while_nothing_listens_is_lost() -> None:
    call = LiveCall(sid="CA1", caller="+862055500100", number=WANG, bell=Bell())
    call.press("1")
    call.answer()
    call.press("2")
    call.listen(on=True)
    call.press("3")
    assert (call.lost_keys, call.pressed) == (["1", "2"], ["3"])


async def test_a_bell_wakes_only_for_what_was_waited_for() -> None:
    bell, things = Bell(), list[int]()
    waiter = asyncio.ensure_future(bell.until(lambda: len(things) > 1))
    for number in range(2):
        await asyncio.sleep(0)
        assert not waiter.done()
        things.append(number)
        bell.ring()
    assert await waiter


@pytest.mark.parametrize(
    ("language", "told"),
    [("zh-CN", "张伟答应去（回短信）"), ("en", "张伟 accepted (by text)")],
)
def test_it_tells_the_log_in_both_languages(language: str, told: str) -> None:
    teller = Teller(language=language, names=lambda who: who, home="王秀英", numbers={WANG: "neighbour"})
    entry = LogEntry(
        seq=1,
        at=NOON,
        event="incident.accepted",
        incident="261121-AB12",
        resident="wang",
        device="bed_button",
        actor="neighbour",
        data={"name": "张伟", "via": "sms"},
        prev="",
        hash="",
    )
    line = teller.entry(entry)
    assert line is not None
    assert line.words == told


@pytest.mark.parametrize("what", list(Happened))
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_it_tells_of_telephones_by_their_owners_name(what: Happened, language: str) -> None:
    teller = Teller(language=language, names=lambda who: f"[{who}]", home="王秀英", numbers={WANG: "neighbour"})
    line = teller.happening(Happening(at=NOON, what=what, number=WANG, words="1"))
    assert line is None or "[neighbour]" in line.words
    assert (line is None) == (what in {Happened.ANSWERED, Happened.HEARD, Happened.OVER})
