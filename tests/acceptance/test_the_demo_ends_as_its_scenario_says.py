"""Every scenario of `alarmd demo`, played to its end."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from simulators import scenario
from simulators.demo import run
from simulators.headless import Headless

SPEED = 40.0


@pytest.mark.parametrize(
    ("name", "language"),
    [(name, "zh-CN") for name in scenario.names()] + [("neighbour-comes", "en"), ("nobody-answers", "en")],
)
async def test_it_ends_as_its_scenario_says(name: str, language: str) -> None:
    printed = io.StringIO()
    console = Console(file=printed, width=120)
    told = scenario.load(name)
    assert await Headless(told, language=language, speed=SPEED, console=console).run() == 0, printed.getvalue()
    assert "✓" in printed.getvalue()


@pytest.mark.parametrize(
    ("wishes", "sentence"),
    [
        ({"scenario": "no-such"}, "there is no scenario 'no-such'; there are neighbour-comes"),
        ({"speed": 1000.0}, "speed 1000 is not possible"),
        ({"language": "fr"}, "'fr' is not spoken here"),
    ],
)
def test_it_says_which_wish_it_cannot_grant(
    wishes: dict[str, object], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(headless=True, **wishes) == 2  # type: ignore[arg-type]  # wrong wishes are the point
    assert sentence in " ".join(capsys.readouterr().err.split())


def test_it_lists_the_scenarios() -> None:
    printed = io.StringIO()
    assert run(scenario="list", language="en", console=Console(file=printed, width=120)) == 0
    assert [line.split()[0] for line in printed.getvalue().splitlines()] == list(scenario.names())
