"""What people text, as a whole: a cry opens a case, a report calls the ambulance, and "nobody opens" calls none."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from escalation.incident import Status
from tests.support.core import Core

LI, AT_HOME = "+8613800000001", "+861064211111"


@pytest.fixture
async def core(tmp_path: Path) -> AsyncIterator[Core]:
    async with Core(tmp_path) as made:
        yield made


@pytest.mark.parametrize("words", ["我摔断腿了躺在地上", "起唔到身", "家里有烟", "please send someone", "dizy"])
async def test_a_residents_cry_opens_a_case(core: Core, words: str) -> None:
    await core.switchboard.text(AT_HOME, words, "SM1")
    (incident,) = await core.incidents()
    assert incident.kind == "sos"


@pytest.mark.parametrize("words", ["她不动了", "怎么叫都不醒", "cant find a pulse", "her lips are blue"])
async def test_a_state_only_the_ambulance_can_help_hands_over(core: Core, words: str) -> None:
    await core.press()
    await core.send()
    await core.switchboard.text(LI, words, "SM1")
    assert (await core.incidents())[0].handoff is not None


@pytest.mark.parametrize(
    "words", ["敲门没反应", "救护车什么时候来", "我家住120号", "ambulance not required", "bus 120"]
)
async def test_words_that_only_speak_of_it_reach_the_desk(core: Core, words: str) -> None:
    await core.press()
    await core.send()
    await core.switchboard.text(LI, words, "SM1")
    assert (await core.incidents())[0].handoff is None
    assert [entry.data["why"] for entry in await core.log("message.unread")] == ["free_words"]


async def test_a_telephone_number_undoes_no_yes_and_who_is_home_has_not_arrived(core: Core) -> None:
    incident = await core.press()
    await core.send()
    await core.switchboard.text(LI, f"我去? {incident.code}", "SM1")
    assert (await core.incidents())[0].status is Status.NOTIFYING
    await core.switchboard.text(LI, f"1 {incident.code} 我10分钟到 电话13800138201", "SM2")
    assert (await core.incidents())[0].status is Status.ACCEPTED
    await core.switchboard.text(LI, "我到家了", "SM3")
    assert (await core.incidents())[0].status is Status.ACCEPTED
