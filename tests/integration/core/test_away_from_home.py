"""A watch that falls far from home: people near it are asked, and everybody is told where it is."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from alarmd.intake.delivery import NotKeptError
from alarmd.intake.positions import Positions
from alarmd.phone.provider import Outgoing
from alarmd.web import reading
from escalation.incident import Closed
from escalation.people import Channel
from escalation.replay import Cause, replay
from tests.support.core import Core

LI, PARK, DESK, LINE = "+8613800000001", "+8613800000077", "+8613900000009", "+861065551234"
# Wang lives at 39.950, 116.410; the park lies 3.7 km north-east of her.
THERE = {"lat": 39.9735, "lon": 116.4407, "accuracy_m": 12}
AT_HOME = {"lat": 39.9502, "lon": 116.4103, "accuracy_m": 15}


@pytest.fixture
async def core(tmp_path: Path) -> AsyncIterator[Core]:
    async with Core(tmp_path) as made:
        await made.run_sql(
            "INSERT INTO device VALUES ('watch', 'alarmd', 'watch', 'wang', 'watch', '', NULL);"
            "INSERT INTO responder (id, name, language, phone, role, lat, lon, travel)"
            " VALUES ('gao', '高敏', 'zh-CN', '+8613800000077', 'volunteer', 39.9738, 116.4409, 'walk')"
        )
        yield made


async def falls(core: Core, **place: float) -> None:
    await core.receive("alarmd/v1/watch/signal", json.dumps({"ref": "fall", "type": "fall", **place}))


async def is_at(core: Core, ref: str, **place: float) -> None:
    await core.receive("alarmd/v1/watch/signal", json.dumps({"ref": ref, "type": "location", **place}))


def text_to(number: str, sent: list[Outgoing]) -> str:
    return next(m.body for m in sent if m.to == number and m.channel is Channel.SMS)


async def shown(core: Core) -> dict[str, Any]:
    (incident,) = await core.incidents()
    found = await core.store.read(
        lambda tx: reading.detail(tx, incident.id, now=core.clock.now(), settings=core.settings, numbers=False),
        urgent=True,
    )
    assert found is not None
    there = found.whereabouts
    return there.model_dump() if there else {}


async def test_who_is_near_the_watch_is_asked_and_told_both_places(core: Core) -> None:
    await falls(core, **THERE)
    sent = await core.send()
    assert {m.to for m in sent} == {PARK}  # and not Li, who lives next door to an empty flat
    text = text_to(PARK, sent)
    assert "不在家，在39.9735,116.4407（家东北3.7公里）" in text
    assert "家庭地址：和平里三区5号楼402" in text
    call = next(m for m in sent if m.channel is Channel.VOICE)
    said = "".join((await core.switchboard.answered(call.attempt, "CA1", "human")).say)
    assert "东北方向约3.7公里" in said
    assert "和平里三区5号楼402" in said
    said = "".join((await core.switchboard.key(call.attempt, "CA1", "1")).say)
    assert "东北方向约3.7公里" in said
    (incident,) = await core.incidents()
    assert incident.participants[0].who.travel_seconds == pytest.approx(40, abs=30)  # their way to the park
    assert "不在家" in text_to(PARK, await core.send())
    assert (await core.log("incident.opened"))[0].data["fix"]["lat"] == THERE["lat"]
    assert (await shown(core))["direction"] == "north-east"


async def test_the_line_and_the_desk_hear_both_places(core: Core) -> None:
    await falls(core, **THERE)
    for _ in range(4):
        await core.passes(60)
    await core.send()
    call = next(m for m in core.provider.sent if m.to == LINE and m.channel is Channel.VOICE)
    said = "".join((await core.switchboard.answered(call.attempt, "CA1", "human")).say)
    for part in ("人不在家", "39.97350, 116.44070", "家东北方向3.7公里", "和平里三区5号楼402"):
        assert part in said
        assert part in text_to(LINE, core.provider.sent)


async def test_a_position_of_a_moment_before_counts_and_an_old_one_is_told_with_its_age(core: Core) -> None:
    await is_at(core, "0", **THERE)
    core.clock.pass_(300)
    await falls(core)
    assert {m.to for m in await core.send()} == {PARK}


async def test_nobody_is_sent_where_the_watch_was_an_hour_ago(core: Core) -> None:
    await is_at(core, "0", **THERE)
    core.clock.pass_(3600)
    await falls(core)
    sent = await core.send()
    assert LI in {m.to for m in sent}
    assert "设备60分钟前最后位置：39.97350, 116.44070" in text_to(LI, sent)
    assert (await shown(core))["fresh"] is False


@pytest.mark.parametrize("place", [AT_HOME, {"lat": 0.0, "lon": 0.0}, {**THERE, "accuracy_m": 20000}])
async def test_at_home_or_no_sensible_position_the_address_stands(core: Core, place: dict[str, float]) -> None:
    await falls(core, **place)
    sent = await core.send()
    assert LI in {m.to for m in sent}
    assert "不在家" not in text_to(LI, sent)


@pytest.mark.parametrize("kind", ["gateway", "smoke", "bed", "cord"])
async def test_the_place_of_what_is_mounted_is_nobodys(core: Core, kind: str) -> None:
    await core.run_sql(f"UPDATE device SET kind = '{kind}' WHERE id = 'watch'")  # noqa: S608 - kinds of this file
    await core.receive("alarmd/v1/watch/signal", json.dumps({"ref": "1", "type": "sos", **THERE}))
    assert LI in {m.to for m in await core.send()}
    assert await shown(core) == {}


async def test_a_home_without_a_position_is_judged_from_the_watch(core: Core) -> None:
    await core.run_sql("UPDATE resident SET lat = NULL, lon = NULL WHERE id = 'wang'")
    await falls(core, **THERE)
    sent = await core.send()
    assert {m.to for m in sent} == {PARK}
    assert "在39.9735,116.4407" in text_to(PARK, sent)


async def test_who_goes_and_the_desk_hear_when_the_watch_moves_on(core: Core) -> None:
    await falls(core, **THERE)
    await core.send()
    (incident,) = await core.incidents()
    await core.switchboard.text(PARK, f"1 {incident.code}", "SM1")
    await core.send()
    await is_at(core, "2", lat=39.9737, lon=116.4408)  # twenty metres: no news
    assert await core.send() == []
    core.clock.pass_(90)
    await is_at(core, "3", lat=39.9800, lon=116.4500)
    sent = await core.send()
    assert {m.to for m in sent} == {PARK, DESK}
    assert all("位置有变" in m.body and "39.9800,116.4500" in m.body for m in sent)
    (incident,) = await core.incidents()
    causes = [
        (entry.at, msgspec.convert(entry.data["cause"], Cause))
        for entry in await core.log()
        if entry.incident == incident.id and "cause" in entry.data
    ]
    assert replay(causes) == incident


async def test_a_position_that_was_not_kept_is_news_again(core: Core) -> None:
    await falls(core, **AT_HOME)
    await core.send()
    with core.undone(), pytest.raises(NotKeptError):
        await is_at(core, "2", **THERE)
    assert await core.send() == []
    await is_at(core, "2", **THERE)
    assert "不在家" in text_to(DESK, await core.send())


async def test_a_press_that_was_not_kept_is_not_followed(core: Core) -> None:
    with core.undone(), pytest.raises(NotKeptError):
        await falls(core, **AT_HOME)
    counts = core.intake.counts
    before = counts.life
    await is_at(core, "2", **THERE)
    assert counts.life == before + 1


async def test_a_device_is_followed_on_after_a_restart(core: Core) -> None:
    await falls(core, **AT_HOME)
    await core.send()
    await core.restart()
    await core.send()
    before = core.intake.counts.life
    await is_at(core, "2", **AT_HOME)  # where everybody is going already: nothing to ask the store about
    assert core.intake.counts.life == before + 1
    await is_at(core, "3", **THERE)
    assert "不在家" in text_to(DESK, await core.send())


async def test_what_is_closed_or_bolted_to_a_wall_is_not_followed_after_a_restart(core: Core) -> None:
    await falls(core, **AT_HOME)
    (incident,) = await core.incidents()
    await core.engine.apply(incident.id, Closed(by="desk", reason="well"))
    await core.send()
    await core.restart()
    before = core.intake.counts.life
    await is_at(core, "2", **THERE)
    assert core.intake.counts.life == before + 1


async def test_until_the_store_was_asked_every_position_is_looked_up_there(core: Core) -> None:
    await falls(core, **AT_HOME)
    await core.send()
    await core.restart()
    core.intake._keeper.positions = Positions()  # as when the store could not be read at the start
    await is_at(core, "2", **THERE)
    assert "不在家" in text_to(DESK, await core.send())


async def test_the_first_position_after_a_press_tells_only_who_is_not_at_home(core: Core) -> None:
    await falls(core)
    await core.send()
    await is_at(core, "2", **AT_HOME)
    assert await core.send() == []
    await is_at(core, "3", **THERE)
    assert "不在家" in text_to(DESK, await core.send())


async def test_a_stranger_of_a_device_still_has_its_place_told(core: Core) -> None:
    await core.receive("alarmd/v1/stranger/signal", json.dumps({"ref": "1", "type": "sos", **THERE}))
    assert "39.9735,116.4407" in text_to(DESK, await core.send())


async def test_the_son_of_another_home_is_not_asked_and_learns_no_illness(core: Core) -> None:
    await core.run_sql(
        "INSERT INTO responder (id, name, phone, role, lat, lon, travel, circle)"
        " VALUES ('son', '别家儿子', '+8613800000055', 'family', 39.9501, 116.4101, 'walk', 'lane')"
    )
    await core.press()
    for _ in range(6):
        await core.passes(60)
        await core.send()
    assert "+8613800000055" not in {m.to for m in core.provider.sent}
