"""The desk, or the line, has said no or is silent, and nobody goes: those who never answered are rung again."""

from __future__ import annotations

import pytest

from escalation.incident import Answer, Answered, DeadlineKind, HandedOver, Purpose, Status
from escalation.people import Candidate
from escalation.plan import Plan, Step, Who
from tests.support.circles import DESK, LINE, Circle, Telling, neighbour

LI, CHEN, ZHOU = neighbour("li", 2), neighbour("chen", 3), neighbour("zhou", 5)
NO_LINE = Plan(  # the desk orders the ambulance itself
    name="standard",
    signals=("sos",),
    steps=(Step(contact=Who.NEAREST, count=3, wait=60), Step(contact=Who.AMBULANCE, wait=120)),
)
BREAK_IN = Plan(
    name="intruder",
    signals=("intruder",),
    steps=(Step(contact=Who.DESK, wait=60), Step(contact=Who.CONTACTS, count=3, wait=60)),
)
SECOND_DESK = Candidate(id="desk:1", name="desk", role=DESK.role, language="en", channels=DESK.channels)


def refused_by_the_desk() -> Telling:
    press = Telling(Circle([LI, CHEN], [DESK]), NO_LINE).pressed().passes(70)
    return press.happens(HandedOver(by="desk:0", via="voice", accepted=False))


def test_a_desk_that_refuses_the_hand_off_is_not_its_own_replacement() -> None:
    press = refused_by_the_desk()
    assert not press.told(Purpose.DESK), "it has said no a moment ago"
    assert press.told(Purpose.ASK) == ["li voice", "chen voice"]


def test_those_who_never_answered_are_rung_on_beside_the_desk_that_said_no() -> None:
    press = refused_by_the_desk()
    for _ in range(5):
        assert press.passes(60).told(Purpose.ASK) == ["li voice", "chen voice"]
        assert press.told(Purpose.DESK) == ["desk:0 voice"]
    assert press.answers("li", Answer.GO).incident.status is Status.ACCEPTED


def test_while_another_at_the_desk_has_not_said_no_that_one_is_rung() -> None:
    press = Telling(Circle([LI, CHEN], [DESK], desk=[DESK, SECOND_DESK]), NO_LINE).pressed().passes(70)
    press.happens(HandedOver(by="desk:0", via="voice", accepted=False))
    assert "desk:1 sms" in press.told(Purpose.DESK)
    assert not press.told(Purpose.ASK)
    press.answers("desk:1", Answer.CANNOT)
    assert press.told(Purpose.ASK) == ["li voice", "chen voice"]


def test_an_intruder_alarm_that_the_desk_declines_rings_the_contact_again() -> None:
    press = Telling(Circle([DESK], [LI]), BREAK_IN, kind="intruder").pressed().passes(130)
    press.answers("desk:0", Answer.CANNOT)
    assert press.told(Purpose.ASK) == ["li voice"]
    assert not press.told(Purpose.DESK)
    assert press.passes(60).told(Purpose.ASK) == ["li voice"]


def test_where_all_have_said_no_all_are_rung_again() -> None:
    press = refused_by_the_desk()
    press.answers("li", Answer.CANNOT).answers("chen", Answer.CANNOT)
    assert {"li voice", "chen voice"} <= set(press.passes(60).told(Purpose.ASK))


@pytest.mark.parametrize("desk", [[], [DESK]])
def test_while_a_line_is_silent_those_who_never_answered_are_rung_beside_it(desk: list[Candidate]) -> None:
    press = Telling(Circle([LI, CHEN], [], [LINE], desk=desk)).pressed().passes(120)
    if desk:
        press.passes(120).happens(HandedOver(by="desk:0", via="voice", accepted=False))
    for _ in range(4):
        press.passes(120)
        assert "line voice" in press.told(Purpose.HANDOFF)
        assert {"li voice", "chen voice"} <= set(press.told(Purpose.ASK))


def test_a_line_that_is_silent_rings_nobody_else_once_somebody_goes() -> None:
    press = Telling(Circle([LI, CHEN], [], [LINE], desk=[])).pressed().passes(120).answers("li", Answer.GO)
    assert not press.passes(120).told(Purpose.ASK)


def test_who_is_overdue_and_then_says_no_takes_no_second_step() -> None:
    press = Telling(Circle([LI], [CHEN], [LINE])).pressed().answers("li", Answer.GO)
    press.passes(5 * 60)
    step = press.incident.step
    assert step == 1, "the next step began when they were overdue"
    press.answers("li", Answer.CANNOT)
    assert press.incident.step == step


def test_who_is_overdue_on_the_last_step_and_says_no_leaves_the_others_rung() -> None:
    press = Telling(Circle([LI, CHEN], desk=[]), Plan(name="p", signals=("sos",), steps=STEPS)).pressed()
    press.answers("li", Answer.GO).passes(5 * 60)
    press.answers("li", Answer.CANNOT)
    assert "chen voice" in press.passes(60).told(Purpose.ASK)


STEPS = (Step(contact=Who.NEAREST, count=3, wait=60),)


def test_when_an_operator_calls_the_ambulance_off_those_told_to_stay_and_the_desk_are_told() -> None:
    press = Telling(Circle([LI, CHEN], [], [LINE])).pressed().passes(130)
    press.happens(HandedOver(by="line", via="voice", accepted=True)).answers("li", Answer.GO)
    press.answers("li", Answer.THERE)
    press.happens(HandedOver(by="Op Wu", via="desk", accepted=False, reason="no car free"))
    assert press.told(Purpose.SAID) == ["li sms", "chen sms"]
    assert "desk:0 sms" in press.told(Purpose.HANDOFF_REFUSED)
    assert not press.told(Purpose.ASK), "somebody is at the door"


@pytest.mark.parametrize("refuses", ["line", "Op Wu"])
def test_where_nobody_goes_those_told_to_stay_are_asked_and_told_nothing_twice(refuses: str) -> None:
    press = Telling(Circle([LI, CHEN], [], [LINE])).pressed().passes(130)
    press.happens(HandedOver(by="line", via="voice", accepted=True))
    press.happens(HandedOver(by=refuses, via="desk" if refuses == "Op Wu" else "voice", accepted=False))
    assert {"li sms", "chen sms"} <= set(press.told(Purpose.ASK))
    assert not press.told(Purpose.SAID)
    assert any(one.startswith("desk:0") for one in press.told(Purpose.HANDOFF_REFUSED) + press.told(Purpose.HANDOFF))


def test_once_the_crew_is_there_no_press_waits_for_it_again_and_it_is_not_on_the_way() -> None:
    press = Telling(Circle([LI, CHEN], [], [LINE])).pressed().passes(130)
    press.happens(HandedOver(by="line", via="voice", accepted=True))
    press.happens(Answered(person="ambulance", answer=Answer.THERE, via="desk", by="Op Wu"))
    for _ in range(7):
        press.passes(30).pressed()
        assert not [d for d in press.incident.deadlines if d.kind is DeadlineKind.ARRIVAL]
    press.happens(HandedOver(by="line", via="voice", accepted=True))
    assert not [d for d in press.incident.deadlines if d.kind is DeadlineKind.ARRIVAL]


def test_who_said_no_is_not_rung_because_the_desk_says_no_too() -> None:
    press = Telling(Circle([LI, CHEN], [DESK]), NO_LINE).pressed().answers("li", Answer.CANNOT).passes(70)
    press.happens(HandedOver(by="desk:0", via="voice", accepted=False))
    assert press.told(Purpose.ASK) == ["chen voice"]
    assert press.passes(60).told(Purpose.ASK) == ["chen voice"]


def test_where_the_desk_is_the_last_step_and_says_no_the_neighbours_are_rung_at_once_and_again() -> None:
    steps = (Step(contact=Who.NEAREST, count=3, wait=60), Step(contact=Who.DESK))
    press = Telling(Circle([LI, CHEN], [DESK]), Plan(name="p", signals=("sos",), steps=steps)).pressed().passes(240)
    assert press.answers("desk:0", Answer.CANNOT).told(Purpose.ASK) == ["li voice", "chen voice"]
    assert press.passes(60).told(Purpose.ASK) == ["li voice", "chen voice"]
    assert press.answers("li", Answer.GO).passes(60).told(Purpose.DESK) == []


def test_who_said_no_is_not_rung_beside_a_line_that_is_silent() -> None:
    press = Telling(Circle([LI, CHEN], [LINE], desk=[]), NO_LINE).pressed().answers("chen", Answer.CANNOT).passes(60)
    for _ in range(10):
        assert press.passes(120).told(Purpose.ASK) == ["li voice"]
        assert press.told(Purpose.HANDOFF) == ["line voice"]
