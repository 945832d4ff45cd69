"""Before silence, whom there is: no desk, or none that anything reaches, and nobody whom a step may ask."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from escalation.incident import (
    Answer,
    HandedOver,
    Incident,
    Purpose,
    Refused,
    Said,
    Status,
)
from escalation.people import Candidate, Channel, Choice
from escalation.plan import Plan, Step, Who
from tests.support.circles import DESK, LINE, WANG, Circle, Telling, neighbour
from tests.unit.escalation.test_help_is_called_stories import VERIFY, a_hand_off, pressed_again

LI, CHEN, ZHOU = neighbour("li", 2), neighbour("chen", 3), neighbour("zhou", 5)


class LastResort(Circle):
    """Nobody is left whom a step may ask; there is somebody who would only be rung before silence."""

    def anybody(self, incident: Incident) -> Choice:
        return Choice(chosen=(ZHOU,), gap="nobody else is left")


def test_with_no_desk_and_nobody_to_ask_whom_there_is_is_rung_and_goes_on_being() -> None:
    press = Telling(LastResort([], desk=[])).pressed()
    assert press.told(Purpose.ASK) == ["zhou sms", "zhou voice"]
    step = next(entry for entry in press.log if entry.event == "incident.step")
    assert (step.data["last_resort"], [one["id"] for one in step.data["chosen"]]) == (True, ["zhou"])
    assert press.passes(60).told(Purpose.ASK) == ["zhou voice"]
    assert press.answers("zhou", Answer.GO).incident.status is Status.ACCEPTED


def test_where_only_she_herself_was_asked_whom_there_is_is_rung_beside_her() -> None:
    press = Telling(LastResort([WANG], desk=[]), VERIFY, kind="inactivity").pressed().passes(60)
    assert press.told(Purpose.ASK) == ["zhou sms", "zhou voice"]


def test_where_the_line_refuses_and_there_is_nobody_else_whom_there_is_is_rung() -> None:
    plan = Plan(name="p", signals=("sos",), steps=(Step(contact=Who.AMBULANCE, wait=60),))
    press = Telling(LastResort([LINE], desk=[]), plan).pressed()
    press.happens(HandedOver(by="line", via="voice", accepted=False))
    assert press.told(Purpose.ASK) == ["zhou sms", "zhou voice"]


@pytest.mark.parametrize("desk", [[], [DESK]])
def test_while_there_is_a_desk_or_somebody_was_asked_it_is_not_the_last_resort(desk: list[Candidate]) -> None:
    press = Telling(LastResort([LI] if not desk else [], desk=desk)).pressed().passes(300)
    assert "zhou" not in {p.who.id for p in press.incident.participants}


def test_a_device_in_trouble_is_nobodys_last_resort() -> None:
    plan = Plan(name="technical", signals=(), steps=(Step(contact=Who.DESK),), remind=600)
    assert not Telling(LastResort([], desk=[]), plan, kind="silent").pressed().passes(1300).told(Purpose.ASK)


def test_pressing_again_while_who_has_it_cannot_be_told_rings_whom_there_is() -> None:
    press = Telling(LastResort([], desk=[])).pressed()
    press.incident = replace(press.incident, participants=())
    press.answers("operator:Zhang", Answer.GO, via="desk")
    assert pressed_again(press) == ["zhou sms", "zhou voice"]
    assert press.incident.status is Status.NOTIFYING, "else the outbox would take back what asks for help"
    assert press.passes(60).told(Purpose.ASK) == ["zhou voice"]
    assert press.answers("zhou", Answer.GO).incident.status is Status.ACCEPTED


def test_a_neighbour_who_said_no_is_rung_though_she_is_asked_as_well() -> None:
    press = Telling(Circle([WANG], [LI], desk=[]), VERIFY, kind="inactivity").pressed().passes(60)
    press.answers("li", Answer.CANNOT)
    for _ in range(4):
        assert "li voice" in press.passes(60).told(Purpose.ASK)
        press.answers("li", Answer.CANNOT)


# ---------------------------------------------------------------- a desk that nothing reaches is no desk


def dead(press: Telling, who: str) -> Telling:
    """That number does not exist any more: whatever is sent there is refused."""
    for channel in Channel:
        press.happens(Refused(person=who, channel=channel, code="21211", dead_number=True))
    return press


def test_those_who_were_asked_are_rung_again_where_the_desks_number_is_dead() -> None:
    press = Telling(Circle([LI, CHEN], desk=[DESK])).pressed().passes(181)
    assert "desk:0 voice" in dead(press, "desk:0").passes(60).told(Purpose.DESK), "and it is rung on"
    assert press.told(Purpose.ASK) == ["li voice", "chen voice"]
    press.answers("li", Answer.CANNOT).answers("chen", Answer.CANNOT)
    assert "li voice" in press.passes(60).told(Purpose.ASK)


def test_a_press_reaches_those_who_were_asked_where_the_desks_number_is_dead() -> None:
    press = dead(Telling(Circle([LI], desk=[DESK])).pressed().answers("li", Answer.CANNOT).passes(1), "desk:0")
    assert "li voice" in pressed_again(press)


def test_a_press_though_taken_reaches_others_where_the_desks_number_is_dead() -> None:
    press = dead(Telling(Circle([LI, CHEN], desk=[DESK])).pressed().passes(181), "desk:0").answers("li", Answer.THERE)
    assert {"chen sms", "chen voice"} <= set(pressed_again(press))


def test_a_hand_off_that_reaches_nobody_any_more_holds_nothing_up() -> None:
    """The desk refused it, the line's number is dead, and it was the last step."""
    press = a_hand_off().passes(120).happens(HandedOver(by="desk:0", via="voice", accepted=False))
    dead(press, "line").passes(120)
    assert press.incident.step == len(press.incident.plan.steps)
    assert "desk:0 voice" in press.passes(60).told(Purpose.DESK)


def test_where_neither_desk_nor_anybody_asked_can_be_reached_whom_there_is_is_rung() -> None:
    press = dead(Telling(LastResort([LI], desk=[DESK])).pressed(), "li").passes(200)
    press.happens(Refused(person="desk:0", channel=Channel.VOICE, code="21211", dead_number=True))
    assert press.told(Purpose.ASK)[-2:] == ["zhou sms", "zhou voice"], "at once, and not when the desk rings again"


def test_all_who_hear_the_words_for_the_ambulance_are_others_than_the_telephone_they_came_from() -> None:
    he, she = replace(LI, telephone="li"), replace(CHEN, telephone="li")
    press = Telling(Circle([he, she, ZHOU], desk=[])).pressed().answers("li", Answer.THERE)
    press.happens(Said(person="li", name="li", via="sms", words="she does not breathe", ambulance=True))
    assert press.told(Purpose.SAID) == ["zhou sms", "zhou voice"]
