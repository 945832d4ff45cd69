"""Defects that tests/simulation found, each as the short story it was."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from alarmd.auditor import Auditor
from escalation.incident import DeadlineKind, HandoffState
from tests.support.core import Core

LINE = "+861065551234"
THREE_HOURS = 3 * 3600.0


@pytest.fixture
async def core(tmp_path: Path) -> AsyncIterator[Core]:
    async with Core(tmp_path) as made:
        yield made


async def test_the_line_is_rung_again_after_the_clock_was_set_back(core: Core) -> None:
    """Seed 23: the desk rang on, but the ambulance's line not before the three hours were over."""
    await core.press()
    for _ in range(3):
        await core.passes(60)
    await core.send()
    auditor = Auditor(engine=core.engine, clock=core.clock)
    await auditor.audit()
    core.clock.pass_(-THREE_HOURS)
    assert await auditor.audit() == 1
    await core.send()
    (incident,) = await core.incidents()
    assert incident.handoff is not None
    assert incident.handoff.state is HandoffState.QUEUED
    assert DeadlineKind.HANDOFF in {deadline.kind for deadline in incident.deadlines}
    await core.passes(121)
    assert LINE in {message.to for message in await core.send()}
