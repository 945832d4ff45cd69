"""Two people of one telephone in one incident: one call, one answer, and who goes is meant."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from escalation.incident import Answer, DeadlineKind, HandedOver, Purpose, Refused, Send, Standing, Status
from escalation.people import Channel, Role
from escalation.plan import Plan, Step, Who
from tests.support.circles import DESK, LINE, Circle, Telling, neighbour

HE = replace(neighbour("he", 2), telephone="he")
SHE = replace(neighbour("she", 3), telephone="he")
CHEN = neighbour("chen", 4)
DAUGHTER = replace(neighbour("daughter", 25, role=Role.FAMILY), telephone="desk:0")
HER_DESK = replace(DESK, telephone="desk:0")
FIRE = Plan(
    name="fire",
    signals=("smoke",),
    keep_asking=True,
    steps=(Step(contact=Who.AMBULANCE, wait=60), Step(contact=Who.EVERYONE, wait=60, repeat=30, together=True)),
)


def a_couple() -> Telling:
    """Both were entered, as by an incident of before, or an operator."""
    return Telling(Circle([HE, SHE, CHEN], [], [LINE])).pressed()


def calls(telling: Telling) -> list[str]:
    return [e.to.id for e in telling.effects if isinstance(e, Send) and e.channel is Channel.VOICE]


def test_a_couple_is_rung_once() -> None:
    press = a_couple()
    assert calls(press) == ["he", "chen"]
    assert press.told(Purpose.ASK) == ["he sms", "he voice", "chen sms", "chen voice"]


@pytest.mark.parametrize(("goes", "says"), [("he", "she"), ("she", "he"), ("he", "he")])
def test_who_goes_is_meant(goes: str, says: str) -> None:
    press = a_couple().answers(goes, Answer.GO)
    assert press.told(Purpose.TAKEN) == ["chen sms"]
    press.answers(says, Answer.CANNOT)
    assert press.standing(goes) is Standing.DECLINED
    assert press.incident.status is Status.NOTIFYING
    assert not [d for d in press.incident.deadlines if d.kind is DeadlineKind.ARRIVAL]


def test_a_no_and_a_dead_number_are_the_telephones() -> None:
    no = a_couple().answers("he", Answer.CANNOT)
    assert no.standing("she") is Standing.DECLINED
    dead = a_couple().happens(Refused(person="he", channel=Channel.SMS, code="21211", dead_number=True))
    assert dead.standing("she") is Standing.UNREACHABLE


def test_the_hand_offs_call_goes_before_a_neighbours() -> None:
    """At a fire everyone is asked together with the hand-off; her telephone is the desk's."""
    press = Telling(Circle([HER_DESK], [DAUGHTER, CHEN], desk=[HER_DESK]), FIRE, "smoke").pressed()
    assert calls(press) == ["desk:0", "chen"]
    assert "daughter sms" in press.told(Purpose.ASK)


def test_a_daughters_no_is_not_the_desks() -> None:
    press = Telling(Circle([DAUGHTER], [], [HER_DESK], desk=[HER_DESK])).pressed().answers("daughter", Answer.CANNOT)
    assert press.told(Purpose.HANDOFF) == ["desk:0 sms", "desk:0 voice"]


def test_the_desk_that_is_the_line_is_not_asked_what_it_has_refused() -> None:
    line, desk = replace(LINE, telephone="line"), replace(DESK, telephone="line")
    press = Telling(Circle([line], desk=[desk]), Plan(name="p", signals=(), steps=(Step(contact=Who.AMBULANCE),)))
    press.pressed().happens(HandedOver(by="line", via="voice", accepted=False))
    assert not press.told(Purpose.HANDOFF)


def test_where_two_of_a_telephone_are_overdue_and_asked_it_rings_once() -> None:
    press = a_couple().answers("she", Answer.GO).passes(16 * 60)
    assert press.standing("she") is Standing.OVERDUE
    assert calls(press).count("he") == 0, "she is asked once more, in her own name"
