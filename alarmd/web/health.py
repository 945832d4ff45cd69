"""Is the daemon alive, and can it do its work? Each part answers with None or with a sentence for a person."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import msgspec
import structlog

from alarmd import times
from alarmd.clock import Clock
from alarmd.part_faults import CANNOT_WRITE, NO_ANSWER, NOT_ASKED
from alarmd.store import Store

Check = Callable[[], Awaitable[str | None]]
"""None if the part works, else a sentence saying what is wrong."""

LIVE_WITHIN_S = (
    15.0  # an import of a large directory may hold the database for its busy timeout (10 s); that is not death
)
READY_WITHIN_S = 5.0  # a part that does not answer in this time is not usable
log = structlog.get_logger()


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One part of the daemon: whether it is usable, and what to know about it."""

    ok: bool
    says: str


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What `/readyz` answers: ready only if every part is."""

    ready: bool
    parts: dict[str, Part]


class Health:
    """The parts that must work for alarmd to keep its promises.

    Args:
        store: Its writer is the heart: alarmd is alive as long as the writer answers.
        clock: When the store was last proved to take a write.
        live_within: Seconds in which the writer must answer.
        ready_within: Seconds in which a part must answer.
    """

    def __init__(
        self, store: Store, clock: Clock, *, live_within: float = LIVE_WITHIN_S, ready_within: float = READY_WITHIN_S
    ) -> None:
        self._store = store
        self._clock = clock
        self._live_within = live_within
        self._ready_within = ready_within
        self._parts: dict[str, _Watched] = {}
        self.add("store", self._writes, fresh_for=1.0)  # each is a real commit, and anybody may ask

    def add(self, name: str, check: Check, *, fresh_for: float = 0.0) -> None:
        """Name a part that readiness needs: ``broker``, ``door``, ``phone``.

        Args:
            name: As `/readyz` shows it.
            check: Asks the part.
            fresh_for: Seconds for which an answer is kept; for parts that cost money or time to ask, such as a phone
                provider.
        """
        self._parts[name] = _Watched(check, fresh_for)

    async def fault(self, name: str) -> str | None:
        """What is wrong with one part; None where it works, or where there is no such part."""
        part = self._parts.get(name)
        return await self._ask(part) if part is not None else None

    async def alive(self) -> str | None:
        """None as long as the event loop and the store's writer answer; a full disk is trouble, but an answer."""
        try:
            async with asyncio.timeout(self._live_within):
                await self._store.write(lambda _: None)
        except TimeoutError:
            return f"the store's writer has not answered for {self._live_within:g} s"
        except Exception as error:  # noqa: BLE001 - whatever it is, it is an answer: the daemon lives and /readyz tells the rest
            log.warning("the store's writer answers with an error", error=str(error))
        return None

    async def ready(self) -> Report:
        """Ask every part, all at once."""
        names = list(self._parts)
        answers = await asyncio.gather(*(self._ask(self._parts[name]) for name in names))
        parts = {
            name: Part(ok=fault is None, says=fault or "works") for name, fault in zip(names, answers, strict=True)
        }
        return Report(ready=all(part.ok for part in parts.values()), parts=parts)

    async def _ask(self, part: _Watched) -> str | None:
        try:
            async with asyncio.timeout(self._ready_within):
                return await part.ask()
        except TimeoutError:
            return NO_ANSWER.format(seconds=f"{self._ready_within:g}")

    async def _writes(self) -> str | None:
        try:
            now = times.to_text(self._clock.now())
            await self._store.write(lambda tx: tx.run("health_touch", now=now))
        except Exception as error:  # noqa: BLE001 - full disk, broken file, closing: each is an answer, and its text is the sentence
            return CANNOT_WRITE.format(error=error)
        return None


class _Watched:
    """A check with its last answer; a crowd that asks at once causes one question."""

    def __init__(self, check: Check, fresh_for: float) -> None:
        self._check = check
        self._fresh_for = fresh_for
        self._lock = asyncio.Lock()
        self._asked_at = float("-inf")
        self._answer: str | None = None

    async def ask(self) -> str | None:
        async with self._lock:
            # The machine's own steady time: how often to ask a neighbour has nothing to do with the clock of incidents.
            if time.monotonic() - self._asked_at >= self._fresh_for:
                self._answer = await self._safely()
                self._asked_at = time.monotonic()
            return self._answer

    async def _safely(self) -> str | None:
        try:
            return await self._check()
        except Exception as error:  # a check with a fault of its own is a part that does not work, not a broken page
            log.exception("a health check failed")
            return NOT_ASKED.format(error=error)
