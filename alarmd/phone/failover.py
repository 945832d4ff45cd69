"""Which phone providers work, which one gets the next message, and who is told when none does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import structlog

from alarmd import journal
from alarmd.clock import Clock
from alarmd.engine import Engine
from alarmd.phone.circuit import Circuits
from alarmd.phone.provider import Outcome, Outgoing, PhoneProvider, Rejected, Unknown
from alarmd.store import Store, Transaction

log = structlog.get_logger()

WORKED_LATELY = timedelta(minutes=5)
LOOK_UP_S = 2.0  # while another works: who hung with the message hangs with the question too


class Failover:
    """The providers in the operator's order, with what is known of each.

    What takes a transaction is called inside the one that settles a message: what happened to it and what follows for
    its provider are on record together.

    Args:
        store: Where an answer to "does it work?" is noted.
        engine: Tells the devices of unanswered incidents when nobody can be rung.
        clock: The present.
        providers: In order of preference; never empty.
        changed: Called after a provider went down or came back.
    """

    def __init__(
        self,
        *,
        store: Store,
        engine: Engine,
        clock: Clock,
        providers: Sequence[PhoneProvider],
        changed: Callable[[], None],
    ) -> None:
        self.providers = providers
        self._store = store
        self._engine = engine
        self._clock = clock
        self._changed = changed
        self._circuits = Circuits()
        self._held: set[str] = set()  # incidents whose device was told to keep trying
        self._news = False
        self._reasons: dict[str, str] = {}  # what each said when it went down

    def pick(self, *, tries: int) -> PhoneProvider:
        """The provider for a message that was tried so often."""
        names = [provider.name for provider in self.providers]
        return self.named(self._circuits.pick(names, tries=tries, now=self._clock.now()))

    def named(self, name: str | None) -> PhoneProvider:
        """The provider of that name; the first where there is none."""
        return next((provider for provider in self.providers if provider.name == name), self.providers[0])

    async def look_up(self, provider: PhoneProvider, message: Outgoing, *, since: datetime) -> Outcome:
        """Ask it whether it took a message whose outcome is unknown; not for long while another could send it."""
        asked = provider.find(message, since=since)
        if all(one is provider or self._circuits.is_down(one.name) for one in self.providers):
            return await asked
        try:
            return await asyncio.wait_for(asked, LOOK_UP_S)
        except TimeoutError:
            return Unknown(reason=f"the provider has not said for {LOOK_UP_S:g} s whether it took it")

    @property
    def silent(self) -> bool:
        """Whether no phone provider is known to work."""
        return self._circuits.all_down([provider.name for provider in self.providers])

    def down(self) -> list[tuple[str, datetime, str]]:
        """The providers that do not work: name, since when, and what was said, in the operator's order."""
        now = self._clock.now()
        return [
            (provider.name, min(since, now), self._reasons.get(provider.name, ""))
            for provider in self.providers
            if (since := self._circuits.down_since(provider.name)) is not None
        ]

    async def asked(self, provider: str, fault: str | None) -> None:
        """Somebody asked a provider whether it works, with nothing to send: it said so, or what is wrong.

        What was really sent counts for more: a provider that accepted something a moment ago is not taken for down.
        """
        now = self._clock.now()
        if fault is None and not self._circuits.is_down(provider):
            return
        if fault is not None and self._circuits.worked_within(provider, WORKED_LATELY, now):
            return

        def work(tx: Transaction) -> None:
            if fault is None:
                self._back(tx, provider, self._circuits.answered(provider, now), now)
            else:
                self.failed(tx, provider, "", fault, now)

        await self._store.write(work)
        self._engine.committed()
        self.tell()

    def worked(self, tx: Transaction, provider: str, now: datetime) -> None:
        """It accepted a message."""
        self._back(tx, provider, self._circuits.worked(provider, now), now)

    def put_off(self, tx: Transaction, provider: str, outcome: Rejected, now: datetime) -> None:
        """It said "later", or no to one destination: nothing, unless it says nothing else any more."""
        if self._circuits.put_off(provider, now):
            self._down(tx, provider, outcome.code, outcome.reason, now)

    def failed(self, tx: Transaction, provider: str, code: str, reason: str, now: datetime) -> None:
        """It refuses to work, or does not answer: while there is another, nobody else's message waits for it."""
        if self._circuits.failed(provider, now):
            self._down(tx, provider, code, reason, now)

    def hold(self, tx: Transaction, incidents: Sequence[str | None], now: datetime) -> None:
        """While nobody can be rung, the device is told so: it repeats, and may have other ways to make itself heard."""
        if not self.silent:
            return
        for incident in incidents:
            if incident is not None and incident not in self._held:
                self._held.add(incident)
                self._engine.reply(tx, incident, "hold", now)

    def set_back(self, now: datetime) -> None:
        """The clock was ahead, and was set right."""
        self._circuits.set_back(now)

    def tell(self) -> None:
        """Tell whoever watches, if something changed since."""
        if self._news:
            self._news = False
            self._changed()

    def _down(self, tx: Transaction, provider: str, code: str, reason: str, now: datetime) -> None:
        data = {"provider": provider, "code": code, "reason": reason, "all": self.silent, "owner": "desk"}
        journal.append(tx, now, journal.Entry(event="provider.down", data=data))
        self._reasons[provider] = f"{reason} ({code})" if code else reason
        log.error("phone provider down", provider=provider, code=code, reason=reason, none_left=self.silent)
        self._news = True
        if self.silent:
            self.hold(tx, self._engine.unanswered(tx), now)

    def _back(self, tx: Transaction, provider: str, after: timedelta | None, now: datetime) -> None:
        if after is None:
            return
        data = {"provider": provider, "after_seconds": round(after.total_seconds(), 3)}
        journal.append(tx, now, journal.Entry(event="provider.back", data=data))
        self._news = True
        held, self._held = self._held, set()
        for incident in sorted(held):
            self._engine.reply(tx, incident, "kept", now)
