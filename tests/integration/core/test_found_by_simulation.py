"""Defects that tests/simulation found, each as the short story it was."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from alarmd.auditor import Auditor
from alarmd.phone.callbacks import SendStatus, StatusUpdate
from escalation.incident import Answer, Answered, DeadlineKind, HandoffState, Repaired, Status
from escalation.people import Channel
from escalation.plan import parse
from tests.support.core import Core

LINE = "+861065551234"
THREE_HOURS = 3 * 3600.0


@pytest.fixture
async def core(tmp_path: Path) -> AsyncIterator[Core]:
    async with Core(tmp_path) as made:
        yield made


async def test_the_line_is_rung_again_after_the_clock_was_set_back(core: Core) -> None:
    """Seed 23: the desk rang on, but the ambulance's line not before the three hours were over."""
    await core.press()
    for _ in range(3):
        await core.passes(60)
    await core.send()
    auditor = Auditor(engine=core.engine, clock=core.clock)
    await auditor.audit()
    core.clock.pass_(-THREE_HOURS)
    assert await auditor.audit() == 1
    await core.send()
    (incident,) = await core.incidents()
    assert incident.handoff is not None
    assert incident.handoff.state is HandoffState.QUEUED
    assert DeadlineKind.HANDOFF in {deadline.kind for deadline in incident.deadlines}
    await core.passes(121)
    assert LINE in {message.to for message in await core.send()}


async def test_a_deadline_behind_a_nearer_one_is_not_put_off_by_a_clock_set_back(core: Core) -> None:
    """Seed 266: the second who said yes had a new deadline, and hid the first one's, hours away."""
    incident = await core.press()
    await core.engine.apply(incident.id, Answered(person="li", answer=Answer.GO, via="desk", by="Zhang"))
    auditor = Auditor(engine=core.engine, clock=core.clock)
    await auditor.audit()
    core.clock.pass_(-THREE_HOURS)
    await core.engine.apply(incident.id, Answered(person="zhao", answer=Answer.GO, via="desk", by="Zhang"))
    await auditor.audit()
    (incident,) = await core.incidents()
    ahead = {deadline.person: (deadline.due_at - core.clock.now()).total_seconds() for deadline in incident.deadlines}
    assert set(ahead) == {"li", "zhao"}
    assert max(ahead.values()) <= 900


async def test_what_was_put_off_is_found_again_by_who_starts_after_a_crash(
    core: Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The note by which a clock set back is known is written when everything is mended, not before."""
    incident = await core.press()
    await Auditor(engine=core.engine, clock=core.clock).audit()
    core.clock.pass_(-THREE_HOURS)

    async def dies(incident_id: str, event: object) -> None:
        raise KeyboardInterrupt(incident_id, event)

    with monkeypatch.context() as patch:
        patch.setattr(core.engine, "apply", dies)
        with pytest.raises(KeyboardInterrupt):
            await Auditor(engine=core.engine, clock=core.clock).audit()
    await core.restart()
    assert await Auditor(engine=core.engine, clock=core.clock).audit() == 1
    assert (await core.incidents())[0].id == incident.id


async def test_a_missed_and_a_put_off_deadline_are_both_mended(core: Core) -> None:
    incident = await core.press()
    core.clock.pass_(THREE_HOURS)
    await core.engine.apply(incident.id, Answered(person="li", answer=Answer.GO, via="desk", by="Zhang"))
    core.clock.pass_(-THREE_HOURS)
    await core.engine.apply(incident.id, Answered(person="zhao", answer=Answer.GO, via="desk", by="Zhang"))
    core.clock.pass_(600)  # zhao ought to have been there
    repaired = await core.engine.apply(incident.id, Repaired(found="by hand"))
    assert "zhao" not in {d.person for d in repaired.deadlines}
    assert max(d.due_at - core.clock.now() for d in repaired.deadlines).total_seconds() <= 1800


async def test_who_is_not_told_by_text_that_somebody_goes_is_not_rung_to_go_as_well(core: Core) -> None:
    """Seed 100: where a step had one channel only, its refusal asked by the other, although somebody had said yes."""
    steps = [{"contact": "nearest", "by": ["sms"]}]
    core.engine._plans = {"standard": parse("standard", {"signals": ["sos"], "step": steps})}
    incident = await core.press()
    text = next(m for m in await core.send() if m.to == "+8613800000001")
    await core.engine.apply(incident.id, Answered(person="zhao", answer=Answer.GO, via="desk", by="Zhang"))
    failed = StatusUpdate(
        attempt=text.attempt, sid=f"SM{text.attempt}", status=SendStatus.UNDELIVERED, raw="undelivered", code="30005"
    )
    await core.switchboard.status(failed)
    assert not [m for m in await core.send() if m.channel is Channel.VOICE]
    assert (await core.incidents())[0].status is Status.ACCEPTED


async def test_i_am_there_confirms_no_hand_off(core: Core) -> None:
    """Seed 337: a desk that had two texts at once answered the one, and the other was taken for confirmed."""
    incident = await core.press()
    for _ in range(3):
        await core.passes(60)
        await core.send()
    await core.switchboard.text(LINE, f"3 {incident.code}", "SM1")
    (incident,) = await core.incidents()
    assert incident.handoff is not None
    assert incident.handoff.state is HandoffState.QUEUED
    assert incident.status is Status.NOTIFYING, "nor is the line's own telephone at the door"


async def test_what_was_overdue_when_the_clock_was_set_back_is_not_put_off(core: Core) -> None:
    """Seed 488: a full disk had held up a step, and then the clock made a coming one of it."""
    await core.press()
    core.clock.pass_(120)
    auditor = Auditor(engine=core.engine, clock=core.clock)
    await core.run_sql("INSERT INTO note_to_self VALUES ('last_alive', '2026-11-21T11:32:00.000000Z')")
    core.clock.pass_(-THREE_HOURS)
    assert await auditor.audit() == 1
    assert (await core.incidents())[0].step > 0


async def test_a_desk_that_said_no_hears_that_she_presses_while_the_operator_has_it(core: Core) -> None:
    """Seed 20: who took it at the console has no telephone, and the desk's was left out for its no."""
    incident = await core.press()
    for _ in range(5):
        await core.passes(130)
        await core.send()
    await core.engine.apply(incident.id, Answered(person="operator:Zhang", answer=Answer.GO, via="desk", by="Zhang"))
    await core.engine.apply(incident.id, Answered(person="desk:0", answer=Answer.CANNOT, via="voice"))
    core.clock.pass_(120)
    await core.send()
    await core.press()
    assert "+8613900000009" in {m.to for m in await core.send()}


async def test_a_clock_set_on_and_back_between_two_audits_is_noticed(core: Core) -> None:
    """Seed 3034: what was decided in between was due by a time that came hours later."""
    await core.press()
    auditor = Auditor(engine=core.engine, clock=core.clock)
    await auditor.audit()
    core.clock.pass_(THREE_HOURS)
    await core.passes(1)
    core.clock.pass_(-THREE_HOURS)
    assert await auditor.audit() == 1
    (incident,) = await core.incidents()
    assert max(d.due_at - core.clock.now() for d in incident.deadlines).total_seconds() <= 1800
    assert await auditor.audit() == 0
