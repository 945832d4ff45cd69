"""The plans in force, and which one answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.settings import SettingsError, plan_for, plans
from escalation.plan import Plan, Who

MINE = '[plan.{name}]\nsignals = ["{signal}"]\n[[plan.{name}.step]]\ncontact = "desk"\n'


def own(folder: Path, text: str) -> Path:
    (folder / "plans").mkdir()
    (folder / "plans" / "mine.toml").write_text(text, encoding="utf-8")
    return folder / "alarmd.toml"


def test_it_ships_a_standard_plan_that_ends_with_the_ambulance() -> None:
    standard = plans()["standard"]
    assert set(standard.signals) >= {"sos", "fall"}
    assert [step.contact for step in standard.steps] == [Who.NEAREST, Who.CONTACTS, Who.CIRCLE, Who.AMBULANCE]


def test_it_ships_a_plan_for_each_alarm() -> None:
    shipped = plans()
    alarms = "sos fall assist no_check_in inactivity wander smoke heat gas co water intruder"
    for signal in alarms.split():
        assert signal in plan_for(signal, "", "standard", shipped).signals


def test_it_prefers_yours_by_name(tmp_path: Path) -> None:
    found = plans(own(tmp_path, MINE.format(name="standard", signal="sos")))
    assert [step.contact for step in found["standard"].steps] == [Who.DESK]
    assert "fire" in found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            MINE.format(name="mine", signal="soss"),
            "mine.toml: plan.mine.signals: 'soss' is not a signal type; did you mean \"sos\"?",
        ),
        ('[plan.mine]\nsignals=["sos"]\n', "mine.toml: plan.mine: needs at least one"),
        ('[plans.mine]\nsignals=["sos"]\n', "mine.toml: unknown key 'plans'"),
        ("[plan.mine\n", "mine.toml:1: the closing ] is missing"),
        ("plan = 1\n", "[plan.<name>] tables only"),
        ("[plan]\nmine = 1\n", "plan.mine: must be a table"),
    ],
)
def test_it_names_the_file_and_key_of_a_faulty_plan(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        plans(own(tmp_path, text))
    assert said in str(caught.value)


def test_it_refuses_one_name_in_two_files(tmp_path: Path) -> None:
    settings = own(tmp_path, MINE.format(name="mine", signal="sos"))
    (tmp_path / "plans" / "other.toml").write_text(MINE.format(name="mine", signal="fall"), encoding="utf-8")
    with pytest.raises(SettingsError, match=r"other.toml: plan.mine: stands in mine.toml too"):
        plans(settings)


def test_it_chooses_the_residents_then_the_services_then_any_plan_that_answers() -> None:
    book = {
        name: Plan(name=name, signals=signals, steps=plans()["standard"].steps)
        for name, signals in {"own": ("fall",), "service": ("sos", "fall"), "z": ("smoke",), "y": ("smoke",)}.items()
    }
    assert plan_for("fall", "own", "service", book).name == "own"
    assert plan_for("sos", "own", "service", book).name == "service"
    assert plan_for("smoke", "own", "service", book).name == "y"
    assert plan_for("vital", "own", "service", book).name == "service"
    assert plan_for("fall", "gone", "service", book).name == "service"
    assert plan_for("vital", "own", "gone", book).steps  # no press is ever without a plan
