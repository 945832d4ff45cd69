"""What tried to break the promises: clocks set wrong, callbacks out of order, providers that hang, our own defects."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from alarmd.auditor import Auditor
from alarmd.circle import EnginePeople
from alarmd.intake.delivery import Delivery
from alarmd.intake.keeping import Kept
from alarmd.phone.callbacks import SendStatus, StatusUpdate
from alarmd.phone.provider import Accepted, Outcome, Outgoing, Rejected, Remedy, Unknown
from alarmd.store import sqlite
from escalation.incident import Answer, Answered, Closed, HandoffState, Incident, Status
from escalation.people import Channel
from escalation.plan import parse
from tests.support.core import Core, ScriptedProvider
from tests.support.door import until

PRESS = '{"action":"emergency","battery":87}'
PENDANT = "INSERT INTO device VALUES ('p', 'alarmd', 'pendant', 'wang', 'pendant', '', 300)"
TIMED_OUT = Unknown(reason="timed out")
NOT_TAKEN = Rejected(code="", reason="not there", remedy=Remedy.BACK_OFF)
THREE_HOURS = 3 * 3600.0


@pytest.fixture
async def core(tmp_path: Path) -> AsyncIterator[Core]:
    async with Core(tmp_path) as made:
        yield made


async def text_to_li(core: Core) -> Outgoing:
    await core.press()
    return next(m for m in await core.send() if m.to == "+8613800000001" and m.channel is Channel.SMS)


def reported(message: Outgoing, status: SendStatus, *, sid: str = "", code: str = "") -> StatusUpdate:
    return StatusUpdate(
        attempt=message.attempt, sid=sid or f"SM{message.attempt}", status=status, raw=status.value, code=code
    )


async def purposes(core: Core, messages: list[Outgoing]) -> set[str]:
    rows = {row["attempt"]: row["purpose"] for row in await core.outgoing()}
    return {rows[message.attempt] for message in messages}


def break_the_directory(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: EnginePeople, incident: Incident, step: int) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(EnginePeople, "choose", broken)


# ---------------------------------------------------------------- presses


async def test_a_press_after_the_clock_was_set_back_is_not_taken_for_one_of_the_time_before(core: Core) -> None:
    first = await core.press()
    await core.engine.apply(first.id, Closed(by="Zhang", reason="well"))
    core.clock.pass_(-THREE_HOURS)
    await core.press()
    assert [i.status for i in await core.incidents()] == [Status.CLOSED, Status.NOTIFYING]


async def test_who_presses_again_right_after_the_close_asks_anew(core: Core) -> None:
    first = await core.press()
    core.clock.pass_(4)
    await core.engine.apply(first.id, Closed(by="Zhang", reason="false alarm"))
    core.clock.pass_(4)
    await core.press()
    assert [i.status for i in await core.incidents()] == [Status.CLOSED, Status.NOTIFYING]


async def test_an_alarm_does_not_hide_behind_a_test_with_the_same_ref(core: Core) -> None:
    await core.run_sql(PENDANT)
    await core.receive("alarmd/v1/pendant/signal", '{"ref":"1","type":"test"}')
    for _ in range(3):
        await core.receive("alarmd/v1/pendant/signal", '{"ref":"1","type":"sos"}')
    assert [i.presses for i in await core.incidents()] == [1]


async def test_an_incident_that_cannot_be_read_bars_no_press(core: Core) -> None:
    await core.press()
    await core.run_sql("UPDATE incident SET state = '{}'")
    for _ in range(2):
        core.clock.pass_(60)
        await core.receive("zigbee2mqtt/bed_button", PRESS)
    await core.run_sql("UPDATE incident SET state = (SELECT state FROM incident LIMIT 1 OFFSET 1) WHERE state = '{}'")
    assert [i.presses for i in await core.incidents()] == [2, 2]
    assert "+8613900000009" in {message.to for message in await core.send()}


async def test_a_defect_in_the_directory_bars_no_further_press_and_no_deadline(
    core: Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    await core.press()
    await core.send()
    break_the_directory(monkeypatch)
    for _ in range(3):
        core.clock.pass_(15)
        await core.receive("zigbee2mqtt/bed_button", PRESS)
    await core.passes(120)
    assert [i.presses for i in await core.incidents()] == [4]
    assert "+8613900000009" in {message.to for message in await core.send()}


async def test_a_reply_that_fails_does_not_hold_up_the_acknowledgement(core: Core) -> None:
    def broken(kept: list[Kept]) -> None:
        raise ValueError(kept)

    told: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context))
    core.intake._kept = broken
    async with asyncio.timeout(5):
        await core.receive("zigbee2mqtt/bed_button", PRESS)
    assert len(told) == 1


async def test_a_button_that_sticks_does_not_fill_the_phones(core: Core) -> None:
    await core.run_sql(PENDANT)
    for ref in range(200):
        await core.receive("alarmd/v1/pendant/signal", json.dumps({"ref": str(ref)}))
        core.clock.pass_(0.1)
        await core.send()
    assert (await core.incidents())[0].presses == 200
    assert len(core.provider.sent) < 30


async def test_a_file_as_long_as_a_book_neither_stalls_the_house_nor_makes_a_text_nobody_takes(core: Core) -> None:
    await core.run_sql(
        "UPDATE resident SET address = replace(hex(zeroblob(20000)), '0', '李'), "
        "conditions = replace(hex(zeroblob(200000)), '0', 'x'), name = replace(hex(zeroblob(2000)), '0', '王')"
    )
    async with asyncio.timeout(20):
        await core.press()
    assert max(len(message.body) for message in await core.send()) <= 1600


async def test_an_unregistered_device_has_no_room_of_another_home(core: Core) -> None:
    await core.receive("zigbee2mqtt/bed", PRESS)  # "bed" is the id of Wang Xiuying's button
    assert not [message for message in await core.send() if "卧室" in message.body]


# ---------------------------------------------------------------- deadlines


async def test_a_clock_set_back_silences_nobody(core: Core) -> None:
    await core.press()
    auditor = Auditor(engine=core.engine, clock=core.clock)
    await auditor.audit()
    core.clock.pass_(-THREE_HOURS)
    assert await auditor.audit() == 1
    assert {message.to for message in await core.send()} >= {"+8613800000001", "+8613800000002"}
    assert (await core.incidents())[0].step == 2
    assert await auditor.audit() == 0


async def test_the_clock_may_be_set_back_while_nobody_watches(core: Core) -> None:
    await core.press()
    await Auditor(engine=core.engine, clock=core.clock).audit()
    core.clock.pass_(-THREE_HOURS)
    await core.restart()
    assert await Auditor(engine=core.engine, clock=core.clock).audit() == 1


async def test_a_step_may_wait_overnight(core: Core) -> None:
    steps = [{"contact": "nearest", "wait": "8h"}, {"contact": "ambulance"}]
    core.engine._plans = {"standard": parse("standard", {"signals": ["sos"], "step": steps})}
    await core.press()
    assert await Auditor(engine=core.engine, clock=core.clock).audit() == 0


async def test_many_incidents_that_cannot_fire_bar_no_other(core: Core) -> None:
    await core.press()
    for n in range(64):
        await core.receive(f"zigbee2mqtt/lost{n}", PRESS, user=f"gateway{n}")
    await core.run_sql(
        "UPDATE incident SET state = '{}', due_at = '2026-11-21T11:30:00.000000Z' WHERE subject <> 'wang'"
    )
    core.clock.pass_(120)
    assert [await core.timers.fire() for _ in range(2)] == [0, 1]


# ---------------------------------------------------------------- sending


async def test_a_late_word_of_the_first_try_does_not_cancel_the_second(core: Core) -> None:
    text = await text_to_li(core)
    await core.switchboard.status(reported(text, SendStatus.UNDELIVERED, code="30003"))
    await core.switchboard.status(reported(text, SendStatus.SENT))
    core.provider.answer = lambda _: Accepted(sid="second")
    core.clock.pass_(61)
    assert text.attempt in {message.attempt for message in await core.send()}
    await core.switchboard.status(reported(text, SendStatus.DELIVERED, sid="second"))
    assert {row["attempt"]: row["state"] for row in await core.outgoing()}[text.attempt] == "delivered"


async def test_a_lost_second_try_is_not_found_in_the_first(core: Core) -> None:
    text = await text_to_li(core)
    await core.switchboard.status(reported(text, SendStatus.UNDELIVERED, code="30003"))
    core.provider.answer = lambda _: TIMED_OUT
    core.clock.pass_(61)
    await core.send()
    core.provider.sent.clear()
    core.provider.answer = ScriptedProvider.answer
    for _ in range(3):
        core.clock.pass_(6)
        await core.send()
    assert text.attempt in {message.attempt for message in core.provider.sent}


@pytest.mark.parametrize("found", [TIMED_OUT, NOT_TAKEN])
async def test_nobody_is_asked_after_the_close_because_a_send_had_failed_before_it(core: Core, found: Outcome) -> None:
    core.provider.answer = lambda _: TIMED_OUT
    core.provider.found = lambda _: found
    incident = await core.press()
    await core.send()
    await core.engine.apply(incident.id, Closed(by="Zhang", reason="well"))
    core.provider.answer = ScriptedProvider.answer
    core.provider.sent.clear()
    for _ in range(5):
        core.clock.pass_(6)
        await core.send()
    assert await purposes(core, core.provider.sent) == {"closed"}


async def test_what_is_throttled_while_the_incident_closes_is_not_sent_after_it(core: Core) -> None:
    closing: list[Incident] = []

    async def throttled(message: Outgoing) -> Outcome:
        if not closing:
            closing.append(await core.engine.apply(incident.id, Closed(by="Zhang", reason="well")))
        return Rejected(code="20429", reason=message.to, remedy=Remedy.BACK_OFF)

    incident = await core.press()
    send, core.provider.send = core.provider.send, throttled  # type: ignore[method-assign] # for this moment only
    await core.send()
    core.provider.send = send  # type: ignore[method-assign] # as above
    core.clock.pass_(40)
    assert await purposes(core, await core.send()) == {"closed"}


async def test_who_never_answers_us_is_not_asked_to_ring_without_end(core: Core) -> None:
    core.provider.answer = core.provider.found = lambda _: TIMED_OUT
    await core.receive("zigbee2mqtt/found_button", PRESS)
    for _ in range(600):
        core.clock.pass_(6)
        await core.send()
    times_sent = [sum(1 for m in core.provider.sent if m.attempt == row["attempt"]) for row in await core.outgoing()]
    assert 3 < max(times_sent) < 20


async def test_the_end_of_an_outage_is_not_everything_said_in_it(core: Core) -> None:
    core.provider.answer = lambda _: Rejected(code="20003", reason="401", remedy=Remedy.NEXT_PROVIDER)
    await core.receive("zigbee2mqtt/found_button", PRESS)
    for _ in range(120):
        await core.passes(10)
        await core.send()
    core.provider.answer = ScriptedProvider.answer
    core.clock.pass_(31)
    assert sorted(m.channel.value for m in await core.send()) == ["sms", "voice"]


async def test_nobody_is_asked_whose_message_was_claimed_in_the_commit_in_which_somebody_accepted(core: Core) -> None:
    incident = await core.press()
    disk_is_quick = threading.Event()
    slow = core.store.submit(lambda _: disk_is_quick.wait(10))
    await until(lambda: not core.store._waiting)  # it is being written
    sending = asyncio.create_task(core.send())
    await until(lambda: bool(core.store._waiting))  # the claims wait for the disk
    asked = {row["person"] for row in await core.outgoing() if row["purpose"] == "ask"}
    accepts = core.engine.apply(incident.id, Answered(person=min(asked), answer=Answer.GO, via="web"))
    accepted = asyncio.create_task(accepts)
    await until(lambda: len(core.store._waiting) > 1)  # the yes waits behind them
    disk_is_quick.set()
    await asyncio.gather(slow, accepted, sending)
    rows = await core.outgoing()
    assert {row["state"] for row in rows if row["purpose"] == "ask"} == {"withdrawn"}
    sent = {message.attempt for message in core.provider.sent}
    assert "ask" not in {row["purpose"] for row in rows if row["attempt"] in sent}


async def test_while_one_provider_hangs_the_next_press_goes_to_the_other(core: Core) -> None:
    second = ScriptedProvider(name="second")
    core.provider.answer = core.provider.found = lambda _: TIMED_OUT
    core.outbox.failover.providers = [core.provider, second]
    await core.press()
    await core.send()
    core.clock.pass_(1)
    second.sent.clear()
    await core.receive("zigbee2mqtt/found_button", PRESS)
    await core.send()
    assert {message.to for message in second.sent} == {"+8613900000009"}
    assert "+8613900000009" not in {message.to for message in core.provider.sent}
    assert [entry.data["provider"] for entry in await core.log("provider.down")] == ["scripted"]


# ---------------------------------------------------------------- answers


async def test_a_text_that_the_provider_hands_in_twice_is_one_answer(core: Core) -> None:
    incident = await core.press()
    await core.send()
    for _ in range(2):
        await core.switchboard.text("+8613800000001", f"1 {incident.code}", "SM77")
        await core.restart()
    assert (await core.incidents())[0].status is Status.ACCEPTED


async def test_the_line_may_answer_an_update_of_the_hand_off(core: Core) -> None:
    incident = await core.press()
    await core.send()
    for _ in range(3):
        await core.passes(60)
    await core.send()
    core.clock.pass_(1)
    await core.switchboard.text("+8613800000001", f"1 {incident.code}", "SM1")
    await core.send()
    await core.switchboard.text("+861065551234", f"1 {incident.code}", "SM2")
    (incident,) = await core.incidents()
    assert incident.handoff is not None
    assert incident.handoff.state is HandoffState.ACCEPTED


async def test_a_reply_answers_the_last_text_that_went_out_and_none_still_queued(tmp_path: Path) -> None:
    more = '[service]\nlanguage = "en"\ndesk_phones = ["+8613900000009"]\n[ambulance]\nmode = "desk"\n'
    async with Core(tmp_path, more=more) as core:
        steps = [{"contact": "desk"}, {"contact": "ambulance"}]
        core.engine._plans = {"standard": parse("standard", {"signals": ["sos"], "step": steps})}
        incident = await core.press()
        await core.send()
        await core.passes(61)
        await core.switchboard.text("+8613900000009", f"1 {incident.code}", "SM2")
        (incident,) = await core.incidents()
        assert incident.handoff is not None
        assert incident.handoff.state is HandoffState.QUEUED


# ---------------------------------------------------------------- storms


async def test_a_press_passes_the_low_batteries_that_came_before_it(core: Core) -> None:
    order: list[str] = []

    def take(name: str, payload: bytes) -> asyncio.Future[None]:
        delivery = Delivery(
            topic=f"zigbee2mqtt/{name}",
            payload=payload,
            qos=1,
            retained=False,
            received_at=core.clock.now(),
            via="door",
        )
        kept = core.intake.take(delivery)
        kept.add_done_callback(lambda _: order.append(name))
        return kept

    low = [take(f"sensor{n}", b'{"battery_low":true,"battery":4}') for n in range(20)]
    await asyncio.gather(take("bed_button", PRESS.encode()), *low)
    assert order[0] == "bed_button"
    assert len(order) == 21


async def test_the_first_press_of_a_storm_does_not_wait_for_the_last(
    core: Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "GROUP_SECONDS", 0.0)
    commits = core.store.commits
    await asyncio.gather(*(core.receive(f"zigbee2mqtt/lost{n}", PRESS, user=f"gateway{n}") for n in range(5)))
    assert core.store.commits - commits == 5
    assert len(await core.incidents()) == 5
