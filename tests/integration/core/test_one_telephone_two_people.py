"""A couple with one telephone: one number, one conversation, and the one who goes is meant (promise 10)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from escalation.incident import Answer, Answered, Standing
from tests.support.core import Core


@pytest.fixture
async def couple(tmp_path: Path) -> AsyncIterator[Core]:
    async with Core(tmp_path) as made:
        await made.run_sql(
            "UPDATE responder SET phone = (SELECT phone FROM responder WHERE id = 'li') WHERE id = 'zhao'"
        )
        yield made


async def shared(couple: Core) -> tuple[str, str]:
    """The number, and the code of the alarm both were asked about."""
    incident = await couple.press()
    sent = await couple.send()
    return sent[0].to, incident.code


async def standing(couple: Core, who: str) -> Standing:
    (incident,) = await couple.incidents()
    return next(p.standing for p in incident.participants if p.who.id == who)


@pytest.mark.parametrize("goes", ["li", "zhao"])
async def test_who_goes_is_meant_by_what_their_telephone_says_next(couple: Core, goes: str) -> None:
    number, code = await shared(couple)
    (incident,) = await couple.incidents()
    await couple.engine.apply(incident.id, Answered(person=goes, answer=Answer.GO, via="voice"))
    await couple.switchboard.text(number, f"2 {code}", "SM-withdraws")
    assert await standing(couple, goes) is Standing.DECLINED


@pytest.mark.parametrize("goes", ["li", "zhao"])
async def test_a_telephone_that_goes_is_never_told_to_stay(couple: Core, goes: str) -> None:
    number, _ = await shared(couple)
    (incident,) = await couple.incidents()
    await couple.engine.apply(incident.id, Answered(person=goes, answer=Answer.GO, via="voice"))
    assert [row["purpose"] for row in await couple.outgoing() if row["destination"] == number].count("taken") == 0
