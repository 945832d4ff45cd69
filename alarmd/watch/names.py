"""Topics of alarmd's own, under the native family's tree, so that what reaches them reaches a pendant's too."""

from __future__ import annotations

import re

CANARY_PURPOSE = "canary"
"""What the canary's answers are called in the outbox; they leave no trace in the event log."""
_NOT_IN_A_LEVEL = re.compile(r"[/+#\x00]")


def canary_device(client_id: str) -> str:
    """The address alarmd presses itself under; each daemon of a broker has one of its own."""
    return f"$canary-{_NOT_IN_A_LEVEL.sub('_', client_id)}"


def signal_topic(device: str) -> str:
    """Where that device presses."""
    return f"alarmd/v1/{device}/signal"
