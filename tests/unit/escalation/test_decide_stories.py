"""Incidents as stories, in the field's words."""

from __future__ import annotations

from datetime import timedelta

import pytest

from escalation.incident import (
    Answer,
    Answered,
    Closed,
    DeadlineKind,
    DeviceReset,
    Due,
    HandedOver,
    HandoffState,
    Noted,
    Pressed,
    Purpose,
    Recovered,
    Refused,
    Repaired,
    Standing,
    Status,
    Unsend,
)
from escalation.people import Channel, Role
from escalation.plan import Plan, Step, Who
from tests.support.circles import DESK, LINE, START, Circle, Telling, neighbour

LI, CHEN, ZHOU = neighbour("li", 2), neighbour("chen", 3), neighbour("zhou", 5)
DAUGHTER = neighbour("daughter", 25, role=Role.FAMILY)


def a_press() -> Telling:
    return Telling(Circle([LI, CHEN, ZHOU], [DAUGHTER], [LINE])).pressed()


def test_it_asks_the_nearest_at_once_by_text_and_call() -> None:
    press = a_press()
    assert press.incident.status is Status.NOTIFYING
    assert press.told(Purpose.ASK) == ["li sms", "li voice", "chen sms", "chen voice", "zhou sms", "zhou voice"]
    assert press.events() == ["incident.opened", "incident.step"]


def test_it_tells_the_others_when_a_neighbour_goes_and_calls_no_ambulance() -> None:
    press = a_press().answers("li", Answer.GO)
    assert press.incident.status is Status.ACCEPTED
    assert press.told(Purpose.TAKEN) == ["chen sms", "zhou sms"]
    assert press.told(Purpose.DETAILS) == ["li sms"]
    assert Unsend(purpose=Purpose.ASK) in press.effects
    assert press.replies() == ["accepted"]
    press.passes(60)
    assert press.incident.step == 0
    assert press.told(Purpose.HANDOFF) == []


def test_it_goes_from_accepted_to_coming_to_arrived_to_closed() -> None:
    press = a_press().answers("li", Answer.GO)
    press.passes(20).answers("li", Answer.GO)
    assert (press.incident.status, press.replies()) == (Status.COMING, ["coming"])
    press.passes(100).answers("li", Answer.THERE)
    assert (press.incident.status, press.replies()) == (Status.ARRIVED, ["arrived"])
    press.happens(Closed(by="li", reason="helped up, unhurt"))
    assert (press.incident.status, press.replies()) == (Status.CLOSED, ["closed"])
    assert press.incident.deadlines == ()


def test_it_asks_the_next_step_when_nobody_answers_in_time() -> None:
    press = a_press().passes(59)
    assert press.incident.step == 0
    press.passes(1)
    assert press.incident.step == 1
    assert press.told(Purpose.ASK) == ["daughter sms", "daughter voice"]


def test_it_hands_over_to_the_ambulance_when_nobody_answers_at_all() -> None:
    press = a_press().passes(120)
    assert press.told(Purpose.HANDOFF) == ["line voice"]
    assert press.incident.handoff is not None
    press.happens(HandedOver(by="line", via="voice"))
    assert press.incident.handoff.confirmed_by == "line"
    assert press.incident.status is Status.ACCEPTED
    assert press.replies() == ["accepted"]


def test_it_rings_line_and_desk_again_until_a_person_confirms_the_hand_off() -> None:
    press = a_press().passes(120)
    press.passes(120)
    assert press.told(Purpose.HANDOFF) == ["line voice", "desk:0 sms", "desk:0 voice"], "the facts in writing, once"
    for _ in range(5):
        press.passes(120)
        assert press.told(Purpose.HANDOFF) == ["line voice", "desk:0 voice"]
    assert press.incident.handoff is not None
    assert press.incident.handoff.rings == 7


def test_it_falls_back_to_the_desk_when_the_hand_off_is_rejected() -> None:
    press = a_press().passes(120).happens(HandedOver(by="line", via="voice", accepted=False, reason="no vehicle"))
    assert "handoff.rejected" in press.events()
    assert press.told(Purpose.DESK) == ["desk:0 sms", "desk:0 voice"]


@pytest.mark.parametrize(("by", "via"), [("line", "sms"), ("Ma Li", "desk")])
def test_an_ambulance_that_is_called_off_again_is_nobody_on_the_way(by: str, via: str) -> None:
    """Whoever texted 1 for "I take it" and had confirmed the hand-off with it hears so, and can take it back."""
    press = a_press().passes(120).happens(HandedOver(by="line", via="voice"))
    press.happens(HandedOver(by=by, via=via, accepted=False, reason="reply 2"))
    assert press.incident.status is Status.NOTIFYING
    takes_it_up = by == "line"  # an operator knows why
    words = Purpose.HANDOFF if takes_it_up else Purpose.DESK
    assert press.told(words)[:2] == ["desk:0 sms", "desk:0 voice"]
    assert press.incident.handoff is not None
    assert press.incident.handoff.state is (HandoffState.QUEUED if takes_it_up else HandoffState.REJECTED)
    assert press.incident.deadlines


def test_somebody_elses_late_no_does_not_undo_a_confirmed_hand_off() -> None:
    press = a_press().passes(120).happens(HandedOver(by="line", via="voice"))
    press.happens(HandedOver(by="desk:0", via="voice", accepted=False, reason="key 2"))
    assert press.incident.status is Status.ACCEPTED
    assert press.incident.handoff is not None
    assert press.incident.handoff.state is HandoffState.ACCEPTED


def test_who_goes_is_waited_for_when_the_ambulance_is_called_off() -> None:
    press = a_press().passes(120).happens(HandedOver(by="line", via="voice")).answers("li", Answer.GO)
    press.happens(HandedOver(by="line", via="sms", accepted=False, reason="reply 2"))
    assert press.incident.status is Status.ACCEPTED
    assert {deadline.person for deadline in press.incident.deadlines} == {"li", ""}, "and the desk takes it up"
    assert press.told(Purpose.HANDOFF) == ["desk:0 sms", "desk:0 voice"]


def test_it_rings_the_desk_without_end_when_no_ambulance_is_configured() -> None:
    press = Telling(Circle([LI], [], [])).pressed().passes(60)
    assert press.told(Purpose.DESK) == ["desk:0 sms", "desk:0 voice"]
    for _ in range(30):
        press.passes(60)
        assert press.told(Purpose.DESK) == ["desk:0 voice"]
    press.answers("desk:0", Answer.GO)
    assert press.incident.status is Status.ACCEPTED


def test_it_rings_the_neighbours_again_when_even_the_desk_is_empty() -> None:
    press = Telling(Circle([LI], [], [], desk=[])).pressed().passes(60)
    assert press.events()[-1] == "incident.gap"
    press.passes(60)
    assert press.told(Purpose.ASK) == ["li voice"]


def test_it_skips_an_empty_step_at_once_and_logs_the_gap() -> None:
    press = Telling(Circle([], [DAUGHTER], [LINE])).pressed()
    assert press.incident.step == 1
    assert press.events() == ["incident.opened", "incident.gap", "incident.step"]


def test_it_goes_on_when_the_neighbour_who_accepted_never_arrives() -> None:
    press = a_press().answers("li", Answer.GO).passes(300)
    assert "incident.overdue" in press.events()
    assert press.standing("li") is Standing.OVERDUE
    assert press.told(Purpose.AGAIN) == ["li sms", "li voice"]
    assert press.incident.status is Status.NOTIFYING


def test_it_asks_those_again_who_were_told_that_they_need_not_go() -> None:
    """Found in the demo: the two nearest had one call each and were never asked again, up to the ambulance."""
    press = a_press().answers("li", Answer.GO).passes(300)
    assert press.told(Purpose.ASK) == [
        *("chen sms", "chen voice", "zhou sms", "zhou voice"),
        *("daughter sms", "daughter voice"),
    ]


def test_it_believes_the_overdue_neighbour_who_says_again_that_she_goes() -> None:
    press = a_press().answers("li", Answer.GO).passes(300).answers("li", Answer.GO)
    assert press.incident.status is Status.ACCEPTED
    assert press.told(Purpose.TAKEN) == ["chen sms", "zhou sms", "daughter sms"]


def test_it_goes_on_at_once_when_who_accepted_cannot_come_after_all() -> None:
    press = a_press().answers("li", Answer.GO).answers("li", Answer.CANNOT)
    assert press.incident.step == 1
    assert press.incident.status is Status.NOTIFYING


def test_it_goes_on_at_once_when_everybody_of_the_step_has_declined() -> None:
    press = a_press().answers("li", Answer.CANNOT).answers("chen", Answer.CANNOT)
    assert press.incident.step == 0
    press.answers("zhou", Answer.CANNOT)
    assert press.incident.step == 1


def test_it_asks_the_next_nearest_in_the_place_of_one_who_declined() -> None:
    wu = neighbour("wu", 8)
    press = Telling(Circle([LI, CHEN, ZHOU, wu], [DAUGHTER], [LINE])).pressed().answers("li", Answer.CANNOT)
    assert press.told(Purpose.ASK) == ["wu sms", "wu voice"]
    assert press.incident.step == 0


def test_it_keeps_a_second_helper_and_does_not_go_on_when_only_the_first_fails() -> None:
    press = a_press().answers("li", Answer.GO).answers("chen", Answer.GO)
    assert press.told(Purpose.TAKEN) == []
    press.answers("li", Answer.CANNOT)
    assert press.incident.status is Status.ACCEPTED
    assert press.incident.step == 0
    assert [d.person for d in press.incident.deadlines] == ["chen"]


def test_it_asks_another_at_once_when_a_number_is_dead() -> None:
    press = a_press().happens(Refused(person="li", channel=Channel.SMS, code="21211", dead_number=True))
    assert press.standing("li") is Standing.UNREACHABLE
    assert press.log[-1].event == "incident.gap"


def test_it_calls_who_cannot_be_texted() -> None:
    texted = neighbour("li", by=(Channel.SMS,))
    press = Telling(Circle([texted], [DAUGHTER], [LINE])).pressed()
    press.happens(Refused(person="li", channel=Channel.SMS, code="21610"))
    assert press.told(Purpose.ASK) == ["li voice"]
    assert press.standing("li") is Standing.ASKED


def test_it_takes_a_late_yes_from_someone_who_first_declined_or_was_unreachable() -> None:
    press = a_press().answers("li", Answer.CANNOT).answers("li", Answer.GO)
    assert press.incident.status is Status.ACCEPTED


def test_it_rings_again_at_the_second_press_and_brings_the_next_step_at_the_third() -> None:
    press = a_press().happens(Pressed(signal=2, device="bed_button", type="sos"))
    assert press.told(Purpose.ASK) == ["li voice", "chen voice", "zhou voice"]
    press.happens(Pressed(signal=3, device="bed_button", type="sos"))
    assert press.incident.step == 1
    assert press.incident.presses == 3


def test_it_tells_who_is_coming_that_she_pressed_again() -> None:
    press = a_press().answers("li", Answer.GO).happens(Pressed(signal=2, device="bed_button", type="sos"))
    assert press.told(Purpose.RAISED) == ["li sms"]


def test_a_device_reset_is_a_fact_and_not_the_end() -> None:
    press = a_press().happens(DeviceReset(signal=2, device="bed_button"))
    assert press.incident.status is Status.NOTIFYING
    assert press.log[-1].data["reset"] is True


def test_a_note_changes_nothing_else() -> None:
    press = a_press()
    before = press.incident
    assert press.happens(Noted(by="desk", text="heard her voice")).incident == before


def test_closing_before_the_hand_off_is_confirmed_cancels_it() -> None:
    press = a_press().passes(120).happens(Closed(by="desk", reason="false alarm, spoke to her"))
    assert press.told(Purpose.HANDOFF_CANCEL) == ["line voice"]
    assert "handoff.cancelled" in press.events()


@pytest.mark.parametrize(("cancel", "told"), [(False, []), (True, ["line voice"])])
def test_a_confirmed_ambulance_is_only_cancelled_when_the_operator_says_so(cancel: bool, told: list[str]) -> None:  # noqa: FBT001 - a table
    press = a_press().passes(120).happens(HandedOver(by="line", via="voice"))
    press.happens(Closed(by="desk", reason="she is well", cancel_ambulance=cancel))
    assert press.told(Purpose.HANDOFF_CANCEL) == told


def test_it_updates_the_hand_off_when_somebody_comes_after_all() -> None:
    sms_line = neighbour("line", 0, role=Role.DISPATCH)
    press = Telling(Circle([LI], [], [sms_line])).pressed().passes(60).answers("li", Answer.GO)
    assert press.told(Purpose.HANDOFF_UPDATE) == ["line sms"]
    assert press.incident.handoff is not None
    assert press.incident.handoff.version == 2


def test_an_ambulance_that_does_not_arrive_brings_the_desk() -> None:
    press = a_press().passes(120).happens(HandedOver(by="line", via="voice")).passes(1800)
    assert press.told(Purpose.DESK) == ["desk:0 sms", "desk:0 voice"]


def test_it_reminds_the_desk_of_an_incident_nobody_closed() -> None:
    press = a_press().answers("li", Answer.GO).answers("li", Answer.THERE).passes(1800)
    assert press.told(Purpose.AFTERCARE) == ["desk:0 sms", "desk:0 voice"]


def test_whoever_takes_it_at_the_desk_holds_it_for_a_while_only() -> None:
    press = Telling(Circle([], [], [])).pressed().answers("desk:0", Answer.GO).passes(15 * 60)
    assert press.standing("desk:0") is Standing.OVERDUE
    assert press.incident.status is Status.NOTIFYING


def test_an_answer_after_the_end_is_on_record_and_changes_nothing() -> None:
    press = a_press().happens(Closed(by="desk", reason="false alarm"))
    before = press.incident
    press.answers("li", Answer.GO)
    assert press.incident == before
    assert press.log[-1].data["after_close"] is True


def test_a_deadline_that_another_event_overtook_does_nothing() -> None:
    press = a_press().answers("li", Answer.GO)
    before = press.incident
    press.happens(Due(kind=DeadlineKind.STEP, due_at=START + timedelta(seconds=60)))
    assert press.incident == before
    assert press.effects == ()


def test_the_auditors_repair_gives_an_incident_its_clock_back() -> None:
    press = a_press()
    press.incident = type(press.incident)(
        **{f: getattr(press.incident, f) for f in press.incident.__struct_fields__} | {"deadlines": ()}
    )
    press.happens(Repaired(found="none"))
    assert press.incident.deadlines
    assert press.incident.step == 1


def test_an_operator_can_take_it_without_having_been_asked() -> None:
    press = a_press().answers("operator:Zhang", Answer.GO, via="desk")
    assert press.incident.status is Status.ACCEPTED
    assert press.standing("operator:Zhang") is Standing.ACCEPTED


def test_a_step_with_repeat_rings_those_who_have_not_answered_again() -> None:
    plan = Plan(name="p", signals=("sos",), steps=(Step(contact=Who.NEAREST, wait=100, repeat=30),))
    press = Telling(Circle([LI, CHEN]), plan).pressed().answers("chen", Answer.CANNOT).passes(30)
    assert press.told(Purpose.ASK) == ["li voice"]


def test_the_desk_as_a_step_of_its_own_is_asked_in_the_desks_words() -> None:
    plan = Plan(name="p", signals=("sos",), steps=(Step(contact=Who.DESK, wait=60),))
    press = Telling(Circle([DESK]), plan).pressed()
    assert press.told(Purpose.DESK) == ["desk:0 sms", "desk:0 voice"]


def test_who_still_comes_is_waited_for_when_the_first_at_the_door_leaves_again() -> None:
    """Found by Hypothesis: the arrival of one had cleared the deadline of the other."""
    press = a_press().answers("li", Answer.GO).answers("zhou", Answer.THERE).answers("zhou", Answer.CANNOT)
    assert press.incident.status is Status.ACCEPTED
    assert [d.person for d in press.incident.deadlines if d.kind is DeadlineKind.ARRIVAL] == ["li"]


def test_the_auditors_repair_takes_nothing_from_who_is_on_the_way() -> None:
    press = a_press().answers("li", Answer.GO).happens(Repaired(found="too far"))
    assert press.incident.status is Status.ACCEPTED
    assert press.incident.step == 0


def test_the_desk_is_rung_even_after_each_of_its_channels_refused_once() -> None:
    """Found by Hypothesis: a desk whose numbers had refused was never rung again."""
    press = Telling(Circle([], [], [])).pressed()
    for channel in Channel:
        press.happens(Refused(person="desk:0", channel=channel, code="30006"))
    assert press.passes(60).told(Purpose.DESK) == ["desk:0 voice"]


def test_a_second_ambulance_step_does_not_ring_a_line_that_has_taken_it() -> None:
    plan = Plan(name="p", signals=("sos",), steps=(Step(contact=Who.AMBULANCE), Step(contact=Who.AMBULANCE)))
    press = Telling(Circle([LINE], [LINE]), plan).pressed().happens(HandedOver(by="line", via="voice")).passes(1800)
    assert press.told(Purpose.HANDOFF) == []
    assert press.told(Purpose.DESK) == ["desk:0 sms", "desk:0 voice"]


def test_a_rejected_hand_off_is_tried_anew_by_a_later_ambulance_step() -> None:
    steps = (Step(contact=Who.AMBULANCE), Step(contact=Who.NEAREST), Step(contact=Who.AMBULANCE))
    press = Telling(Circle([LINE], [LI], [LINE]), Plan(name="p", signals=("sos",), steps=steps)).pressed()
    press.happens(HandedOver(by="line", via="voice", accepted=False, reason="no vehicle"))
    assert press.incident.handoff is not None
    assert press.incident.handoff.state is HandoffState.REJECTED
    assert press.told(Purpose.ASK) == ["li sms", "li voice"]
    press.passes(60)
    assert press.told(Purpose.HANDOFF) == ["line voice"]
    assert (press.incident.handoff.state, press.incident.handoff.version) == (HandoffState.QUEUED, 2)


def test_who_lives_too_far_away_is_welcome_and_stops_nothing() -> None:
    """A son a thousand kilometres away said "I go", and everything stood still for two days."""
    son = neighbour("son", 600, role=Role.FAMILY)
    press = Telling(Circle([son], [LI], [LINE])).pressed().answers("son", Answer.GO)
    assert press.standing("son") is Standing.FOLLOWS
    assert press.told(Purpose.DETAILS) == ["son sms"]
    assert press.told(Purpose.ASK) == ["li sms", "li voice"]
    assert press.incident.status is Status.NOTIFYING
    press.passes(60)
    assert press.told(Purpose.HANDOFF) == ["line voice"]


def test_who_goes_to_another_home_already_is_not_waited_for() -> None:
    press = a_press().happens(Answered(person="li", answer=Answer.GO, via="voice", engaged=True))
    assert press.standing("li") is Standing.FOLLOWS
    press.passes(60)
    assert press.incident.step == 1


def test_who_follows_and_arrives_first_is_there() -> None:
    press = a_press().happens(Answered(person="li", answer=Answer.GO, via="voice", engaged=True))
    press.answers("li", Answer.THERE)
    assert press.incident.status is Status.ARRIVED


def test_a_dead_ambulance_line_brings_the_desk_at_once() -> None:
    press = a_press().passes(120)
    press.happens(Refused(person="line", channel=Channel.VOICE, code="21211", dead_number=True))
    assert "desk:0 voice" in press.told(Purpose.HANDOFF)


QUIET = Plan(name="technical", signals=("silent",), steps=(), remind=7200)


def test_a_device_silent_again_takes_nothing_from_whoever_has_it_in_hand() -> None:
    """Found by Hypothesis: it was asked anew of everybody, and who had it in hand was waited for no more."""
    quiet = Telling(Circle(), QUIET).pressed().happens(Recovered(what="bed")).answers("desk:0", Answer.GO)
    quiet.happens(Pressed(signal=2, device="bed", type="silent"))
    assert quiet.incident.status is Status.ACCEPTED
    assert quiet.told(Purpose.RAISED) == ["desk:0 sms"]


def test_a_quiet_plan_calls_a_desk_that_cannot_be_texted() -> None:
    quiet = Telling(Circle(), QUIET).pressed()
    assert quiet.told(Purpose.DESK) == ["desk:0 sms"]
    quiet.happens(Refused(person="desk:0", channel=Channel.SMS, code="30006")).passes(7200)
    assert quiet.told(Purpose.DESK) == ["desk:0 voice"]


def test_a_resident_who_was_not_asked_ends_nothing() -> None:
    wang = neighbour("resident:wang", role=Role.RESIDENT)
    press = Telling(Circle([LI], [wang])).pressed().answers("resident:wang", Answer.WELL)
    assert press.incident.status is Status.NOTIFYING
    assert [p.who.id for p in press.incident.participants] == ["li"]
