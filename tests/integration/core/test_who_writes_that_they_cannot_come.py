"""Who was on the way and writes that they cannot come: others are asked at once, desk or none."""

from __future__ import annotations

from pathlib import Path

import pytest

from escalation.incident import Standing
from escalation.people import Channel
from tests.integration.core.test_last_resort import NO_DESK
from tests.support.core import Core

LI, ZHAO = "+8613800000001", "+8613800000002"


async def standing(core: Core, who: str) -> Standing:
    (incident,) = await core.incidents()
    return next(p.standing for p in incident.participants if p.who.id == who)


@pytest.mark.parametrize("words", ["我去不了了，堵车", "I'm stuck in traffic, cannot make it", "对不起走不开"])
async def test_with_no_desk_the_others_are_asked_and_they_hear_so(tmp_path: Path, words: str) -> None:
    async with Core(tmp_path, more=NO_DESK) as core:
        await core.receive("zigbee2mqtt/bed_button", '{"action":"emergency","battery":87}')
        await core.send()
        await core.switchboard.text(LI, "1", "SM1")
        await core.send()
        said = await core.switchboard.text(LI, words, "SM2")
        asked = [(message.to, message.channel) for message in await core.send()]
        assert await standing(core, "li") is Standing.DECLINED
        assert (ZHAO, Channel.SMS) in asked
        assert "我们再联系别人" in said


async def test_that_the_door_is_locked_is_no_no(tmp_path: Path) -> None:
    async with Core(tmp_path, more=NO_DESK) as core:
        await core.receive("zigbee2mqtt/bed_button", '{"action":"emergency","battery":87}')
        await core.send()
        await core.switchboard.text(LI, "1", "SM1")
        said = await core.switchboard.text(LI, "I cannot come in, the door is locked", "SM2")
        assert await standing(core, "li") is Standing.ACCEPTED
        assert "2 " in said, "and they are told what to reply"


async def test_a_three_with_an_ok_is_an_arrival(tmp_path: Path) -> None:
    async with Core(tmp_path) as core:
        await core.receive("zigbee2mqtt/bed_button", '{"action":"emergency","battery":87}')
        await core.send()
        await core.switchboard.text(LI, "1", "SM1")
        await core.switchboard.text(LI, "3 ok", "SM2")
        assert await standing(core, "li") is Standing.ARRIVED


@pytest.mark.parametrize("words", ["门锁着，我进不去", "I cannot get in, the door is locked", "我走不开，在陪她"])
async def test_who_is_there_and_needs_something_is_still_there(tmp_path: Path, words: str) -> None:
    async with Core(tmp_path) as core:
        await core.press()
        await core.send()
        for number, said in enumerate(("1", "3", words)):
            await core.switchboard.text(LI, said, f"SM{number}")
        assert await standing(core, "li") is Standing.ARRIVED
