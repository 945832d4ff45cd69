"""Ends the ringing that is not needed any more: somebody goes, or it is over, so nobody else need be woken.

Only calls that ask somebody for something are ended, and only while they ring:

- those of the others, once somebody goes, the line has the case, or a person closed it;
- one's own, when one has answered by another way: by text, by the link, at the desk, or on another telephone.

Whoever has picked up already is told by voice how things stand, and may go all the same. The ambulance's line and the
resident are never hung up on. What cannot be ended rings out: a call too many beats a call too few (promise 4).

Nor is a call that only a look-up named: the provider's list knows no attempt, and two calls to one number can be taken
for each other. Whatever a status callback came for is surely the one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

import structlog

from alarmd import times
from alarmd.circle import LINE
from alarmd.clock import Clock
from alarmd.engine import Engine, decode_state
from alarmd.messages import log_message
from alarmd.phone.provider import HangsUp, PhoneProvider
from alarmd.store import Row, StoreError, Transaction
from alarmd.waking import Alarm
from escalation.calls import standing_of
from escalation.draft import ACTIVE
from escalation.incident import Incident, Purpose, Standing, Status
from escalation.wanted import still_wanted

log = structlog.get_logger()

LOOKS_FOR = timedelta(seconds=90)  # a call that was being placed at that moment begins to ring within this
LOOK_AGAIN_S = 5.0
TRIES, PAUSE_S = 2, 2.0
NEWEST = 5_000  # rows of the outbox that a start looks through
_PLACED = "sent"
_OF_ONE_PERSON = {Purpose.ASK, Purpose.AGAIN}
_SAID_NO_OR_GOES = ACTIVE | {Standing.DECLINED}


class HangUps:
    """Watches the incidents whose asking was withdrawn, until none of their calls rings any more.

    Args:
        engine: Says when asking was withdrawn, and when something was committed.
        clock: Says how long to look.
        providers: Those that can hang up are asked to; with the others it rings out.
    """

    def __init__(self, *, engine: Engine, clock: Clock, providers: Sequence[PhoneProvider]) -> None:
        self._store = engine.store
        self._clock = clock
        self._providers = {provider.name: provider for provider in providers if isinstance(provider, HangsUp)}
        self._alarm = Alarm(clock)
        self._watched: dict[str, datetime] = {}  # incident → until when
        self._answered: dict[tuple[str, str], datetime] = {}  # incident and who answered it → when
        self._tasks: set[asyncio.Task[None]] = set()
        self._ending: set[str] = set()  # attempts whose provider is being asked to end them
        engine.on_withdrawn(self._watch)
        engine.on_answered(self._note_answer)
        engine.on_commit(self._alarm.wake)

    async def run(self) -> None:
        """Hang up until cancelled; first what a crash left ringing."""
        await self._recall()
        while True:
            try:
                await self.look()
            except StoreError as error:
                log.warning("ringing phones cannot be looked up", error=str(error))
            except Exception:  # a phone that rings on is a nuisance, a daemon that stops a danger
                log.exception("ringing phones cannot be looked up")
            await self._alarm.until(None, at_most=LOOK_AGAIN_S if self._watched else 60.0)

    async def look(self) -> None:
        """Hang up what rings in vain now, without waiting for the provider."""
        for incident, until in list(self._watched.items()):
            calls = await self._store.read(partial(_calls, incident=incident), urgent=True)
            if any(_is_surely(row) for row in calls):
                for row, why in await self._store.write(partial(self._claim, incident=incident)):
                    self._ending.add(row["attempt"])
                    task = asyncio.create_task(self._hang_up(row, why))
                    self._tasks.add(task)
                    task.add_done_callback(self._tasks.discard)
            left = until - self._clock.now()
            if not timedelta(0) < left <= LOOKS_FOR or all(_is_surely(row) for row in calls):
                self._watched.pop(incident, None)
                self._answered = {key: at for key, at in self._answered.items() if key[0] in self._watched}

    async def close(self) -> None:
        """At the stop: leave what is being hung up to ring out."""
        for task in self._tasks:
            task.cancel()
        await self.settled()

    async def settled(self) -> None:
        """Wait for what is being hung up."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _watch(self, incident: str) -> None:
        if self._providers:
            self._watched[incident] = self._clock.now() + LOOKS_FOR

    def _note_answer(self, incident: str, person: str, at: datetime) -> None:
        if self._providers:
            self._answered[incident, person] = at
            self._watch(incident)

    def set_back(self, now: datetime) -> None:
        """The clock was ahead: nobody answered later than now, and nothing is looked for until the old time."""
        self._watched = {incident: min(until, now + LOOKS_FOR) for incident, until in self._watched.items()}
        self._answered = {key: min(at, now) for key, at in self._answered.items()}

    async def _recall(self) -> None:
        since = times.to_text(self._clock.now() - LOOKS_FOR)
        try:
            rows = await self._store.read(lambda tx: tx.all("calls_placed_lately", since=since, newest=NEWEST))
        except StoreError as error:
            log.warning("phones that a crash left ringing cannot be looked up", error=str(error))
            return
        for row in rows:
            self._watch(row["incident"])

    def _claim(self, tx: Transaction, *, incident: str) -> list[tuple[Row, str]]:
        """Write down what is hung up before it is: who is asked again a moment later must be rung anew."""
        stored = tx.one("incident_get", id=incident)
        if stored is None:
            return []
        state = decode_state(stored)
        claimed = []
        for row in _calls(tx, incident=incident):
            why = self._in_vain(state, row) if _is_surely(row) and row["attempt"] not in self._ending else None
            if why is None:
                continue
            tx.run("call_ending", attempt=row["attempt"])
            claimed.append((row, why))
        return claimed

    def _settle(self, tx: Transaction, *, row: Row, why: str, ended: bool) -> None:
        """On record as what it was: ended, or ringing on because the provider would not or somebody had picked up."""
        now = self._clock.now()
        if tx.run("call_ended" if ended else "call_rings_on", attempt=row["attempt"], now=times.to_text(now)) and ended:
            log_message(tx, row, "message.ended", now, why=why)

    def _in_vain(self, incident: Incident, row: Row) -> str | None:
        """Why a call rings in vain: closed, answered (by that person, another way) or taken (by another); else None."""
        purpose, person = Purpose(row["purpose"]), row["person"]
        if incident.status is Status.CLOSED:
            return "closed"
        standing = standing_of(incident, person)
        if purpose in _OF_ONE_PERSON and standing is not Standing.ASKED:
            answered_at = self._answered.get((incident.id, person))
            before = answered_at is not None and times.from_text(row["queued_at"]) <= answered_at
            if standing in _SAID_NO_OR_GOES or (standing is Standing.FOLLOWS and before):
                return "answered"
        if still_wanted(incident, purpose, person):
            return None
        return "answered" if standing in _SAID_NO_OR_GOES else "taken"

    async def _hang_up(self, row: Row, why: str) -> None:
        try:
            fault = await self._ask_to_end(row)
            if fault is not None:
                log.warning("a phone that need not ring any more was not hung up", attempt=row["attempt"], error=fault)
            await self._store.write(partial(self._settle, row=row, why=why, ended=fault is None))
        except StoreError as error:
            log.warning("what became of a ringing phone is not on record", attempt=row["attempt"], error=str(error))
        finally:
            self._ending.discard(row["attempt"])

    async def _ask_to_end(self, row: Row) -> str | None:
        """None once the provider has ended it, else why not."""
        provider = self._providers.get(row["provider"])
        if provider is None:
            return "its provider cannot hang up"
        fault: str | None = None
        for _ in range(TRIES):
            fault = await provider.hang_up(row["sid"])
            if fault is None:
                return None
            await self._clock.sleep(PAUSE_S)
        return fault


def _is_surely(row: Row) -> bool:
    """Whether it was placed, and the provider has said so of this very attempt."""
    return bool(row["state"] == _PLACED and row["status"])


def _calls(tx: Transaction, *, incident: str) -> list[Row]:
    return tx.all("calls_placed", incident=incident, line=LINE)
