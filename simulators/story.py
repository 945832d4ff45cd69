"""Telephones that a test speaks for.

    await wang.expects_call().hears("王秀英").presses("1").hears("谢谢")
    await wang.expects_sms(containing="4821")
    await wang.replies("3 4821")

At the end every call and text that no line of the story expected, and every rule of the provider's API that was broken,
is a failure: what a test does not say must not happen.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Generator, Sequence
from functools import partial
from types import TracebackType
from typing import Any, Self, TypeVar

from simulators.habits import Habit, Scripted, Takes
from simulators.live_call import LiveCall
from simulators.town import Handset, Text, Town
from simulators.twilio import LookAlike

T = TypeVar("T")

PATIENCE = 15.0  # seconds on the wall until a test gives up waiting


class Conversation:
    """What is expected of one call; awaited, it happens and returns the call."""

    def __init__(self, phone: Phone) -> None:
        self._phone = phone
        self._steps: list[tuple[str, Callable[[LiveCall], Awaitable[bool]]]] = []

    def hears(self, words: str) -> Conversation:
        """Those words are said, sooner or later in this call."""
        self._steps.append((f"hears {words!r}", lambda call: call.until_heard(words)))
        return self

    def presses(self, key: str) -> Conversation:
        """A key is asked for, and this one pressed."""

        async def press(call: LiveCall) -> bool:
            if not await call.until_menu():
                return False
            call.press(key)
            return True

        self._steps.append((f"is asked for a key and presses {key}", press))
        return self

    def hangs_up(self) -> Conversation:
        """The handset is put down."""

        async def put_down(call: LiveCall) -> bool:
            call.hang_up()
            return True

        self._steps.append(("hangs up", put_down))
        return self

    def ends(self) -> Conversation:
        """The caller ends the call."""

        async def over(call: LiveCall) -> bool:
            await call.until_over()
            return True

        self._steps.append(("hears the call end", over))
        return self

    def __await__(self) -> Generator[Any, None, LiveCall]:
        return self._happen().__await__()

    async def _happen(self) -> LiveCall:
        call = await self._phone.next_call()
        call.answer()
        for words, step in self._steps:
            if not await self._phone.waits_for(words, partial(step, call)):
                raise AssertionError(self._phone.instead_of(words))
        return call


class Phone:
    """One telephone of a story."""

    def __init__(self, handset: Handset, phones: Phones) -> None:
        self.handset = handset
        self._phones = phones
        self._calls_seen = 0
        self._texts_claimed: set[str] = set()
        self._anything_goes = False

    # ------------------------------------------------------------ what it does by itself

    def behaves(self, habit: Habit) -> Self:
        """Take calls by habit instead of by the story."""
        self.handset.person = Scripted(habit)
        return self

    def is_voicemail(self) -> Self:
        """A machine takes the calls after a second."""
        return self.behaves(Habit(takes=Takes.VOICEMAIL, after=1.0))

    def is_busy(self) -> Self:
        """Every caller gets the busy tone."""
        return self.behaves(Habit(takes=Takes.BUSY, after=0.0))

    def may_be_contacted(self) -> Self:
        """Nothing that reaches this telephone is unexpected."""
        self._anything_goes = True
        return self

    # ------------------------------------------------------------ what is expected

    def expects_call(self) -> Conversation:
        """It rings, and the story takes the call."""
        return Conversation(self)

    async def expects_ring(self) -> LiveCall:
        """It rings; the story leaves the call to the phone's own habit (or lets it ring in vain)."""
        return await self.next_call()

    async def expects_sms(self, *, containing: str | Sequence[str] = ()) -> Text:
        """A text arrives that holds all of these words and that no line of the story had yet."""
        wanted = (containing,) if isinstance(containing, str) else tuple(containing)

        def fits() -> Text | None:
            fresh = (text for text in self.handset.texts if text.sid not in self._texts_claimed)
            return next((text for text in fresh if all(words in text.body for words in wanted)), None)

        words = f"expects a text containing {wanted}"
        found = await self.waits_for(words, lambda: self.handset.town.bell.until(fits))
        if found is None:  # the bell wakes only for a text
            raise AssertionError(self.instead_of(words))
        self._texts_claimed.add(found.sid)
        return found

    async def replies(self, body: str) -> None:
        """Text back to whoever wrote or rang last."""
        await self.handset.reply(body)

    async def next_call(self) -> LiveCall:
        """The first call that no line of the story had yet, once it rings."""
        await self.waits_for(
            "expects a call", lambda: self.handset.town.bell.until(lambda: len(self.handset.calls) > self._calls_seen)
        )
        self._calls_seen += 1
        return self.handset.calls[self._calls_seen - 1]

    # ------------------------------------------------------------ when it comes differently

    async def waits_for(self, words: str, wait: Callable[[], Awaitable[T]]) -> T:
        """Wait for something, and say what happened instead when it does not come."""
        try:
            async with asyncio.timeout(self._phones.patience):
                return await wait()
        except TimeoutError:
            raise AssertionError(self.instead_of(words)) from None

    def instead_of(self, words: str) -> str:
        """A sentence for a failed test."""
        own = self.handset
        told = [f"  {h.at:%H:%M:%S} {h.number} {h.what} {h.words}" for h in own.town.happenings[-40:]]
        complaints = [f"  ! {sentence}" for sentence in self._phones.complaints(unexpected=False)]
        return "\n".join([f"{own.name or own.number} {words}; this is what happened:", *told, *complaints])

    def unexpected(self) -> list[str]:
        """Calls and texts that no line of the story expected."""
        if self._anything_goes:
            return []
        texts = [text for text in self.handset.texts if text.sid not in self._texts_claimed]
        who = self.handset.name or self.handset.number
        return [f"{who} got an unexpected text: {text.body}" for text in texts] + [
            f"{who} got an unexpected call ({call.verdict or call.state}): {call.everything}"
            for call in self.handset.calls[self._calls_seen :]
        ]


class Phones:
    """All telephones of a story, and its end.

    Args:
        town: Where they ring.
        providers: Whose broken rules are failures too.
        patience: Seconds on the wall until waiting for something becomes a failure.
    """

    def __init__(self, town: Town, providers: Sequence[LookAlike], *, patience: float = PATIENCE) -> None:
        self.town = town
        self.patience = patience
        self._providers = tuple(providers)
        self._phones: dict[str, Phone] = {}

    def phone(self, number: str, name: str = "") -> Phone:
        """The telephone of that number."""
        if number not in self._phones:
            self._phones[number] = Phone(self.town.handset(number, name=name), self)
        return self._phones[number]

    def complaints(self, *, unexpected: bool = True) -> list[str]:
        """All that a story must not leave behind."""
        found = [sentence for provider in self._providers for sentence in provider.violations] + self.town.faults
        if unexpected:
            for number in self.town.handsets:
                found += self.phone(number).unexpected()
        return found

    def verify(self) -> None:
        """Fail on anything unexpected.

        Raises:
            AssertionError: With every complaint.
        """
        if found := self.complaints():
            raise AssertionError("\n".join(["the story says nothing of this:", *found]))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.verify()
