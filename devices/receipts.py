"""What is published once a message is kept, because its sender waits for that: in most clouds' own protocols."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from devices.family import Message
from devices.registry import FAMILIES

_ALL: Final = tuple(family.receipt for family in FAMILIES.values() if family.receipt is not None)


def receipt(topic: str, payload: bytes, at: datetime) -> Message | None:
    """What to publish once a message is kept; None where its sender waits for nothing.

    Pure and total, as decoding is.

    Args:
        topic: As received.
        payload: As received.
        at: When it was received; some clouds say the time.
    """
    return next((told for give in _ALL if (told := give(topic, payload, at)) is not None), None)
