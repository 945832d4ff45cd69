"""A forged number that guesses at codes: it never answers, the incident goes on, and the desk hears of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from alarmd import guessing
from alarmd.phone.provider import Accepted, Outgoing, Rejected, Remedy
from config.settings import plans
from escalation.incident import Incident, Status
from tests.support.core import Core


@pytest.fixture
async def core(tmp_path: Path) -> AsyncIterator[Core]:
    async with Core(tmp_path) as made:
        yield made


async def number_of(core: Core, person: str) -> str:
    rows = await core.rows("SELECT id, phone FROM responder")
    return next(str(row["phone"]) for row in rows if row["id"] == person)


async def pressed(core: Core) -> tuple[Incident, str]:
    """A press, and the number of who was asked first."""
    incident = await core.press()
    await core.send()
    return incident, await number_of(core, incident.participants[0].who.id)


def wrong(code: str, n: int) -> str:
    return f"{(int(code) + 1 + n) % 10_000:04}"


async def guess(core: Core, number: str, code: str, times: int) -> list[str]:
    return [await core.switchboard.text(number, f"1 {wrong(code, n)}", f"SM{n}") for n in range(times)]


async def test_after_three_wrong_codes_the_right_one_is_no_answer_and_the_owner_is_rung(core: Core) -> None:
    incident, number = await pressed(core)
    await guess(core, number, incident.code, 3)
    core.clock.pass_(120)
    before = len(core.provider.sent)
    said = await core.switchboard.text(number, f"1 {incident.code}", "SMright")
    await core.send()
    (after,) = await core.incidents()
    assert after.status is Status.NOTIFYING
    assert "call you now" in said or "马上给您打电话" in said
    rung = [one for one in core.provider.sent[before:] if one.to == number]
    assert [one.channel.value for one in rung] == ["voice"]


@pytest.mark.parametrize("text", ["1", "ok I go", "2", "3"])
async def test_nor_is_one_without_a_code(core: Core, text: str) -> None:
    incident, number = await pressed(core)
    await guess(core, number, incident.code, 3)
    await core.switchboard.text(number, text, "SMnone")
    (after,) = await core.incidents()
    assert after.status is Status.NOTIFYING
    assert all(p.standing.value == "asked" for p in after.participants)


async def test_who_mistypes_twice_still_answers(core: Core) -> None:
    incident, number = await pressed(core)
    await guess(core, number, incident.code, 2)
    await core.switchboard.text(number, f"1 {incident.code}", "SMright")
    (after,) = await core.incidents()
    assert after.status is Status.ACCEPTED


async def test_five_thousand_guesses_find_nothing_and_do_not_bury_the_desk(core: Core) -> None:
    incident, number = await pressed(core)
    for n in range(200):
        code = f"{(int(incident.code) - 100 + n) % 10_000:04}"
        told = await core.switchboard.text(number, f"1 {code}", f"SM{n}")
        assert "call you now" not in told, "nobody is told of a call that does not come"
    (after,) = await core.incidents()
    assert after.status is Status.NOTIFYING
    said = [row for row in await core.outgoing() if row["purpose"] == "said"]
    assert 1 <= len(said) <= 16
    unread = await core.log("message.unread")
    assert len(unread) == 200  # each is on record, and the right one too
    assert max(entry.data.get("codes", 0) for entry in unread) == 199


async def test_another_number_answers_as_ever(core: Core) -> None:
    incident, number = await pressed(core)
    await guess(core, number, incident.code, 5)
    other = next(p.who.id for p in incident.participants if p.who.id != incident.participants[0].who.id)
    await core.switchboard.text(await number_of(core, other), f"1 {incident.code}", "SMother")
    (after,) = await core.incidents()
    assert after.status is Status.ACCEPTED


async def test_a_cry_for_help_and_words_are_read_all_the_same(core: Core) -> None:
    incident, number = await pressed(core)
    await guess(core, number, incident.code, 9)
    await core.switchboard.text(number, "she is lying on the floor, the door is locked", "SMwords")
    unread = [entry for entry in await core.log("message.unread") if "floor" in str(entry.data.get("text"))]
    assert len(unread) == 1


async def test_a_key_in_our_call_counts_as_ever(core: Core) -> None:
    incident, number = await pressed(core)
    await guess(core, number, incident.code, 4)
    call = next(row for row in await core.outgoing() if row["channel"] == "voice" and row["destination"] == number)
    await core.switchboard.key(call["attempt"], "CA1", "1")
    (after,) = await core.incidents()
    assert after.status is Status.ACCEPTED


# ---------------------------------------------------------------- who is asked by text only

PLAN = """[plan.own]
signals = ["sos"]
[[plan.own.step]]
contact = "contacts"
by = {by}
wait = "30m"
[[plan.own.step]]
contact = "desk"
by = ["voice"]
wait = "60s"
"""
ZHAO, DESK = "+8613800000002", "+8613900000009"
TEXT, BOTH = '["sms"]', '["sms", "voice"]'


async def asked(core: Core, by: str) -> Incident:
    """A press of a home whose plan asks its contacts this way."""
    folder = core.settings.path.parent / "plans"  # type: ignore[union-attr]  # it was loaded from a file
    folder.mkdir()
    (folder / "own.toml").write_text(PLAN.format(by=by))
    core.engine._plans = plans(core.settings.path)
    await core.run_sql("UPDATE resident SET plan = 'own' WHERE id = 'wang'")
    incident = await core.press()
    await core.send()
    core.clock.pass_(120)
    return incident


def calls_to(core: Core, number: str) -> list[Outgoing]:
    return [one for one in core.provider.sent if one.to == number and one.channel.value == "voice"]


async def test_who_is_asked_by_text_only_is_rung_all_the_same_and_answers_with_a_key(core: Core) -> None:
    incident = await asked(core, TEXT)
    assert calls_to(core, ZHAO) == []
    await guess(core, ZHAO, incident.code, 3)
    said = await core.switchboard.text(ZHAO, f"1 {incident.code}", "SMright")
    await core.send()
    assert "马上给您打电话" in said
    (call,) = calls_to(core, ZHAO)
    await core.switchboard.key(call.attempt, "CA1", "1")
    (after,) = await core.incidents()
    assert after.status is Status.ACCEPTED


@pytest.mark.parametrize("by", [TEXT, BOTH])
@pytest.mark.parametrize("text", ["1 {code}", "1", "2 {code}", "1 {wrong}"])
async def test_nobody_is_rung_without_end_nor_told_of_a_call_that_does_not_come(core: Core, by: str, text: str) -> None:
    incident = await asked(core, by)
    await guess(core, ZHAO, incident.code, 3)
    await core.send()
    before, read = len(calls_to(core, ZHAO)), len([one for one in core.provider.sent if one.to == DESK])
    for n in range(22):
        rung = len(calls_to(core, ZHAO))
        body = text.format(code=incident.code, wrong=wrong(incident.code, 5))
        said = await core.switchboard.text(ZHAO, body, f"SM-{n}")
        await core.send()
        comes = len(calls_to(core, ZHAO)) > rung
        assert comes == ("打电话" in said), said
        assert comes or DESK in said or "没有" in said, said  # what can be done, or that the code is none
        core.clock.pass_(31)
    (after,) = await core.incidents()
    assert after.status is Status.NOTIFYING
    assert len(calls_to(core, ZHAO)) - before <= guessing.MOST_CALLS
    assert len([one for one in core.provider.sent if one.to == DESK]) - read <= 8
    assert len(await core.log("message.unread")) == 25  # each is on record


async def test_a_number_that_cannot_be_rung_is_asked_on_by_text_and_called_by_the_desk(core: Core) -> None:
    """The call fails: that closes nothing, others are asked on, and the desk has read it."""
    incident = await asked(core, TEXT)
    await guess(core, ZHAO, incident.code, 3)
    core.provider.answer = lambda one: (
        Rejected(code="21210", reason="no", remedy=Remedy.OTHER_CHANNEL_ONCE)
        if one.channel.value == "voice"
        else Accepted(sid=f"S{one.attempt}")
    )
    await core.switchboard.text(ZHAO, f"1 {incident.code}", "SMright")
    await core.send()
    (after,) = await core.incidents()
    assert next(p for p in after.participants if p.who.id == "zhao").standing.value == "asked"
    assert any(one.to == DESK and incident.code in one.body for one in core.provider.sent)


async def test_a_desk_that_forged_texts_bar_is_not_told_to_ring_itself(core: Core) -> None:
    await asked(core, TEXT)
    await core.passes(1801)
    await core.send()
    (incident,) = await core.incidents()
    await guess(core, DESK, incident.code, 3)
    said = [await core.switchboard.text(DESK, f"1 {incident.code}", f"SM{n}") for n in range(5)]
    await core.send()
    assert any("打电话" in one for one in said)
    assert all(DESK not in one for one in said)
