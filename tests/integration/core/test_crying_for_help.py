"""A resident asks for help by telephone, when nobody counts on it any more: it is a press, and never lost."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from alarmd.circle import EnginePeople
from alarmd.phone.provider import Outgoing
from escalation.incident import Closed, Incident, Status
from escalation.people import Channel
from tests.support.core import Core

AT_HOME, LI, DESK = "+861064211111", "+8613800000001", "+8613900000009"


@pytest.fixture
async def core(tmp_path: Path) -> AsyncIterator[Core]:
    async with Core(tmp_path) as made:
        yield made


@pytest.fixture
async def call(core: Core) -> Outgoing:
    """She is rung because of her bed, and the desk closes the alarm while her telephone rings."""
    await core.run_sql("INSERT INTO device VALUES ('band', 'alarmd', 'band', 'wang', 'watch', '', NULL)")
    await core.receive("alarmd/v1/band/signal", '{"ref":"1","type":"inactivity"}')
    (call,) = await core.send()
    (incident,) = await core.incidents()
    await core.engine.apply(incident.id, Closed(by="desk", reason="the sensor was moved"))
    await core.send()
    return call


async def test_two_on_a_call_whose_alarm_is_closed_is_a_new_alarm(core: Core, call: Outgoing) -> None:
    said = await core.switchboard.key(call.attempt, "CA1", "2")
    assert "正在联系人前往您家" in said.say[0]
    closed, opened = await core.incidents()
    assert closed.status is Status.CLOSED
    assert (opened.kind, opened.resident, opened.device) == ("sos", "wang", "voice")
    assert opened.status is Status.NOTIFYING
    assert LI in {message.to for message in await core.send() if message.channel is Channel.VOICE}
    assert [entry.data["via"] for entry in await core.log("signal.kept")][-1] == "voice"
    assert (await core.log("incident.noted"))[-1].incident == closed.id


async def test_who_picks_up_after_the_close_is_asked_all_the_same(core: Core, call: Outgoing) -> None:
    asked = await core.switchboard.answered(call.attempt, "CA1", "human")
    assert asked.menu
    assert "是否平安" in "".join(asked.say)
    said = await core.switchboard.key(call.attempt, "CA1", "1")
    assert said.say[0] == "知道您平安就放心了。"
    assert len(await core.incidents()) == 1
    assert (await core.log("incident.noted"))[-1].data["answer"] == "well"


async def test_a_second_two_raises_what_the_first_one_opened(core: Core, call: Outgoing) -> None:
    for _ in range(2):
        await core.switchboard.key(call.attempt, "CA1", "2")
    _, opened = await core.incidents()
    assert opened.presses == 2


@pytest.mark.parametrize("words", ["救命！", "HELP", "Please help me!!", "我摔倒了，快来", "ｓｏｓ", "打120"])
async def test_a_text_for_help_from_her_own_number_is_an_alarm(core: Core, words: str) -> None:
    answered = await core.switchboard.text(AT_HOME, words, "SM1")
    assert "正在联系人前往您家" in answered
    (incident,) = await core.incidents()
    assert (incident.kind, incident.resident, incident.device) == ("sos", "wang", "sms")
    assert LI in {message.to for message in await core.send()}
    await core.switchboard.text(AT_HOME, words, "SM1")  # the provider asks again
    await core.switchboard.text(AT_HOME, words, "SM2")
    (incident,) = await core.incidents()
    assert incident.presses == 2


async def test_what_else_she_texts_is_answered_with_how_to_ask(core: Core) -> None:
    assert "回复“救命”" in await core.switchboard.text(AT_HOME, "吃饭了吗", "SM1")
    assert await core.incidents() == []
    assert (await core.log("message.unread"))[-1].data["why"] == "no_code"


@pytest.mark.parametrize("word", ["STOP", "停止", "退订。", "unsubscribe"])
async def test_who_wants_no_more_texts_hears_how_to_leave_and_is_still_called(core: Core, word: str) -> None:
    answered = await core.switchboard.text(LI, word, "SM1")
    assert "仍会给您打电话" in answered
    assert DESK in answered
    (entry,) = await core.log("message.stopped")
    assert (entry.actor, entry.data["why"]) == ("li", "stop")
    await core.press()
    assert {m.channel for m in await core.send() if m.to == LI} == {Channel.SMS, Channel.VOICE}


async def test_a_neighbour_who_asks_what_this_is_opens_nothing(core: Core) -> None:
    assert "请回复数字和短信里的代码" in await core.switchboard.text(LI, "help", "SM1")
    assert await core.incidents() == []
    assert (await core.log("message.unread"))[-1].data["why"] == "help"


async def test_a_neighbours_own_reply_is_taken_as_ever(core: Core) -> None:
    incident = await core.press()
    await core.send()
    await core.switchboard.text(LI, f"1 {incident.code}", "SM1")
    assert (await core.incidents())[0].status is Status.ACCEPTED


@pytest.mark.parametrize("way", ["key", "text"])
async def test_a_defect_of_ours_brings_her_cry_to_the_desk(
    core: Core, call: Outgoing, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    def broken(self: EnginePeople, incident: Incident, step: int) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(EnginePeople, "choose", broken)
    if way == "key":
        await core.switchboard.key(call.attempt, "CA1", "2")
    else:
        await core.switchboard.text(AT_HOME, "救命", "SM1")
    opened = (await core.incidents())[-1]
    assert (opened.kind, opened.resident, opened.plan.name) == ("sos", "wang", "desk")
    assert DESK in {message.to for message in await core.send()}
