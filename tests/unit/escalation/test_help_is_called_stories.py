"""Help that was not called, or was stopped wrongly: each a story that once ended in silence."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from escalation.incident import (
    Answer,
    Answered,
    DeadlineKind,
    Due,
    HandedOver,
    HandoffState,
    Pressed,
    Purpose,
    Refused,
    Said,
    Send,
    Standing,
    Status,
)
from escalation.people import Channel, Choice, Role
from escalation.plan import Plan, Step, Who
from tests.support.circles import DESK, LINE, START, WANG, Circle, Telling, neighbour

LI, CHEN, ZHOU = neighbour("li", 2), neighbour("chen", 3), neighbour("zhou", 5)
DAUGHTER = neighbour("daughter", 25, role=Role.FAMILY)
DESK_2 = replace(DESK, id="desk:1", name="second desk")
VERIFY = Plan(
    name="verify",
    signals=("inactivity",),
    steps=(Step(contact=Who.RESIDENT, wait=60), Step(contact=Who.CONTACTS, wait=120)),
)


def a_hand_off(*, desk: tuple[str, ...] = ("desk:0",)) -> Telling:
    """Nobody went; the line rings."""
    desks = [one for one in (DESK, DESK_2) if one.id in desk]
    return Telling(Circle([LI, CHEN], [DAUGHTER], [LINE], desk=desks)).pressed().passes(120)


def pressed_again(telling: Telling, signal: int = 2) -> list[str]:
    """Who is sent anything at all, each channel once."""
    telling.happens(Pressed(signal=signal, device="bed_button", type="sos"))
    return [f"{e.to.id} {e.channel}" for e in telling.effects if isinstance(e, Send)]


# ---------------------------------------------------------------- whose the hand-off is


def test_a_neighbour_whom_the_operator_enters_in_the_ambulance_step_is_no_line() -> None:
    press = a_hand_off().answers("zhou", Answer.CANNOT, via="desk").passes(120)
    assert press.told(Purpose.HANDOFF) == ["line voice", "desk:0 sms", "desk:0 voice"]


@pytest.mark.parametrize("who", ["li", "zhou", "stranger", "resident:wang"])
@pytest.mark.parametrize("accepted", [True, False])
def test_nobody_confirms_a_hand_off_that_was_not_queued_to_them(who: str, accepted: bool) -> None:  # noqa: FBT001 - a table
    press = a_hand_off()
    before = press.incident
    press.happens(HandedOver(by=who, via="voice", accepted=accepted))
    assert press.incident == before
    assert press.log[-1].event == "incident.noted"


def test_an_operator_confirms_a_hand_off_that_was_queued_to_nobody() -> None:
    press = Telling(Circle([LI])).pressed().happens(HandedOver(by="operator:Ma", via="desk"))
    assert press.incident.handoff is not None
    assert press.incident.handoff.state is HandoffState.ACCEPTED


def test_a_no_of_the_desk_leaves_the_line_ringing() -> None:
    press = a_hand_off().passes(120).happens(HandedOver(by="desk:0", via="voice", accepted=False, reason="key 2"))
    assert press.incident.handoff is not None
    assert press.incident.handoff.state is HandoffState.QUEUED
    assert press.passes(120).told(Purpose.HANDOFF) == ["line voice"]
    press.happens(HandedOver(by="line", via="voice"))
    assert press.incident.status is Status.ACCEPTED


def test_a_no_of_the_line_leaves_both_desks_ringing_and_they_are_told_of_it() -> None:
    press = a_hand_off(desk=("desk:0", "desk:1")).passes(120)
    press.happens(HandedOver(by="line", via="voice", accepted=False, reason="key 2"))
    assert press.told(Purpose.HANDOFF_REFUSED) == ["desk:0 sms", "desk:1 sms"]
    assert press.passes(120).told(Purpose.HANDOFF) == ["desk:0 voice", "desk:1 voice"]


def test_when_everybody_it_was_queued_to_said_no_the_next_begins_and_only_once() -> None:
    steps = (
        Step(contact=Who.AMBULANCE, wait=60),
        Step(contact=Who.NEAREST, wait=60),
        Step(contact=Who.CIRCLE, wait=60),
    )
    press = Telling(Circle([LINE, DESK], [LI], [CHEN]), Plan(name="p", signals=("sos",), steps=steps)).pressed()
    press.happens(HandedOver(by="line", via="voice", accepted=False)).happens(
        HandedOver(by="desk:0", via="voice", accepted=False)
    )
    assert press.incident.handoff is not None
    assert (press.incident.handoff.state, press.incident.step) == (HandoffState.REJECTED, 1)
    press.happens(HandedOver(by="desk:0", via="voice", accepted=False))
    press.happens(HandedOver(by="line", via="sms", accepted=False))
    assert press.incident.step == 1


def test_a_yes_after_a_no_is_a_yes() -> None:
    press = a_hand_off().happens(HandedOver(by="line", via="voice", accepted=False))
    press.happens(HandedOver(by="line", via="voice"))
    assert press.incident.handoff is not None
    assert press.incident.handoff.state is HandoffState.ACCEPTED


def test_an_operator_who_says_that_the_ambulance_refused_ends_the_ringing() -> None:
    press = a_hand_off().passes(120).happens(HandedOver(by="operator:Ma", via="desk", accepted=False, reason="no car"))
    assert press.incident.handoff is not None
    assert press.incident.handoff.state is HandoffState.REJECTED
    assert press.told(Purpose.DESK) == ["desk:0 sms", "desk:0 voice"]


# ---------------------------------------------------------------- the clock of the hand-off is not the plan's


def test_a_hand_off_that_still_rings_does_not_hurry_the_steps_behind_it() -> None:
    steps = (Step(contact=Who.AMBULANCE, wait=60), *(Step(contact=Who.NEAREST, wait=300) for _ in range(3)))
    press = Telling(Circle([LINE], [LI], [CHEN], [ZHOU]), Plan(name="p", signals=("sos",), steps=steps)).pressed()
    press.passes(60)
    assert press.incident.step == 1
    press.passes(299)
    assert press.incident.step == 1
    press.passes(1)
    assert press.incident.step == 2


def test_a_deadline_that_came_with_another_is_not_the_next_steps() -> None:
    plan = Plan(name="p", signals=("sos",), steps=tuple(Step(contact=Who.NEAREST, wait=60, repeat=60) for _ in "ab"))
    press = Telling(Circle([LI], [CHEN]), plan).pressed()
    press.now = START + timedelta(seconds=60)
    for deadline in press.incident.deadlines:
        press.happens(Due(kind=deadline.kind, due_at=deadline.due_at))
        if deadline.kind is DeadlineKind.REPEAT:
            assert press.told(Purpose.ASK) == ["li voice"] or press.effects == ()
    press.happens(Due(kind=DeadlineKind.STEP, due_at=START + timedelta(seconds=60)))
    assert press.incident.step == 1


# ---------------------------------------------------------------- she presses again while somebody has it


def test_pressing_again_after_a_confirmed_hand_off_rings_the_desk_and_tells_the_line() -> None:
    press = a_hand_off().happens(HandedOver(by="line", via="voice"))
    assert set(pressed_again(press)) == {"desk:0 sms", "desk:0 voice", "line voice"}
    assert press.told(Purpose.HANDOFF_UPDATE) == ["line voice"]


def test_pressing_again_after_an_operator_took_it_rings_the_desk() -> None:
    press = Telling(Circle([LI])).pressed().answers("operator:Zhang", Answer.GO, via="desk")
    assert pressed_again(press) == ["desk:0 sms", "desk:0 voice"]


def test_pressing_again_calls_who_can_only_be_called() -> None:
    voice = neighbour("li", by=(Channel.VOICE,))
    press = Telling(Circle([voice])).pressed().answers("li", Answer.GO)
    assert pressed_again(press) == ["li voice"]


def test_pressing_again_after_the_arrival_calls_who_is_there_and_the_desk() -> None:
    press = Telling(Circle([LI], [DAUGHTER], [LINE])).pressed().answers("li", Answer.THERE).passes(60)
    assert pressed_again(press) == ["li sms", "li voice", "desk:0 sms", "desk:0 voice"]
    assert press.incident.status is Status.ARRIVED


def test_the_third_press_after_the_arrival_goes_on_with_the_plan() -> None:
    press = Telling(Circle([LI], [DAUGHTER], [LINE])).pressed().answers("li", Answer.THERE)
    for signal in (2, 3, 4):
        pressed_again(press, signal)
    assert (press.incident.status, press.incident.step) == (Status.NOTIFYING, 1)
    assert press.standing("li") is Standing.ARRIVED, "nobody knows that he left"
    assert press.told(Purpose.ASK) == ["daughter sms", "daughter voice"]
    press.answers("daughter", Answer.GO)
    assert press.incident.status is Status.ACCEPTED


def test_who_has_it_and_takes_no_texts_is_called_when_she_presses_again() -> None:
    """Seed 36 of the simulation: one text had failed, and of four more presses nobody heard."""
    press = Telling(Circle([LI])).pressed().answers("li", Answer.GO)
    press.happens(Refused(person="li", channel=Channel.SMS, code="21610"))
    assert pressed_again(press) == ["li voice"]


def test_a_fire_stands_nobody_down_when_every_step_is_over_and_the_brigade_is_confirmed() -> None:
    fire = Plan(name="fire", signals=("smoke",), steps=(Step(contact=Who.NEAREST, wait=60),), keep_asking=True)
    press = Telling(Circle([LI]), fire, kind="smoke").pressed().passes(61)
    press.happens(HandedOver(by="Zhang", via="desk"))
    assert press.told(Purpose.TAKEN) == []


def test_nobody_but_a_desk_that_is_there_for_nobody_leaves_a_press_without_an_answer() -> None:
    press = Telling(Circle([LI], desk=[])).pressed().answers("operator:Zhang", Answer.GO, via="desk")
    assert pressed_again(press) == ["li sms", "li voice"]


# ---------------------------------------------------------------- the resident says so herself


def test_her_own_cry_for_help_while_somebody_has_it_is_a_press() -> None:
    people = Circle([WANG], [DAUGHTER, LI])
    press = Telling(people, VERIFY, kind="inactivity").pressed().passes(60).answers("li", Answer.GO)
    press.answers("resident:wang", Answer.CANNOT)
    assert press.incident.presses == 2
    assert press.told(Purpose.RAISED) == ["li sms"]


def test_her_own_cry_for_help_while_others_are_asked_rings_them_again() -> None:
    press = Telling(Circle([WANG], [DAUGHTER, LI]), VERIFY, kind="inactivity").pressed().passes(60)
    press.answers("resident:wang", Answer.CANNOT)
    assert press.told(Purpose.ASK) == ["daughter voice", "li voice"]


# ---------------------------------------------------------------- a channel that failed


@pytest.mark.parametrize("who", ["line", "desk:0"])
def test_line_and_desk_are_rung_again_by_voice_whatever_became_of_the_last_call(who: str) -> None:
    press = a_hand_off().passes(120).happens(Refused(person=who, channel=Channel.VOICE, code="30008"))
    assert f"{who} voice" in press.passes(120).told(Purpose.HANDOFF)


def test_who_has_only_texts_and_cannot_be_texted_is_called_each_time() -> None:
    texted = neighbour("li", by=(Channel.SMS,))
    plan = Plan(name="p", signals=("sos",), steps=(Step(contact=Who.NEAREST, wait=600, repeat=60),))
    press = Telling(Circle([texted]), plan).pressed().happens(Refused(person="li", channel=Channel.SMS, code="30006"))
    assert press.told(Purpose.ASK) == ["li voice"]
    assert press.passes(60).told(Purpose.ASK) == ["li voice"]


def for_now(press: Telling, who: str, channel: Channel, purpose: Purpose | None = None) -> Telling:
    """A handset that is off, a full queue, a call that failed and no more was said."""
    return press.happens(Refused(person=who, channel=channel, code="30003", for_now=True, purpose=purpose))


def test_what_failed_for_now_closes_nothing_and_is_tried_again() -> None:
    plan = Plan(name="p", signals=("sos",), steps=(Step(contact=Who.NEAREST, wait=600, repeat=60),))
    press = for_now(Telling(Circle([LI]), plan).pressed(), "li", Channel.VOICE)
    (li,) = press.incident.participants
    assert (li.failed, li.standing) == ((), Standing.ASKED)
    assert press.passes(60).told(Purpose.ASK) == ["li voice"]


def test_a_text_refused_for_now_costs_nobody_the_way_in() -> None:
    press = for_now(Telling(Circle([LI])).pressed(), "li", Channel.SMS).answers("li", Answer.GO)
    assert press.told(Purpose.DETAILS) == ["li sms"]


def test_who_has_only_texts_is_called_too_each_time_after_one_was_refused_for_now() -> None:
    texted = neighbour("li", by=(Channel.SMS,))
    plan = Plan(name="p", signals=("sos",), steps=(Step(contact=Who.NEAREST, wait=600, repeat=60),))
    press = for_now(Telling(Circle([texted]), plan).pressed(), "li", Channel.SMS)
    assert press.told(Purpose.ASK) == ["li voice"]
    assert press.passes(60).told(Purpose.ASK) == ["li voice"]


def test_who_can_be_reached_by_nothing_for_now_holds_nobody_up_and_is_rung_on() -> None:
    press = Telling(Circle([LI], [CHEN])).pressed()
    for channel in (Channel.SMS, Channel.VOICE):
        for_now(press, "li", channel)
    assert press.told(Purpose.ASK) == ["chen sms", "chen voice"]
    assert press.standing("li") is Standing.ASKED
    press.happens(Pressed(signal=2, device="bed_button", type="sos"))
    assert "li voice" in press.told(Purpose.ASK)


def test_it_is_no_news_twice_that_somebody_cannot_be_reached_for_now() -> None:
    press = Telling(Circle([LI], [CHEN], [ZHOU])).pressed()
    for channel in (Channel.SMS, Channel.VOICE, Channel.SMS, Channel.VOICE):
        for_now(press, "li", channel)
    assert press.incident.step == 1


def test_who_goes_and_turns_out_never_to_get_texts_is_rung_for_the_way_in() -> None:
    press = Telling(Circle([LI])).pressed().answers("li", Answer.GO)
    press.happens(Refused(person="li", channel=Channel.SMS, code="30006", purpose=Purpose.DETAILS))
    assert press.told(Purpose.DETAILS) == ["li voice"]


@pytest.mark.parametrize(("via", "told"), [("desk", ["li voice"]), ("voice", [])])
def test_who_can_never_be_texted_hears_the_way_in_once(via: str, told: list[str]) -> None:
    press = Telling(Circle([LI])).pressed().happens(Refused(person="li", channel=Channel.SMS, code="30006"))
    assert press.answers("li", Answer.GO, via=via).told(Purpose.DETAILS) == told


# ---------------------------------------------------------------- nobody is on the way any more


def test_who_is_overdue_is_coming_no_more_though_another_has_accepted() -> None:
    far = neighbour("far", 12)
    press = Telling(Circle([LI, far])).pressed().answers("li", Answer.GO).answers("li", Answer.GO)
    press.passes(200).answers("far", Answer.GO)
    press.passes(150)
    assert press.standing("li") is Standing.OVERDUE
    assert press.incident.status is Status.ACCEPTED
    assert press.replies() == ["accepted"]


@pytest.mark.parametrize("ends", ["overdue", "withdraws"])
def test_a_lamp_that_says_coming_goes_back_when_nobody_comes(ends: str) -> None:
    press = Telling(Circle([LI], [CHEN])).pressed().answers("li", Answer.GO).answers("li", Answer.GO)
    press = press.answers("li", Answer.CANNOT) if ends == "withdraws" else press.passes(600)
    assert press.incident.status is Status.NOTIFYING
    assert press.replies() == ["kept"]


# ---------------------------------------------------------------- those asked said no


def test_with_no_desk_and_only_noes_those_who_said_no_are_rung_again() -> None:
    press = Telling(Circle([LI, CHEN], desk=[])).pressed().answers("li", Answer.CANNOT).answers("chen", Answer.CANNOT)
    assert press.passes(60).told(Purpose.ASK) == ["li voice", "chen voice"]
    assert press.standing("li") is Standing.ASKED
    assert press.passes(60).told(Purpose.ASK) == ["li voice", "chen voice"]


def test_a_press_with_no_desk_and_only_noes_rings_somebody() -> None:
    press = Telling(Circle([LI], desk=[])).pressed().answers("li", Answer.CANNOT)
    assert pressed_again(press) == ["li voice"]


class Desks(Circle):
    """A directory whose desk is never silent: where all of it declined, they are offered again."""

    def choose(self, incident: object, step: int) -> Choice:
        return Choice(chosen=tuple(self.steps[step]))


def test_the_desk_that_has_just_said_no_is_not_its_own_replacement() -> None:
    plan = Plan(
        name="p", signals=("sos",), steps=(Step(contact=Who.DESK, wait=60), Step(contact=Who.CONTACTS, wait=60))
    )
    press = Telling(Desks([DESK], [DAUGHTER]), plan).pressed().answers("desk:0", Answer.CANNOT)
    assert press.told(Purpose.ASK) == ["daughter sms", "daughter voice"]
    assert not [entry for entry in press.log if entry.data.get("instead")]


def test_who_is_asked_already_is_not_the_replacement_either() -> None:
    plan = Plan(
        name="p", signals=("sos",), steps=(Step(contact=Who.DESK, wait=60), Step(contact=Who.CONTACTS, wait=60))
    )
    press = Telling(Desks([DESK, DESK_2], [DAUGHTER]), plan).pressed().answers("desk:0", Answer.CANNOT)
    assert press.told(Purpose.DESK) == []
    assert press.incident.step == 0
    press.happens(Answered(person="desk:1", answer=Answer.CANNOT, via="voice"))
    assert press.told(Purpose.ASK) == ["daughter sms", "daughter voice"]


# ---------------------------------------------------------------- a hand-off nobody takes, while somebody goes


def test_a_hand_off_that_the_line_refuses_while_somebody_is_there_rings_the_desk_with_it() -> None:
    """Who stood at the door called for the ambulance; the line said no, and nobody was rung."""
    press = Telling(Circle([LI], [], [LINE])).pressed().answers("li", Answer.THERE)
    press.happens(Said(person="li", name="li", via="sms", words="she does not breathe", ambulance=True))
    assert press.told(Purpose.HANDOFF) == ["line voice"]
    press.happens(HandedOver(by="line", via="voice", accepted=False))
    assert press.told(Purpose.HANDOFF) == ["desk:0 sms", "desk:0 voice"]
    press.happens(HandedOver(by="desk:0", via="voice"))
    assert press.incident.handoff is not None
    assert press.incident.handoff.state is HandoffState.ACCEPTED


def test_when_the_desk_refuses_it_too_the_other_desk_hears_that_nobody_has_it() -> None:
    press = Telling(Circle([LI], [], [LINE], desk=[DESK, DESK_2])).pressed().answers("li", Answer.THERE)
    press.happens(Said(person="li", name="li", via="sms", words="she does not breathe", ambulance=True))
    for who in ("line", "desk:0", "desk:1"):
        press.happens(HandedOver(by=who, via="voice", accepted=False))
    assert press.incident.handoff is not None
    assert press.incident.handoff.state is HandoffState.REJECTED
    assert press.told(Purpose.HANDOFF_REFUSED) == ["desk:0 sms"]


@pytest.mark.parametrize("answer", [Answer.CANNOT, Answer.WELL])
def test_her_answer_ends_her_step_although_a_neighbour_said_no_of_himself(answer: Answer) -> None:
    """He was entered while only she was asked: then nobody was asked any more until her time was over."""
    press = Telling(Circle([WANG], [DAUGHTER]), VERIFY, kind="inactivity").pressed().answers("li", Answer.CANNOT)
    press.answers("resident:wang", answer)
    assert press.told(Purpose.ASK) == ["daughter sms", "daughter voice"]
