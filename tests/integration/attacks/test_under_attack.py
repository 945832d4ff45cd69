"""While somebody attacks, an honest press is acknowledged and the provider is asked; afterwards all is given back.

The attacks are those of `bench.attacks`, with a part of their effort; `python -m bench --attacks` measures them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.attacks import ATTACKS
from bench.attacks.shape import Attack, under
from bench.siege import Siege

PRESSES = 3
ANSWERED = 10.0  # seconds; the aim is one, on a machine that does nothing else
GROWTH_MB = 150.0
PATIENCE = 30.0


async def until(true: Callable[[], bool]) -> bool:
    """Whether it becomes so."""
    try:
        async with asyncio.timeout(PATIENCE):
            while not true():  # noqa: ASYNC110 - the system's figures have no event
                await asyncio.sleep(0.2)
    except TimeoutError:
        return False
    return True


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda one: one.name.replace(" ", "-"))
async def test_it_answers_a_press_while_somebody_attacks(attack: Attack, tmp_path: Path) -> None:
    async with Siege(tmp_path, 3 * PRESSES + 2, attack) as siege:
        await siege.presses(PRESSES)
        memory, descriptors = siege.rss(), siege.descriptors()
        async with under(attack, siege.target(effort=0.2)):
            presses = await siege.presses(PRESSES)
            assert siege.rss() - memory < GROWTH_MB
        assert max(press.login for press in presses) < ANSWERED
        assert max(press.acked for press in presses) < ANSWERED
        assert max(press.asked for press in presses) < ANSWERED
        assert siege.kept(presses)
        assert await until(lambda: siege.descriptors() <= descriptors + 10), siege.descriptors()
        assert siege.rss() - memory < GROWTH_MB
        after = await siege.presses(1)
        assert after[0].asked < ANSWERED
