"""A couple, each with a button: who stands at their door is there for both of their alarms."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from escalation.incident import Incident, Standing, Status
from tests.integration.core.test_one_telephone_two_people import MOVE_IN, presses
from tests.support.core import Core

LI, ZHAO = "+8613800000001", "+8613800000002"
ELSEWHERE = (
    "INSERT INTO resident (id, name, address, lat, lon) VALUES ('ma', '马奶奶', '和平里三区9号楼', 39.9502, 116.4103);"
    "INSERT INTO device (id, family, address, resident, kind)"
    " VALUES ('ma-bed', 'zigbee2mqtt', 'ma_button', 'ma', 'button')"
)


@pytest.fixture
async def couple(tmp_path: Path) -> AsyncIterator[tuple[Core, Incident, Incident]]:
    """Both have pressed, and Li goes for her."""
    async with Core(tmp_path) as core:
        await core.run_sql(MOVE_IN["husband"])
        hers = await presses(core)
        await core.send()
        his = await presses(core, "his_button")
        await core.send()
        await core.switchboard.text(LI, f"1 {hers.code}", "SM-go")
        await core.send()
        yield core, hers, his


async def standing(core: Core, incident: Incident, who: str = "li") -> Standing | None:
    found = next(one for one in await core.incidents() if one.id == incident.id)
    return next((p.standing for p in found.participants if p.who.id == who), None)


async def key(core: Core, incident: Incident, person: str, digits: str) -> tuple[str, ...]:
    """Somebody takes the call to them about an alarm and presses a key; what is said."""
    row = next(
        row
        for row in await core.outgoing()
        if (row["incident"], row["person"], row["channel"], row["purpose"]) == (incident.id, person, "voice", "ask")
    )
    await core.switchboard.answered(row["attempt"], f"SM{row['attempt']}", "human")
    return (await core.switchboard.key(row["attempt"], f"SM{row['attempt']}", digits)).say


@pytest.mark.parametrize("words", ["3 {his}", "3 {hers}", "到了 {his}", "3", "我到了"])
async def test_there_counts_for_the_home_they_are_at(couple: tuple[Core, Incident, Incident], words: str) -> None:
    core, hers, his = couple
    answer = await core.switchboard.text(LI, words.format(his=his.code, hers=hers.code), "SM-there")
    assert await standing(core, hers) is Standing.ARRIVED
    assert "没看懂" not in answer
    if "{his}" in words:
        assert await standing(core, his) is Standing.ARRIVED
        assert [one.status for one in await core.incidents()] == [Status.ARRIVED, Status.ARRIVED]
    else:
        assert await standing(core, his) is Standing.ASKED  # of his they said nothing, and he is still asked for


async def test_so_does_the_key_on_the_call_about_the_other(couple: tuple[Core, Incident, Incident]) -> None:
    core, hers, his = couple
    said = await key(core, his, "li", "3")
    assert said[0].startswith("谢谢您赶到")
    assert await standing(core, hers) is Standing.ARRIVED
    assert await standing(core, his) is Standing.ARRIVED


async def test_the_call_about_the_other_offers_that_key(couple: tuple[Core, Incident, Incident]) -> None:
    core, _, his = couple
    assert any("已经到了请按3" in sentence for sentence in await key(core, his, "li", "*"))
    assert not any("已经到了请按3" in sentence for sentence in await key(core, his, "zhao", "*"))


async def test_who_goes_nowhere_yet_is_not_there_by_a_key(couple: tuple[Core, Incident, Incident]) -> None:
    """Issue 8, D33: on the very first call a 3 is no answer."""
    core, hers, his = couple
    await core.switchboard.text(ZHAO, f"3 {his.code}", "SM-zhao")
    await key(core, his, "zhao", "3")
    assert await standing(core, his, "zhao") is Standing.ASKED
    assert await standing(core, hers, "zhao") is Standing.ASKED


async def test_another_home_is_another_door(couple: tuple[Core, Incident, Incident]) -> None:
    core, hers, _ = couple
    await core.run_sql(ELSEWHERE)
    elsewhere = await presses(core, "ma_button")
    await core.send()
    await core.switchboard.text(LI, f"3 {elsewhere.code}", "SM-there")
    assert await standing(core, hers) is Standing.ACCEPTED
    assert await standing(core, elsewhere) is not Standing.ARRIVED


async def test_who_is_at_a_home_is_not_called_overdue_in_its_other_alarm(
    couple: tuple[Core, Incident, Incident],
) -> None:
    core, _, his = couple
    await core.switchboard.text(LI, f"3 {his.code}", "SM-there")
    for _ in range(60):
        await core.passes(20)
    assert not [entry for entry in await core.log("incident.overdue") if entry.actor == "li"]


async def test_who_has_guessed_at_codes_is_there_by_a_key_only(couple: tuple[Core, Incident, Incident]) -> None:
    core, hers, his = couple
    for wrong in ("3 1111", "3 2222", "3 3333"):
        await core.switchboard.text(LI, wrong, f"SM{wrong}")
    await core.switchboard.text(LI, f"3 {his.code}", "SM-there")
    assert await standing(core, hers) is Standing.ACCEPTED
    assert await standing(core, his) is Standing.ASKED
