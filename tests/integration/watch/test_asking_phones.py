"""A phone provider's silence is noticed before the next press."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import pytest

from alarmd.phone.provider import Rejected, Remedy
from alarmd.watch import phones as phones_module
from alarmd.watch.phones import Phones
from escalation.texts.watching import Silence
from tests.support.core import ScriptedProvider
from tests.support.stopped_clock import StandingClock
from tests.support.watching import Watching

NO_ACCOUNT = Rejected(code="20003", reason="the account is refused", remedy=Remedy.NEXT_PROVIDER)


@dataclass
class Asked(ScriptedProvider):
    """Says what is wrong with it when asked."""

    fault: str | None = None

    async def usable(self) -> str | None:
        return self.fault


def phones(watched: Watching, *providers: ScriptedProvider) -> Phones:
    watched.core.outbox.failover.providers = list(providers)
    made = Phones(providers=providers, troubles=watched.troubles, clock=watched.core.clock)
    made.watch(watched.core.outbox)
    watched.core.outbox.failover._changed = made.changed
    return made


async def test_while_one_works_nobody_is_alarmed(watched: Watching) -> None:
    first, second = Asked(name="first", fault="suspended"), Asked(name="second")
    await phones(watched, first, second).ask()
    assert watched.told == []
    (down,) = await watched.log("provider.down")
    assert (down["provider"], down["all"], down["reason"]) == ("first", False, "suspended")


async def test_when_none_works_the_outside_knows_without_any_press(watched: Watching) -> None:
    first, second = Asked(name="first", fault="suspended"), Asked(name="second", fault="does not answer")
    made = phones(watched, first, second)
    for _ in range(3):
        await made.ask()
    assert [(notice.silence, notice.began) for notice in watched.told] == [(Silence.PHONES, True)]
    assert [entry["all"] for entry in await watched.log("provider.down")] == [False, True]
    assert await watched.texts() == [], "a text about it would come when it is over"
    second.fault = None
    watched.core.clock.pass_(31)
    await made.ask()
    assert [notice.began for notice in watched.told] == [True, False]
    assert [entry["provider"] for entry in await watched.log("provider.back")] == ["second"]


async def test_as_soon_as_one_refuses_a_message_the_others_are_asked(watched: Watching) -> None:
    first, second = Asked(name="first", answer=lambda _: NO_ACCOUNT), Asked(name="second")
    made = phones(watched, first, second)
    await made.ask()
    made._alarm._clock = StandingClock()
    await watched.core.press()
    await watched.core.send()
    async with asyncio.timeout(10):
        await made._alarm.until(None, at_most=phones_module.EVERY_S)  # woken, although no time passes
    first.fault = second.fault = "does not answer"
    await made.ask()
    assert not watched.troubles.is_silent(Silence.PHONES), "the second took a message a moment ago"
    watched.core.clock.pass_(301)
    await made.ask()
    assert watched.troubles.is_silent(Silence.PHONES)
    assert [entry["provider"] for entry in await watched.log("provider.down")] == ["first", "second"]


async def test_a_provider_that_hangs_when_asked_is_down(watched: Watching, monkeypatch: pytest.MonkeyPatch) -> None:
    class Hangs(ScriptedProvider):
        async def usable(self) -> str | None:
            await asyncio.Event().wait()
            return None

    made = phones(watched, Hangs(name="first"))
    monkeypatch.setattr(phones_module, "WITHIN_S", 0.05)
    await made.ask()
    (down,) = await watched.log("provider.down")
    assert (down["reason"], down["all"]) == ("has not answered for 0.05 s", True)
