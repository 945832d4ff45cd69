"""Somebody goes to her door, and then presses their own button or is at another: help goes on at once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from alarmd.engine import Opening
from escalation.incident import Answer, Answered, Closed, HandedOver, Incident, Pressed, Standing, Status
from escalation.replay import Cause, replay
from tests.support.core import Core

SMITH, LI = "+8613800000055", "+8613800000001"
STREET = (
    "INSERT INTO responder (id, name, phone, role, lat, lon, travel)"
    " VALUES ('smith-helps', 'Ann Smith', '+8613800000055', 'neighbour', 39.951, 116.411, 'walk');"
    "UPDATE resident SET phone = '+8613800000055' WHERE id = 'smith';"
    "INSERT INTO device (id, family, address, resident, kind)"
    " VALUES ('smith-bed', 'zigbee2mqtt', 'smith_button', 'smith', 'button')"
)


@pytest.fixture
async def core(tmp_path: Path) -> AsyncIterator[Core]:
    async with Core(tmp_path) as made:
        await made.run_sql(STREET)
        yield made


async def presses(core: Core, button: str = "bed_button") -> Incident:
    await core.receive(f"zigbee2mqtt/{button}", '{"action":"emergency","battery":87}')
    return (await core.incidents())[-1]


async def goes(core: Core, incident: Incident, who: str, answer: Answer = Answer.GO) -> None:
    await core.engine.apply(incident.id, Answered(person=who, answer=answer, via="voice"))


async def standing(core: Core, who: str, nth: int = 0) -> Standing | None:
    incident = (await core.incidents())[nth]
    return next((p.standing for p in incident.participants if p.who.id == who), None)


async def wang(core: Core) -> Incident:
    return (await core.incidents())[0]


async def told_to(core: Core, number: str) -> list[str]:
    return [row["purpose"] for row in await core.outgoing() if row["destination"] == number]


async def test_she_presses_her_own_button_on_the_way_and_the_others_are_asked_again(core: Core) -> None:
    first = await presses(core)
    await goes(core, first, "smith-helps")
    assert "taken" in await told_to(core, LI)
    await presses(core, "smith_button")
    assert await standing(core, "smith-helps") is Standing.DECLINED
    assert (await wang(core)).status is Status.NOTIFYING
    assert (await told_to(core, LI)).count("ask") > 2
    entry = (await core.log("incident.declined"))[-1]
    second = (await core.incidents())[-1]
    assert (entry.incident, entry.actor, entry.data["because"]) == (first.id, "smith-helps", "own_alarm")
    assert entry.data["elsewhere"] == second.id


@pytest.mark.parametrize("how", ["key", "text", "name and position", "a fall"])
async def test_however_her_own_alarm_comes_she_is_not_waited_for(core: Core, how: str) -> None:
    if how == "name and position":
        await core.run_sql("UPDATE resident SET phone = '+861064219999' WHERE id = 'smith'")
    if how == "a fall":
        await core.run_sql("INSERT INTO device VALUES ('band', 'alarmd', 'band', 'smith', 'watch', '', NULL)")
    first = await presses(core)
    await goes(core, first, "smith-helps")
    if how == "text":
        await core.switchboard.text(SMITH, "我摔倒了", "SM1")
    elif how == "a fall":
        await core.receive("alarmd/v1/band/signal", '{"ref":"1","type":"fall"}')
    else:
        await presses(core, "smith_button")
    assert len(await core.incidents()) == 2
    assert await standing(core, "smith-helps") is Standing.DECLINED
    assert (await wang(core)).status is Status.NOTIFYING


async def test_who_said_yes_after_all_and_presses_again_is_not_waited_for_either(core: Core) -> None:
    first = await presses(core)
    await presses(core, "smith_button")
    await goes(core, first, "smith-helps")
    assert await standing(core, "smith-helps") is Standing.ACCEPTED, "on their own word"
    await core.passes(30)
    await presses(core, "smith_button")
    assert await standing(core, "smith-helps") is Standing.DECLINED


async def test_who_was_only_asked_is_replaced_when_they_press(core: Core) -> None:
    await presses(core)
    assert await standing(core, "smith-helps") is Standing.ASKED
    await presses(core, "smith_button")
    assert await standing(core, "smith-helps") is Standing.UNREACHABLE
    gaps = [e for e in await core.log("incident.gap") if e.data.get("why") == "own_alarm"]
    assert [e.actor for e in gaps] == ["smith-helps"]


async def test_a_silent_device_of_theirs_calls_nobody_back(core: Core) -> None:
    first = await presses(core)
    await goes(core, first, "smith-helps")
    await core.receive("zigbee2mqtt/smith_button", '{"battery":3}')
    assert await standing(core, "smith-helps") is Standing.ACCEPTED


async def test_who_is_at_a_door_for_a_silent_device_is_at_that_door(core: Core) -> None:
    first = await presses(core)
    await goes(core, first, "li")
    opening = Opening(
        subject="smith",
        resident="smith",
        plan_name="technical",
        device="smith-bed",
        kind="silent",
        pressed=Pressed(signal=1, device="smith-bed", type="offline"),
    )
    silent = await core.store.write(lambda tx: core.engine.press(tx, opening, core.clock.now()))
    await core.engine.apply(silent.id, Answered(person="li", answer=Answer.GO, via="desk", by="Ma"))
    assert await standing(core, "li") is Standing.ACCEPTED
    await goes(core, silent, "li", Answer.THERE)
    assert await standing(core, "li") is Standing.FOLLOWS


async def test_three_at_another_home_lets_the_first_one_go_on(core: Core) -> None:
    first = await presses(core)
    second = await presses(core, "smith_button")
    await goes(core, first, "li")
    await goes(core, second, "li")
    assert await standing(core, "li", 1) is Standing.FOLLOWS
    await core.send()
    await core.switchboard.text(LI, f"3 {second.code}", "SM3")
    assert await standing(core, "li", 1) is Standing.ARRIVED
    assert await standing(core, "li") is Standing.FOLLOWS
    assert (await wang(core)).status is Status.NOTIFYING
    await core.switchboard.text(LI, f"3 {first.code}", "SM4")
    assert await standing(core, "li") is Standing.ARRIVED
    assert await standing(core, "li", 1) is Standing.ARRIVED, "was there"
    assert (await core.incidents())[1].status is Status.ARRIVED


@pytest.mark.parametrize("by", ["", "Ma"])
async def test_a_couples_telephone_that_arrives_elsewhere_goes_nowhere_else(core: Core, by: str) -> None:
    await core.run_sql("UPDATE responder SET phone = '+8613800000001' WHERE id = 'zhao'")
    first, second = await presses(core), await presses(core, "smith_button")
    await core.engine.apply(first.id, Answered(person="li", answer=Answer.GO, via="desk", by="Ma"))
    await core.engine.apply(second.id, Answered(person="zhao", answer=Answer.THERE, via="desk", by=by))
    assert await standing(core, "li") is Standing.FOLLOWS


async def test_the_other_alarm_of_the_same_home_is_the_same_door(core: Core) -> None:
    await core.run_sql("INSERT INTO device VALUES ('band', 'alarmd', 'band', 'wang', 'watch', '', NULL)")
    first = await presses(core)
    await goes(core, first, "li")
    await core.receive("alarmd/v1/band/signal", '{"ref":"1","type":"fall"}')
    fall = (await core.incidents())[-1]
    assert fall.id != first.id
    await goes(core, fall, "li", Answer.THERE)
    assert await standing(core, "li") is Standing.ACCEPTED


async def test_the_line_that_was_told_of_her_hears_that_she_does_not_come(core: Core) -> None:
    first = await presses(core)
    await core.passes(60)
    await core.passes(60)
    await core.engine.apply(first.id, HandedOver(by="line", via="voice"))
    await goes(core, first, "smith-helps")
    await core.send()
    before = len(await core.log("handoff.updated"))
    await presses(core, "smith_button")
    entry = (await core.log("handoff.updated"))[before]
    assert (entry.incident, entry.data["to"]) == (first.id, ["line"])
    row = [r for r in await core.outgoing() if r["person"] == "line" and r["purpose"] == "handoff_update"][-1]
    assert "Ann Smith已不在途中" in row["body"] or "Ann Smith不来了" in row["body"]


async def test_what_called_them_away_is_closed_and_they_go_after_all(core: Core) -> None:
    first = await presses(core)
    await goes(core, first, "smith-helps")
    second = await presses(core, "smith_button")
    await core.engine.apply(second.id, Closed(by="Ma", reason="pressed by mistake"))
    await core.switchboard.text(SMITH, f"1 {first.code}", "SM1")
    assert await standing(core, "smith-helps") is Standing.ACCEPTED


async def test_the_log_explains_both_alarms(core: Core) -> None:
    first = await presses(core)
    await goes(core, first, "smith-helps")
    await presses(core, "smith_button")
    entries = [entry for entry in await core.log() if "cause" in entry.data]
    for incident in await core.incidents():
        mine = [entry for entry in entries if entry.incident == incident.id]
        assert replay((e.at, msgspec.convert(e.data["cause"], Cause)) for e in mine) == incident


# ---------------------------------------------------------------- one person, one home


async def sent_by_operator(core: Core, incident: Incident, who: str, *, then: bool = False) -> None:
    """An operator enters somebody: *accept*, or *coming*."""
    event = Answered(person=who, answer=Answer.GO, via="desk", by="Mei")
    await core.engine.apply(incident.id, event, then=event if then else None)


@pytest.mark.parametrize("coming", [False, True])
@pytest.mark.parametrize("shared", [False, True])
async def test_whom_an_operator_sends_to_a_second_home_is_not_waited_for_at_the_first(
    core: Core,
    coming: bool,  # noqa: FBT001 - a parameter of the story
    shared: bool,  # noqa: FBT001 - a parameter of the story
) -> None:
    if shared:
        await core.run_sql("UPDATE responder SET phone = '+8613800000001' WHERE id = 'zhao'")
    first = await presses(core)
    await goes(core, first, "li")
    second = await presses(core, "smith_button")
    await sent_by_operator(core, second, "zhao" if shared else "li", then=coming)
    assert await standing(core, "li") is Standing.FOLLOWS
    assert (await wang(core)).status is Status.NOTIFYING, "the others are asked again"
    assert (await core.incidents())[1].status is (Status.COMING if coming else Status.ACCEPTED)
    entry = (await core.log("incident.follows"))[-1]
    assert (entry.incident, entry.data["because"], entry.data["elsewhere"]) == (first.id, "other_home", second.id)


async def test_who_says_yes_at_a_second_home_by_key_still_goes_to_the_first(core: Core) -> None:
    first = await presses(core)
    await goes(core, first, "li")
    second = await presses(core, "smith_button")
    await goes(core, second, "li")
    await goes(core, second, "li")
    assert await standing(core, "li") is Standing.ACCEPTED
    assert await standing(core, "li", 1) is Standing.FOLLOWS


async def test_who_is_sent_to_and_fro_goes_where_they_were_sent_last(core: Core) -> None:
    first = await presses(core)
    second = await presses(core, "smith_button")
    for incident in (first, second, first):
        await sent_by_operator(core, incident, "li")
    assert await standing(core, "li") is Standing.ACCEPTED
    assert await standing(core, "li", 1) is Standing.FOLLOWS


async def test_an_operator_who_holds_two_alarms_and_who_looks_after_a_device_leave_nobody(core: Core) -> None:
    first = await presses(core)
    second = await presses(core, "smith_button")
    await sent_by_operator(core, first, "operator:mei")
    await sent_by_operator(core, second, "operator:mei")
    assert [one.status for one in await core.incidents()] == [Status.ACCEPTED, Status.ACCEPTED]


async def test_who_has_arrived_at_the_first_home_has_been_there_though_they_are_sent_on(core: Core) -> None:
    first = await presses(core)
    await goes(core, first, "li", Answer.THERE)
    second = await presses(core, "smith_button")
    await sent_by_operator(core, second, "li")
    assert (await wang(core)).status is Status.ARRIVED
