"""A channel is closed only by a code that closes it: at the outbox, with the real SDK and the provider's look-alike."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from alarmd.phone import codes
from alarmd.phone.provider import Remedy
from escalation.incident import Answer, Answered, Closed, Incident, Participant, Standing
from escalation.people import Channel
from escalation.plan import Plan, Step, Who
from simulators.habits import Habit, Scripted, Takes
from simulators.town import Reception
from tests.support.wired import Wired, wired

LI, ZHAO = "+8613800000001", "+8613800000002"
UNKNOWN = ("20001", "30999", "31480", "63016", "99999")
TRIED_LATER = ("20003", "30034", "21408", "20429", "21611", "30022", "11200")
CODES = tuple(
    code
    for code in (*codes.KNOWN, *UNKNOWN)
    if code in TRIED_LATER or codes.look_up(code).remedy not in {Remedy.NEXT_PROVIDER, Remedy.BACK_OFF}
)
ONLY_TEXTS = Plan(
    name="standard",
    signals=("sos",),
    steps=(Step(contact=Who.NEAREST, count=1, by=(Channel.SMS,), wait=600, repeat=60),),
)


@pytest.fixture
async def core(tmp_path: Path) -> AsyncIterator[Wired]:
    async with wired(tmp_path) as made:
        for number in (LI, ZHAO):
            made.handset(number).reception = Reception(text_delay=0.1, ring_delay=0.1)
        yield made


async def li(core: Wired) -> Participant:
    """As he stands in the alarm that is open."""
    incident = (await core.incidents())[-1]
    return next(p for p in incident.participants if p.who.id == "li")


async def over(core: Wired, incident: Incident) -> None:
    core.look_alike.faults.clear()
    core.handset(LI).reception = Reception(text_delay=0.1, ring_delay=0.1)
    await core.engine.apply(incident.id, Closed(by="test", reason="next"))
    await core.goes_out()
    core.clock.pass_(600)


async def refused(core: Wired, incident: Incident) -> None:
    """Until the log says that something to him was refused."""
    async with asyncio.timeout(20):
        while not any(e.actor == "li" and e.incident == incident.id for e in await core.log("message.refused")):
            pass


def closes(code: str) -> bool:
    return codes.look_up(code).remedy.closes


async def judge(core: Wired, channel: Channel, code: str) -> None:
    stands = await li(core)
    assert (channel in stands.failed) == closes(code), code
    if codes.look_up(code).remedy is not Remedy.DEAD_NUMBER:
        assert stands.standing is Standing.ASKED, code


@pytest.mark.parametrize("channel", list(Channel))
async def test_refused_at_once_a_channel_is_closed_only_by_a_code_that_closes_it(core: Wired, channel: Channel) -> None:
    for code in CODES:
        on = "Messages" if channel is Channel.SMS else "Calls"
        core.look_alike.faults.refuse(int(code), on=on, to=LI)
        incident = await core.press()
        await core.goes_out()
        await judge(core, channel, code)
        await over(core, incident)


async def test_undelivered_a_text_closes_the_channel_only_by_a_code_that_closes_it(core: Wired) -> None:
    for code in CODES:
        core.handset(LI).reception.text_fails = ("undelivered", int(code))
        incident = await core.press()
        await core.goes_out()
        await refused(core, incident)
        await judge(core, Channel.SMS, code)
        await over(core, incident)


@pytest.mark.parametrize("status", ["failed", "canceled", "undelivered"])
async def test_a_status_without_a_code_closes_nothing(core: Wired, status: str) -> None:
    core.handset(LI).reception.text_fails = (status, 0)
    await core.press()
    await core.goes_out()
    await refused(core, (await core.incidents())[-1])
    await judge(core, Channel.SMS, "")


async def test_a_call_that_failed_without_a_code_is_made_again(core: Wired) -> None:
    """Sixty texts in an hour and no call: one failed call must not be the last."""
    core.handset(LI).reception.call_fails = True
    incident = await core.press()
    await core.goes_out()
    await refused(core, incident)
    await judge(core, Channel.VOICE, "")
    core.handset(LI).reception.call_fails = False
    core.clock.pass_(20)
    await core.press()
    await core.goes_out()
    await core.sees(lambda: bool(core.handset(LI).calls))


@pytest.mark.parametrize("takes", [Takes.BUSY, Takes.IGNORES])
async def test_busy_and_unanswered_close_nothing(core: Wired, takes: Takes) -> None:
    core.handset(LI).person = Scripted(Habit(takes=takes, after=0.1))
    await core.press()
    await core.goes_out()
    await core.until(lambda rows: any(row["status"] == "unanswered" for row in rows if row["person"] == "li"))
    await judge(core, Channel.VOICE, "")
    assert not await core.log("message.refused")


@pytest.mark.parametrize("code", ["30001", "30003", "30008", "20429", "99999"])
async def test_who_accepts_by_key_gets_the_way_in_although_the_first_text_was_refused_for_now(
    core: Wired, code: str
) -> None:
    for _ in range(2):  # the question, and the details
        core.look_alike.faults.refuse(int(code), on="Messages", to=LI)
    core.handset(LI).person = Scripted(Habit(takes=Takes.ANSWERS, after=0.1, keys=("1",), thinks=0.1))
    await core.press()
    await core.goes_out()
    await core.sees(lambda: any(call.pressed for call in core.handset(LI).calls))
    await core.until(lambda rows: any(row["purpose"] == "details" for row in rows))
    await core.goes_out()
    for _ in range(3):
        core.clock.pass_(60)
        await core.goes_out()
    await core.sees(lambda: any("钥匙在传达室" in text.body for text in core.handset(LI).texts))


async def test_who_can_never_be_texted_and_was_entered_by_the_desk_hears_the_way_in(core: Wired) -> None:
    core.look_alike.faults.refuse(21614, on="Messages", to=LI, times=9)
    core.handset(LI).person = Scripted(Habit(takes=Takes.ANSWERS, after=0.1, first_ignored=1))
    incident = await core.press()
    await core.goes_out()
    await core.until(lambda rows: any(row["status"] == "unanswered" for row in rows if row["person"] == "li"))
    await core.engine.apply(incident.id, Answered(person="li", answer=Answer.GO, via="desk", by="Zhang"))
    await core.goes_out()
    await core.sees(lambda: any("钥匙在传达室" in call.everything for call in core.handset(LI).calls))


@pytest.mark.parametrize("code", ["30003", "30006", "99999"])
async def test_who_is_asked_by_text_only_is_called_each_time_once_that_failed(tmp_path: Path, code: str) -> None:
    async with wired(tmp_path) as core:
        core.engine._plans = {**core.engine._plans, "standard": ONLY_TEXTS}
        core.handset(LI).reception = Reception(text_delay=0.1, ring_delay=0.1, text_fails=("undelivered", int(code)))
        await core.press()
        await core.goes_out()
        for times in (1, 2, 3):
            await core.until(lambda rows: sum(r["channel"] == "voice" for r in rows) >= times)  # noqa: B023 - asked at once
            await core.goes_out()
            await core.sees(lambda: len(core.handset(LI).calls) >= times)  # noqa: B023 - asked at once
            core.handset(LI).calls[-1].decline()
            await core.until(lambda rows: all(r["status"] == "unanswered" for r in rows if r["channel"] == "voice"))
            await core.passes(60)


@pytest.mark.parametrize("number", ["+861065551234", "+8613900000009"])
async def test_line_and_desk_are_rung_again_whatever_became_of_the_last_call(core: Wired, number: str) -> None:
    core.look_alike.faults.refuse(21216, on="Calls", to=number, times=2)
    await core.press()
    for _ in range(20):
        await core.goes_out()
        await core.passes(60)
    await core.goes_out()
    await core.sees(lambda: bool(core.handset(number).calls))
