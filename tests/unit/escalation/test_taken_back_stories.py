"""A hand-off that was confirmed and is taken back, called off again, or overdue: nobody else's goes with it."""

from __future__ import annotations

from escalation.calls import ambulance_heard
from escalation.incident import Answer, HandedOver, HandoffState, Purpose, Said, Send, Standing, Status
from escalation.people import Role
from escalation.plan import Plan, Step, Who
from escalation.texts.scenes import Heard
from tests.support.circles import DESK, LINE, Circle, Telling, neighbour

LI, CHEN = neighbour("li", 2), neighbour("chen", 3)
DAUGHTER = neighbour("daughter", 25, role=Role.FAMILY)


def rung() -> Telling:
    return Telling(Circle([LI, CHEN], [DAUGHTER], [LINE], desk=[DESK])).pressed().passes(240)


def says(press: Telling, who: str, *, yes: bool = True) -> Telling:
    via = "desk" if who.startswith("operator:") else "voice"
    return press.happens(HandedOver(by=who, via=via, accepted=yes))


def state(press: Telling) -> tuple[HandoffState, str]:
    assert press.incident.handoff is not None
    return press.incident.handoff.state, press.incident.handoff.confirmed_by


def test_a_desk_that_takes_it_back_leaves_the_lines_own_ambulance_alone() -> None:
    press = says(says(rung(), "desk:0"), "line").answers("li", Answer.GO)
    says(press, "desk:0", yes=False)
    assert state(press) == (HandoffState.ACCEPTED, "line")
    assert press.standing("ambulance") is Standing.ACCEPTED
    assert not [one for one in press.effects if isinstance(one, Send)], "nobody is told that it is off"
    assert state(says(press, "line", yes=False))[0] is HandoffState.REJECTED, "now all have refused"


def test_of_two_operators_who_ordered_one_each_takes_back_their_own() -> None:
    press = says(says(rung(), "operator:Ma"), "line")
    assert state(says(press, "operator:Ma", yes=False)) == (HandoffState.ACCEPTED, "line")
    assert press.told(Purpose.SAID) == ["desk:0 sms"]


def test_a_desk_that_takes_it_back_has_the_line_rung_again() -> None:
    press = says(says(rung(), "desk:0").answers("li", Answer.GO), "desk:0", yes=False)
    assert state(press) == (HandoffState.QUEUED, "")
    assert press.told(Purpose.HANDOFF) == ["line voice"]
    assert press.passes(120).told(Purpose.HANDOFF) == ["line voice"]
    assert state(says(press, "line")) == (HandoffState.ACCEPTED, "line")


def test_an_operators_second_call_off_counts() -> None:
    press = says(says(rung(), "operator:Ma", yes=False), "operator:Zhao").answers("li", Answer.GO)
    says(press, "operator:Ma", yes=False)
    assert state(press)[0] is HandoffState.REJECTED
    assert press.told(Purpose.SAID) == ["li sms", "chen sms", "daughter sms"], "those who were told to stay too"


def test_after_an_overdue_ambulance_anybody_may_order_another() -> None:
    for who in ("line", "operator:Ma"):
        press = says(rung(), "line").passes(1801)
        assert press.standing("ambulance") is Standing.OVERDUE
        says(press, who)
        assert (state(press), press.standing("ambulance")) == ((HandoffState.ACCEPTED, who), Standing.ACCEPTED)
        assert press.incident.status is Status.ACCEPTED


def test_who_calls_for_an_ambulance_after_one_that_is_overdue_has_another_asked_for() -> None:
    press = says(rung(), "line").passes(1801)
    press.happens(Said(person="li", name="li", via="sms", words="she does not breathe", ambulance=True))
    assert state(press)[0] is HandoffState.QUEUED
    assert ambulance_heard(press.incident, read=True) is Heard.AMBULANCE


def test_the_desk_is_told_of_a_refusal_also_where_the_next_step_begins() -> None:
    steps = (Step(contact=Who.AMBULANCE, wait=60), Step(contact=Who.NEAREST, wait=60))
    press = Telling(Circle([LINE], [LI], desk=[DESK]), Plan(name="p", signals=("sos",), steps=steps)).pressed()
    says(press, "line", yes=False)
    assert press.told(Purpose.HANDOFF_REFUSED) == ["desk:0 sms"]
    assert press.told(Purpose.ASK) == ["li sms", "li voice"]
