"""A bed that is left at night: the resident is rung at home, and what her key does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from escalation.incident import Status
from escalation.people import Channel
from tests.support.core import Core

AT_HOME = "+861064211111"


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Core]:
    async with Core(tmp_path) as made:
        await made.run_sql("INSERT INTO device VALUES ('band', 'alarmd', 'band', 'wang', 'watch', '', NULL)")
        await made.receive("alarmd/v1/band/signal", '{"ref":"1","type":"inactivity"}')
        yield made


async def test_the_telephone_at_home_rings_and_a_key_ends_it(home: Core) -> None:
    (call,) = await home.send()
    assert (call.to, call.channel) == (AT_HOME, Channel.VOICE)
    asked = await home.switchboard.answered(call.attempt, "CA1", "")
    assert "想问问您现在是否平安" in "".join(asked.say)
    said = await home.switchboard.key(call.attempt, "CA1", "1")
    assert said.say[0] == "知道您平安就放心了。"
    (incident,) = await home.incidents()
    assert (incident.status, incident.close_reason) == (Status.CLOSED, "resident answered: well")
    assert await home.send() == []


async def test_two_asks_for_help_and_her_daughter_is_rung(home: Core) -> None:
    (call,) = await home.send()
    said = await home.switchboard.key(call.attempt, "CA1", "2")
    assert "正在联系人前往您家" in said.say[0]
    assert {message.to for message in await home.send()} == {"+8613800000002"}


async def test_a_call_that_nobody_takes_closes_nothing(home: Core) -> None:
    (call,) = await home.send()
    await home.switchboard.answered(call.attempt, "CA1", "machine_start")
    await home.passes(61)
    (incident,) = await home.incidents()
    assert incident.status is Status.NOTIFYING
    assert {message.to for message in await home.send()} == {"+8613800000002"}
