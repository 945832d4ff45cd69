"""Where the desk has said no, or nobody answers a hand-off, those who never answered are rung again."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from escalation.incident import Answer, HandedOver, HandoffState, Purpose
from escalation.plan import Plan, Step, Who
from tests.support.circles import DESK, LINE, Circle, Telling, neighbour

LI, CHEN = neighbour("li", 2), neighbour("chen", 3)
_NEAREST = Step(contact=Who.NEAREST, wait=60)
AT_THE_DESK = Plan(name="p", signals=("sos",), steps=(_NEAREST, Step(contact=Who.AMBULANCE, wait=120)))
TO_THE_DESK = Plan(name="p", signals=("sos",), steps=(_NEAREST, Step(contact=Who.DESK)))


def refuses(press: Telling, who: str) -> Telling:
    return press.happens(HandedOver(by=who, via="voice", accepted=False))


def test_where_the_only_desk_has_no_car_the_neighbours_are_rung_at_once_and_again() -> None:
    press = Telling(Circle([LI, CHEN], [DESK], desk=[DESK]), AT_THE_DESK).pressed().passes(60)
    assert press.told(Purpose.HANDOFF)
    assert refuses(press, "desk:0").told(Purpose.ASK) == ["li voice", "chen voice"], '"we are asking elsewhere" is true'
    assert "desk:0 voice" in press.passes(60).told(Purpose.DESK), "and it is rung until somebody takes it"
    assert press.told(Purpose.ASK) == ["li voice", "chen voice"]


def test_who_said_no_is_not_rung_because_the_desk_says_no_too() -> None:
    press = (
        Telling(Circle([LI, CHEN], [DESK], desk=[DESK]), AT_THE_DESK).pressed().answers("li", Answer.CANNOT).passes(60)
    )
    assert refuses(press, "desk:0").told(Purpose.ASK) == ["chen voice"]
    assert press.passes(60).told(Purpose.ASK) == ["chen voice"]


def test_where_the_desk_cannot_take_it_the_neighbours_are_rung_at_once_and_again() -> None:
    press = Telling(Circle([LI, CHEN], [DESK], desk=[DESK]), TO_THE_DESK).pressed().passes(60).passes(180)
    assert press.answers("desk:0", Answer.CANNOT).told(Purpose.ASK) == ["li voice", "chen voice"]
    assert press.passes(60).told(Purpose.ASK) == ["li voice", "chen voice"]
    assert press.answers("li", Answer.GO).passes(60).told(Purpose.DESK) == []


def test_one_of_two_desks_that_says_no_is_not_the_desk() -> None:
    other = replace(DESK, id="desk:1", telephone="d1")
    press = Telling(Circle([LI], [DESK, other], desk=[DESK, other]), TO_THE_DESK).pressed().passes(60).passes(180)
    assert press.answers("desk:0", Answer.CANNOT).told(Purpose.ASK) == []
    assert press.answers("desk:1", Answer.CANNOT).told(Purpose.ASK) == ["li voice"]


@pytest.mark.parametrize("minutes", [2, 4, 20])
def test_while_a_line_that_never_answers_is_rung_those_who_did_not_answer_are_too(minutes: int) -> None:
    press = (
        Telling(Circle([LI, CHEN], [LINE], desk=[]), AT_THE_DESK).pressed().answers("chen", Answer.CANNOT).passes(60)
    )
    for _ in range(minutes // 2):
        press.passes(120)
        assert press.told(Purpose.HANDOFF) == ["line voice"]
        assert press.told(Purpose.ASK) == ["li voice"]
    assert press.incident.handoff is not None
    assert press.incident.handoff.state is HandoffState.QUEUED


def test_where_somebody_goes_a_line_that_never_answers_is_rung_alone() -> None:
    press = Telling(Circle([LI, CHEN], [LINE], desk=[]), AT_THE_DESK).pressed().passes(60).answers("li", Answer.GO)
    assert press.passes(120).told(Purpose.ASK) == []
