"""One number, one call: two alarms at the same moment never ring one telephone twice at once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from alarmd import times
from alarmd.messages import RINGS_FOR
from alarmd.one_call import AT_MOST, UNTOLD_AT_MOST, URGENT_AT_MOST
from alarmd.phone.callbacks import SendStatus, StatusUpdate
from alarmd.phone.provider import Outgoing
from escalation.incident import Closed, Incident
from escalation.people import Channel
from tests.support.core import Core

LI, LINE, DESK = "+8613800000001", "+861065551234", "+8613900000009"
SMITH = (
    "INSERT INTO device (id, family, address, resident, kind)"
    " VALUES ('smith-bed', 'zigbee2mqtt', 'smith_button', 'smith', 'button')"
)
NEIGHBOUR = "UPDATE resident SET lat = 39.9501, lon = 116.4101 WHERE id = 'smith'"


@pytest.fixture
async def core(tmp_path: Path) -> AsyncIterator[Core]:
    async with Core(tmp_path) as made:
        await made.run_sql(SMITH)
        await made.run_sql(NEIGHBOUR)
        yield made


def calls(sent: list[Outgoing], to: str = LI) -> list[Outgoing]:
    return [message for message in sent if (message.to, message.channel) == (to, Channel.VOICE)]


async def told(core: Core, call: Outgoing, status: SendStatus) -> None:
    await core.switchboard.status(
        StatusUpdate(attempt=call.attempt, sid=f"CA{call.attempt}", status=status, raw=status.value)
    )


async def whose(core: Core, call: Outgoing) -> str:
    return next(str(row["incident"]) for row in await core.outgoing() if row["attempt"] == call.attempt)


async def both_press(core: Core) -> tuple[Incident, Incident, list[Outgoing]]:
    """Two neighbours press five seconds apart, and Li is the nearest of both."""
    hers = await core.press()
    first = await core.send()
    for call in (one for one in first if one.channel is Channel.VOICE):
        await told(core, call, SendStatus.RINGING)
    await core.passes(5)
    await core.receive("zigbee2mqtt/smith_button", '{"action":"emergency"}')
    his = (await core.incidents())[-1]
    assert hers.id != his.id
    return hers, his, first


async def test_the_second_alarm_texts_at_once_and_rings_when_the_first_call_has_ended(core: Core) -> None:
    hers, his, first = await both_press(core)
    (rings,) = calls(first)
    at_once = await core.send()
    assert [message.channel for message in at_once if message.to == LI] == [Channel.SMS], "the text waits for nothing"
    for _ in range(5):
        await core.passes(3)
        assert not calls(await core.send()), "a busy sign"
    await told(core, rings, SendStatus.UNANSWERED)
    await core.passes(3)
    (second,) = calls(await core.send())
    assert (await whose(core, rings), await whose(core, second)) == (hers.id, his.id)


async def test_who_said_yes_to_the_first_is_rung_for_the_second_all_the_same(core: Core) -> None:
    _, his, first = await both_press(core)
    (rings,) = calls(first)
    await core.send()
    sid = f"CA{rings.attempt}"
    await core.switchboard.answered(rings.attempt, sid, "human")
    await core.switchboard.key(rings.attempt, sid, "1")
    await core.passes(3)
    assert not calls(await core.send()), "she is still in the first call"
    await told(core, rings, SendStatus.COMPLETED)
    await core.passes(3)
    (second,) = calls(await core.send())
    assert await whose(core, second) == his.id


async def test_what_is_needed_no_more_when_the_telephone_is_free_is_not_rung(core: Core) -> None:
    _, his, first = await both_press(core)
    (rings,) = calls(first)
    await core.send()
    await core.engine.apply(his.id, Closed(by="Ma", reason="a mistake"))
    await told(core, rings, SendStatus.UNANSWERED)
    await core.passes(3)
    assert not calls(await core.send())


async def test_a_call_whose_end_nobody_reports_silences_no_number(core: Core) -> None:
    _, his, _ = await both_press(core)
    await core.send()
    second: list[Outgoing] = []
    for _ in range(int(RINGS_FOR.total_seconds() / 5) + 1):
        await core.passes(5)
        second += calls(await core.send())
    assert [await whose(core, call) for call in second][:1] == [his.id]


async def test_a_provider_that_reports_nothing_holds_nobody_up(core: Core) -> None:
    await core.press()
    await core.send()
    await core.receive("zigbee2mqtt/smith_button", '{"action":"emergency"}')
    await core.send()
    await core.passes(6)
    assert len(calls(await core.send())) == 1


@pytest.mark.parametrize(("lane", "bound"), [(0, URGENT_AT_MOST), (1, AT_MOST)], ids=["a hand-off", "any other"])
async def test_a_chat_that_never_ends_holds_a_call_up_for_a_bounded_time(
    core: Core, lane: int, bound: timedelta
) -> None:
    """The provider says of the first call again and again that it goes on."""
    _, his, first = await both_press(core)
    (rings,) = calls(first)
    await core.run_sql(f"UPDATE outbox SET lane = {lane} WHERE incident = '{his.id}' AND channel = 'voice'")  # noqa: S608 - ours
    waited = 0
    while not [call for call in calls(await core.send()) if await whose(core, call) == his.id]:
        core.clock.pass_(1)
        await core.run_sql(
            f"UPDATE outbox SET changed_at = '{times.to_text(core.clock.now())}'"  # noqa: S608 - ours
            f" WHERE attempt = '{rings.attempt}'"
        )
        waited += 1
        assert waited < 400
    assert abs(waited - bound.total_seconds()) <= 4


async def test_the_more_urgent_goes_first_when_the_telephone_is_free(core: Core) -> None:
    """Two wait for one telephone: an ordinary call, queued first, and one that goes before all others."""
    _, his, first = await both_press(core)
    (rings,) = calls(first)
    await core.send()
    row = next(
        r for r in await core.outgoing() if (r["incident"], r["destination"], r["channel"]) == (his.id, LI, "voice")
    )
    urgent = "f" * 20
    await core.passes(1)
    names = "person, channel, purpose, destination, body, language, state, tries"
    await core.run_sql(
        f"INSERT INTO outbox (attempt, incident, lane, due_at, queued_at, changed_at, {names})"  # noqa: S608 - ours
        f" SELECT '{urgent}', incident, 0, due_at, due_at, due_at, {names} FROM outbox"
        f" WHERE attempt = '{row['attempt']}'"
    )
    await core.passes(2)
    assert not calls(await core.send())
    await told(core, rings, SendStatus.UNANSWERED)
    went: list[str] = []
    for _ in range(3):
        await core.passes(1)
        went += [call.attempt for call in calls(await core.send())]
    assert went[:1] == [urgent]


async def test_line_and_desk_are_rung_for_one_hand_off_after_the_other(core: Core) -> None:
    """Each call rings out for 20 s: nobody is rung for two alarms at once, and each is rung for both."""
    hers, his, first = await both_press(core)
    ends_at = {call.attempt: (call, 20) for call in calls(first)}
    rung: set[tuple[str, str]] = set()
    for second in range(300):
        for attempt, (call, at) in list(ends_at.items()):
            if second >= at:
                del ends_at[attempt]
                await told(core, call, SendStatus.UNANSWERED)
        for call in await core.send():
            if call.channel is Channel.VOICE:
                assert call.to not in {on.to for on, _ in ends_at.values()}, "a busy sign"
                ends_at[call.attempt] = call, second + 20
                rung.add((await whose(core, call), call.to))
                await told(core, call, SendStatus.RINGING)
        await core.passes(1)
    assert {(hers.id, LINE), (his.id, LINE), (hers.id, DESK), (his.id, DESK)} <= rung


async def test_where_no_text_goes_with_a_call_it_waits_for_seconds_only(core: Core) -> None:
    """Such as a desk that is asked by voice only: else nobody would hear of it for a minute."""
    await both_press(core)
    await core.run_sql(f"DELETE FROM outbox WHERE channel = 'sms' AND destination = '{LI}'")  # noqa: S608 - our own
    assert calls(await core.send()) == []
    await core.passes(UNTOLD_AT_MOST.total_seconds())
    assert len(calls(await core.send())) == 1
