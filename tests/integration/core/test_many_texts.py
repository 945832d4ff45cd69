"""One telephone that writes without end, forged or not: nobody who is asked to help waits for its words."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from alarmd import fairness
from escalation.wording import segments
from tests.support.core import Core

WANG, LI_HOME, CHEN = "+861064211111", "+861064222222", "+8613900008888"
ZHAO = "+8613800000002"
DESK = "+8613900000009"
MANY = 300
SOON = 60  # segments that a carrier takes in a minute, of which it takes half at once


@pytest.fixture
async def core(tmp_path: Path) -> AsyncIterator[Core]:
    async with Core(tmp_path) as made:
        yield made


def called(n: int) -> str:
    """A number in letters: a resident's digit may be an answer."""
    return f"{chr(97 + n % 26)}{chr(97 + n // 26)}"


async def writes(core: Core, number: str, times: int = MANY, words: str = "the weather is fine") -> None:
    for n in range(times):
        await core.switchboard.text(number, f"{words} {called(n)} today", f"SM{number}{words}{n}{core.clock.now()}")


async def in_front(core: Core, incident: str) -> int:
    """How many segments go out by text before the first that asks for help in that incident."""
    mine = {row["attempt"] for row in await core.outgoing() if row["incident"] == incident and row["purpose"] == "ask"}
    assert mine
    sent = [one for one in await core.send() if one.channel == "sms"]
    first = next(n for n, one in enumerate(sent) if one.attempt in mine)
    return sum(segments(one.body).count for one in sent[:first])


async def test_a_press_does_not_wait_for_texts_of_no_incident(core: Core) -> None:
    await writes(core, WANG)
    waiting = [row for row in await core.outgoing() if row["state"] == "queued"]
    assert len(waiting) == 1
    assert len(waiting[0]["body"]) < 1000
    incident = await core.press()
    assert await in_front(core, incident.id) <= SOON
    assert len(await core.log("message.unread")) == MANY  # each word of it is on record
    assert (await core.log("message.unread"))[-1].data["text"].startswith("the weather is fine nl")


async def test_nor_while_each_of_them_goes_out_at_once(core: Core) -> None:
    """The provider takes what it is given, and its queue fills: what was handed over can be overtaken no more."""
    sent = 0
    for n in range(MANY // 3):
        await writes(core, WANG, 1, f"the weather {called(n)}")
        sent += len([one for one in await core.send() if one.channel == "sms"])
        core.clock.pass_(1)
    assert sent <= fairness.TEXTS_AT_ONCE + 2
    core.clock.pass_(60)
    (last,) = await core.send()
    assert f"the weather {called(99)}" in last.body
    assert "… (+" in last.body


async def test_the_desk_is_told_once_and_it_is_on_record_without_the_number(core: Core) -> None:
    for _ in range(10):
        await writes(core, WANG, 20)
        await core.send()
        core.clock.pass_(20)
    (bounded,) = await core.log("sender.bounded")
    assert bounded.data["sender"].startswith("sms:")
    assert WANG not in str(bounded.data)
    warned = [one.body for one in core.provider.sent if "冒用" in one.body]
    assert len(warned) == 1
    assert "王秀英" in warned[0]
    assert WANG in warned[0]


async def test_who_writes_a_few_times_is_read_at_once_and_word_for_word(core: Core) -> None:
    for n in range(fairness.TEXTS_AT_ONCE):
        await writes(core, WANG, 1, f"the weather {called(n)}")
        (read,) = [one.body for one in await core.send() if one.to == DESK]
        assert f"the weather {called(n)}" in read
        assert "冒用" not in read
        core.clock.pass_(20)


async def test_two_that_write_are_two_texts_and_neither_pushes_the_other_out(core: Core) -> None:
    await core.run_sql("UPDATE resident SET phone = '+861064222222' WHERE id = 'li-home' OR id = 'smith'")
    others = [row["id"] for row in await core.rows("SELECT id FROM resident WHERE phone = '+861064222222'")]
    assert others
    await writes(core, WANG)
    await core.switchboard.text(LI_HOME, "my neighbour does not open", "SMother")
    bodies = [row["body"] for row in await core.outgoing() if row["state"] == "queued"]
    assert any("does not open" in body and "weather" not in body for body in bodies)


@pytest.mark.parametrize("who", [WANG, ZHAO])
async def test_nor_does_a_press_of_another_home_wait_for_words_in_an_open_incident(core: Core, who: str) -> None:
    first = await core.press()
    await core.send()
    await writes(core, who)
    queued = [row for row in await core.outgoing() if row["state"] == "queued" and row["incident"] == first.id]
    assert len(queued) <= 12
    await core.receive("alarmd/v1/other/signal", '{"ref":"1","type":"sos"}')
    other = (await core.incidents())[-1]
    assert other.id != first.id
    rows = [row for row in await core.outgoing() if row["incident"] == other.id and row["channel"] == "sms"]
    assert rows


async def test_a_cry_for_help_is_an_alarm_however_much_was_written_before(core: Core) -> None:
    await writes(core, WANG)
    await core.switchboard.text(WANG, "help me", "SMhelp")
    (incident,) = await core.incidents()
    assert await in_front(core, incident.id) <= SOON
