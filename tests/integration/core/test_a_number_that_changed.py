"""What waits to be sent goes where the directory says at that moment, and says what it says then."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from alarmd import journal
from alarmd.directory import retiring
from alarmd.directory.retiring import What
from alarmd.phone.provider import Accepted, Outcome, Outgoing, Rejected, Remedy, Unknown
from alarmd.store import Transaction
from escalation.incident import Closed, Incident
from escalation.people import Channel
from tests.support.core import Core

LI, NEW = "+8613800000001", "+8613800000055"
CHANGED = "UPDATE responder SET phone = '+8613800000055' WHERE id = 'li'"


@pytest.fixture
async def core(tmp_path: Path) -> AsyncIterator[Core]:
    async with Core(tmp_path) as made:
        yield made


def down(_: Outgoing) -> Outcome:
    return Rejected(code="20500", reason="out of order", remedy=Remedy.BACK_OFF)


def up(message: Outgoing) -> Outcome:
    return Accepted(sid="S" + message.attempt)


async def imported(core: Core, *statements: str) -> None:
    """Somebody corrects the directory, as an import does."""
    for sql in statements:
        await core.run_sql(sql)
    now = core.clock.now()

    def note(tx: Transaction) -> None:
        seq = journal.append(tx, now, journal.Entry(event="directory.changed", actor="ma"))
        tx.run("note_set", name="directory", value=str(seq))

    await core.store.write(note)


async def goes_on(core: Core) -> list[Outgoing]:
    core.provider.answer = up
    sent = []
    for _ in range(6):
        core.clock.pass_(11)
        sent += await core.send()
    return sent


async def test_who_has_another_number_now_is_rung_there_and_not_at_the_old_one(core: Core) -> None:
    core.provider.answer = down
    await core.press()
    await core.send()
    await imported(core, CHANGED)
    sent = await goes_on(core)
    assert {one.channel for one in sent if one.to == NEW} == {Channel.SMS, Channel.VOICE}
    assert not [one for one in sent if one.to == LI]
    told = [one for one in await core.log("message.queued") if one.data.get("reason", "").startswith("its number")]
    assert {(one.actor, one.data["channel"], one.data["again"]) for one in told} == {
        ("li", "sms", True),
        ("li", "voice", True),
    }
    assert NEW not in str(told)


async def test_what_may_have_rung_is_looked_up_at_the_old_number_and_sent_to_the_new_one(core: Core) -> None:
    core.provider.answer = lambda _: Unknown(reason="no answer")
    core.provider.found = lambda _: Rejected(code="", reason="never taken", remedy=Remedy.BACK_OFF)
    await core.press()
    await core.send()
    await imported(core, CHANGED)
    sent = await goes_on(core)
    assert LI in {one.to for one in core.provider.looked_up}
    assert NEW in {one.to for one in sent}
    assert LI not in {one.to for one in sent}


async def test_who_has_no_number_any_more_is_no_answer_and_others_are_asked(core: Core) -> None:
    core.provider.answer = down
    incident = await core.press()
    await core.send()
    await imported(core, "UPDATE responder SET phone = '' WHERE id = 'li'")
    sent = await goes_on(core)
    assert LI not in {one.to for one in sent}
    refused = [one for one in await core.log("message.refused") if one.actor == "li" and not one.data.get("again_in")]
    assert {one.data["reason"] for one in refused} == {"its number was taken out of the directory"}
    (after,) = [one for one in await core.incidents() if one.id == incident.id]
    assert next(p for p in after.participants if p.who.id == "li").standing == "unreachable"


async def test_a_text_that_waited_tells_the_door_code_of_today(core: Core) -> None:
    incident = await core.press()
    await core.send()
    core.provider.answer = down
    await core.switchboard.text(LI, f"1 {incident.code}", "a")
    await core.send()
    await imported(core, "UPDATE resident SET access = 'code 4711 at the gate' WHERE id = 'wang'")
    texts = [one.body for one in await goes_on(core) if one.to == LI and one.channel is Channel.SMS]
    assert any("4711" in text for text in texts)


async def test_without_a_change_of_the_directory_the_words_stay(core: Core) -> None:
    core.provider.answer = down
    await core.press()
    await core.send()
    before = {row["attempt"]: row["body"] for row in await core.outgoing()}
    await core.run_sql("UPDATE resident SET name = 'another' WHERE id = 'wang'")  # past alarmd
    assert {one.attempt: one.body for one in await goes_on(core) if one.attempt in before}.items() <= before.items()


@pytest.mark.parametrize(
    ("change", "heard"),
    [
        ("UPDATE device SET address = 'other' WHERE id = 'own'", ["alarmd/v1/other/reply"]),
        ("UPDATE device SET resident = 'smith' WHERE id = 'own'", []),
    ],
)
async def test_a_device_that_was_moved_is_answered_where_it_is_or_not_at_all(
    core: Core, change: str, heard: list[str]
) -> None:
    await core.run_sql(
        "INSERT INTO device (id, family, address, resident, kind, room) "
        "VALUES ('own', 'alarmd', 'hall', 'wang', 'button', 'hall')"
    )
    await core.receive("alarmd/v1/hall/signal", '{"ref":"1","type":"sos"}')
    incident = (await core.incidents())[-1]
    await core.send()
    await core.switchboard.text(LI, f"1 {incident.code}", "a")
    before = len(core.published.messages)
    await imported(core, change)
    await core.send()
    told = [topic for topic, payload in core.published.messages[before:] if payload["status"] == "accepted"]
    assert told == heard


async def test_words_that_fail_hold_up_no_other_message(core: Core, monkeypatch: pytest.MonkeyPatch) -> None:
    core.provider.answer = down
    first = await core.press()
    await core.send()
    await imported(core, "UPDATE resident SET notes = 'x' WHERE id = 'wang'")
    await core.receive("zigbee2mqtt/other_button", '{"action":"emergency","battery":87}')
    words = core.messages.words

    def failing(tx: Transaction, incident: Incident, *args: Any, **kwargs: Any) -> str:
        if incident.id == first.id:
            raise KeyError("a defect of ours")
        return words(tx, incident, *args, **kwargs)

    monkeypatch.setattr(core.messages, "words", failing)
    sent = {one.attempt for one in await goes_on(core)}
    rows = await core.outgoing()
    assert {row["incident"] for row in rows if row["attempt"] in sent} == {row["incident"] for row in rows}
    gaps = [one for one in await core.log("incident.gap") if one.data["why"] == "defect"]
    assert {(one.incident, one.data["channel"]) for one in gaps} == {(first.id, "sms")}


async def test_a_text_that_waited_keeps_the_name_of_who_was_retired_since(core: Core) -> None:
    incident = await core.press()
    await core.send()
    await core.switchboard.text(LI, f"1 {incident.code}", "a")
    await core.send()
    core.provider.answer = down
    await core.engine.apply(incident.id, Closed(by="Ma", reason="moved to hospital"))
    await core.send()
    now = core.clock.now()

    def leaves(tx: Transaction) -> None:
        retiring.retire(tx, retiring.prepare(tx, What.RESIDENT, "wang"), by="Chen", reason="moved", now=now)

    await core.store.write(leaves)
    (text,) = [one.body for one in await goes_on(core) if one.to == LI and one.channel is Channel.SMS]
    assert "王秀英" in text
    assert "未登记" not in text
    assert not [one for one in await core.log("incident.gap") if one.data.get("why") == "defect"]


async def test_the_old_number_answers_for_nobody_any_more_and_the_new_one_does(core: Core) -> None:
    incident = await core.press()
    await core.send()
    await imported(core, CHANGED)
    await core.switchboard.text(LI, f"1 {incident.code}", "a")
    (after,) = await core.incidents()
    assert next(p for p in after.participants if p.who.id == "li").standing == "asked"
    await core.switchboard.text(NEW, f"1 {incident.code}", "b")
    (after,) = await core.incidents()
    assert next(p for p in after.participants if p.who.id == "li").standing == "accepted"


async def test_a_key_at_the_old_number_is_on_record_and_answers_for_nobody(core: Core) -> None:
    """The call was under way when the number was changed: the old telephone stops nothing."""
    incident = await core.press()
    (call,) = [one for one in await core.send() if (one.to, one.channel) == (LI, Channel.VOICE)]
    await core.switchboard.answered(call.attempt, "CA1", "human")
    await imported(core, CHANGED)
    await core.switchboard.key(call.attempt, "CA1", "1")
    (after,) = [one for one in await core.incidents() if one.id == incident.id]
    assert next(p for p in after.participants if p.who.id == "li").standing == "asked"
    assert [(one.actor, one.data["why"]) for one in await core.log("message.unread")] == [("li", "number_changed")]
