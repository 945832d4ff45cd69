"""Who is on the way and writes that they cannot come: others are asked at once, with or without a desk."""

from __future__ import annotations

from pathlib import Path

import pytest

from escalation.incident import Standing, Status
from escalation.people import Channel
from tests.support.core import MORE, Core

LI, ZHAO = "+8613800000001", "+8613800000002"
NO_DESK = MORE.replace('desk_phones = ["+8613900000009"]\n', "")


@pytest.mark.parametrize("more", [MORE, NO_DESK])
@pytest.mark.parametrize("words", ["我去不了了，堵车", "{}我去不了了，堵车", "I'm stuck in traffic, cannot make it"])
async def test_who_cannot_come_after_all_is_waited_for_no_longer(tmp_path: Path, more: str, words: str) -> None:
    async with Core(tmp_path, more=more) as core:
        incident = await core.press()
        await core.send()
        await core.switchboard.text(LI, f"1 {incident.code}", "SM1")
        await core.send()
        answered = await core.switchboard.text(LI, words.format(incident.code), "SM2")
        (after,) = await core.incidents()
        assert after.status is Status.NOTIFYING
        assert [p.standing for p in after.participants if p.who.id == "li"] == [Standing.DECLINED]
        assert (ZHAO, Channel.SMS) in [(message.to, message.channel) for message in await core.send()]
        assert "没有人" not in answered, "nobody is told that nobody reads it"


@pytest.mark.parametrize("words", ["门锁着，我进不去", "I cannot get in, the door is locked", "我走不开，在陪她"])
async def test_who_is_there_and_needs_something_is_still_there(tmp_path: Path, words: str) -> None:
    async with Core(tmp_path) as core:
        incident = await core.press()
        await core.send()
        await core.switchboard.text(LI, f"1 {incident.code}", "SM1")
        await core.switchboard.text(LI, f"3 {incident.code}", "SM2")
        await core.switchboard.text(LI, words, "SM3")
        assert [one.status for one in await core.incidents()] == [Status.ARRIVED]


async def test_an_ok_beside_the_key_that_says_they_are_there_is_no_doubt(tmp_path: Path) -> None:
    async with Core(tmp_path) as core:
        await core.press()
        await core.send()
        await core.switchboard.text(LI, "1 ok", "SM1")
        await core.switchboard.text(LI, "3 ok", "SM2")
        assert [one.status for one in await core.incidents()] == [Status.ARRIVED]
