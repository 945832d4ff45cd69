"""A phone provider, as the outbox sees it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable

import msgspec

from escalation.people import Channel


class Remedy(StrEnum):
    """What a refusal asks for (FIELD.md, Phone facts).

    Only `DEAD_NUMBER` and `OTHER_CHANNEL` close a channel to somebody (`closes`): a code said so of the number itself.
    """

    NEXT_PROVIDER = "next_provider"  # the account or provider is at fault: use another, shout
    DEAD_NUMBER = "dead_number"  # no channel will do: next contact at once, flag the number
    OTHER_CHANNEL = "other_channel"  # this channel is closed to that number: use the other, flag
    OTHER_CHANNEL_ONCE = "other_channel_once"  # this message is at fault, the channel is not: use the other for it
    OTHER_CHANNEL_AND_RETRY = "other_channel_and_retry"  # temporary: the other channel now, this one again later
    BACK_OFF = "back_off"  # throttled or out of order: again soon, by the next provider if there is one

    @property
    def closes(self) -> bool:
        """Whether that number can no more be reached by that channel, so that it is not tried again in this case."""
        return self in {Remedy.DEAD_NUMBER, Remedy.OTHER_CHANNEL}


class Accepted(msgspec.Struct, frozen=True, kw_only=True):
    """The provider took the message; ``sid`` is its name for it. Not a handset, not a person."""

    sid: str


class Rejected(msgspec.Struct, frozen=True, kw_only=True):
    """The provider refused the message: it was certainly not sent."""

    code: str
    reason: str
    remedy: Remedy
    retry_after: float | None = None


class Unknown(msgspec.Struct, frozen=True, kw_only=True):
    """Nobody knows whether the message was sent: to be reconciled, then sent again."""

    reason: str


Outcome = Accepted | Rejected | Unknown


class Outgoing(msgspec.Struct, frozen=True, kw_only=True):
    """One message to be sent.

    Attributes:
        attempt: This attempt's own unguessable id; it travels in every callback address.
        channel: SMS or voice.
        to: E.164.
        body: The text of an SMS; empty for a call (its words are fetched from our webhook when it is answered).
        language: BCP 47 tag, ``zh-CN`` or ``en``…
        ring_seconds: How long a call may ring.
        valid_seconds: How long an SMS may wait at the provider; older is useless.
    """

    attempt: str
    channel: Channel
    to: str
    body: str = ""
    language: str = ""
    ring_seconds: int = 45
    valid_seconds: int = 600


@runtime_checkable
class HangsUp(Protocol):
    """A provider that can end a call that rings; not every one can, and nothing depends on it."""

    async def hang_up(self, sid: str) -> str | None:
        """End a call that waits or rings; one that was taken goes on. None if done, else a sentence; never raises."""
        ...


class PhoneProvider(Protocol):
    """One account at one provider. Implementations never raise for what the provider or network does."""

    @property
    def name(self) -> str:
        """For the log, for example ``"twilio:AC12…"``; never a secret."""
        ...

    async def send(self, message: Outgoing) -> Outcome:
        """Send one SMS or place one call; at most one request that can cause a message, no hidden retry."""
        ...

    async def find(self, message: Outgoing, *, since: datetime) -> Outcome:
        """Ask the provider whether a send of unknown outcome was taken.

        Returns:
            Accepted with the sid if it was; Rejected if certainly not (send again); Unknown if it cannot say.
        """
        ...

    async def usable(self) -> str | None:
        """None if the account answers and works, else a sentence saying what is wrong."""
        ...

    async def close(self) -> None:
        """Release the connections."""
        ...
