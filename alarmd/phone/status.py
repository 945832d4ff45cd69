"""The provider's words for what became of a message, in ours; callbacks come repeated and out of order."""

from __future__ import annotations

from alarmd.phone.callbacks import SendStatus

FINAL = frozenset(
    {
        SendStatus.DELIVERED,
        SendStatus.COMPLETED,
        SendStatus.UNANSWERED,
        SendStatus.ENDED,
        SendStatus.UNDELIVERED,
        SendStatus.FAILED,
    }
)
_ORDER = {status: place for place, status in enumerate(SendStatus)}

_MESSAGE = {
    "accepted": SendStatus.QUEUED,
    "scheduled": SendStatus.QUEUED,
    "queued": SendStatus.QUEUED,
    "sending": SendStatus.SENDING,
    "sent": SendStatus.SENT,
    "delivered": SendStatus.DELIVERED,
    "read": SendStatus.DELIVERED,
    "partially_delivered": SendStatus.SENT,
    "undelivered": SendStatus.UNDELIVERED,
    "failed": SendStatus.FAILED,
    "canceled": SendStatus.FAILED,
}
_CALL = {
    "queued": SendStatus.QUEUED,
    "initiated": SendStatus.QUEUED,
    "ringing": SendStatus.RINGING,
    "in-progress": SendStatus.ANSWERED,
    "answered": SendStatus.ANSWERED,
    "completed": SendStatus.COMPLETED,
    "busy": SendStatus.UNANSWERED,
    "no-answer": SendStatus.UNANSWERED,
    "canceled": SendStatus.UNANSWERED,
    "failed": SendStatus.FAILED,
}


def of_message(raw: str) -> SendStatus | None:
    """A ``MessageStatus`` in our words; None where it is a new one that nobody knows."""
    return _MESSAGE.get(raw.lower())


def of_call(raw: str) -> SendStatus | None:
    """A ``CallStatus`` in our words; None where it is a new one that nobody knows."""
    return _CALL.get(raw.lower())


def advance(old: SendStatus | None, new: SendStatus) -> SendStatus:
    """The state after a callback, whatever the order they come in: only forward, and a final one stays.

    Args:
        old: The state so far; None before the first callback.
        new: What the callback says.
    """
    if old is None:
        return new
    if old is SendStatus.ENDING and new is SendStatus.UNANSWERED:
        return SendStatus.ENDED  # nobody failed to answer: it was taken back
    if old in FINAL or (new not in FINAL and _ORDER[new] <= _ORDER[old]):
        return old
    return new
