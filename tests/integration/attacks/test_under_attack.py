"""While somebody attacks, an honest press is acknowledged and the provider is asked; afterwards all is given back.

The attacks are those of `bench.attacks`, with a part of their effort; `python -m bench --attacks` measures them.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.attacks import ATTACKS
from bench.attacks.shape import Attack, under
from bench.siege import Siege
from tests.support.door import until

PRESSES = 3
ANSWERED = 10.0  # seconds; the aim is one, on a machine that does nothing else
GROWTH_MB = 150.0
PATIENCE = 30.0


@pytest.mark.parametrize(
    "attack",
    [
        pytest.param(one, marks=pytest.mark.broker if one.broker else (), id=one.name.replace(" ", "-"))
        for one in ATTACKS
    ],
)
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
        await until(lambda: siege.descriptors() <= descriptors + 10, within=PATIENCE)
        assert siege.rss() - memory < GROWTH_MB
        after = await siege.presses(1)
        assert after[0].asked < ANSWERED
