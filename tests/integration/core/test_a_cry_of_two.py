"""A couple's cry by the one telephone they have: one number, one home, one alarm and one hand-off."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from escalation.incident import Closed, HandoffState, Incident, Status
from tests.support.core import Core

AT_HOME, LI, DESK = "+861064211111", "+8613800000001", "+8613900000009"
HUSBAND = (
    "INSERT INTO resident (id, name, phone, birth_date, address, lat, lon, conditions)"
    " VALUES ('lao-wang', '王建国', '+861064211111', '1938-05-01', '和平里三区5号楼402', 39.950, 116.410, '糖尿病');"
    "INSERT INTO device (id, family, address, resident, kind)"
    " VALUES ('his-bed', 'zigbee2mqtt', 'his_button', 'lao-wang', 'button')"
)


@pytest.fixture
async def core(tmp_path: Path) -> AsyncIterator[Core]:
    async with Core(tmp_path) as made:
        await made.run_sql(HUSBAND)
        yield made


async def open_ones(core: Core) -> list[Incident]:
    return [one for one in await core.incidents() if one.status is not Status.CLOSED]


async def bodies(core: Core, number: str) -> list[str]:
    return [row["body"] for row in await core.outgoing() if row["destination"] == number and row["channel"] == "sms"]


@pytest.mark.parametrize("words", ["救命", "help", "打120", "我摔倒了"])
async def test_a_couples_cry_is_one_alarm(core: Core, words: str) -> None:
    await core.switchboard.text(AT_HOME, words, "SM1")
    (incident,) = await core.incidents()
    assert {incident.resident, *incident.also} == {"wang", "lao-wang"}
    assert len(await core.log("signal.kept")) == 1
    await core.switchboard.text(AT_HOME, words, "SM2")
    (incident,) = await core.incidents()
    assert incident.presses == 2


async def test_who_goes_hears_both_names_and_one_door(core: Core) -> None:
    await core.switchboard.text(AT_HOME, "救命", "SM1")
    text = next(body for body in await bodies(core, LI))
    assert "王秀英" in text
    assert "王建国" in text
    assert text.count("和平里三区5号楼402") == 1
    (opened,) = await core.log("incident.opened")
    assert opened.data["also"] == ["wang"] or opened.data["also"] == ["lao-wang"]


async def test_whom_either_of_them_named_is_asked(core: Core) -> None:
    await core.run_sql(
        "DELETE FROM contact; UPDATE resident SET circle = '';"
        "UPDATE responder SET lat = 39.99, lon = 116.50, circle = '';"
        "INSERT INTO contact VALUES ('wang', 'zhao', 1, 'daughter', 1), ('lao-wang', 'li', 1, 'nephew', 0)"
    )
    await core.switchboard.text(AT_HOME, "救命", "SM1")
    await core.passes(61)
    (incident,) = await core.incidents()
    assert {"zhao", "li"} <= {p.who.id for p in incident.participants}


async def test_its_hand_off_is_one_and_says_whose_facts_are_whose(core: Core) -> None:
    await core.switchboard.text(AT_HOME, "快叫救护车", "SM1")
    (incident,) = await core.incidents()
    assert incident.handoff is not None
    assert incident.handoff.state is HandoffState.QUEUED
    assert len(await core.log("handoff.queued")) == 1
    (text,) = await bodies(core, "+861065551234")
    assert "王秀英: 心脏病" in text
    assert "王建国: 糖尿病" in text
    assert "年龄不详" in text or "岁" not in text, "nobody knows which of them it is"


@pytest.mark.parametrize("button", ["bed_button", "his_button"])
async def test_a_cry_after_one_of_them_pressed_is_that_alarm(core: Core, button: str) -> None:
    await core.receive(f"zigbee2mqtt/{button}", '{"action":"emergency","battery":87}')
    await core.switchboard.text(AT_HOME, "救命", "SM1")
    (incident,) = await core.incidents()
    assert incident.presses == 2
    assert len({incident.resident, *incident.also}) == 2


async def test_a_cry_after_both_pressed_is_news_in_both_and_opens_no_third(core: Core) -> None:
    for button in ("bed_button", "his_button"):
        await core.receive(f"zigbee2mqtt/{button}", '{"action":"emergency","battery":87}')
    await core.switchboard.text(AT_HOME, "救命", "SM1")
    assert [one.presses for one in await core.incidents()] == [2, 2]


async def test_what_else_they_write_is_read_once(core: Core) -> None:
    await core.switchboard.text(AT_HOME, "吃饭了吗", "SM1")
    (text,) = await bodies(core, DESK)
    assert "王秀英" in text
    assert "王建国" in text
    assert len(await core.log("message.unread")) == 1


APART = {
    "another village": ("lat = 39.99, lon = 116.50", 2),
    "the next entrance": ("address = '和平里三区5号楼二单元402', lat = 39.9501, lon = 116.4101", 1),
    "the same written otherwise": ("address = '和平里3区5-402', lat = NULL, lon = NULL", 1),
}


@pytest.mark.parametrize(("moved", "alarms"), APART.values(), ids=list(APART))
async def test_only_homes_that_are_known_to_be_apart_are_two_alarms(core: Core, moved: str, alarms: int) -> None:
    await core.run_sql(f"UPDATE resident SET {moved} WHERE id = 'lao-wang'")  # noqa: S608 - of the table above
    await core.switchboard.text(AT_HOME, "救命", "SM1")
    found = await core.incidents()
    assert len(found) == alarms
    if alarms == 1:
        texts = " ".join(await bodies(core, LI))
        assert "5号楼402" in texts
        assert ("二单元" in texts) or ("5-402" in texts), "both doors"


async def test_a_mobile_of_two_homes_whose_addresses_differ_is_two_alarms(core: Core) -> None:
    """It is carried about: nobody knows at which door the cry was."""
    await core.run_sql(
        "UPDATE resident SET phone = '+8613800000088';"
        "UPDATE resident SET lat = NULL, lon = NULL, address = '幸福路7号' WHERE id = 'lao-wang';"
        "UPDATE resident SET phone = '' WHERE id = 'smith'"
    )
    await core.switchboard.text("+8613800000088", "救命", "SM1")
    assert {one.resident for one in await core.incidents()} == {"wang", "lao-wang"}


async def test_what_one_of_them_did_not_allow_is_told_to_no_neighbour(core: Core) -> None:
    await core.run_sql("UPDATE resident SET categories = 'share_medical' WHERE id = 'wang'")
    await core.switchboard.text(AT_HOME, "救命", "SM1")
    texts = " ".join(await bodies(core, LI))
    assert "糖尿病" not in texts
    assert "心脏病" not in texts


async def test_after_the_end_a_cry_is_one_new_alarm(core: Core) -> None:
    await core.switchboard.text(AT_HOME, "救命", "SM1")
    (first,) = await open_ones(core)
    await core.engine.apply(first.id, Closed(by="Ma", reason="well"))
    await core.switchboard.text(AT_HOME, "救命", "SM2")
    assert len(await open_ones(core)) == 1
