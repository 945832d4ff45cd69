"""Two people of one telephone in one incident: one call, one answer, and who goes is meant."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from escalation.incident import (
    Answer,
    Answered,
    Closed,
    DeadlineKind,
    HandedOver,
    Incident,
    Log,
    Pressed,
    Purpose,
    Refused,
    Send,
    Standing,
    Status,
)
from escalation.people import Candidate, Channel, Role, telephone_of
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


def test_of_a_couple_that_goes_a_no_by_their_telephone_is_both_of_theirs() -> None:
    """An operator has entered her, he has said yes himself."""
    press = a_couple().answers("he", Answer.GO).happens(Answered(person="she", answer=Answer.GO, via="desk", by="Ma"))
    press.answers("he", Answer.CANNOT)
    assert (press.standing("he"), press.standing("she")) == (Standing.DECLINED, Standing.DECLINED)
    assert "chen sms" in press.told(Purpose.ASK) or "chen voice" in press.told(Purpose.ASK)
    assert press.incident.status is Status.NOTIFYING


def test_of_a_couple_that_goes_an_operator_takes_out_whom_they_name() -> None:
    press = a_couple().answers("he", Answer.GO).happens(Answered(person="she", answer=Answer.GO, via="desk", by="Ma"))
    press.happens(Answered(person="she", answer=Answer.CANNOT, via="desk", by="Ma"))
    assert (press.standing("he"), press.standing("she")) == (Standing.ACCEPTED, Standing.DECLINED)
    assert press.incident.status is Status.ACCEPTED


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


# ---------------------------------------------------------------- told, and by what message

LINE_AT_DESK = replace(LINE, telephone="line")
DESK_AT_LINE = replace(DESK, telephone="line", channels=(Channel.VOICE,))


def told_by(press: Telling) -> list[str]:
    """Who the entries of this decision call told, of what; each has its message on that telephone."""
    sent = {(e.purpose, telephone_of(e.to)) for e in press.effects if isinstance(e, Send)}
    entries = [e for e in press.effects if isinstance(e, Log) and e.event in {"handoff.updated", "handoff.cancelled"}]
    for entry in entries:
        purpose = Purpose.HANDOFF_UPDATE if entry.event == "handoff.updated" else Purpose.HANDOFF_CANCEL
        assert entry.data["to"]
        assert (purpose, "line") in sent, f"{entry.event}, and nothing is sent"
    return [entry.event for entry in entries]


def a_landline_that_is_line_and_desk() -> Telling:
    press = Telling(Circle([CHEN], [], [LINE_AT_DESK], desk=[DESK_AT_LINE])).pressed().passes(120)
    return press.happens(HandedOver(by="line", via="voice"))


def test_where_line_and_desk_are_one_landline_an_update_that_is_not_sent_is_not_called_told() -> None:
    press = a_landline_that_is_line_and_desk()
    version = press.incident.handoff and press.incident.handoff.version
    press.happens(Pressed(signal=2, device="b", type="sos"))
    assert press.told(Purpose.RAISED) == ["desk:0 voice"], "it is called, and about that she presses again"
    assert told_by(press) == []
    assert (press.incident.handoff and press.incident.handoff.version) == version


def test_where_line_and_desk_are_one_landline_who_goes_is_told_there() -> None:
    press = a_landline_that_is_line_and_desk().answers("chen", Answer.GO)
    assert told_by(press) == ["handoff.updated"]
    press.happens(Closed(by="Ma", reason="well", cancel_ambulance=True))
    assert told_by(press) == ["handoff.cancelled"]


class Moved(Circle):
    """The line was taken out of the settings, and its number is gone."""

    def gone(self, incident: Incident) -> tuple[str, ...]:
        return ("line",)


@pytest.mark.parametrize("desk", [[DESK], []])
def test_a_line_without_a_number_is_not_called_told_and_the_desk_is(desk: list[Candidate]) -> None:
    press = Telling(Circle([CHEN], [], [LINE], desk=desk)).pressed().passes(120)
    press.happens(HandedOver(by="line", via="voice"))
    press.people = Moved([CHEN], [], [LINE], desk=desk)
    press.answers("chen", Answer.GO)
    entries = [e for e in press.effects if isinstance(e, Log)]
    if desk:
        assert press.told(Purpose.HANDOFF_UPDATE) == ["desk:0 sms"]
        assert [e.data["to"] for e in entries if e.event == "handoff.updated"] == [["desk:0"]]
    else:
        assert not press.told(Purpose.HANDOFF_UPDATE)
        assert [e.data["why"] for e in entries if e.event == "incident.gap"] == ["nobody can be told of it"]
    press.happens(Closed(by="Ma", reason="well", cancel_ambulance=True))
    cancelled = [e.data["to"] for e in press.effects if isinstance(e, Log) and e.event == "handoff.cancelled"]
    assert cancelled == ([["desk:0"]] if desk else [])


def test_a_line_without_a_number_is_not_rung_on_the_record() -> None:
    press = Telling(Circle([CHEN], [], [LINE])).pressed().passes(120)
    press.people = Moved([CHEN], [], [LINE])
    press.passes(120)
    (entry,) = [e for e in press.effects if isinstance(e, Log) and e.event == "handoff.queued"]
    assert entry.data["to"] == ["desk:0"]
    assert press.told(Purpose.HANDOFF) == ["desk:0 sms", "desk:0 voice"]


# ---------------------------------------------------------------- a dead telephone of two


def closed(press: Telling, who: str) -> Telling:
    """Each channel of it refuses for good, by itself."""
    for channel in Channel:
        press.happens(Refused(person=who, channel=channel, code="30006"))
    return press


def test_what_one_of_two_cannot_be_sent_closes_the_telephone_for_both() -> None:
    press = closed(a_couple(), "he")
    assert press.standing("she") is Standing.UNREACHABLE
    press.passes(200)
    assert "she voice" not in press.told(Purpose.ASK)


def test_who_goes_and_has_a_dead_telephone_with_another_is_not_counted_as_heard() -> None:
    """The niece goes; the desk's telephone is hers, and dead: a press reaches who was asked."""
    press = Telling(Circle([DAUGHTER, CHEN], [], [HER_DESK], desk=[HER_DESK])).pressed()
    press.happens(Refused(person="daughter", channel=Channel.SMS, code="30006"))
    press.happens(Refused(person="daughter", channel=Channel.VOICE, code="21216")).passes(61)
    assert press.standing("chen") is Standing.ASKED
    press.passes(300)
    assert "chen voice" in press.told(Purpose.ASK), "a desk that nothing reaches is no desk"


def test_a_desk_found_dead_has_those_who_were_asked_rung_in_the_same_moment() -> None:
    press = Telling(Circle([DAUGHTER, CHEN], desk=[HER_DESK])).pressed().answers("chen", Answer.CANNOT).passes(200)
    assert press.incident.step == len(press.incident.plan.steps)
    press.happens(Refused(person="desk:0", channel=Channel.VOICE, code="21211", dead_number=True))
    assert press.standing("daughter") is Standing.UNREACHABLE
    assert press.told(Purpose.ASK) == ["chen voice"]


def test_a_desk_that_takes_no_calls_is_texted_as_often_as_it_would_be_rung() -> None:
    press = Telling(Circle([CHEN], desk=[DESK])).pressed().passes(181)
    press.happens(Refused(person="desk:0", channel=Channel.VOICE, code="21216"))
    for _ in range(3):
        assert set(press.passes(60).told(Purpose.DESK)) == {"desk:0 sms", "desk:0 voice"}


def test_a_press_of_which_neither_who_goes_nor_the_desk_can_be_told_is_told_to_the_others() -> None:
    press = closed(Telling(Circle([CHEN, HE], desk=[DESK])).pressed().answers("he", Answer.GO), "he")
    press.happens(Pressed(signal=2, device="b", type="sos"))
    assert "desk:0 voice" in press.told(Purpose.RAISED)
    press.happens(Refused(person="desk:0", channel=Channel.SMS, code="30006", purpose=Purpose.RAISED))
    assert not press.told(Purpose.RAISED)
    press.happens(Refused(person="desk:0", channel=Channel.VOICE, code="21216", purpose=Purpose.RAISED))
    assert press.told(Purpose.RAISED)[:2] == ["chen sms", "chen voice"]


def test_a_third_press_rings_those_who_are_asked_too() -> None:
    press = Telling(Circle([CHEN], [HE], [LINE])).pressed()
    for n in (2, 3):
        press.happens(Pressed(signal=n, device="b", type="sos"))
    assert press.told(Purpose.ASK) == ["chen voice", "he sms", "he voice"]
