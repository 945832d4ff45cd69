"""A forged number that guesses at codes: it never answers, the incident goes on, and the desk hears of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

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
