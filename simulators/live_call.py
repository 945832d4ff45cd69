"""One telephone call while it lives, between the exchange on one end and a person on the other."""

from __future__ import annotations

import asyncio
from collections import deque
from enum import StrEnum

from alarmd.clock import Clock
from simulators.bell import Bell


class CallState(StrEnum):
    """Where a call is."""

    RINGING = "ringing"
    TALKING = "talking"
    OVER = "over"


class LiveCall:
    """A call to one handset.

    The person uses `answer`, `decline`, `press`, `hang_up` and the three waits; the exchange uses `say`, `listen`,
    `next_key`, `until_answered` and `end`.

    Attributes:
        sid: The provider's name for the call.
        caller: The number shown on the display.
        number: The handset's number.
        state: Ringing, talking or over.
        verdict: How it ended, in the provider's words (``completed``, ``busy``, ``no-answer`` …); empty before.
        machine: True when a machine took it.
        heard: What was said into the handset, sentence by sentence.
        pressed: Keys pressed, in order.
        lost_keys: Keys pressed while nothing listened for them.
        listening: True while a key would be taken.
        asked: True once everything was said and only the key is waited for.
    """

    def __init__(self, *, sid: str, caller: str, number: str, bell: Bell) -> None:
        self.sid = sid
        self.caller = caller
        self.number = number
        self.state = CallState.RINGING
        self.verdict = ""
        self.machine = False
        self.heard: list[str] = []
        self.pressed: list[str] = []
        self.lost_keys: list[str] = []
        self.listening = False
        self.asked = False
        self._keys: deque[str] = deque()
        self._bell = bell

    # ------------------------------------------------------------ the person's end

    def answer(self, *, machine: bool = False) -> None:
        """Take the call; a second time or too late changes nothing."""
        if self.state is CallState.RINGING:
            self.state = CallState.TALKING
            self.machine = machine
            self._bell.ring()

    def decline(self) -> None:
        """Refuse the call: the caller hears the busy tone."""
        if self.state is CallState.RINGING:
            self.end("busy")

    def hang_up(self) -> None:
        """Put the handset down."""
        if self.state is CallState.TALKING:
            self.end("completed")

    def press(self, keys: str) -> None:
        """Press keys. What is pressed while nothing listens is lost, as on the real line."""
        for key in keys:
            if self.state is not CallState.TALKING or not self.listening:
                self.lost_keys.append(key)
                continue
            self.pressed.append(key)
            self._keys.append(key)
        self._bell.ring()

    async def until_menu(self) -> bool:
        """Wait until a key would be taken, be it in the middle of a sentence; False if the call ended first."""
        await self._bell.until(lambda: (self.listening and not self._keys) or self.over)
        return not self.over

    async def until_asked(self) -> bool:
        """Wait until all was said and a key is waited for; False if the call ended first."""
        await self._bell.until(lambda: (self.asked and self.listening and not self._keys) or self.over)
        return not self.over

    async def until_heard(self, words: str) -> bool:
        """Wait until those words were said; False if the call ended without them."""
        await self._bell.until(lambda: words in self.everything or self.over)
        return words in self.everything

    async def until_over(self) -> None:
        """Wait until the call is over."""
        await self._bell.until(lambda: self.over)

    # ------------------------------------------------------------ both ends

    @property
    def over(self) -> bool:
        """True once the call ended, however it did."""
        return self.state is CallState.OVER

    @property
    def everything(self) -> str:
        """All that was said into the handset."""
        return " ".join(self.heard)

    # ------------------------------------------------------------ the exchange's end

    def say(self, words: str) -> None:
        """Speak into the handset."""
        self.heard.append(words)
        self._bell.ring()

    def listen(self, *, on: bool) -> None:
        """Begin or end waiting for keys; beginning forgets what was typed before."""
        self.listening = on
        self.asked = False
        self._keys.clear()
        self._bell.ring()

    def ask(self) -> None:
        """All was said: the key, please."""
        self.asked = True
        self._bell.ring()

    async def next_key(self, within: float, clock: Clock) -> str | None:
        """The next key, or None when none came within that many seconds or the call ended."""
        timer = asyncio.ensure_future(clock.sleep(within))
        timer.add_done_callback(lambda _: self._bell.ring())
        try:
            await self._bell.until(lambda: self._keys or self.over or timer.done())
        finally:
            timer.cancel()
        return self._keys.popleft() if self._keys else None

    async def until_answered(self, within: float, clock: Clock) -> bool:
        """Ring for at most that many seconds; True if somebody or something took the call."""
        timer = asyncio.ensure_future(clock.sleep(within))
        timer.add_done_callback(lambda _: self._bell.ring())
        try:
            await self._bell.until(lambda: self.state is not CallState.RINGING or timer.done())
        finally:
            timer.cancel()
        return self.state is CallState.TALKING

    def end(self, verdict: str) -> None:
        """End the call; only the first verdict counts."""
        if not self.over:
            self.state = CallState.OVER
            self.verdict = verdict
            self.listening = False
            self._bell.ring()
