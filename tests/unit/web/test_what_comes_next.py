"""The sentence of what comes next is that of the incident's plan."""

from __future__ import annotations

import pytest

from alarmd.web import words
from escalation.incident import Recovered
from escalation.plan import Plan, Step, Who
from tests.support.circles import Circle, Telling

REMINDED = "the desk is reminded by text"
LOUD = Plan(name="standard", signals=("sos",), steps=(Step(contact=Who.DESK, wait=60),))


def quiet(steps: tuple[Step, ...]) -> Telling:
    return Telling(Circle(), Plan(name="technical", signals=(), steps=steps, remind=7200)).pressed()


def what(story: Telling) -> list[str]:
    return [words.what(story.incident, deadline) for deadline in story.incident.deadlines]


@pytest.mark.parametrize("steps", [(), (Step(contact=Who.DESK, wait=7200),)])
def test_of_a_silent_device_nobody_is_told_that_telephones_ring(steps: tuple[Step, ...]) -> None:
    story = quiet(steps)
    assert what(story) == [REMINDED]
    assert what(story.happens(Recovered(what="bed"))) == [REMINDED], "as long as nobody closes it"


def test_of_a_press_they_do() -> None:
    assert REMINDED not in what(Telling(Circle(), LOUD).pressed())
