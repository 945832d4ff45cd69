"""She presses although somebody has it, or who has it drops out: who is there stays there, and others are asked."""

from __future__ import annotations

import pytest

from escalation.incident import Answer, HandedOver, HandoffState, Incident, Pressed, Purpose, Refused, Standing, Status
from escalation.people import Candidate, Channel, Choice, Role
from tests.support.circles import DESK, LINE, Circle, Telling, neighbour

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
