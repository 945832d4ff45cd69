"""The whole core, a town and an evening of trouble, a few hundred times; `make soak` does it ten thousand times."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.simulation.soak import play

ROOT = Path(__file__).parents[2]
AT_A_TIME = 20
SEEDS = 160  # three minutes


@pytest.mark.parametrize("first", range(0, SEEDS, AT_A_TIME))
def test_it_keeps_every_promise(town: Path, first: int) -> None:
    played, failing, _ = play(range(first, first + AT_A_TIME), town)
    assert played == AT_A_TIME
    assert not failing, "python -m tests.simulation --seed N tells the story"


def test_a_seed_is_the_same_story_every_time() -> None:
    """Else a failing seed could not be told again; neither hashes nor the machine's speed may have a say."""
    command = [sys.executable, "-m", "tests.simulation", "--seed", "7"]
    stories = [
        subprocess.run(
            command, cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": hashes}, capture_output=True, text=True, check=True
        ).stdout
        for hashes in ("1", "2")
    ]
    assert len(stories[0].splitlines()) > 50
    assert stories[0] == stories[1]
