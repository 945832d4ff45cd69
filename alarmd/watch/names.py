"""Topics of alarmd's own, under the native family's tree, so that what reaches them reaches a pendant's too."""

from __future__ import annotations

import re

CANARY_PURPOSE = "canary"
"""What the canary's answers are called in the outbox; they leave no trace in the event log."""
_NOT_IN_A_LEVEL = re.compile(r"[/+#\x00]")


_CANARY = "$canary-"


def canary_device(client_id: str) -> str:
    """The address alarmd presses itself under; each daemon of a broker has one of its own."""
    return f"{_CANARY}{_NOT_IN_A_LEVEL.sub('_', client_id)}"


def is_a_canarys(topic: str) -> bool:
    """Whether some alarmd presses and probes itself there: this one, or another on the same broker."""
    return topic.startswith(signal_topic(_CANARY).removesuffix("/signal"))


def signal_topic(device: str) -> str:
    """Where that device presses."""
    return f"alarmd/v1/{device}/signal"
