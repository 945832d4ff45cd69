"""Whatever is said is true when it is heard: who goes, who has it, what was ordered, and whom the line was told of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from msgspec.structs import replace

from alarmd.languages import texts
from escalation import calls, handoff, wording
from escalation.incident import (
    Answer,
    Answered,
    Closed,
    HandedOver,
    HandoffState,
    Log,
    Pressed,
    Purpose,
    Refused,
    Send,
    Standing,
    Status,
)
from escalation.menu import Key
from escalation.people import Candidate, Channel, Resident, Role
from escalation.plan import Plan, Step, Who
from escalation.wording import Facts, Texts
from tests.support.circles import BOTH as BY_BOTH
from tests.support.circles import DESK, LINE, START, Circle, Telling, neighbour

LI, CHEN = neighbour("li", 2), neighbour("chen", 3)
SON = neighbour("son", 900, role=Role.FAMILY)
DESK_2 = replace(DESK, id="desk:1", name="second desk")
TEXTED_LINE = replace(LINE, channels=BY_BOTH)
ZH, EN = texts("zh-CN"), texts("en")
BOTH = pytest.mark.parametrize("words", [ZH, EN], ids=["zh", "en"])
MARY = Resident(id="wang", name="Mary Borg", address="5 Peace Road", phone="+35621000001")


def a_hand_off(line: Candidate = LINE, *, desk: tuple[Candidate, ...] = (DESK,)) -> Telling:
    """Nobody went; the hand-off is rung."""
    return Telling(Circle([LI, CHEN], [SON], [line], desk=list(desk))).pressed().passes(120)


def in_mode_desk(*desk: Candidate) -> Telling:
    """The same where there is no line: the desk itself rings the ambulance."""
    at_desk = list(desk or (DESK,))
    return Telling(Circle([LI, CHEN], [SON], at_desk, desk=at_desk)).pressed().passes(120)


def confirmed(press: Telling, by: str = "line", via: str = "voice") -> Telling:
    return press.happens(HandedOver(by=by, via=via))


def facts(press: Telling, **changes: object) -> Facts:
    record = handoff.record(press.incident, MARY, now=press.now, reason=press.incident.close_reason)
    told = wording.describe(press.incident, MARY, now=press.now, zone=UTC, record=record)
    return msgspec.structs.replace(told, **changes)


def hears(press: Telling, purpose: Purpose, who: Candidate, words: Texts = EN) -> str:
    """What somebody hears who picks up now a call that was placed for that reason."""
    about = calls.about(press.incident, purpose, who)
    if about is None:
        return " ".join(wording.unknown_call(words).say)
    standing = calls.standing_of(press.incident, who.id)
    return " ".join(wording.opening(about, facts(press), who, words, standing=standing).say)


def reads(press: Telling, purpose: Purpose, who: Candidate, words: Texts = EN) -> str:
    return wording.sms(purpose, facts(press), who, words, standing=calls.standing_of(press.incident, who.id))


def entries(press: Telling, event: str) -> list[Log]:
    return [e for e in press.effects if isinstance(e, Log) and e.event == event]


# ---------------------------------------------------------------- late alarms

PRESSED = datetime(2026, 11, 21, 15, 30, tzinfo=UTC)


@BOTH
@pytest.mark.parametrize(
    "purpose",
    [
        *(Purpose.ASK, Purpose.DETAILS, Purpose.AGAIN, Purpose.RAISED, Purpose.DESK, Purpose.AFTERCARE),
        *(Purpose.HANDOFF, Purpose.HANDOFF_UPDATE),
    ],
)
@pytest.mark.parametrize("who", [LI, DESK, TEXTED_LINE])
def test_an_alarm_that_comes_late_says_from_when_it_is_and_that_it_is_late(
    words: Texts, purpose: Purpose, who: Candidate
) -> None:
    press = a_hand_off()
    late = wording.describe(press.incident, MARY, now=press.now, zone=UTC, pressed_at=PRESSED)
    late = replace(late, record=facts(press).record)
    for said in (
        wording.sms(purpose, late, who, words),
        " ".join(wording.opening(purpose, late, who, words).say),
    ):
        assert "15:30" in said
        assert ("18:30才收到" if words is ZH else "received 18:30") in said
        assert said.count("18:30") == 1, "the time of the receipt is nothing but that"


def test_an_alarm_of_last_night_is_told_with_its_day() -> None:
    press = a_hand_off()
    asked = START - timedelta(hours=20)
    late = replace(
        wording.describe(press.incident, MARY, now=press.now, zone=UTC, pressed_at=asked), record=facts(press).record
    )
    assert "What happened at 11-20 22:30:" in wording.sms(Purpose.HANDOFF, late, TEXTED_LINE, EN)


# ---------------------------------------------------------------- the desk does not travel


@pytest.mark.parametrize("who", ["desk:0", "operator:Ma", "line"])
@pytest.mark.parametrize("answer", [Answer.GO, Answer.THERE])
def test_who_is_not_there_comes_and_arrives_by_no_key(who: str, answer: Answer) -> None:
    press = a_hand_off().passes(120)
    if who != "line":
        press.answers(who, Answer.GO)
    before = press.incident
    press.answers(who, answer).answers(who, Answer.THERE)
    assert press.incident == before
    assert [e.event for e in press.effects if isinstance(e, Log)] == ["incident.noted"]
    assert Status.ARRIVED is not press.incident.status


def test_a_desk_that_was_only_asked_and_says_three_has_not_taken_it() -> None:
    press = Telling(Circle([], [], [], desk=[DESK])).pressed().answers("desk:0", Answer.THERE)
    assert press.standing("desk:0") is Standing.ASKED
    assert press.incident.status is Status.NOTIFYING


@BOTH
def test_who_takes_it_at_the_desk_is_on_the_way_to_nobody(words: Texts) -> None:
    press = confirmed(a_hand_off(TEXTED_LINE)).answers("desk:0", Answer.GO)
    for said in (
        hears(press, Purpose.HANDOFF_UPDATE, TEXTED_LINE, words),
        reads(press, Purpose.HANDOFF_UPDATE, TEXTED_LINE, words),
        reads(press, Purpose.DETAILS, LI, words),
    ):
        assert "desk is on the way" not in said
        assert not any(minutes in said for minutes in ("15 min", "15分钟"))
    informed = {one.name: one for one in facts(press).record.informed}  # type: ignore[union-attr] # made above
    assert informed["desk"].arrive_by is None


@BOTH
def test_a_son_far_away_is_not_named_instead_of_the_ambulance(words: Texts) -> None:
    press = a_hand_off().answers("son", Answer.GO)
    assert press.standing("son") is Standing.FOLLOWS
    confirmed(press)
    for said in (
        reads(press, Purpose.TAKEN, CHEN, words),
        hears(press, Purpose.ASK, CHEN, words),
        " ".join(wording.answer(wording.Heard.CANNOT, Purpose.ASK, facts(press), CHEN, words).say),
    ):
        assert "son" not in said
        assert ("救护车" if words is ZH else "ambulance") in said


@BOTH
def test_who_only_follows_sends_nobody_home(words: Texts) -> None:
    press = Telling(Circle([SON, LI])).pressed().answers("son", Answer.GO).answers("operator:Ma", Answer.GO, via="desk")
    for said in (reads(press, Purpose.TAKEN, LI, words), hears(press, Purpose.ASK, LI, words)):
        assert "son" not in said
        assert ("值班台" if words is ZH else "The desk has taken") in said


@BOTH
def test_who_is_at_the_door_is_said_to_be_there_and_not_on_the_way(words: Texts) -> None:
    press = Telling(Circle([LI, CHEN])).pressed().answers("li", Answer.THERE)
    for said in (reads(press, Purpose.TAKEN, CHEN, words), hears(press, Purpose.ASK, CHEN, words)):
        assert "on the way" not in said
        assert "赶" not in said


def test_the_desk_is_asked_in_its_own_words_whether_it_still_has_it() -> None:
    press = Telling(Circle([], desk=[DESK])).pressed().answers("desk:0", Answer.GO).passes(900)
    assert press.told(Purpose.AGAIN) == ["desk:0 sms"]
    assert "desk:0 voice" in press.told(Purpose.DESK), "one call, and it asks for the alarm to be taken"
    for said in (reads(press, Purpose.AGAIN, DESK), hears(press, Purpose.AGAIN, DESK)):
        assert "there" not in said
        assert "still" in said
    assert "I take it" in reads(press, Purpose.RAISED, DESK)


# ---------------------------------------------------------------- told, and to whom


def test_in_mode_desk_the_desk_is_told_what_is_new_and_passes_it_on() -> None:
    press = confirmed(in_mode_desk(), "desk:0").answers("li", Answer.GO)
    assert press.told(Purpose.HANDOFF_UPDATE) == ["desk:0 sms"]
    assert entries(press, "handoff.updated")[0].data["to"] == ["desk:0"]
    text = reads(press, Purpose.HANDOFF_UPDATE, DESK)
    assert text.startswith("alarmd: TELL THE AMBULANCE")
    assert "li is on the way" in text
    assert "Please tell the ambulance what follows." in hears(press, Purpose.HANDOFF_UPDATE, DESK)


def test_what_an_operator_handed_over_is_updated_at_the_desk() -> None:
    press = confirmed(Telling(Circle([LI])).pressed(), "operator:Ma", "desk").answers("li", Answer.GO)
    assert press.told(Purpose.HANDOFF_UPDATE) == ["desk:0 sms"]


def test_with_nobody_to_tell_nothing_is_called_told() -> None:
    press = confirmed(Telling(Circle([LI], desk=[])).pressed(), "operator:Ma", "desk").answers("li", Answer.GO)
    assert not entries(press, "handoff.updated")
    assert entries(press, "incident.gap")[0].data["why"] == "nobody can be told of it"
    assert press.incident.handoff is not None
    assert press.incident.handoff.version == 1
    press.happens(Closed(by="Ma", reason="well", cancel_ambulance=True))
    assert not entries(press, "handoff.cancelled")
    assert entries(press, "incident.gap")


def test_a_line_that_takes_no_texts_is_called_once_it_has_the_case() -> None:
    press = a_hand_off().answers("li", Answer.GO)
    assert not press.told(Purpose.HANDOFF_UPDATE), "the next ring says how things stand"
    assert not entries(press, "handoff.updated")
    confirmed(press).answers("li", Answer.THERE)
    assert press.told(Purpose.HANDOFF_UPDATE) == ["line voice"]


def test_a_line_whose_texts_are_refused_is_called() -> None:
    press = a_hand_off(TEXTED_LINE).happens(Refused(person="line", channel=Channel.SMS, code="30006"))
    confirmed(press).answers("li", Answer.GO)
    assert press.told(Purpose.HANDOFF_UPDATE) == ["line voice"]


@pytest.mark.parametrize("later", ["withdraws", "is overdue"])
@BOTH
def test_the_line_is_corrected_when_who_was_on_the_way_is_not(words: Texts, later: str) -> None:
    press = confirmed(a_hand_off(TEXTED_LINE)).answers("li", Answer.GO)
    assert "li" in reads(press, Purpose.HANDOFF_UPDATE, TEXTED_LINE, words)
    if later == "withdraws":
        press.answers("li", Answer.CANNOT)
        corrected = "li不来了" if words is ZH else "li is not on the way any more"
    else:
        press.passes(400)
        corrected = "li没有按时到场" if words is ZH else "li has not arrived in time"
    assert "line sms" in press.told(Purpose.HANDOFF_UPDATE)
    assert corrected in reads(press, Purpose.HANDOFF_UPDATE, TEXTED_LINE, words)
    assert corrected in hears(press, Purpose.HANDOFF_UPDATE, TEXTED_LINE, words)


def test_the_line_is_corrected_when_who_followed_does_not() -> None:
    press = confirmed(a_hand_off(TEXTED_LINE).answers("son", Answer.GO)).answers("son", Answer.CANNOT)
    assert press.told(Purpose.HANDOFF_UPDATE) == ["line sms"]
    assert "son is not on the way any more" in reads(press, Purpose.HANDOFF_UPDATE, TEXTED_LINE)


def test_the_line_is_corrected_when_the_desk_does_not_have_it_any_more() -> None:
    press = confirmed(a_hand_off(TEXTED_LINE)).answers("operator:Ma", Answer.GO, via="desk").passes(900)
    assert "line sms" in press.told(Purpose.HANDOFF_UPDATE)
    assert "at the desk does not have it any more" in reads(press, Purpose.HANDOFF_UPDATE, TEXTED_LINE)


def test_who_was_never_named_to_the_line_is_not_taken_back_there() -> None:
    press = Telling(Circle([LI, CHEN], [SON], [TEXTED_LINE])).pressed()
    press.answers("li", Answer.GO).answers("li", Answer.CANNOT).passes(180)
    assert "li" not in reads(press, Purpose.HANDOFF, TEXTED_LINE)


@BOTH
def test_a_cancel_says_why(words: Texts) -> None:
    press = confirmed(a_hand_off(TEXTED_LINE)).happens(
        Closed(by="Ma", reason="the daughter is with her", cancel_ambulance=True)
    )
    assert press.told(Purpose.HANDOFF_CANCEL) == ["line sms", "line voice"]
    assert entries(press, "handoff.cancelled")[0].data["reason"] == "the daughter is with her"
    for said in (
        hears(press, Purpose.HANDOFF_CANCEL, TEXTED_LINE, words),
        reads(press, Purpose.HANDOFF_CANCEL, TEXTED_LINE, words),
    ):
        assert "the daughter is with her" in said


def test_a_desk_that_hears_the_cancel_is_asked_to_pass_it_on() -> None:
    press = confirmed(in_mode_desk(), "desk:0").happens(Closed(by="Ma", reason="well", cancel_ambulance=True))
    for said in (hears(press, Purpose.HANDOFF_CANCEL, DESK), reads(press, Purpose.HANDOFF_CANCEL, DESK)):
        assert "If you have called the ambulance, please tell it so." in said


def test_who_is_told_of_an_alarm_that_nobody_closes_is_on_record() -> None:
    press = Telling(Circle([LI], desk=[])).pressed().answers("li", Answer.THERE).passes(1800)
    assert press.told(Purpose.AFTERCARE) == ["li sms", "li voice"]
    assert [one["id"] for one in entries(press, "incident.overdue")[0].data["told"]] == ["li"]


# ---------------------------------------------------------------- decided at pick-up


@BOTH
def test_who_picks_up_after_another_confirmed_is_told_so_and_orders_nothing(words: Texts) -> None:
    press = confirmed(a_hand_off().passes(120))
    heard = hears(press, Purpose.HANDOFF, DESK, words)
    assert ("叫好" if words is ZH else "has been ordered already") in heard
    assert "call the ambulance" not in heard
    assert "请马上拨打急救电话" not in heard


@BOTH
def test_the_desk_that_picks_up_after_a_neighbour_went_is_not_asked_to_take_it(words: Texts) -> None:
    press = Telling(Circle([LI], desk=[DESK])).pressed().passes(180).answers("li", Answer.GO)
    heard = hears(press, Purpose.DESK, DESK, words)
    assert "li" in heard
    assert "press 1" not in heard
    assert "请按1" not in heard


def test_who_has_said_yes_by_text_is_not_asked_again_on_the_phone() -> None:
    press = Telling(Circle([LI, CHEN])).pressed().answers("li", Answer.GO, via="sms")
    assert calls.about(press.incident, Purpose.ASK, LI) is Purpose.DETAILS
    assert "If you can go now" not in hears(press, Purpose.ASK, LI)


@BOTH
@pytest.mark.parametrize("answer", [Answer.GO, Answer.THERE])
def test_who_is_overdue_is_not_told_that_she_still_waits_once_another_has_it(words: Texts, answer: Answer) -> None:
    press = Telling(Circle([LI, CHEN])).pressed().answers("li", Answer.GO).passes(400)
    assert ("还在等您" if words is ZH else "still waiting") in hears(press, Purpose.AGAIN, LI, words)
    press.answers("chen", answer)
    heard = hears(press, Purpose.AGAIN, LI, words)
    assert ("还在等" if words is ZH else "still waiting") not in heard
    assert ("按3" if words is ZH else "press 3") in heard, "they may come all the same"


def test_a_desk_whose_hold_is_over_is_not_asked_whether_it_still_has_it_once_another_does() -> None:
    press = Telling(Circle([LI], desk=[DESK])).pressed().answers("desk:0", Answer.GO).passes(901)
    press.answers("li", Answer.GO)
    heard = hears(press, Purpose.AGAIN, DESK)
    assert "still" not in heard
    assert "li is already on the way" in heard


def test_who_has_arrived_is_not_told_that_she_still_waits() -> None:
    press = Telling(Circle([LI, CHEN])).pressed().answers("li", Answer.GO).passes(400).answers("li", Answer.THERE)
    heard = hears(press, Purpose.AGAIN, LI)
    assert "still waiting" not in heard
    assert "If you have left, press 2" in heard


def test_what_was_taken_back_is_no_update() -> None:
    press = confirmed(a_hand_off()).happens(HandedOver(by="Ma", via="desk", accepted=False, reason="no car"))
    assert hears(press, Purpose.HANDOFF_UPDATE, LINE) == "This call is no longer needed. Goodbye."


def test_a_call_that_rang_when_it_was_closed_says_that_it_is_cancelled() -> None:
    press = a_hand_off().happens(Closed(by="Ma", reason="well"))
    assert "is cancelled" in hears(press, Purpose.HANDOFF, LINE)


@pytest.mark.parametrize(
    ("accepted", "by", "heard"),
    [
        (True, "line", wording.Heard.HANDED_OVER),
        (True, "desk:0", wording.Heard.CONFIRMED_BEFORE),
        (False, "desk:0", wording.Heard.REJECTED_LATE),
    ],
)
def test_a_late_yes_or_no_is_told_how_things_stand(accepted: bool, by: str, heard: wording.Heard) -> None:  # noqa: FBT001 - a table
    press = confirmed(a_hand_off().passes(120))
    if by != "line":
        press.happens(HandedOver(by=by, via="voice", accepted=accepted))
        assert entries(press, "incident.noted")[0].data["late"]
    assert calls.hand_off_heard(press.incident, by, accepted=accepted) is heard


def test_a_no_says_that_others_are_asked_only_where_they_are() -> None:
    def said(press: Telling, who: Candidate) -> str:
        return wording.answer(wording.Heard.CANNOT, Purpose.ASK, facts(press), who, EN).say[0]

    press = Telling(Circle([LI, CHEN])).pressed().answers("li", Answer.CANNOT)
    assert said(press, LI) == "Understood. We are asking others."
    press.answers("chen", Answer.GO).answers("li", Answer.CANNOT)
    assert said(press, LI) == "Understood. chen is already on the way."
    press = Telling(Circle([], desk=[])).pressed().answers("li", Answer.CANNOT)
    assert said(press, LI) == "Understood. Thank you for telling us."


def test_a_desk_whose_text_of_the_hand_off_was_refused_is_called_in_the_words_of_the_hand_off() -> None:
    texted = replace(DESK, channels=(Channel.SMS,))
    press = in_mode_desk(texted).happens(Refused(person="desk:0", channel=Channel.SMS, code="30006"))
    assert press.told(Purpose.HANDOFF) == ["desk:0 voice"]
    assert not press.told(Purpose.DESK)


def test_a_desk_that_has_yet_to_order_the_ambulance_is_not_told_that_it_need_not() -> None:
    press = in_mode_desk().answers("li", Answer.GO)
    assert press.told(Purpose.TAKEN) == ["chen sms", "son sms"]


# ---------------------------------------------------------------- the first time is no update


@BOTH
@pytest.mark.parametrize("line", [LINE, TEXTED_LINE])
def test_the_first_pick_up_of_the_line_is_a_new_case_however_much_has_happened(words: Texts, line: Candidate) -> None:
    press = a_hand_off(line).answers("li", Answer.GO).answers("li", Answer.THERE)
    press.happens(Pressed(signal=2, device="b", type="sos"))
    heard = hears(press, Purpose.HANDOFF, line, words)
    assert ("急救移交，编号" if words is ZH else "Emergency hand-off, reference") in heard
    assert "pdate" not in heard
    assert "更新" not in heard


# ---------------------------------------------------------------- keys that are not offered


def test_a_menu_takes_what_it_offers() -> None:
    asked, going, there = Standing.ASKED, Standing.ACCEPTED, Standing.ARRIVED
    table: list[tuple[Purpose, Candidate, Standing, set[Key]]] = [
        (Purpose.ASK, LI, asked, {Key.GO, Key.CANNOT}),
        (Purpose.RAISED, LI, asked, {Key.GO, Key.CANNOT}),
        (Purpose.RAISED, LI, going, {Key.GO, Key.CANNOT, Key.THERE}),
        (Purpose.AGAIN, LI, Standing.OVERDUE, {Key.GO, Key.CANNOT, Key.THERE}),
        (Purpose.DETAILS, LI, there, {Key.THERE, Key.CANNOT}),
        (Purpose.DESK, DESK, asked, {Key.GO, Key.CANNOT}),
        (Purpose.AGAIN, DESK, Standing.OVERDUE, {Key.GO, Key.CANNOT}),
        (Purpose.HANDOFF, LINE, asked, {Key.CONFIRM, Key.REJECT}),
        (Purpose.HANDOFF_UPDATE, LINE, asked, {Key.HEARD}),
        (Purpose.HANDOFF_CANCEL, LINE, asked, {Key.HEARD}),
        (Purpose.AFTERCARE, DESK, asked, set()),
        (Purpose.TAKEN, LI, asked, set()),
    ]
    for purpose, who, standing, keys in table:
        assert calls.offered(purpose, who, standing) == keys, purpose


_DIGITS = {
    Key.GO: "1",
    Key.WELL: "1",
    Key.CONFIRM: "1",
    Key.HEARD: "1",
    Key.CANNOT: "2",
    Key.REJECT: "2",
    Key.THERE: "3",
}


_TEXTED_ONLY = {Purpose.MOVED, Purpose.HANDOFF_REFUSED}


@pytest.mark.parametrize("purpose", sorted(set(Purpose) - _TEXTED_ONLY))
@pytest.mark.parametrize("who", [LI, DESK, LINE])
@pytest.mark.parametrize("standing", list(Standing))
def test_what_a_menu_says_is_what_it_takes(purpose: Purpose, who: Candidate, standing: Standing) -> None:
    press = in_mode_desk() if who is DESK else a_hand_off()
    participants = [p for p in press.incident.participants if p.who.id != who.id]
    press.incident = replace(
        press.incident,
        participants=(*participants, replace(press.incident.participants[0], who=who, standing=standing)),
    )
    about = calls.about(press.incident, purpose, who)
    if about is None:
        return
    scene = wording.opening(about, facts(press), who, EN, standing=standing)
    offered = {_DIGITS[key] for key in calls.offered(about, who, standing)}
    menu = scene.say[-1] if scene.menu else ""
    assert {digit for digit in "123" if f"press {digit}" in menu} == (offered if scene.menu else set())
    assert bool(offered) == scene.menu


def test_the_handed_over_fire_still_asks_and_says_so() -> None:
    plan = Plan(
        name="fire",
        signals=("smoke",),
        keep_asking=True,
        steps=(Step(contact=Who.AMBULANCE, wait=60), Step(contact=Who.NEAREST, wait=60, together=True)),
    )
    press = confirmed(Telling(Circle([LINE], [LI, CHEN]), plan).pressed())
    assert "If you can go now, press 1" in hears(press, Purpose.ASK, LI)
    press.answers("li", Answer.CANNOT)
    assert press.incident.handoff is not None
    assert press.incident.handoff.state is HandoffState.ACCEPTED


def test_nobody_is_sent_an_answer_by_an_event_of_another() -> None:
    press = a_hand_off().happens(Answered(person="li", answer=Answer.GO, via="voice"))
    assert not [e for e in press.effects if isinstance(e, Send) and e.purpose is Purpose.HANDOFF_UPDATE and e.to == LI]
