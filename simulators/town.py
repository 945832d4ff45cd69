"""The town: every handset that can be rung or texted, whoever's provider does it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from alarmd.clock import Clock
from simulators.bell import Bell
from simulators.live_call import LiveCall


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text message on a handset's screen."""

    sid: str
    sender: str
    number: str
    body: str
    at: datetime


class Happened(StrEnum):
    """What can be seen or heard in town."""

    TEXT = "text"
    RINGING = "ringing"
    ANSWERED = "answered"
    HEARD = "heard"
    KEY = "key"
    OVER = "over"
    REPLY = "reply"


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One thing that happened at one handset."""

    at: datetime
    what: Happened
    number: str
    words: str = ""
    sid: str = ""


class Person(Protocol):
    """Who holds a handset."""

    async def texted(self, handset: Handset, text: Text) -> None:
        """A text message arrived."""
        ...

    async def rung(self, handset: Handset, call: LiveCall) -> None:
        """The handset rings. Returning is not an end: it rings on until the caller gives up."""
        ...


class Nobody:
    """A handset in an empty room: it rings, and its texts stay unread."""

    async def texted(self, handset: Handset, text: Text) -> None:
        """Nobody reads it."""

    async def rung(self, handset: Handset, call: LiveCall) -> None:
        """Nobody takes it."""


class Exchange(Protocol):
    """A phone provider, as a handset sees it."""

    async def text_from(self, sender: str, to: str, body: str) -> None:
        """Carry a text message from a handset to one of the provider's customers."""
        ...


@dataclass(slots=True, kw_only=True)
class Reception:
    """How the network treats one number; nothing set = well.

    Attributes:
        refuse_text: Error code with which the API refuses a text to it.
        refuse_call: Error code with which the API refuses a call to it.
        text_fails: Final status (``undelivered`` or ``failed``) and error code of texts to it.
        call_fails: True: calls to it cannot be put through.
        stopped: It sent STOP: texts are refused with 21610 from then on.
        text_delay: Seconds until a text arrives.
        ring_delay: Seconds until it rings.
        lost_receipts: Delivery receipts never come.
        callbacks: ``once``; ``twice`` = each status callback is repeated; ``shuffled`` = they come last first, then
            once more in order; ``never`` = none comes.
    """

    refuse_text: int = 0
    refuse_call: int = 0
    text_fails: tuple[str, int] | None = None
    call_fails: bool = False
    stopped: bool = False
    text_delay: float = 2.0
    ring_delay: float = 1.5
    lost_receipts: bool = False
    callbacks: str = "once"


@dataclass(slots=True, kw_only=True)
class Handset:
    """One telephone, its owner, and all it ever received."""

    number: str
    town: Town
    name: str = ""
    person: Person = field(default_factory=Nobody)
    reception: Reception = field(default_factory=Reception)
    texts: list[Text] = field(default_factory=list)
    calls: list[LiveCall] = field(default_factory=list)

    @property
    def engaged(self) -> LiveCall | None:
        """The call it rings for or talks in, if any."""
        return next((call for call in reversed(self.calls) if not call.over), None)

    async def reply(self, body: str, *, to: str | None = None) -> None:
        """Send a text to a number, by default to whoever wrote or rang last."""
        last = self.texts[-1].sender if self.texts else self.calls[-1].caller if self.calls else None
        target = to or last
        if target is None:
            raise LookupError(f"{self.number} has nobody to reply to: it never got a text or a call")
        self.town.tell(Happened.REPLY, self.number, body)
        await self.town.exchange_of(target).text_from(self.number, target, body)


class Town:
    """All handsets, and everything that happened at them.

    Args:
        clock: Time in town; the same as the daemon's.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.bell = Bell()
        self.handsets: dict[str, Handset] = {}
        self.happenings: list[Happening] = []
        self.watchers: list[Callable[[Happening], None]] = []
        self.faults: list[str] = []
        self._exchanges: dict[str, Exchange] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def handset(
        self, number: str, *, name: str = "", person: Person | None = None, reception: Reception | None = None
    ) -> Handset:
        """The handset of that number; new ones are held by nobody until somebody is given."""
        found = self.handsets.setdefault(number, Handset(number=number, town=self))
        found.name = name or found.name
        found.person = person or found.person
        found.reception = reception or found.reception
        return found

    def connect(self, number: str, exchange: Exchange) -> None:
        """Say which provider carries texts to that number."""
        self._exchanges[number] = exchange

    def exchange_of(self, number: str) -> Exchange:
        """The provider whose customer that number is.

        Raises:
            LookupError: Nobody's.
        """
        if number not in self._exchanges:
            raise LookupError(f"{number} belongs to no provider in town")
        return self._exchanges[number]

    def text(self, text: Text) -> None:
        """A text arrives at its handset."""
        handset = self.handset(text.number)
        handset.texts.append(text)
        self.tell(Happened.TEXT, text.number, text.body, text.sid)
        self.spawn(handset.person.texted(handset, text))

    def ring(self, call: LiveCall) -> bool:
        """A handset rings; False if it is engaged."""
        handset = self.handset(call.number)
        if handset.engaged:
            return False
        handset.calls.append(call)
        self.tell(Happened.RINGING, call.number, sid=call.sid)
        self.spawn(handset.person.rung(handset, call))
        return True

    def tell(self, what: Happened, number: str, words: str = "", sid: str = "") -> None:
        """Note that something happened, and wake whoever waits or watches."""
        happening = Happening(at=self.clock.now(), what=what, number=number, words=words, sid=sid)
        self.happenings.append(happening)
        for watcher in self.watchers:
            watcher(happening)
        self.bell.ring()

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Let somebody act on their own; what goes wrong is kept in `faults`."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self.faults.append(f"{task.get_coro()}: {error!r}")
        self.bell.ring()

    async def close(self) -> None:
        """Everybody goes home."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
