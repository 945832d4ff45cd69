"""What was committed is acted on: messages, answers, deadlines, and all of it again after a crash."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from alarmd import journal, times
from alarmd.auditor import Auditor
from alarmd.messages import RINGS_FOR
from alarmd.phone.callbacks import SendStatus, StatusUpdate
from alarmd.phone.provider import Accepted, Outgoing, Rejected, Remedy, Unknown
from escalation.incident import Answer, Answered, Closed, HandoffState, Standing, Status
from escalation.people import Channel
from escalation.replay import Cause, replay
from tests.support.core import Core, ScriptedProvider


@pytest.fixture
async def core(tmp_path: Path) -> AsyncIterator[Core]:
    async with Core(tmp_path) as made:
        yield made


def call_to(messages: list[Outgoing], number: str) -> Outgoing:
    return next(m for m in messages if m.to == number and m.channel is Channel.VOICE)


def text_to(messages: list[Outgoing], number: str) -> Outgoing:
    return next(m for m in messages if m.to == number and m.channel is Channel.SMS)


async def test_one_keypress_stops_the_ringing_and_tells_the_others(core: Core) -> None:
    await core.press()
    call = call_to(await core.send(), "+8613800000001")
    scene = await core.switchboard.answered(call.attempt, "CA1", "human")
    assert "王秀英" in "".join(scene.say)
    await core.switchboard.key(call.attempt, "CA1", "1")
    sent = await core.send()
    assert sorted(m.to for m in sent) == ["+8613800000001", "+8613800000002"]
    assert (await core.incidents())[0].status is Status.ACCEPTED


async def test_who_picks_up_after_somebody_else_said_yes_need_not_go(core: Core) -> None:
    await core.press()
    sent = await core.send()
    await core.switchboard.key(call_to(sent, "+8613800000001").attempt, "CA1", "1")
    scene = await core.switchboard.answered(call_to(sent, "+8613800000002").attempt, "CA2", "human")
    assert not scene.menu
    assert "李强" in "".join(scene.say) or "不用去" in "".join(scene.say)


async def test_neither_an_answered_call_nor_a_delivered_text_is_an_acceptance(core: Core) -> None:
    await core.press()
    sent = await core.send()
    call, text = call_to(sent, "+8613800000001"), text_to(sent, "+8613800000001")
    await core.switchboard.answered(call.attempt, "CA1", "machine_start")
    for attempt, status in ((call.attempt, SendStatus.COMPLETED), (text.attempt, SendStatus.DELIVERED)):
        await core.switchboard.status(StatusUpdate(attempt=attempt, sid="X", status=status, raw=status.value))
    assert (await core.incidents())[0].status is Status.NOTIFYING


async def test_a_reply_with_the_code_is_an_answer_and_a_question_is_not(core: Core) -> None:
    incident = await core.press()
    await core.send()
    assert incident.code in await core.switchboard.text("+8613800000001", "去吗？", "SM1")
    assert (await core.incidents())[0].status is Status.NOTIFYING
    await core.switchboard.text("+8613800000001", f"1 {incident.code}", "SM2")
    assert (await core.incidents())[0].status is Status.ACCEPTED
    await core.switchboard.text("+8613800000001", f"到了 {incident.code}", "SM3")
    assert (await core.incidents())[0].status is Status.ARRIVED


async def test_somebody_elses_code_is_no_answer(core: Core) -> None:
    incident = await core.press()
    await core.send()
    await core.switchboard.text("+8613811112222", f"1 {incident.code}", "SM1")
    assert (await core.incidents())[0].status is Status.NOTIFYING
    assert [entry.data["why"] for entry in await core.log("message.unread")] == ["unknown_code"]


async def test_nobody_answers_and_the_line_confirms_by_key(core: Core) -> None:
    await core.press()
    await core.send()
    for _ in range(3):
        await core.passes(60)
    call = call_to(await core.send(), "+861065551234")
    await core.switchboard.answered(call.attempt, "CA1", "human")
    await core.switchboard.key(call.attempt, "CA1", "1")
    (incident,) = await core.incidents()
    assert incident.handoff is not None
    assert incident.handoff.state is HandoffState.ACCEPTED
    assert [entry.actor for entry in await core.log("handoff.accepted")] == ["line"]


async def test_a_texted_yes_to_the_hand_off_confirms_it(core: Core) -> None:
    incident = await core.press()
    for _ in range(3):
        await core.passes(60)
    await core.send()
    await core.switchboard.text("+861065551234", f"1 {incident.code}", "SM1")
    (incident,) = await core.incidents()
    assert incident.handoff is not None
    assert incident.handoff.state is HandoffState.ACCEPTED


async def test_the_log_told_again_gives_the_stored_incident(core: Core) -> None:
    await core.press()
    call = call_to(await core.send(), "+8613800000001")
    await core.switchboard.key(call.attempt, "CA1", "1")
    core.clock.pass_(20)
    await core.press()
    await core.passes(600)
    await core.switchboard.key(call.attempt, "CA1", "3")
    (incident,) = await core.incidents()
    await core.engine.apply(incident.id, Closed(by="Zhang", reason="helped up"))
    entries = [entry for entry in await core.log() if entry.incident == incident.id and "cause" in entry.data]
    causes = [(entry.at, msgspec.json.decode(json.dumps(entry.data["cause"]), type=Cause)) for entry in entries]
    assert replay(causes) == (await core.incidents())[0]
    assert (await core.store.read(journal.verify)).bad_seq is None


async def test_a_bad_number_is_passed_over_at_once(core: Core) -> None:
    dead = Rejected(code="21211", reason="invalid", remedy=Remedy.DEAD_NUMBER)
    core.provider.answer = lambda m: dead if m.to == "+8613800000001" else Accepted(sid=f"SM{m.attempt}")
    await core.press()
    await core.send()
    (incident,) = await core.incidents()
    assert {p.who.id: p.standing for p in incident.participants}["li"] is Standing.UNREACHABLE
    assert [entry.data["why"] for entry in await core.log("incident.gap")] == ["unreachable"]


async def test_a_throttled_message_goes_out_a_little_later(core: Core) -> None:
    core.provider.answer = lambda _: Rejected(code="20429", reason="slow down", remedy=Remedy.BACK_OFF, retry_after=3)
    await core.press()
    assert len(await core.send()) == 4
    core.provider.answer = ScriptedProvider.answer
    core.clock.pass_(2)
    assert await core.send() == []
    core.clock.pass_(2)
    assert len(await core.send()) == 4
    assert {row["state"] for row in await core.outgoing()} == {"sent"}


async def test_a_lost_answer_is_looked_up_and_not_sent_twice(core: Core) -> None:
    core.provider.answer = lambda _: Unknown(reason="timed out")
    await core.press()
    assert len(await core.send()) == 4
    core.provider.answer = ScriptedProvider.answer
    core.clock.pass_(6)
    assert await core.send() == []
    assert len(core.provider.looked_up) == 4
    assert {row["state"] for row in await core.outgoing()} == {"sent"}


async def test_a_send_that_the_provider_never_saw_is_sent_again(core: Core) -> None:
    core.provider.answer = lambda _: Unknown(reason="timed out")
    core.provider.found = lambda _: Rejected(code="", reason="not there", remedy=Remedy.BACK_OFF)
    await core.press()
    await core.send()
    core.provider.answer = ScriptedProvider.answer
    core.clock.pass_(6)
    assert len(await core.send()) == 4


async def test_the_first_callback_names_a_send_whose_answer_was_lost(core: Core) -> None:
    core.provider.answer = lambda _: Unknown(reason="timed out")
    await core.press()
    sent = await core.send()
    for message in sent:
        await core.switchboard.status(
            StatusUpdate(attempt=message.attempt, sid=f"SM{message.attempt}", status=SendStatus.SENT, raw="sent")
        )
    core.clock.pass_(60)
    assert await core.send() == []
    assert core.provider.looked_up == []


async def test_what_a_crash_left_in_sending_is_looked_up(core: Core) -> None:
    await core.press()
    await core.run_sql("UPDATE outbox SET state = 'sending', tries = 1, provider = 'scripted'")
    await core.restart()
    assert {row["state"] for row in await core.outgoing()} == {"unknown"}
    core.clock.pass_(6)
    assert await core.send() == []
    assert len(core.provider.looked_up) == 4


async def test_what_a_crash_left_being_looked_up_is_looked_up_within_seconds(core: Core) -> None:
    """The last run gave its look-up forty seconds; it is gone, and nobody waits for it."""
    await core.press()
    later = times.to_text(core.clock.now() + timedelta(seconds=40))
    await core.run_sql(f"UPDATE outbox SET state = 'unknown', tries = 1, provider = 'scripted', due_at = '{later}'")  # noqa: S608 - a time of our own
    await core.restart()
    core.clock.pass_(6)
    assert await core.send() == []
    assert len(core.provider.looked_up) == 4


async def test_a_press_is_told_though_an_old_call_to_the_only_desk_is_still_looked_up(core: Core) -> None:
    core.provider.answer = core.provider.found = lambda _: Unknown(reason="timed out")
    pressed = ("zigbee2mqtt/found_button", '{"action":"emergency"}')
    await core.receive(*pressed)
    await core.send()
    later = times.to_text(core.clock.now() + timedelta(minutes=5))
    await core.run_sql(f"UPDATE outbox SET state = 'unknown', due_at = '{later}'")  # noqa: S608 - a time of our own
    before = len(await core.outgoing())
    await core.receive(*pressed)
    assert len(await core.outgoing()) == before  # it may be ringing
    core.clock.pass_(RINGS_FOR.total_seconds() + 2)
    await core.receive(*pressed)
    assert [row["channel"] for row in (await core.outgoing())[before:]] == ["voice"]


async def test_what_a_provider_put_off_is_tried_again_at_once_after_a_start(core: Core) -> None:
    """How the provider was is forgotten by a start: so is how long it was to be left alone."""
    core.provider.answer = lambda _: Rejected(code="20429", reason="busy", remedy=Remedy.BACK_OFF, retry_after=60.0)
    await core.press()
    assert len(await core.send()) == 4
    core.provider.answer = ScriptedProvider.answer
    await core.restart()
    assert len(await core.send()) == 4


async def test_a_device_hears_at_once_after_a_start_what_could_not_be_published_before(core: Core) -> None:
    await core.receive("alarmd/v1/bed_button/signal", '{"ref":"1","type":"sos"}')
    later = times.to_text(core.clock.now() + timedelta(seconds=30))
    incident = (await core.incidents())[-1]
    await core.engine.apply(incident.id, Answered(person="li", answer=Answer.GO, via="desk", by="Zhang"))
    await core.run_sql(
        f"UPDATE outbox SET tries = 3, code = 'mqtt', due_at = '{later}' WHERE channel = 'device'"  # noqa: S608 - a time of our own
    )
    await core.restart()
    await core.send()
    assert [said["status"] for _, said in core.published.messages] == ["accepted"]


async def test_what_may_have_rung_already_keeps_its_distance_over_a_start(core: Core) -> None:
    core.provider.answer = lambda _: Unknown(reason="timed out")
    core.provider.found = lambda _: Unknown(reason="nobody knows")
    await core.press()
    for _ in range(2):
        await core.send()
        core.clock.pass_(6)
    await core.send()
    waiting = [row for row in await core.outgoing() if row["state"] == "queued"]
    assert waiting
    before = len(core.provider.sent)
    await core.restart()
    await core.send()
    assert len(core.provider.sent) == before


async def test_who_takes_it_back_in_the_same_second_gets_no_details_of_the_home(core: Core) -> None:
    opened = await core.press()
    await core.send()
    for answer in (Answer.GO, Answer.CANNOT):
        await core.engine.apply(opened.id, Answered(person="li", answer=answer, via="sms"))
    await core.send()
    details = [row for row in await core.outgoing() if row["purpose"] == "details"]
    assert [row["state"] for row in details] == ["withdrawn"]


async def test_who_said_yes_in_the_same_second_is_not_told_to_stay(core: Core) -> None:
    opened = await core.press()
    await core.send()
    for person in ("li", "zhao"):
        await core.engine.apply(opened.id, Answered(person=person, answer=Answer.GO, via="sms"))
    await core.send()
    taken = {row["person"]: row["state"] for row in await core.outgoing() if row["purpose"] == "taken"}
    assert taken.get("zhao", "withdrawn") == "withdrawn"


async def test_nobody_is_told_that_somebody_goes_after_who_went_took_it_back(core: Core) -> None:
    opened = await core.press()
    await core.send()
    for answer in (Answer.GO, Answer.CANNOT):
        await core.engine.apply(opened.id, Answered(person="li", answer=answer, via="sms"))
    sent = await core.send()
    assert not [row for row in await core.outgoing() if row["purpose"] == "taken" and row["state"] == "sent"]
    assert sent, "the others are asked again"


async def test_an_undelivered_text_closes_that_channel_only(core: Core) -> None:
    await core.press()
    text = text_to(await core.send(), "+8613800000001")
    await core.switchboard.status(
        StatusUpdate(attempt=text.attempt, sid="SM1", status=SendStatus.UNDELIVERED, raw="undelivered", code="30006")
    )
    (incident,) = await core.incidents()
    li = next(p for p in incident.participants if p.who.id == "li")
    assert (li.standing, li.failed) == (Standing.ASKED, (Channel.SMS,))
    assert len(await core.log("message.refused")) == 1


async def test_a_late_delivered_does_not_undo_undelivered(core: Core) -> None:
    await core.press()
    text = text_to(await core.send(), "+8613800000001")
    for status in (SendStatus.UNDELIVERED, SendStatus.DELIVERED, SendStatus.SENT):
        await core.switchboard.status(
            StatusUpdate(attempt=text.attempt, sid="SM1", status=status, raw=status.value, code="30006")
        )
    assert {row["attempt"]: row["state"] for row in await core.outgoing()}[text.attempt] == "failed"


async def test_nobody_rung_for_one_home_is_asked_to_leave_another(core: Core) -> None:
    first = await core.press()
    call = call_to(await core.send(), "+8613800000001")
    await core.switchboard.key(call.attempt, "CA1", "1")
    await core.run_sql("INSERT INTO device VALUES ('b2', 'zigbee2mqtt', 'smith_button', 'smith', 'button', '', NULL)")
    await core.receive("zigbee2mqtt/smith_button", '{"action":"emergency"}')
    second = (await core.incidents())[1]
    assert [p.who.id for p in second.participants] == ["zhao"]
    await core.engine.apply(first.id, Closed(by="li", reason="done"))
    await core.switchboard.key(call.attempt, "CA1", "1")
    assert (await core.incidents())[0].status is Status.CLOSED


async def test_overdue_deadlines_fire_at_once_after_a_restart_and_are_logged_as_late(core: Core) -> None:
    await core.press()
    core.clock.pass_(3600)
    await core.restart()
    await core.passes(0)
    assert [entry.data["late_seconds"] for entry in await core.log("watchdog.late")] == [3540.0]
    assert (await core.incidents())[0].step == 2  # her one contact was asked in the first step already


async def test_one_incident_that_cannot_fire_bars_no_other(core: Core) -> None:
    await core.press()
    await core.receive("zigbee2mqtt/found_button", '{"action":"emergency"}')
    await core.run_sql("UPDATE incident SET state = '{}' WHERE subject = 'wang'")
    core.clock.pass_(120)
    assert await core.timers.fire() == 1


async def test_the_auditor_finds_a_deadline_nobody_can_have_meant(core: Core) -> None:
    await core.press()
    await core.run_sql(
        "UPDATE incident SET due_at = '2031-01-01T00:00:00.000000Z', "
        "state = replace(state, '2026-11-21T11:31:00Z', '2031-01-01T00:00:00Z')"
    )
    auditor = Auditor(engine=core.engine, clock=core.clock)
    assert await auditor.audit() == 1
    assert await auditor.audit() == 0
    assert (await core.incidents())[0].step == 2


async def test_how_long_nobody_watched_is_on_record(core: Core) -> None:
    auditor = Auditor(engine=core.engine, clock=core.clock)
    assert await auditor.note_absence() is None
    await auditor.audit()
    core.clock.pass_(7200)
    await core.restart()
    await Auditor(engine=core.engine, clock=core.clock).note_absence()
    (entry,) = await core.log("exposure.closed")
    assert entry.data["from"] < entry.data["to"]


async def test_the_device_hears_that_help_is_coming(core: Core) -> None:
    await core.run_sql("INSERT INTO device VALUES ('p', 'alarmd', 'pendant', 'wang', 'pendant', '', 300)")
    await core.receive("alarmd/v1/pendant/signal", '{"ref":"a1"}')
    call = call_to(await core.send(), "+8613800000001")
    for key in ("1", "1", "3"):
        await core.switchboard.key(call.attempt, "CA1", key)
    (incident,) = await core.incidents()
    await core.engine.apply(incident.id, Closed(by="li", reason="done"))
    await core.send()
    assert [body["status"] for _, body in core.published.messages] == ["accepted", "coming", "arrived", "closed"]
    assert core.published.messages[0][0] == "alarmd/v1/pendant/reply"
    assert core.published.messages[0][1]["ref"] == "a1"


async def test_a_call_of_which_no_word_comes_does_not_hold_up_the_next_ring(core: Core) -> None:
    """A provider that sends no status callbacks: who was called a while ago is rung again when she presses again."""
    await core.press()
    await core.send()
    core.clock.pass_(20)
    await core.press()
    assert [m.channel for m in await core.send()] == [Channel.VOICE, Channel.VOICE]


async def test_a_phone_that_rings_is_not_rung_a_second_time(core: Core) -> None:
    await core.press()
    for call in [m for m in await core.send() if m.channel is Channel.VOICE]:
        await core.switchboard.status(
            StatusUpdate(attempt=call.attempt, sid="CA1", status=SendStatus.RINGING, raw="ringing")
        )
    core.clock.pass_(20)
    await core.press()
    assert await core.send() == []


async def test_a_restart_acts_on_the_first_two_before_it_looks_at_the_others(core: Core) -> None:
    """The first message leaves after two incidents have been decided on; the round after is twice as large."""
    for n in range(20):
        await core.receive(f"zigbee2mqtt/lost{n}", '{"action":"emergency"}', user=f"gateway{n}")
    core.clock.pass_(120)
    fired = [await core.timers.fire() for _ in range(5)]
    assert fired[0] == 2
    assert fired[1] == 4
    assert sum(fired) == 20
