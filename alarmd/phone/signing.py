"""Who may sign what comes in at the webhooks."""

from __future__ import annotations

from typing import NamedTuple


class Signer(NamedTuple):
    """A phone account, and one of its tokens."""

    account: str
    token: str
