"""Somebody goes, and then is needed elsewhere: nobody waits for them at the first door."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from escalation.incident import (
    Answer,
    Answered,
    CalledAway,
    Closed,
    DeadlineKind,
    Elsewhere,
    HandedOver,
    Log,
    Pressed,
    Purpose,
    Said,
    Standing,
    Status,
)
from escalation.people import Role
from tests.support.circles import BOTH as BY_BOTH
from tests.support.circles import DESK, LINE, Circle, Telling, neighbour
from tests.unit.escalation.test_true_when_heard_stories import reads

LI, CHEN, ZHOU = neighbour("li", 2), neighbour("chen", 3), neighbour("zhou", 5)
DAUGHTER = neighbour("daughter", 25, role=Role.FAMILY)
TEXTED_LINE = replace(LINE, channels=BY_BOTH)
BOTH = pytest.mark.parametrize("why", list(Elsewhere))
OWN, OTHER = Elsewhere.OWN_ALARM, Elsewhere.OTHER_DOOR


def called_away(press: Telling, who: str, why: Elsewhere) -> Telling:
    return press.happens(CalledAway(person=who, why=why, incident="261121-AAAA"))


def li_goes(*answers: Answer) -> Telling:
    press = Telling(Circle([LI, CHEN], [DAUGHTER], [TEXTED_LINE])).pressed()
    for answer in answers or (Answer.GO,):
        press.answers("li", answer)
    return press


def entries(press: Telling, event: str) -> list[Log]:
    return [e for e in press.effects if isinstance(e, Log) and e.event == event]


@BOTH
@pytest.mark.parametrize("answers", [(Answer.GO,), (Answer.GO, Answer.GO)], ids=["accepted", "coming"])
def test_who_was_on_the_way_and_is_needed_elsewhere_is_not_waited_for(
    why: Elsewhere, answers: tuple[Answer, ...]
) -> None:
    press = called_away(li_goes(*answers), "li", why)
    assert press.incident.status is Status.NOTIFYING
    assert press.told(Purpose.ASK) == ["chen sms", "chen voice", "daughter sms", "daughter voice"]
    assert DeadlineKind.ARRIVAL not in {d.kind for d in press.incident.deadlines}
    assert press.replies() == ["kept"], "the lamp by her bed goes back"


def test_who_pressed_their_own_button_is_not_coming_and_who_is_at_another_door_comes_later() -> None:
    assert called_away(li_goes(), "li", OWN).standing("li") is Standing.DECLINED
    assert called_away(li_goes(), "li", OTHER).standing("li") is Standing.FOLLOWS


@BOTH
def test_the_entry_says_why_and_which_alarm_it_was(why: Elsewhere) -> None:
    press = called_away(li_goes(), "li", why)
    (entry,) = entries(press, "incident.declined" if why is OWN else "incident.follows")
    assert (entry.actor, entry.data["because"], entry.data["elsewhere"]) == ("li", why.value, "261121-AAAA")


@BOTH
def test_the_line_that_was_told_of_them_is_corrected(why: Elsewhere) -> None:
    press = Telling(Circle([LI], [], [TEXTED_LINE])).pressed().passes(120)
    press.happens(HandedOver(by="line", via="voice")).answers("li", Answer.GO)
    assert "li is on the way" in reads(press, Purpose.HANDOFF_UPDATE, TEXTED_LINE)
    called_away(press, "li", why)
    assert press.told(Purpose.HANDOFF_UPDATE) == ["line sms"]
    corrected = "li is not on the way any more" if why is OWN else "li comes too, but later"
    assert corrected in reads(press, Purpose.HANDOFF_UPDATE, TEXTED_LINE)
    assert press.incident.status is Status.ACCEPTED, "the ambulance is on the way"


@BOTH
def test_where_another_goes_too_nobody_is_asked_anew(why: Elsewhere) -> None:
    press = called_away(li_goes().answers("chen", Answer.GO), "li", why)
    assert press.incident.status is Status.ACCEPTED
    assert not press.told(Purpose.ASK)


@BOTH
@pytest.mark.parametrize("answer", [Answer.GO, Answer.THERE])
def test_who_comes_after_all_is_welcome(why: Elsewhere, answer: Answer) -> None:
    press = called_away(li_goes(), "li", why)
    press.happens(Answered(person="li", answer=answer, via="voice"))
    if answer is Answer.THERE:
        assert press.incident.status is Status.ARRIVED
    else:
        assert press.standing("li") in {Standing.ACCEPTED, Standing.FOLLOWS}


@BOTH
def test_who_has_been_at_this_door_was_here(why: Elsewhere) -> None:
    press = li_goes(Answer.THERE)
    before = press.incident
    assert called_away(press, "li", why).incident == before


def test_who_was_only_asked_and_needs_help_themselves_is_replaced_at_once() -> None:
    plan_of_one = replace(Telling(Circle([LI])).incident.plan)
    steps = (replace(plan_of_one.steps[0], count=1), *plan_of_one.steps[1:])
    press = Telling(Circle([LI, CHEN], [DAUGHTER]), replace(plan_of_one, steps=steps)).pressed()
    assert press.told(Purpose.ASK) == ["li sms", "li voice"]
    called_away(press, "li", OWN)
    assert press.told(Purpose.ASK) == ["chen sms", "chen voice"]
    assert entries(press, "incident.gap")[0].data["why"] == "own_alarm"
    assert press.answers("li", Answer.GO).standing("li") is Standing.ACCEPTED, "whose word it is, it is"


def test_who_was_only_asked_here_and_is_at_another_door_is_still_asked() -> None:
    press = Telling(Circle([LI, CHEN])).pressed()
    before = press.incident
    assert called_away(press, "li", OTHER).incident == before


def test_who_follows_and_needs_help_themselves_does_not_come() -> None:
    press = Telling(Circle([LI, CHEN])).pressed()
    press.happens(Answered(person="li", answer=Answer.GO, via="voice", engaged=True))
    assert press.standing("li") is Standing.FOLLOWS
    assert called_away(press, "li", OTHER).standing("li") is Standing.FOLLOWS
    assert called_away(press, "li", OWN).standing("li") is Standing.DECLINED


def test_who_is_overdue_and_needs_help_themselves_is_not_rung_before_others() -> None:
    press = Telling(Circle([LI, CHEN], [DAUGHTER])).pressed().answers("li", Answer.GO).passes(400)
    assert press.standing("li") is Standing.OVERDUE
    called_away(press, "li", OWN)
    press.happens(Pressed(signal=2, device="b", type="sos"))
    assert "li voice" not in press.told(Purpose.ASK)


@BOTH
@pytest.mark.parametrize("who", ["desk:0", "line", "stranger"])
def test_nobody_is_called_away_from_a_desk(why: Elsewhere, who: str) -> None:
    press = Telling(Circle([LI], [], [LINE])).pressed().passes(300).answers("desk:0", Answer.GO)
    before = press.incident
    assert called_away(press, who, why).incident == before


@BOTH
def test_the_only_one_with_no_desk_behind_is_rung_all_the_same(why: Elsewhere) -> None:
    """Silence is worse than a call to somebody who may not be able to go."""
    press = Telling(Circle([LI], desk=[])).pressed().answers("li", Answer.GO)
    called_away(press, "li", why)
    assert press.told(Purpose.ASK) == ["li voice"]
    assert press.passes(60).told(Purpose.ASK) == ["li voice"]


# ---------------------------------------------------------------- a helper whose telephone is the desk's only one

HELPER = replace(neighbour("helper", 3), telephone="desk:0")
HER_DESK = replace(DESK, telephone="desk:0")
CLOSED = Closed(by="Ma", reason="she is well")


def at_hers() -> Telling:
    """Her telephone is the desk's; li was asked too."""
    return Telling(Circle([HELPER, LI], desk=[HER_DESK])).pressed()


def test_what_she_says_after_the_close_reaches_who_went_and_not_her_own_telephone() -> None:
    press = at_hers().answers("li", Answer.GO).answers("helper", Answer.GO)
    press.happens(CLOSED)
    press.happens(Said(person="helper", name="helper", words="she is not well"))
    assert press.told(Purpose.SAID) == ["li sms"]
    press.happens(Answered(person="helper", answer=Answer.CANNOT, via="sms"))
    assert press.told(Purpose.SAID) == ["li sms"]


def test_what_she_says_after_the_close_with_nobody_else_is_a_gap() -> None:
    press = Telling(Circle([HELPER], desk=[HER_DESK])).pressed().answers("helper", Answer.GO)
    press.happens(CLOSED).happens(Said(person="helper", name="helper", words="she is not well"))
    assert not press.told(Purpose.SAID)
    assert entries(press, "incident.gap")[0].data["why"] == "nobody at the desk to read it"


def test_a_key_of_the_desk_on_that_telephone_is_no_gap() -> None:
    press = at_hers().answers("desk:0", Answer.GO).happens(CLOSED)
    press.happens(Answered(person="desk:0", answer=Answer.CANNOT, via="voice"))
    assert not entries(press, "incident.gap")


def test_pressing_again_while_she_goes_and_cannot_be_reached_rings_others_than_her_own_telephone() -> None:
    press = at_hers().answers("helper", Answer.THERE)
    press.happens(Pressed(signal=2, device="b", type="sos"))
    assert {"li sms", "li voice"} <= set(press.told(Purpose.RAISED))


def test_what_she_writes_in_an_open_alarm_that_nobody_else_reads_is_a_gap() -> None:
    press = at_hers().answers("helper", Answer.GO)
    press.happens(Said(person="helper", name="helper", words="nobody opens the door"))
    assert not press.told(Purpose.SAID)
    assert entries(press, "incident.gap")[0].data["why"] == "nobody at the desk to read it"
