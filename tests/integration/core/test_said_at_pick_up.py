"""A telephone rings while the story goes on: what is said when it is taken is true then, and what a key is told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from alarmd.phone.callbacks import Scene, SendStatus, StatusUpdate
from alarmd.phone.provider import Outgoing
from escalation.incident import Answer, Answered, Closed, HandedOver, HandoffState, Incident, Refused, Standing, Status
from escalation.people import Channel
from tests.support.core import Core

LI, ZHAO = "+8613800000001", "+8613800000002"
LINE, DESK = "+861065551234", "+8613900000009"
IN_ENGLISH = """
[service]
language = "en"
desk_phones = ["+8613900000009"]
[ambulance]
mode = "line"
phone = "+861065551234"
"""
MODE_DESK = IN_ENGLISH.replace('mode = "line"\nphone = "+861065551234"', 'mode = "desk"')


@pytest.fixture
async def core(tmp_path: Path) -> AsyncIterator[Core]:
    async with Core(tmp_path, more=IN_ENGLISH) as made:
        await made.run_sql("UPDATE responder SET language = 'en'")
        yield made


@pytest.fixture
async def mode_desk(tmp_path: Path) -> AsyncIterator[Core]:
    async with Core(tmp_path, more=MODE_DESK) as made:
        await made.run_sql("UPDATE responder SET language = 'en'")
        yield made


def calls(messages: list[Outgoing], number: str) -> list[Outgoing]:
    return [m for m in messages if m.to == number and m.channel is Channel.VOICE]


def texts(messages: list[Outgoing], number: str) -> list[str]:
    return [m.body for m in messages if m.to == number and m.channel is Channel.SMS]


async def takes(core: Core, call: Outgoing) -> str:
    return heard(await core.switchboard.answered(call.attempt, "CA", "human"))


async def presses(core: Core, call: Outgoing, key: str) -> str:
    return heard(await core.switchboard.key(call.attempt, "CA", key))


async def hangs_up(core: Core, call: Outgoing) -> None:
    over = StatusUpdate(attempt=call.attempt, sid="CA", status=SendStatus.COMPLETED, raw="completed")
    await core.switchboard.status(over)


def heard(scene: Scene) -> str:
    return " ".join(scene.say)


async def now(core: Core) -> Incident:
    return (await core.incidents())[-1]


async def a_hand_off(core: Core, *, rings: int = 1) -> list[Outgoing]:
    """Nobody went; the line rings, and from the second ring on the desk as well. Returns what went out for it."""
    await core.press()
    sent = await core.send()
    while (await now(core)).handoff is None:
        await core.passes(60)
        sent = await core.send()
    for _ in range(rings - 1):
        await core.passes(120)
        sent = await core.send()
    return sent


async def a_desk_that_rings(core: Core) -> Outgoing:
    """A device that nobody registered: only the desk is asked."""
    await core.receive("zigbee2mqtt/stranger", '{"action":"emergency"}')
    return calls(await core.send(), DESK)[0]


# ---------------------------------------------------------------- keys of another menu


async def test_three_on_the_very_first_call_is_not_understood(core: Core) -> None:
    await core.press()
    (call,) = calls(await core.send(), LI)
    await takes(core, call)
    assert "This key means nothing here." in await presses(core, call, "3")
    assert (await now(core)).status is Status.NOTIFYING
    await presses(core, call, "1")
    await presses(core, call, "3")
    assert (await now(core)).status is Status.ARRIVED


@pytest.mark.parametrize("reply", ["3 {code}", "{code} 3", "3"])
async def test_a_mere_three_by_text_of_who_never_said_yes_is_asked_about_and_read(core: Core, reply: str) -> None:
    incident = await core.press()
    await core.send()
    said = await core.switchboard.text(LI, reply.format(code=incident.code), "SM1")
    assert '"3' not in said
    assert f'"1 {incident.code}" = I go' in said
    assert (await now(core)).status is Status.NOTIFYING
    assert any("writes about" in text for text in texts(await core.send(), DESK))
    await core.switchboard.text(LI, f"1 {incident.code}", "SM2")
    await core.switchboard.text(LI, f"3 {incident.code}", "SM3")
    assert (await now(core)).status is Status.ARRIVED


async def test_who_says_in_words_that_they_are_there_is_there(core: Core) -> None:
    incident = await core.press()
    await core.send()
    await core.switchboard.text(LI, f"我到了 {incident.code}", "SM1")
    assert (await now(core)).status is Status.ARRIVED


@pytest.mark.parametrize("number", [LINE, DESK])
async def test_neither_line_nor_desk_arrives_by_text(core: Core, number: str) -> None:
    incident = await core.press()
    for _ in range(4):
        await core.passes(120)
        await core.send()
    for body in (f"3 {incident.code}", f"到了 {incident.code}"):
        await core.switchboard.text(number, body, f"SM{body}")
    assert (await now(core)).status is Status.NOTIFYING


async def test_a_desks_second_one_and_its_three_are_no_coming_and_no_arrival(mode_desk: Core) -> None:
    core = mode_desk
    call = await a_desk_that_rings(core)
    await takes(core, call)
    await presses(core, call, "1")
    incident = await now(core)
    assert incident.status is Status.ACCEPTED
    for key in ("1", "3"):
        await presses(core, call, key)
        assert (await now(core)).status is Status.ACCEPTED
    await core.switchboard.text(DESK, f"3 {incident.code}", "SM1")
    assert (await now(core)).status is Status.ACCEPTED


# ---------------------------------------------------------------- somebody else was faster


async def test_a_pick_up_after_the_line_confirmed_orders_no_ambulance(core: Core) -> None:
    sent = await a_hand_off(core, rings=2)
    (line,), desk = calls(sent, LINE), calls(sent, DESK)[0]
    await takes(core, line)
    assert "The hand-off is confirmed." in await presses(core, line, "1")
    said = await takes(core, desk)
    assert "The ambulance has been ordered already." in said
    assert "press 1" not in said


async def test_who_was_listening_when_another_confirmed_hears_that_it_is_done(core: Core) -> None:
    sent = await a_hand_off(core, rings=2)
    (line,), desk = calls(sent, LINE), calls(sent, DESK)[0]
    for call in (line, desk):
        await takes(core, call)
    await presses(core, line, "1")
    assert "has been ordered already" in await presses(core, desk, "1")
    said = await presses(core, desk, "2")
    assert "asking elsewhere" not in said
    assert "Somebody else has taken it over already." in said
    incident = await now(core)
    assert incident.handoff is not None
    assert (incident.handoff.state, incident.handoff.confirmed_by) == (HandoffState.ACCEPTED, "line")
    late = [entry.data["handed_over"] for entry in await core.log("incident.noted") if entry.data.get("late")]
    assert late == [True, False]


async def test_a_late_no_by_text_is_told_that_it_is_done(core: Core) -> None:
    await a_hand_off(core, rings=2)
    incident = await now(core)
    await core.switchboard.text(LINE, f"1 {incident.code}", "SM1")
    assert "asking elsewhere" not in await core.switchboard.text(DESK, f"2 {incident.code}", "SM2")


async def test_the_desk_that_picks_up_after_a_neighbour_went_is_not_asked_to_take_it(mode_desk: Core) -> None:
    core = mode_desk
    call = await a_desk_that_rings(core)
    await core.engine.apply((await now(core)).id, Answered(person="li", answer=Answer.GO, via="desk", by="Ma"))
    said = await takes(core, call)
    assert "To take this alarm" not in said
    assert "You need not take it" in said


async def test_who_said_yes_by_text_and_then_picks_up_hears_the_way_in(core: Core) -> None:
    incident = await core.press()
    (call,) = calls(await core.send(), LI)
    await core.switchboard.text(LI, f"1 {incident.code}", "SM1")
    said = await takes(core, call)
    assert "If you can go now" not in said
    assert "When you are there" in said


# ---------------------------------------------------------------- update, cancel


async def test_the_first_pick_up_of_the_line_is_no_update(core: Core) -> None:
    sent = await a_hand_off(core)
    incident = await now(core)
    await core.engine.apply(incident.id, Answered(person="li", answer=Answer.GO, via="desk", by="Ma"))
    (line,) = calls(sent, LINE)
    said = await takes(core, line)
    assert "Emergency hand-off, reference" in said
    assert "Update" not in said


async def test_a_cancel_says_why_and_the_star_repeats_it(core: Core) -> None:
    sent = await a_hand_off(core)
    (line,) = calls(sent, LINE)
    await takes(core, line)
    await presses(core, line, "1")
    await hangs_up(core, line)
    incident = await now(core)
    closed = Closed(by="Ma", reason="the daughter is with her", cancel_ambulance=True)
    await core.engine.apply(incident.id, closed)
    sent = await core.send()
    assert any("the daughter is with her" in text for text in texts(sent, LINE))
    (call,) = calls(sent, LINE)
    first = await takes(core, call)
    assert "is cancelled." in first
    assert "Reason: the daughter is with her." in first
    assert await presses(core, call, "*") == first
    assert "This key means nothing here." in await presses(core, call, "2")
    said = await presses(core, call, "1")
    assert "confirmed" not in said
    assert "no ambulance is needed any more" in said
    assert [entry.data.get("heard") for entry in await core.log("message.answered")][-1] is True


async def test_who_was_listening_to_the_hand_off_when_it_was_closed_hears_that(core: Core) -> None:
    (line,) = calls(await a_hand_off(core), LINE)
    await takes(core, line)
    await core.engine.apply((await now(core)).id, Closed(by="Ma", reason="she is well"))
    said = await presses(core, line, "1")
    assert "The hand-off is confirmed" not in said
    assert "no ambulance is needed any more" in said


async def test_one_on_an_update_says_that_it_was_heard_and_two_says_nothing(core: Core) -> None:
    (line,) = calls(await a_hand_off(core), LINE)
    await takes(core, line)
    await presses(core, line, "1")
    await hangs_up(core, line)
    incident = await now(core)
    await core.engine.apply(incident.id, Refused(person="line", channel=Channel.SMS, code="30006"))
    await core.engine.apply(incident.id, Answered(person="li", answer=Answer.GO, via="desk", by="Ma"))
    (update,) = calls(await core.send(), LINE)
    said = await takes(core, update)
    assert "Update number" in said
    assert "It is noted that you heard this." in await presses(core, update, "1")
    assert "This key means nothing here." in await presses(core, update, "2")
    after = await now(core)
    assert after.handoff is not None
    assert after.handoff.state is HandoffState.ACCEPTED


async def test_in_mode_desk_update_correction_and_cancel_are_sent_as_the_log_says(mode_desk: Core) -> None:
    core = mode_desk
    await a_hand_off(core)
    incident = await now(core)
    await core.engine.apply(incident.id, HandedOver(by="Ma", via="desk"))
    for answer, said in ((Answer.GO, "is on the way"), (Answer.CANNOT, "is not on the way any more")):
        await core.engine.apply(incident.id, Answered(person="li", answer=answer, via="desk", by="Ma"))
        assert any("TELL" in text and said in text for text in texts(await core.send(), DESK))
    await core.engine.apply(incident.id, Closed(by="Ma", reason="she is well", cancel_ambulance=True))
    assert any("CANCELLED" in text and "she is well" in text for text in texts(await core.send(), DESK))
    told = [entry for event in ("handoff.updated", "handoff.cancelled") for entry in await core.log(event)]
    assert [entry.data["to"] for entry in told] == [["desk:0"]] * 3
    queued = {(entry.actor, entry.data["purpose"]) for entry in await core.log("message.queued")}
    assert {("desk:0", "handoff_update"), ("desk:0", "handoff_cancel")} <= queued


# ---------------------------------------------------------------- late


@pytest.mark.parametrize("mode", ["line", "desk"])
async def test_a_press_that_waited_is_told_with_the_time_of_the_press(tmp_path: Path, mode: str) -> None:
    async with Core(tmp_path, more=IN_ENGLISH if mode == "line" else MODE_DESK) as core:
        await core.run_sql("UPDATE responder SET language = 'en'")
        await core.run_sql("INSERT INTO device VALUES ('p', 'alarmd', 'pendant', 'wang', 'pendant', '', 300)")
        pressed = core.clock.now() - timedelta(hours=2)
        zone = core.settings.zone
        asked, came = (f"{at.astimezone(zone):%H:%M}" for at in (pressed, core.clock.now()))
        await core.receive("alarmd/v1/pendant/signal", f'{{"ref":"1","type":"sos","at":"{pressed.isoformat()}"}}')
        sent = await core.send()
        said = [await takes(core, calls(sent, LI)[0]), *texts(sent, LI)]
        for _ in range(9):
            await core.passes(60)
            sent = await core.send()
            for number in (LINE, DESK):
                said += [await takes(core, call) for call in calls(sent, number)] + texts(sent, number)
        assert len(said) > 5
        for one in said:
            assert f"pressed {asked}, received {came}" in one
            assert one.count(came) == 1, one


async def test_the_son_who_follows_and_the_desk_that_has_it_are_told_as_what_they_are(core: Core) -> None:
    await a_hand_off(core)
    incident = await now(core)
    await core.engine.apply(incident.id, Answered(person="operator:Ma", answer=Answer.GO, via="desk", by="Ma Li"))
    await core.engine.apply(incident.id, Answered(person="operator:Ma", answer=Answer.THERE, via="desk", by="Ma Li"))
    incident = await now(core)
    assert (incident.status, _standing(incident, "operator:Ma")) == (Status.ACCEPTED, Standing.ACCEPTED)
    for text in texts(await core.send(), LINE):
        assert "Ma Li is on the way" not in text
        assert "min." not in text or "15 min" not in text


def _standing(incident: Incident, who: str) -> Standing:
    return next(p.standing for p in incident.participants if p.who.id == who)


@pytest.mark.parametrize("meanwhile", ["", "1 almost there {}", "which floor? {}"])
async def test_a_desk_takes_a_hand_off_back_by_text_whatever_was_sent_to_it_since(
    mode_desk: Core, meanwhile: str
) -> None:
    """What people write goes to the same telephone, and is no menu of its own."""

    async def state() -> HandoffState:
        (incident,) = await mode_desk.incidents()
        assert incident.handoff is not None
        return incident.handoff.state

    incident = await mode_desk.press()
    for _ in range(3):
        await mode_desk.passes(60)
        await mode_desk.send()
    await mode_desk.switchboard.text(DESK, f"1 {incident.code}", "SM1")
    assert await state() is HandoffState.ACCEPTED
    if meanwhile:
        await mode_desk.switchboard.text(LI, meanwhile.format(incident.code), "SM2")
        await mode_desk.send()
    await mode_desk.switchboard.text(DESK, f"2 {incident.code}", "SM3")
    assert await state() is not HandoffState.ACCEPTED
