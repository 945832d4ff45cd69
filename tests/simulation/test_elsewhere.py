"""The rule of who is needed elsewhere, proved by the fault it was made for."""

from __future__ import annotations

import pytest

from alarmd.engine import Engine
from tests.simulation.rules.elsewhere import NobodyWaitsForWhoIsNeededElsewhere
from tests.simulation.run import run, template

FOUND_WITHIN = 200


def test_it_finds_that_somebody_is_waited_for_who_is_needed_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Engine, "_call_away", lambda *_: None)
    rule = NobodyWaitsForWhoIsNeededElsewhere.name
    with template() as database:
        broken = (run(seed, database).story.violations for seed in range(FOUND_WITHIN))
        assert any(rule in {violation.promise for violation in violations} for violations in broken)
