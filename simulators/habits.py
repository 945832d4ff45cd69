"""What a person does when the telephone rings, written down beforehand."""

from __future__ import annotations

import re
from enum import StrEnum

import msgspec

from simulators.live_call import LiveCall
from simulators.town import Handset, Text

EXAMPLE = "1234"  # how a code looks, in the answer to a reply without one
_CODE = re.compile(r"(?<!\d)[123]\s(\d{3,8})(?!\d)")


class Takes(StrEnum):
    """How somebody takes a call."""

    ANSWERS = "answers"
    IGNORES = "ignores"
    VOICEMAIL = "voicemail"
    BUSY = "busy"


class Later(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something done some time after the first yes, or after the first text.

    Attributes:
        seconds: How long after.
        says: The text sent; ``{code}`` is the reply code read off the last text that had one.
        since: ``yes`` or ``text``.
    """

    seconds: float
    says: str
    since: str = "yes"


class Habit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One person's habit.

    Attributes:
        takes: How calls are taken.
        after: Seconds until a call is taken.
        keys: The key pressed in the first, second … call, the last one in all further ones; empty = none is pressed.
        thinks: Seconds from the question to the key.
        later: Texts sent later.
        first_ignored: So many calls ring in vain before the habit begins.
    """

    takes: Takes = Takes.IGNORES
    after: float = 6.0
    keys: tuple[str, ...] = ()
    thinks: float = 2.0
    later: tuple[Later, ...] = ()
    first_ignored: int = 0


def code_in(handset: Handset) -> str:
    """The reply code on the handset's screen; empty if no text had one."""
    matches = (_CODE.search(text.body) for text in reversed(handset.texts))
    found = [match[1] for match in matches if match]
    return next((code for code in found if code != EXAMPLE), found[0] if found else "")


class Scripted:
    """Somebody who follows a habit."""

    def __init__(self, habit: Habit) -> None:
        self.habit = habit
        self._taken = 0
        self._rung = 0
        self._said_yes = False
        self._texted = False

    async def texted(self, handset: Handset, text: Text) -> None:  # noqa: ARG002 - a Person reads its own handset
        """A text message arrived."""
        if not self._texted:
            self._texted = True
            self._plan(handset, "text")

    async def rung(self, handset: Handset, call: LiveCall) -> None:
        """The handset rings."""
        self._rung += 1
        if self.habit.takes is Takes.IGNORES or self._rung <= self.habit.first_ignored:
            return
        await handset.town.clock.sleep(self.habit.after)
        match self.habit.takes:
            case Takes.BUSY:
                call.decline()
            case Takes.VOICEMAIL:
                call.answer(machine=True)
            case _:
                call.answer()
                await self._talk(handset, call)

    async def _talk(self, handset: Handset, call: LiveCall) -> None:
        keys = self.habit.keys
        key = keys[min(self._taken, len(keys) - 1)] if keys else ""
        self._taken += 1
        if not key or not await call.until_asked():
            return
        await handset.town.clock.sleep(self.habit.thinks)
        call.press(key)
        if key == "1" and not self._said_yes:
            self._said_yes = True
            self._plan(handset, "yes")

    def _plan(self, handset: Handset, since: str) -> None:
        for later in self.habit.later:
            if later.since == since:
                handset.town.spawn(self._say_later(handset, later))

    async def _say_later(self, handset: Handset, later: Later) -> None:
        await handset.town.clock.sleep(later.seconds)
        await handset.reply(later.says.format(code=code_in(handset)))
