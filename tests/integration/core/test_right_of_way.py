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
