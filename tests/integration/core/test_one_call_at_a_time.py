"""A second call of the same alarm to a telephone waits until the first has ended: a busy sign tells nobody anything."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from alarmd.messages import RINGS_FOR
from alarmd.phone.callbacks import SendStatus, StatusUpdate
from escalation.incident import Answer, Answered, Refused
from escalation.people import Channel
from tests.support.core import Core

LI = "+8613800000001"


@pytest.fixture
async def core(tmp_path: Path) -> AsyncIterator[Core]:
    async with Core(tmp_path) as made:
        yield made


@pytest.mark.parametrize("ends", [SendStatus.COMPLETED, SendStatus.UNANSWERED, SendStatus.FAILED])
async def test_a_call_waits_until_another_to_that_telephone_has_ended(core: Core, ends: SendStatus) -> None:
    """She has no texts and says yes at the desk while her telephone rings: the way in is read out on a second call."""
    incident = await core.press()
    (asks,) = [message for message in await core.send() if (message.to, message.channel) == (LI, Channel.VOICE)]
    await core.engine.apply(incident.id, Refused(person="li", channel=Channel.SMS, code="21610"))
    ringing = StatusUpdate(attempt=asks.attempt, sid="CA1", status=SendStatus.RINGING, raw="ringing")
    await core.switchboard.status(ringing)
    await core.engine.apply(incident.id, Answered(person="li", answer=Answer.GO, via="desk", by="Ma"))
    assert ("voice", "details") in [
        (row["channel"], row["purpose"]) for row in await core.outgoing() if row["destination"] == LI
    ]
    for _ in range(5):
        assert LI not in [message.to for message in await core.send()], "a busy sign"
        await core.passes(4)
    await core.switchboard.status(StatusUpdate(attempt=asks.attempt, sid="CA1", status=ends, raw=ends.value))
    await core.passes(2)
    assert [message.channel for message in await core.send() if message.to == LI] == [Channel.VOICE]


async def test_a_call_whose_end_nobody_reports_holds_no_other_up_for_long(core: Core) -> None:
    incident = await core.press()
    await core.send()
    await core.engine.apply(incident.id, Refused(person="li", channel=Channel.SMS, code="21610"))
    await core.engine.apply(incident.id, Answered(person="li", answer=Answer.GO, via="desk", by="Ma"))
    await core.passes(RINGS_FOR.total_seconds() + 2)
    assert [message.channel for message in await core.send() if message.to == LI] == [Channel.VOICE]
