"""Sensors are verified: the resident is rung, and says with a key whether all is well. A press never is."""

from __future__ import annotations

from msgspec.structs import replace

from escalation.incident import Answer, Answered, Closed, Pressed, Purpose, Recovered, Refused, Standing, Status
from escalation.people import Channel
from escalation.plan import Plan, Step, Who, parse
from tests.support.circles import DESK, WANG, Circle, Telling, neighbour

LI = neighbour("li", 2)
VERIFY = Plan(
    name="verify", signals=("fall",), steps=(Step(contact=Who.RESIDENT, wait=60), Step(contact=Who.NEAREST, wait=60))
)
QUIET = Plan(name="technical", signals=(), steps=(Step(contact=Who.DESK, wait=7200),), remind=7200)


def a_fall(kind: str = "fall", plan: Plan = VERIFY) -> Telling:
    story = Telling(Circle([WANG], [LI]), plan, kind)
    return story.happens(Pressed(signal=1, device="radar", type=kind))


def test_it_rings_the_resident_first_and_nobody_else() -> None:
    fall = a_fall()
    assert fall.told(Purpose.VERIFY) == ["resident:wang voice"]
    assert fall.told(Purpose.ASK) == []


def test_her_own_key_says_that_all_is_well_and_closes_it() -> None:
    fall = a_fall().answers(WANG.id, Answer.WELL)
    assert (fall.incident.status, fall.incident.closed_by) == (Status.CLOSED, WANG.id)
    assert fall.incident.close_reason == "resident answered: well"
    assert fall.events()[-2:] == ["incident.noted", "incident.closed"]


def test_she_asks_for_help_and_the_next_step_begins_at_once() -> None:
    fall = a_fall().answers(WANG.id, Answer.CANNOT)
    assert fall.told(Purpose.ASK) == ["li sms", "li voice"]


def test_no_answer_is_a_no() -> None:
    fall = a_fall().passes(60)
    assert fall.told(Purpose.ASK) == ["li sms", "li voice"]
    assert fall.standing(WANG.id) is Standing.UNREACHABLE


def test_once_others_are_asked_her_key_no_longer_ends_it() -> None:
    fall = a_fall().passes(60).answers(WANG.id, Answer.WELL)
    assert fall.incident.status is Status.NOTIFYING
    assert fall.events()[-1] == "incident.noted"


def test_that_she_is_well_after_all_is_told_to_who_goes_and_to_the_desk() -> None:
    story = Telling(Circle([WANG], [LI], desk=[DESK]), VERIFY, "fall")
    fall = story.happens(Pressed(signal=1, device="radar", type="fall")).passes(60).answers(LI.id, Answer.GO)
    fall.answers(WANG.id, Answer.WELL)
    assert sorted(fall.told(Purpose.SAID)) == ["desk:0 sms", "li sms"]
    assert fall.incident.status is Status.ACCEPTED


def test_a_dead_telephone_at_home_waits_for_nothing_and_becomes_no_text() -> None:
    fall = a_fall().happens(Refused(person=WANG.id, channel=Channel.VOICE, code="21211", dead_number=True))
    assert fall.told(Purpose.ASK) == ["li sms", "li voice"]
    assert fall.told(Purpose.VERIFY) == []


def test_a_radar_that_repeats_itself_does_not_cut_the_question_short() -> None:
    fall = a_fall().happens(Pressed(signal=2, device="radar", type="fall"))
    assert fall.told(Purpose.ASK) == []
    assert fall.incident.presses == 2


def test_a_press_is_never_verified() -> None:
    press = a_fall("sos")
    assert press.told(Purpose.VERIFY) == []
    assert press.told(Purpose.ASK) == ["li sms", "li voice"]


def test_without_a_telephone_at_home_the_next_step_begins_at_once() -> None:
    fall = Telling(Circle([], [LI]), VERIFY, "fall").pressed()
    assert fall.told(Purpose.ASK) == ["li sms", "li voice"]
    assert "incident.gap" in fall.events()


def test_what_concerns_a_device_wakes_nobody_and_reminds_the_desk() -> None:
    silent = Telling(Circle([DESK]), QUIET, "silent").pressed()
    assert silent.told(Purpose.DESK) == ["desk:0 sms"]
    assert silent.passes(7200).told(Purpose.DESK) == ["desk:0 sms"]
    assert silent.passes(7200).told(Purpose.DESK) == ["desk:0 sms"]


def test_one_more_device_is_no_news_and_a_silence_after_all_were_heard_is() -> None:
    silent = Telling(Circle([DESK]), QUIET, "silent").pressed()
    assert silent.pressed().told(Purpose.DESK) == []
    silent.happens(Recovered(what="bed"))
    assert silent.passes(7200).told(Purpose.DESK) == []
    assert silent.pressed().told(Purpose.DESK) == ["desk:0 sms"]
    assert silent.incident.recovered_at is None


def test_a_plan_says_so_in_words() -> None:
    plan = parse("mine", {"signals": ["fall"], "step": [{"contact": "resident"}, {"contact": "desk"}], "remind": "1h"})
    assert [step.contact for step in plan.steps] == [Who.RESIDENT, Who.DESK]
    assert plan.remind == 3600


def test_who_is_asked_by_voice_only_and_goes_is_told_the_way_and_the_end_by_telephone() -> None:
    li = replace(LI, channels=(Channel.VOICE,))
    plan = Plan(name="mine", signals=("sos",), steps=(Step(contact=Who.NEAREST, wait=60),))
    story = Telling(Circle([li]), plan, "sos").pressed()
    story.happens(Answered(person=li.id, answer=Answer.GO, via="desk", by="Ma"))
    assert story.told(Purpose.DETAILS) == ["li voice"]
    story.happens(Closed(by="Ma", reason="false alarm"))
    assert story.told(Purpose.CLOSED) == ["li voice"]
