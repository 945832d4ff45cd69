"""An entry that says told has its message, whatever became of the settings or the telephones meanwhile."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.settings import load
from escalation.incident import Answer, Answered, Closed, HandedOver, HandoffState, Pressed, Refused
from escalation.people import Channel
from tests.support.core import MORE, Core
from tests.support.station import write_settings

DESK, LINE = "+8613900000009", "+861065551234"
NO_LINE = '[service]\nlanguage = "zh-CN"\ndesk_phones = ["+8613900000009"]\n'
NOBODY = '[service]\nlanguage = "zh-CN"\ndesk_phones = []\n'
ONE_LANDLINE = MORE.replace(LINE, DESK)


async def a_hand_off(core: Core) -> str:
    """Nobody went, and the line is rung."""
    incident = await core.press()
    for _ in range(8):
        await core.passes(20)
    (stored,) = await core.incidents()
    assert stored.handoff is not None
    return incident.id


async def restarted(core: Core, folder: Path, more: str) -> None:
    """With other settings."""
    core.settings = load(write_settings(folder, more=more), {})
    await core.restart()


async def told(core: Core, event: str) -> list[tuple[list[str], bool]]:
    """Whom each entry calls told, and whether a message of that kind was queued at its moment."""
    purpose = event.replace("handoff.updated", "handoff_update").replace("handoff.cancelled", "handoff_cancel")
    queued = [e for e in await core.log("message.queued") if e.data["purpose"] == purpose]
    found = []
    for entry in await core.log(event):
        to = [one["id"] if isinstance(one, dict) else one for one in entry.data["to"]]
        found.append((to, all(any(q.actor == who and q.at == entry.at for q in queued) for who in to)))
    return found


@pytest.mark.parametrize(("more", "to"), [(NO_LINE, ["desk:0"]), (NOBODY, None)], ids=["a desk", "nobody"])
async def test_a_line_that_was_taken_out_of_the_settings_is_not_called_told(
    tmp_path: Path, more: str, to: list[str] | None
) -> None:
    async with Core(tmp_path) as core:
        incident = await a_hand_off(core)
        await core.engine.apply(incident, HandedOver(by="line", via="voice"))
        await restarted(core, tmp_path, more)
        await core.engine.apply(incident, Answered(person="li", answer=Answer.GO, via="voice"))
        await core.engine.apply(incident, Closed(by="Ma", reason="well", cancel_ambulance=True))
        for event in ("handoff.updated", "handoff.cancelled"):
            assert await told(core, event) == ([(to, True)] if to else [])
        if to is None:
            assert [e for e in await core.log("incident.gap") if e.data["why"] == "nobody can be told of it"]


async def test_the_desk_that_is_told_instead_hears_that_it_passes_it_on(tmp_path: Path) -> None:
    async with Core(tmp_path) as core:
        incident = await a_hand_off(core)
        await core.engine.apply(incident, HandedOver(by="line", via="voice"))
        await restarted(core, tmp_path, NO_LINE)
        await core.engine.apply(incident, Answered(person="li", answer=Answer.GO, via="voice"))
        text = next(r["body"] for r in await core.outgoing() if r["purpose"] == "handoff_update")
        assert "告知急救" in text or "转告" in text


async def test_a_line_that_was_taken_out_is_rung_no_more_and_the_desk_is(tmp_path: Path) -> None:
    async with Core(tmp_path) as core:
        incident = await a_hand_off(core)
        await restarted(core, tmp_path, NO_LINE)
        before = len(await core.log("handoff.queued"))
        for _ in range(7):
            await core.passes(20)
        assert [e.data["to"] for e in (await core.log("handoff.queued"))[before:]] == [["desk:0"]]
        await core.engine.apply(incident, HandedOver(by="desk:0", via="voice"))
        (stored,) = await core.incidents()
        assert stored.handoff is not None
        assert stored.handoff.state is HandoffState.ACCEPTED


async def test_one_landline_that_is_line_and_desk_and_takes_no_texts(tmp_path: Path) -> None:
    async with Core(tmp_path, more=ONE_LANDLINE) as core:
        incident = await a_hand_off(core)
        await core.engine.apply(incident, Refused(person="line", channel=Channel.SMS, code="30006"))
        await core.engine.apply(incident, Refused(person="desk:0", channel=Channel.SMS, code="30006"))
        await core.engine.apply(incident, HandedOver(by="line", via="voice"))
        await core.engine.apply(incident, Pressed(signal=7, device="bed", type="sos"))
        await core.engine.apply(incident, Answered(person="li", answer=Answer.GO, via="voice"))
        await core.engine.apply(incident, Pressed(signal=8, device="bed", type="sos"))
        for to, queued in await told(core, "handoff.updated"):
            assert queued, to
