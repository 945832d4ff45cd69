"""Each planted defect is found: a harness that cannot fail proves nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.simulation.__main__ import tell
from tests.simulation.defects import DEFECTS
from tests.simulation.run import run
from tests.simulation.soak import play

FOUND_WITHIN = 200


@pytest.mark.parametrize("name", DEFECTS)
def test_it_finds_a_planted_defect(town: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    defect = DEFECTS[name]
    defect.plant(monkeypatch)
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
