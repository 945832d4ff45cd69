"""The recipe of CONTRIBUTING for a device family: one module, one sample file, one page, one simulator."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from devices import FAMILIES
from simulators import dialects

ROOT = Path(__file__).parents[3]
SAMPLES = ROOT / "tests" / "unit" / "devices" / "families"


def sampled(family: str) -> set[str]:
    """What the samples of a family mean."""
    lines = (SAMPLES / f"{family}.jsonl").read_text(encoding="utf-8").splitlines()
    return {signal for line in lines for signal in json.loads(line)["signals"]}


def test_there_is_a_sample_file_for_each_family_and_for_nothing_else() -> None:
    assert {path.stem for path in SAMPLES.glob("*.jsonl")} == set(FAMILIES)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_has_its_module_its_samples_its_page_and_its_simulator(family: str) -> None:
    assert (ROOT / "devices" / "families" / f"{family}.py").is_file() or (
        ROOT / "devices" / "families" / family
    ).is_dir()
    assert sampled(family)
    assert (ROOT / "docs" / "devices" / f"{family}.md").is_file()
    assert dialects.dialect(family).says


@pytest.mark.parametrize("family", FAMILIES)
def test_whoever_can_call_in_the_samples_can_call_in_the_simulator(family: str) -> None:
    if sampled(family) & {"sos", "press", "assist"}:
        assert "sos" in dialects.dialect(family).says
    if sampled(family) == {"fall"}:
        assert "fall" in dialects.dialect(family).says


@pytest.mark.parametrize("family", FAMILIES)
def test_the_simulators_page_names_it(family: str) -> None:
    assert f"`{family}`" in (ROOT / "docs" / "simulators.md").read_text(encoding="utf-8")
