"""Where it looked as if somebody had it: a telephone that fails, a second who was coming, an ambulance taken back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from escalation.incident import (
    Answer,
    Answered,
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
from escalation.people import Channel
from tests.support.circles import DESK, LINE, Circle, Telling
from tests.unit.escalation.test_fire_stories import FIRE
from tests.unit.escalation.test_help_is_called_stories import CHEN, DAUGHTER, LI, ZHOU, pressed_again

MEI = Answered(person="operator:mei", answer=Answer.GO, via="desk", by="Mei")
NOT_BREATHING = Said(person="li", name="li", words="she is not breathing", ambulance=True)


def a_press(*, desk: bool = True, line: bool = True) -> Telling:
    return Telling(Circle([LI, CHEN], [DAUGHTER], [LINE] if line else [], desk=[DESK] if desk else [])).pressed()


def refused(press: Telling, who: str, channel: Channel, purpose: Purpose, *, for_now: bool = False) -> list[str]:
    press.happens(Refused(person=who, channel=channel, code="30006", purpose=purpose, for_now=for_now))
    return [f"{e.to.id} {e.channel} {e.purpose}" for e in press.effects if isinstance(e, Send)]


@pytest.mark.parametrize("second", ["operator", "chen", "line"])
def test_hours_after_an_arrival_a_press_reaches_who_is_there_and_the_desk_whoever_else_was_coming(second: str) -> None:
    press = a_press()
    if second == "line":
        press.passes(120).happens(HandedOver(by="line", via="voice"))
    else:
        press.happens(MEI if second == "operator" else Answered(person="chen", answer=Answer.GO, via="voice"))
    press.answers("li", Answer.GO).answers("li", Answer.THERE).passes(5 * 3600)
    assert {"li voice", "desk:0 voice"} <= set(pressed_again(press))
    there = press.incident.status
    assert there is Status.ARRIVED
    pressed_again(press, 3)
    pressed_again(press, 4)
    assert press.incident.status.value == "notifying"


def test_who_is_still_on_the_way_when_another_is_there_is_waited_for_but_not_told_that_she_waits() -> None:
    press = a_press().answers("li", Answer.GO).answers("chen", Answer.GO).answers("li", Answer.THERE)
    press.passes(1700)
    assert press.standing("chen") is Standing.OVERDUE
    assert press.told(Purpose.AGAIN) == []
    assert press.incident.status is Status.ARRIVED


def test_a_press_is_told_to_the_desk_when_who_has_it_can_be_reached_by_nothing() -> None:
    press = a_press().answers("li", Answer.GO)
    assert pressed_again(press) == ["li sms"]
    assert refused(press, "li", Channel.SMS, Purpose.RAISED, for_now=True) == ["li voice raised"]
    assert refused(press, "li", Channel.VOICE, Purpose.RAISED) == ["desk:0 sms raised", "desk:0 voice raised"]
    assert "desk:0 voice" in pressed_again(press, 3)


def test_without_a_desk_everybody_hears_of_a_press_that_who_has_it_cannot_be_told() -> None:
    press = a_press(desk=False).passes(60).answers("daughter", Answer.CANNOT).answers("li", Answer.GO)
    pressed_again(press)
    refused(press, "li", Channel.SMS, Purpose.RAISED)
    assert {"chen", "daughter"} <= {s.split()[0] for s in refused(press, "li", Channel.VOICE, Purpose.RAISED)}
    assert press.standing("daughter") is Standing.ASKED, "else the message would be withdrawn"


def test_a_press_that_waited_in_the_device_says_when_help_was_first_asked_for() -> None:
    press = a_press()
    earlier = press.now - timedelta(hours=2)
    press.happens(Pressed(signal=2, device="bed_button", type="sos", pressed_at=earlier))
    assert press.incident.pressed_at == earlier
    assert press.log[-1].data["pressed_at"] == earlier
    press.happens(Pressed(signal=3, device="bed_button", type="sos", pressed_at=press.now))
    assert press.incident.pressed_at == earlier


@pytest.mark.parametrize("there", [True, False])
def test_an_ambulance_that_is_taken_back_is_asked_for_at_the_desk(there: bool) -> None:  # noqa: FBT001 - a parameter of the story
    press = a_press().passes(120).happens(HandedOver(by="line", via="voice")).answers("li", Answer.GO)
    if there:
        press.answers("li", Answer.THERE)
    press.happens(HandedOver(by="line", via="voice", accepted=False, reason="key 2"))
    assert press.told(Purpose.HANDOFF) == ["desk:0 sms", "desk:0 voice"]
    assert press.incident.handoff is not None
    assert press.incident.handoff.state is HandoffState.QUEUED
    press.happens(HandedOver(by="desk:0", via="voice", accepted=False, reason="key 2"))
    assert press.told(Purpose.HANDOFF_REFUSED) == ["li sms", "li voice"], "who is there can ring the ambulance"


def test_an_operator_who_calls_it_off_has_nobody_rung_again_and_no_late_key_orders_it() -> None:
    press = a_press().answers("li", Answer.GO).answers("li", Answer.THERE).happens(NOT_BREATHING)
    assert "line voice" in press.told(Purpose.HANDOFF)
    press.happens(HandedOver(by="Zhang", via="desk", accepted=False, reason="not needed"))
    assert press.told(Purpose.HANDOFF) == []
    press.happens(HandedOver(by="line", via="voice"))
    assert press.incident.handoff is not None
    assert press.incident.handoff.state is HandoffState.REJECTED


def test_words_that_call_for_an_ambulance_nobody_can_order_are_heard_by_all_who_were_asked() -> None:
    press = a_press(desk=False, line=False).answers("li", Answer.GO).happens(NOT_BREATHING)
    heard = [e for e in press.effects if isinstance(e, Send) and e.purpose is Purpose.SAID]
    assert {(e.to.id, e.channel) for e in heard} == {("chen", Channel.SMS), ("chen", Channel.VOICE)}
    assert {e.words for e in heard} == {"she is not breathing"}


def test_a_hand_off_that_begins_with_somebody_who_goes_is_no_update_of_itself() -> None:
    press = Telling(Circle([LI], [LINE], [CHEN, ZHOU], desk=[DESK]), plan=FIRE, kind="smoke").pressed()
    press.answers("li", Answer.GO)
    assert press.told(Purpose.HANDOFF) == ["line voice"]
    assert press.told(Purpose.HANDOFF_UPDATE) == []
    assert press.incident.handoff is not None
    assert press.incident.handoff.version == 1


def test_a_line_whose_number_is_dead_lets_the_desk_ring_at_once_also_beside_another_step() -> None:
    press = Telling(Circle([LI], [LINE], [CHEN, ZHOU], desk=[DESK]), plan=FIRE, kind="smoke").pressed()
    press.answers("li", Answer.GO)
    press.happens(Refused(person="line", channel=Channel.VOICE, code="21211", dead_number=True))
    assert "desk:0 voice" in press.told(Purpose.HANDOFF)


def test_who_takes_a_fire_at_the_desk_stands_nobody_down() -> None:
    press = Telling(Circle([LI], [LINE], [CHEN, ZHOU], desk=[DESK]), plan=FIRE, kind="smoke").pressed().happens(MEI)
    assert press.told(Purpose.TAKEN) == []
    press.passes(30)
    assert {"chen voice", "zhou voice"} <= set(press.told(Purpose.ASK))


@pytest.mark.parametrize("how", ["withdraws", "is overdue"])
def test_in_fire_all_are_asked_when_nobody_goes_any_more_though_the_brigade_comes(how: str) -> None:
    press = Telling(Circle([LI], [LINE], [CHEN, ZHOU], desk=[DESK]), plan=FIRE, kind="smoke").pressed()
    press.answers("li", Answer.GO).happens(HandedOver(by="line", via="voice"))
    if how == "withdraws":
        press.answers("li", Answer.CANNOT)
    else:
        press.passes(900)
    assert {"chen voice", "zhou voice"} <= set(press.told(Purpose.ASK))


def test_a_desk_rung_for_the_hand_off_is_not_rung_in_other_words_besides() -> None:
    press = Telling(Circle([LI], [DESK], [CHEN, ZHOU], desk=[DESK]), plan=FIRE, kind="smoke").pressed().passes(600)
    assert press.told(Purpose.DESK) == []
    assert "desk:0 voice" in press.told(Purpose.HANDOFF)


@pytest.mark.parametrize("closed", [False, True])
def test_what_a_landline_at_the_desk_cannot_be_texted_is_read_out_to_it(closed: bool) -> None:  # noqa: FBT001 - a parameter of the story
    press = a_press().answers("li", Answer.GO)
    press.happens(Said(person="li", name="li", words="she asks for her insulin"))
    if closed:
        press.incident = replace(press.incident, status=Status.CLOSED)
    text = "li writes about Wang: she asks for her insulin"
    press.happens(Refused(person="desk:0", channel=Channel.SMS, code="30006", purpose=Purpose.SAID, words=text))
    (call,) = [e for e in press.effects if isinstance(e, Send)]
    assert (call.to.id, call.channel, call.purpose, call.words) == ("desk:0", Channel.VOICE, Purpose.SAID, text)


def test_an_alarm_of_a_clock_that_was_ahead_was_not_opened_in_the_future() -> None:
    press = a_press()
    press.now -= timedelta(hours=2)
    press.answers("li", Answer.GO)
    assert press.incident.opened_at == press.now
