"""Two phone providers: failover by outcome, a way back to the first, and never both silent without anybody knowing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest

from alarmd.phone import failover
from alarmd.phone.provider import Outcome, Outgoing, Rejected, Remedy, Unknown
from tests.support.core import Core, ScriptedProvider

TIMED_OUT = Unknown(reason="timed out")
NO_ACCOUNT = Rejected(code="20003", reason="the account is refused", remedy=Remedy.NEXT_PROVIDER)
LATER = Rejected(code="30500", reason="out of order", remedy=Remedy.BACK_OFF)
NOT_TAKEN = Rejected(code="", reason="not there", remedy=Remedy.BACK_OFF)
PENDANT = "INSERT INTO device VALUES ('p', 'alarmd', 'pendant', 'wang', 'pendant', '', 300)"


class Phones:
    """A core with two providers, and who heard of their silence."""

    def __init__(self, core: Core) -> None:
        self.core = core
        self.first = core.provider
        self.second = ScriptedProvider(name="second")
        self.silences: list[bool] = []
        core.outbox.failover.providers = [self.first, self.second]
        core.outbox.failover._changed = lambda: self.silences.append(core.outbox.failover.silent)

    def breaks(self, *providers: ScriptedProvider, how: Outcome = NO_ACCOUNT) -> None:
        for provider in providers:
            provider.answer = lambda _: how
            provider.found = lambda _: NOT_TAKEN

    def mends(self, *providers: ScriptedProvider) -> None:
        for provider in providers:
            provider.answer = ScriptedProvider.answer

    async def press(self, ref: str = "1") -> None:
        await self.core.receive("alarmd/v1/pendant/signal", f'{{"ref":"{ref}"}}')

    async def send(self) -> tuple[list[Outgoing], list[Outgoing]]:
        """Let what is due go out; returns what each of the two was asked to send."""
        before = len(self.first.sent), len(self.second.sent)
        await self.core.send()
        return self.first.sent[before[0] :], self.second.sent[before[1] :]

    def replies(self) -> list[str]:
        return [body["status"] for _, body in self.core.published.messages]

    async def log(self, event: str) -> list[tuple[str, bool | None]]:
        return [(e.data["provider"], e.data.get("all")) for e in await self.core.log(event)]


@pytest.fixture
async def phones(tmp_path: Path) -> AsyncIterator[Phones]:
    async with Core(tmp_path) as core:
        await core.run_sql(PENDANT)
        yield Phones(core)


@pytest.mark.parametrize("how", [NO_ACCOUNT, TIMED_OUT])
async def test_what_the_first_cannot_do_the_second_does(phones: Phones, how: Outcome) -> None:
    phones.breaks(phones.first, how=how)
    await phones.press()
    await phones.send()
    phones.core.clock.pass_(6)  # what has no answer is looked up first
    await phones.send()
    assert len(phones.second.sent) == 4
    assert {row["state"] for row in await phones.core.outgoing()} == {"sent"}
    assert await phones.log("provider.down") == [("scripted", False)]
    assert phones.silences == [False]


async def test_a_provider_that_hangs_is_not_asked_for_long_while_another_works(
    phones: Phones, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It hung with the message, and then as long again with the question: 25 s until the second was used."""
    monkeypatch.setattr(failover, "LOOK_UP_S", 0.01)

    async def never(_message: Outgoing, *, since: datetime) -> Outcome:
        await asyncio.Event().wait()
        raise AssertionError("it hangs")

    phones.breaks(phones.first, how=TIMED_OUT)
    phones.first.find = never  # type: ignore[assignment,method-assign]  # this one does worse than answer
    await phones.press()
    await phones.send()
    phones.core.clock.pass_(6)
    _, second = await phones.send()
    assert len(second) == 4
    assert {row["state"] for row in await phones.core.outgoing()} == {"sent"}


async def test_a_provider_that_says_later_again_and_again_is_down_too(phones: Phones) -> None:
    phones.breaks(phones.first, how=LATER)
    await phones.press()
    await phones.send()
    assert await phones.log("provider.down") == [], "four messages were put off: that may be a rate"
    await phones.core.receive("zigbee2mqtt/found_button", '{"action":"emergency"}')
    await phones.send()
    assert await phones.log("provider.down") == [("scripted", False)]
    assert {row["state"] for row in await phones.core.outgoing()} == {"sent"}


async def test_a_provider_that_may_not_call_one_country_is_not_down_for_all(phones: Phones) -> None:
    abroad = Rejected(code="21408", reason="not that country", remedy=Remedy.NEXT_PROVIDER)
    phones.first.answer = lambda m: abroad if m.to == "+8613800000001" else ScriptedProvider.answer(m)
    await phones.press()
    await phones.send()
    assert {message.to for message in phones.second.sent} == {"+8613800000001"}
    assert {row["state"] for row in await phones.core.outgoing()} == {"sent"}
    assert await phones.log("provider.down") == []
    assert phones.silences == []


async def test_one_message_tries_the_first_again_while_the_others_take_the_second(phones: Phones) -> None:
    phones.breaks(phones.first)
    await phones.press()
    await phones.send()
    phones.core.clock.pass_(31)
    await phones.core.receive("zigbee2mqtt/found_button", '{"action":"emergency"}')
    tried, went = await phones.send()
    assert (len(tried), len(went)) == (1, 2), "and the one that tried in vain went by the second at once"
    phones.core.clock.pass_(31)
    await phones.core.passes(30)
    tried, went = await phones.send()
    assert tried != []
    assert await phones.log("provider.down") == [("scripted", False)], "still the same outage"


async def test_a_failed_try_doubles_the_pause(phones: Phones) -> None:
    phones.breaks(phones.first)
    for ref, seconds in (("1", 31), ("2", 31), ("3", 31)):
        await phones.press(ref)
        await phones.send()
        phones.core.clock.pass_(seconds)
        phones.first.sent.clear()
        await phones.core.receive(f"zigbee2mqtt/found_{ref}", '{"action":"emergency"}')
        tried, _ = await phones.send()
        assert len(tried) == (0 if ref == "2" else 1), f"after press {ref}"


async def test_it_returns_to_the_first_as_soon_as_that_works(phones: Phones) -> None:
    phones.breaks(phones.first)
    await phones.press()
    await phones.send()
    phones.mends(phones.first)
    phones.core.clock.pass_(31)
    await phones.core.receive("zigbee2mqtt/found_button", '{"action":"emergency"}')
    await phones.send()
    assert await phones.log("provider.back") == [("scripted", None)]
    await phones.core.receive("zigbee2mqtt/other_button", '{"action":"emergency"}')
    took, went = await phones.send()
    assert took != []
    assert went == []


async def test_when_no_provider_works_the_desk_the_device_and_the_outside_know_at_once(phones: Phones) -> None:
    phones.breaks(phones.first, phones.second)
    await phones.press()
    await phones.send()
    assert await phones.log("provider.down") == [("scripted", False), ("second", True)]
    assert phones.silences[-1] is True
    assert phones.replies() == ["hold"]
    assert phones.core.published.messages[0][1]["incident"] == (await phones.core.incidents())[0].id


async def test_whoever_presses_during_the_silence_is_told_too_and_only_once(phones: Phones) -> None:
    phones.breaks(phones.first, phones.second)
    await phones.core.receive("zigbee2mqtt/found_button", '{"action":"emergency"}')
    await phones.send()
    assert phones.replies() == [], "that button has no way to be told"
    await phones.press()
    for _ in range(3):
        await phones.send()
        phones.core.clock.pass_(40)
    assert phones.replies() == ["hold"]


async def test_after_the_silence_the_device_hears_that_its_press_is_kept_and_the_messages_go_out(
    phones: Phones,
) -> None:
    phones.breaks(phones.first, phones.second)
    await phones.press()
    await phones.send()
    phones.mends(phones.second)
    for _ in range(2):
        phones.core.clock.pass_(30)  # the longest pause between two tries
        await phones.send()
    assert phones.replies() == ["hold", "kept"]
    assert {row["state"] for row in await phones.core.outgoing() if row["channel"] != "device"} == {"sent"}
    assert await phones.log("provider.back") == [("second", None)]
    assert phones.silences[-1] is False


async def test_a_device_that_knows_of_its_helper_is_not_told_to_hold(phones: Phones) -> None:
    await phones.press()
    call = next(m for m in (await phones.send())[0] if m.channel.value == "voice")
    await phones.core.switchboard.key(call.attempt, "CA1", "1")
    phones.breaks(phones.first, phones.second)
    await phones.core.receive("zigbee2mqtt/found_button", '{"action":"emergency"}')
    await phones.send()
    assert await phones.log("provider.down") == [("scripted", False), ("second", True)]
    assert phones.replies() == ["accepted"]


async def test_a_provider_found_out_by_asking_is_passed_over_before_the_first_press(phones: Phones) -> None:
    await phones.core.outbox.failover.asked("scripted", "the account is suspended")
    await phones.core.outbox.failover.asked("scripted", "the account is suspended")
    assert await phones.log("provider.down") == [("scripted", False)]
    await phones.press()
    tried, went = await phones.send()
    assert (len(tried), len(went)) == (0, 4)
    await phones.core.outbox.failover.asked("scripted", None)
    assert await phones.log("provider.back") == [], "it said so a moment after it failed"
    phones.core.clock.pass_(31)
    await phones.core.outbox.failover.asked("scripted", None)
    assert await phones.log("provider.back") == [("scripted", None)]


async def test_who_sends_well_is_not_down_because_its_account_page_is(phones: Phones) -> None:
    await phones.press()
    await phones.send()
    await phones.core.outbox.failover.asked("scripted", "does not answer")
    assert await phones.log("provider.down") == []


async def test_a_clock_set_back_leaves_no_provider_out(phones: Phones) -> None:
    phones.breaks(phones.first)
    await phones.press()
    await phones.send()
    phones.mends(phones.first)
    phones.core.clock.pass_(-7200)
    await phones.core.receive("zigbee2mqtt/found_button", '{"action":"emergency"}')
    tried, _ = await phones.send()
    assert len(tried) >= 1
    assert await phones.log("provider.back") == [("scripted", None)]
