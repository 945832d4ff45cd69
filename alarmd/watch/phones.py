"""Asks each phone provider every minute whether it works, so that its silence is noticed before the next press.

As soon as one fails while it is used, the others are asked at once: within seconds it is known whether anybody can be
rung at all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from uuid import uuid4

import structlog

from alarmd.clock import Clock
from alarmd.outbox import Outbox
from alarmd.phone.provider import Accepted, Outgoing, PhoneProvider
from alarmd.store import StoreError
from alarmd.waking import Alarm
from alarmd.watch.troubles import Notice, Troubles
from escalation.people import Channel
from escalation.texts.watching import Silence

log = structlog.get_logger()

EVERY_S = 60.0
WITHIN_S = 5.0
FIRST_S = 10.0  # after the start the network may not be there yet


class Phones:
    """Watches the phone providers.

    Args:
        providers: In order of preference.
        troubles: Who is told when none works.
        clock: Paces it.
        desk_phones: Who is told at once, past the outbox, when the store takes nothing; E.164.
    """

    def __init__(
        self,
        *,
        providers: Sequence[PhoneProvider],
        troubles: Troubles,
        clock: Clock,
        desk_phones: Sequence[str] = (),
    ) -> None:
        self._providers = providers
        self._desk_phones = desk_phones
        self._texting: set[asyncio.Task[None]] = set()
        troubles.listen(self._noticed)
        self._troubles = troubles
        self._clock = clock
        self._alarm = Alarm(clock)
        self._outbox: Outbox | None = None
        self._worked_at = troubles.moment()

    def watch(self, outbox: Outbox) -> None:
        """Whose providers they are."""
        self._outbox = outbox

    def changed(self) -> None:
        """One went down or came back: the others are asked at once."""
        self._judge()
        self._alarm.wake()

    async def run(self) -> None:
        """Ask until cancelled."""
        await self._clock.sleep(FIRST_S)
        while True:
            await self.ask()
            await self._alarm.until(None, at_most=EVERY_S)

    async def ask(self) -> None:
        """Ask all of them once, and say what they said."""
        await asyncio.gather(*(self._ask(provider) for provider in self._providers))
        self._judge()

    def _noticed(self, notice: Notice) -> None:
        """While no disk takes anything no text can be queued: the loudest path is a provider itself."""
        if notice.silence is Silence.WRITER and notice.began:
            for number in self._desk_phones:
                task = asyncio.create_task(self._text(number, notice.text))
                self._texting.add(task)
                task.add_done_callback(self._texting.discard)

    async def _text(self, number: str, body: str) -> None:
        for provider in self._providers:
            message = Outgoing(attempt=uuid4().hex, channel=Channel.SMS, to=number, body=body)
            outcome = await provider.send(message)
            if isinstance(outcome, Accepted):
                log.warning("the desk was told past the outbox", provider=provider.name)
                return
        log.error("the desk could not be told past the outbox")

    async def _ask(self, provider: PhoneProvider) -> None:
        assert self._outbox is not None, "nobody to watch for"
        try:
            async with asyncio.timeout(WITHIN_S):
                fault = await provider.usable()
        except TimeoutError:
            fault = f"has not answered for {WITHIN_S:g} s"
        try:
            await self._outbox.failover.asked(provider.name, fault)
        except StoreError as error:
            log.warning("what the phone provider said is not on record", provider=provider.name, error=str(error))

    def _judge(self) -> None:
        if self._outbox is None:
            return
        # the event log has it from the outbox already: provider.down with all = true, and provider.back
        if self._outbox.failover.silent:
            down = [since for _, since, _ in self._outbox.failover.down()]
            self._troubles.begin(Silence.PHONES, "", since=min([self._worked_at, *down]))
        else:
            self._worked_at = self._troubles.moment()
            self._troubles.end(Silence.PHONES, "")
