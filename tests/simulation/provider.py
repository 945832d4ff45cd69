"""alarmd's side of one telephone account: takes, refuses, does not answer, and is asked what became of a message."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from alarmd.phone import codes
from alarmd.phone.provider import Accepted, Outcome, Outgoing, PhoneProvider, Rejected, Remedy, Unknown
from alarmd.phone.twilio import CLOCK_SKEW, SETTLES_AFTER
from escalation.people import Channel
from tests.simulation.machine import START
from tests.simulation.phones import GIVES_UP_AFTER, Account, Asked, Phones, Taken


def providers(phones: Phones) -> list[PhoneProvider]:
    """As a start of alarmd makes them: they remember nothing."""
    return [Provider(phones, account) for account in phones.accounts]


class Provider:
    """alarmd's side of one account: three-valued, as `alarmd.phone.twilio`."""

    def __init__(self, phones: Phones, account: Account) -> None:
        self._phones = phones
        self._account = account
        self._remembered: dict[str, str] = {}

    @property
    def name(self) -> str:
        return f"sim:{self._account.name}"

    async def usable(self) -> str | None:
        return None

    async def close(self) -> None:
        """Nothing is held."""

    async def send(self, message: Outgoing) -> Outcome:
        phones, dice = self._phones, self._phones.dice
        asked = Asked(phones.loop.time(), self._account.name, message, "send")
        phones.asked.append(asked)
        phones.on_send(asked)
        if message.channel is Channel.VOICE:
            turn = max(phones.loop.time(), self._account.next_call)
            self._account.next_call = turn + 1.0
            await asyncio.sleep(turn - phones.loop.time())
        await asyncio.sleep(dice.uniform(0.05, 0.5))
        outcome = await self._outcome(message, asked)
        if isinstance(outcome, Accepted):
            self._remembered[outcome.sid] = message.attempt
        what = f"{message.channel.value} {message.attempt[:4]} to {phones.who(message.to).id}"
        phones.machine.story.tell("provider", f"{self._account.name} {what}: {asked.outcome}")
        return outcome

    async def _outcome(self, message: Outgoing, asked: Asked) -> Outcome:
        account, dice = self._account, self._phones.dice
        mode = account.mode
        asked.outcome = mode
        if mode == "throttled" and dice.random() < 0.7:
            return Rejected(
                code="20429", reason="too many", remedy=Remedy.BACK_OFF, retry_after=dice.choice([None, 2.0])
            )
        if mode == "suspended":
            return Rejected(code="20003", reason="account", remedy=Remedy.NEXT_PROVIDER)
        if mode == "dark":
            return Rejected(code="", reason="cannot be reached", remedy=Remedy.NEXT_PROVIDER)
        if mode in {"errors", "deaf", "hangs"} and dice.random() < 0.8:
            took = mode == "deaf" or dice.random() < 0.4
            if took:
                asked.taken = self._phones.take(account, message)
            asked.outcome = f"{mode}, {'taken' if took else 'not taken'}"
            await asyncio.sleep({"errors": 0.2, "deaf": GIVES_UP_AFTER, "hangs": 35.0}[mode])
            return Unknown(reason=f"no answer ({mode})")
        if code := self._phones.refusals.get((message.to, message.channel)):
            asked.outcome = f"refused {code}"
            self._phones.codes.setdefault((message.to, message.channel), set()).add(code)
            meaning = codes.look_up(code)
            return Rejected(code=code, reason=meaning.reason, remedy=meaning.remedy)
        asked.taken = self._phones.take(account, message)
        asked.outcome = f"taken as {asked.taken.sid}"
        return Accepted(sid=asked.taken.sid)

    async def hang_up(self, sid: str) -> str | None:
        """As Twilio's *canceled*: ends what rings, and leaves alone what was taken."""
        phones, account = self._phones, self._account
        await asyncio.sleep(phones.dice.uniform(0.05, 0.5))
        if account.mode in {"dark", "suspended", "hangs", "errors"}:
            return "the provider cannot do it now"
        taken = next((one for one in account.taken if one.sid == sid), None)
        if taken is None:
            return "there is no such call"
        phones.on_hang_up(taken)
        if not taken.picked_up:
            phones.machine.story.tell("provider", f"{account.name} hangs up {sid} of {taken.attempt[:4]}")
            phones.machine.story.count("hung up")
            taken.ended.set()
        return None

    async def find(self, message: Outgoing, *, since: datetime) -> Outcome:
        """As Twilio's lists: by number, time and text; they know no attempt."""
        phones = self._phones
        asked = Asked(phones.loop.time(), self._account.name, message, "find")
        phones.asked.append(asked)
        if phones.dies_at_find and phones.machine.process is not None:
            phones.dies_at_find = False
            phones.machine.process.dies_in = 1
        await asyncio.sleep(phones.dice.uniform(0.05, 0.5))
        if self._account.mode in {"dark", "suspended", "hangs", "errors"}:
            if self._account.mode == "hangs":
                await asyncio.sleep(GIVES_UP_AFTER)  # who hangs with the message hangs with the question too
            asked.outcome = "cannot say"
            return Unknown(reason="the provider cannot say")
        for taken in reversed(self._account.taken):
            if self._is_it(taken, message, since):
                self._remembered[taken.sid] = message.attempt
                asked.outcome, asked.taken = f"found {taken.sid}", taken
                return Accepted(sid=taken.sid)
        asked.outcome = "not there"
        if phones.machine.clock.now() - since < SETTLES_AFTER:
            return Unknown(reason="not in the list yet")
        return Rejected(code="", reason="never taken", remedy=Remedy.BACK_OFF, retry_after=0.0)

    def _is_it(self, taken: Taken, message: Outgoing, since: datetime) -> bool:
        if (taken.to, taken.channel) != (message.to, message.channel):
            return False
        if self._remembered.get(taken.sid, message.attempt) != message.attempt:
            return False
        if START + timedelta(seconds=taken.at) < since - CLOCK_SKEW:
            return False
        return message.channel is Channel.VOICE or taken.body == message.body
