"""What the provider's webhooks tell the daemon, and what the daemon owes them. Implemented by `alarmd.switchboard`."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

import msgspec

from escalation.wording import Spoken

# What a person on the telephone hears next; the words are made in `escalation.wording`.
Scene = Spoken


class SendStatus(StrEnum):
    """States of a message or call in one vocabulary, in the order in which they may come; the last six are final."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    RINGING = "ringing"
    ENDING = "ending"  # no word of the provider's: it is being asked to hang up
    ANSWERED = "answered"
    DELIVERED = "delivered"
    COMPLETED = "completed"
    UNANSWERED = "unanswered"  # busy, no-answer, canceled: nobody took the call
    ENDED = "ended"  # no word of the provider's: alarmd hung up before anybody took it
    UNDELIVERED = "undelivered"  # the SMS did not reach a handset; see the code
    FAILED = "failed"  # the call could not be placed; see the code


class StatusUpdate(msgspec.Struct, frozen=True, kw_only=True):
    """One status callback.

    Attributes:
        attempt: Our attempt's id, from the callback address.
        sid: The provider's name for the message: adopts a send whose answer was lost.
        status: The state reported.
        raw: The provider's own word.
        code: The provider's error code, or empty.
        answered_by: The provider's guess (``human``, ``machine_start`` …): a hint only.
    """

    attempt: str
    sid: str
    status: SendStatus
    raw: str
    code: str = ""
    answered_by: str = ""


class Callbacks(Protocol):
    """The daemon's side. Each call returns after what it caused is committed, in one commit with that it was taken."""

    async def status(self, update: StatusUpdate) -> None:
        """A status callback came; out of order and repeated ones change nothing."""
        ...

    async def answered(self, attempt: str, sid: str, answered_by: str) -> Scene:
        """The call was taken (by a person or not): what is said. An unknown attempt gets a polite closing sentence."""
        ...

    async def key(self, attempt: str, sid: str, digits: str, token: str = "") -> Scene:
        """A key was pressed; ``""`` = none came in time. With a ``token`` taken before it has no second effect."""
        ...

    async def text(self, sender: str, body: str, sid: str) -> str:
        """A text message came in; returns what to answer (empty = nothing)."""
        ...
