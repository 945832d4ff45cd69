"""Who claims the right of way: an alarm on its way through the house, and nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from alarmd.right_of_way import CLAIM_S, RightOfWay
from tests.support.core import Core

PENDANT = "INSERT INTO device VALUES ('p', 'alarmd', 'pendant', 'wang', 'pendant', '', 300)"


@pytest.fixture
async def core(tmp_path: Path) -> AsyncIterator[Core]:
    async with Core(tmp_path) as made:
        await made.run_sql(PENDANT)
        yield made


def watched(core: Core) -> list[str]:
    claims: list[str] = []
    core.engine.way.claim = lambda: claims.append("claim")  # type: ignore[method-assign]  # what is asked here is who asks
    return claims


@pytest.mark.parametrize("kind", ["heartbeat", "test", "fault", "measurement"])
async def test_noise_does_not_claim_it(core: Core, kind: str) -> None:
    claims = watched(core)
    await core.receive("alarmd/v1/pendant/signal", f'{{"ref":"1","type":"{kind}"}}')
    await core.send()
    assert claims == []


async def test_a_press_claims_it_at_each_stage(core: Core) -> None:
    claims = watched(core)
    await core.receive("alarmd/v1/pendant/signal", '{"ref":"1","type":"sos"}')
    taken = len(claims)
    assert taken >= 1
    await core.send()
    assert len(claims) > taken


def test_a_claim_ends_by_itself() -> None:
    now = 100.0
    way = RightOfWay(lambda: now)
    assert not way.is_claimed()
    way.claim()
    assert way.is_claimed()
    now += CLAIM_S
    assert not way.is_claimed()


def test_alarm_upon_alarm_slows_what_is_not_read_yet_only_for_a_part_of_the_time() -> None:
    now = 0.0
    way = RightOfWay(lambda: now)
    granted = []
    for step in range(1_000):  # a button that sticks, or a street that presses: ten seconds without a gap
        now = step / 100
        way.claim()
        granted.append(way.is_claimed())
    assert all(granted[:50]), "one alarm, in any storm, has it all the way"
    assert sum(granted[100:]) / 900 < 0.3, "what waits to be read may be a press too"
    assert any(granted[-100:])
    now += CLAIM_S
    way.claim()
    assert way.is_claimed(), "after a gap the next alarm has it whole"
