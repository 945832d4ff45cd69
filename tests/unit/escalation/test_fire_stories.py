"""In a fire everybody is asked together with the brigade, and its confirmation stands nobody down."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from escalation.incident import (
    Answer,
    HandedOver,
    HandoffState,
    Pressed,
    Purpose,
    Status,
)
from escalation.plan import Plan, Step, Who
from tests.support.circles import LINE, Circle, Telling, neighbour

LI, CHEN, ZHOU = neighbour("li", 2), neighbour("chen", 3), neighbour("zhou", 5)
FIRE = Plan(
    name="fire",
    signals=("smoke",),
    keep_asking=True,
    steps=(
        Step(contact=Who.NEAREST, wait=20),
        Step(contact=Who.AMBULANCE, wait=60),
        Step(contact=Who.EVERYONE, wait=60, repeat=30, together=True),
    ),
)


def test_in_fire_everybody_is_asked_together_with_the_hand_off() -> None:
    press = Telling(Circle([LI], [LINE], [LI, CHEN, ZHOU]), FIRE, kind="smoke").pressed().passes(20)
    assert press.told(Purpose.HANDOFF) == ["line voice"]
    assert press.told(Purpose.ASK) == ["chen sms", "chen voice", "zhou sms", "zhou voice"]


def test_in_fire_a_confirmed_hand_off_stands_nobody_down() -> None:
    press = Telling(Circle([LI], [LINE], [LI, CHEN, ZHOU]), FIRE, kind="smoke").pressed().passes(20)
    press.happens(HandedOver(by="line", via="voice"))
    assert press.told(Purpose.TAKEN) == []
    assert press.incident.status is Status.NOTIFYING
    assert press.replies() == ["accepted"]
    assert press.passes(30).told(Purpose.ASK) == ["li voice", "chen voice", "zhou voice"]
    assert press.answers("chen", Answer.GO).replies() == ["accepted"]
    assert press.told(Purpose.TAKEN) == ["li sms", "zhou sms"]


def test_in_fire_all_are_asked_anew_when_who_went_withdraws_after_the_last_step() -> None:
    press = Telling(Circle([LI], [LINE], [LI, CHEN, ZHOU]), FIRE, kind="smoke").pressed().passes(20)
    press.happens(HandedOver(by="line", via="voice")).answers("li", Answer.GO).passes(60)
    press.answers("li", Answer.CANNOT)
    assert press.told(Purpose.ASK) == ["chen sms", "chen voice", "zhou sms", "zhou voice"]
    assert press.incident.status is Status.NOTIFYING, "else the outbox would take back what asks them"
    assert press.passes(30).told(Purpose.ASK) == ["chen voice", "zhou voice"]
    assert press.passes(30).incident.status is Status.ACCEPTED, "the brigade has it, and nobody came"


def test_in_fire_a_third_detector_does_not_end_the_asking() -> None:
    press = Telling(Circle([LI], [LINE], [LI, CHEN, ZHOU]), FIRE, kind="smoke").pressed().passes(20)
    press.happens(HandedOver(by="line", via="voice"))
    for signal in (2, 3):
        press.happens(Pressed(signal=signal, device="kitchen", type="smoke"))
    assert press.incident.status is Status.NOTIFYING
    assert "zhou voice" in press.passes(30).told(Purpose.ASK)


def test_in_fire_the_brigade_has_it_when_all_were_asked_and_nobody_came() -> None:
    press = Telling(Circle([LI], [LINE], [LI, CHEN]), FIRE, kind="smoke").pressed().passes(20)
    press.happens(HandedOver(by="line", via="voice")).passes(60)
    assert press.incident.status is Status.ACCEPTED
    assert press.told(Purpose.DESK) == []
    assert press.incident.deadlines


def test_who_says_no_in_fire_after_the_hand_off_is_replaced() -> None:
    wu = neighbour("wu", 8)
    press = Telling(Circle([LI], [LINE], [CHEN, ZHOU, wu]), replace_count(FIRE, 2), kind="smoke").pressed().passes(20)
    press.happens(HandedOver(by="line", via="voice")).answers("chen", Answer.CANNOT)
    assert press.told(Purpose.ASK) == ["wu sms", "wu voice"]


def replace_count(plan: Plan, count: int) -> Plan:
    return replace(plan, steps=tuple(replace(step, count=count) for step in plan.steps))


@pytest.mark.parametrize("answer", [Answer.GO, Answer.THERE])
def test_in_fire_a_neighbour_who_goes_at_once_does_not_keep_the_brigade_away(answer: Answer) -> None:
    press = Telling(Circle([LI], [LINE], [LI, CHEN]), FIRE, kind="smoke").pressed().answers("li", answer)
    assert press.told(Purpose.HANDOFF) == ["line voice"]
    press.happens(HandedOver(by="line", via="voice"))
    assert press.incident.handoff is not None
    assert press.incident.handoff.state is HandoffState.ACCEPTED
