"""The whole core, a town and an evening of trouble, a few hundred times; `make soak` does it ten thousand times."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.simulation import not_yet
from tests.simulation.__main__ import tell
from tests.simulation.defects import DEFECTS
from tests.simulation.run import run, template
from tests.simulation.soak import play

ROOT = Path(__file__).parents[2]
AT_A_TIME = 20
SEEDS = 80  # half a minute
FOUND_WITHIN = 200


@pytest.fixture(scope="module")
def town() -> Iterator[Path]:
    with template() as database:
        yield database


@pytest.mark.parametrize("first", range(0, SEEDS, AT_A_TIME))
def test_it_keeps_every_promise(town: Path, first: int) -> None:
    played, failing, _ = play(range(first, first + AT_A_TIME), town)
    assert played == AT_A_TIME
    assert not failing, "python -m tests.simulation --seed N tells the story"


@pytest.mark.parametrize("name", DEFECTS)
def test_it_finds_a_planted_defect(town: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    defect = DEFECTS[name]
    defect.plant(monkeypatch)
    monkeypatch.setattr(not_yet, "NOT_YET", tuple(rule for rule in not_yet.NOT_YET if rule != defect.breaks))
    broken = (run(seed, town).story.violations for seed in defect.seeds(FOUND_WITHIN))
    assert any(defect.breaks in {violation.promise for violation in violations} for violations in broken)


def test_it_tells_the_story_of_a_failing_seed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    DEFECTS["delivered_is_an_answer"].plant(monkeypatch)
    assert tell(0) == 1
    said = capsys.readouterr().out
    assert "PRESSED" in said
    assert "incident.opened" in said
    assert "BROKEN  only a person is an answer" in said


def test_it_names_the_failing_seeds(town: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    DEFECTS["delivered_is_an_answer"].plant(monkeypatch)
    _, failing, counts = play(range(1), town)
    assert failing[0][0].startswith("only a person is an answer")
    assert counts["starts"] > 0


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
