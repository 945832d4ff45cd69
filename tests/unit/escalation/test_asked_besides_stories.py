"""She presses although somebody has it, or who has it drops out: who is there stays there, and others are asked."""

from __future__ import annotations

import pytest

from escalation.incident import Answer, HandedOver, Incident, Pressed, Purpose, Refused, Standing, Status
from escalation.people import Candidate, Channel, Choice, Role
from tests.support.circles import LINE, Circle, Telling, neighbour

LI, CHEN, ZHOU = neighbour("li", 2), neighbour("chen", 3), neighbour("zhou", 5)
DAUGHTER = neighbour("daughter", 25, role=Role.FAMILY)


class LastResort(Circle):
    """There is somebody who would only be rung before silence."""

    def anybody(self, incident: Incident) -> Choice:
        return Choice(chosen=(ZHOU,), gap="nobody else is left")


def presses(press: Telling, times: int = 1) -> Telling:
    for _ in range(times):
        press.happens(Pressed(signal=100 + press.incident.presses, device="bed_button", type="sos"))
    return press


def li_cannot_be_told(desk: list[Candidate]) -> Telling:
    press = presses(Telling(LastResort([LI], [DAUGHTER], [LINE], desk=desk)).pressed().answers("li", Answer.GO))
    for channel in Channel:
        press.happens(Refused(person="li", channel=channel, code="30003", purpose=Purpose.RAISED))
    return press


# ---------------------------------------------------------------- the last resort is beside the plan


def test_the_last_resort_is_asked_beside_the_plan_and_not_in_its_place() -> None:
    press = li_cannot_be_told(desk=[])
    assert press.told(Purpose.ASK) == ["zhou sms", "zhou voice", "daughter sms", "daughter voice"]
    assert press.incident.status is Status.NOTIFYING, "else the outbox would take back what asks for help"
    assert press.passes(60).told(Purpose.HANDOFF) == ["line voice"]


def test_after_the_last_step_whom_there_is_is_rung_on() -> None:
    press = li_cannot_be_told(desk=[]).passes(600)
    assert "zhou voice" in press.passes(60).told(Purpose.ASK)


# ---------------------------------------------------------------- who is there stays there


def li_is_there() -> Telling:
    """The ambulance is confirmed, she pressed twice before he came, and he is at the door."""
    press = Telling(Circle([LI], [DAUGHTER], [LINE])).pressed().passes(120).happens(HandedOver(by="line", via="voice"))
    return presses(press.answers("li", Answer.GO)).answers("li", Answer.THERE)


def test_one_press_after_the_arrival_sets_nobody_back() -> None:
    press = presses(li_is_there())
    assert press.standing("li") is Standing.ARRIVED
    assert press.incident.status is Status.ARRIVED


def test_three_presses_after_the_arrival_ask_others_besides_and_an_entry_says_so() -> None:
    press = presses(Telling(Circle([LI], [DAUGHTER], [LINE])).pressed(), 1).answers("li", Answer.THERE)
    assert presses(press, 2).incident.status is Status.ARRIVED, "counted since he came"
    presses(press)
    assert (press.standing("li"), press.incident.status) == (Standing.ARRIVED, Status.NOTIFYING)
    assert press.told(Purpose.ASK) == ["daughter sms", "daughter voice"]
    assert [entry.data["besides"] for entry in press.log if "besides" in entry.data] == [["li"]]


def test_the_ambulance_is_never_told_that_he_who_is_there_does_not_come() -> None:
    press = presses(li_is_there(), 7)
    assert press.standing("li") is Standing.ARRIVED
    arrival = next(d for d in press.incident.deadlines if d.person == "ambulance")
    assert (arrival.due_at - press.now).total_seconds() <= 1800


def test_who_is_there_and_says_so_once_more_has_it_again() -> None:
    press = presses(Telling(Circle([LI], [DAUGHTER], [LINE])).pressed().answers("li", Answer.THERE), 3)
    press.answers("li", Answer.THERE)
    assert press.incident.status is Status.ARRIVED
    assert press.told(Purpose.TAKEN) == ["daughter sms"]
    assert presses(press, 2).incident.status is Status.ARRIVED


def test_who_was_there_and_left_leaves_no_question_behind_of_who_closes() -> None:
    press = Telling(Circle([LI], [DAUGHTER], [LINE])).pressed().answers("li", Answer.THERE).passes(600)
    press.answers("li", Answer.CANNOT).answers("daughter", Answer.GO)
    assert not press.passes(1300).told(Purpose.AFTERCARE)


# ---------------------------------------------------------------- an operator has it, and nobody goes


def operator_has_it(press: Telling) -> Telling:
    return press.answers("operator:Wu", Answer.GO, via="desk")


@pytest.mark.parametrize("ends", ["says no", "is overdue"])
def test_when_the_only_one_who_goes_drops_out_an_operator_is_not_enough(ends: str) -> None:
    press = operator_has_it(Telling(Circle([LI, CHEN], [DAUGHTER])).pressed().answers("li", Answer.GO))
    press = press.answers("li", Answer.CANNOT) if ends == "says no" else press.passes(400)
    assert {"chen sms", "chen voice", "daughter sms", "daughter voice"} <= set(press.told(Purpose.ASK))
    assert press.incident.status is Status.NOTIFYING


def test_a_no_of_the_desk_to_her_press_asks_others() -> None:
    press = presses(operator_has_it(Telling(Circle([LI], [DAUGHTER])).pressed()))
    assert press.told(Purpose.RAISED) == ["desk:0 sms", "desk:0 voice"]
    press.answers("desk:0", Answer.CANNOT)
    assert press.told(Purpose.ASK) == ["li sms", "li voice", "daughter sms", "daughter voice"]


def test_a_no_of_the_desk_before_she_pressed_asks_nobody() -> None:
    press = operator_has_it(Telling(Circle([LI], [DAUGHTER])).pressed()).answers("desk:0", Answer.CANNOT)
    assert press.incident.status is Status.ACCEPTED
    assert not press.told(Purpose.ASK)


def test_she_presses_on_and_on_while_an_operator_has_it() -> None:
    press = presses(operator_has_it(Telling(Circle([LI], [DAUGHTER])).pressed()), 3)
    assert press.told(Purpose.ASK) == ["li sms", "li voice", "daughter sms", "daughter voice"]
    assert operator_has_it(press).incident.status is Status.ACCEPTED, "and has it once more"


def test_who_withdraws_while_the_ambulance_comes_leaves_it_to_it() -> None:
    press = Telling(Circle([LI], [DAUGHTER], [LINE])).pressed().passes(120).happens(HandedOver(by="line", via="voice"))
    assert press.answers("li", Answer.GO).answers("li", Answer.CANNOT).incident.status is Status.ACCEPTED
