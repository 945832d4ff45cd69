"""A second alarm of one home: who is at that door for the first is told of, and is told (promise 10)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from alarmd.presence import THERE_FOR
from escalation.incident import Incident
from escalation.people import Channel
from tests.integration.core.test_one_telephone_two_people import MOVE_IN, presses
from tests.support.core import Core

LI, ZHAO, LINE = "+8613800000001", "+8613800000002", "+861065551234"
NOBODY_THERE = "地点尚未经现场人员确认"
SMITH = (
    "INSERT INTO device (id, family, address, resident, kind)"
    " VALUES ('smith-bed', 'zigbee2mqtt', 'smith_button', 'smith', 'button')"
)


@pytest.fixture
async def core(tmp_path: Path) -> AsyncIterator[Core]:
    async with Core(tmp_path) as made:
        await made.run_sql(MOVE_IN["husband"])
        await made.run_sql(SMITH)
        yield made


async def goes_for_her(core: Core, *words: str) -> Incident:
    hers = await presses(core)
    await core.send()
    for n, word in enumerate(words):
        await core.switchboard.text(ZHAO, f"{word} {hers.code}", f"SM-{n}")
    await core.send()
    return hers


async def handed_over(core: Core, incident: Incident) -> str:
    """What the line reads of an alarm once its hand-off has begun."""
    for _ in range(60):
        await core.send()
        for row in await core.outgoing():
            if (row["incident"], row["destination"], row["channel"]) == (incident.id, LINE, "sms"):
                return str(row["body"])
        await core.passes(10)
    raise AssertionError("nothing was handed over")


async def heard(core: Core, incident: Incident, to: str) -> list[str]:
    return [
        row["body"]
        for row in await core.outgoing()
        if (row["incident"], row["destination"], row["channel"]) == (incident.id, to, Channel.SMS)
    ]


async def test_the_line_is_told_who_is_at_that_door_for_the_other_alarm(core: Core) -> None:
    await goes_for_her(core, "1", "3")
    his = await presses(core, "his_button")
    said = await handed_over(core, his)
    assert NOBODY_THERE not in said
    assert "赵敏已到场" in said
    assert f"赵敏，{ZHAO}" in said, "who is there is called back first"


async def test_who_is_only_on_the_way_is_told_of_and_confirms_no_place(core: Core) -> None:
    await goes_for_her(core, "1")
    his = await presses(core, "his_button")
    said = await handed_over(core, his)
    assert NOBODY_THERE in said
    assert "赵敏" in said


async def test_the_neighbours_are_told_too(core: Core) -> None:
    await goes_for_her(core, "1", "3")
    his = await presses(core, "his_button")
    await core.send()
    assert any("赵敏已到场" in body for body in await heard(core, his, LI)), await heard(core, his, LI)


async def test_who_is_at_the_door_is_asked_for_the_second_at_once(core: Core) -> None:
    await goes_for_her(core, "1", "3")
    his = await presses(core, "his_button")
    await core.send()
    assert await heard(core, his, ZHAO)


async def test_who_stands_at_another_door_is_told_of_to_nobody_here(core: Core) -> None:
    await goes_for_her(core, "1", "3")
    smith = await presses(core, "smith_button")
    said = await handed_over(core, smith)
    assert "赵敏已到场" not in said
    assert NOBODY_THERE in said


async def test_who_left_long_ago_confirms_nothing(core: Core) -> None:
    await goes_for_her(core, "1", "3")
    core.clock.pass_((THERE_FOR + timedelta(minutes=1)).total_seconds())
    his = await presses(core, "his_button")
    assert NOBODY_THERE in await handed_over(core, his)


async def test_who_picks_up_hears_who_is_there(core: Core) -> None:
    await goes_for_her(core, "1", "3")
    his = await presses(core, "his_button")
    await core.passes(6)
    await core.send()
    row = next(
        r for r in await core.outgoing() if (r["incident"], r["person"], r["channel"]) == (his.id, "li", "voice")
    )
    said = await core.switchboard.answered(row["attempt"], f"CA{row['attempt']}", "human")
    assert "赵敏已到场" in "".join(said.say)
